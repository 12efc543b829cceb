//! The shortest chain of moves that resolves a class's conflict: it goes where few are in its way,
//! these go elsewhere, and so on.

use crate::changes::Order;
use crate::tracked_repair::{Chain, TrackedRepair};
use moves::{Changeable, Journal, Sample};
use timetable::{ClassId, ConflictTable, Delta, Placement};

/// Placements with somebody in the way that are tried at each link, those with the fewest first.
const TRIED: usize = 48;
/// The best free placements, which are gone on from.
const BEST: usize = 3;
/// Free placements of which the exact difference is computed.
const FREE: usize = 512;
/// Links tried in one search.
const LINKS: usize = 4_000;

/// What a chain is compared by: classes that change, places of students in them, penalty.
type Key = (i32, i64, i64);
/// A free placement, by what it costs: hard violations that nobody can be named for, then as a
/// chain; equals by chance.
type Ranked = ((i32, Key, usize), Placement);

/// A search for one chain.
struct Search {
    /// Classes that are off the board.
    waiting: Vec<ClassId>,
    /// Classes of the chain, taken off the board from where they were before it.
    lifted: Journal,
    /// Difference so far.
    sum: Delta,
    links: usize,
    best: Option<(Key, Chain)>,
}

impl TrackedRepair<'_, '_> {
    /// Takes classes off the board and places them, and at most `others` more that are in their
    /// way, so that unplaced classes and hard violations become fewer than they were (or, with
    /// `even`, no more) and as few classes as possible change. Tells who moved, from where; `None`
    /// where that is not found: then nothing has changed.
    pub(super) fn resolve(&mut self, classes: &[ClassId], others: usize, even: bool) -> Option<Chain> {
        self.resolve_by(classes, others, even, LINKS)
    }

    /// The same, where it has to help, trying no more than so many links of chains.
    pub(crate) fn resolve_within(&mut self, classes: &[ClassId], others: usize, links: usize) -> Option<Chain> {
        self.resolve_by(classes, others, false, links)
    }

    fn resolve_by(&mut self, classes: &[ClassId], others: usize, even: bool, links: usize) -> Option<Chain> {
        let mut search =
            Search { waiting: Vec::new(), lifted: Journal::default(), sum: Delta::default(), links, best: None };
        for &class in classes {
            self.lift(&mut search, class);
        }
        self.descend(&mut search, others, even);
        debug_assert_eq!(search.waiting.len(), classes.len());
        search.lifted.take_back(self);
        let (_, chain) = search.best?;
        let was = chain.iter().map(|&(class, _)| (class, self.state.search.board.placement(class))).collect();
        self.put_all(chain);
        Some(was)
    }

    fn lift(&mut self, search: &mut Search, class: ClassId) {
        search.sum += search.lifted.put(self, class, Placement::NOWHERE);
        search.waiting.push(class);
    }

    /// Places the last of those that wait, and then the others.
    fn descend(&mut self, search: &mut Search, others: usize, even: bool) {
        let Some(class) = search.waiting.pop() else {
            self.note(search, even);
            return;
        };
        let (free, taken) = self.placements(class, others);
        for &(_, at) in free.iter().take(if search.waiting.is_empty() { 1 } else { BEST }) {
            search.sum += self.put(class, at);
            self.descend(search, others, even);
            search.sum += self.put(class, Placement::NOWHERE);
        }
        if others > 0 {
            self.push_aside(search, class, taken, others, even);
        }
        search.waiting.push(class);
    }

    /// Places a class where somebody is, and goes on with these.
    fn push_aside(&mut self, search: &mut Search, class: ClassId, taken: Vec<Placement>, others: usize, even: bool) {
        let mut way = Vec::new();
        for at in taken {
            if search.links == 0 || self.state.clock.is_over() {
                return;
            }
            search.links -= 1;
            self.state.clock.count(1);
            let possible = self.state.search.board.conflicting_classes(class, at, &mut way);
            let again = way.iter().any(|c| search.lifted.classes().any(|(lifted, _)| lifted == *c));
            if !possible || again || way.len() > others {
                continue;
            }
            let mark = (search.waiting.len(), search.lifted.len(), search.sum);
            way.iter().for_each(|&c| self.lift(search, c));
            search.sum += self.put(class, at);
            self.descend(search, others - way.len(), even);
            self.put(class, Placement::NOWHERE);
            search.lifted.take_back_to(mark.1, self);
            search.waiting.truncate(mark.0);
            search.sum = mark.2;
        }
    }

    /// Where an absent class breaks nothing, the best first; and where others may have to make room
    /// for it: where there is nothing free, where little is in its way; otherwise at home.
    fn placements(&mut self, class: ClassId, others: usize) -> (Vec<Ranked>, Vec<Placement>) {
        let state = &mut self.state;
        let (mut free, mut taken) = (Sample::new(FREE), Vec::new());
        let rng = &mut state.search.rng;
        // A class in the way may be counted for two rules.
        let most = 2 * others as u32;
        let looked = state.search.conflicts.scan(
            &mut state.search.board,
            class,
            most.min(ConflictTable::IMPOSSIBLE - 1),
            |at, cost| {
                if cost > 0 {
                    taken.push((cost, rng.below(1 << 16), at));
                    return most;
                }
                free.offer(at, rng);
                0
            },
        );
        let free = free.items;
        state.clock.count(looked + free.len() as u64);
        let home = self.changes.home(class);
        let taken: Vec<Placement> = match free.is_empty() {
            true => {
                let order = |&(cost, chance, at): &(u32, usize, Placement)| (cost, chance, at.time, at.room);
                if taken.len() > TRIED {
                    taken.select_nth_unstable_by_key(TRIED, order);
                    taken.truncate(TRIED);
                }
                taken.sort_unstable_by_key(order);
                taken.into_iter().map(|t| t.2).collect()
            }
            // Where it need not be where others are, it is worth a try only at home, or at its time
            // where times count first.
            false if self.changes.order() == Order::Published && home.is_placed() => {
                let stays = |at: &Placement| at.time == home.time;
                let mut there: Vec<_> = taken.into_iter().filter(|t| stays(&t.2)).collect();
                there.sort_unstable_by_key(|&(cost, chance, at)| (cost, chance, at.room));
                if free.iter().any(stays) {
                    there.clear();
                }
                there.truncate(TRIED);
                let others = there.into_iter().map(|t| t.2).filter(|&at| at != home);
                (!free.contains(&home)).then_some(home).into_iter().chain(others).collect()
            }
            false if home.is_placed() && !free.contains(&home) => vec![home],
            false => Vec::new(),
        };
        let attend = self.state.search.board.students_of(class).len() as i64;
        let mut ranked: Vec<Ranked> = Vec::with_capacity(free.len());
        for at in free {
            let delta = self.state.search.board.delta(class, at);
            let changes = at != home;
            let key = (self.changes.weight(class, at), attend * i64::from(changes), delta.penalty);
            ranked.push(((delta.hard, key, self.state.search.rng.below(1 << 16)), at));
        }
        let order = |&(rank, at): &Ranked| (rank, at.time, at.room);
        if ranked.len() > BEST {
            ranked.select_nth_unstable_by_key(BEST, order);
            ranked.truncate(BEST);
        }
        ranked.sort_unstable_by_key(order);
        (ranked, taken)
    }

    /// Everybody is placed: keeps the chain if it is the best so far.
    fn note(&self, search: &mut Search, even: bool) {
        let sum = search.sum;
        let helps = (sum.unplaced, sum.hard) < (0, 0) || (even && (sum.unplaced, sum.hard) == (0, 0));
        if !helps {
            return;
        }
        let mut key: Key = (0, 0, sum.penalty);
        let board = &self.state.search.board;
        let mut chain = Vec::with_capacity(search.lifted.len());
        for (class, was) in search.lifted.classes() {
            let (now, home) = (board.placement(class), self.changes.home(class));
            let changes = i32::from(now != home) - i32::from(was != home);
            key.0 += self.changes.weight(class, now) - self.changes.weight(class, was);
            key.1 += i64::from(changes) * board.students_of(class).len() as i64;
            chain.push((class, now));
        }
        if search.best.as_ref().is_none_or(|best| key < best.0) {
            search.best = Some((key, chain));
        }
    }
}
