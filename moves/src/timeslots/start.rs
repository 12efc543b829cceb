//! A whole timetable: random chains among the classes that are placed make room for those that are
//! left.

use super::board::{NOWHERE, SlotBoard};
use super::difference::of_slots;
use super::problem::HARD;
use super::walk::SlotWalk;
use crate::below;

/// Chains between two tries to place what is left.
const CHAINS: u32 = 200;

impl SlotWalk<'_> {
    /// Places all that is left, in at most so many proposals or until `stop`; whether it could.
    /// What is proposed counts.
    pub fn fill(&mut self, most: u64, stop: &dyn Fn() -> bool) -> bool {
        let p = self.board.problem;
        let mut left: Vec<usize> = (0..p.classes).filter(|&class| self.board.slot[class] == NOWHERE).collect();
        // The hardest first: few slots and rooms, many whom it must not meet.
        left.sort_by_key(|&class| {
            let (slots, rooms) = (p.slots[class].count_ones(), p.suitable[class].count_ones().max(1));
            let met: u32 = p.clashes(class).iter().map(|word| word.count_ones()).sum();
            i64::from(slots * rooms) - 4 * i64::from(met)
        });
        let mut weights = vec![1u32; p.classes];
        let end = self.proposals.saturating_add(most);
        self.insert_all(&mut left);
        while !left.is_empty() && self.proposals < end && !stop() {
            for _ in 0..CHAINS {
                self.random_chain();
            }
            self.insert_all(&mut left);
            if !left.is_empty() {
                self.push_in(&mut left, &mut weights);
            }
        }
        self.board.refresh();
        self.begin_anew(self.draws.clone());
        left.is_empty()
    }

    /// Tries every class that is left in every slot.
    fn insert_all(&mut self, left: &mut Vec<usize>) {
        left.retain(|&class| {
            self.proposals += 1;
            self.draws.next_step();
            let choices = self.choices[class].len();
            let first = self.draws.below(choices);
            !(0..choices).any(|k| {
                let slot = usize::from(self.choices[class][(first + k) % choices]);
                self.insert(class, slot)
            })
        });
    }

    /// Places a class in a slot, where nothing stands in its way and a room is found.
    fn insert(&mut self, class: usize, slot: usize) -> bool {
        let p = self.board.problem;
        if !self.board.can_go(class, slot) {
            return false;
        }
        if p.suitable[class] == 0 {
            self.board.put(class, slot, NOWHERE);
            return true;
        }
        self.rooms[0].load(
            &self.board.there[slot * p.rooms..(slot + 1) * p.rooms],
            self.board.taken[slot],
            p.open[slot],
        );
        if !self.rooms[0].find(p, class) {
            return false;
        }
        self.board.put(class, slot, NOWHERE);
        self.chain.begin(slot, slot);
        self.rooms[1] = self.rooms[0].clone();
        self.give_rooms();
        true
    }

    /// Some class that is placed goes to another slot, whatever that costs.
    fn random_chain(&mut self) {
        self.proposals += 1;
        let step = self.draws.next_step();
        let class = below(step.which, self.board.problem.classes);
        if self.board.slot[class] == NOWHERE {
            return;
        }
        let Some(to) = self.another_slot(class, step.time) else { return };
        self.chain.begin(usize::from(self.board.slot[class]), to);
        let is_possible = self.chain.join(&self.board, class, 0)
            && self.fit_rooms().is_ok()
            && self.chain.is_in_order(&self.board)
            && (!self.board.problem.hard_days || of_slots(&self.board, &self.chain, &mut self.odd) < HARD / 2);
        if is_possible {
            self.move_members();
            self.give_rooms();
        }
    }

    /// One of those that are left goes where what stands in its way weighs least; what is put out
    /// is left in its place. Whoever is pushed in weighs more from then on.
    fn push_in(&mut self, left: &mut Vec<usize>, weights: &mut [u32]) {
        self.draws.next_step();
        let class = left[self.draws.below(left.len())];
        let mut lightest: Option<(u64, usize, Vec<usize>)> = None;
        for k in 0..self.choices[class].len() {
            let slot = usize::from(self.choices[class][k]);
            let obstacles = obstacles(&self.board, class, slot);
            let weight: u64 = obstacles.iter().map(|&other| u64::from(weights[other])).sum();
            let key = weight << 16 | u64::from(self.draws.word() & 0xffff);
            if lightest.as_ref().is_none_or(|(least, ..)| key < *least) {
                lightest = Some((key, slot, obstacles));
            }
        }
        weights[class] += 1;
        let Some((key, slot, mut obstacles)) = lightest else { return };
        if key >> 16 > 2 + u64::from(weights[class]) {
            return;
        }
        obstacles.iter().for_each(|&other| self.board.take(other));
        if !self.insert(class, slot) {
            // The rooms: the lightest of those in a room that suits it gives way.
            let p = self.board.problem;
            let there = &self.board.there[slot * p.rooms..(slot + 1) * p.rooms];
            let suits = |&room: &usize| (p.suitable[class] & self.board.taken[slot]) >> room & 1 == 1;
            let others = (0..p.rooms).filter(suits).map(|room| usize::from(there[room]));
            if let Some(other) = others.min_by_key(|&other| (weights[other], other)) {
                self.board.take(other);
                obstacles.push(other);
                self.insert(class, slot);
            }
        }
        left.extend(obstacles);
        let board = &self.board;
        left.retain(|&class| board.slot[class] == NOWHERE);
    }
}

/// Whoever keeps a class out of a slot, rooms aside.
fn obstacles(board: &SlotBoard<'_>, class: usize, slot: usize) -> Vec<usize> {
    let p = board.problem;
    let per_day = p.grid.per_day();
    let mut found = Vec::new();
    for (word, (clash, held)) in p.clashes(class).iter().zip(board.row(slot)).enumerate() {
        let mut meet = clash & held;
        while meet != 0 {
            found.push(word * 64 + meet.trailing_zeros() as usize);
            meet &= meet - 1;
        }
    }
    let at = |other: u32| Some(usize::from(board.slot[other as usize])).filter(|&s| s != usize::from(NOWHERE));
    let is_late = |&&other: &&u32| at(other).is_some_and(|s| s >= slot);
    let is_early = |&&other: &&u32| at(other).is_some_and(|s| s <= slot);
    let is_near = |&&other: &&u32| at(other).is_some_and(|s| s / per_day == slot / per_day);
    found.extend(p.before.get(class).iter().filter(is_late).map(|&other| other as usize));
    found.extend(p.after.get(class).iter().filter(is_early).map(|&other| other as usize));
    found.extend(p.apart.get(class).iter().filter(is_near).map(|&other| other as usize));
    found.sort_unstable();
    found.dedup();
    found
}
