//! A device that is none: the kernels compiled for the processor, the very source that devices run,
//! with faults where a test wants them. A kernel runs as late as a device may run it: when its
//! stream
//! is waited for, or copies.

use super::driver::{Address, Common, DeviceError, Driver, Launch, Room, STREAMS, Stream};
use super::model::Layout;
use super::raw::{RawIndividual, RawModel, RawStretch};
use libloading::Library;
use pipeline::Bytes;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, OnceLock};

type SetWarp = unsafe extern "C" fn(u32, u32);
type Evaluate = unsafe extern "C" fn(RawModel, Layout, *mut u32, u32, *const u8, *mut RawIndividual);
type Walk = unsafe extern "C" fn(RawModel, Layout, *mut u32, RawStretch, *mut u8, *mut u8, *mut RawIndividual);
type Breed = unsafe extern "C" fn(
    RawModel,
    Layout,
    *mut u32,
    RawStretch,
    *const u8,
    *mut u8,
    *const RawIndividual,
    *mut RawIndividual,
);

/// The kernels' library, compiled once.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<(Library, tempfile::TempDir)> = OnceLock::new();
    let (library, _) = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let object = folder.path().join("libkernels.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels/host.cpp");
        let compiler = std::env::var("CXX").unwrap_or_else(|_| "g++".into());
        let mut command = Command::new(&compiler);
        command.args(["-O2", "-std=c++17", "-shared", "-fPIC", "-fno-strict-aliasing", "-Wall", "-Werror", "-o"]);
        let done = command.arg(&object).arg(&source).status().unwrap_or_else(|e| panic!("{compiler}: {e}"));
        assert!(done.success(), "{compiler} compiles the kernels");
        // SAFETY: it is our own library; it runs nothing when it is opened.
        (unsafe { Library::new(&object) }.expect("a library"), folder)
    });
    library
}

/// What a test wants to go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The allocation of this number (from 0) is refused.
    pub(crate) no_memory_at: Option<usize>,
    /// The device is lost with the call of this number (from 0; allocations do not count).
    pub(crate) lost_at: Option<usize>,
    /// The walk of this number (from 0) claims better timetables than it found.
    pub(crate) lies_at: Option<usize>,
    /// Bytes of memory that it has.
    pub(crate) memory: Option<u64>,
    /// Bytes of shared memory of a multiprocessor.
    pub(crate) shared: u32,
}

#[derive(Debug, Default)]
struct Inside {
    held: HashMap<u64, Vec<u64>>,
    allocations: usize,
    calls: usize,
    walks: usize,
    lost: bool,
    /// By stream: kernels that were started, and have not run yet.
    queues: [Vec<(Common, Launch)>; STREAMS],
}

/// The device.
#[derive(Debug, Default)]
pub(crate) struct HostDevice {
    faults: Faults,
    inside: Mutex<Inside>,
}

impl HostDevice {
    pub(crate) fn new(faults: Faults) -> HostDevice {
        HostDevice { faults, ..HostDevice::default() }
    }

    /// Allocations and other calls so far.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let inside = self.inside.lock().unwrap();
        (inside.allocations, inside.calls)
    }

    /// Bytes that nobody gave back.
    pub(crate) fn held(&self) -> u64 {
        self.inside.lock().unwrap().held.values().map(|v| 8 * v.len() as u64).sum()
    }

    fn all(&self) -> u64 {
        self.faults.memory.unwrap_or(1 << 30)
    }

    fn call(&self) -> Result<(), DeviceError> {
        let mut inside = self.inside.lock().unwrap();
        inside.lost |= self.faults.lost_at == Some(inside.calls);
        inside.calls += 1;
        if inside.lost { Err(DeviceError::Lost("fell off the bus".into())) } else { Ok(()) }
    }

    /// # Safety
    /// There are so many individuals.
    unsafe fn after_walk(&self, individuals: *mut RawIndividual, n: usize) {
        let mut inside = self.inside.lock().unwrap();
        if self.faults.lies_at == Some(inside.walks) {
            // SAFETY: said above.
            let individuals = unsafe { std::slice::from_raw_parts_mut(individuals, n) };
            individuals.iter_mut().for_each(RawIndividual::pretend);
        }
        inside.walks += 1;
    }

    /// Whether so many bytes from an address on lie in one allocation.
    fn check(&self, at: Address, bytes: usize) {
        let inside = self.inside.lock().unwrap();
        let within =
            |(&from, held): (&u64, &Vec<u64>)| from <= at.0 && at.0 + bytes as u64 <= from + 8 * held.len() as u64;
        assert!(inside.held.iter().any(within), "{bytes} bytes at {at:?} are not allocated");
    }
}

impl Driver for HostDevice {
    fn name(&self) -> String {
        "a double".into()
    }

    fn memory(&self) -> Result<(u64, u64), DeviceError> {
        self.call()?;
        Ok((self.all() - self.held(), self.all()))
    }

    fn room(&self) -> Result<Room, DeviceError> {
        self.call()?;
        Ok(Room { multiprocessors: 2, warps: 3, shared: self.faults.shared, shared_most: self.faults.shared })
    }

    fn allocate(&self, bytes: u64) -> Result<Address, DeviceError> {
        let refused = DeviceError::Memory(Bytes::new(bytes));
        if self.held() + bytes > self.all() {
            return Err(refused);
        }
        let mut inside = self.inside.lock().unwrap();
        inside.allocations += 1;
        if inside.lost {
            return Err(DeviceError::Lost("fell off the bus".into()));
        }
        if self.faults.no_memory_at == Some(inside.allocations - 1) {
            return Err(refused);
        }
        // Nothing in it can be relied on.
        let memory = vec![0x5a5a_5a5a_5a5a_5a5a; bytes.div_ceil(8) as usize];
        let address = memory.as_ptr() as u64;
        inside.held.insert(address, memory);
        Ok(Address(address))
    }

    fn free(&self, address: Address) {
        Stream::all().into_iter().for_each(|stream| self.finish(stream));
        self.inside.lock().unwrap().held.remove(&address.0).expect("allocated, and not given back before");
    }

    fn upload(&self, stream: Stream, to: Address, bytes: &[u8]) -> Result<(), DeviceError> {
        self.call()?;
        self.finish(stream);
        self.check(to, bytes.len());
        // SAFETY: checked to be allocated.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.0 as *mut u8, bytes.len()) };
        Ok(())
    }

    fn download(&self, stream: Stream, from: Address, bytes: &mut [u8]) -> Result<(), DeviceError> {
        self.call()?;
        self.finish(stream);
        self.check(from, bytes.len());
        // SAFETY: checked to be allocated.
        unsafe { std::ptr::copy_nonoverlapping(from.0 as *const u8, bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    fn launch(&self, stream: Stream, common: &Common, launch: &Launch) -> Result<(), DeviceError> {
        self.call()?;
        self.inside.lock().unwrap().queues[stream.0].push((*common, *launch));
        Ok(())
    }

    fn wait(&self, stream: Stream) -> Result<f64, DeviceError> {
        self.call()?;
        self.finish(stream);
        Ok(1.0)
    }

    fn trim(&self) {}
}

impl HostDevice {
    /// Runs the kernels of a stream.
    fn finish(&self, stream: Stream) {
        let queued = std::mem::take(&mut self.inside.lock().unwrap().queues[stream.0]);
        queued.iter().for_each(|(common, launch)| self.work(common, launch));
    }

    fn work(&self, common: &Common, launch: &Launch) {
        let Common { model, layout, states, warps } = *common;
        let mut shared = vec![0u64; if states.is_none() { layout.words as usize * warps as usize / 2 + 1 } else { 0 }];
        let states = states.map_or(shared.as_mut_ptr() as u64, |s| s.0) as *mut u32;
        let at = |address: Address| address.0 as *mut u8;
        for warp in 0..warps {
            // SAFETY: the kernels get what those of a device get, and memory that is allocated.
            unsafe {
                library().get::<SetWarp>(b"set_warp").expect("a function")(warp, warps);
                match *launch {
                    Launch::Evaluate { individuals, rows, count } => {
                        let kernel = library().get::<Evaluate>(b"evaluate").expect("a kernel");
                        kernel(model, layout, states, count, at(rows), at(individuals).cast());
                    }
                    Launch::Walk { individuals, rows, best, stretch } => {
                        let kernel = library().get::<Walk>(b"walk").expect("a kernel");
                        kernel(model, layout, states, stretch, at(rows), at(best), at(individuals).cast());
                        if warp + 1 == warps {
                            self.after_walk(at(individuals).cast(), stretch.individuals as usize);
                        }
                    }
                    Launch::Breed { parents, individuals, rows, children, stretch } => {
                        let kernel = library().get::<Breed>(b"breed").expect("a kernel");
                        let (parents, individuals) = (at(parents).cast(), at(individuals).cast());
                        kernel(model, layout, states, stretch, at(rows), at(children), parents, individuals);
                    }
                }
            }
        }
    }
}
