//! Students who may be given other classes of what they ask for.

use super::Free;
use super::pairs;
use super::scene::{At, Scene};
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
enum Meet {
    Never,
    Always,
    Where(BoolVar),
}

/// Writes all requests that are open: a proper choice for each, no class above its limit, and what conflicts cost.
pub(super) fn write(scene: &Scene<'_, '_>, free: &[Free], writer: &mut Writer) -> Vec<Open> {
    let open: Vec<Open> = scene.requests.iter().map(|&request| choose(scene, request, writer)).collect();
    limit(scene, &open, writer);
    let mut meets = Meets { scene, free, known: FxHashMap::default() };
    let mut of_student: BTreeMap<u32, Vec<&Open>> = BTreeMap::new();
    for open in &open {
        of_student.entry(scene.problem.requests()[open.request.index()].student).or_default().push(open);
    }
    for (student, open) in of_student {
        if writer.is_full() {
            break;
        }
        meets.charge(student, &open, writer);
    }
    open
}

/// One configuration, one class of each of its subparts, each with its parent.
fn choose(scene: &Scene<'_, '_>, request: RequestId, writer: &mut Writer) -> Open {
    let problem = scene.problem;
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
    Open { request, configs, seats, places: scene.board.taken(request).len() }
}

/// No class gets more students than it may have, or than it has where these are too many.
fn limit(scene: &Scene<'_, '_>, open: &[Open], writer: &mut Writer) {
    let mut takers: BTreeMap<u32, (Vec<BoolVar>, i64)> = BTreeMap::new();
    for open in open {
        let now = scene.board.taken(open.request);
        for seat in &open.seats {
            let (takers, there) = takers.entry(seat.class).or_default();
            takers.push(seat.var);
            *there += i64::from(now.contains(&seat.class));
        }
    }
    for (class, (takers, there)) in takers {
        let Some(limit) = scene.problem.classes()[class as usize].limit() else { continue };
        let others = scene.board.students_of(ClassId(class)).len() as i64 - there;
        let most = (i64::from(limit) - others).max(there);
        if most < takers.len() as i64 {
            writer.at_most(sum(takers), most);
        }
    }
}

/// Which pairs of classes cannot both be attended, each written once.
struct Meets<'a, 'p> {
    scene: &'a Scene<'a, 'p>,
    free: &'a [Free],
    known: FxHashMap<(u32, u32), Meet>,
}

impl Meets<'_, '_> {
    /// Charges the pairs of a student's classes of which one at least comes of a request that is open.
    fn charge(&mut self, student: u32, open: &[&Open], writer: &mut Writer) {
        let problem = self.scene.problem;
        let cost = i64::from(problem.meta().student_weight);
        let requests = problem.students()[student as usize].requests.indexes().map(RequestId);
        let settled: Vec<u32> = requests
            .filter(|&request| !self.scene.is_open(request))
            .flat_map(|request| self.scene.board.taken(request))
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
        let meet = match self.of(seat.class, other, writer) {
            Meet::Never => return,
            Meet::Always => None,
            Meet::Where(meet) => Some(meet),
        };
        if var.is_none() && meet.is_none() {
            writer.charge(seat.var, cost, 1);
            return;
        }
        let conflict = writer.boolean();
        writer.charge(conflict, cost, 1);
        writer.any([!seat.var, conflict].into_iter().chain(var.map(|var| !var)).chain(meet.map(|meet| !meet)));
    }

    fn of(&mut self, a: u32, b: u32, writer: &mut Writer) -> Meet {
        let key = (a.min(b), a.max(b));
        if let Some(&meet) = self.known.get(&key) {
            return meet;
        }
        let scene = self.scene;
        let meet = match (scene.number(key.0), scene.number(key.1)) {
            (Some(x), Some(y)) => {
                pairs::meet(scene, &self.free[x], &self.free[y], writer).map_or(Meet::Never, Meet::Where)
            }
            (Some(x), None) => with_held(scene, &self.free[x], scene.at(ClassId(key.1)), writer),
            (None, Some(y)) => with_held(scene, &self.free[y], scene.at(ClassId(key.0)), writer),
            (None, None) => match (scene.at(ClassId(a)), scene.at(ClassId(b))) {
                (Some(x), Some(y)) if !can_attend_both(scene.problem, scene.meeting(x), scene.meeting(y)) => {
                    Meet::Always
                }
                _ => Meet::Never,
            },
        };
        self.known.insert(key, meet);
        meet
    }
}

/// Where a free class cannot be attended beside one that stays.
fn with_held(scene: &Scene<'_, '_>, free: &Free, at: Option<At>, writer: &mut Writer) -> Meet {
    let Some(at) = at else { return Meet::Never };
    let held = scene.meeting(at);
    let mut meet = None;
    for time in &free.times {
        let mine = scene.anywhere(time.id);
        if !can_attend_both(scene.problem, mine, held) {
            let meet = *meet.get_or_insert_with(|| writer.boolean());
            writer.implies(time.var, meet);
        } else if scene.links.longest_walk > 0 && at.room.is_some() && mine.time.shares_day(held.time) {
            for room in &free.rooms {
                if !can_attend_both(scene.problem, timetable::Meeting { room: Some(RoomId(room.id)), ..mine }, held) {
                    let meet = *meet.get_or_insert_with(|| writer.boolean());
                    writer.any([!time.var, !room.var, meet]);
                }
            }
        }
    }
    meet.map_or(Meet::Never, Meet::Where)
}
