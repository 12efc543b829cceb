//! What the checker found, and the sums over it.

use crate::ids::*;
use crate::score::{Rule, Score};
use std::collections::BTreeMap;

/// One violation of a hard rule, or a class that is not placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule violated.
    pub rule: Rule,
    /// The constraint, for [`Rule::Constraint`].
    pub constraint: Option<ConstraintId>,
    /// The classes that cause it: the two of a pair (in the constraint's order), otherwise sorted;
    /// empty where an amount comes of classes that are missing
    /// ([`Kind::MinWorkingDays`](crate::Kind::MinWorkingDays)).
    pub classes: Vec<ClassId>,
    /// The student, where it is theirs.
    pub student: Option<StudentId>,
    /// The request, for [`Rule::Enrolment`].
    pub request: Option<RequestId>,
    /// The room, for [`Rule::RoomClash`] and [`Rule::RoomUnavailable`].
    pub room: Option<RoomId>,
    /// By how much; 1 for [`Rule::Unplaced`], where it is not part of [`Score::hard`].
    pub amount: i64,
}

impl Violation {
    pub(super) fn new(rule: Rule, classes: Vec<ClassId>, amount: i64) -> Violation {
        Violation { rule, constraint: None, classes, student: None, request: None, room: None, amount }
    }
}

/// One violation of a soft rule, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What is violated, by which classes.
    pub violation: Violation,
    /// Its part of [`Score::penalty`], weighted.
    pub cost: i64,
}

/// What one rule adds to the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often it is violated or costs something: pairs, classes, requests, students, or groups,
    /// as the rule counts.
    pub entries: u64,
    /// Its part of [`Score::hard`].
    pub hard: i64,
    /// Its part of [`Score::penalty`], weighted.
    pub penalty: i64,
}

/// The verdict on a timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The score: the sum of the tallies.
    pub score: Score,
    /// Every violation of a hard rule and every unplaced class, the first [`Report::MOST`] of them.
    pub violations: Vec<Violation>,
    /// How many more there are.
    pub left_out: u64,
    /// Every violation of a soft rule that costs something, the first [`Report::MOST`] of them;
    /// empty unless [`check_costs`](super::check_costs) made the report.
    pub costs: Vec<Cost>,
    /// How many more there are.
    pub costs_left_out: u64,
    /// Whether costs are listed.
    lists_costs: bool,
    /// By rule; rules that nothing violates have none.
    pub tallies: BTreeMap<Rule, Tally>,
    /// By class: the weighted penalties that it is involved in, each in full.
    pub class_penalty: Vec<i64>,
}

impl Report {
    /// So many violations are listed, so that a report stays small however bad the timetable is;
    /// all are counted.
    pub const MOST: usize = 100_000;

    pub(super) fn new(classes: usize, lists_costs: bool) -> Report {
        Report {
            score: Score::default(),
            violations: Vec::new(),
            left_out: 0,
            costs: Vec::new(),
            costs_left_out: 0,
            lists_costs,
            tallies: BTreeMap::new(),
            class_penalty: vec![0; classes],
        }
    }

    /// Enters that a class is held at a time, or in a room ([`Rule::TimeNotAllowed`],
    /// [`Rule::RoomNotAllowed`]), that is none of its own: who scores such a timetable gives the
    /// class that place ([`Amendments::widened`](crate::Amendments)), and enters it here.
    pub fn not_allowed(&mut self, rule: Rule, class: ClassId, room: Option<RoomId>) {
        self.hard(Violation { room, ..Violation::new(rule, vec![class], 1) });
    }

    /// The tally of a rule, zeros where it is not violated.
    pub fn tally(&self, rule: Rule) -> Tally {
        self.tallies.get(&rule).copied().unwrap_or_default()
    }

    pub(super) fn unplaced(&mut self, class: ClassId) {
        self.score.unplaced += 1;
        self.tallies.entry(Rule::Unplaced).or_default().entries += 1;
        self.list(Violation::new(Rule::Unplaced, vec![class], 1));
    }

    fn list(&mut self, violation: Violation) {
        if self.violations.len() < Self::MOST {
            self.violations.push(violation);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn hard(&mut self, violation: Violation) {
        self.score.hard += violation.amount;
        let tally = self.tallies.entry(violation.rule).or_default();
        tally.entries += 1;
        tally.hard += violation.amount;
        self.list(violation);
    }

    /// The sums of a problem that is valid stay within 64 bits: see `validate`.
    pub(super) fn soft(&mut self, violation: &Violation, cost: i64) {
        self.score.penalty += cost;
        let tally = self.tallies.entry(violation.rule).or_default();
        tally.entries += 1;
        tally.penalty += cost;
        for class in distinct(violation.classes.iter().copied()) {
            self.class_penalty[class.index()] += cost;
        }
        if !self.lists_costs || cost == 0 {
            return;
        }
        if self.costs.len() < Self::MOST {
            self.costs.push(Cost { violation: violation.clone(), cost });
        } else {
            self.costs_left_out += 1;
        }
    }
}

/// Sorted, each class once.
pub(super) fn distinct(classes: impl Iterator<Item = ClassId>) -> Vec<ClassId> {
    let mut classes: Vec<ClassId> = classes.collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}
