//! Runs trials as a sweep does, and gives what they came to. The store is the only memory: what has
//! ended there is not run again, so a tournament that is started again goes through its races as
//! before.

use super::news::Spectator;
use super::race::Cost;
use super::{Options, Tournament};
use crate::error::Error;
use crate::grid::Grid;
use crate::settings::Settings;
use crate::store::{Index, Row, State};
use crate::sweep::{self, Launch, Outcome, Progress, Sweep, Watch, name_of};
use std::path::PathBuf;

/// Why a tournament does not go on for now.
#[derive(Debug)]
pub(super) enum Halt {
    Failed(Error),
    /// It was told to end.
    Stopped,
    /// The disk is full.
    NoRoom,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Failed(error)
    }
}

/// An attempt that ran out of memory is the last after so many before it.
const LAST_OOM: u32 = 2;

pub(super) struct Trials<'t> {
    pub(super) tournament: &'t Tournament<'t>,
    pub(super) launch: &'t mut dyn Launch,
    pub(super) watch: &'t mut dyn Spectator,
    /// Trials that were run this time.
    pub(super) ran: u64,
    /// Where trials say what their stages took.
    pub(super) profile: Option<PathBuf>,
}

impl Trials<'_> {
    /// What cells of a grid (each once, with its settings) came to. Segments are left as they are.
    pub(super) fn costs(&mut self, grid: &Grid, number: u32, cells: &[(u64, &Settings)]) -> Result<Vec<Cost>, Halt> {
        if let Some(costs) = self.recorded(grid, cells, is_over)? {
            return Ok(costs);
        }
        let mut wanted: Vec<u64> = cells.iter().map(|(cell, _)| *cell).collect();
        wanted.sort_unstable();
        wanted.dedup();
        self.sweep(grid, number, wanted, true)?;
        let any = |row: &Row| !row.state.is_open();
        self.recorded(grid, cells, any)?.ok_or_else(|| {
            let path = self.tournament.folder.index();
            Halt::Failed(Error::damaged(
                &path,
                "a trial that has ended is not in it; `results --rebuild` makes it again",
            ))
        })
    }

    /// Everything that was recorded becomes Parquet.
    pub(super) fn settle(&mut self, grid: &Grid, number: u32) -> Result<(), Halt> {
        self.sweep(grid, number, Vec::new(), false)
    }

    fn sweep(&mut self, grid: &Grid, number: u32, cells: Vec<u64>, leave_segments: bool) -> Result<(), Halt> {
        let Tournament { folder, lock, options: Options { jobs, accept, .. }, guard, cancel, .. } = self.tournament;
        let options = sweep::Options {
            jobs: *jobs,
            minimal: false,
            cells: Some(cells),
            leave_segments,
            profile: self.profile.clone(),
            shard: None,
            above: None,
            accept: accept.clone(),
            retry: Vec::new(),
            only_plan: false,
        };
        let sweep = Sweep { folder, lock, grid, number, options, guard: guard.clone(), cancel: cancel.clone() };
        let ending = sweep.run(self.launch, &mut Beside(self.watch))?;
        self.ran += ending.ran;
        match ending.outcome {
            Outcome::Done | Outcome::SomeFailed => Ok(()),
            Outcome::NeedsMemory(bytes) => {
                self.watch
                    .tells(&format!("a trial needs more memory than there is, at least {bytes}: it counts as failed"));
                Ok(())
            }
            Outcome::Stopped => Err(Halt::Stopped),
            Outcome::NoRoom => Err(Halt::NoRoom),
        }
    }

    /// What is in the index, where every cell is there and counts.
    fn recorded(
        &self,
        grid: &Grid,
        cells: &[(u64, &Settings)],
        counts: impl Fn(&Row) -> bool,
    ) -> Result<Option<Vec<Cost>>, Error> {
        let path = self.tournament.folder.index();
        if !path.is_file() {
            return Ok(None);
        }
        let index = Index::read(&path)?;
        let mut costs = Vec::new();
        for &(number, settings) in cells {
            let Some(cell) = grid.cell(number) else { return Ok(None) };
            let mut best: Option<Row> = None;
            for id in name_of(grid, &cell, settings, &self.tournament.options.accept) {
                let row = index.trial(id)?;
                if let Some(row) = row.filter(|row| best.is_none() || row.state == State::Done) {
                    best = Some(row);
                }
            }
            match best.filter(&counts) {
                Some(row) => costs.push(row.score.filter(|_| row.state == State::Done)),
                None => return Ok(None),
            }
        }
        Ok(Some(costs))
    }
}

/// Whether another start of the same tournament would not run the trial again.
fn is_over(row: &Row) -> bool {
    !row.state.is_open() && (row.state != State::Oom || row.start.ooms >= LAST_OOM)
}

/// Shows trials, but not every sweep's beginning.
struct Beside<'w>(&'w mut dyn Spectator);

impl Watch for Beside<'_> {
    fn ended(&mut self, row: &Row, texts: &[String], why: Option<&str>) {
        self.0.ended(row, texts, why);
    }

    fn progress(&mut self, progress: &Progress) {
        self.0.progress(progress);
    }

    fn tells(&mut self, line: &str) {
        self.0.tells(line);
    }
}
