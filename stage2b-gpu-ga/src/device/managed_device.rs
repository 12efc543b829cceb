//! A device with an account of its memory.

use super::driver::{DeviceError, Driver};
use pipeline::{Bytes, Ledger};

/// Most of what is free that a population takes.
const SHARE: f64 = 0.9;

/// One device that a population, or a part of it, may live on.
#[derive(Debug)]
pub(crate) struct ManagedDevice<'d> {
    pub(crate) driver: &'d dyn Driver,
    pub(crate) ledger: Ledger,
    /// Bytes that were free before.
    free: u64,
}

impl<'d> ManagedDevice<'d> {
    /// # Errors
    /// How the device failed.
    pub(crate) fn new(driver: &'d dyn Driver) -> Result<ManagedDevice<'d>, DeviceError> {
        let (free, _) = driver.memory()?;
        let ledger = Ledger::of("device", Bytes::new((free as f64 * SHARE) as u64), Bytes::ZERO);
        Ok(ManagedDevice { driver, ledger, free })
    }

    /// Gives back all memory, and says how much is free again.
    pub(crate) fn clean_up(&self) {
        self.driver.trim();
        let name = self.driver.name();
        match self.driver.memory() {
            Ok((free, _)) => tracing::info!(
                "[STAGE2B] freed {} of {name}: {} free, {} before",
                self.ledger.peak(),
                Bytes::new(free),
                Bytes::new(self.free)
            ),
            Err(e) => tracing::warn!("{name}: {e}"),
        }
    }
}

/// The names of all, for a message.
pub(crate) fn names<'a, 'd: 'a>(drivers: impl Iterator<Item = &'a &'d dyn Driver>) -> String {
    drivers.map(|d| d.name()).collect::<Vec<_>>().join(" and ")
}
