//! Complete two-slot chains: a class that goes to another slot takes along whatever must not meet
//! it there, which goes the other way, and so on, until nothing new joins.

use super::board::SlotBoard;
use super::problem::SlotProblem;

/// Classes that exchange two slots.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The two slots.
    pub(super) slots: [usize; 2],
    /// Who goes, and out of which of the two.
    pub(super) members: Vec<(u16, u8)>,
    /// By class: 1 and 2 for one that leaves the first or the second slot.
    side: Vec<u8>,
}

impl Chain {
    pub(super) fn new(problem: &SlotProblem) -> Chain {
        Chain { slots: [0; 2], members: Vec::with_capacity(64), side: vec![0; problem.classes] }
    }

    /// Begins anew, between two slots.
    #[inline]
    pub(super) fn begin(&mut self, from: usize, to: usize) {
        for &(class, _) in &self.members {
            self.side[usize::from(class)] = 0;
        }
        self.members.clear();
        self.slots = [from, to];
    }

    /// Whether a class is a member.
    #[inline(always)]
    pub(super) fn has(&self, class: usize) -> bool {
        self.side[class] != 0
    }

    /// Where a class is once the chain is done.
    #[inline(always)]
    pub(super) fn slot_after(&self, board: &SlotBoard<'_>, class: usize) -> usize {
        match self.side[class] {
            0 => usize::from(board.slot[class]),
            side => self.slots[usize::from(2 - side)],
        }
    }

    /// A class joins, with all that it takes along; `false` where one of them may not have the
    /// other slot.
    #[inline]
    pub(super) fn join(&mut self, board: &SlotBoard<'_>, class: usize, out_of: u8) -> bool {
        let p = board.problem;
        if p.slots[class] >> self.slots[usize::from(1 - out_of)] & 1 == 0 {
            return false;
        }
        let mut next = self.members.len();
        self.side[class] = out_of + 1;
        self.members.push((class as u16, out_of));
        while let Some(&(class, out_of)) = self.members.get(next) {
            next += 1;
            let (into, other) = (self.slots[usize::from(1 - out_of)], self.slots[usize::from(out_of)]);
            let (clashes, row) = (p.clashes(usize::from(class)), board.row(into));
            for (word, (clash, held)) in clashes.iter().zip(row).enumerate() {
                let mut meet = clash & held;
                while meet != 0 {
                    let met = word * 64 + meet.trailing_zeros() as usize;
                    meet &= meet - 1;
                    if self.side[met] == 0 {
                        if p.slots[met] >> other & 1 == 0 {
                            return false;
                        }
                        self.side[met] = 2 - out_of;
                        self.members.push((met as u16, 1 - out_of));
                    }
                }
            }
        }
        true
    }

    /// Whether everything that has to come before or after, or on another day, does once the chain
    /// is done.
    #[inline]
    pub(super) fn is_in_order(&self, board: &SlotBoard<'_>) -> bool {
        let p = board.problem;
        if p.before.is_empty() && p.apart.is_empty() {
            return true;
        }
        let per_day = p.grid.per_day();
        let placed = |other: u32| board.slot[other as usize] != super::board::NOWHERE;
        self.members.iter().all(|&(class, out_of)| {
            let (class, to) = (usize::from(class), self.slots[usize::from(1 - out_of)]);
            let after = |other: u32| self.slot_after(board, other as usize);
            p.before.get(class).iter().all(|&other| !placed(other) || after(other) < to)
                && p.after.get(class).iter().all(|&other| !placed(other) || after(other) > to)
                && p.apart.get(class).iter().all(|&other| !placed(other) || after(other) / per_day != to / per_day)
        })
    }
}
