//! The lines of a `.ctt` file: a header of `Key: value`, then sections that hold as many lines as
//! the header says.

use crate::log::{Lines, Log, Stop, quoted};
use crate::source::Source;
use timetable::{MAX_COUNTED_SLOTS, MAX_PENALTY};

/// What a file says, names not yet looked up.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) name: String,
    /// Bytes of the file.
    pub(super) size: u64,
    pub(super) days: u32,
    pub(super) periods: u32,
    pub(super) courses: Vec<Course>,
    pub(super) rooms: Vec<Room>,
    pub(super) curricula: Vec<Curriculum>,
    pub(super) unavailable: Vec<Unavailable>,
}

#[derive(Debug)]
pub(super) struct Course {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) teacher: String,
    pub(super) lectures: u32,
    pub(super) min_days: u32,
    pub(super) students: u32,
}

#[derive(Debug)]
pub(super) struct Room {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) capacity: u32,
}

#[derive(Debug)]
pub(super) struct Curriculum {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) courses: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Unavailable {
    pub(super) line: u64,
    pub(super) course: String,
    pub(super) day: u32,
    pub(super) period: u32,
}

/// What a course, another row and a name in a row take, here and in the problem, in bytes besides
/// the texts.
const KEPT_BY_COURSE: u64 = 500;
const KEPT_BY_ROW: u64 = 200;
const KEPT_BY_NAME: u64 = 80;

const KEYS: [&str; 7] = ["Name", "Courses", "Rooms", "Days", "Periods_per_day", "Curricula", "Constraints"];
const SECTIONS: [&str; 4] = ["COURSES", "ROOMS", "CURRICULA", "UNAVAILABILITY_CONSTRAINTS"];
/// The header's count of each section's lines, as a position in `KEYS`.
const COUNTS: [usize; 4] = [1, 2, 5, 6];

/// Reads the lines.
pub(super) fn read(source: Source, log: &mut Log) -> Result<File, Stop> {
    let mut reader = Reader {
        log,
        file: File::default(),
        header: [const { None }; 7],
        section: None,
        seen: [None; 4],
        rows: [0; 4],
    };
    let mut lines = Lines::new(source);
    let mut ended = false;
    while let Some((number, line)) = lines.next(reader.log)? {
        if line.is_empty() {
            continue;
        }
        if ended {
            reader.log.fault(number, format!("{} after END.", quoted(line)), "nothing more");
            return Err(Stop);
        }
        ended = matches!(line, "END." | "END");
        if !ended {
            reader.line(number, line)?;
        }
    }
    if !ended {
        reader.log.fault(lines.number(), "no END. at the end", "the rest of the file");
        return Err(Stop);
    }
    reader.file.size = lines.size();
    reader.finish()
}

struct Reader<'l> {
    log: &'l mut Log,
    file: File,
    header: [Option<(u64, String)>; 7],
    section: Option<usize>,
    seen: [Option<u64>; 4],
    rows: [u64; 4],
}

impl Reader<'_> {
    fn line(&mut self, number: u64, line: &str) -> Result<(), Stop> {
        if let Some(i) = line.strip_suffix(':').and_then(|name| SECTIONS.iter().position(|&s| s == name)) {
            if let Some(before) = self.seen[i].replace(number) {
                self.log.fault(
                    number,
                    format!("section {} again, first in line {before}", SECTIONS[i]),
                    "each section once",
                );
            }
            self.section = Some(i);
            // The rows are judged by the calendar, so it must be known by now.
            return if self.file.days == 0 { self.calendar() } else { Ok(()) };
        }
        match self.section {
            None => self.header_line(number, line),
            Some(section) => {
                self.rows[section] += 1;
                let fields: Vec<&str> = line.split_whitespace().collect();
                match section {
                    0 => self.course(number, &fields),
                    1 => self.room(number, &fields),
                    2 => self.curriculum(number, &fields),
                    _ => self.unavailable(number, &fields),
                }
            }
        }
        Ok(())
    }

    fn header_line(&mut self, number: u64, line: &str) {
        let known =
            line.split_once(':').and_then(|(k, v)| Some((KEYS.iter().position(|&key| key == k.trim())?, v.trim())));
        match known {
            Some((i, _)) if self.header[i].is_some() => {
                self.log.fault(number, format!("{} again", KEYS[i]), "each line of the header once");
            }
            Some((i, value)) => self.header[i] = Some((number, value.into())),
            None => {
                let expected = format!("one of {}, or a section", KEYS.join(", "));
                self.log.fault(number, format!("header {}", quoted(line)), expected);
            }
        }
    }

    fn header_number(&mut self, key: usize, min: u64, max: u64) -> Option<u64> {
        match &self.header[key] {
            Some((line, text)) => self.log.number(*line, KEYS[key], text, min..=max),
            None => {
                self.log.fault(
                    0,
                    format!("no {} in the header", KEYS[key]),
                    format!("a line {}: and a number", KEYS[key]),
                );
                None
            }
        }
    }

    fn calendar(&mut self) -> Result<(), Stop> {
        let (days, periods) = (self.header_number(3, 1, 16), self.header_number(4, 1, u64::from(MAX_COUNTED_SLOTS)));
        let (Some(days), Some(periods)) = (days, periods) else { return Err(Stop) };
        (self.file.days, self.file.periods) = (days as u32, periods as u32);
        Ok(())
    }

    fn finish(mut self) -> Result<File, Stop> {
        match &self.header[0] {
            Some((line, name)) => {
                self.log.text(*line, "Name", name);
                self.file.name.clone_from(name);
            }
            None => self.log.fault(0, "no Name in the header", "a line Name:"),
        }
        for i in 0..4 {
            let count = self.header_number(COUNTS[i], 0, u64::from(u32::MAX));
            match (self.seen[i], count) {
                (None, _) => {
                    self.log.fault(0, format!("no section {}", SECTIONS[i]), format!("a line {}:", SECTIONS[i]))
                }
                (Some(line), Some(n)) if n != self.rows[i] => {
                    let found = format!("section {} of {} rows", SECTIONS[i], self.rows[i]);
                    self.log.fault(line, found, format!("{n}, as the header says"));
                }
                _ => {}
            }
        }
        if let (Some(line), 0) = (self.seen[1], self.rows[1]) {
            self.log.fault(line, "no rooms", "at least one room");
        }
        Ok(self.file)
    }

    /// The fields of a line, if there are `N` of them.
    fn fields<'f, const N: usize>(&mut self, line: u64, fields: &[&'f str], what: &str) -> Option<[&'f str; N]> {
        let whole = <[&str; N]>::try_from(fields).ok();
        if whole.is_none() {
            self.log.fault(line, format!("{} fields", fields.len()), format!("{N}: {what}"));
        }
        whole
    }

    fn course(&mut self, line: u64, fields: &[&str]) {
        let what = "course, teacher, lectures, minimum of working days, students";
        let Some([name, teacher, lectures, min_days, students]) = self.fields(line, fields, what) else { return };
        let lectures = self.log.number(line, "lectures", lectures, 1..=u64::from(self.file.days * self.file.periods));
        let min_days = self.log.number32(line, "minimum of working days", min_days, i32::MAX as u32);
        let students = self.log.number32(line, "students", students, MAX_PENALTY);
        self.log.name(line, "teacher", teacher);
        self.log.keep(KEPT_BY_COURSE + 3 * (name.len() + teacher.len()) as u64);
        self.file.courses.push(Course {
            line,
            name: name.into(),
            teacher: teacher.into(),
            lectures: lectures.unwrap_or(0) as u32,
            min_days: min_days.unwrap_or(0),
            students: students.unwrap_or(0),
        });
    }

    fn room(&mut self, line: u64, fields: &[&str]) {
        let Some([name, capacity]) = self.fields(line, fields, "room, capacity") else { return };
        let capacity = self.log.number32(line, "capacity", capacity, i32::MAX as u32).unwrap_or(0);
        self.log.keep(KEPT_BY_ROW + 3 * name.len() as u64);
        self.file.rooms.push(Room { line, name: name.into(), capacity });
    }

    fn curriculum(&mut self, line: u64, fields: &[&str]) {
        let [name, count, courses @ ..] = fields else {
            self.log.fault(line, format!("{} fields", fields.len()), "at least 2: curriculum, number of courses");
            return;
        };
        if let Some(n) = self.log.number(line, "number of courses", count, 0..=u64::from(u32::MAX))
            && n != courses.len() as u64
        {
            self.log.fault(line, format!("{} courses", courses.len()), format!("{n}, as the line says"));
        }
        let texts: usize = courses.iter().map(|c| c.len()).sum();
        self.log.keep(KEPT_BY_ROW + KEPT_BY_NAME * courses.len() as u64 + (texts + name.len()) as u64);
        let courses = courses.iter().map(|&c| c.into()).collect();
        self.file.curricula.push(Curriculum { line, name: (*name).into(), courses });
    }

    fn unavailable(&mut self, line: u64, fields: &[&str]) {
        let Some([course, day, period]) = self.fields(line, fields, "course, day, period") else { return };
        let day = self.log.number32(line, "day", day, self.file.days - 1);
        let period = self.log.number32(line, "period", period, self.file.periods - 1);
        if let (Some(day), Some(period)) = (day, period) {
            self.log.keep(KEPT_BY_NAME + course.len() as u64);
            self.file.unavailable.push(Unavailable { line, course: course.into(), day, period });
        }
    }
}
