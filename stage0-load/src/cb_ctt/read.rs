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
    /// Courses are in the file that could not be read.
    pub(super) courses_lost: bool,
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
/// What the extended format of Udine (`.ectt`) has instead of the last key, and besides.
const EXTENDED_KEYS: [&str; 3] = ["UnavailabilityConstraints", "RoomConstraints", "Min_Max_Daily_Lectures"];
const SECTIONS: [&str; 5] = ["COURSES", "ROOMS", "CURRICULA", "UNAVAILABILITY_CONSTRAINTS", "ROOM_CONSTRAINTS"];
/// The header's count of each section's lines, as a position in `KEYS`, and then `EXTENDED_KEYS`.
const COUNTS: [usize; 5] = [1, 2, 5, 6, 7];
/// Of these sections every file has the first four.
const PLAIN: usize = 4;
const IGNORED: &str = "the extended format of Udine (.ectt) is read as CB-CTT (UD2): the least and most lectures a day, \
                       double lectures, buildings and unsuitable rooms are ignored";

/// Where a key stands in the header.
fn position(key: &str) -> Option<usize> {
    let extended = || EXTENDED_KEYS.iter().position(|&k| k == key).map(|i| 6 + i);
    KEYS.iter().position(|&k| k == key).or_else(extended)
}

/// Whether a text begins like a file of this format: with a key of the header, and another one or a
/// section.
pub(crate) fn is_header(head: &[u8]) -> bool {
    let lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let is_key = |line: &[u8]| {
        let key = line.split(|&b| b == b':').next().unwrap_or_default();
        key.len() < line.len() && std::str::from_utf8(key.trim_ascii()).is_ok_and(|key| position(key).is_some())
    };
    let is_section = |line: &[u8]| {
        line.strip_suffix(b":").is_some_and(|name| SECTIONS.iter().any(|section| section.as_bytes() == name))
    };
    let mut lines = lines.take(40).map(|line| (is_key(line), is_section(line)));
    // Of a first line without an end nothing more is known.
    let is_all = |head: &[u8]| !head.trim_ascii().contains(&b'\n') && head.len() >= 4096;
    lines.next().is_some_and(|(is_key, _)| is_key)
        && (lines.any(|(is_key, is_section)| is_key || is_section) || is_all(head))
}

/// Reads the lines.
pub(super) fn read(source: Source, log: &mut Log) -> Result<File, Stop> {
    let mut reader = Reader {
        log,
        file: File::default(),
        header: [const { None }; 9],
        is_extended: false,
        section: None,
        seen: [None; 5],
        rows: [0; 5],
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
    header: [Option<(u64, String)>; 9],
    /// The file has what only the extended format has.
    is_extended: bool,
    section: Option<usize>,
    seen: [Option<u64>; 5],
    rows: [u64; 5],
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
            Some(_) if line.strip_suffix(':').is_some_and(|name| !name.contains(char::is_whitespace)) => {
                let expected = format!("one of {}", SECTIONS.join(", "));
                self.log.fault(number, format!("section {}", quoted(line)), expected);
                return Err(Stop); // of which section the rows are is not known
            }
            Some(section) => {
                self.rows[section] += 1;
                let fields: Vec<&str> = line.split_whitespace().collect();
                match section {
                    0 => self.course(number, &fields),
                    1 => self.room(number, &fields),
                    2 => self.curriculum(number, &fields),
                    3 => self.unavailable(number, &fields),
                    _ => {} // rooms that a course shall not use are not part of UD2
                }
            }
        }
        Ok(())
    }

    fn header_line(&mut self, number: u64, line: &str) {
        let known = line.split_once(':').and_then(|(k, v)| Some((k.trim(), position(k.trim())?, v.trim())));
        match known {
            Some((key, i, _)) if self.header[i].is_some() => {
                self.log.fault(number, format!("{key} again"), "each line of the header once");
            }
            Some((key, i, value)) => {
                self.header[i] = Some((number, value.into()));
                self.is_extended |= EXTENDED_KEYS.contains(&key);
            }
            None => {
                let expected = format!("one of {}, or a section", KEYS.join(", "));
                self.log.fault(number, format!("header {}", quoted(line)), expected);
            }
        }
    }

    fn header_number(&mut self, key: usize, min: u64, max: u64) -> Option<u64> {
        let name = match key {
            6 if self.is_extended => EXTENDED_KEYS[0],
            _ => KEYS.get(key).copied().unwrap_or(EXTENDED_KEYS[1]),
        };
        match &self.header[key] {
            Some((line, text)) => self.log.number(*line, name, text, min..=max),
            None => {
                self.log.fault(0, format!("no {name} in the header"), format!("a line {name}: and a number"));
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
        let wants_last = self.header[COUNTS[PLAIN]].as_ref().is_some_and(|(_, count)| count != "0");
        let has_last = wants_last || self.seen[PLAIN].is_some();
        for i in 0..if has_last { SECTIONS.len() } else { PLAIN } {
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
        self.file.courses_lost |= self.seen[0].is_none();
        if self.is_extended {
            self.log.note(0, IGNORED);
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

    /// The fields that CB-CTT has: the extended format has one more.
    fn without_extension<'s, 'f>(&self, fields: &'s [&'f str], plain: usize) -> &'s [&'f str] {
        if self.is_extended && fields.len() == plain + 1 { &fields[..plain] } else { fields }
    }

    fn course(&mut self, line: u64, fields: &[&str]) {
        let what = "course, teacher, lectures, minimum of working days, students";
        let fields = self.without_extension(fields, 5);
        let Some([name, teacher, lectures, min_days, students]) = self.fields(line, fields, what) else {
            self.file.courses_lost = true;
            return;
        };
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
        let fields = self.without_extension(fields, 2);
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
