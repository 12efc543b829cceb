//! Students who may be given other classes of what they ask for.

use super::FreeClass;
use super::pairs;
use super::subproblem::{FixedAt, Subproblem};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, CpModelBuilder};
use cp_sat::proto::CpSolverResponse;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use timetable::{ClassId, NONE, RequestId, RoomId, can_attend_both};

/// What a student may be given for one request: seats in classes.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) request: RequestId,
    configs: Vec<(u32, BoolVar)>,
    pub(super) seats: Vec<Seat>,
    /// How many places the request has.
    places: usize,
}

/// A class that a student may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) class: u32,
    /// Its configuration, and the place of its subpart in that.
    config: u32,
    place: usize,
    pub(super) var: BoolVar,
}

impl Open {
    /// Where to begin: what the student takes.
    pub(super) fn hint(&self, taken: &[u32], model: &mut CpModelBuilder) {
        for seat in &self.seats {
            model.add_hint(seat.var, i64::from(taken.contains(&seat.class)));
        }
        for &(config, chosen) in &self.configs {
            let is_taken = self.seats.iter().any(|seat| seat.config == config && taken.contains(&seat.class));
            model.add_hint(chosen, i64::from(is_taken));
        }
    }

    /// What a solution gives the student, one class a place.
    pub(super) fn read(&self, response: &CpSolverResponse) -> Vec<u32> {
        let mut taken = vec![NONE; self.places];
        for seat in self.seats.iter().filter(|seat| seat.var.solution_value(response)) {
            taken[seat.place] = seat.class;
        }
        taken
    }
}

/// Whether nobody can attend two classes.
#[derive(Clone, Copy, Debug)]
enum Conflict {
    Never,
    Always,
    Where(BoolVar),
}

/// Writes all requests that are open: a proper choice for each, no class above its limit, and what
/// conflicts cost.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) -> Vec<Open> {
    let open: Vec<Open> = subproblem.requests.iter().map(|&request| choose(subproblem, request, writer)).collect();
    limit(subproblem, &open, writer);
    let mut conflicts = ConflictVars { subproblem, free, known: FxHashMap::default() };
    let mut of_student: BTreeMap<u32, Vec<&Open>> = BTreeMap::new();
    for open in &open {
        of_student.entry(subproblem.problem.requests()[open.request.index()].student).or_default().push(open);
    }
    for (student, open) in of_student {
        if writer.is_full() {
            break;
        }
        conflicts.charge(student, &open, writer);
    }
    open
}

/// One configuration, one class of each of its subparts, each with its parent.
fn choose(subproblem: &Subproblem<'_, '_>, request: RequestId, writer: &mut Writer) -> Open {
    let problem = subproblem.problem;
    let course = &problem.courses()[problem.requests()[request.index()].course as usize];
    let mut seats: Vec<Seat> = Vec::new();
    let mut configs = Vec::new();
    for config in course.configs.indexes() {
        let chosen = writer.boolean();
        configs.push((config, chosen));
        let subparts = problem.configs()[config as usize].subparts.indexes();
        for (place, subpart) in subparts.enumerate() {
            let first = seats.len();
            for class in problem.subparts()[subpart as usize].classes.indexes() {
                seats.push(Seat { class, config, place, var: writer.boolean() });
            }
            writer.one_of_where(seats[first..].iter().map(|seat| seat.var), chosen);
        }
    }
    writer.exactly(configs.iter().map(|&(_, chosen)| chosen), 1);
    for seat in &seats {
        let parent = problem.classes()[seat.class as usize].parent;
        if let Some(parent) = seats.iter().find(|other| other.class == parent) {
            writer.implies(seat.var, parent.var);
        }
    }
    Open { request, configs, seats, places: subproblem.board.taken(request).len() }
}

/// No class gets more students than it may have, or than it has where these are too many.
fn limit(subproblem: &Subproblem<'_, '_>, open: &[Open], writer: &mut Writer) {
    let mut takers: BTreeMap<u32, (Vec<BoolVar>, i64)> = BTreeMap::new();
    for open in open {
        let now = subproblem.board.taken(open.request);
        for seat in &open.seats {
            let (takers, there) = takers.entry(seat.class).or_default();
            takers.push(seat.var);
            *there += i64::from(now.contains(&seat.class));
        }
    }
    for (class, (takers, there)) in takers {
        let Some(limit) = subproblem.problem.classes()[class as usize].limit() else { continue };
        let others = subproblem.board.students_of(ClassId(class)).len() as i64 - there;
        let most = (i64::from(limit) - others).max(there);
        if most < takers.len() as i64 {
            writer.at_most(sum(takers), most);
        }
    }
}

/// Which pairs of classes cannot both be attended, each written once.
struct ConflictVars<'a, 'p> {
    subproblem: &'a Subproblem<'a, 'p>,
    free: &'a [FreeClass],
    known: FxHashMap<(u32, u32), Conflict>,
}

impl ConflictVars<'_, '_> {
    /// Charges the pairs of a student's classes of which one at least comes of a request that is
    /// open.
    fn charge(&mut self, student: u32, open: &[&Open], writer: &mut Writer) {
        let problem = self.subproblem.problem;
        let cost = i64::from(problem.meta().student_weight);
        let requests = problem.students()[student as usize].requests.indexes().map(RequestId);
        let settled: Vec<u32> = requests
            .filter(|&request| !self.subproblem.is_open(request))
            .flat_map(|request| self.subproblem.board.taken(request))
            .copied()
            .filter(|&class| class != NONE)
            .collect();
        for (i, mine) in open.iter().enumerate() {
            for (k, seat) in mine.seats.iter().enumerate() {
                for &other in &settled {
                    self.pair(seat, (other, None), cost, writer);
                }
                // Of one request only what can be taken together.
                let beside = |other: &&Seat| other.config == seat.config && other.place != seat.place;
                for other in mine.seats[k + 1..].iter().filter(beside) {
                    self.pair(seat, (other.class, Some(other.var)), cost, writer);
                }
                for other in open[i + 1..].iter().flat_map(|open| &open.seats) {
                    self.pair(seat, (other.class, Some(other.var)), cost, writer);
                }
            }
        }
    }

    fn pair(&mut self, seat: &Seat, (other, var): (u32, Option<BoolVar>), cost: i64, writer: &mut Writer) {
        if seat.class == other {
            return;
        }
        let overlap = match self.of(seat.class, other, writer) {
            Conflict::Never => return,
            Conflict::Always => None,
            Conflict::Where(overlap) => Some(overlap),
        };
        if var.is_none() && overlap.is_none() {
            writer.charge(seat.var, cost, 1);
            return;
        }
        let conflict = writer.boolean();
        writer.charge(conflict, cost, 1);
        writer.any([!seat.var, conflict].into_iter().chain(var.map(|var| !var)).chain(overlap.map(|overlap| !overlap)));
    }

    fn of(&mut self, a: u32, b: u32, writer: &mut Writer) -> Conflict {
        let key = (a.min(b), a.max(b));
        if let Some(&conflict) = self.known.get(&key) {
            return conflict;
        }
        let subproblem = self.subproblem;
        let conflict = match (subproblem.number(key.0), subproblem.number(key.1)) {
            (Some(x), Some(y)) => pairs::conflict(subproblem, &self.free[x], &self.free[y], writer)
                .map_or(Conflict::Never, Conflict::Where),
            (Some(x), None) => with_held(subproblem, &self.free[x], subproblem.at(ClassId(key.1)), writer),
            (None, Some(y)) => with_held(subproblem, &self.free[y], subproblem.at(ClassId(key.0)), writer),
            (None, None) => match (subproblem.at(ClassId(a)), subproblem.at(ClassId(b))) {
                (Some(x), Some(y))
                    if !can_attend_both(subproblem.problem, subproblem.meeting(x), subproblem.meeting(y)) =>
                {
                    Conflict::Always
                }
                _ => Conflict::Never,
            },
        };
        self.known.insert(key, conflict);
        conflict
    }
}

/// Where a free class cannot be attended beside one that stays.
fn with_held(subproblem: &Subproblem<'_, '_>, free: &FreeClass, at: Option<FixedAt>, writer: &mut Writer) -> Conflict {
    let Some(at) = at else { return Conflict::Never };
    let held = subproblem.meeting(at);
    let mut conflict = None;
    for time in &free.times {
        let mine = subproblem.anywhere(time.id);
        if !can_attend_both(subproblem.problem, mine, held) {
            let conflict = *conflict.get_or_insert_with(|| writer.boolean());
            writer.implies(time.var, conflict);
        } else if subproblem.links.longest_walk > 0 && at.room.is_some() && mine.time.shares_day(held.time) {
            for room in &free.rooms {
                if !can_attend_both(
                    subproblem.problem,
                    timetable::Meeting { room: Some(RoomId(room.id)), ..mine },
                    held,
                ) {
                    let conflict = *conflict.get_or_insert_with(|| writer.boolean());
                    writer.any([!time.var, !room.var, conflict]);
                }
            }
        }
    }
    conflict.map_or(Conflict::Never, Conflict::Where)
}
