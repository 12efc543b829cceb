//! What is asked of a device: CUDA's driver, or in tests a double.

use super::model::Layout;
use super::raw::{RawModel, RawStretch};
use std::fmt;

/// Why a device did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// There is none that could be used.
    #[error("{0}")]
    Absent(String),
    /// Its memory is used up.
    #[error("it has no {0} left")]
    Memory(pipeline::Bytes),
    /// It failed.
    #[error("{0}")]
    Lost(String),
}

/// Memory of a device, by its address there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) u64);

impl Address {
    /// So many bytes further on.
    pub(crate) fn plus(self, bytes: usize) -> Address {
        Address(self.0 + bytes as u64)
    }
}

/// Queues of work on a device: what is in one of them is done one after the other, what is in two
/// of them side by side, so that copies of one overlap with kernels of the other.
pub(crate) const STREAMS: usize = 2;

/// One of them, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream(pub(crate) usize);

impl Stream {
    /// All of them.
    pub(crate) fn all() -> [Stream; STREAMS] {
        std::array::from_fn(Stream)
    }
}

/// A kernel with what it works on. Without `states`, states lie in shared memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Launch {
    Evaluate { individuals: Address, rows: Address, count: u32 },
    Walk { individuals: Address, rows: Address, best: Address, stretch: RawStretch },
    Breed { parents: Address, individuals: Address, rows: Address, children: Address, stretch: RawStretch },
}

/// What all kernels are given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Common {
    pub(crate) model: RawModel,
    pub(crate) layout: Layout,
    pub(crate) states: Option<Address>,
    pub(crate) warps: u32,
}

/// What one multiprocessor has room for, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) multiprocessors: u32,
    /// Warps on each, by what the walk needs beside memory.
    pub(crate) warps: u32,
    /// Bytes of shared memory of each, and of one warp at most.
    pub(crate) shared: u32,
    pub(crate) shared_most: u32,
}

/// A device. Everything asked of it is done, or has failed, when a call returns, but for `launch`:
/// its end is waited for by `wait` on the same stream.
pub(crate) trait Driver: fmt::Debug + Sync {
    /// What it is called.
    fn name(&self) -> String;
    /// Bytes free, and in all.
    fn memory(&self) -> Result<(u64, u64), DeviceError>;
    /// How much it can do at once.
    fn room(&self) -> Result<Room, DeviceError>;
    /// Takes memory.
    fn allocate(&self, bytes: u64) -> Result<Address, DeviceError>;
    /// Gives memory back, once nothing works on it any more; must not fail.
    fn free(&self, address: Address);
    /// Copies to the device.
    fn upload(&self, stream: Stream, to: Address, bytes: &[u8]) -> Result<(), DeviceError>;
    /// Copies from the device.
    fn download(&self, stream: Stream, from: Address, bytes: &mut [u8]) -> Result<(), DeviceError>;
    /// Starts a kernel.
    fn launch(&self, stream: Stream, common: &Common, launch: &Launch) -> Result<(), DeviceError>;
    /// Waits for the last kernel of a stream; milliseconds that it took on the device.
    fn wait(&self, stream: Stream) -> Result<f64, DeviceError>;
    /// Gives back what it keeps for later.
    fn trim(&self);
}

/// Memory of a device that is given back when dropped.
#[derive(Debug)]
pub(crate) struct Buffer<'d> {
    driver: &'d dyn Driver,
    pub(crate) address: Address,
}

impl<'d> Buffer<'d> {
    pub(crate) fn new(driver: &'d dyn Driver, bytes: u64) -> Result<Buffer<'d>, DeviceError> {
        Ok(Buffer { driver, address: driver.allocate(bytes.max(16))? })
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        self.driver.free(self.address);
    }
}
