//! What kernels work on, and how they are run.

mod cuda;
#[cfg(test)]
mod double;
mod driver;
mod engine;
mod model;
mod raw;
mod sections;
#[cfg(test)]
mod tests;

pub(crate) use driver::{DeviceError, Driver};
pub(crate) use engine::{Engine, Footprint, NoEngine};
pub(crate) use model::{Model, TooLarge};
pub(crate) use raw::{RawIndividual, RawStretch};

use crate::genetic::Gpu;
use pipeline::Bytes;
use std::fmt;

/// The device that is asked for, or, with a line that says why, none.
pub(crate) fn open(gpu: Gpu) -> Option<cuda::Cuda> {
    let number = match gpu {
        Gpu::Off => return None,
        Gpu::Auto => None,
        Gpu::Number(n) => Some(n),
    };
    match cuda::open(number) {
        Ok(device) => Some(device),
        Err(e) if gpu == Gpu::Auto => {
            tracing::info!("the population lives on the processor: {e}");
            None
        }
        Err(e) => {
            tracing::warn!("the population lives on the processor: {e}");
            None
        }
    }
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

/// Opens the device and loads the kernels into it.
///
/// # Errors
/// Why there is none, in words.
pub fn found_device(gpu: Gpu) -> Result<FoundDevice, String> {
    let number = match gpu {
        Gpu::Off => return Err("switched off".into()),
        Gpu::Auto => None,
        Gpu::Number(n) => Some(n),
    };
    let device = cuda::open(number).map_err(|e| e.to_string())?;
    let (free, all) = device.memory().map_err(|e| e.to_string())?;
    Ok(FoundDevice { name: device.name(), free: Bytes::new(free), all: Bytes::new(all) })
}
