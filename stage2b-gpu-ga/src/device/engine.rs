//! A population on a device: what lies there, and a generation's work.

use super::driver::{Buffer, Common, DeviceError, Driver, Launch, Room};
use super::model::Model;
use super::raw::{RawIndividual, RawModel, RawStretch};
use pipeline::{Bytes, Ledger, Refused, Reservation};
use zerocopy::IntoBytes;

/// A population on a device. Rows and individuals there are those that were sent or worked on last.
#[derive(Debug)]
pub(crate) struct Engine<'d> {
    driver: &'d dyn Driver,
    common: Common,
    individuals: u32,
    rows: Buffer<'d>,
    children: Buffer<'d>,
    best: Buffer<'d>,
    now: Buffer<'d>,
    before: Buffer<'d>,
    _words: Buffer<'d>,
    _states: Option<Buffer<'d>>,
    _promised: Reservation,
    /// Milliseconds that the last kernel took.
    pub(crate) took: f64,
    /// Bytes copied to and from the device.
    pub(crate) copied: u64,
}

/// How much a population takes on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Once.
    pub(crate) fixed: u64,
    /// For each individual.
    pub(crate) each: u64,
    /// States of warps lie in shared memory.
    pub(crate) shared: bool,
}

/// Warps on a multiprocessor below which states are better off in the device's memory: fewer leave it waiting.
const FEW_WARPS: u32 = 8;
/// What an allocation may take beyond its size.
const GRAIN: u64 = 512;

impl Footprint {
    /// For rows of this length.
    pub(crate) fn new(model: &Model, state_bytes: u64, row: usize, room: Room) -> Footprint {
        let shared = state_bytes <= u64::from(room.shared_most)
            && state_bytes * u64::from(FEW_WARPS.min(room.warps)) <= u64::from(room.shared);
        let individual = 3 * row as u64 + 2 * size_of::<RawIndividual>() as u64;
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

    pub(crate) fn bytes(&self, individuals: usize) -> u64 {
        self.fixed + self.each * individuals as u64
    }

    /// Individuals that fit into so many bytes.
    pub(crate) fn fit(&self, bytes: u64) -> usize {
        (bytes.saturating_sub(self.fixed) / self.each.max(1)) as usize
    }
}

/// Either the ledger or the device refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoEngine {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    TooLarge(#[from] super::model::TooLarge),
}

impl<'d> Engine<'d> {
    /// Takes what `individuals` of this model need, after the ledger has promised it.
    pub(crate) fn new(
        driver: &'d dyn Driver,
        ledger: &Ledger,
        model: &Model,
        row: usize,
        individuals: usize,
    ) -> Result<Engine<'d>, NoEngine> {
        let layout = model.layout()?;
        let footprint = Footprint::new(model, 4 * u64::from(layout.words), row, driver.room()?);
        let promised = ledger.reserve("population", Bytes::new(footprint.bytes(individuals)))?;
        let rows = (individuals * row) as u64;
        let records = (individuals * size_of::<RawIndividual>()) as u64;
        let words = Buffer::new(driver, 4 * model.words.len() as u64)?;
        driver.upload(words.address, model.words.as_bytes())?;
        let states = match footprint.shared {
            true => None,
            false => Some(Buffer::new(driver, 4 * u64::from(layout.words) * individuals as u64)?),
        };
        let common = Common {
            model: RawModel::at(model, words.address.0),
            layout,
            states: states.as_ref().map(|s| s.address),
            warps: individuals as u32,
        };
        Ok(Engine {
            driver,
            common,
            individuals: individuals as u32,
            rows: Buffer::new(driver, rows)?,
            children: Buffer::new(driver, rows)?,
            best: Buffer::new(driver, rows)?,
            now: Buffer::new(driver, records)?,
            before: Buffer::new(driver, records)?,
            _words: words,
            _states: states,
            _promised: promised,
            took: 0.0,
            copied: 0,
        })
    }

    /// Sends all rows and the best of each.
    pub(crate) fn send(&mut self, rows: &[u8], best: &[u8]) -> Result<(), DeviceError> {
        self.copied += (2 * rows.len() + best.len()) as u64;
        self.driver.upload(self.rows.address, rows)?;
        // What is between the parts of a row is never written there.
        self.driver.upload(self.children.address, rows)?;
        self.driver.upload(self.best.address, best)
    }

    /// Everyone walks: rows, best and individuals come back.
    pub(crate) fn walk(
        &mut self,
        stretch: RawStretch,
        individuals: &mut [RawIndividual],
        rows: &mut [u8],
        best: &mut [u8],
    ) -> Result<(), DeviceError> {
        debug_assert_eq!(stretch.individuals, self.individuals);
        let driver = self.driver;
        driver.upload(self.now.address, individuals.as_bytes())?;
        let (now, at, best_at) = (self.now.address, self.rows.address, self.best.address);
        driver.launch(&self.common, &Launch::Walk { individuals: now, rows: at, best: best_at, stretch })?;
        self.took = driver.wait()?;
        driver.download(now, individuals.as_mut_bytes())?;
        driver.download(at, rows)?;
        driver.download(best_at, best)?;
        self.copied += (2 * size_of_val(individuals) + rows.len() + best.len()) as u64;
        Ok(())
    }

    /// Everyone takes over from a rival: children, who are the rows from then on, and individuals come back.
    pub(crate) fn breed(
        &mut self,
        stretch: RawStretch,
        individuals: &mut [RawIndividual],
        rows: &mut [u8],
    ) -> Result<(), DeviceError> {
        let driver = self.driver;
        driver.upload(self.before.address, individuals.as_bytes())?;
        driver.upload(self.now.address, individuals.as_bytes())?;
        let launch = Launch::Breed {
            parents: self.before.address,
            individuals: self.now.address,
            rows: self.rows.address,
            children: self.children.address,
            stretch,
        };
        driver.launch(&self.common, &launch)?;
        self.took = driver.wait()?;
        driver.download(self.now.address, individuals.as_mut_bytes())?;
        driver.download(self.children.address, rows)?;
        std::mem::swap(&mut self.rows, &mut self.children);
        self.copied += (3 * size_of_val(individuals) + rows.len()) as u64;
        Ok(())
    }

    /// The score of every row that was sent.
    pub(crate) fn evaluate(&mut self, individuals: &mut [RawIndividual]) -> Result<(), DeviceError> {
        let driver = self.driver;
        driver.upload(self.now.address, individuals.as_bytes())?;
        let (individuals_at, rows, count) = (self.now.address, self.rows.address, self.individuals);
        driver.launch(&self.common, &Launch::Evaluate { individuals: individuals_at, rows, count })?;
        self.took = driver.wait()?;
        driver.download(individuals_at, individuals.as_mut_bytes())
    }
}
