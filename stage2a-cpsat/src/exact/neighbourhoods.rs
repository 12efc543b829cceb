//! Which classes are to be freed together: a choice among ways to choose, by what each has brought
//! lately.

use crate::model::Links;
use moves::Rng;
use timetable::{Board, ClassId, ConstraintId, NONE, Placement, Problem, RequestId, StudentId};

/// A way to choose classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// Around a class that costs much: those that constraints and students tie to it.
    Costly,
    /// Around any class.
    Near,
    /// All classes of constraints that hang together, from a class that costs much.
    Whole,
    /// A class that costs much, others of a soft constraint, and those in the way of where any of
    /// them could go.
    Blocked,
    /// A cluster, or part of it.
    Cluster,
    /// Classes of one day.
    Day,
    /// All classes of a few rooms.
    Room,
    /// Any.
    Any,
}

impl Selection {
    const ALL: [Selection; 8] = [
        Selection::Costly,
        Selection::Near,
        Selection::Whole,
        Selection::Blocked,
        Selection::Cluster,
        Selection::Day,
        Selection::Room,
        Selection::Any,
    ];
}

/// A way, and whether students of the classes may be given others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    way: Selection,
    pub(super) with_students: bool,
}

/// How one choice has done.
#[derive(Clone, Copy, Debug)]
struct Record {
    choice: Choice,
    /// Lately gained for each second of search, fading.
    worth: f64,
    /// Classes at a time.
    size: f64,
}

/// Classes at a time at least.
const LEAST: f64 = 4.0;
/// What is solved in no time in one way is tried in all others, with so much of its size.
const LIFT: f64 = 0.6;
/// So many places in a row in whose way nobody new is.
const IN_VAIN: u32 = 50;
/// Picks that make a neighbourhood at most.
const PICKS: usize = 8;

/// Chooses neighbourhoods.
#[derive(Debug)]
pub(super) struct Neighbourhoods {
    records: Vec<Record>,
    clusters: Vec<Vec<u32>>,
    of: Vec<u32>,
    /// Classes at a time at most.
    most: f64,
}

impl Neighbourhoods {
    /// With so many classes at first, and at most; with students too, where they have a choice.
    pub(super) fn new(
        clusters: Vec<Vec<u32>>,
        problem: &Problem,
        (first, most): (usize, usize),
        students: bool,
    ) -> Neighbourhoods {
        let mut of = vec![0; problem.classes().len()];
        for (i, members) in clusters.iter().enumerate() {
            members.iter().for_each(|&class| of[class as usize] = i as u32);
        }
        let selections = Selection::ALL.into_iter().filter(|way| *way != Selection::Cluster || clusters.len() > 1);
        let both = |way| [false, true].map(|with_students| Choice { way, with_students });
        let choices = selections.flat_map(both).filter(|choice| students || !choice.with_students);
        let records = choices.map(|choice| Record { choice, worth: 1.0, size: first as f64 }).collect();
        Neighbourhoods { records, clusters, of, most: most.min(problem.classes().len()) as f64 }
    }

    /// Classes to be freed, none of which is `taken`, and the way in which they were chosen.
    pub(super) fn choose(
        &self,
        board: &mut Board<'_>,
        links: &Links,
        taken: &dyn Fn(ClassId) -> bool,
        rng: &mut Rng,
    ) -> (Choice, Vec<ClassId>) {
        // One in five at random, so that a way that has brought nothing lately is tried again.
        let record = if rng.below(5) == 0 {
            self.records[rng.below(self.records.len())]
        } else {
            let all: f64 = self.records.iter().map(|r| r.worth + 1e-9).sum();
            let mut point = all * rng.below(1 << 30) as f64 / f64::from(1 << 30);
            let chosen = self.records.iter().find(|r| {
                point -= r.worth + 1e-9;
                point <= 0.0
            });
            *chosen.unwrap_or(&self.records[0])
        };
        let most = (record.size as usize).min(board.problem().classes().len());
        let mut classes = match record.choice.way {
            Selection::Costly => {
                let costs = Costs::of(board);
                filled(most, || near(board, links, costs.draw(rng), most, rng))
            }
            Selection::Near => filled(most, || near(board, links, any(board.problem(), rng), most, rng)),
            Selection::Whole => {
                let costs = Costs::of(board);
                filled(most, || whole(board, links, costs.draw(rng), most, rng))
            }
            Selection::Blocked => {
                let costs = Costs::of(board);
                filled(most, || blocked(board, links, costs.draw(rng), most, rng))
            }
            Selection::Cluster => self.cluster(board.problem(), most, rng),
            Selection::Day => of_day(board, most, rng),
            Selection::Room => filled(most, || of_room(board, rng)),
            Selection::Any => (0..most).map(|_| any(board.problem(), rng)).collect(),
        };
        classes.retain(|&class| !taken(class));
        classes.sort_unstable();
        classes.dedup();
        (record.choice, classes)
    }

    /// Learns from an answer: what it gained, how much of its time the search took, whether it came
    /// to an end by itself.
    pub(super) fn learn(&mut self, choice: Choice, gained: f64, share_of_time: f64, ended: bool) {
        if let Some(record) = self.records.iter_mut().find(|r| r.choice == choice) {
            record.worth = 0.8 * record.worth + 0.2 * gained / share_of_time.max(0.02);
            let factor = match ended {
                true if share_of_time < 0.05 => 1.5,
                true if share_of_time < 0.15 => 1.25,
                true if share_of_time < 0.3 => 1.12,
                true => 1.02,
                false => 0.9,
            };
            record.size = (record.size * factor).min(self.most).max(LEAST);
            let lifted = if factor > 1.2 { LIFT * record.size } else { 0.0 };
            let alike = self.records.iter_mut().filter(|r| r.choice.with_students == choice.with_students);
            alike.for_each(|r| r.size = r.size.max(lifted));
        }
        // Worth is compared, never read: kept in range.
        let most = self.records.iter().map(|r| r.worth).fold(1e-6, f64::max);
        self.records.iter_mut().for_each(|r| r.worth = (r.worth / most).max(0.02));
    }

    /// The model of a neighbourhood would have been too large.
    pub(super) fn was_too_large(&mut self, choice: Choice) {
        if let Some(record) = self.records.iter_mut().find(|r| r.choice == choice) {
            record.size = (0.7 * record.size).max(LEAST);
        }
    }

    /// How the ways stand, for the log.
    pub(super) fn summary(&self) -> String {
        let one = |r: &Record| {
            let students = if r.choice.with_students { "+" } else { "" };
            format!("{:?}{students} {:.2} of {:.0}", r.choice.way, r.worth, r.size)
        };
        self.records.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn cluster(&self, problem: &Problem, most: usize, rng: &mut Rng) -> Vec<ClassId> {
        let members = &self.clusters[self.of[any(problem, rng).index()] as usize];
        let mut members: Vec<ClassId> = members.iter().map(|&class| ClassId(class)).collect();
        rng.shuffle(&mut members);
        members.truncate(most);
        members
    }
}

fn any(problem: &Problem, rng: &mut Rng) -> ClassId {
    ClassId::new(rng.below(problem.classes().len()))
}

/// What the timetable would gain without each class.
struct Costs {
    /// Of a class and all before it.
    sums: Vec<u64>,
    /// Classes that are not placed or break a hard rule.
    urgent: Vec<ClassId>,
}

impl Costs {
    fn of(board: &mut Board<'_>) -> Costs {
        let problem = board.problem();
        let mut costs = Costs { sums: Vec::with_capacity(problem.classes().len()), urgent: Vec::new() };
        let mut sum = 0;
        for class in problem.class_ids() {
            let without = board.delta(class, Placement::NOWHERE);
            if !board.placement(class).is_placed() || without.hard < 0 {
                costs.urgent.push(class);
            }
            sum += (-without.penalty).max(0) as u64;
            costs.sums.push(sum);
        }
        costs
    }

    /// An urgent class, where there is one, otherwise any: the more it costs, the more likely.
    fn draw(&self, rng: &mut Rng) -> ClassId {
        if !self.urgent.is_empty() {
            return self.urgent[rng.below(self.urgent.len())];
        }
        match self.sums.last() {
            None | Some(0) => ClassId::new(rng.below(self.sums.len())),
            Some(&sum) => {
                // Chance has 32 bits.
                let point = ((u128::from(sum) * rng.below(1 << 30) as u128) >> 30) as u64;
                ClassId::new(self.sums.partition_point(|&sum| sum <= point))
            }
        }
    }
}

/// As many classes as wanted, of one pick or of a few.
fn filled(most: usize, mut pick: impl FnMut() -> Vec<ClassId>) -> Vec<ClassId> {
    let mut found = Vec::new();
    for _ in 0..PICKS {
        if found.len() >= most {
            break;
        }
        for class in pick() {
            if found.len() < most && !found.contains(&class) {
                found.push(class);
            }
        }
    }
    found
}

/// A walk from class to class over constraints and students.
fn near(board: &Board<'_>, links: &Links, first: ClassId, most: usize, rng: &mut Rng) -> Vec<ClassId> {
    let problem = board.problem();
    let mut found = vec![first];
    for _ in 0..most * 6 {
        if found.len() >= most {
            break;
        }
        let from = found[rng.below(found.len())];
        let constraints = links.of(from);
        let students = board.students_of(from);
        let next = if !constraints.is_empty() && (students.is_empty() || rng.below(2) == 0) {
            let members = problem.classes_of(ConstraintId(constraints[rng.below(constraints.len())]));
            (!members.is_empty()).then(|| ClassId(members[rng.below(members.len())]))
        } else if !students.is_empty() {
            let requests = problem.students()[StudentId(students[rng.below(students.len())]).index()].requests;
            let taken = board.taken(RequestId(requests.first + rng.below(requests.len.max(1) as usize) as u32));
            let taken: Vec<u32> = taken.iter().copied().filter(|&class| class != NONE).collect();
            (!taken.is_empty()).then(|| ClassId(taken[rng.below(taken.len())]))
        } else {
            Some(any(problem, rng))
        };
        if let Some(next) = next.filter(|next| !found.contains(next)) {
            found.push(next);
        }
    }
    found
}

/// A walk from class to class over constraints, each of which is taken with all its classes.
fn whole(board: &Board<'_>, links: &Links, first: ClassId, most: usize, rng: &mut Rng) -> Vec<ClassId> {
    let problem = board.problem();
    let mut found = vec![first];
    let mut is_found = vec![false; problem.classes().len()];
    is_found[first.index()] = true;
    for _ in 0..most {
        let constraints = links.of(found[rng.below(found.len())]);
        if found.len() >= most || constraints.is_empty() {
            break;
        }
        let mut members = problem.classes_of(ConstraintId(constraints[rng.below(constraints.len())])).to_vec();
        rng.shuffle(&mut members);
        members.retain(|&class| !std::mem::replace(&mut is_found[class as usize], true));
        found.extend(members.into_iter().map(ClassId));
    }
    found.truncate(most);
    found
}

/// A class, others of one of its soft constraints, and whatever is in the way of places where
/// these, or those in their way, could go.
fn blocked(board: &mut Board<'_>, links: &Links, first: ClassId, most: usize, rng: &mut Rng) -> Vec<ClassId> {
    let problem = board.problem();
    let mut found = vec![first];
    let mut is_found = vec![false; problem.classes().len()];
    is_found[first.index()] = true;
    let soft: Vec<u32> =
        links.of(first).iter().copied().filter(|&k| problem.constraints()[k as usize].hard == 0).collect();
    if !soft.is_empty() {
        let mut members = problem.classes_of(ConstraintId(soft[rng.below(soft.len())])).to_vec();
        rng.shuffle(&mut members);
        members.truncate(most / 2);
        members.retain(|&class| !std::mem::replace(&mut is_found[class as usize], true));
        found.extend(members.into_iter().map(ClassId));
    }
    let (mut way, mut in_vain) = (Vec::new(), 0);
    while found.len() < most && in_vain < IN_VAIN {
        let class = found[rng.below(found.len())];
        let (times, rooms) = (problem.times_of(class).len(), problem.rooms_of(class).len());
        let room = if rooms == 0 { Placement::NO_ROOM } else { rng.below(rooms) as u16 };
        board.conflicting_classes(class, Placement { time: rng.below(times) as u16, room }, &mut way);
        way.retain(|c| !std::mem::replace(&mut is_found[c.index()], true));
        in_vain = if way.is_empty() { in_vain + 1 } else { 0 };
        found.append(&mut way);
    }
    found.truncate(most);
    found
}

/// Classes that are held on a day, in any order.
fn of_day(board: &Board<'_>, most: usize, rng: &mut Rng) -> Vec<ClassId> {
    let problem = board.problem();
    let day = rng.below(problem.meta().days as usize);
    let on_day = |&class: &ClassId| {
        let at = board.placement(class);
        at.is_placed() && {
            let time = problem.times_of(class)[usize::from(at.time)].time();
            problem.times()[time.index()].days >> day & 1 == 1
        }
    };
    let mut classes: Vec<ClassId> = problem.class_ids().filter(on_day).collect();
    rng.shuffle(&mut classes);
    classes.truncate(most);
    classes
}

/// Classes that are held in a room, in any order.
fn of_room(board: &Board<'_>, rng: &mut Rng) -> Vec<ClassId> {
    let problem = board.problem();
    if problem.rooms().is_empty() {
        return Vec::new();
    }
    let room = rng.below(problem.rooms().len()) as u32;
    let inside = |&class: &ClassId| {
        let at = board.placement(class);
        at.is_placed() && at.room != Placement::NO_ROOM && problem.rooms_of(class)[usize::from(at.room)].room == room
    };
    let mut classes: Vec<ClassId> = problem.class_ids().filter(inside).collect();
    rng.shuffle(&mut classes);
    classes
}
