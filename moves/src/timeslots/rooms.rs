//! Rooms of one slot: those who come find one by augmenting paths, whoever stays may have to
//! change.

use super::problem::{NOTHING, SlotProblem};

/// Most rooms: a bit each in a word.
pub(super) const MOST: usize = 64;

/// The rooms of a slot while they are given anew.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    pub(super) there: [u16; MOST],
    pub(super) taken: u64,
    open: u64,
}

impl Rooms {
    pub(super) fn none() -> Rooms {
        Rooms { there: [NOTHING; MOST], taken: 0, open: 0 }
    }

    /// As they are in a slot.
    #[inline]
    pub(super) fn load(&mut self, there: &[u16], taken: u64, open: u64) {
        self.there[..there.len()].copy_from_slice(there);
        (self.taken, self.open) = (taken, open);
    }

    /// Frees a room.
    #[inline(always)]
    pub(super) fn free(&mut self, room: u8) {
        self.there[usize::from(room)] = NOTHING;
        self.taken &= !(1 << room);
    }

    /// Finds a room for a class; where all that suit it are taken, others change theirs. Nothing
    /// has changed where there is no way.
    #[inline]
    pub(super) fn find(&mut self, problem: &SlotProblem, class: usize) -> bool {
        let mut untried = self.open;
        self.augment(problem, class, &mut untried)
    }

    fn augment(&mut self, problem: &SlotProblem, class: usize, untried: &mut u64) -> bool {
        let suitable = problem.suitable[class] & *untried;
        let free = suitable & !self.taken;
        if free != 0 {
            let room = free.trailing_zeros();
            self.there[room as usize] = class as u16;
            self.taken |= 1 << room;
            return true;
        }
        loop {
            let left = suitable & *untried;
            if left == 0 {
                return false;
            }
            let room = left.trailing_zeros();
            *untried &= !(1 << room);
            let other = usize::from(self.there[room as usize]);
            if self.augment(problem, other, untried) {
                self.there[room as usize] = class as u16;
                return true;
            }
        }
    }
}
