//! The user's own words for what a problem holds: ids, clock times, names of rules, lines of files.

use crate::csv_folder::{Calendar, Origin, plain_calendar};
use crate::quick_checks::Finding;
use std::collections::BTreeSet;
use timetable::{ClassId, ConstraintId, Format, Kind, NONE, Problem, RoomId, StudentId, TimeRow};

/// Names in a row before the rest is only counted.
const MOST_NAMES: usize = 6;
/// Lines of files in one row.
const MOST_PLACES: usize = 8;

/// Words for a problem: with lines of files where its origin is known, with the names of days and
/// slots where its calendar is.
#[derive(Debug)]
pub struct Words<'a> {
    /// What it is about.
    pub problem: &'a Problem,
    calendar: Calendar,
    origin: Option<&'a Origin>,
}

impl<'a> Words<'a> {
    /// Words for a problem; `calendar` counts where there is no origin.
    pub fn new(problem: &'a Problem, origin: Option<&'a Origin>, calendar: Option<&Calendar>) -> Words<'a> {
        let calendar = origin.map(|o| &o.calendar).or(calendar).cloned();
        Words { problem, calendar: calendar.unwrap_or_else(|| implied_calendar(problem)), origin }
    }

    /// What is wrong with the problem before anything is searched, as
    /// [`findings`](crate::findings).
    pub fn findings(&self) -> Vec<Finding> {
        crate::findings(self.problem, self.origin)
    }

    /// Whether the problem came as tables, whose words are sections and sessions.
    pub fn is_tables(&self) -> bool {
        self.problem.format() == Format::Csv
    }

    /// `session` in tables, otherwise `class`; in the plural unless it is one.
    pub fn sessions(&self, n: u64) -> &'static str {
        match (self.is_tables(), n) {
            (true, 1) => "session",
            (true, _) => "sessions",
            (false, 1) => "class",
            (false, _) => "classes",
        }
    }

    /// A class's name; control characters in it are replaced, as in all names here.
    pub fn class(&self, class: ClassId) -> String {
        clean(self.problem.class_name(class))
    }

    /// A class's name, with the line that fixes it, or else that of its course.
    pub fn class_with_line(&self, class: ClassId) -> String {
        with(self.class(class), self.line_of(class))
    }

    fn line_of(&self, class: ClassId) -> Option<String> {
        let origin = self.origin?;
        origin.fixed(class).map_or_else(|| origin.course(self.problem.course_of(class)), |(_, line)| line)
    }

    /// Whether a line fixes the time of a class, and its room.
    pub(crate) fn is_fixed(&self, class: ClassId) -> (bool, bool) {
        let fixed = self.origin.and_then(|origin| origin.fixed(class));
        fixed.map_or((false, false), |(fixed, _)| (fixed.time, fixed.room))
    }

    /// Classes by name, some of them: `BIO1-1.1, BIO1-1.2 and 4 more`.
    pub fn classes(&self, classes: &[ClassId]) -> String {
        some_of(classes.iter().map(|&c| self.class(c)))
    }

    /// Where classes stand in the files, each line once.
    pub fn places_of(&self, classes: &[ClassId]) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let lines = classes.iter().filter_map(|&c| self.line_of(c)).filter(|line| seen.insert(line.clone()));
        lines.take(MOST_PLACES).collect()
    }

    /// A room's name.
    pub fn room(&self, room: RoomId) -> String {
        clean(self.problem.room_name(room))
    }

    /// The same with its line.
    pub fn room_with_line(&self, room: RoomId) -> String {
        with(self.room(room), self.origin.and_then(|o| o.room(room)))
    }

    /// A student's name, with their line.
    pub fn student(&self, student: StudentId) -> String {
        with(clean(self.problem.student_name(student)), self.origin.and_then(|o| o.student(student)))
    }

    /// The course of a class.
    pub fn course_of(&self, class: ClassId) -> String {
        clean(self.problem.name(self.problem.courses()[self.problem.course_of(class).index()].name))
    }

    /// When: `Tue 09:00`, `Mon+Wed 09:00, weeks 1-3`.
    pub fn time(&self, time: &TimeRow) -> String {
        let day = format!("{} {}", self.calendar.day_names(time.days), self.calendar.start_name(time.start));
        match self.calendar.week_names(time.weeks).as_str() {
            "all" => day,
            weeks if time.weeks.count_ones() == 1 => format!("{day}, week {weeks}"),
            weeks => format!("{day}, weeks {weeks}"),
        }
    }

    /// In which weeks something is that goes for all of these classes: ` a week` where all are held
    /// in every week, otherwise ` in weeks 1-7`, ` in week 3`.
    pub(crate) fn every(&self, classes: &[ClassId], week: u32) -> String {
        let times = classes.iter().flat_map(|&c| self.problem.times_of(c));
        let weeks = times.fold(u64::MAX, |weeks, o| weeks & self.problem.times()[o.time as usize].weeks);
        let all = u64::MAX >> (64 - self.problem.meta().weeks);
        match weeks & all {
            weeks if weeks == all => " a week".to_owned(),
            weeks if weeks.count_ones() > 1 => format!(" in each of weeks {}", self.calendar.week_names(weeks)),
            _ => format!(" in week {}", week + 1),
        }
    }

    /// Names of day bits: `Mon+Wed`.
    pub fn days(&self, days: u16) -> String {
        self.calendar.day_names(days)
    }

    /// A slot of the week: `Tue 09:00`.
    pub fn slot(&self, day: usize, slot: usize) -> String {
        format!("{} {}", self.calendar.day_names(1 << day), self.calendar.start_name(slot as u16))
    }

    /// A rule's name: as in `rules.toml` where the problem came as tables, otherwise that of its
    /// kind.
    pub fn rule(&self, kind: Kind) -> &'static str {
        if !self.is_tables() {
            return kind.name();
        }
        match kind {
            Kind::TeacherClash => "teacher_clash",
            Kind::DifferentDays => "different_days",
            Kind::SameRoom => "same_room",
            Kind::MaxDayLoad => "max_daily_load",
            Kind::MaxBlock => "max_consecutive",
            Kind::LunchBreak => "lunch",
            Kind::Gaps => "max_gaps",
            Kind::Availability => "availability",
            Kind::FixedPlacement => "fixed",
            kind => kind.name(),
        }
    }

    /// A constraint: its rule, and whose it is: `` `different_days` of BIO2-1 ``, `` `NotOverlap`
    /// (constraint 3) ``.
    pub fn constraint(&self, id: ConstraintId) -> String {
        let kind = self.problem.kind_of(id);
        let rule = self.rule(kind);
        match self.owner(id) {
            Some(owner) if kind == Kind::TeacherClash => format!("`{rule}` of {}", self.teacher(&owner)),
            Some(owner) => format!("`{rule}` of {owner}"),
            None => format!("`{rule}` (constraint {})", id.0 + 1),
        }
    }

    /// Whose a constraint is: a teacher, a curriculum, a section.
    pub fn owner(&self, id: ConstraintId) -> Option<String> {
        let name = clean(self.problem.name(self.problem.constraints()[id.index()].name));
        (!name.is_empty()).then_some(name)
    }

    /// A teacher with their line.
    pub fn teacher(&self, name: &str) -> String {
        with(name.to_owned(), self.origin.and_then(|o| o.teacher(name)))
    }

    /// Why a class may not be held at a time that is none of its own.
    pub fn not_then(&self, class: ClassId, time: &TimeRow) -> String {
        let clashes = (0..self.problem.constraints().len()).map(ConstraintId::new);
        let of_class = clashes.filter(|&id| {
            self.problem.kind_of(id) == Kind::TeacherClash && self.problem.classes_of(id).contains(&class.0)
        });
        let names: Vec<&str> =
            of_class.map(|id| self.problem.name(self.problem.constraints()[id.index()].name)).collect();
        match self.origin {
            Some(origin) => clean(&origin.not_then(self.problem, class, &names, time)),
            None => match self.problem.format() {
                Format::Itc2019 => "it is none of the times that the file lists for it",
                Format::CbCtt => "the file rules that out (UNAVAILABILITY_CONSTRAINTS)",
                Format::PeCtt => "the file says that the event is not available then",
                Format::Csv => "it is none of its times",
            }
            .to_owned(),
        }
    }

    /// Why a class may not be held in a room that is none of its own.
    pub fn not_there(&self, class: ClassId, room: RoomId) -> String {
        match self.origin {
            Some(origin) => clean(&origin.not_there(self.problem, class, room)),
            None => match self.problem.format() {
                Format::Itc2019 => "it is none of the rooms that the file lists for it".to_owned(),
                Format::PeCtt => self.not_suitable(class, room),
                Format::CbCtt | Format::Csv => "it is none of its rooms".to_owned(),
            },
        }
    }

    /// What a room lacks for an event that all students of its course attend.
    fn not_suitable(&self, class: ClassId, room: RoomId) -> String {
        let (course, seats) = (self.problem.course_of(class).0, self.problem.rooms()[room.index()].capacity);
        let attend = self.problem.requests().iter().filter(|request| request.course == course).count();
        if attend <= seats as usize {
            return "the room lacks a feature that the event needs".to_owned();
        }
        let seat = if seats == 1 { "seat" } else { "seats" };
        format!("the room has {seats} {seat}, {attend} are needed")
    }

    /// The line of a teacher.
    pub(crate) fn place_of_teacher(&self, name: &str) -> Option<String> {
        self.origin?.teacher(name)
    }

    /// The line of a room.
    pub(crate) fn place_of_room(&self, room: RoomId) -> Option<String> {
        self.origin?.room(room)
    }
}

/// `name (line)`.
fn with(name: String, line: Option<String>) -> String {
    match line {
        Some(line) => format!("{name} ({line})"),
        None => name,
    }
}

/// The first names, and how many more there are.
pub(crate) fn some_of(names: impl ExactSizeIterator<Item = String>) -> String {
    let n = names.len();
    // One more is as short as saying that there is one more.
    let shown = if n <= MOST_NAMES + 1 { n } else { MOST_NAMES };
    let list: Vec<String> = names.take(shown).collect();
    match (n - shown, list.as_slice()) {
        (0, [all @ .., last]) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        (0, list) => list.concat(),
        (more, list) => format!("{} and {more} more", list.join(", ")),
    }
}

/// Names come from the input: control characters in them are replaced.
pub(crate) fn clean(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

/// The calendar of a problem that has no names for days and slots: clock times where its slots are
/// five, ten, fifteen or thirty minutes of a whole day.
pub fn implied_calendar(problem: &Problem) -> Calendar {
    let plain = plain_calendar(problem);
    match problem.meta().slots {
        slots @ (48 | 96 | 144 | 288) => {
            Calendar { slots: Calendar::hourly(0, (1440 / slots) as u16, 0, slots as u16), ..plain }
        }
        _ => plain,
    }
}

/// The rooms that a class can be held in.
pub(crate) fn only_room(problem: &Problem, class: ClassId) -> Option<RoomId> {
    match problem.rooms_of(class) {
        [one] => RoomId::from_raw(one.room),
        _ => None,
    }
}

/// The only time of a class.
pub(crate) fn only_time(problem: &Problem, class: ClassId) -> Option<&TimeRow> {
    match problem.times_of(class) {
        [one] if one.time != NONE => Some(&problem.times()[one.time as usize]),
        _ => None,
    }
}
