//! What a tournament tells whoever watches it.

use super::breed::Birth;
use super::outcome::Verdict;
use super::race::{Gone, Standing, Stop};
use crate::sweep::{Preflight, Watch};
use memguard::Bytes;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Watches a tournament, and its trials as those of a sweep.
pub trait Spectator: Watch {
    /// Something has happened.
    fn sees(&mut self, news: &News);

    /// Bytes of memory that are free on the device, and all of it, where there is one.
    fn device(&mut self) -> Option<(u64, u64)> {
        None
    }
}

/// Something that has happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum News {
    /// Before the first race.
    Plan(Plan),
    /// A race begins.
    Race {
        /// Its number, from 1.
        race: usize,
        /// Races that are planned.
        races: usize,
        /// Who takes part.
        entrants: Vec<Entrant>,
        /// Trials that it may spend.
        budget: usize,
    },
    /// Everybody has run on a block.
    Block {
        /// The race.
        race: usize,
        /// Which block of the tournament, from 1.
        block: usize,
        /// The instance.
        instance: String,
        /// The seed.
        seed: u64,
        /// Trials of it.
        trials: usize,
        /// Trials of all races so far.
        spent: usize,
        /// Trials of all races together.
        of: usize,
        /// Who is in, the best first.
        standing: Vec<Standing>,
    },
    /// A configuration is out.
    Out {
        /// The race.
        race: usize,
        /// Which, and why.
        #[serde(flatten)]
        gone: Gone,
    },
    /// A configuration that is left came to the same as a better or older one on every block, and
    /// is no elite.
    Twin {
        /// The race.
        race: usize,
        /// Which.
        configuration: u32,
        /// The other.
        same_as: u32,
        /// Blocks.
        blocks: usize,
    },
    /// A race is over.
    Elites {
        /// The race.
        race: usize,
        /// Why it ended.
        why: Stop,
        /// Who is left, the best first.
        elites: Vec<Standing>,
        /// Memory around it.
        memory: Memory,
    },
    /// The winner and the defaults run on what was held out.
    Proof {
        /// The winner.
        configuration: u32,
        /// What a trial may spend.
        budget: String,
        /// Trials.
        trials: usize,
    },
    /// Settings by features run on what was held out, beside the defaults.
    ByFeatures {
        /// Below which bound of which feature the first configuration is chosen.
        condition: String,
        /// The configuration there, and elsewhere.
        configurations: [u32; 2],
        /// What a trial may spend.
        budget: String,
    },
    /// What came of it.
    Verdict(Box<Verdict>),
}

/// What a tournament is about to do.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Parameters.
    pub parameters: usize,
    /// Races that are planned.
    pub races: Vec<RaceAhead>,
    /// Trials of all races.
    pub trials: usize,
    /// Trials on what is held out, by steps and by time.
    pub proof: usize,
    /// Instances that are held out.
    pub held_out: usize,
    /// Whether so few instances are held out that nothing can be proven.
    pub cannot_prove: bool,
    /// Bytes that ranks of configurations take.
    pub ranks: u64,
    /// Memory of trials with the smallest and the largest values of each parameter.
    pub corners: Preflight,
}

/// A race that is planned.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RaceAhead {
    /// Configurations.
    pub configurations: usize,
    /// Trials.
    pub budget: usize,
}

/// A configuration that takes part.
#[derive(Clone, Debug, Serialize)]
pub struct Entrant {
    /// Its number; 0: the defaults.
    pub configuration: u32,
    /// How it came to be.
    pub birth: Birth,
    /// What it sets, as in `stagecoach.toml`.
    pub sets: Value,
}

/// Memory around a race, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Memory {
    /// In use before, of the limit that is closest.
    pub before: Option<u64>,
    /// In use after the cleanup.
    pub after: Option<u64>,
    /// The limit.
    pub limit: Option<u64>,
    /// What the cleanup freed; negative where there was more after it.
    pub freed: i64,
    /// In use on the device before the race, where there is one.
    pub device_before: Option<u64>,
    /// After it.
    pub device_after: Option<u64>,
}

/// `memory 40.1 MB before, 38.0 MB after, 2.1 MB freed; device 1.2 GB before, 1.2 GB after`.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |bytes: Option<u64>| bytes.map_or("?".to_owned(), |bytes| Bytes::new(bytes).to_string());
        let sign = if self.freed < 0 { "-" } else { "" };
        let freed = Bytes::new(self.freed.unsigned_abs());
        write!(f, "memory {} before, {} after, {sign}{freed} freed", bytes(self.before), bytes(self.after))?;
        match self.device_before {
            Some(_) => write!(f, "; device {} before, {} after", bytes(self.device_before), bytes(self.device_after)),
            None => Ok(()),
        }
    }
}

/// What people call a configuration: `default`, `c12`.
pub fn name(configuration: u32) -> String {
    if configuration == 0 { "default".into() } else { format!("c{configuration}") }
}
