//! The loop: looks after trials, records what has ended, starts what fits. Nothing in it grows with
//! the trials that are done.

use super::begin::kind;
use super::judge::judged;
use super::kinds::{Guesser, Kinds};
use super::planner::{Candidate, Planner};
use super::preflight::Preflight;
use super::recorder::Recorder;
use super::room::Room;
use super::slot::{AtWork, Said, Slot};
use super::{Ending, Launch, Outcome, Progress, Sweep, Watch, compacting::Compacting};
use crate::error::Error;
use crate::lines::Line;
use crate::store::{Index, Place, Row, State, next_seq};
use memguard::{Bytes, Level, WorkerOutcome, disk_free};
use std::{
    collections::{BTreeSet, VecDeque},
    thread,
    time::{Duration, Instant},
};

/// How often trials are looked after.
const POLL: Duration = Duration::from_millis(5);
/// How often progress is shown.
const TICK: Duration = Duration::from_millis(250);
/// How long none fits before that is said.
const PATIENT: Duration = Duration::from_secs(5);
/// A trial that lacked memory so soon after memory was short everywhere may not have been the
/// reason.
const SHORT: Duration = Duration::from_secs(5);

pub(super) struct Driver<'s> {
    pub(super) sweep: &'s Sweep<'s>,
    pub(super) index: Index,
    pub(super) launch: &'s mut dyn Launch,
    pub(super) watch: &'s mut dyn Watch,
    pub(super) planner: Planner<'s>,
    pub(super) kinds: Kinds,
    pub(super) guesser: Guesser,
    pub(super) recorder: Recorder,
    pub(super) compacting: Compacting,
    pub(super) slots: Vec<Slot>,
    pub(super) window: VecDeque<Candidate>,
    pub(super) seq: u32,
    /// The planner has come to the end of the grid.
    pub(super) is_planned: bool,
    /// Something is to be run again, so the planner begins anew.
    pub(super) again: bool,
    /// Why nothing more is begun.
    pub(super) ending: Option<Outcome>,
    /// What trials lacked that need more than there is.
    pub(super) lacking: Option<Bytes>,
    pub(super) room: Room,
    pub(super) level: Level,
    pub(super) short: Option<Instant>,
    pub(super) read: Instant,
    pub(super) ticked: Instant,
    pub(super) started: Instant,
    pub(super) failed_starts: u32,
    pub(super) progress: Progress,
    pub(super) ran: u64,
    /// Trials of this pass that ran out of memory too often, or need more than there is.
    pub(super) given_up: u64,
    /// Since when trials are left, none is at work, and none fits.
    waiting: Option<Instant>,
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
            given_up: 0,
            waiting: None,
        })
    }

    pub(super) fn run(mut self) -> Result<Ending, Error> {
        self.read_gauges()?;
        let preflight = self.preflight()?;
        self.watch.preflight(&preflight);
        if let Some(why) = preflight.refusal(self.room) {
            return Err(Error::TooSmall(why));
        }
        self.progress =
            Progress { trials: preflight.trials, done: preflight.done, failed: preflight.failed, ..self.progress };
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
        let kind_of =
            |kinds: &mut Kinds, guesser: &mut Guesser, candidate: &Candidate| kind(sweep, kinds, guesser, candidate);
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
                // Those that are given up are met again.
                self.progress.failed -= std::mem::take(&mut self.given_up);
                self.lacking = None;
                self.is_planned = false;
            }
            self.say_what_is_waited_for(is_idle && !something);
            self.tick(false);
            if !something {
                thread::sleep(POLL);
            }
        }
    }

    /// Where others have taken the memory, people should know why nothing happens.
    fn say_what_is_waited_for(&mut self, is_waiting: bool) {
        if !is_waiting || self.ending.is_some() || self.window.is_empty() {
            self.waiting = None;
            return;
        }
        let since = *self.waiting.get_or_insert_with(Instant::now);
        if since.elapsed() >= PATIENT {
            let (used, limit) = self.room.used;
            self.watch.tells(&format!("no trial fits into memory beside what others use ({used} of {limit}): waiting"));
            self.waiting = Some(Instant::now() + 60 * PATIENT);
        }
    }

    fn outcome(&self) -> Outcome {
        match self.lacking {
            Some(bytes) => Outcome::NeedsMemory(bytes),
            None if self.progress.failed > 0 => Outcome::SomeFailed,
            None => Outcome::Done,
        }
    }

    pub(super) fn at_work(&mut self) -> impl Iterator<Item = &mut AtWork> {
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
    pub(super) fn take_in(&mut self, at: usize, ended: WorkerOutcome) -> Result<(), Error> {
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
        self.learn(&work, &row, end.needed, ended);
        let texts = self.sweep.grid.texts(&work.candidate.cell);
        self.watch.ended(&row, &texts, end.why.as_deref());
        Ok(())
    }

    /// What the end of a trial means for those that follow.
    fn learn(&mut self, work: &AtWork, row: &Row, needed: u64, ended: WorkerOutcome) {
        match row.state {
            State::Done => {
                self.progress.done += 1;
                let peak = ended.peak.unwrap_or_default().max(Bytes::new(row.peak.max(needed)));
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
            self.watch.tells(
                "somebody else holds the index: the last trials are added to it when the sweep is started again",
            );
            return Ok(());
        }
        self.index.keep_kinds(&self.kinds.learnt())?;
        if self.sweep.options.leave_segments {
            return self.compacting.wait(self.sweep.folder, &mut self.index, self.watch);
        }
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
        self.progress = Progress {
            running,
            memory: used.get(),
            limit: limit.get(),
            level: self.level,
            seconds_left,
            ..self.progress
        };
        self.watch.progress(&self.progress);
    }
}
