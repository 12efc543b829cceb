//! Large groups whose members must not meet: how many of them meet a time, counted for all times.

use super::Board;
use super::index::{BoardIndex, Group};
use super::relations::{FINE, OVERLAP, Relations};
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::kind::Kind;

/// Members of a group, at most: two counts of them share two bytes.
pub(super) const MOST_MEMBERS: usize = 255;
/// One member from which the way may be too long.
const CLOSE: u16 = 256;

/// By group and time: members that overlap it, and, in the upper byte, members from which the way
/// may be too long.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meets {
    counts: Vec<u16>,
}

impl Meets {
    pub(crate) fn new(index: &BoardIndex) -> Meets {
        let width = index.relations.as_ref().map_or(0, Relations::width);
        Meets { counts: vec![0; index.meets * width] }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.counts.capacity() * 2
    }

    /// A member goes from a placement to another.
    fn shift(&mut self, group: u32, old: &ResolvedPlacement, new: &ResolvedPlacement, relations: &Relations) {
        let counts = &mut self.counts[group as usize * relations.width()..][..relations.width()];
        let of = |code: u8| u16::from(code == OVERLAP) | (u16::from(code > OVERLAP) << 8);
        for ((n, &was), &is) in counts.iter_mut().zip(relations.row(old)).zip(relations.row(new)) {
            *n = n.wrapping_add(of(is)).wrapping_sub(of(was));
        }
    }

    /// Members that overlap a time, and those from which the way may be too long.
    #[inline]
    fn at(&self, group: u32, resolved: &ResolvedPlacement, relations: &Relations) -> (u16, u16) {
        let both = self.counts[group as usize * relations.width() + relations.number(resolved)];
        (both % CLOSE, both / CLOSE)
    }
}

impl Board<'_> {
    /// Notes in its groups that a class goes from a placement to another.
    pub(super) fn shift_meets(&mut self, class: ClassId, old: &ResolvedPlacement, new: &ResolvedPlacement) {
        let Board { index, meets, .. } = self;
        let Some(relations) = index.relations.as_ref().filter(|_| index.meets > 0) else { return };
        if old.cell == new.cell {
            return;
        }
        for &g in index.groups_of.of(class.index()) {
            let group = index.groups[g as usize].meets;
            if group != NONE {
                meets.shift(group, old, new, relations);
            }
        }
    }

    /// Whether no member of a group other than `class` meets a placement, however long the ways
    /// are.
    pub(super) fn meets_nobody(
        &self,
        g: &Group,
        class: ClassId,
        resolved: &ResolvedPlacement,
        relations: &Relations,
    ) -> bool {
        let (overlap, close) = self.meets.at(g.meets, resolved, relations);
        let own = relations.row(resolved)[usize::from(self.times_now[class.index()])];
        overlap + close == u16::from(own != FINE)
    }

    /// How many members of a group other than `class` somebody at a placement could not attend as
    /// well.
    pub(super) fn met(&self, g: &Group, class: ClassId, resolved: &ResolvedPlacement, relations: &Relations) -> i64 {
        if !resolved.placed() {
            return 0;
        }
        let row = relations.row(resolved);
        let own = row[usize::from(self.times_now[class.index()])];
        let (overlap, close) = self.meets.at(g.meets, resolved, relations);
        let overlap = i64::from(overlap) - i64::from(own == OVERLAP);
        if g.kind != Kind::SameAttendees || close == u16::from(own > OVERLAP) || resolved.room == NONE {
            return overlap;
        }
        let members = &self.members[g.from as usize..g.to as usize];
        let is_far = |&&o: &&u32| {
            let code = row[usize::from(self.times_now[o as usize])];
            code > OVERLAP && o != class.0 && self.travel.is_longer(resolved.room, self.resolved[o as usize].room, code)
        };
        overlap + members.iter().filter(is_far).count() as i64
    }
}
