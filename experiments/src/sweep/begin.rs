//! Which trials begin: the first of the next that fit.

use super::driver::Driver;
use super::kinds::{Guesser, Kinds, expected_of};
use super::planner::{Candidate, Look, PATIENCE, WINDOW};
use super::slot::{AtWork, Slot};
use super::{Job, Sweep};
use crate::error::Error;
use crate::grid::Budget;
use crate::lines::{End, Line};
use crate::store::{Place, Row, State, now};
use memguard::{Bytes, Exit, Level, Next, WorkerOutcome, next};
use std::{
    thread,
    time::{Duration, Instant},
};

/// So many trials in a row cannot be started before the sweep ends.
const FAILED_STARTS: u32 = 8;
/// After one could not be started.
const PAUSE: Duration = Duration::from_millis(100);

impl Driver<'_> {
    /// Begins trials while there is room. Returns whether it began any.
    pub(super) fn begin(&mut self) -> Result<bool, Error> {
        let mut batch = Vec::new();
        let mut taken = Vec::new();
        while !self.recorder.is_full() {
            let running = self.slots.iter().filter(|slot| slot.trial.is_some()).count();
            if running + batch.len() >= self.sweep.options.jobs {
                break;
            }
            let Some((candidate, kind, cap, expected)) = self.choose(&taken)? else { break };
            taken.push((expected, candidate.had.is_some()));
            batch.push((candidate, kind, cap, expected));
        }
        if batch.is_empty() {
            return Ok(false);
        }
        for (candidate, _, cap, _) in &mut batch {
            candidate.start.cap = cap.get();
        }
        let starts: Vec<_> = batch.iter().map(|(candidate, ..)| candidate.start).collect();
        match self.index.begin_trials(&starts) {
            Ok(()) => {}
            Err(why) if why.is_busy() => {
                // They are the first again when the index is free.
                for (candidate, ..) in batch.into_iter().rev() {
                    self.window.push_front(candidate);
                }
                return Ok(false);
            }
            Err(why) => return Err(why),
        }
        for (candidate, kind, _, expected) in batch {
            self.launch(candidate, kind, expected)?;
        }
        Ok(true)
    }

    /// The first of the next trials that fits beside those at work and those `taken` now.
    fn choose(&mut self, taken: &[(Bytes, bool)]) -> Result<Option<(Candidate, usize, Bytes, Bytes)>, Error> {
        self.look_ahead()?;
        let at_work = self.at_work().map(|work| (work.expected, work.candidate.had.is_some()));
        let beside: Vec<(Bytes, bool)> = at_work.collect::<Vec<_>>().into_iter().chain(taken.iter().copied()).collect();
        let used: Bytes = beside.iter().map(|(expected, _)| *expected).sum();
        let most = match self.level {
            Level::Calm => usize::MAX,
            Level::Elevated => 1,
            Level::Emergency | Level::Critical => 0,
        };
        // One that ran out of memory runs alone.
        if beside.len() >= most || beside.iter().any(|(_, alone)| *alone) {
            return Ok(None);
        }
        let mut at = 0;
        while at < self.window.len() {
            let candidate = &self.window[at];
            let Some(kind) = kind(self.sweep, &mut self.kinds, &mut self.guesser, candidate) else {
                let candidate = self.window.remove(at);
                if let Some(candidate) = candidate {
                    self.bad_configuration(&candidate)?;
                }
                continue;
            };
            let is_first = beside.is_empty();
            let (cap, alone) = match candidate.had {
                // What was learnt may be more than there is: then it gets what there is, alone.
                None if is_first => (self.kinds.get(kind).cap_within(self.room.most), false),
                None => (self.kinds.get(kind).cap(), false),
                Some(had) => match self.more_than(had, candidate.start.ooms) {
                    Some(more) => (more, true),
                    None => {
                        self.window.remove(at);
                        continue;
                    }
                },
            };
            let expected = expected_of(cap);
            let fits = match (is_first, alone) {
                (true, _) => cap <= self.room.most || expected <= self.room.planned,
                (false, true) => false,
                (false, false) => used.saturating_add(expected) <= self.room.planned,
            };
            if fits {
                let candidate = self.window.remove(at);
                return Ok(candidate.map(|candidate| (candidate, kind, cap, expected)));
            }
            // One that has waited long enough is not passed over any more.
            self.window[at].passed_over += 1;
            if self.window[at].passed_over > PATIENCE {
                return Ok(None);
            }
            at += 1;
        }
        Ok(None)
    }

    /// What a trial gets that ran out of `had`; `None` where it was tried often enough, or there is
    /// no more.
    fn more_than(&mut self, had: u64, ooms: u32) -> Option<Bytes> {
        let (cap, most) = (Bytes::new(had), self.room.most);
        let ended = WorkerOutcome { exit: Exit::OverCap, peak: None, ran: Duration::ZERO };
        // `ooms` counts the attempt that has just failed.
        match next(&ended, cap, ooms.saturating_sub(1), most) {
            Next::Alone(more) => Some(more),
            _ => {
                self.progress.failed += 1;
                self.given_up += 1;
                if ooms <= 2 {
                    self.lacking = self.lacking.max(Some(cap.scaled(1.5)));
                }
                None
            }
        }
    }

    /// Fills the window.
    fn look_ahead(&mut self) -> Result<(), Error> {
        while self.window.len() < WINDOW && !self.is_planned {
            match self.planner.next(&self.index)? {
                Some(Look::Open(candidate)) => self.window.push_back(*candidate),
                Some(_) => {}
                None => self.is_planned = true,
            }
        }
        Ok(())
    }

    /// A combination of values that makes no configuration is recorded like a trial that has ended.
    fn bad_configuration(&mut self, candidate: &Candidate) -> Result<(), Error> {
        let why = candidate.settings.as_ref().as_ref().err().cloned();
        let state = State::BadConfig;
        let version = crate::version().to_owned();
        let end = End {
            start: candidate.start,
            state,
            score: None,
            ms: 0,
            steps: None,
            peak: 0,
            needed: 0,
            cpu: 0,
            why,
            version,
            at: now(),
        };
        self.index.begin_trials(&[candidate.start])?;
        let at = self.free_slot()?;
        let slot = &mut self.slots[at];
        slot.segment.append(&Line::End(end.clone()))?;
        let row = Row::from(&end);
        self.recorder.end(row, slot.segment.place, slot.segment.len()?);
        self.progress.failed += 1;
        self.ran += 1;
        let texts = self.sweep.grid.texts(&candidate.cell);
        self.watch.ended(&row, &texts, end.why.as_deref());
        Ok(())
    }

    fn free_slot(&mut self) -> Result<usize, Error> {
        if let Some(at) = self.slots.iter().position(|slot| slot.trial.is_none()) {
            return Ok(at);
        }
        let slot = self.slots.len() as u32;
        self.slots.push(Slot::new(&self.sweep.folder.wal(), Place { slot, seq: self.seq })?);
        Ok(self.slots.len() - 1)
    }

    fn launch(&mut self, candidate: Candidate, kind: usize, expected: Bytes) -> Result<(), Error> {
        let sweep = self.sweep;
        let Some(instance) = sweep.grid.instances.get(candidate.cell.instance) else { return Ok(()) };
        let start = candidate.start;
        let keep =
            sweep.grid.keep_solution.then(|| sweep.folder.trials().join(format!("{}-{}", start.id, start.attempt)));
        let by_time = match candidate.cell.budget {
            Budget::Time(ms) => Some(2 * ms + 60_000),
            Budget::Steps(_) => None,
        };
        let job = Job {
            start,
            block: sweep.folder.block(&instance.hash),
            layer: sweep.grid.layer(&candidate.cell),
            budget: candidate.cell.budget,
            deadline: sweep.grid.deadline.or(by_time),
            keep,
            profile: sweep.options.profile.clone(),
        };
        let at = self.free_slot()?;
        let slot = &mut self.slots[at];
        let from = slot.segment.len()?;
        slot.segment.append(&Line::Start(start))?;
        // Its deadline is counted from here, or later.
        let began = Instant::now();
        match self.launch.launch(&job, &slot.segment.file, &slot.errors) {
            Ok(process) => {
                self.failed_starts = 0;
                let deadline = job.deadline.map(Duration::from_millis);
                slot.trial =
                    Some(AtWork { candidate, kind, expected, process, from, began, deadline, ended_for_memory: None });
                Ok(())
            }
            Err(why) => {
                self.failed_starts += 1;
                if self.failed_starts >= FAILED_STARTS {
                    return Err(Error::io(&sweep.folder.path().join("wal"))(why));
                }
                self.watch.tells(&format!("a trial cannot be started: {why}"));
                let end = End {
                    start,
                    state: State::Lost,
                    score: None,
                    ms: 0,
                    steps: None,
                    peak: 0,
                    needed: 0,
                    cpu: 0,
                    why: Some(format!("it cannot be started: {why}")),
                    version: crate::version().into(),
                    at: now(),
                };
                slot.segment.append(&Line::End(end.clone()))?;
                self.recorder.end(Row::from(&end), slot.segment.place, slot.segment.len()?);
                self.again = true;
                thread::sleep(PAUSE);
                Ok(())
            }
        }
    }
}

/// The kind of a trial; `None` where its configuration makes none.
pub(super) fn kind(
    sweep: &Sweep<'_>,
    kinds: &mut Kinds,
    guesser: &mut Guesser,
    candidate: &Candidate,
) -> Option<usize> {
    let settings = candidate.settings.as_ref().as_ref().ok()?;
    let instance = sweep.grid.instances.get(candidate.cell.instance)?;
    let name = format!("{} {}", instance.name, settings.kind);
    Some(kinds.of(name, || guesser.guess(sweep.folder, sweep.grid, candidate.cell.instance, settings)))
}
