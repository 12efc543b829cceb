//! Compaction beside the trials: in a process of its own, so that this one does not grow.

use super::{Launch, Watch};
use crate::error::Error;
use crate::store::{Compacted, Folder, Index, Place, compact, take_over};
use crate::trial::Compaction;
use memguard::{Bytes, Caps, Exit, Worker, spawn};
use std::{
    io::{Read, Write},
    process::Stdio,
};

/// Segments of so many bytes become one part.
const ENOUGH: u64 = 16 << 20;
/// A part is made of at most so many bytes of segments (and of one at least).
const MOST: u64 = 64 << 20;
/// What compaction may take: its segments in memory, and a row group.
const CAP: Bytes = Bytes::mb(512);

pub(super) struct Compacting {
    /// Closed segments, with their bytes.
    waiting: Vec<(Place, u64)>,
    at_work: Option<(Worker, u32, Vec<Place>)>,
    next: u32,
    /// It failed, and is put off until the sweep is started again.
    is_off: bool,
}

impl Compacting {
    /// With the segments that earlier sweeps have closed.
    pub(super) fn new(index: &Index) -> Result<Compacting, Error> {
        let waiting = index.segments()?.into_iter().filter(|known| known.part.is_none());
        let waiting = waiting.map(|known| (known.place, known.seen)).collect();
        let next = index.parts()?.iter().map(|part| part.number).max().map_or(1, |last| last + 1);
        Ok(Compacting { waiting, at_work: None, next, is_off: false })
    }

    /// A segment is closed; what it holds is (or will be, before [`poll`](Self::poll)) in the
    /// index.
    pub(super) fn add(&mut self, place: Place, bytes: u64) {
        self.waiting.push((place, bytes));
    }

    /// Looks after the one at work, and begins another where enough has come together.
    pub(super) fn poll(
        &mut self,
        folder: &Folder,
        index: &mut Index,
        launch: &mut dyn Launch,
        watch: &mut dyn Watch,
    ) -> Result<(), Error> {
        if let Some((worker, ..)) = &mut self.at_work {
            if worker.poll().map_err(Error::io(folder.path()))?.is_some() {
                self.take_in(folder, index, watch)?;
            }
            return Ok(());
        }
        let bytes: u64 = self.waiting.iter().map(|(_, bytes)| bytes).sum();
        if bytes >= ENOUGH && !self.is_off { self.begin(folder, index, launch, watch) } else { Ok(()) }
    }

    /// Everything that waits, to its end.
    pub(super) fn finish(
        &mut self,
        folder: &Folder,
        index: &mut Index,
        launch: &mut dyn Launch,
        watch: &mut dyn Watch,
    ) -> Result<(), Error> {
        loop {
            if let Some((worker, ..)) = &mut self.at_work {
                worker.wait().map_err(Error::io(folder.path()))?;
                self.take_in(folder, index, watch)?;
            }
            if self.waiting.is_empty() || self.is_off {
                return Ok(());
            }
            self.begin(folder, index, launch, watch)?;
        }
    }

    /// The one at work, to its end; whatever else waits is left to the next sweep.
    pub(super) fn wait(&mut self, folder: &Folder, index: &mut Index, watch: &mut dyn Watch) -> Result<(), Error> {
        match &mut self.at_work {
            Some((worker, ..)) => {
                worker.wait().map_err(Error::io(folder.path()))?;
                self.take_in(folder, index, watch)
            }
            None => Ok(()),
        }
    }

    fn begin(
        &mut self,
        folder: &Folder,
        index: &mut Index,
        launch: &mut dyn Launch,
        watch: &mut dyn Watch,
    ) -> Result<(), Error> {
        let (mut sum, mut count) = (0, 0);
        while count < self.waiting.len() && (count == 0 || sum + self.waiting[count].1 <= MOST) {
            sum += self.waiting[count].1;
            count += 1;
        }
        let places: Vec<Place> = self.waiting.drain(..count).map(|(place, _)| place).collect();
        let number = self.next;
        self.next += 1;
        let name = |place: &Place| place.file(std::path::Path::new("")).display().to_string();
        let segments: Vec<String> = places.iter().map(name).collect();
        let Some(mut command) = launch.compactor() else {
            let compacted = compact(folder, number, &segments);
            return self.settle(folder, index, watch, &places, compacted.map_err(|why| why.to_string()));
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        match spawn(command, Caps::new(CAP)) {
            Ok(mut worker) => {
                if let Some(mut stdin) = worker.stdin() {
                    let what = Compaction { folder: folder.path().to_owned(), number, segments };
                    let _ = stdin.write_all(&serde_json::to_vec(&what).unwrap_or_default());
                }
                self.at_work = Some((worker, number, places));
                Ok(())
            }
            Err(why) => self.settle(folder, index, watch, &places, Err(why.to_string())),
        }
    }

    fn take_in(&mut self, folder: &Folder, index: &mut Index, watch: &mut dyn Watch) -> Result<(), Error> {
        let Some((mut worker, _, places)) = self.at_work.take() else { return Ok(()) };
        let ended = worker.wait().map_err(Error::io(folder.path()))?;
        let mut text = String::new();
        if let Some(stdout) = worker.stdout() {
            let _ = stdout.take(4096).read_to_string(&mut text);
        }
        let compacted = match ended.exit {
            Exit::Done => {
                serde_json::from_str::<Compacted>(&text).map_err(|e| format!("it said `{}`: {e}", text.trim()))
            }
            exit => Err(format!("it {exit}")),
        };
        self.settle(folder, index, watch, &places, compacted)
    }

    /// The part counts, or compaction is put off: nothing is lost, the segments are still there.
    fn settle(
        &mut self,
        folder: &Folder,
        index: &mut Index,
        watch: &mut dyn Watch,
        places: &[Place],
        compacted: Result<Compacted, String>,
    ) -> Result<(), Error> {
        let part = compacted.and_then(|compacted| compacted.part().ok_or_else(|| "its hashes are none".to_owned()));
        let done = match part {
            Ok(part) => take_over(folder, index, &part, places),
            Err(why) => {
                watch.tells(&format!("segments are not made into Parquet for now: {why}"));
                self.is_off = true;
                return Ok(());
            }
        };
        match done {
            Err(why) if why.is_busy() || why.is_full() => {
                watch.tells(&format!("segments are not made into Parquet for now: {why}"));
                self.is_off = true;
                Ok(())
            }
            done => done,
        }
    }
}
