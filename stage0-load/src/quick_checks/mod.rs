//! What cannot work, found before a search: in the user's words, with what would change it. Silence
//! proves nothing; an error does.
//!
//! A check looks at a few classes and at what must hold between them, and leaves everything else
//! out: what these cannot do by themselves, no timetable can.

mod alike;
mod clashes;
mod days;
mod finding;
mod fixed_groups;
mod grid;
mod matching;
mod no_place;
mod order;
mod rooms;
mod seats;
mod slots;
mod students;

pub use finding::{Check, Finding, Severity};

use crate::csv_folder::Origin;
use crate::words::Words;
use timetable::{ClassId, ConstraintId, Problem};

/// More steps than this no check takes: on a problem larger than that it says less.
const WORK_MAX: u64 = 100_000_000;
/// More findings of one sort are not made.
const SHOWN: usize = 20;

/// What is wrong with a problem before anything is searched, the worst first.
///
/// An error says that no timetable places every class without breaking a hard rule, or
/// ([`Check::is_about_the_rule`]) that a hard rule cannot be kept as it is written. A warning says
/// that something will cost.
///
/// * a class that has no place by itself ([`Check::NoPlace`]);
/// * two classes that cannot both be held, fixed ones above all;
/// * a teacher, a curriculum, a student or a group with more slots of classes than there are slots;
/// * classes on different days, and too few days;
/// * rooms that are asked for more than they are free;
/// * students without a seat, and students whose courses clash;
/// * classes that would all have to come before each other;
/// * limits shorter than a session, lunch longer than its hours (of tables only).
pub fn findings(problem: &Problem, origin: Option<&Origin>) -> Vec<Finding> {
    let words = Words::new(problem, origin, None);
    let list = origin.map_or(Vec::new(), |o| o.asked().to_vec());
    let mut all = Findings { words: &words, list, said_with_others: Vec::new(), same_sort: 0 };
    all.sort(no_place::find);
    all.sort(clashes::find_fixed);
    all.sort(slots::find);
    all.sort(days::find);
    all.sort(fixed_groups::find);
    all.sort(rooms::find);
    all.sort(clashes::find_others);
    all.sort(seats::find);
    all.sort(students::find);
    all.sort(order::find);
    all.list.sort_by_key(|finding| !finding.is_error());
    all.list
}

/// What was found so far.
struct Findings<'a> {
    words: &'a Words<'a>,
    list: Vec<Finding>,
    /// Errors that are said with another of their kind: what they are about.
    said_with_others: Vec<(Check, Vec<ClassId>)>,
    same_sort: usize,
}

impl<'a> Findings<'a> {
    /// One check; of many findings of one sort the first are kept, the others counted.
    fn sort(&mut self, check: fn(&mut Findings<'a>)) {
        let first = self.list.len();
        self.same_sort = 0;
        check(self);
        let more = self.same_sort.saturating_sub(SHOWN);
        if let (Some(last), true) = (self.list.get_mut(first..).and_then(<[_]>::last_mut), more > 0) {
            last.text += &format!(" (and {more} more of this kind)");
        }
    }

    fn problem(&self) -> &'a Problem {
        self.words.problem
    }

    fn add(&mut self, finding: Finding) {
        self.same_sort += 1;
        if self.same_sort <= SHOWN {
            self.list.push(finding);
        }
    }

    /// Whether errors of a kind are among the findings that are about no other classes than these.
    fn has_within(&self, check: Check, classes: &[u32]) -> bool {
        self.count_within(check, classes) > 0
    }

    /// How many of them.
    fn count_within(&self, check: Check, classes: &[u32]) -> u64 {
        let of_list = self.list.iter().filter(|f| f.is_error()).map(|f| (f.check, &f.classes));
        let all = of_list.chain(self.said_with_others.iter().map(|(check, classes)| (*check, classes)));
        let is_within =
            |&(of, about): &(Check, &Vec<ClassId>)| of == check && about.iter().all(|c| classes.contains(&c.0));
        all.filter(is_within).count() as u64
    }

    /// The constraints that must hold.
    fn hard(&self) -> impl Iterator<Item = ConstraintId> + use<'a> {
        let problem = self.problem();
        let all = (0..problem.constraints().len()).map(ConstraintId::new);
        all.filter(|id| problem.constraints()[id.index()].hard == 1)
    }

    /// The classes of a constraint, each once.
    fn members(&self, id: ConstraintId) -> Vec<u32> {
        let mut classes = self.problem().classes_of(id).to_vec();
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}
