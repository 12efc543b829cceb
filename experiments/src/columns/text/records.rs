//! Cuts text into records: lines, or in CSV lines that may go on within quotes.

use super::{Format, unreadable};
use crate::columns::Fault;
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bytes that are read at once.
const BLOCK: usize = 1 << 18;

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it says, without its line end.
    pub text: &'a [u8],
    /// The line at which it begins, counted from 1.
    pub line: u64,
    /// Its number, counted from 0.
    pub number: u64,
    /// Whether it has a line end: who is still writing has not ended the last.
    pub ended: bool,
}

/// The records of a text, one after the other, without their line ends. Empty lines are none.
pub struct Records {
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    format: Format,
    most: usize,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    done: bool,
    /// Unpacked bytes read so far.
    pub bytes: u64,
    line: u64,
    /// Lines that the last record has.
    lines: u64,
    /// Whether a quote is open where the search for the end of the record has got to.
    open: bool,
    /// Records so far.
    count: u64,
    ended: bool,
}

impl Records {
    pub(super) fn new(path: &Path, reader: Box<dyn Read + Send>, format: Format, most: usize) -> Records {
        let buffer = vec![0; BLOCK];
        Records {
            path: path.to_owned(),
            reader,
            format,
            most,
            buffer,
            start: 0,
            end: 0,
            done: false,
            bytes: 0,
            line: 1,
            lines: 0,
            open: false,
            count: 0,
            ended: true,
        }
    }

    /// Counts records anew: the names are none.
    pub(super) fn restart(&mut self) {
        self.count = 0;
    }

    /// The next record.
    ///
    /// # Errors
    /// The data is damaged, a record is too long, or quotes are never closed.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Fault> {
        loop {
            self.line += self.lines;
            self.lines = 0;
            let Some((from, to)) = self.cut()? else { return Ok(None) };
            let mut record = from..to;
            if self.line == 1 && self.buffer[record.clone()].starts_with(b"\xef\xbb\xbf") {
                record.start += 3;
            }
            if self.buffer[record.clone()].ends_with(b"\r") {
                record.end -= 1;
            }
            // Tabs alone are cells without values where tabs set them apart.
            let is_space =
                |byte: &u8| *byte == b' ' || (self.format == Format::JsonLines && byte.is_ascii_whitespace());
            if self.buffer[record.clone()].iter().all(is_space) {
                continue;
            }
            self.count += 1;
            let (line, number, ended) = (self.line, self.count - 1, self.ended);
            return Ok(Some(Record { text: &self.buffer[record], line, number, ended }));
        }
    }

    /// Where the next record lies; everything before it is used up.
    fn cut(&mut self) -> Result<Option<(usize, usize)>, Fault> {
        let mut searched = self.start;
        loop {
            if let Some(at) = self.find_end(searched) {
                let from = self.start;
                self.start = at + 1;
                self.ended = true;
                return Ok(Some((from, at)));
            }
            searched = self.end;
            if self.done {
                let from = self.start;
                self.start = self.end;
                self.ended = false;
                self.lines += 1;
                return if from == self.end { Ok(None) } else { self.last(from) };
            }
            searched -= self.start;
            self.fill()?;
            searched += self.start;
        }
    }

    /// A record without a line end.
    fn last(&mut self, from: usize) -> Result<Option<(usize, usize)>, Fault> {
        if self.open {
            return Err(Fault::line(&self.path, self.line, "a quote that is never closed", "as many quotes as begin"));
        }
        Ok(Some((from, self.end)))
    }

    /// The line end that ends the record at `start`; what lies before `searched` holds none.
    fn find_end(&mut self, mut searched: usize) -> Option<usize> {
        if searched == self.start {
            (self.lines, self.open) = (0, false);
        }
        let quotes = matches!(self.format, Format::Csv(_));
        while let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
            let at = searched + at;
            self.lines += 1;
            self.open ^= quotes && is_odd(&self.buffer[searched..at]);
            if !self.open {
                return Some(at);
            }
            searched = at + 1;
        }
        self.open ^= quotes && is_odd(&self.buffer[searched..self.end]);
        None
    }

    /// Moves what is left to the beginning, and reads more.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end == self.buffer.len() {
            if self.buffer.len() > self.most {
                let found = format!("a line of more than {} bytes", self.most);
                return Err(Fault::line(&self.path, self.line, found, "shorter ones\nMaybe raise --memory"));
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let n = loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(unreadable(&self.path, &e).at(format_args!(", after line {}", self.line))),
                Ok(n) => break n,
            }
        };
        self.done = n == 0;
        self.end += n;
        self.bytes += n as u64;
        Ok(())
    }
}

/// Whether this holds an odd number of quotes.
fn is_odd(text: &[u8]) -> bool {
    memchr::memchr_iter(b'"', text).count() % 2 == 1
}
