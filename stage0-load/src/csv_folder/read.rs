//! Reads a folder into tables: every fault of every file in one go.

use super::calendar::{Calendar, Window, canonical};
use super::files::Files;
use super::read_toml::{calendar_of, lunch_hours, read_rules};
use super::rules::Rules;
use super::sheet::{Layout, Sheet, list};
use super::tables::*;
use super::translate::MAX_PER_COURSE;
use super::unread;
use super::{COURSES, ENROLMENTS, FIXED, PROBLEM_FILES, ROOMS, STUDENTS, TEACHERS};
use crate::fault::{FaultLog, Faults};
use crate::log::{Memory, quoted};
use crate::names::Names;
use crate::source::Limits;
use std::{collections::HashSet, path::Path};

/// Most rows of a file, but for enrolments.
const MAX_ROWS: u64 = 2_000_000;

static ROOMS_LAYOUT: Layout =
    Layout { file: ROOMS, required: &["id", "capacity"], optional: &["features", "unavailable"], rows: MAX_ROWS };
pub(super) static TEACHERS_LAYOUT: Layout = Layout {
    file: TEACHERS,
    required: &["id"],
    optional: &["name", "unavailable", "max_daily_load", "max_consecutive", "max_gaps", "lunch"],
    rows: MAX_ROWS,
};
pub(super) static STUDENTS_LAYOUT: Layout =
    Layout { file: STUDENTS, required: &["id"], optional: &["name", "group"], rows: MAX_ROWS };
pub(super) static COURSES_LAYOUT: Layout = Layout {
    file: COURSES,
    required: &["id", "sessions"],
    optional: &[
        "name",
        "department",
        "teachers",
        "sections",
        "section_size",
        "length",
        "features",
        "rooms",
        "times",
        "weeks",
    ],
    rows: MAX_ROWS,
};
static ENROLMENTS_LAYOUT: Layout =
    Layout { file: ENROLMENTS, required: &["student", "course"], optional: &[], rows: 20_000_000 };
static FIXED_LAYOUT: Layout = Layout {
    file: FIXED,
    required: &["course", "section", "session"],
    optional: &["days", "start", "room", "end", "teacher", "weeks", "course_name", "department", "teacher_name"],
    rows: MAX_ROWS,
};

/// Ids of one file. Where the file could not be read to its end, nothing can be said of an id that
/// is not there.
struct Ids {
    names: Names,
    whole: bool,
}

impl Ids {
    fn none(what: &'static str) -> Ids {
        Ids { names: Names::new(what), whole: false }
    }

    /// The number of an id that stands in a column.
    fn find(&self, sheet: &mut Sheet, column: &str, id: &str) -> Option<u32> {
        sheet.at(column);
        let found = self.find_there(sheet, id);
        sheet.log.at_column(None);
        found
    }

    fn find_there(&self, sheet: &mut Sheet, id: &str) -> Option<u32> {
        if id.is_empty() {
            let what = self.names.what();
            let expected = format!("a {what} on every line: of cells that were merged only the first has it");
            sheet.log.fault(sheet.line, format!("{what} is empty"), expected);
            return None;
        }
        if self.whole || sheet.log.is_lenient() {
            self.names.find(&mut sheet.log, sheet.line, id, "")
        } else {
            self.names.get(id)
        }
    }
}

struct Reader<'a> {
    files: Files<'a>,
    /// What cannot be used is left out, and said.
    lenient: bool,
    /// Counted over all files.
    memory: Memory,
    all: FaultLog,
    /// `None` where it is wrong: then times are not read.
    calendar: Option<Calendar>,
    /// Encodings that are worth a word, with the files.
    encodings: Vec<(&'static str, Vec<&'static str>)>,
}

/// Reads a folder into tables.
///
/// # Errors
/// Everything that is wrong with its files.
pub fn read_tables(folder: &Path) -> Result<Tables, Faults> {
    read(Files::Folder(folder), false).map(|(tables, _)| tables)
}

/// Reads files into tables, and tells what memory they take.
pub(crate) fn read(files: Files<'_>, lenient: bool) -> Result<(Tables, Memory), Faults> {
    if let Files::Folder(folder) = files {
        unread::say(folder)?;
    }
    let kept = if let Files::Workbook(book) = files { book.kept } else { 0 };
    let memory = Memory { kept, most: Limits::kept(files.size(&PROBLEM_FILES)) };
    let mut r = Reader { files, lenient, memory, all: FaultLog::default(), calendar: None, encodings: Vec::new() };
    let mut rules = Rules::default();
    match calendar_of(files) {
        Ok(calendar) => {
            match read_rules(files, &calendar) {
                Ok(read) => rules = read,
                Err(faults) => r.all.merge(&faults),
            }
            r.calendar = Some(calendar);
        }
        Err(faults) => r.all.merge(&faults),
    }
    let (rooms, room_ids) = r.sheet(&ROOMS_LAYOUT, "room", Reader::room);
    let (teachers, teacher_ids) = r.sheet(&TEACHERS_LAYOUT, "teacher", Reader::teacher);
    let (students, student_ids) = r.sheet(&STUDENTS_LAYOUT, "student", Reader::student);
    let (courses, course_ids) = r.sheet(&COURSES_LAYOUT, "course", |r, sheet| r.course(sheet, &teacher_ids, &room_ids));
    let mut seen = HashSet::new();
    let (enrolments, _) = r.sheet(&ENROLMENTS_LAYOUT, "", |_, sheet| {
        let (student, course) = (sheet.text("student").to_owned(), sheet.text("course").to_owned());
        let pair = (student_ids.find(sheet, "student", &student), course_ids.find(sheet, "course", &course));
        let (Some(s), Some(c)) = pair else { return ("", None) };
        if !seen.insert((s, c)) {
            let found = format!("student {} takes course {} again", quoted(&student), quoted(&course));
            sheet.log.fault(sheet.line, found, "each course once");
        }
        ("", Some((s, c)))
    });
    let fixed = match files.find(FIXED) {
        Ok(Some(_)) => r.sheet(&FIXED_LAYOUT, "", |r, sheet| ("", r.fixed(sheet, &course_ids, &room_ids))).0,
        Ok(None) => Vec::new(),
        Err(faults) => {
            r.all.merge(&faults);
            Vec::new()
        }
    };
    for (encoding, names) in &r.encodings {
        tracing::warn!("read as {encoding}, for they are not UTF-8: {}", names.join(", "));
    }
    if !r.all.is_empty() {
        return Err(r.all.into_faults());
    }
    let enrolments = enrolments.into_iter().flatten().collect();
    let fixed = fixed.into_iter().flatten().collect();
    let calendar = r.calendar.expect("without a calendar there is a fault");
    Ok((Tables { calendar, rules, rooms, teachers, students, courses, enrolments, fixed }, r.memory))
}

impl Reader<'_> {
    /// Reads all rows of a file. `row` gives the row's id, empty where rows have none, and what it
    /// became.
    fn sheet<T, S: AsRef<str>>(
        &mut self,
        layout: &'static Layout,
        what: &'static str,
        mut row: impl FnMut(&mut Self, &mut Sheet) -> (S, T),
    ) -> (Vec<T>, Ids) {
        let (mut rows, mut ids) = (Vec::new(), Ids::none(what));
        let mut sheet = match Sheet::open_after(self.files, layout, self.memory, self.lenient) {
            Ok(sheet) => sheet,
            Err(faults) => {
                self.all.merge(&faults);
                return (rows, ids);
            }
        };
        let has_id = layout.required[0] == "id";
        while sheet.next() {
            let (id, read) = row(self, &mut sheet);
            if has_id {
                sheet.at("id");
                ids.names.define(&mut sheet.log, sheet.line, id.as_ref(), rows.len());
                sheet.log.at_column(None);
            }
            rows.push(read);
        }
        if let Some(encoding) = sheet.encoding() {
            match self.encodings.iter_mut().find(|(name, _)| *name == encoding) {
                Some((_, files)) => files.push(layout.file),
                None => self.encodings.push((encoding, vec![layout.file])),
            }
        }
        ids.whole = sheet.whole;
        self.memory = sheet.log.memory();
        if let Err(faults) = sheet.log.finish(()) {
            self.all.merge(&faults);
        }
        (rows, ids)
    }

    /// A list of times, each as `read` has it.
    fn windows(
        &self,
        sheet: &mut Sheet,
        column: &str,
        read: impl Fn(&Calendar, &str) -> Option<Window>,
    ) -> Vec<Window> {
        let Some(calendar) = &self.calendar else { return Vec::new() };
        let text = sheet.text(column).to_owned();
        let mut windows = Vec::new();
        for part in list(&text) {
            match read(calendar, part) {
                Some(window) => windows.push(window),
                None => {
                    sheet.wrong(column, part, calendar.expected_window(part));
                }
            }
        }
        windows
    }

    fn unavailable(&self, sheet: &mut Sheet) -> Vec<Window> {
        // Hours that touch no slot say nothing about when somebody can teach.
        let windows = self.windows(sheet, "unavailable", Calendar::any_window);
        self.calendar.as_ref().map_or(Vec::new(), |c| canonical(&windows, c.days.len(), c.slots.len()))
    }

    fn room(&mut self, sheet: &mut Sheet) -> (String, Room) {
        let id = sheet.text("id").to_owned();
        if id.contains(';') || id.eq_ignore_ascii_case("none") {
            sheet.wrong("id", &id, "an id without `;` that is not `none`");
        }
        let features = list(sheet.text("features")).map(str::to_owned).collect();
        let capacity = sheet.needed("capacity", 0..=1_000_000);
        let unavailable = self.unavailable(sheet);
        (id.clone(), Room { id, capacity, features, unavailable, line: sheet.line })
    }

    fn teacher(&mut self, sheet: &mut Sheet) -> (String, Teacher) {
        let id = sheet.text("id").to_owned();
        if id.contains([';', '+']) {
            sheet.wrong("id", &id, "an id without `;` and `+`");
        }
        let lunch_text = sheet.text("lunch").to_owned();
        let mut lunch = None;
        if let (Some(calendar), false) = (&self.calendar, lunch_text.is_empty()) {
            lunch = calendar.hours(&lunch_text);
            if lunch.is_none() {
                sheet.wrong("lunch", &lunch_text, lunch_hours(&lunch_text, calendar));
            }
        }
        let teacher = Teacher {
            id: id.clone(),
            name: sheet.text("name").to_owned(),
            unavailable: self.unavailable(sheet),
            max_daily_load: sheet.number("max_daily_load", 0..=10_000),
            max_consecutive: sheet.number("max_consecutive", 0..=10_000),
            max_gaps: sheet.number("max_gaps", 0..=10_000),
            lunch,
            line: sheet.line,
        };
        (id, teacher)
    }

    fn student(&mut self, sheet: &mut Sheet) -> (String, Student) {
        let id = sheet.text("id").to_owned();
        let (name, group) = (sheet.text("name").to_owned(), sheet.text("group").to_owned());
        (id.clone(), Student { id, name, group, line: sheet.line })
    }

    fn course(&mut self, sheet: &mut Sheet, teachers: &Ids, rooms: &Ids) -> (String, Course) {
        let id = sheet.text("id").to_owned();
        let slots = self.calendar.as_ref().map_or(Calendar::MAX_SLOTS, |c| c.slots.len());
        let teacher_text = sheet.text("teachers").to_owned();
        let team = |part: &str, sheet: &mut Sheet| {
            let one = part.split('+').map(str::trim).filter(|t| !t.is_empty() && *t != "-");
            let mut team: Vec<u32> = one.filter_map(|t| teachers.find(sheet, "teachers", t)).collect();
            team.sort_unstable();
            team.dedup();
            team
        };
        let by_section = list(&teacher_text).map(|part| team(part, sheet)).collect();
        let room_text = sheet.text("rooms").to_owned();
        let wanted = match room_text.as_str() {
            "" => RoomsWanted::Suitable,
            none if none.eq_ignore_ascii_case("none") => RoomsWanted::NoRoom,
            ids => RoomsWanted::Listed(list(ids).filter_map(|room| rooms.find(sheet, "rooms", room)).collect()),
        };
        let week_text = sheet.text("weeks").to_owned();
        let mut weeks = 0;
        if let (Some(calendar), false) = (&self.calendar, week_text.is_empty()) {
            weeks = calendar.week_bits(&week_text).unwrap_or_else(|| {
                sheet.wrong("weeks", &week_text, format!("weeks of 1 to {}, as \"1-3+5\", or all", calendar.weeks));
                0
            });
        }
        let course = Course {
            name: sheet.text("name").to_owned(),
            department: sheet.text("department").to_owned(),
            teachers: by_section,
            sections: sheet.number("sections", 1..=u64::from(MAX_PER_COURSE)),
            section_size: sheet.number("section_size", 1..=1_000_000),
            sessions: sheet.needed("sessions", 1..=u64::from(MAX_PER_COURSE)),
            length: sheet.number("length", 1..=slots as u64).unwrap_or(1) as u16,
            features: list(sheet.text("features")).map(str::to_owned).collect(),
            rooms: wanted,
            times: self.windows(sheet, "times", Calendar::window),
            weeks,
            line: sheet.line,
            id: id.clone(),
        };
        (id, course)
    }

    fn fixed(&mut self, sheet: &mut Sheet, courses: &Ids, rooms: &Ids) -> Option<Fixed> {
        let course = sheet.text("course").to_owned();
        let course = courses.find(sheet, "course", &course);
        let section = sheet.needed("section", 1..=u64::from(MAX_PER_COURSE));
        let session = sheet.needed("session", 1..=u64::from(MAX_PER_COURSE));
        let (day, start) = (sheet.text("days").to_owned(), sheet.text("start").to_owned());
        let mut time = None;
        if let (Some(calendar), false) = (&self.calendar, day.is_empty() && start.is_empty()) {
            let (at_day, at_slot) = (calendar.day(&day), calendar.start_slot(&start));
            if at_day.is_none() {
                sheet.wrong("days", &day, format!("one of {}", calendar.days.join(", ")));
            }
            if at_slot.is_none() {
                sheet.wrong("start", &start, format!("when a slot begins, as {:?}", calendar.start_name(0)));
            }
            time = at_day.zip(at_slot);
        }
        let room = sheet.text("room").to_owned();
        let room = if room.is_empty() { None } else { rooms.find(sheet, "room", &room) };
        Some(Fixed { course: course?, section, session, time, room, line: sheet.line })
    }
}
