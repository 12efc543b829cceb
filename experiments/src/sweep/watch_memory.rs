//! The driver's eye on memory: the gauges, and the end of the largest trial before the kernel ends
//! anything.

use super::driver::Driver;
use super::room::{level, room};
use super::slot::Slot;
use crate::error::Error;
use memguard::{Bytes, Level};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// How often the gauges are read.
const GAUGES: Duration = Duration::from_millis(100);

impl Driver<'_> {
    /// Reads the gauges; at a critical level the largest trial is ended.
    pub(super) fn read_gauges(&mut self) -> Result<(), Error> {
        if self.read.elapsed() < GAUGES && self.room.used.1 > Bytes::ZERO {
            return Ok(());
        }
        self.read = Instant::now();
        let trials: Bytes = self.at_work().map(|work| work.process.private()).sum();
        let mut mapped = BTreeSet::new();
        let instances =
            self.slots.iter().filter_map(|slot| slot.trial.as_ref()).map(|work| work.candidate.cell.instance);
        mapped.extend(instances);
        let problems = mapped
            .into_iter()
            .filter_map(|at| self.sweep.grid.instances.get(at))
            .map(|one| Bytes::new(one.bytes))
            .sum();
        let (readings, limits) = (self.sweep.guard.readings(), self.sweep.guard.limits());
        self.room = room(&readings, limits, trials, problems);
        let before = self.level;
        self.level = level(&readings, limits, trials, before);
        if self.level != before {
            tracing::info!("memory is {}: {} of {}", self.level, self.room.used.0, self.room.used.1);
        }
        if self.level >= Level::Emergency {
            self.short = Some(Instant::now());
        }
        if self.level == Level::Critical {
            self.end_largest()?;
        }
        Ok(())
    }

    fn end_largest(&mut self) -> Result<(), Error> {
        let private = |slot: &mut Slot| slot.trial.as_mut().map(|work| work.process.private());
        let sizes = self.slots.iter_mut().enumerate().filter_map(|(at, slot)| Some((private(slot)?, at)));
        let Some((size, at)) = sizes.max() else { return Ok(()) };
        let Some(work) = self.slots[at].trial.as_mut() else { return Ok(()) };
        let cap = Bytes::new(work.candidate.start.cap);
        work.ended_for_memory = Some(size > cap);
        let ended = work.process.kill().map_err(Error::io(self.sweep.folder.path()))?;
        self.watch
            .tells(&format!("memory is critical: the largest trial ({size} of {cap}) was ended, and is run again"));
        self.take_in(at, ended)
    }
}
