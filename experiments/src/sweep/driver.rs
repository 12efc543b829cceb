//! The loop: looks after trials, records what has ended, starts what fits. Nothing in it grows with the trials that are done.

use super::kinds::{Guesser, Kinds, expected_of};
use super::planner::{Candidate, Look, PATIENCE, Planner, WINDOW};
use super::preflight::Preflight;
use super::recorder::Recorder;
use super::room::{Room, level, room};
use super::slot::{AtWork, Said, Slot};
use super::{Ending, Job, Launch, Outcome, Progress, Sweep, Watch, compacting::Compacting};
use crate::error::Error;
use crate::grid::Budget;
use crate::lines::{End, Line};
use crate::store::{Index, Place, Row, State, next_seq, now};
use memguard::{Bytes, Ended, Exit, Level, Next, disk_free, next};
use std::{
    collections::{BTreeSet, VecDeque},
    thread,
    time::{Duration, Instant},
};

/// How often trials are looked after.
const POLL: Duration = Duration::from_millis(5);
/// How often the gauges are read.
const GAUGES: Duration = Duration::from_millis(100);
/// How often progress is shown.
const TICK: Duration = Duration::from_millis(250);
/// A trial that lacked memory so soon after memory was short everywhere may not have been the reason.
const SHORT: Duration = Duration::from_secs(5);
/// So many trials in a row cannot be started before the sweep ends.
const FAILED_STARTS: u32 = 8;

pub(super) struct Driver<'s> {
    sweep: &'s Sweep<'s>,
    index: Index,
    launch: &'s mut dyn Launch,
    watch: &'s mut dyn Watch,
    planner: Planner<'s>,
    kinds: Kinds,
    guesser: Guesser,
    recorder: Recorder,
    compacting: Compacting,
    slots: Vec<Slot>,
    window: VecDeque<Candidate>,
    seq: u32,
    /// The planner has come to the end of the grid.
    is_planned: bool,
    /// Something is to be run again, so the planner begins anew.
    again: bool,
    /// Why nothing more is begun.
    ending: Option<Outcome>,
    /// What trials lacked that need more than there is.
    lacking: Option<Bytes>,
    room: Room,
    level: Level,
    short: Option<Instant>,
    read: Instant,
    ticked: Instant,
    started: Instant,
    failed_starts: u32,
    progress: Progress,
    ran: u64,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        sweep: &'s Sweep<'s>,
        index: Index,
        launch: &'s mut dyn Launch,
        watch: &'s mut dyn Watch,
    ) -> Result<Driver<'s>, Error> {
        let planner = Planner::new(sweep.grid, sweep.number, &sweep.options)?;
        let kinds = Kinds::new(index.kinds()?);
        let seq = next_seq(&Place::all(&sweep.folder.wal())?);
        let now = Instant::now();
        Ok(Driver {
            compacting: Compacting::new(&index)?,
            sweep,
            index,
            launch,
            watch,
            planner,
            kinds,
            guesser: Guesser::default(),
            recorder: Recorder::default(),
            slots: Vec::new(),
            window: VecDeque::new(),
            seq,
            is_planned: false,
            again: false,
            ending: None,
            lacking: None,
            room: Room { planned: Bytes::ZERO, most: Bytes::ZERO, used: (Bytes::ZERO, Bytes::ZERO) },
            level: Level::Calm,
            short: None,
            read: now,
            ticked: now,
            started: now,
            failed_starts: 0,
            progress: Progress::default(),
            ran: 0,
        })
    }

    pub(super) fn run(mut self) -> Result<Ending, Error> {
        self.read_gauges()?;
        let preflight = self.preflight()?;
        self.watch.preflight(&preflight);
        if let Some(why) = preflight.refusal(self.room) {
            return Err(Error::TooSmall(why));
        }
        self.progress = Progress { trials: preflight.trials, done: preflight.done, failed: preflight.failed, ..self.progress };
        if self.sweep.options.only_plan {
            return Ok(self.ended(Outcome::Done));
        }
        let done = self.go_on();
        // What has ended is recorded, whatever came between.
        let recorded = self.close();
        let outcome = match (done, recorded) {
            (Err(why), _) | (Ok(_), Err(why)) if !why.is_full() => return Err(why),
            (Err(why), _) | (Ok(_), Err(why)) => {
                self.watch.tells(&format!("{why}: nothing more is begun; the sweep goes on when it is started again"));
                Outcome::NoRoom
            }
            (Ok(outcome), Ok(())) => outcome,
        };
        self.tick(true);
        Ok(self.ended(outcome))
    }

    fn ended(&self, outcome: Outcome) -> Ending {
        Ending { outcome, progress: self.progress, ran: self.ran, took: self.started.elapsed() }
    }

    fn preflight(&mut self) -> Result<Preflight, Error> {
        let sweep = self.sweep;
        let kind_of = |kinds: &mut Kinds, guesser: &mut Guesser, candidate: &Candidate| kind(sweep, kinds, guesser, candidate);
        let preflight = Preflight::make(
            &mut self.planner,
            &self.index,
            &mut self.kinds,
            kind_of,
            &mut self.guesser,
            self.room,
            sweep.options.jobs,
        )?;
        let disk_free = disk_free(sweep.folder.path()).map(Bytes::get);
        Ok(Preflight { disk_free, ..preflight })
    }

    /// Until nothing is left, or nothing more is begun.
    fn go_on(&mut self) -> Result<Outcome, Error> {
        loop {
            let mut something = self.look_after()?;
            self.read_gauges()?;
            if self.recorder.is_due() {
                self.flush()?;
            }
            // Of what is compacted everything must be in the index.
            if self.recorder.is_empty() {
                self.compacting.poll(self.sweep.folder, &mut self.index, self.launch, self.watch)?;
            }
            if self.sweep.cancel.is_cancelled() && self.ending.is_none() {
                self.ending = Some(Outcome::Stopped);
                self.at_work().for_each(|work| work.process.stop());
            }
            let is_idle = self.at_work().next().is_none();
            match self.ending {
                None => match self.begin() {
                    Ok(begun) => something |= begun,
                    Err(why) if why.is_full() => {
                        self.watch.tells(&format!("{why}: nothing more is begun"));
                        self.ending = Some(Outcome::NoRoom);
                    }
                    Err(why) => return Err(why),
                },
                Some(outcome) if is_idle => return Ok(outcome),
                Some(_) => {}
            }
            let is_idle = self.at_work().next().is_none();
            if self.ending.is_none() && self.is_planned && self.window.is_empty() && is_idle && self.flush()? {
                if !std::mem::take(&mut self.again) {
                    return Ok(self.outcome());
                }
                self.planner.once_more();
                self.is_planned = false;
            }
            self.tick(false);
            if !something {
                thread::sleep(POLL);
            }
        }
    }

    fn outcome(&self) -> Outcome {
        match self.lacking {
            Some(bytes) => Outcome::NeedsMemory(bytes),
            None if self.progress.failed > 0 => Outcome::SomeFailed,
            None => Outcome::Done,
        }
    }

    fn at_work(&mut self) -> impl Iterator<Item = &mut AtWork> {
        self.slots.iter_mut().filter_map(|slot| slot.trial.as_mut())
    }

    /// Looks after the trials at work, and takes in those that have ended.
    fn look_after(&mut self) -> Result<bool, Error> {
        let mut something = false;
        for at in 0..self.slots.len() {
            let Some(work) = self.slots[at].trial.as_mut() else { continue };
            let ended = work.process.poll().map_err(Error::io(self.sweep.folder.path()))?;
            if let Some(ended) = ended {
                self.take_in(at, ended)?;
                something = true;
            }
        }
        Ok(something)
    }

    /// A trial has ended: what it wrote counts, or else how it ended.
    fn take_in(&mut self, at: usize, ended: Ended) -> Result<(), Error> {
        let slot = &mut self.slots[at];
        let Some(work) = slot.trial.take() else { return Ok(()) };
        let Said { end, stop } = slot.said(&work)?;
        let words = slot.last_words();
        let end = match end {
            Some(end) => end,
            None => {
                let is_short = self.short.is_some_and(|short| short.elapsed() < SHORT);
                let is_ending = self.ending.is_some();
                let end = judged(&work, ended, stop, words, is_short, is_ending);
                slot.segment.append(&Line::End(end.clone()))?;
                end
            }
        };
        let (row, place) = (Row::from(&end), slot.segment.place);
        self.recorder.end(row, place, slot.segment.len()?);
        if slot.is_full()? {
            self.roll(at)?;
        }
        self.ran += 1;
        self.learn(&work, &row, ended);
        let texts = self.sweep.grid.texts(&work.candidate.cell);
        self.watch.ended(&row, &texts, end.why.as_deref());
        Ok(())
    }

    /// What the end of a trial means for those that follow.
    fn learn(&mut self, work: &AtWork, row: &Row, ended: Ended) {
        match row.state {
            State::Done => {
                self.progress.done += 1;
                let peak = ended.peak.unwrap_or_default().max(Bytes::new(row.peak));
                self.kinds.learn(work.kind, peak, row.ms);
            }
            State::Oom => {
                self.kinds.too_small(work.kind, Bytes::new(row.start.cap));
                // Whether there is more for it is seen when it comes up again.
                self.again = true;
            }
            State::Lost => self.again = true,
            State::Stopped | State::Running => {}
            State::Failed | State::BadConfig | State::Crashed | State::Deadline => self.progress.failed += 1,
        }
    }

    /// The slot goes on in a new segment; the old one becomes Parquet.
    fn roll(&mut self, at: usize) -> Result<(), Error> {
        let place = self.slots[at].segment.place;
        self.slots[at].segment.sync()?;
        self.recorder.close(place);
        self.compacting.add(place, self.slots[at].segment.len()?);
        self.seq += 1;
        self.slots[at] = Slot::new(&self.sweep.folder.wal(), Place { slot: at as u32, seq: self.seq })?;
        Ok(())
    }

    /// The index learns what has ended, once that is on the disk.
    fn flush(&mut self) -> Result<bool, Error> {
        let touched: BTreeSet<Place> = self.recorder.places().collect();
        for slot in self.slots.iter().filter(|slot| touched.contains(&slot.segment.place)) {
            slot.segment.sync()?;
        }
        self.recorder.flush(&mut self.index)
    }

    /// Reads the gauges; at a critical level the largest trial is ended.
    fn read_gauges(&mut self) -> Result<(), Error> {
        if self.read.elapsed() < GAUGES && self.room.used.1 > Bytes::ZERO {
            return Ok(());
        }
        self.read = Instant::now();
        let trials: Bytes = self.at_work().map(|work| work.process.private()).sum();
        let mut mapped = BTreeSet::new();
        let instances = self.slots.iter().filter_map(|slot| slot.trial.as_ref()).map(|work| work.candidate.cell.instance);
        mapped.extend(instances);
        let problems = mapped.into_iter().filter_map(|at| self.sweep.grid.instances.get(at)).map(|one| Bytes::new(one.bytes)).sum();
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
        self.watch.tells(&format!("memory is critical: the largest trial ({size} of {cap}) was ended, and is run again"));
        self.take_in(at, ended)
    }

    /// Begins trials while there is room. Returns whether it began any.
    fn begin(&mut self) -> Result<bool, Error> {
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

    /// What a trial gets that ran out of `had`; `None` where it was tried often enough, or there is no more.
    fn more_than(&mut self, had: u64, ooms: u32) -> Option<Bytes> {
        let (cap, most) = (Bytes::new(had), self.room.most);
        let ended = Ended { exit: Exit::OverCap, peak: None, ran: Duration::ZERO };
        // `ooms` counts the attempt that has just failed.
        match next(&ended, cap, ooms.saturating_sub(1), most) {
            Next::Alone(more) => Some(more),
            _ => {
                self.progress.failed += 1;
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
        let end = End { start: candidate.start, state, score: None, ms: 0, steps: None, peak: 0, cpu: 0, why, version, at: now() };
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
        let keep = sweep.grid.keep_solution.then(|| sweep.folder.trials().join(format!("{}-{}", start.id, start.attempt)));
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
        };
        let at = self.free_slot()?;
        let slot = &mut self.slots[at];
        let from = slot.segment.len()?;
        slot.segment.append(&Line::Start(start))?;
        match self.launch.launch(&job, &slot.segment.file, &slot.errors) {
            Ok(process) => {
                self.failed_starts = 0;
                let began = Instant::now();
                let deadline = job.deadline.map(Duration::from_millis);
                slot.trial = Some(AtWork { candidate, kind, expected, process, from, began, deadline, ended_for_memory: None });
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
                    cpu: 0,
                    why: Some(format!("it cannot be started: {why}")),
                    version: crate::version().into(),
                    at: now(),
                };
                slot.segment.append(&Line::End(end.clone()))?;
                self.recorder.end(Row::from(&end), slot.segment.place, slot.segment.len()?);
                self.again = true;
                thread::sleep(GAUGES);
                Ok(())
            }
        }
    }

    /// Everything that is there is recorded and becomes Parquet.
    fn close(&mut self) -> Result<(), Error> {
        for at in 0..self.slots.len() {
            if let Some(work) = self.slots[at].trial.as_mut() {
                work.process.stop();
            }
            while let Some(work) = self.slots[at].trial.as_mut() {
                match work.process.poll().map_err(Error::io(self.sweep.folder.path()))? {
                    Some(ended) => self.take_in(at, ended)?,
                    None => thread::sleep(POLL),
                }
            }
        }
        for slot in std::mem::take(&mut self.slots) {
            slot.segment.sync()?;
            self.recorder.close(slot.segment.place);
            self.compacting.add(slot.segment.place, slot.segment.len()?);
        }
        let began = Instant::now();
        while !self.recorder.flush(&mut self.index)? && began.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(100));
        }
        if !self.recorder.is_empty() {
            self.watch.tells("somebody else holds the index: the last trials are added to it when the sweep is started again");
            return Ok(());
        }
        self.index.keep_kinds(&self.kinds.learnt())?;
        self.compacting.finish(self.sweep.folder, &mut self.index, self.launch, self.watch)
    }

    fn tick(&mut self, now: bool) {
        if self.ticked.elapsed() < TICK && !now {
            return;
        }
        self.ticked = Instant::now();
        let running = self.at_work().count() as u64;
        let gone = self.started.elapsed().as_secs_f64();
        let left = self.progress.trials.saturating_sub(self.progress.done + self.progress.failed);
        let seconds_left = (self.ran > 0).then(|| gone / self.ran as f64 * left as f64);
        let (used, limit) = self.room.used;
        self.progress =
            Progress { running, memory: used.get(), limit: limit.get(), level: self.level, seconds_left, ..self.progress };
        self.watch.progress(&self.progress);
    }
}

/// The kind of a trial; `None` where its configuration makes none.
fn kind(sweep: &Sweep<'_>, kinds: &mut Kinds, guesser: &mut Guesser, candidate: &Candidate) -> Option<usize> {
    let settings = candidate.settings.as_ref().as_ref().ok()?;
    let instance = sweep.grid.instances.get(candidate.cell.instance)?;
    let name = format!("{} {}", instance.name, settings.kind);
    Some(kinds.of(name, || guesser.guess(sweep.folder, sweep.grid, candidate.cell.instance, settings)))
}

/// The end of a trial that has written none itself.
fn judged(work: &AtWork, ended: Ended, stop: Option<End>, words: Option<String>, is_short: bool, is_ending: bool) -> End {
    let lacked_memory = stop.as_ref().is_some_and(|stop| stop.state == State::Oom);
    let state = match (ended.exit, work.ended_for_memory) {
        (_, Some(true)) | (Exit::OverCap | Exit::OutOfMemory, None) => State::Oom,
        (_, Some(false)) => State::Lost,
        // It was refused memory under its own cap; or under that of the container, which others had filled.
        (Exit::Failed(_) | Exit::Done, None) if lacked_memory && is_short => State::Lost,
        (Exit::Failed(_) | Exit::Done, None) if lacked_memory => State::Oom,
        // It was told to end, and did in time.
        (Exit::Done, None) if stop.is_some() && work.deadline.is_some_and(|deadline| work.began.elapsed() >= deadline) => {
            State::Deadline
        }
        (Exit::Done, None) if stop.is_some() && is_ending => State::Stopped,
        // By somebody else: it is run again.
        (Exit::Done, None) if stop.is_some() => State::Lost,
        (Exit::Deadline, None) => State::Deadline,
        (Exit::Stopped, None) => State::Stopped,
        (Exit::Crashed(_), None) => State::Crashed,
        _ => State::Failed,
    };
    let said = stop.as_ref().and_then(|stop| stop.why.clone()).or(words);
    let exit = match state {
        State::Deadline => Exit::Deadline.to_string(),
        State::Stopped => Exit::Stopped.to_string(),
        _ => ended.exit.to_string(),
    };
    let why = said.map_or_else(|| format!("it {exit}"), |said| format!("it {exit}: {said}"));
    let peak = ended.peak.unwrap_or_default().get();
    let base = stop.unwrap_or_else(|| End {
        start: work.candidate.start,
        state,
        score: None,
        ms: work.began.elapsed().as_millis() as u64,
        steps: None,
        peak,
        cpu: 0,
        why: None,
        version: crate::version().into(),
        at: now(),
    });
    End { state, why: Some(why), peak: base.peak.max(peak), at: now(), ..base }
}
