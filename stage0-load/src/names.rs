//! Tables from names to indexes, and "seen already" marks. The tables hash with a random key (names
//! come from untrusted files) and are only ever asked, never walked through, so no result depends
//! on their order.

use crate::log::{Log, quoted};
use std::collections::HashMap;

/// Names of one sort of thing, numbered in the order of their appearance.
#[derive(Debug)]
pub(crate) struct Names {
    what: &'static str,
    index: HashMap<Box<str>, u32>,
    /// Some names could not be read: of one that is not there nothing can be said.
    partial: bool,
}

impl Names {
    /// `what`: how messages call such a thing.
    pub(crate) fn new(what: &'static str) -> Names {
        Names { what, index: HashMap::new(), partial: false }
    }

    /// From now on it is no fault that a name is not there: some could not be read, which was said.
    pub(crate) fn are_partial(&mut self) {
        self.partial = true;
    }

    /// Forgets a name.
    pub(crate) fn forget(&mut self, name: &str) {
        self.index.remove(name);
    }

    /// How messages call such a thing.
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    /// From a list of names; of equal ones the first counts.
    pub(crate) fn of<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Names {
        let mut table = Names::new(what);
        for (i, name) in names.enumerate() {
            table.index.entry(name.into()).or_insert(i as u32);
        }
        table
    }

    /// Notes that `name` is number `index`; a fault where the name is taken, empty or too long.
    pub(crate) fn define(&mut self, log: &mut Log, line: u64, name: &str, index: usize) {
        if !log.name(line, self.what, name) {
            return;
        }
        if self.index.contains_key(name) {
            log.fault(line, format!("{} {} again", self.what, quoted(name)), "a name not used before");
            return;
        }
        self.index.insert(name.into(), index as u32);
    }

    /// The number of a name.
    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The number of a name, the next free one where it is new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        match self.get(name) {
            Some(i) => i,
            None => {
                let next = self.index.len() as u32;
                self.index.insert(name.into(), next);
                next
            }
        }
    }

    /// The number of a name, or a fault; `of` says where it was named.
    pub(crate) fn find(&self, log: &mut Log, line: u64, name: &str, of: &str) -> Option<u32> {
        let found = self.get(name);
        let is_told = !self.partial && !log.is_damaged() || log.is_lenient();
        if found.is_none() && is_told {
            log.unusable(
                line,
                format!("unknown {} {}{of}", self.what, quoted(name)),
                format!("a {} of this problem", self.what),
            );
        }
        found
    }
}

/// Which indexes came up in the present round.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    round: u32,
    marks: Vec<u32>,
}

impl Seen {
    /// Forgets all.
    pub(crate) fn next_round(&mut self) {
        if self.round == u32::MAX {
            self.marks.clear();
            self.round = 0;
        }
        self.round += 1;
    }

    /// Whether `index` comes up for the first time in this round.
    pub(crate) fn first(&mut self, index: u32) -> bool {
        let i = index as usize;
        if i >= self.marks.len() {
            self.marks.resize((i + 1).next_power_of_two(), 0);
        }
        std::mem::replace(&mut self.marks[i], self.round) != self.round
    }
}
