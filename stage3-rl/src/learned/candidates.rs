//! What can be done about a class in conflict: it goes somewhere, and whoever is in its way there
//! goes elsewhere or stays, in conflict.

use super::features::COUNT;
use super::history::History;
use crate::tracked_repair::{Chain, TrackedRepair};
use moves::Sample;
use timetable::{ClassId, ConflictTable, Delta, Placement, RequestId};

/// Candidates at most.
pub(crate) const MOST: usize = 16;
/// Free placements among them, at most.
const FREE: usize = 8;
/// Free placements of which the exact difference is computed; and of one that is in the way.
const TRIED: usize = 64;
const TRIED_OTHERS: usize = 12;
/// With more classes in the way these stay, in conflict.
const WAY: usize = 3;
/// A class that was moved so often, and every time that it was moved as often again, is placed anew
/// together with those in its way.
const STUBBORN: u32 = 3;
/// How many others move with it then, and links of chains that are tried.
const DEPTH: usize = 3;
const LINKS: usize = 50;
/// Classes in conflict that are placed anew together.
const CLUSTERS: [usize; 2] = [4, 8];

/// What a candidate does, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// Hard violations, and unplaced classes, more than before.
    pub(crate) hard: i32,
    pub(crate) unplaced: i32,
    /// Classes in the way, those of them that stay in conflict, and their weights (1 each, and more
    /// for each time that they were).
    pub(crate) way: u32,
    pub(crate) left: u32,
    pub(crate) weight: u32,
    /// Classes more that are not where they were in the timetable in use, and students in them.
    pub(crate) changed: i32,
    pub(crate) students: i64,
    pub(crate) goes_home: bool,
    pub(crate) penalty: i64,
    /// What a class costs in the mean, at least 1.
    pub(crate) scale: f32,
    /// How many candidates cost less, as a share.
    pub(crate) rank: f32,
    /// Free placements of the class, and the fewest of one that moves with it.
    pub(crate) free: u32,
    pub(crate) tightest: u32,
    /// Classes that move with it.
    pub(crate) others: u32,
    /// Placed anew together with those in its way.
    pub(crate) resolved: bool,
    /// How often the class was moved so far; the most that one of the others was.
    pub(crate) moved: u32,
    pub(crate) others_moved: u32,
    /// Back to where it was lately.
    pub(crate) back: bool,
    /// Steps since trouble last became less.
    pub(crate) stale: u32,
    pub(crate) conflicts: u32,
    pub(crate) share_left: f32,
    /// Nothing is in conflict: the penalty counts.
    pub(crate) polishing: bool,
}

/// What is done.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Classes move.
    Move(Chain),
    /// A student takes a course in other classes.
    Reseat(RequestId, Vec<u32>),
}

/// What candidates are compared by, the least first.
pub(crate) type Worth = (i64, i64, i64, i64);

/// One thing that can be done.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) act: Act,
    pub(crate) delta: Delta,
    pub(crate) facts: Facts,
    pub(crate) features: [f32; COUNT],
}

impl Candidate {
    /// Hard violations and unplaced classes more.
    pub(crate) fn trouble(&self) -> i64 {
        i64::from(self.delta.hard) + i64::from(self.delta.unplaced)
    }

    /// The less, the better: trouble, classes that change, students in them, penalty.
    pub(crate) fn worth(&self) -> Worth {
        (self.trouble(), i64::from(self.facts.changed), self.facts.students, self.facts.penalty)
    }
}

/// Gives each candidate its rank, and its features.
pub(crate) fn finish(candidates: &mut [Candidate]) {
    let penalties: Vec<i64> = candidates.iter().map(|c| c.facts.penalty).collect();
    for candidate in candidates {
        let less = penalties.iter().filter(|&&p| p < candidate.facts.penalty).count();
        candidate.facts.rank = less as f32 / penalties.len() as f32;
        candidate.features = candidate.facts.features();
    }
}

/// Where a class could go.
struct Options {
    /// Some of those where nobody is in the way, and home.
    free: Vec<Placement>,
    /// How many there are where nobody is in the way.
    count: u32,
    /// Those where least is in the way.
    taken: Vec<Placement>,
}

/// What is the same for all candidates of a step. While they are computed classes move on the board
/// alone, not in the conflict table.
struct Asked<'h> {
    in_use: bool,
    history: &'h History,
    /// Classes that were in the way of some, with where they could go.
    others: Vec<(ClassId, Options)>,
}

impl TrackedRepair<'_, '_> {
    /// What can be done about a class; nothing where it has nowhere else to go. With `in_use` it
    /// counts who is not where they were.
    pub(crate) fn candidates(&mut self, class: ClassId, in_use: bool, history: &History, out: &mut Vec<Candidate>) {
        let was = self.state.search.board.placement(class);
        let polishing = history.state.polishing;
        let mut asked = Asked { in_use, history, others: Vec::new() };
        let options = self.options(class, in_use, TRIED, if polishing { MOST / 2 } else { MOST });
        let barred = self.state.tabu.barred(class, self.state.round);
        let back = |at: Placement| barred == Some(at);
        let facts = Facts { free: options.count, moved: history.moved(class), ..history.state };
        for (at, delta) in self.best(class, &options.free, was, in_use, FREE) {
            let facts = Facts { tightest: options.count, back: back(at), ..facts };
            self.add(vec![(class, at)], &[(class, was)], delta, facts, in_use, out);
        }
        for &at in options.taken.iter().filter(|at| **at != was) {
            if out.len() == MOST {
                break;
            }
            let facts = Facts { back: back(at), ..facts };
            self.push_in(class, at, facts, &mut asked, out);
        }
        if polishing {
            return;
        }
        if facts.moved > 0 && facts.moved.is_multiple_of(STUBBORN) && options.count == 0 {
            self.place_anew(class, facts, &asked, out);
        }
        let in_conflict = self.state.in_conflict.classes().len();
        for size in CLUSTERS.into_iter().filter(|size| in_conflict > size / 2) {
            self.place_cluster(class, size, facts, &mut asked, out);
        }
    }

    /// The class goes where others are; they go elsewhere, where they can.
    fn push_in(
        &mut self,
        class: ClassId,
        at: Placement,
        facts: Facts,
        asked: &mut Asked<'_>,
        out: &mut Vec<Candidate>,
    ) {
        let was = self.state.search.board.placement(class);
        let mut way = Vec::new();
        let possible = self.state.search.board.conflicting_classes(class, at, &mut way);
        let mut facts = Facts { way: way.len() as u32, tightest: u32::MAX, ..facts };
        facts.weight = way.iter().map(|&other| self.state.search.conflicts.weight(other)).sum();
        if !possible || way.len() > WAY {
            // Too many to find places for: all stay.
            let sum = self.state.search.board.delta(class, at);
            let facts = Facts { left: way.len() as u32, tightest: 0, ..facts };
            self.add(vec![(class, at)], &[(class, was)], sum, facts, asked.in_use, out);
            return;
        }
        let known: Vec<usize> = way.iter().map(|&other| self.known(other, asked)).collect();
        let mut sum = self.state.search.board.apply(class, at);
        let (mut chain, mut from) = (vec![(class, at)], vec![(class, was)]);
        for (&other, &k) in way.iter().zip(&known) {
            facts.others_moved = facts.others_moved.max(asked.history.moved(other));
            let there = self.state.search.board.placement(other);
            let options = &asked.others[k].1;
            facts.tightest = facts.tightest.min(options.count);
            let lifted = self.state.search.board.apply(other, Placement::NOWHERE);
            match self.best(other, &options.free, there, asked.in_use, 1).first() {
                Some(&(to, placed)) if placed.hard <= 0 => {
                    self.state.search.board.commit(other, to, placed);
                    sum += lifted + placed;
                    chain.push((other, to));
                    from.push((other, there));
                }
                _ => {
                    self.state.search.board.apply(other, there);
                    facts.left += 1;
                }
            }
        }
        for &(c, there) in from.iter().rev() {
            self.state.search.board.apply(c, there);
        }
        facts.others = chain.len() as u32 - 1;
        self.add(chain, &from, sum, facts, asked.in_use, out);
    }

    /// The class, and those in its way, are placed anew, as few as possible.
    fn place_anew(&mut self, class: ClassId, facts: Facts, asked: &Asked<'_>, out: &mut Vec<Candidate>) {
        let before = self.state.search.board.score();
        let Some(from) = self.resolve_within(&[class], DEPTH, LINKS) else { return };
        let after = self.state.search.board.score();
        let chain: Chain = from.iter().map(|&(c, _)| (c, self.state.search.board.placement(c))).collect();
        self.put_all(from.clone());
        let sum = Delta {
            unplaced: after.unplaced as i32 - before.unplaced as i32,
            hard: (after.hard - before.hard) as i32,
            penalty: after.penalty - before.penalty,
            ..Delta::default()
        };
        let others_moved = chain.iter().filter(|c| c.0 != class).map(|c| asked.history.moved(c.0)).max();
        let others_moved = others_moved.unwrap_or(0);
        let facts = Facts { others: chain.len() as u32 - 1, resolved: true, others_moved, back: false, ..facts };
        self.add(chain, &from, sum, facts, asked.in_use, out);
    }

    /// The class and others in conflict are taken off the board, and each is placed where that is
    /// best; those with the fewest places to go to first.
    fn place_cluster(
        &mut self,
        class: ClassId,
        size: usize,
        facts: Facts,
        asked: &mut Asked<'_>,
        out: &mut Vec<Candidate>,
    ) {
        let mut cluster = vec![class];
        for _ in 0..2 * size {
            let k = self.state.search.rng.below(self.state.in_conflict.classes().len());
            let other = self.state.in_conflict.classes()[k];
            if cluster.len() < size && !cluster.contains(&other) && self.state.is_in_conflict(other) {
                cluster.push(other);
            }
        }
        if cluster.len() < 2 {
            return;
        }
        let mut order: Vec<(u32, usize, ClassId)> = Vec::with_capacity(cluster.len());
        for &c in &cluster {
            let k = self.known(c, asked);
            order.push((asked.others[k].1.count, k, c));
        }
        order.sort_unstable();
        let from: Chain = cluster.iter().map(|&c| (c, self.state.search.board.placement(c))).collect();
        let mut sum = Delta::default();
        for &c in &cluster {
            sum += self.state.search.board.apply(c, Placement::NOWHERE);
        }
        let mut facts = Facts { resolved: true, tightest: order[0].0, back: false, ..facts };
        for &(_, k, c) in &order {
            facts.others_moved = facts.others_moved.max(asked.history.moved(c));
            match self.best(c, &asked.others[k].1.free, Placement::NOWHERE, asked.in_use, 1).first() {
                Some(&(to, placed)) if placed.hard <= 0 => {
                    self.state.search.board.commit(c, to, placed);
                    sum += placed;
                }
                _ => {
                    let was = from.iter().find(|f| f.0 == c).expect("it is in the cluster").1;
                    sum += self.state.search.board.apply(c, was);
                    facts.left += 1;
                }
            }
        }
        let (mut chain, mut moved): (Chain, Chain) = (Vec::new(), Vec::new());
        for &(c, was) in &from {
            let to = self.state.search.board.placement(c);
            if to != was {
                chain.push((c, to));
                moved.push((c, was));
            }
        }
        for &(c, was) in from.iter().rev() {
            self.state.search.board.apply(c, was);
        }
        if !chain.is_empty() {
            facts.others = chain.len() as u32 - 1;
            self.add(chain, &moved, sum, facts, asked.in_use, out);
        }
    }

    fn add(
        &self,
        chain: Chain,
        from: &[(ClassId, Placement)],
        delta: Delta,
        facts: Facts,
        in_use: bool,
        out: &mut Vec<Candidate>,
    ) {
        let tightest = facts.tightest.min(1 << 16);
        let mut facts = Facts { hard: delta.hard, unplaced: delta.unplaced, penalty: delta.penalty, tightest, ..facts };
        if in_use {
            for (&(class, to), &(_, from)) in chain.iter().zip(from) {
                let home = self.changes.home(class);
                let more = i32::from(to != home) - i32::from(from != home);
                facts.changed += more;
                facts.students += i64::from(more) * self.state.search.board.students_of(class).len() as i64;
            }
            facts.goes_home = chain[0].1 == self.changes.home(chain[0].0);
        }
        out.push(Candidate { act: Act::Move(chain), delta, facts, features: [0.0; COUNT] });
    }

    /// Where a class could go that was, or is, in the way; as a position among those known.
    fn known(&mut self, class: ClassId, asked: &mut Asked<'_>) -> usize {
        if let Some(k) = asked.others.iter().position(|other| other.0 == class) {
            return k;
        }
        let options = self.options(class, asked.in_use, TRIED_OTHERS, 0);
        asked.others.push((class, options));
        asked.others.len() - 1
    }

    /// Where a class could go, were it not placed: at most `tried` placements where nobody is in
    /// the way, and `most_taken` others.
    fn options(&mut self, class: ClassId, in_use: bool, tried: usize, most_taken: usize) -> Options {
        let state = &mut self.state;
        let (mut free, mut taken) = (Sample::new(tried), Vec::new());
        let rng = &mut state.search.rng;
        let home = self.changes.home(class);
        // A class in the way may be counted for two rules, and weighs more than 1 where it was in
        // the way before.
        let order = |&(cost, chance, at): &(u32, usize, Placement)| (cost, chance, at.time, at.room);
        let mut most = if most_taken == 0 { 0 } else { ConflictTable::IMPOSSIBLE - 1 };
        let looked = state.search.conflicts.scan(&mut state.search.board, class, most, |at, cost| {
            if cost > 0 {
                taken.push((cost, rng.below(1 << 16), at));
                if taken.len() == 16 * most_taken {
                    taken.select_nth_unstable_by_key(most_taken - 1, order);
                    taken.truncate(most_taken);
                    most = taken[most_taken - 1].0;
                }
                return most;
            }
            free.offer(at, rng);
            most
        });
        let (seen, mut free) = (free.seen(), free.items);
        if in_use && home.is_placed() && !free.contains(&home) {
            free.push(home);
        }
        state.clock.count(looked + free.len() as u64);
        taken.sort_unstable_by_key(order);
        taken.truncate(most_taken);
        Options { free, count: seen as u32, taken: taken.into_iter().map(|t| t.2).collect() }
    }

    /// Of placements other than one the best: what breaks least, then home, then what costs least.
    fn best(
        &mut self,
        class: ClassId,
        of: &[Placement],
        but: Placement,
        in_use: bool,
        most: usize,
    ) -> Vec<(Placement, Delta)> {
        let home = self.changes.home(class);
        let state = &mut self.state;
        let mut ranked: Vec<_> = Vec::with_capacity(of.len());
        for &at in of.iter().filter(|at| **at != but) {
            let delta = state.search.board.delta(class, at);
            let key =
                (delta.unplaced, delta.hard, in_use && at != home, delta.penalty, state.search.rng.below(1 << 16));
            ranked.push((key, at, delta));
        }
        state.clock.count(of.len() as u64);
        ranked.sort_unstable_by_key(|&(key, at, _)| (key, at.time, at.room));
        ranked.into_iter().take(most).map(|(_, at, delta)| (at, delta)).collect()
    }

    /// Other classes in which a student in trouble could take the course.
    pub(crate) fn seats(&mut self, request: RequestId, history: &History, out: &mut Vec<Candidate>) {
        for (way, delta) in self.state.best_ways(request, MOST) {
            let facts = Facts { hard: delta.hard, penalty: delta.penalty, students: 1, ..history.state };
            out.push(Candidate { act: Act::Reseat(request, way), delta, facts, features: [0.0; COUNT] });
        }
    }
}
