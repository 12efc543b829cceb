//! What kernels work on, and how they are run.

mod cuda;
mod driver;
mod engine;
#[cfg(test)]
mod host_device;
#[cfg(test)]
mod kinds;
mod managed_device;
mod model;
mod raw;
mod sections;
#[cfg(test)]
mod tests;

pub use driver::DeviceError;
pub(crate) use driver::Driver;
pub use engine::NoEngine;
pub(crate) use engine::{Engine, Footprint, capacity};
pub(crate) use managed_device::{ManagedDevice, names};
pub(crate) use model::Model;
pub use model::TooLarge;
pub(crate) use raw::{RawIndividual, RawStretch};

use crate::genetic::Gpu;
use pipeline::Bytes;
use std::fmt;

/// The devices that are asked for, or, with a line that says why, none.
pub(crate) fn open(gpu: Gpu) -> Vec<cuda::Cuda> {
    cuda::open(gpu).unwrap_or_else(|e| {
        match gpu {
            Gpu::Off => {}
            Gpu::Auto => tracing::info!("the genetic algorithm runs on the CPU: {e}"),
            Gpu::All | Gpu::Number(_) => tracing::warn!("the genetic algorithm runs on the CPU: {e}"),
        }
        Vec::new()
    })
}

/// A device that the genetic algorithm could run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// What it is called.
    pub name: String,
    /// Bytes of its memory that are free.
    pub free: Bytes,
    /// Bytes of its memory.
    pub all: Bytes,
}

impl fmt::Display for FoundDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} of {} free", self.name, self.free, self.all)
    }
}

/// Opens the device that would be used and loads the kernels into it.
///
/// # Errors
/// Why there is none.
pub fn found_device() -> Result<FoundDevice, DeviceError> {
    let device = cuda::open(Gpu::Auto)?.remove(0);
    let (free, all) = device.memory()?;
    Ok(FoundDevice { name: device.name(), free: Bytes::new(free), all: Bytes::new(all) })
}
