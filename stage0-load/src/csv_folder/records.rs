//! Records of CSV (RFC 4180) with the lines that they begin on; one record takes no more memory
//! than [`Limits::ITEM`].
//!
//! [`Limits::ITEM`]: crate::Limits::ITEM

use crate::source::Source;
use std::io::{self, BufRead};

/// What a row and a part of a list in it take here and in the problem, in bytes besides their
/// texts.
const KEPT_BY_ROW: usize = 150;
const KEPT_BY_PART: usize = 64;
/// Cells of a record beyond these are not kept.
pub(crate) const MAX_CELLS: usize = 1000;

/// What comes next in a file.
pub(crate) enum Next {
    /// A record.
    Record,
    /// A record whose last quote is never closed.
    Unclosed,
    /// Nothing more.
    End,
}

/// Reads records one by one; blank lines are passed over.
pub(crate) struct Records {
    source: Source,
    delimiter: u8,
    raw: Vec<u8>,
    /// The cells, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Inside quotes; at the beginning of a cell.
    quoted: bool,
    fresh: bool,
    /// The first line of the record.
    pub(crate) line: u64,
    /// The first line that is not blank says what separates cells, and is no record.
    skip: bool,
}

impl Records {
    /// `skip`: the first line that is not blank is no record.
    pub(crate) fn new(source: Source, delimiter: u8, skip: bool) -> Records {
        let (raw, bytes, ends) = (Vec::new(), Vec::new(), Vec::new());
        Records { source, delimiter, raw, bytes, ends, quoted: false, fresh: true, line: 1, skip }
    }

    /// Reads the next record.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        self.bytes.clear();
        self.ends.clear();
        (self.quoted, self.fresh) = (false, true);
        loop {
            self.source.begin_item();
            self.line = self.source.line();
            if !self.read_line()? {
                return Ok(Next::End);
            }
            if !self.raw.trim_ascii().is_empty() && !std::mem::take(&mut self.skip) {
                break;
            }
        }
        self.feed();
        while self.quoted {
            if !self.read_line()? {
                return Ok(Next::Unclosed);
            }
            self.feed();
        }
        self.end_cell();
        Ok(Next::Record)
    }

    fn read_line(&mut self) -> io::Result<bool> {
        self.raw.clear();
        Ok(self.source.read_until(b'\n', &mut self.raw)? > 0)
    }

    fn end_cell(&mut self) {
        if self.ends.len() <= MAX_CELLS {
            self.ends.push(self.bytes.len());
        }
        self.fresh = true;
    }

    /// Takes one line.
    fn feed(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            at += 1;
            match byte {
                b'"' if self.quoted && raw.get(at) == Some(&b'"') => {
                    self.bytes.push(byte);
                    at += 1;
                }
                b'"' if self.quoted => self.quoted = false,
                b'"' if self.fresh => (self.quoted, self.fresh) = (true, false),
                _ if self.quoted => self.bytes.push(byte),
                b'\n' | b'\r' if raw[at..].trim_ascii().is_empty() => {}
                _ if byte == self.delimiter => self.end_cell(),
                _ => {
                    self.bytes.push(byte);
                    self.fresh = false;
                }
            }
        }
        self.raw = raw;
    }

    /// How many cells the record has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How the file is encoded, where that is worth a word.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.source.encoding()
    }

    /// Bytes of the file as it lies there.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// What the record takes in memory, about: itself, its text, and the parts of its lists.
    pub(crate) fn kept(&self) -> u64 {
        kept(std::iter::once(self.bytes.as_slice()))
    }

    /// A cell of the record.
    pub(crate) fn cell(&self, i: usize) -> &[u8] {
        let from = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[from..self.ends[i]]
    }
}

/// What a row of these texts takes in memory, about.
pub(crate) fn kept<'a>(texts: impl Iterator<Item = &'a [u8]>) -> u64 {
    let of_text =
        |bytes: &[u8]| 2 * bytes.len() + KEPT_BY_PART * bytes.iter().filter(|b| matches!(b, b';' | b'+')).count();
    (KEPT_BY_ROW + texts.map(of_text).sum::<usize>()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Limits;
    use std::{io::Cursor, path::Path};

    fn records(text: &str) -> Vec<(u64, Vec<String>)> {
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let mut records = Records::new(Source::new(Path::new("x"), reader, Limits::default()).unwrap(), b',', false);
        let mut all = Vec::new();
        while matches!(records.next().unwrap(), Next::Record) {
            let cells = (0..records.len()).map(|i| String::from_utf8(records.cell(i).to_vec()).unwrap()).collect();
            all.push((records.line, cells));
        }
        all
    }

    #[test]
    fn cells_are_split_and_quotes_taken_off_as_the_standard_says() {
        let text = "a,b\r\n\n\"x, \"\"y\"\"\nz\",5\" pipe\r\n,\n\"\",end";
        let expected =
            [(1, vec!["a", "b"]), (3, vec!["x, \"y\"\nz", "5\" pipe"]), (5, vec!["", ""]), (6, vec!["", "end"])];
        let expected = expected.map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect::<Vec<_>>()));
        assert_eq!(records(text), expected);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_no_record() {
        assert_eq!(records("a\n\"b\nc\n").len(), 1);
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_back() {
        let cells = ["plain", "", " with, comma", "with \"quotes\"", "line\nbreak", "\r\n", "end"];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        assert_eq!(records(&text), [(1, cells.map(str::to_owned).to_vec())]);
    }
}
