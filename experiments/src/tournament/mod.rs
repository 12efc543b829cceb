//! Tournaments: which configuration is the best, over instances and seeds, within a budget of
//! trials.
//!
//! * [`WrittenArena`]: what people write (`arena`, `written_parameters`); [`Arena`] has its
//!   instances. `parameters` says what may be varied.
//! * A race (`race`) drops whoever is worse than the best by more than chance; `driver` breeds
//!   (`breed`) configurations for the next race from its elites. `blocks` are what they run on.
//! * `trials` runs them as a sweep does, in the same store. There is no other memory, so a
//!   tournament that is started again goes through everything as before, and runs what is missing.
//! * The winner is compared with the defaults on instances that were never raced on (`proof`), and
//!   written with its evidence (`outcome`); so are settings by features (`by_features`), where they
//!   are asked for.

mod arena;
mod blocks;
mod breed;
mod by_features;
mod driver;
mod grids;
mod model;
mod news;
mod outcome;
mod parameters;
mod preflight;
mod profile;
mod proof;
mod race;
mod trials;
mod twins;
mod written_parameters;

use crate::error::Error;
use crate::store::{Folder, Lock};
use crate::sweep::{Launch, blocks as keep_blocks};
use memguard::Guard;
use pipeline::Cancel;
use std::path::Path;
use std::time::Duration;

pub use arena::{Arena, RaceRules, Rules, WrittenArena};
pub use breed::Birth;
pub use by_features::{ByFeatures, Half};
pub use news::{Entrant, Memory, News, Plan, RaceAhead, Spectator, name};
pub use outcome::{CONFIGURATION, RECORD, Verdict};
pub use parameters::{Condition, Domain, Parameter, Point, Range, Space};
pub use profile::PROFILES;
pub(crate) use profile::{Profile, Spent};
pub use proof::{Compared, Proof};
pub use race::{Cost, Gone, Standing, Stop};

/// Streams of random numbers of a seed.
mod stream {
    pub(super) const BREED: u32 = 1;
    pub(super) const BLOCKS: u32 = 2;
    pub(super) const ORDER: u32 = 3;
    pub(super) const RESAMPLES: u32 = 4;
}

/// How a tournament is run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// At most so many trials at once; memory may allow fewer.
    pub jobs: usize,
    /// Results of these versions of the program count as done, too.
    pub accept: Vec<String>,
    /// Show what would be run, and run nothing.
    pub only_plan: bool,
    /// Each trial says what its stages took ([`PROFILES`]).
    pub profile: bool,
}

/// A tournament that may begin, or go on: the same thing.
pub struct Tournament<'s> {
    /// Its folder: that of a sweep.
    pub folder: &'s Folder,
    /// Held as long as it runs.
    pub lock: &'s Lock,
    /// What it goes by.
    pub arena: &'s Arena,
    /// How.
    pub options: Options,
    /// Watches the memory of this process and of everything beside it.
    pub guard: Guard,
    /// Stops it.
    pub cancel: Cancel,
}

/// How a tournament has ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With this.
    Decided(Box<Verdict>),
    /// Nothing was asked for but the plan.
    Planned,
    /// It was stopped; started again it goes on.
    Stopped,
    /// The disk is full, or cannot be written to; started again it goes on.
    NoRoom,
}

/// How a tournament has ended, with figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// Trials that were run this time.
    pub ran: u64,
    /// How long that took.
    pub took: Duration,
}

impl Tournament<'_> {
    /// Races, proves and writes what came of it.
    ///
    /// # Errors
    /// Where the memory does not suffice for the largest configurations; where the store is damaged.
    /// What was recorded stays.
    pub fn run(&self, launch: &mut dyn Launch, watch: &mut dyn Spectator) -> Result<Ending, Error> {
        driver::run(self, launch, watch)
    }
}

/// Loads every instance of an arena and keeps its block. `load` gives a problem's block.
///
/// # Errors
/// What `load` says; what the system says of the folder; an instance that is raced on and held out.
pub fn prepare(
    folder: &Folder,
    written: &WrittenArena,
    mut load: impl FnMut(&Path) -> Result<timetable::Problem, Error>,
) -> Result<Arena, Error> {
    let instances = keep_blocks(folder, &written.instances, &mut load)?;
    let held_out = keep_blocks(folder, &written.held_out, &mut load)?;
    if let Some(twice) = held_out.iter().find(|one| instances.iter().any(|other| other.hash == one.hash)) {
        return Err(Error::Input(format!(
            "{}: `{}` holds a problem that is raced on, too; expected others, since nothing is proven on what was chosen by",
            written.path.display(),
            twice.path.display()
        )));
    }
    let families = written.instances.iter().map(|(_, path)| arena::family(path)).collect();
    Ok(Arena { rules: written.rules.clone(), instances, families, held_out })
}
