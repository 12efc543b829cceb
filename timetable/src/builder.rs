//! Builds a problem, piece by piece and in order: rooms, courses with all they hold, constraints,
//! students.

use crate::block::{Block, BlockError, bytes_of};
use crate::ids::*;
use crate::kind::Kind;
use crate::problem::{Format, Problem};
use crate::rows::*;
use rustc_hash::FxHashMap;

/// Calendar, weights and origin of a problem.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The problem's name.
    pub name: String,
    /// Weeks in the calendar, 1 to 64.
    pub weeks: u32,
    /// Days in a week, 1 to 16.
    pub days: u32,
    /// Slots in a day, 1 to 65,535.
    pub slots: u32,
    /// Factor of the penalties of chosen times.
    pub time_weight: u32,
    /// Factor of the penalties of chosen rooms.
    pub room_weight: u32,
    /// Factor of the penalties of violated soft constraints.
    pub distribution_weight: u32,
    /// Factor of the number of student conflicts.
    pub student_weight: u32,
    /// Whether a student conflict is a hard violation instead.
    pub student_conflicts_hard: bool,
    /// Where the problem came from.
    pub format: Format,
}

impl Meta {
    /// That of a problem.
    pub fn of(problem: &Problem) -> Meta {
        let m = problem.meta();
        Meta {
            name: problem.name(m.name).into(),
            weeks: m.weeks,
            days: m.days,
            slots: m.slots,
            time_weight: m.time_weight,
            room_weight: m.room_weight,
            distribution_weight: m.distribution_weight,
            student_weight: m.student_weight,
            student_conflicts_hard: m.student_conflicts_hard == 1,
            format: problem.format(),
        }
    }
}

/// A class to be added.
#[derive(Clone, Copy, Debug)]
pub struct ClassSpec<'a> {
    /// Its name.
    pub name: &'a str,
    /// Most students, if limited.
    pub limit: Option<u32>,
    /// Times at which it can be held, each with its penalty; at least one.
    pub times: &'a [(TimeId, u32)],
    /// Rooms in which it can be held, each with its penalty; empty where it needs none.
    pub rooms: &'a [(RoomId, u32)],
}

/// A constraint to be added.
#[derive(Clone, Copy, Debug)]
pub struct ConstraintSpec<'a> {
    /// What it asks.
    pub kind: Kind,
    /// Its name, such as a teacher's; may be empty.
    pub name: &'a str,
    /// `None` where it must hold, otherwise the cost of a violation of 1.
    pub penalty: Option<u32>,
    /// The kind's parameters, [`Kind::arity`] of them.
    pub params: &'a [u32],
    /// The classes it is about.
    pub classes: &'a [ClassId],
    /// The times it is about ([`Kind::Availability`]).
    pub times: &'a [TimeId],
}

/// Builds a [`Problem`]. Loaders check their input first; what still is out of range is found by
/// [`ProblemBuilder::build`].
#[derive(Debug)]
pub struct ProblemBuilder {
    meta: MetaRow,
    names: Vec<u8>,
    times: Vec<TimeRow>,
    time_ids: FxHashMap<TimeRow, TimeId>,
    rooms: Vec<RoomRow>,
    room_unavailable: Vec<u32>,
    room_features: Vec<Span>,
    travel: Vec<(u32, u32, u16)>,
    courses: Vec<CourseRow>,
    configs: Vec<ConfigRow>,
    subparts: Vec<SubpartRow>,
    classes: Vec<ClassRow>,
    class_times: Vec<TimeOption>,
    class_rooms: Vec<RoomOption>,
    constraints: Vec<ConstraintRow>,
    constraint_classes: Vec<u32>,
    constraint_times: Vec<u32>,
    students: Vec<StudentRow>,
    requests: Vec<RequestRow>,
    next_slot: u32,
}

fn end<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).expect("fewer than 2^32 rows")
}

impl ProblemBuilder {
    /// An empty problem.
    pub fn new(meta: Meta) -> ProblemBuilder {
        let mut b = ProblemBuilder {
            meta: MetaRow {
                weeks: meta.weeks,
                days: meta.days,
                slots: meta.slots,
                time_weight: meta.time_weight,
                room_weight: meta.room_weight,
                distribution_weight: meta.distribution_weight,
                student_weight: meta.student_weight,
                student_conflicts_hard: u32::from(meta.student_conflicts_hard),
                format: meta.format as u32,
                reserved: 0,
                name: Span::default(),
            },
            names: Vec::new(),
            times: Vec::new(),
            time_ids: FxHashMap::default(),
            rooms: Vec::new(),
            room_unavailable: Vec::new(),
            room_features: Vec::new(),
            travel: Vec::new(),
            courses: Vec::new(),
            configs: Vec::new(),
            subparts: Vec::new(),
            classes: Vec::new(),
            class_times: Vec::new(),
            class_rooms: Vec::new(),
            constraints: Vec::new(),
            constraint_classes: Vec::new(),
            constraint_times: Vec::new(),
            students: Vec::new(),
            requests: Vec::new(),
            next_slot: 0,
        };
        b.meta.name = b.intern(&meta.name);
        b
    }

    fn intern(&mut self, name: &str) -> Span {
        let span = Span { first: end(&self.names), len: name.len() as u32 };
        self.names.extend_from_slice(name.as_bytes());
        span
    }

    /// The id of a time: week bits, day bits, first slot, slots taken. Equal times get equal ids.
    pub fn time(&mut self, weeks: u64, days: u16, start: u16, length: u16) -> TimeId {
        self.time_of(TimeRow { weeks, days, start, end: start.saturating_add(length), pad: 0 })
    }

    /// How many different times there are so far.
    pub fn times(&self) -> usize {
        self.times.len()
    }

    /// The id of a time.
    pub fn time_of(&mut self, row: TimeRow) -> TimeId {
        let next = TimeId(end(&self.times));
        let id = *self.time_ids.entry(row).or_insert(next);
        if id == next {
            self.times.push(row);
        }
        id
    }

    /// Adds a room.
    pub fn room(&mut self, name: &str, capacity: u32, unavailable: &[TimeId], features: &[&str]) -> RoomId {
        let name = self.intern(name);
        let u = Span { first: end(&self.room_unavailable), len: end(unavailable) };
        self.room_unavailable.extend(unavailable.iter().map(|t| t.0));
        let f = Span { first: end(&self.room_features), len: end(features) };
        for feature in features {
            let span = self.intern(feature);
            self.room_features.push(span);
        }
        self.rooms.push(RoomRow { name, capacity, unavailable: u, features: f });
        RoomId(end(&self.rooms) - 1)
    }

    /// Sets the slots of travel between `a` and `b`, in both directions.
    pub fn travel(&mut self, a: RoomId, b: RoomId, slots: u16) {
        if slots != 0 {
            self.travel.push((a.0, b.0, slots));
        }
    }

    /// Adds a course; configurations added next are its.
    pub fn course(&mut self, name: &str) -> CourseId {
        let name = self.intern(name);
        self.courses.push(CourseRow { name, configs: Span { first: end(&self.configs), len: 0 } });
        CourseId(end(&self.courses) - 1)
    }

    /// Adds a configuration to the last course; subparts added next are its.
    ///
    /// # Panics
    /// Before the first course.
    pub fn config(&mut self, name: &str) -> ConfigId {
        let name = self.intern(name);
        let subparts = Span { first: end(&self.subparts), len: 0 };
        self.configs.push(ConfigRow { name, course: end(&self.courses) - 1, subparts });
        self.courses.last_mut().expect("a course first").configs.len += 1;
        ConfigId(end(&self.configs) - 1)
    }

    /// Adds a subpart to the last configuration; classes added next are its.
    ///
    /// # Panics
    /// Before the first configuration.
    pub fn subpart(&mut self, name: &str) -> SubpartId {
        let name = self.intern(name);
        let classes = Span { first: end(&self.classes), len: 0 };
        self.subparts.push(SubpartRow { name, config: end(&self.configs) - 1, classes });
        self.configs.last_mut().expect("a configuration first").subparts.len += 1;
        SubpartId(end(&self.subparts) - 1)
    }

    /// Adds a class to the last subpart.
    ///
    /// # Panics
    /// Before the first subpart.
    pub fn class(&mut self, spec: ClassSpec<'_>) -> ClassId {
        let name = self.intern(spec.name);
        let times = Span { first: end(&self.class_times), len: end(spec.times) };
        self.class_times.extend(spec.times.iter().map(|&(t, penalty)| TimeOption { time: t.0, penalty }));
        let rooms = Span { first: end(&self.class_rooms), len: end(spec.rooms) };
        self.class_rooms.extend(spec.rooms.iter().map(|&(r, penalty)| RoomOption { room: r.0, penalty }));
        self.classes.push(ClassRow {
            name,
            subpart: end(&self.subparts) - 1,
            parent: NONE,
            limit: spec.limit.unwrap_or(NONE),
            times,
            rooms,
        });
        self.subparts.last_mut().expect("a subpart first").classes.len += 1;
        ClassId(end(&self.classes) - 1)
    }

    /// Makes `parent` the parent of `class`: who takes `class` must take `parent`, too.
    pub fn set_parent(&mut self, class: ClassId, parent: ClassId) {
        self.classes[class.index()].parent = parent.0;
    }

    /// Adds a constraint.
    pub fn constraint(&mut self, spec: ConstraintSpec<'_>) -> ConstraintId {
        let name = self.intern(spec.name);
        let mut params = [0; 3];
        params[..spec.params.len()].copy_from_slice(spec.params);
        let classes = Span { first: end(&self.constraint_classes), len: end(spec.classes) };
        self.constraint_classes.extend(spec.classes.iter().map(|c| c.0));
        let times = Span { first: end(&self.constraint_times), len: end(spec.times) };
        self.constraint_times.extend(spec.times.iter().map(|t| t.0));
        self.constraints.push(ConstraintRow {
            name,
            kind: spec.kind as u32,
            hard: u32::from(spec.penalty.is_none()),
            penalty: spec.penalty.unwrap_or(0),
            params,
            classes,
            times,
        });
        ConstraintId(end(&self.constraints) - 1)
    }

    /// Adds a student who takes these courses (all of them added before).
    pub fn student(&mut self, name: &str, courses: &[CourseId]) -> StudentId {
        let name = self.intern(name);
        let student = end(&self.students);
        let first = end(&self.requests);
        for course in courses {
            let configs = &self.configs[self.courses[course.index()].configs.range()];
            let len = configs.iter().map(|g| g.subparts.len).max().unwrap_or(0);
            self.requests.push(RequestRow { student, course: course.0, slots: Span { first: self.next_slot, len } });
            // What is beyond 32 bits is refused with the rest that is too large.
            self.next_slot = self.next_slot.saturating_add(len);
        }
        self.students.push(StudentRow { name, requests: Span { first, len: end(courses) } });
        StudentId(student)
    }

    /// Puts everything into one block and checks it.
    ///
    /// # Errors
    /// What is out of range.
    pub fn build(self) -> Result<Problem, BlockError> {
        let n = self.rooms.len();
        let mut travel = vec![0u16; if self.travel.is_empty() { 0 } else { n * n }];
        for (a, b, slots) in &self.travel {
            travel[*a as usize * n + *b as usize] = *slots;
            travel[*b as usize * n + *a as usize] = *slots;
        }
        let meta = [self.meta];
        let block = Block::build(&[
            bytes_of(&meta),
            &self.names,
            bytes_of(&self.times),
            bytes_of(&self.rooms),
            bytes_of(&self.room_unavailable),
            bytes_of(&self.room_features),
            bytes_of(&travel),
            bytes_of(&self.courses),
            bytes_of(&self.configs),
            bytes_of(&self.subparts),
            bytes_of(&self.classes),
            bytes_of(&self.class_times),
            bytes_of(&self.class_rooms),
            bytes_of(&self.constraints),
            bytes_of(&self.constraint_classes),
            bytes_of(&self.constraint_times),
            bytes_of(&self.students),
            bytes_of(&self.requests),
        ]);
        Problem::new(block).map_err(|e| match e {
            BlockError::Section { section, row, problem } => {
                BlockError::Built { what: self.what(section, row.unwrap_or(0)), problem }
            }
            other => other,
        })
    }

    /// What a row of a section stands for, by its name.
    fn what(&self, section: &str, row: usize) -> String {
        let name = |span: Span| String::from_utf8_lossy(&self.names[span.range()]).into_owned();
        let class_of =
            |row: usize, span: fn(&ClassRow) -> Span| self.classes.iter().find(|c| span(c).range().contains(&row));
        match section {
            "rooms" => format!("room {:?}", name(self.rooms[row].name)),
            "courses" => format!("course {:?}", name(self.courses[row].name)),
            "configs" => format!("configuration {:?}", name(self.configs[row].name)),
            "subparts" => format!("subpart {:?}", name(self.subparts[row].name)),
            "classes" => format!("class {:?}", name(self.classes[row].name)),
            "class_times" => {
                class_of(row, |c| c.times).map_or("a class".into(), |c| format!("class {:?}", name(c.name)))
            }
            "class_rooms" => {
                class_of(row, |c| c.rooms).map_or("a class".into(), |c| format!("class {:?}", name(c.name)))
            }
            "constraints" => format!("constraint {row} {:?}", name(self.constraints[row].name)),
            "students" => format!("student {:?}", name(self.students[row].name)),
            "requests" => self.requests.get(row).map_or("the students".into(), |request| {
                let student = &self.students[request.student as usize];
                format!(
                    "student {:?} in course {:?}",
                    name(student.name),
                    name(self.courses[request.course as usize].name)
                )
            }),
            _ => "the problem".into(),
        }
    }
}
