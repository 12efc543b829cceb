//! NVIDIA's driver, opened when it is there.

use super::driver::{Address, Common, DeviceError, Driver, Launch, Room, STREAMS, Stream};
use super::raw::{RawModel, RawStretch};
use crate::genetic::Gpu;
use cudarc::driver::sys::{CUdevice_attribute as Attribute, CUfunction_attribute, cudaError_enum as Code};
use cudarc::driver::{
    CudaContext, CudaEvent, CudaFunction, CudaSlice, CudaStream, DevicePtr, DeviceRepr, DriverError, LaunchConfig,
    PushKernelArg, result, sys,
};
use pipeline::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The kernels, as `kernels/build.py` compiled them.
const PTX: &str = include_str!("../../kernels/genetic.ptx");

// SAFETY: plain integers, laid out as C does.
unsafe impl DeviceRepr for RawModel {}
// SAFETY: the same.
unsafe impl DeviceRepr for RawStretch {}
// SAFETY: the same.
unsafe impl DeviceRepr for super::model::Layout {}

/// One device.
#[derive(Debug)]
pub(crate) struct Cuda {
    context: Arc<CudaContext>,
    queues: [Queue; STREAMS],
    evaluate: CudaFunction,
    walk: CudaFunction,
    breed: CudaFunction,
    held: Mutex<HashMap<u64, CudaSlice<u8>>>,
}

/// A stream, and when its last kernel started and ended.
#[derive(Debug)]
struct Queue {
    stream: Arc<CudaStream>,
    started: CudaEvent,
    ended: CudaEvent,
}

impl Queue {
    fn new(context: &Arc<CudaContext>) -> Result<Queue, DeviceError> {
        let timed = Some(sys::CUevent_flags::CU_EVENT_DEFAULT);
        Ok(Queue {
            stream: context.new_stream()?,
            started: context.new_event(timed)?,
            ended: context.new_event(timed)?,
        })
    }
}

impl From<DriverError> for DeviceError {
    fn from(e: DriverError) -> DeviceError {
        DeviceError::Lost(e.to_string())
    }
}

/// The devices that are meant, at least one.
///
/// # Errors
/// Why there is none.
pub(crate) fn open(gpu: Gpu) -> Result<Vec<Cuda>, DeviceError> {
    // What a library of another version lacks is a panic there.
    let opened = std::panic::catch_unwind(|| open_unguarded(gpu));
    opened.unwrap_or_else(|_| Err(DeviceError::Absent("NVIDIA's driver is not one that can be used".into())))
}

fn open_unguarded(gpu: Gpu) -> Result<Vec<Cuda>, DeviceError> {
    if gpu == Gpu::Off {
        return Err(DeviceError::Absent("it is switched off".into()));
    }
    // SAFETY: opens the driver's library, which runs nothing of ours.
    if !unsafe { sys::is_culib_present() } {
        return Err(DeviceError::Absent("there is no NVIDIA driver (libcuda) on this machine".into()));
    }
    let count = CudaContext::device_count().map_err(|e| DeviceError::Absent(format!("NVIDIA's driver says: {e}")))?;
    let all = 0..count as usize;
    let contexts = match gpu {
        Gpu::Number(n) if all.contains(&n) => vec![CudaContext::new(n)?],
        Gpu::Number(n) => return Err(DeviceError::Absent(format!("there is no device {n}, only {count}"))),
        Gpu::All => all.map(CudaContext::new).collect::<Result<_, _>>()?,
        _ => vec![roomiest(all)?],
    };
    if contexts.is_empty() {
        return Err(no_device());
    }
    contexts.into_iter().map(Cuda::new).collect()
}

fn no_device() -> DeviceError {
    DeviceError::Absent("NVIDIA's driver has no device".into())
}

/// The device with the most memory free, the first of several; those that cannot be opened are
/// passed over while there are others.
fn roomiest(devices: impl Iterator<Item = usize>) -> Result<Arc<CudaContext>, DeviceError> {
    let mut best: Option<(usize, Arc<CudaContext>)> = None;
    let mut failed = None;
    for n in devices {
        match CudaContext::new(n).and_then(|context| Ok((context.mem_get_info()?.0, context))) {
            Ok((free, context)) if best.as_ref().is_none_or(|(most, _)| free > *most) => best = Some((free, context)),
            Ok(_) => {}
            Err(e) => failed = Some(DeviceError::from(e)),
        }
    }
    best.map(|(_, context)| context).ok_or_else(|| failed.unwrap_or_else(no_device))
}

impl Cuda {
    fn new(context: Arc<CudaContext>) -> Result<Cuda, DeviceError> {
        let module = context.load_module(cudarc::nvrtc::Ptx::from_src(PTX))?;
        Ok(Cuda {
            queues: [Queue::new(&context)?, Queue::new(&context)?],
            evaluate: module.load_function("evaluate")?,
            walk: module.load_function("walk")?,
            breed: module.load_function("breed")?,
            held: Mutex::new(HashMap::new()),
            context,
        })
    }

    fn queue(&self, stream: Stream) -> &Queue {
        &self.queues[stream.0]
    }

    /// Waits for whatever is under way.
    fn rest(&self) -> Result<(), DriverError> {
        self.context.bind_to_thread()?;
        self.queues.iter().try_for_each(|queue| queue.stream.synchronize())
    }

    fn attribute(&self, attribute: Attribute) -> Result<u32, DeviceError> {
        Ok(self.context.attribute(attribute)? as u32)
    }
}

impl Driver for Cuda {
    fn name(&self) -> String {
        self.context.name().unwrap_or_else(|_| "a device".into())
    }

    fn memory(&self) -> Result<(u64, u64), DeviceError> {
        let (free, all) = self.context.mem_get_info()?;
        Ok((free as u64, all as u64))
    }

    fn room(&self) -> Result<Room, DeviceError> {
        let warps = self.walk.occupancy_max_active_blocks_per_multiprocessor(32, 0, None)?;
        Ok(Room {
            multiprocessors: self.attribute(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?,
            warps,
            shared: self.attribute(Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR)?,
            shared_most: self.attribute(Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)?,
        })
    }

    fn allocate(&self, bytes: u64) -> Result<Address, DeviceError> {
        let stream = &self.queues[0].stream;
        // SAFETY: nothing is read from it before it is written.
        let slice = unsafe { stream.alloc::<u8>(bytes as usize) }.map_err(|e| match e.0 {
            Code::CUDA_ERROR_OUT_OF_MEMORY => DeviceError::Memory(Bytes::new(bytes)),
            _ => DeviceError::from(e),
        })?;
        // The other streams work on it, too.
        stream.synchronize()?;
        let address = slice.device_ptr(stream).0;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(address, slice);
        Ok(Address(address))
    }

    fn free(&self, address: Address) {
        if let Err(e) = self.rest() {
            tracing::debug!("the device does not come to rest: {e}");
        }
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&address.0);
    }

    fn upload(&self, stream: Stream, to: Address, bytes: &[u8]) -> Result<(), DeviceError> {
        self.context.bind_to_thread()?;
        let stream = &self.queue(stream).stream;
        // SAFETY: the address is one of ours, with room for as many bytes as are sent there.
        Ok(unsafe { result::memcpy_htod_async(to.0, bytes, stream.cu_stream()) }.and_then(|()| stream.synchronize())?)
    }

    fn download(&self, stream: Stream, from: Address, bytes: &mut [u8]) -> Result<(), DeviceError> {
        self.context.bind_to_thread()?;
        let stream = &self.queue(stream).stream;
        // SAFETY: as above; `bytes` outlives the copy, which is waited for.
        Ok(unsafe { result::memcpy_dtoh_async(bytes, from.0, stream.cu_stream()) }
            .and_then(|()| stream.synchronize())?)
    }

    fn launch(&self, stream: Stream, common: &Common, launch: &Launch) -> Result<(), DeviceError> {
        let shared_mem_bytes = if common.states.is_some() { 0 } else { 4 * common.layout.words };
        self.context.bind_to_thread()?;
        let config = LaunchConfig { grid_dim: (common.warps, 1, 1), block_dim: (32, 1, 1), shared_mem_bytes };
        let states = common.states.map_or(0, |s| s.0);
        let function = match launch {
            Launch::Evaluate { .. } => &self.evaluate,
            Launch::Walk { .. } => &self.walk,
            Launch::Breed { .. } => &self.breed,
        };
        if shared_mem_bytes > 48 << 10 {
            let most = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            function.set_attribute(most, shared_mem_bytes as i32)?;
        }
        let Queue { stream, started, ended } = self.queue(stream);
        started.record(stream)?;
        let mut kernel = stream.launch_builder(function);
        kernel.arg(&common.model).arg(&common.layout).arg(&states);
        // SAFETY: the arguments are those of the kernels in `kernels/genetic.cu`, in their order;
        // addresses are ours.
        unsafe {
            match launch {
                Launch::Evaluate { individuals, rows, count } => {
                    kernel.arg(count).arg(&rows.0).arg(&individuals.0);
                    kernel.launch(config)?;
                }
                Launch::Walk { individuals, rows, best, stretch } => {
                    kernel.arg(stretch).arg(&rows.0).arg(&best.0).arg(&individuals.0);
                    kernel.launch(config)?;
                }
                Launch::Breed { parents, individuals, rows, children, stretch } => {
                    kernel.arg(stretch).arg(&rows.0).arg(&children.0).arg(&parents.0).arg(&individuals.0);
                    kernel.launch(config)?;
                }
            }
        }
        Ok(ended.record(stream)?)
    }

    fn wait(&self, stream: Stream) -> Result<f64, DeviceError> {
        let Queue { started, ended, .. } = self.queue(stream);
        ended.synchronize()?;
        Ok(started.elapsed_ms(ended)?.into())
    }

    fn trim(&self) {
        let trimmed = self.rest().and_then(|()| {
            // SAFETY: the device is one that is open.
            unsafe {
                let pool = result::device::get_default_mem_pool(self.context.cu_device())?;
                result::mem_pool::trim_to(pool, 0)
            }
        });
        if let Err(e) = trimmed {
            tracing::debug!("the device keeps its memory for later: {e}");
        }
    }
}
