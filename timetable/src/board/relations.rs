//! How any two times stand to each other, looked up in one table where there are not too many of
//! them.

use super::resolved::{ResolvedPlacement, Travel};
use crate::ids::*;
use crate::problem::Problem;

/// Times that a table may have: it takes the square of that in bytes.
const MOST_TIMES: usize = 2560;
/// Rooms × times that a table may have.
const MOST_CELLS: usize = 4 << 20;

/// A code for each two times: [`FINE`], [`OVERLAP`], or two more than the slots between them where
/// some way between rooms takes longer.
#[derive(Clone, Debug)]
pub(crate) struct Relations {
    /// Times, and one more that stands for nowhere and is fine with all.
    width: usize,
    codes: Vec<u8>,
    /// By room and time: how many of the room's unavailable times overlap it.
    blocked: Vec<u8>,
}

/// One person can attend both, whatever the rooms.
pub(crate) const FINE: u8 = 0;
/// They overlap.
pub(crate) const OVERLAP: u8 = 1;

impl Relations {
    /// Bytes that the tables of a problem take, if there are any.
    pub(crate) fn max_bytes(problem: &Problem) -> usize {
        let width = problem.times().len() + 1;
        if fits(problem) { width * (width + problem.rooms().len()) } else { 0 }
    }

    /// The tables, where they are not too large.
    pub(crate) fn of(problem: &Problem) -> Option<Relations> {
        if !fits(problem) {
            return None;
        }
        let times = problem.times();
        let longest = Travel::new(problem.travel(), problem.rooms().len()).longest();
        let width = times.len() + 1;
        let mut codes = vec![FINE; width * width];
        for (a, row) in times.iter().zip(codes.chunks_exact_mut(width)) {
            for (b, code) in times.iter().zip(row) {
                if a.weeks & b.weeks == 0 || a.days & b.days == 0 {
                    continue;
                }
                let gap = (i32::from(b.start) - i32::from(a.end)).max(i32::from(a.start) - i32::from(b.end));
                *code = match gap {
                    gap if gap < 0 => OVERLAP,
                    gap if gap < longest => u8::try_from(gap + 2).ok()?,
                    _ => FINE,
                };
            }
        }
        let mut blocked = vec![0u8; problem.rooms().len() * width];
        for (room, row) in blocked.chunks_exact_mut(width).enumerate() {
            for &unavailable in problem.unavailable_of(RoomId::new(room)) {
                let of = &codes[unavailable as usize * width..][..width];
                for (n, &code) in row.iter_mut().zip(of) {
                    *n = n.checked_add(u8::from(code == OVERLAP))?;
                }
            }
        }
        Some(Relations { width, codes, blocked })
    }

    /// Times, and one more.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn bytes(&self) -> usize {
        self.codes.capacity() + self.blocked.capacity()
    }

    /// The number of a placement's time in rows of the table.
    #[inline(always)]
    pub(crate) fn number(&self, resolved: &ResolvedPlacement) -> usize {
        (resolved.cell as usize).min(self.width - 1)
    }

    /// How all times stand to that of a placement.
    #[inline(always)]
    pub(crate) fn row(&self, resolved: &ResolvedPlacement) -> &[u8] {
        &self.codes[self.number(resolved) * self.width..][..self.width]
    }

    #[inline(always)]
    pub(crate) fn overlap(&self, a: &ResolvedPlacement, b: &ResolvedPlacement) -> bool {
        self.row(a)[self.number(b)] == OVERLAP
    }

    /// How many of its room's unavailable times a placement overlaps.
    #[inline(always)]
    pub(crate) fn blocked(&self, resolved: &ResolvedPlacement) -> i32 {
        i32::from(self.blocked[resolved.room as usize * self.width + self.number(resolved)])
    }

    /// Adds to (or takes from) a count for each time where it stands so to the time of a placement.
    #[inline]
    pub(crate) fn shift(&self, counts: &mut [u16], resolved: &ResolvedPlacement, up: bool, is: impl Fn(u8) -> bool) {
        let by = if up { 1 } else { u16::MAX };
        for (n, &code) in counts.iter_mut().zip(self.row(resolved)) {
            *n = n.wrapping_add(if is(code) { by } else { 0 });
        }
    }
}

fn fits(problem: &Problem) -> bool {
    let width = problem.times().len() + 1;
    width <= MOST_TIMES
        && width * problem.rooms().len() <= MOST_CELLS
        && problem.classes().len() < usize::from(u16::MAX)
}
