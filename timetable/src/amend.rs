//! A problem with something changed, and a timetable carried over to it: a room is closed, somebody
//! is away, classes come and go.

use crate::block::BlockError;
use crate::builder::{ClassSpec, ConstraintSpec, Meta, ProblemBuilder};
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::{Placement, Timetable};
use crate::problem::Problem;
use crate::rows::TimeRow;
use std::cmp::Ordering;

/// Who attends a class that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// Students may choose it instead of the others of this subpart.
    Section(SubpartId),
    /// Everyone who takes this configuration takes it, too.
    Everyone(ConfigId),
    /// No student: it is a course of its own.
    Nobody,
}

/// A class to be added.
#[derive(Clone, Debug)]
pub struct NewClass {
    /// Its name.
    pub name: String,
    /// Who attends it.
    pub joins: Attendance,
    /// Most students, if limited.
    pub limit: Option<u32>,
    /// Times at which it can be held, each with its penalty; at least one.
    pub times: Vec<(TimeRow, u32)>,
    /// Rooms in which it can be held, each with its penalty; empty where it needs none.
    pub rooms: Vec<(RoomId, u32)>,
    /// Constraints that are about it, too.
    pub constraints: Vec<ConstraintId>,
}

/// Whether a kind is about the people of its classes: teachers, curricula, attendees.
fn is_about_people(kind: Kind) -> bool {
    match kind {
        Kind::SameAttendees | Kind::TeacherClash | Kind::CurriculumClash => true,
        Kind::MaxDays | Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps => true,
        Kind::Availability => true,
        Kind::SameStart
        | Kind::SameTime
        | Kind::DifferentTime
        | Kind::SameDays
        | Kind::DifferentDays
        | Kind::SameWeeks
        | Kind::DifferentWeeks
        | Kind::SameRoom
        | Kind::DifferentRoom
        | Kind::Overlap
        | Kind::NotOverlap
        | Kind::Precedence
        | Kind::WorkDay
        | Kind::MinGap => false,
        Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::RoomStability | Kind::FixedPlacement => false,
        student_kinds!() => false,
    }
}

impl NewClass {
    /// A class that can be held when and where another can, with its limit and its people:
    /// teachers, curricula, attendees.
    pub fn like(problem: &Problem, class: ClassId, name: &str, joins: Attendance) -> NewClass {
        let constraints = (0..problem.constraints().len() as u32).map(ConstraintId);
        NewClass {
            name: name.into(),
            joins,
            limit: problem.classes()[class.index()].limit(),
            times: problem.times_of(class).iter().map(|t| (problem.times()[t.time as usize], t.penalty)).collect(),
            rooms: problem.rooms_of(class).iter().map(|r| (RoomId(r.room), r.penalty)).collect(),
            constraints: constraints
                .filter(|&c| is_about_people(problem.kind_of(c)) && problem.classes_of(c).contains(&class.0))
                .collect(),
        }
    }
}

/// Somebody who cannot be there.
#[derive(Clone, Debug)]
pub struct Absence {
    /// Who.
    pub name: String,
    /// The classes that cannot be held without them,
    pub classes: Vec<ClassId>,
    /// and those added that these constraints are about.
    pub constraints: Vec<ConstraintId>,
    /// When.
    pub when: TimeRow,
}

/// Times, with their penalties, and rooms that a class can have from now on, after those that it
/// could have.
#[derive(Clone, Debug)]
pub struct Widened {
    /// Which class.
    pub class: ClassId,
    /// Times more.
    pub times: Vec<(TimeRow, u32)>,
    /// Rooms more, at no cost.
    pub rooms: Vec<RoomId>,
}

/// What changes.
#[derive(Clone, Debug, Default)]
pub struct Amendments {
    /// Classes that can be held at more times, or in more rooms.
    pub widened: Vec<Widened>,
    /// Rooms that cannot be used, and when.
    pub closed: Vec<(RoomId, TimeRow)>,
    /// Who is away.
    pub away: Vec<Absence>,
    /// Classes that have to stay where they are.
    pub pinned: Vec<(ClassId, Placement)>,
    /// Classes that are to be held at one of their times, by its position.
    pub moved: Vec<(ClassId, u16)>,
    /// Classes that cannot be held at this of their times any more, by its position, nor at what
    /// overlaps it.
    pub without_time: Vec<(ClassId, u16)>,
    /// Classes that cannot be held in this of their rooms any more, by its position, where they
    /// have others: those after it come one position before.
    pub without_room: Vec<(ClassId, u16)>,
    /// Classes that are not held any more.
    pub cancelled: Vec<ClassId>,
    /// Classes that are held from now on.
    pub added: Vec<NewClass>,
    /// Constraints that need not hold any more.
    pub lifted: Vec<ConstraintId>,
    /// Nothing costs anything any more: what is left are the hard rules.
    pub costless: bool,
}

/// A changed problem, with what became of the classes and requests of the one before.
#[derive(Debug)]
pub struct Amended {
    /// The problem as it is now.
    pub problem: Problem,
    /// By class before: the class now, or [`NONE`].
    classes: Vec<u32>,
    /// By class added, in the order given: the class now.
    added: Vec<ClassId>,
    /// Those of them that everyone takes who took this configuration.
    attended: Vec<(ConfigId, ClassId)>,
    /// By request now: the request before.
    requests: Vec<u32>,
    /// Rooms that are not in the lists of classes any more: the class before, and the position.
    without_room: Vec<(ClassId, u16)>,
}

impl Amended {
    /// The class that this class has become; `None` where it was cancelled.
    pub fn class(&self, before: ClassId) -> Option<ClassId> {
        let now = self.classes[before.index()];
        (now != NONE).then_some(ClassId(now))
    }

    /// The classes that were added, in the order given.
    pub fn added(&self) -> &[ClassId] {
        &self.added
    }

    /// A timetable of the problem before as one of this problem: all that is still there stays
    /// where it was, what is new is not placed, and whoever took a configuration takes what was
    /// added to it.
    pub fn carry(&self, before: &Problem, timetable: &Timetable) -> Timetable {
        let now = &self.problem;
        let mut carried = Timetable::empty(now);
        for (&class, &placement) in self.classes.iter().zip(&timetable.placements) {
            if class != NONE {
                carried.placements[class as usize] = placement;
            }
        }
        for &(before, gone) in &self.without_room {
            if let Some(class) = self.class(before) {
                let at = &mut carried.placements[class.index()];
                match at.room.cmp(&gone) {
                    _ if at.room == Placement::NO_ROOM => {}
                    Ordering::Less => {}
                    Ordering::Equal => *at = Placement::NOWHERE,
                    Ordering::Greater => at.room -= 1,
                }
            }
        }
        for (request, &was) in now.requests().iter().zip(&self.requests) {
            let taken = &timetable.enrolment[before.requests()[was as usize].slots.range()];
            // A timetable may say anything of who takes what; only classes of the course are
            // carried over.
            let mine = |class: u32| class != NONE && now.course_of(ClassId(class)).0 == request.course;
            let mut take = |class: u32| {
                let first = now.configs()[now.config_of(ClassId(class)).index()].subparts.first;
                let place = now.classes()[class as usize].subpart - first;
                carried.enrolment[(request.slots.first + place) as usize] = class;
            };
            let still = taken.iter().filter(|&&c| c != NONE).map(|&c| self.classes[c as usize]);
            still.filter(|&class| mine(class)).for_each(&mut take);
            let config = taken.iter().find(|&&c| c != NONE).map(|&c| before.config_of(ClassId(c)));
            let more = self.attended.iter().filter(|(of, class)| config == Some(*of) && mine(class.0));
            more.for_each(|(_, class)| take(class.0));
        }
        carried
    }
}

/// The problem with these changes. What is left of it keeps its order; a class, its times and its
/// rooms keep theirs, so that placements mean what they did. Subparts, configurations and
/// constraints of which every class is cancelled go, and so do requests for such courses.
///
/// # Errors
/// What is out of range.
pub fn amend(problem: &Problem, changes: &Amendments) -> Result<Amended, BlockError> {
    let mut meta = Meta::of(problem);
    if changes.costless {
        (meta.time_weight, meta.room_weight, meta.distribution_weight, meta.student_weight) = (0, 0, 0, 0);
    }
    let mut b = ProblemBuilder::new(meta);
    // Times that are there keep their numbers.
    let times: Vec<TimeId> = problem.times().iter().map(|&t| b.time_of(t)).collect();
    rooms(problem, changes, &times, &mut b);
    let (classes, added, gone) = classes(problem, changes, &times, &mut b);
    constraints(problem, changes, &times, &classes, &added, &mut b);
    let requests = students(problem, &gone, &mut b);
    let attends = |(new, &class): (&NewClass, &ClassId)| match new.joins {
        Attendance::Everyone(config) => Some((config, class)),
        _ => None,
    };
    let attended = changes.added.iter().zip(&added).filter_map(attends).collect();
    let without_room = changes.without_room.clone();
    Ok(Amended { problem: b.build()?, classes, added, attended, requests, without_room })
}

fn rooms(problem: &Problem, changes: &Amendments, times: &[TimeId], b: &mut ProblemBuilder) {
    for (i, room) in problem.rooms().iter().enumerate() {
        let id = RoomId::new(i);
        let mut unavailable: Vec<TimeId> = problem.unavailable_of(id).iter().map(|&t| times[t as usize]).collect();
        for (_, when) in changes.closed.iter().filter(|(closed, _)| *closed == id) {
            unavailable.push(b.time_of(*when));
        }
        let features = problem.room_features()[room.features.range()].iter().map(|&f| problem.name(f));
        b.room(problem.name(room.name), room.capacity, &unavailable, &features.collect::<Vec<_>>());
    }
    let n = problem.rooms().len();
    for (at, &slots) in problem.travel().iter().enumerate() {
        if at / n < at % n {
            b.travel(RoomId::new(at / n), RoomId::new(at % n), slots);
        }
    }
}

/// By class before, the class now; the classes added; by course, whether nothing is left of it.
fn classes(
    problem: &Problem,
    changes: &Amendments,
    times: &[TimeId],
    b: &mut ProblemBuilder,
) -> (Vec<u32>, Vec<ClassId>, Vec<bool>) {
    let mut now = vec![NONE; problem.classes().len()];
    let mut added = vec![ClassId(NONE); changes.added.len()];
    let mut gone = vec![false; problem.courses().len()];
    let mut cancelled = vec![false; problem.classes().len()];
    changes.cancelled.iter().for_each(|c| cancelled[c.index()] = true);
    let mut add = |b: &mut ProblemBuilder, k: usize| {
        let new = &changes.added[k];
        let times: Vec<_> = new.times.iter().map(|(when, penalty)| (b.time_of(*when), *penalty)).collect();
        added[k] = b.class(ClassSpec { name: &new.name, limit: new.limit, times: &times, rooms: &new.rooms });
    };
    let joining = |joins: Attendance| (0..changes.added.len()).filter(move |&k| changes.added[k].joins == joins);
    for (i, course) in problem.courses().iter().enumerate() {
        b.course(problem.name(course.name));
        let mut configs = 0;
        for g in course.configs.indexes() {
            let config = &problem.configs()[g as usize];
            let left = |s: u32| {
                let classes = problem.classes_in(SubpartId(s));
                let stay = classes.clone().any(|c| !cancelled[c as usize]);
                classes.is_empty() || stay || joining(Attendance::Section(SubpartId(s))).next().is_some()
            };
            let subparts: Vec<u32> = config.subparts.indexes().filter(|&s| left(s)).collect();
            let everyone: Vec<usize> = joining(Attendance::Everyone(ConfigId(g))).collect();
            if subparts.is_empty() && everyone.is_empty() && config.subparts.len > 0 {
                continue;
            }
            configs += 1;
            b.config(problem.name(config.name));
            for s in subparts {
                b.subpart(problem.name(problem.subparts()[s as usize].name));
                for c in problem.classes_in(SubpartId(s)).filter(|&c| !cancelled[c as usize]) {
                    let (class, row) = (ClassId(c), &problem.classes()[c as usize]);
                    let at = problem.times_of(class).iter().map(|t| (times[t.time as usize], t.penalty));
                    let gone = |k: u16| changes.without_room.contains(&(class, k));
                    let rooms = (0..).zip(problem.rooms_of(class)).filter(|&(k, _)| !gone(k));
                    let rooms = rooms.map(|(_, r)| (RoomId(r.room), r.penalty));
                    let (mut at, mut rooms): (Vec<_>, Vec<_>) = (at.collect(), rooms.collect());
                    for more in changes.widened.iter().filter(|more| more.class == class) {
                        at.extend(more.times.iter().map(|&(t, penalty)| (b.time_of(t), penalty)));
                        rooms.extend(more.rooms.iter().map(|&r| (r, 0)));
                    }
                    let spec =
                        ClassSpec { name: problem.name(row.name), limit: row.limit(), times: &at, rooms: &rooms };
                    now[c as usize] = b.class(spec).0;
                }
                joining(Attendance::Section(SubpartId(s))).for_each(|k| add(b, k));
            }
            for k in everyone {
                b.subpart(&changes.added[k].name);
                add(b, k);
            }
        }
        gone[i] = configs == 0 && course.configs.len > 0;
    }
    for k in joining(Attendance::Nobody) {
        let name = &changes.added[k].name;
        b.course(name);
        b.config(name);
        b.subpart(name);
        add(b, k);
    }
    for (c, row) in problem.classes().iter().enumerate() {
        if now[c] != NONE && row.parent != NONE && now[row.parent as usize] != NONE {
            b.set_parent(ClassId(now[c]), ClassId(now[row.parent as usize]));
        }
    }
    (now, added, gone)
}

fn constraints(
    problem: &Problem,
    changes: &Amendments,
    times: &[TimeId],
    classes: &[u32],
    added: &[ClassId],
    b: &mut ProblemBuilder,
) {
    let now = |of: &[u32]| -> Vec<ClassId> {
        of.iter().map(|&c| classes[c as usize]).filter(|&c| c != NONE).map(ClassId).collect()
    };
    let joining = |id: ConstraintId| {
        changes.added.iter().zip(added).filter(move |(new, _)| new.constraints.contains(&id)).map(|(_, &class)| class)
    };
    for (i, row) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let kind = problem.kind_of(id);
        let mut mine = now(problem.classes_of(id));
        mine.extend(joining(id));
        let lifted = (changes.costless && row.hard == 0) || changes.lifted.contains(&id);
        if lifted || (mine.is_empty() && row.classes.len > 0) {
            continue;
        }
        let mut params = row.params;
        if kind == Kind::FixedPlacement && params[0] != NONE {
            params[0] = times[params[0] as usize].0;
        }
        let at: Vec<TimeId> =
            problem.constraint_times()[row.times.range()].iter().map(|&t| times[t as usize]).collect();
        b.constraint(ConstraintSpec {
            kind,
            name: problem.name(row.name),
            penalty: (row.hard == 0).then_some(row.penalty),
            params: &params[..kind.arity()],
            classes: &mine,
            times: &at,
        });
    }
    for absence in &changes.away {
        let raw: Vec<u32> = absence.classes.iter().map(|c| c.0).collect();
        let (mut mine, when) = (now(&raw), b.time_of(absence.when));
        mine.extend(absence.constraints.iter().flat_map(|&id| joining(id)));
        mine.sort_unstable();
        mine.dedup();
        let (kind, name) = (Kind::Availability, absence.name.as_str());
        if !mine.is_empty() {
            b.constraint(ConstraintSpec { kind, name, penalty: None, params: &[], classes: &mine, times: &[when] });
        }
    }
    let time = |class: ClassId, k: u16| times[problem.times_of(class)[k as usize].time as usize];
    let mut about = |kind: Kind, class: ClassId, params: &[u32], at: &[TimeId]| {
        let (mine, name) = (now(&[class.0]), if kind == Kind::FixedPlacement { "moved" } else { "another way" });
        if !mine.is_empty() {
            b.constraint(ConstraintSpec { kind, name, penalty: None, params, classes: &mine, times: at });
        }
    };
    for &(class, k) in &changes.moved {
        about(Kind::FixedPlacement, class, &[time(class, k).0, NONE], &[]);
    }
    for &(class, k) in &changes.without_time {
        about(Kind::Availability, class, &[], &[time(class, k)]);
    }
    for &(class, at) in &changes.pinned {
        let mine = now(&[class.0]);
        if mine.is_empty() || !at.is_placed() {
            continue;
        }
        let time = times[problem.times_of(class)[at.time as usize].time as usize].0;
        let room = if at.room == Placement::NO_ROOM { NONE } else { problem.rooms_of(class)[at.room as usize].room };
        let (kind, params) = (Kind::FixedPlacement, &[time, room]);
        b.constraint(ConstraintSpec { kind, name: "pinned", penalty: None, params, classes: &mine, times: &[] });
    }
}

/// By request now, the request before.
fn students(problem: &Problem, gone: &[bool], b: &mut ProblemBuilder) -> Vec<u32> {
    let mut requests = Vec::with_capacity(problem.requests().len());
    for student in problem.students() {
        let mine = student.requests.indexes().filter(|&r| !gone[problem.requests()[r as usize].course as usize]);
        let before = requests.len();
        requests.extend(mine);
        let course = |&r: &u32| CourseId(problem.requests()[r as usize].course);
        let courses: Vec<CourseId> = requests[before..].iter().map(course).collect();
        b.student(problem.name(student.name), &courses);
    }
    requests
}
