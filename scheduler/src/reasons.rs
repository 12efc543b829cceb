//! Why a class is not placed: what stands against its best places, and a proof where one is quickly
//! found.

use crate::against::{HardRules, against};
use crate::contradiction::{self, Contradiction};
use stage0_load::{Finding, Words};
use std::{collections::BTreeMap, sync::Arc};
use timetable::{Board, BoardIndex, ClassId, Placement, Problem, RoomId, Timetable, Violation};

/// Classes explained before the rest is only named.
const MOST_CLASSES: usize = 100;
/// Placements tried for one class.
const MOST_TRIED: usize = 20_000;
/// Places of a class whose obstacles are told.
const BEST: usize = 3;
/// Classes of one constraint that are near a violation.
const NEAR: usize = 12;
/// Steps that proofs may take, of one class and of all.
const STEPS_OF_ONE: u64 = 100_000;
const STEPS_OF_ALL: u64 = 1_000_000;

/// An unplaced class and why.
#[derive(Clone, Debug)]
pub struct Unplaced {
    /// The class.
    pub class: ClassId,
    /// In one line.
    pub reason: String,
    /// What stands against its best places, those first against which least does.
    pub against: Vec<Obstacles>,
    /// Why no timetable holds it with a few others, where that is proven.
    pub proof: Option<Proof>,
}

/// Why something cannot be, in any timetable.
#[derive(Clone, Debug)]
pub struct Proof {
    /// In one line.
    pub text: String,
    /// The classes and rules that cannot hold together, where they were found by a search of a few
    /// classes; `None` where the check of the input says it.
    pub contradiction: Option<Contradiction>,
}

/// What stands against a place.
#[derive(Clone, Debug)]
pub struct Obstacles {
    /// When, and where: `Tue 09:00 in A101`.
    pub place: String,
    /// Who is there, by which rule.
    pub why: Vec<String>,
}

/// The unplaced classes of a timetable, with reasons.
pub fn unplaced(timetable: &Timetable, words: &Words<'_>) -> Vec<Unplaced> {
    let any = words.problem.class_ids().any(|c| !timetable.placements[c.index()].is_placed());
    if any { Reasons::new(timetable, words).unplaced() } else { Vec::new() }
}

/// Looks for reasons of what a timetable lacks. Proofs are bounded by steps, over all that is asked.
pub struct Reasons<'a> {
    words: &'a Words<'a>,
    timetable: &'a Timetable,
    rules: HardRules,
    /// What was found wrong with the problem before the search.
    known: Vec<Finding>,
    board: Board<'a>,
    steps: u64,
}

impl<'a> Reasons<'a> {
    /// For a timetable of the words' problem.
    pub fn new(timetable: &'a Timetable, words: &'a Words<'a>) -> Reasons<'a> {
        let problem = words.problem;
        let known = words.findings().into_iter().filter(|f| f.is_error() && !f.classes.is_empty()).collect();
        let board = Board::with(problem, Arc::new(BoardIndex::new(problem)), timetable);
        Reasons { words, timetable, rules: HardRules::new(problem), known, board, steps: STEPS_OF_ALL }
    }

    /// The classes that are not placed, with reasons.
    pub fn unplaced(&mut self) -> Vec<Unplaced> {
        let placed = |c: &ClassId| self.timetable.placements[c.index()].is_placed();
        let missing: Vec<ClassId> = self.words.problem.class_ids().filter(|c| !placed(c)).collect();
        missing.into_iter().enumerate().map(|(i, class)| self.explain(class, i < MOST_CLASSES)).collect()
    }

    /// Why the classes of a violation of a hard rule cannot do without one, where that is proven.
    pub fn proof_of(&mut self, violation: &Violation) -> Option<Proof> {
        let (&first, others) = violation.classes.split_first()?;
        let mut near = others.to_vec();
        for &id in self.rules.of(first) {
            let members = self.words.problem.classes_of(id).iter().map(|&c| ClassId(c));
            near.extend(members.take(NEAR));
        }
        let mut seen = vec![first];
        near.retain(|c| {
            !seen.contains(c) && {
                seen.push(*c);
                true
            }
        });
        let about = |finding: &Finding| violation.classes.iter().all(|c| finding.classes.contains(c));
        self.proof(about, first, &near)
    }

    fn proof(&mut self, is_known: impl Fn(&Finding) -> bool, class: ClassId, near: &[ClassId]) -> Option<Proof> {
        if let Some(known) = self.known.iter().find(|finding| is_known(finding)) {
            return Some(Proof { text: format!("proven: {}", known.text), contradiction: None });
        }
        let mut steps = STEPS_OF_ONE.min(self.steps);
        let had = steps;
        let found = contradiction::find(self.words.problem, &self.rules, class, near, &mut steps);
        self.steps -= had - steps;
        found.map(|found| Proof { text: found.text(self.words), contradiction: Some(found) })
    }

    fn explain(&mut self, class: ClassId, closely: bool) -> Unplaced {
        if !closely {
            return Unplaced { class, reason: "not looked at".to_owned(), against: Vec::new(), proof: None };
        }
        let tried = self.tried(class);
        if let Some((at, way)) = tried.best.first()
            && way.is_empty()
        {
            let reason = format!("could still go to {}", self.place(class, *at));
            return Unplaced { class, reason, against: Vec::new(), proof: None };
        }
        let obstacles = |(at, way): &(Placement, Vec<ClassId>)| Obstacles {
            place: self.place(class, *at),
            why: against(self.words, &self.rules, self.timetable, (class, *at), way),
        };
        let against: Vec<Obstacles> = tried.best.iter().map(obstacles).collect();
        let proof = self.proof(|finding| finding.classes.contains(&class), class, &tried.near);
        Unplaced { class, reason: tried.in_words(), against, proof }
    }

    fn place(&self, class: ClassId, at: Placement) -> String {
        let problem = self.words.problem;
        let time = problem.times()[problem.times_of(class)[at.time as usize].time as usize];
        let time = self.words.time(&time);
        match problem.rooms_of(class).get(at.room as usize) {
            Some(room) => format!("{time} in {}", self.words.room(RoomId(room.room))),
            None => time,
        }
    }

    /// Tries all places of a class.
    fn tried(&mut self, class: ClassId) -> Tried {
        let problem: &Problem = self.words.problem;
        let times = problem.times_of(class).len() as u16;
        let rooms = match problem.rooms_of(class).len() as u16 {
            0 => Placement::NO_ROOM..=Placement::NO_ROOM,
            n => 0..=n - 1,
        };
        let all = (0..times).flat_map(|time| rooms.clone().map(move |room| Placement { time, room }));
        let mut tried = Tried::default();
        let mut in_the_way: BTreeMap<ClassId, usize> = BTreeMap::new();
        let mut way = Vec::new();
        for at in all.take(MOST_TRIED) {
            tried.places += 1;
            if problem.rooms_of(class).is_empty() || !self.board.is_blocked(class, at) {
                tried.open += 1;
            }
            if self.board.is_forbidden(class, at) || !self.board.conflicting_classes(class, at, &mut way) {
                tried.never += 1;
                continue;
            }
            way.iter().for_each(|&c| *in_the_way.entry(c).or_default() += 1);
            let rank = tried.best.partition_point(|(_, best)| best.len() <= way.len());
            if rank < BEST {
                tried.best.insert(rank, (at, way.clone()));
                tried.best.truncate(BEST);
            }
            if way.is_empty() {
                break;
            }
        }
        // Who stands in the way most often comes first.
        let mut near: Vec<(usize, ClassId)> = in_the_way.into_iter().map(|(c, n)| (n, c)).collect();
        near.sort_unstable_by_key(|&(n, c)| (std::cmp::Reverse(n), c));
        tried.near = near.into_iter().map(|(_, c)| c).collect();
        tried
    }
}

/// What came of trying the places of a class.
#[derive(Default)]
struct Tried {
    places: usize,
    /// Places whose room is not closed.
    open: usize,
    /// Places that hard rules of its own rule out, whatever the others do.
    never: usize,
    best: Vec<(Placement, Vec<ClassId>)>,
    near: Vec<ClassId>,
}

impl Tried {
    fn in_words(&self) -> String {
        let n = self.places;
        match (self.open, self.never) {
            (0, _) => format!("in all of its {n} places the room is closed"),
            (_, never) if never == n => {
                format!("all of its {n} places are ruled out by its rooms or its own hard rules")
            }
            (_, 0) => format!("all of its {n} places are taken"),
            (_, never) => format!("all of its {n} places are taken, or ruled out for good ({never} of them)"),
        }
    }
}
