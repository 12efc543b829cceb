//! A walk among the timetables in which everything hard holds.

use super::board::{NOWHERE, SlotBoard};
use super::chain::Chain;
use super::difference::{Odd, of_slots};
use super::problem::{HARD, NOTHING, RoomGroup, SlotProblem};
use super::rooms::Rooms;
use crate::{Draws, Step, Temperature, below, below16};
use timetable::{Problem, Timetable};

/// Share of proposals that exchange rooms within a slot, where rooms cost.
const WITHIN: f64 = 0.3;
/// How often a further class is sent across where rooms do not suffice.
const FURTHER: u32 = 2;

/// A share of 65,536.
fn of_all(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 65_536.0).round() as u32
}

/// A board that changes by chance, and the best that it has been.
#[derive(Clone, Debug)]
pub struct SlotWalk<'p> {
    pub(super) board: SlotBoard<'p>,
    pub(super) chain: Chain,
    pub(super) rooms: [Rooms; 2],
    /// By member of the chain: the room that it is to have, or [`NOWHERE`].
    chosen: Vec<u8>,
    pub(super) odd: Odd,
    pub(super) draws: Draws,
    /// By class: the slots that it may have.
    pub(super) choices: Vec<Vec<u8>>,
    /// Classes that may go anywhere else.
    movable: Vec<u16>,
    rooms_cost: bool,
    /// Of 65,536 proposals, so many exchange rooms within a slot, where rooms cost.
    within: u32,
    best_slot: Vec<u8>,
    best_room: Vec<u8>,
    best: i64,
    /// Proposals so far, and those that were accepted.
    pub(super) proposals: u64,
    accepted: u64,
}

impl<'p> SlotWalk<'p> {
    /// A walk from a board.
    pub fn new(board: SlotBoard<'p>, draws: Draws) -> SlotWalk<'p> {
        let p = board.problem;
        let slots =
            |class: usize| (0..p.grid.slots()).filter(|&s| p.slots[class] >> s & 1 == 1).map(|s| s as u8).collect();
        let choices: Vec<Vec<u8>> = (0..p.classes).map(slots).collect();
        let rooms_cost = p.rooms_cost();
        let can_move = |&class: &usize| choices[class].len() > 1 || (rooms_cost && p.suitable[class].count_ones() > 1);
        SlotWalk {
            chain: Chain::new(p),
            rooms: [Rooms::none(), Rooms::none()],
            chosen: Vec::new(),
            odd: Odd::new(p.followers.len()),
            draws,
            movable: (0..p.classes).filter(can_move).map(|class| class as u16).collect(),
            choices,
            rooms_cost,
            within: of_all(WITHIN),
            best_slot: board.slot.clone(),
            best_room: board.room.clone(),
            best: board.penalty,
            proposals: 0,
            accepted: 0,
            board,
        }
    }

    /// Where rooms cost, so large a share of the proposals exchanges rooms within a slot.
    pub fn change_rooms_alone(&mut self, share: f64) {
        self.within = of_all(share);
    }

    /// Bytes that one takes at most.
    pub fn max_bytes(problem: &SlotProblem) -> u64 {
        let (classes, slots) = (problem.classes as u64, problem.slots() as u64);
        let by_class = 8 * slots + 64;
        let by_slot = (8 * problem.words + 2 * problem.rooms + 16) as u64;
        let lists = 9 * problem.followers.len() + 4 * problem.groups.len() * (problem.rooms + 1);
        classes * by_class + slots * by_slot + lists as u64 + (16 << 10)
    }

    /// What a change costs in the mean, up or down, of so many proposals that are all accepted; of
    /// fewer where it is over before.
    pub fn mean_change(&mut self, proposals: u64, is_over: &dyn Fn() -> bool) -> f64 {
        let (mut sum, mut changes, mut last) = (0u64, 0u64, self.board.penalty);
        for k in 0..proposals {
            if k % 256 == 255 && is_over() {
                break;
            }
            self.run(1, Temperature::MOST);
            sum += last.abs_diff(self.board.penalty);
            changes += u64::from(last != self.board.penalty);
            last = self.board.penalty;
        }
        sum as f64 / changes.max(1) as f64
    }

    /// The board as it is.
    pub fn board(&self) -> &SlotBoard<'p> {
        &self.board
    }

    /// The smallest penalty so far.
    pub fn best(&self) -> i64 {
        self.best
    }

    /// The timetable with the smallest penalty so far.
    pub fn best_timetable(&self, of: &Problem) -> Timetable {
        let mut timetable = Timetable::empty(of);
        self.board.store(&self.best_slot, &self.best_room, &mut timetable);
        timetable
    }

    /// Proposals so far.
    pub fn proposals(&self) -> u64 {
        self.proposals
    }

    /// Changes that were accepted so far.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Goes on from another board, which is whole; the best so far stays what it was, unless that
    /// one is better.
    pub fn go_on_from(&mut self, board: &SlotBoard<'p>) {
        self.board.clone_from(board);
        self.look();
    }

    /// From now on the best is looked for anew.
    pub fn begin_anew(&mut self, draws: Draws) {
        self.draws = draws;
        self.best = i64::MAX;
        self.look();
    }

    /// Proposes so many changes at one temperature; the board is whole, and stays so.
    pub fn run(&mut self, proposals: u32, temperature: Temperature) {
        if self.movable.is_empty() {
            self.proposals += u64::from(proposals);
            return;
        }
        for _ in 0..proposals {
            let step = self.draws.next_step();
            self.propose(step, temperature.threshold(step.threshold));
        }
    }

    #[inline]
    fn propose(&mut self, step: Step, threshold: i64) {
        self.proposals += 1;
        let class = usize::from(self.movable[below(step.which, self.movable.len())]);
        if self.rooms_cost && u32::from(step.what) < self.within {
            return self.change_room(class, &step, threshold);
        }
        let Some(to) = self.another_slot(class, step.time) else { return };
        let from = usize::from(self.board.slot[class]);
        self.chain.begin(from, to);
        if !self.chain.join(&self.board, class, 0) {
            return;
        }
        if self.rooms_cost { self.exchange_with_rooms(class, &step, threshold) } else { self.exchange(threshold) }
    }

    /// A slot of a class, other than its own.
    #[inline]
    pub(super) fn another_slot(&self, class: usize, word: u16) -> Option<usize> {
        let choices = &self.choices[class];
        let last = choices.len() - 1;
        if last == 0 {
            return None;
        }
        let (picked, own) = (choices[below16(word, last)], self.board.slot[class]);
        Some(usize::from(if picked == own { choices[last] } else { picked }))
    }

    /// The chain where rooms cost nothing: all of the two slots may be given anew.
    #[inline]
    fn exchange(&mut self, threshold: i64) {
        let mut further = 0;
        while let Err(short) = self.fit_rooms() {
            if further == FURTHER || !self.send_another(short) {
                return;
            }
            further += 1;
        }
        if !self.chain.is_in_order(&self.board) {
            return;
        }
        let difference = of_slots(&self.board, &self.chain, &mut self.odd);
        if difference <= threshold && difference < HARD / 2 {
            self.move_members();
            self.give_rooms();
            self.accept(difference);
        }
    }

    /// Rooms for everybody in the two slots; else, which of them is short.
    #[inline]
    pub(super) fn fit_rooms(&mut self) -> Result<(), u8> {
        let p = self.board.problem;
        for side in [1, 0] {
            let slot = self.chain.slots[side];
            let rooms = &mut self.rooms[side];
            rooms.load(&self.board.there[slot * p.rooms..(slot + 1) * p.rooms], self.board.taken[slot], p.open[slot]);
            for &(class, out_of) in &self.chain.members {
                let room = self.board.room[usize::from(class)];
                if usize::from(out_of) == side && room != NOWHERE {
                    rooms.free(room);
                }
            }
            for &(class, out_of) in &self.chain.members {
                let class = usize::from(class);
                if usize::from(out_of) != side && p.suitable[class] != 0 && !rooms.find(p, class) {
                    return Err(side as u8);
                }
            }
        }
        Ok(())
    }

    /// One more class, by chance, leaves a slot that is short of rooms.
    #[inline]
    fn send_another(&mut self, short: u8) -> bool {
        let p = self.board.problem;
        let slot = self.chain.slots[usize::from(short)];
        let there = &self.board.there[slot * p.rooms..(slot + 1) * p.rooms];
        let stays = |&&class: &&u16| class != NOTHING && !self.chain.has(usize::from(class));
        let n = there.iter().filter(stays).count();
        if n == 0 {
            return false;
        }
        let k = self.draws.below(n);
        let class = *there.iter().filter(stays).nth(k).expect("one of them");
        self.chain.join(&self.board, usize::from(class), short)
    }

    /// The members change their slots; their rooms follow.
    #[inline]
    pub(super) fn move_members(&mut self) {
        let (board, chain) = (&mut self.board, &self.chain);
        let (p, flip) = (board.problem, 1u64 << chain.slots[0] | 1u64 << chain.slots[1]);
        for &(class, out_of) in &chain.members {
            let class = usize::from(class);
            let (from, to) = (chain.slots[usize::from(out_of)], chain.slots[usize::from(1 - out_of)]);
            let (word, bit) = (class / 64, 1u64 << (class % 64));
            board.held[from * p.words + word] &= !bit;
            board.held[to * p.words + word] |= bit;
            board.slot[class] = to as u8;
            for &f in p.followers_of.get(class) {
                board.busy[f as usize] ^= flip;
            }
        }
    }

    /// The rooms that were found for the two slots.
    #[inline]
    pub(super) fn give_rooms(&mut self) {
        let p = self.board.problem;
        for side in 0..2 {
            let (slot, rooms) = (self.chain.slots[side], &self.rooms[side]);
            self.board.taken[slot] = rooms.taken;
            let there = &mut self.board.there[slot * p.rooms..(slot + 1) * p.rooms];
            for (room, (there, &class)) in there.iter_mut().zip(&rooms.there).enumerate() {
                *there = class;
                if class != NOTHING {
                    self.board.room[usize::from(class)] = room as u8;
                }
            }
        }
    }

    /// The chain where rooms cost: the class that begins it gets its own room or another, in which
    /// it trades places; the others keep theirs where they are free, else they take the cheapest.
    #[inline]
    fn exchange_with_rooms(&mut self, class: usize, step: &Step, threshold: i64) {
        let p = self.board.problem;
        let to = self.chain.slots[1];
        let own = self.board.room[class];
        let mut wanted = own;
        if own != NOWHERE {
            if step.how & 1 == 1 {
                wanted = below16(step.room, p.rooms) as u8;
            }
            if (p.suitable[class] & p.open[to]) >> wanted & 1 == 0 {
                return;
            }
            let there = self.board.there[to * p.rooms + usize::from(wanted)];
            if there != NOTHING
                && !self.chain.has(usize::from(there))
                && !self.chain.join(&self.board, usize::from(there), 1)
            {
                return;
            }
        }
        if !self.chain.is_in_order(&self.board) {
            return;
        }
        // What the slots cost is known first; where no choice of rooms can make up for that, none
        // is made.
        let of_slots = of_slots(&self.board, &self.chain, &mut self.odd);
        if of_slots - self.most_saved() > threshold {
            return;
        }
        let Some(cost) = self.choose_rooms(wanted) else { return };
        let difference = cost + of_slots;
        if difference <= threshold && difference < HARD / 2 {
            self.move_members();
            self.give_chosen();
            self.accept(difference);
        } else {
            self.forget_chosen();
        }
    }

    /// More than other rooms for the members can save.
    #[inline]
    fn most_saved(&self) -> i64 {
        let (board, p, n) = (&self.board, self.board.problem, self.chain.members.len());
        let of_one = |class: usize| {
            let room = usize::from(board.room[class]);
            if room == usize::from(NOWHERE) {
                return 0;
            }
            let groups = p.groups_of.get(class).iter().map(|&g| match p.groups[g as usize] {
                RoomGroup::Beyond(cost) if usize::from(board.counts[g as usize * p.rooms + room]) <= n => cost,
                RoomGroup::Beyond(_) => 0,
                RoomGroup::Pairs(cost) => cost * i64::from(board.members(g as usize)),
            });
            p.room_cost(class, room) + groups.sum::<i64>()
        };
        self.chain.members.iter().map(|&(class, _)| of_one(usize::from(class))).sum()
    }

    /// Counts the members out of their rooms and into others; those are noted in `chosen`. What
    /// that costs; nothing has changed where they do not suffice.
    #[inline]
    fn choose_rooms(&mut self, wanted: u8) -> Option<i64> {
        let p = self.board.problem;
        let mut cost = 0;
        self.chosen.clear();
        let mut free = self.chain.slots.map(|slot| p.open[slot] & !self.board.taken[slot]);
        for &(class, out_of) in &self.chain.members {
            let room = self.board.room[usize::from(class)];
            if room != NOWHERE {
                free[usize::from(out_of)] |= 1 << room & p.open[self.chain.slots[usize::from(out_of)]];
                cost += self.board.uncount(usize::from(class), room);
            }
        }
        for i in 0..self.chain.members.len() {
            let (class, out_of) = self.chain.members[i];
            let (class, into) = (usize::from(class), usize::from(1 - out_of));
            let own = self.board.room[class];
            if own == NOWHERE {
                self.chosen.push(NOWHERE);
                continue;
            }
            let possible = free[into] & p.suitable[class];
            let first = if i == 0 { wanted } else { own };
            let room = if possible >> first & 1 == 1 { Some(first) } else { self.cheapest(class, possible) };
            let Some(room) = room else {
                self.forget_chosen();
                return None;
            };
            free[into] &= !(1 << room);
            self.chosen.push(room);
            cost += self.board.count(class, room);
        }
        Some(cost)
    }

    /// The cheapest of these rooms, the first of several.
    fn cheapest(&mut self, class: usize, mut possible: u64) -> Option<u8> {
        let mut best: Option<(i64, u8)> = None;
        while possible != 0 {
            let room = possible.trailing_zeros() as u8;
            possible &= possible - 1;
            let cost = self.board.count(class, room);
            self.board.uncount(class, room);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, room));
            }
        }
        best.map(|(_, room)| room)
    }

    /// Counts the members out of the rooms that were chosen so far, and back into their own.
    fn forget_chosen(&mut self) {
        for i in 0..self.chain.members.len() {
            let class = usize::from(self.chain.members[i].0);
            let room = self.chosen.get(i).copied().unwrap_or(NOWHERE);
            if room != NOWHERE {
                self.board.uncount(class, room);
            }
            let own = self.board.room[class];
            if own != NOWHERE {
                self.board.count(class, own);
            }
        }
    }

    /// The members, which have changed their slots, enter the rooms that were chosen.
    #[inline]
    fn give_chosen(&mut self) {
        let p = self.board.problem;
        for &(class, out_of) in &self.chain.members {
            let (slot, room) = (self.chain.slots[usize::from(out_of)], self.board.room[usize::from(class)]);
            if room != NOWHERE {
                self.board.there[slot * p.rooms + usize::from(room)] = NOTHING;
                self.board.taken[slot] &= !(1 << room);
            }
        }
        for (&(class, out_of), &room) in self.chain.members.iter().zip(&self.chosen) {
            self.board.enter(usize::from(class), self.chain.slots[usize::from(1 - out_of)], room);
        }
    }

    /// A class changes its room, or trades it with another of the same slot.
    #[inline]
    fn change_room(&mut self, class: usize, step: &Step, threshold: i64) {
        let p = self.board.problem;
        let (slot, own) = (usize::from(self.board.slot[class]), self.board.room[class]);
        let room = below16(step.room, p.rooms) as u8;
        if own == NOWHERE || room == own || (p.suitable[class] & p.open[slot]) >> room & 1 == 0 {
            return;
        }
        let other = self.board.there[slot * p.rooms + usize::from(room)];
        let has_other = other != NOTHING;
        let other = usize::from(other);
        if has_other && p.suitable[other] >> own & 1 == 0 {
            return;
        }
        let board = &mut self.board;
        let mut difference = board.uncount(class, own);
        if has_other {
            difference += board.uncount(other, room);
            difference += board.count(other, own);
        }
        difference += board.count(class, room);
        if difference <= threshold {
            board.leave(class);
            if has_other {
                board.leave(other);
                board.enter(other, slot, own);
            }
            board.enter(class, slot, room);
            self.accept(difference);
            return;
        }
        board.uncount(class, room);
        if has_other {
            board.uncount(other, own);
            board.count(other, room);
        }
        board.count(class, own);
    }

    #[inline]
    fn accept(&mut self, difference: i64) {
        self.accepted += 1;
        self.board.penalty += difference;
        self.look();
    }

    /// Keeps the board where it is the best so far.
    #[inline]
    fn look(&mut self) {
        if self.board.penalty < self.best {
            self.best = self.board.penalty;
            self.best_slot.copy_from_slice(&self.board.slot);
            self.best_room.copy_from_slice(&self.board.room);
        }
    }
}
