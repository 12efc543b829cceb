//! The problem, element by element, in the order that the format gives: optimization, rooms,
//! courses, distributions, students.

use super::bits;
use super::courses::Courses;
use super::distributions::OpenDistribution;
use super::rooms::Rooms;
use super::students::Students;
use super::xml::{Element, Fields, Node, Xml};
use crate::fault::Faults;
use crate::load::READ;
use crate::log::{Log, Stop, quoted};
use crate::names::Seen;
use crate::source::Source;
use timetable::{Format, MAX_WEIGHT, Meta, Problem, ProblemBuilder, TimeId};

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Document,
    Problem,
    Rooms,
    Room,
    Courses,
    Course,
    Config,
    Subpart,
    Class,
    Distributions,
    Distribution,
    Students,
    Student,
    /// An element that holds no other.
    Leaf,
    /// Inside an element that was refused: its content is not judged.
    Refused,
}

/// What a time that was not named before takes, in bytes.
const KEPT_BY_TIME: u64 = 100;

const SECTIONS: [&str; 5] = ["optimization", "rooms", "courses", "distributions", "students"];

/// What is read so far.
pub(super) struct Loader {
    pub(super) log: Log,
    pub(super) builder: ProblemBuilder,
    pub(super) calendar: Calendar,
    pub(super) rooms: Rooms,
    pub(super) courses: Courses,
    pub(super) distribution: OpenDistribution,
    pub(super) students: Students,
    pub(super) seen: Seen,
    meta: Meta,
    sections_seen: [bool; 5],
    /// Those, and the ones that came too late.
    sections_named: [bool; 5],
}

/// The extent of the calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    pub(super) weeks: u32,
    pub(super) days: u32,
    pub(super) slots: u32,
}

/// Reads a problem.
pub(crate) fn load(source: Source) -> Result<Problem, Faults> {
    let meta = Meta {
        name: String::new(),
        weeks: 1,
        days: 1,
        slots: 1,
        time_weight: 0,
        room_weight: 0,
        distribution_weight: 0,
        student_weight: 0,
        student_conflicts_hard: false,
        format: Format::Itc2019,
    };
    let mut loader = Loader {
        log: Log::of(&source),
        builder: ProblemBuilder::new(meta.clone()),
        calendar: Calendar { weeks: 1, days: 1, slots: 1 },
        rooms: Rooms::default(),
        courses: Courses::default(),
        distribution: OpenDistribution::default(),
        students: Students::default(),
        seen: Seen::default(),
        meta,
        sections_seen: [false; 5],
        sections_named: [false; 5],
    };
    match loader.read(Xml::new(source)) {
        Ok(()) => loader.log.build(loader.builder),
        Err(Stop) => Err(loader.log.into_faults()),
    }
}

impl Loader {
    fn read(&mut self, mut xml: Xml) -> Result<(), Stop> {
        let mut buf = Vec::with_capacity(1024);
        let mut above = Vec::new();
        let mut state = State::Document;
        loop {
            match xml.next(&mut buf, &mut self.log)? {
                Node::Open(element) => {
                    above.push(state);
                    state = self.open(state, &element)?;
                }
                Node::Close => {
                    self.close(state);
                    state = above.pop().expect("every element was opened");
                }
                Node::Other => {}
                Node::End => return Ok(()),
            }
        }
    }

    fn open(&mut self, state: State, element: &Element<'_>) -> Result<State, Stop> {
        if state != State::Document && element.has_open_quote() {
            if state != State::Refused {
                let found = format!("<{}> with a quote that is not closed", element.name());
                self.log.unusable(element.line, found, "name=\"value\"");
                self.log.now_damaged();
            }
            return Ok(State::Refused);
        }
        let next = match (state, element.name()) {
            // The three that come by the hundred thousand first.
            (State::Class, "time") => self.class_time(element),
            (State::Class, "room") => self.class_room(element),
            (State::Student, "course") => self.student_course(element),
            (State::Document, "problem") => self.problem(element)?,
            (State::Problem, name) if SECTIONS.contains(&name) => self.section(element),
            (State::Rooms, "room") => self.room(element),
            (State::Room, "travel") => self.travel(element),
            (State::Room, "unavailable") => self.unavailable(element),
            (State::Courses, "course") => self.course(element),
            (State::Course, "config") => self.config(element),
            (State::Config, "subpart") => self.subpart(element),
            (State::Subpart, "class") => self.class(element),
            (State::Distributions, "distribution") => self.distribution(element),
            (State::Distribution, "class") => self.distribution_class(element),
            (State::Students, "student") => self.student(element),
            (State::Refused, _) => State::Refused,
            (State::Document, name) => {
                self.log.fault(element.line, format!("root element {}", quoted(name)), READ);
                return Err(Stop);
            }
            (_, name) => {
                let what = "which ITC-2019 does not have there, is ignored";
                self.log.note(element.line, &format!("element {}, {what}", quoted(name)));
                State::Refused
            }
        };
        Ok(next)
    }

    fn close(&mut self, state: State) {
        match state {
            State::Room => self.close_room(),
            State::Rooms => self.close_rooms(),
            State::Class => self.close_class(),
            State::Subpart => self.close_subpart(),
            State::Config => self.close_config(),
            State::Course => self.close_course(),
            State::Courses => self.close_courses(),
            State::Distribution => self.close_distribution(),
            State::Student => self.close_student(),
            State::Problem => {
                for (name, seen) in SECTIONS.iter().zip(self.sections_named).take(3) {
                    if !seen {
                        self.log.fault(0, format!("<problem> without <{name}>"), format!("an element <{name}>"));
                    }
                }
            }
            _ => {}
        }
    }

    fn problem(&mut self, element: &Element<'_>) -> Result<State, Stop> {
        let f = element.fields(&["name", "nrDays", "slotsPerDay", "nrWeeks"], &mut self.log);
        self.meta.name = f.get(0).unwrap_or_default().into();
        self.log.text(f.line(), "name", &self.meta.name);
        let log = &mut self.log;
        let mut extent =
            |i: usize, max: u64| f.need(i, log).and_then(|text| log.number(f.line(), NAMES[i], text, 1..=max));
        const NAMES: [&str; 4] = ["name", "nrDays", "slotsPerDay", "nrWeeks"];
        let (days, slots, weeks) = (extent(1, 16), extent(2, 65_535), extent(3, 64));
        let (Some(days), Some(slots), Some(weeks)) = (days, slots, weeks) else {
            return Err(Stop); // no time could be judged
        };
        self.calendar = Calendar { weeks: weeks as u32, days: days as u32, slots: slots as u32 };
        (self.meta.weeks, self.meta.days, self.meta.slots) = (weeks as u32, days as u32, slots as u32);
        self.builder = ProblemBuilder::new(self.meta.clone());
        Ok(State::Problem)
    }

    fn section(&mut self, element: &Element<'_>) -> State {
        let name = element.name();
        let i = SECTIONS.iter().position(|&s| s == name).expect("asked before");
        self.sections_named[i] = true;
        if self.sections_seen[i..].contains(&true) {
            let found = if self.sections_seen[i] { format!("<{name}> again") } else { format!("<{name}> too late") };
            let order = "one each of <optimization>, <rooms>, <courses>, <distributions>, <students>, in this order";
            self.log.fault(element.line, found, order);
            return State::Refused;
        }
        self.sections_seen[i] = true;
        // What refers to a section that is missing or comes too late is not told: it follows.
        if i > 1 && !self.sections_seen[1] {
            self.rooms.names.are_partial();
        }
        if i > 2 && !self.sections_seen[2] {
            self.courses.names.are_partial();
            self.courses.class_names.are_partial();
        }
        if i == 0 {
            self.optimization(element);
        } else {
            element.fields(&[], &mut self.log);
        }
        [State::Leaf, State::Rooms, State::Courses, State::Distributions, State::Students][i]
    }

    fn optimization(&mut self, element: &Element<'_>) {
        let f = element.fields(&["time", "room", "distribution", "student"], &mut self.log);
        let mut weight = |i: usize| f.number(i, MAX_WEIGHT, &mut self.log).unwrap_or(0);
        self.meta.time_weight = weight(0);
        self.meta.room_weight = weight(1);
        self.meta.distribution_weight = weight(2);
        self.meta.student_weight = weight(3);
        self.builder = ProblemBuilder::new(self.meta.clone()); // still empty: this section is the first
    }

    /// The time in attributes `at` to `at + 3`: weeks, days, start, length, which may be given for
    /// all times of a class.
    pub(super) fn time<const N: usize>(
        &mut self,
        f: &Fields<'_, '_, N>,
        at: usize,
        of_class: Option<u32>,
    ) -> Option<TimeId> {
        let Calendar { weeks, days, slots } = self.calendar;
        let (w, d) = (self.bits(f, at, weeks), self.bits(f, at + 1, days));
        let start = f.number(at + 2, slots - 1, &mut self.log);
        let length = match of_class {
            Some(length) if f.get(at + 3).is_none() => Some(length),
            _ => f.number(at + 3, slots, &mut self.log),
        };
        let (w, d, start, length) = (w?, d?, start?, length?);
        if length == 0 || start.saturating_add(length) > slots {
            let found = format!("start {start} with length {length}");
            self.log.fault(f.line(), found, format!("at least 1 slot within the day's {slots}"));
            return None;
        }
        let times = self.builder.times();
        let time = self.builder.time(w, d as u16, start as u16, length as u16);
        self.log.keep(if self.builder.times() > times { KEPT_BY_TIME } else { 0 });
        Some(time)
    }

    fn bits<const N: usize>(&mut self, f: &Fields<'_, '_, N>, i: usize, count: u32) -> Option<u64> {
        let text = f.need(i, &mut self.log)?;
        let parsed = bits::parse(text, count);
        if parsed.is_none() {
            let what = f.label(i);
            let expected = format!("{count} characters 0 or 1, at least one of them 1");
            self.log.fault(f.line(), format!("{what} {}", quoted(text)), expected);
        }
        parsed
    }
}
