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
