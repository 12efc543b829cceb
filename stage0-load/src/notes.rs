//! What is said of an input that is no fault: each thing once, with how often it is there and where
//! first.

use crate::fault::lines_in_words;
use std::path::Path;

/// Most different things that are said; the others are counted.
const MOST: usize = 40;
/// Most lines that are named.
const PLACES: usize = 3;

/// One thing that is said.
#[derive(Debug)]
struct Note {
    what: String,
    count: u64,
    lines: Vec<u64>,
}

/// The notes of one file.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    list: Vec<Note>,
    more: u64,
}

impl Notes {
    /// Notes something that is in a line; line 0 stands for the whole file.
    pub(crate) fn add(&mut self, line: u64, what: &str) {
        let at = match self.list.iter().position(|note| note.what == what) {
            Some(at) => at,
            None if self.list.len() < MOST => {
                self.list.push(Note { what: what.to_owned(), count: 0, lines: Vec::new() });
                self.list.len() - 1
            }
            None => {
                self.more += 1;
                return;
            }
        };
        let note = &mut self.list[at];
        note.count += 1;
        if line > 0 && note.lines.len() < PLACES && note.lines.last() != Some(&line) {
            note.lines.push(line);
        }
    }

    /// Says all of it, and forgets it.
    pub(crate) fn say(&mut self, file: &Path) {
        let Notes { list, more } = std::mem::take(self);
        for note in list {
            tracing::warn!("{}: {}{}", file.display(), note.what, places(note.count, &note.lines));
        }
        if more > 0 {
            tracing::warn!("{}: ... and {more} more such remarks", file.display());
        }
    }
}

/// ` (line 3)`, or ` (7 times, first in lines 3, 5 and 9)`.
fn places(count: u64, lines: &[u64]) -> String {
    match (count, lines) {
        (_, []) => String::new(),
        (1, [line]) => format!(" (line {line})"),
        (n, lines) => format!(" ({n} times, first in {})", lines_in_words(lines)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_there_once_with_its_count_and_its_first_lines() {
        let mut notes = Notes::default();
        (1..=9).for_each(|line| notes.add(line, "a"));
        notes.add(4, "b");
        notes.add(0, "c");
        let said: Vec<String> = notes.list.iter().map(|n| format!("{}{}", n.what, places(n.count, &n.lines))).collect();
        assert_eq!(said, ["a (9 times, first in lines 1, 2 and 3)", "b (line 4)", "c"]);
        (0..100).for_each(|i| notes.add(i, &format!("{i}")));
        assert_eq!((notes.list.len(), notes.more), (MOST, 63));
    }
}
