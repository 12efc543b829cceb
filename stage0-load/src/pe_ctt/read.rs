//! The numbers of a `.tim` file: a header of four, then one matrix after the other, each number in
//! its place.

use super::{DAYS, SLOTS};
use crate::log::{Lines, Log, Stop, quoted};
use crate::source::Source;

/// More events, rooms, features or students than these are refused.
const EVENTS_MAX: u64 = 65_534;
const STUDENTS_MAX: u64 = timetable::MAX_PENALTY as u64;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) sizes: Vec<u32>,
    /// By student: the events attended.
    pub(super) attends: Vec<Vec<u32>>,
    /// By room: the features it has.
    pub(super) has: Vec<Vec<u32>>,
    /// By event: the features it needs.
    pub(super) needs: Vec<Vec<u32>>,
    /// By event: bit `s` set where it can be held in slot `s` of the week.
    pub(super) slots: Vec<u64>,
    /// Line, event before, event after; as often as the file says it.
    pub(super) before: Vec<(u64, u32, u32)>,
    pub(super) features: usize,
    /// Bytes of the file.
    pub(super) size: u64,
}

/// What a one of a matrix takes, here and in the problem, and what an event, a room or a student
/// does, in bytes.
const KEPT_BY_ONE: u64 = 32;
const KEPT_BY_ATTENDANCE: u64 = 64;
const KEPT_BY_ROW: u64 = 400;
const KEPT_BY_PRECEDENCE: u64 = 250;

const WITHOUT_SLOTS: &str = "the layout of 2002, which says neither when an event can be held nor in which order: \
                             every slot is available";

/// Reads the numbers.
pub(super) fn read(source: Source, log: &mut Log) -> Result<File, Stop> {
    let mut numbers = Numbers { lines: Lines::new(source), log, line: String::new(), number: 0, at: 0 };
    let header = [("events", EVENTS_MAX), ("rooms", EVENTS_MAX), ("features", EVENTS_MAX), ("students", STUDENTS_MAX)];
    let mut counts = [0usize; 4];
    for (count, (what, max)) in counts.iter_mut().zip(header) {
        let least = if what == "events" || what == "rooms" { 1 } else { 0 };
        *count = numbers.next(&format!("number of {what}"), least, max as i64)?.1 as usize;
    }
    if !numbers.log.is_empty() {
        return Err(Stop); // without the counts no number has a place
    }
    let [events, rooms, features, students] = counts;
    numbers.log.keep(KEPT_BY_ROW * (events + rooms + features + students) as u64);
    let mut file = File { features, ..File::default() };
    for _ in 0..rooms {
        file.sizes.push(numbers.next("size of a room", 0, i64::from(i32::MAX))?.1 as u32);
    }
    file.attends = numbers.matrix("attendance", students, events, KEPT_BY_ATTENDANCE)?;
    file.has = numbers.matrix("feature of a room", rooms, features, KEPT_BY_ONE)?;
    file.needs = numbers.matrix("feature of an event", events, features, KEPT_BY_ONE)?;
    if numbers.ended()? {
        numbers.log.note(0, WITHOUT_SLOTS);
        file.slots = vec![(1 << (DAYS * SLOTS)) - 1; events];
        file.size = numbers.lines.size();
        return if numbers.log.is_empty() { Ok(file) } else { Err(Stop) };
    }
    for _ in 0..events {
        let mut bits = 0u64;
        for s in 0..DAYS * SLOTS {
            bits |= (numbers.next("availability of a slot", 0, 1)?.1 as u64) << s;
        }
        file.slots.push(bits);
    }
    for row in 0..events as u32 {
        for column in 0..events as u32 {
            let pair = match numbers.next("precedence of two events", -1, 1)? {
                (line, 1) => (line, row, column),
                (line, -1) => (line, column, row),
                _ => continue,
            };
            numbers.log.keep(KEPT_BY_PRECEDENCE);
            file.before.push(pair);
        }
        numbers.log.holds(numbers.number, numbers.lines.size())?;
    }
    numbers.end()?;
    file.size = numbers.lines.size();
    if numbers.log.is_empty() { Ok(file) } else { Err(Stop) }
}

struct Numbers<'l> {
    lines: Lines,
    log: &'l mut Log,
    line: String,
    number: u64,
    at: usize,
}

impl Numbers<'_> {
    /// The next word: where in `self.line`, `None` at the end.
    fn word(&mut self) -> Result<Option<std::ops::Range<usize>>, Stop> {
        loop {
            let rest = &self.line[self.at..];
            let from = self.at + (rest.len() - rest.trim_start().len());
            if from < self.line.len() {
                let length = self.line[from..].find(char::is_whitespace).unwrap_or(self.line.len() - from);
                self.at = from + length;
                return Ok(Some(from..self.at));
            }
            match self.lines.next(self.log)? {
                None => return Ok(None),
                Some((number, text)) => {
                    self.number = number;
                    self.line.clear();
                    self.line.push_str(text);
                    self.at = 0;
                }
            }
        }
    }

    /// Whether there is no number left.
    fn ended(&mut self) -> Result<bool, Stop> {
        let word = self.word()?;
        // It is read again.
        self.at = word.as_ref().map_or(self.at, |word| word.start);
        Ok(word.is_none())
    }

    /// The next number with its line; 0 after a fault, for the others still stand in their places.
    fn next(&mut self, what: &str, min: i64, max: i64) -> Result<(u64, i64), Stop> {
        let Some(word) = self.word()? else {
            let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            self.log.fault(
                self.lines.number(),
                format!("the file ends before {article} {what}"),
                "the rest of the file",
            );
            return Err(Stop);
        };
        let text = &self.line[word];
        match text.parse::<i64>() {
            Ok(v) if (min..=max).contains(&v) => Ok((self.number, v)),
            _ => {
                let found = format!("{what} {}", quoted(text));
                self.log.fault(self.number, found, format!("a whole number from {min} to {max}"));
                Ok((self.number, 0))
            }
        }
    }

    /// Rows of zeros and ones, as the columns of the ones.
    fn matrix(&mut self, what: &str, rows: usize, columns: usize, kept: u64) -> Result<Vec<Vec<u32>>, Stop> {
        let mut matrix = Vec::new();
        for _ in 0..rows {
            let mut row = Vec::new();
            for column in 0..columns as u32 {
                if self.next(what, 0, 1)?.1 == 1 {
                    self.log.keep(kept);
                    row.push(column);
                }
            }
            matrix.push(row);
            self.log.holds(self.number, self.lines.size())?;
        }
        Ok(matrix)
    }

    fn end(&mut self) -> Result<(), Stop> {
        if let Some(word) = self.word()? {
            let found = format!("{} after the last number", quoted(&self.line[word]));
            self.log.fault(self.number, found, "nothing more");
        }
        Ok(())
    }
}
