//! A population on devices, on each an equal part of it: what lies there, and a generation's work.

use super::driver::{Address, Buffer, Common, DeviceError, Driver, Launch, Room, STREAMS, Stream};
use super::managed_device::ManagedDevice;
use super::model::Model;
use super::raw::{RawIndividual, RawModel, RawStretch};
use pipeline::{Bytes, Refused, Reservation};
use std::ops::Range;
use zerocopy::IntoBytes;

/// A population on devices. Rows and individuals there are those that were sent or worked on last.
#[derive(Debug)]
pub(crate) struct Engine<'d> {
    parts: Vec<Part<'d>>,
    individuals: usize,
    row: usize,
    /// Milliseconds that the last kernel took.
    pub(crate) took: f64,
    /// Bytes copied to and from devices.
    pub(crate) copied: u64,
}

/// What one device has of it.
#[derive(Debug)]
struct Part<'d> {
    driver: &'d dyn Driver,
    /// Its individuals.
    range: Range<usize>,
    /// The same, by stream: while the kernel of one works, what the other needs is copied.
    lanes: Vec<Lane>,
    rows: Buffer<'d>,
    children: Buffer<'d>,
    best: Buffer<'d>,
    now: Buffer<'d>,
    /// Everyone, before crossover.
    parents: Buffer<'d>,
    /// Everyone's rows; where there is one device only, `rows` are.
    everyone: Option<Buffer<'d>>,
    _words: Buffer<'d>,
    _states: Option<Buffer<'d>>,
    _promised: Reservation,
}

/// What one stream of a device has of it: some of the individuals, at least one.
#[derive(Debug)]
struct Lane {
    stream: Stream,
    common: Common,
    /// Its individuals, of all.
    range: Range<usize>,
    /// The position of the first of them on the device.
    at: usize,
}

/// How much a population takes on each of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Once.
    pub(crate) fixed: u64,
    /// For each individual there.
    pub(crate) each: u64,
    /// States of warps lie in shared memory.
    pub(crate) shared: bool,
}

/// Warps on a multiprocessor below which states are better off in the device's memory: fewer leave
/// it waiting.
const FEW_WARPS: u32 = 8;
/// What an allocation may take beyond its size.
const GRAIN: u64 = 512;

impl Footprint {
    /// For rows of this length, on one of so many devices.
    pub(crate) fn new(model: &Model, state_bytes: u64, row: usize, room: Room, devices: usize) -> Footprint {
        let shared = state_bytes <= u64::from(room.shared_most)
            && state_bytes * u64::from(FEW_WARPS.min(room.warps)) <= u64::from(room.shared);
        // Rows, children and the best are its own; of several devices each has everyone's rows
        // beside.
        let (row, record, devices) = (row as u64, size_of::<RawIndividual>() as u64, devices as u64);
        let everyone = if devices == 1 { record } else { devices * (row + record) };
        let individual = 3 * row + record + everyone;
        Footprint {
            fixed: 4 * model.words.len() as u64 + 8 * GRAIN,
            each: individual + if shared { 0 } else { state_bytes },
            shared,
        }
    }

    /// How many individuals it can work on at once.
    pub(crate) fn resident(&self, state_bytes: u64, room: Room) -> usize {
        let by_shared = if self.shared { u64::from(room.shared) / (state_bytes + 1024) } else { u64::MAX };
        (u64::from(room.warps).min(by_shared) * u64::from(room.multiprocessors)) as usize
    }

    /// Bytes for so many individuals there.
    pub(crate) fn bytes(&self, individuals: usize) -> u64 {
        self.fixed + self.each * individuals as u64
    }

    /// Individuals that fit into so many bytes.
    pub(crate) fn fit(&self, bytes: u64) -> usize {
        (bytes.saturating_sub(self.fixed) / self.each.max(1)) as usize
    }
}

/// How many individuals each of several places can have: as many as there is memory for on all of
/// them, and as many as all can work on at once.
pub(crate) fn capacity(places: &[ManagedDevice<'_>], model: &Model, row: usize) -> Result<(usize, usize), NoEngine> {
    let state = 4 * u64::from(model.layout()?.words);
    let (mut fit, mut resident) = (usize::MAX, usize::MAX);
    for place in places {
        let room = place.driver.room()?;
        let footprint = Footprint::new(model, state, row, room, places.len());
        fit = fit.min(footprint.fit(place.ledger.free().get()));
        resident = resident.min(footprint.resident(state, room));
    }
    Ok((fit, resident))
}

/// Why a population cannot be held by devices.
#[derive(Debug, thiserror::Error)]
pub enum NoEngine {
    /// The ledger refused the memory.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The problem is too large.
    #[error(transparent)]
    TooLarge(#[from] super::model::TooLarge),
}

impl<'d> Part<'d> {
    /// Takes what the individuals in `range`, of `all`, need on one of so many devices, after the
    /// ledger has promised it.
    fn new(
        place: &ManagedDevice<'d>,
        model: &Model,
        row: usize,
        range: Range<usize>,
        all: usize,
        devices: usize,
    ) -> Result<Part<'d>, NoEngine> {
        let driver = place.driver;
        let layout = model.layout()?;
        let footprint = Footprint::new(model, 4 * u64::from(layout.words), row, driver.room()?, devices);
        let n = range.len();
        let promised = place.ledger.reserve("population", Bytes::new(footprint.bytes(all.div_ceil(devices))))?;
        let rows = (n * row) as u64;
        let records = |n: usize| (n * size_of::<RawIndividual>()) as u64;
        let words = Buffer::new(driver, 4 * model.words.len() as u64)?;
        driver.upload(Stream(0), words.address, model.words.as_bytes())?;
        let state = 4 * layout.words as usize;
        let states = match footprint.shared {
            true => None,
            false => Some(Buffer::new(driver, (state * n) as u64)?),
        };
        let each = n.div_ceil(STREAMS).max(1);
        let lane = |(at, stream): (usize, Stream)| Lane {
            stream,
            common: Common {
                model: RawModel::at(model, words.address.0),
                layout,
                states: states.as_ref().map(|s| s.address.plus(at * state)),
                warps: each.min(n - at) as u32,
            },
            range: range.start + at..range.start + (at + each).min(n),
            at,
        };
        let lanes = (0..n).step_by(each).zip(Stream::all()).map(lane).collect();
        let everyone = if devices == 1 { None } else { Some(Buffer::new(driver, (all * row) as u64)?) };
        Ok(Part {
            driver,
            lanes,
            range,
            rows: Buffer::new(driver, rows)?,
            children: Buffer::new(driver, rows)?,
            best: Buffer::new(driver, rows)?,
            now: Buffer::new(driver, records(n))?,
            parents: Buffer::new(driver, records(all))?,
            everyone,
            _words: words,
            _states: states,
            _promised: promised,
        })
    }

    /// Where its rows are among everyone's.
    fn bytes(&self, row: usize) -> Range<usize> {
        self.range.start * row..self.range.end * row
    }

    /// Sends what is known of a lane's individuals.
    fn send(&self, lane: &Lane, individuals: &[RawIndividual]) -> Result<(), DeviceError> {
        self.driver.upload(lane.stream, lane.record(&self.now), individuals[lane.range.clone()].as_bytes())
    }

    /// Fetches it.
    fn fetch(&self, lane: &Lane, individuals: &mut [RawIndividual]) -> Result<(), DeviceError> {
        self.driver.download(lane.stream, lane.record(&self.now), individuals[lane.range.clone()].as_mut_bytes())
    }

    /// Starts a lane's kernel.
    fn launch(&self, lane: &Lane, launch: &Launch) -> Result<(), DeviceError> {
        self.driver.launch(lane.stream, &lane.common, launch)
    }
}

impl Lane {
    /// The stretch for its individuals.
    fn stretch(&self, stretch: RawStretch) -> RawStretch {
        RawStretch { individuals: self.range.len() as u32, first_individual: self.range.start as u32, ..stretch }
    }

    /// Where its rows begin on the device.
    fn row(&self, rows: &Buffer<'_>, row: usize) -> Address {
        rows.address.plus(self.at * row)
    }

    /// Where what is known of its individuals begins there.
    fn record(&self, records: &Buffer<'_>) -> Address {
        records.address.plus(self.at * size_of::<RawIndividual>())
    }

    /// Where its rows are among everyone's.
    fn bytes(&self, row: usize) -> Range<usize> {
        self.range.start * row..self.range.end * row
    }
}

impl<'d> Engine<'d> {
    /// Takes what `individuals` of this model need, in equal parts, on each of the places.
    pub(crate) fn new(
        places: &[ManagedDevice<'d>],
        model: &Model,
        row: usize,
        individuals: usize,
    ) -> Result<Engine<'d>, NoEngine> {
        let each = individuals.div_ceil(places.len());
        let part = |(k, place): (usize, &ManagedDevice<'d>)| {
            let range = (k * each).min(individuals)..((k + 1) * each).min(individuals);
            Part::new(place, model, row, range, individuals, places.len())
        };
        let parts = places.iter().enumerate().map(part).collect::<Result<Vec<_>, _>>()?;
        Ok(Engine { parts, individuals, row, took: 0.0, copied: 0 })
    }

    /// Those that have individuals.
    fn parts(&self) -> impl Iterator<Item = &Part<'d>> {
        self.parts.iter().filter(|part| !part.range.is_empty())
    }

    /// Their lanes.
    fn lanes(&self) -> impl Iterator<Item = (&Part<'d>, &Lane)> {
        self.parts().flat_map(|part| part.lanes.iter().map(move |lane| (part, lane)))
    }

    /// Waits for each lane, and does this with it while the others go on. The slowest kernel
    /// counts. After a failure the others are waited for as well.
    fn each_that_ends(
        &mut self,
        mut then: impl FnMut(&Part<'d>, &Lane) -> Result<(), DeviceError>,
    ) -> Result<(), DeviceError> {
        let mut ended: Result<f64, DeviceError> = Ok(0.0);
        for (part, lane) in self.lanes() {
            let took = part.driver.wait(lane.stream);
            ended = ended.and_then(|most| {
                let took = took?;
                then(part, lane)?;
                Ok(most.max(took))
            });
        }
        self.took = ended?;
        Ok(())
    }

    /// Sends all rows and the best of each.
    pub(crate) fn send(&mut self, rows: &[u8], best: &[u8]) -> Result<(), DeviceError> {
        for part in self.parts() {
            let (bytes, stream) = (part.bytes(self.row), Stream(0));
            part.driver.upload(stream, part.rows.address, &rows[bytes.clone()])?;
            // What is between the parts of a row is never written there.
            part.driver.upload(stream, part.children.address, &rows[bytes.clone()])?;
            part.driver.upload(stream, part.best.address, &best[bytes])?;
        }
        self.copied += (2 * rows.len() + best.len()) as u64;
        Ok(())
    }

    /// Everyone walks: rows, best and individuals come back.
    pub(crate) fn walk(
        &mut self,
        stretch: RawStretch,
        individuals: &mut [RawIndividual],
        rows: &mut [u8],
        best: &mut [u8],
    ) -> Result<(), DeviceError> {
        debug_assert_eq!(stretch.all as usize, self.individuals);
        let row = self.row;
        for (part, lane) in self.lanes() {
            part.send(lane, individuals)?;
            let (rows, best) = (lane.row(&part.rows, row), lane.row(&part.best, row));
            let (individuals, stretch) = (lane.record(&part.now), lane.stretch(stretch));
            part.launch(lane, &Launch::Walk { individuals, rows, best, stretch })?;
        }
        self.each_that_ends(|part, lane| {
            part.fetch(lane, individuals)?;
            part.driver.download(lane.stream, lane.row(&part.rows, row), &mut rows[lane.bytes(row)])?;
            part.driver.download(lane.stream, lane.row(&part.best, row), &mut best[lane.bytes(row)])
        })?;
        self.copied += (2 * size_of_val(individuals) + rows.len() + best.len()) as u64;
        Ok(())
    }

    /// Everyone takes over from a rival: children, who are the rows from then on, and individuals
    /// come back. `rows` are everyone's, as they are on the devices.
    pub(crate) fn breed(
        &mut self,
        stretch: RawStretch,
        individuals: &mut [RawIndividual],
        rows: &[u8],
        children: &mut [u8],
    ) -> Result<(), DeviceError> {
        let row = self.row;
        let mut copied = children.len() + size_of_val(individuals);
        for part in self.parts() {
            part.driver.upload(Stream(0), part.parents.address, individuals.as_bytes())?;
            copied += size_of_val(individuals) + part.range.len() * size_of::<RawIndividual>();
            if let Some(everyone) = &part.everyone {
                part.driver.upload(Stream(0), everyone.address, rows)?;
                copied += rows.len();
            }
            for lane in &part.lanes {
                part.send(lane, individuals)?;
                let launch = Launch::Breed {
                    parents: part.parents.address,
                    individuals: lane.record(&part.now),
                    rows: part.everyone.as_ref().map_or(part.rows.address, |everyone| everyone.address),
                    children: lane.row(&part.children, row),
                    stretch: lane.stretch(stretch),
                };
                part.launch(lane, &launch)?;
            }
        }
        self.each_that_ends(|part, lane| {
            part.fetch(lane, individuals)?;
            part.driver.download(lane.stream, lane.row(&part.children, row), &mut children[lane.bytes(row)])
        })?;
        self.parts.iter_mut().for_each(|part| std::mem::swap(&mut part.rows, &mut part.children));
        self.copied += copied as u64;
        Ok(())
    }

    /// The score of every row that was sent.
    pub(crate) fn evaluate(&mut self, individuals: &mut [RawIndividual]) -> Result<(), DeviceError> {
        let row = self.row;
        for (part, lane) in self.lanes() {
            part.send(lane, individuals)?;
            let (individuals, rows, count) =
                (lane.record(&part.now), lane.row(&part.rows, row), lane.range.len() as u32);
            part.launch(lane, &Launch::Evaluate { individuals, rows, count })?;
        }
        self.each_that_ends(|part, lane| part.fetch(lane, individuals))
    }
}
