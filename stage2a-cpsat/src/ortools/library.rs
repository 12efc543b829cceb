//! The opened library: its C interface, made safe.

use libc::{c_int, c_void};
use libloading::Library as Opened;
use std::{path::Path, ptr, slice, sync::Arc};

/// Why the library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The system cannot open it: missing, truncated, for another processor.
    #[error("cannot be opened: {0}")]
    Open(String),
    /// It has not what we call.
    #[error("is not the one expected: it has no `{0}`")]
    Symbol(&'static str),
    /// It is of another version.
    #[error("is OR-Tools {found}, expected {}", super::VERSION)]
    Version {
        /// Its version.
        found: String,
    },
}

type NewEnv = unsafe extern "C" fn() -> *mut c_void;
type WithEnv = unsafe extern "C" fn(*mut c_void);
type Solve =
    unsafe extern "C" fn(*mut c_void, *const c_void, c_int, *const c_void, c_int, *mut *mut c_void, *mut c_int);
type Number = unsafe extern "C" fn() -> c_int;

#[derive(Debug)]
struct Functions {
    new: NewEnv,
    destroy: WithEnv,
    stop: WithEnv,
    solve: Solve,
    _opened: Opened,
}

/// OR-Tools, opened.
#[derive(Clone, Debug)]
pub struct Library {
    functions: Arc<Functions>,
    version: String,
}

impl Library {
    /// Opens the library and looks for all that is called, and for the version. Code of the library
    /// runs in this process from then on: meant for processes that may be lost.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open(path: &Path) -> Result<Library, LibraryError> {
        // SAFETY: opening runs the library's initialisers; it is the one that the user's cache,
        // system or environment holds.
        let opened = unsafe { Opened::new(path) }.map_err(|e| LibraryError::Open(with_causes(&e)))?;
        macro_rules! symbol {
            ($type:ty, $name:literal) => {
                // SAFETY: the type is that of the function in OR-Tools 9.15, and the library stays
                // open as long as the pointer.
                *unsafe { opened.get::<$type>($name) }.map_err(|_| LibraryError::Symbol($name))?
            };
        }
        // C++ names of functions without arguments that give an int.
        let major = symbol!(Number, "_ZN19operations_research19OrToolsMajorVersionEv");
        let minor = symbol!(Number, "_ZN19operations_research19OrToolsMinorVersionEv");
        // SAFETY: both take nothing and give a constant.
        let version = unsafe { format!("{}.{}", major(), minor()) };
        if !super::VERSION.starts_with(&format!("{version}.")) {
            return Err(LibraryError::Version { found: version });
        }
        let functions = Functions {
            new: symbol!(NewEnv, "SolveCpNewEnv"),
            destroy: symbol!(WithEnv, "SolveCpDestroyEnv"),
            stop: symbol!(WithEnv, "SolveCpStopSearch"),
            solve: symbol!(Solve, "SolveCpInterruptible"),
            _opened: opened,
        };
        Ok(Library { functions: Arc::new(functions), version })
    }

    /// Its version: `9.15`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A search that can be stopped.
    pub fn search(&self) -> Search {
        // SAFETY: takes nothing; what it gives is destroyed once, when the search is dropped.
        let env = unsafe { (self.functions.new)() };
        Search { env, functions: self.functions.clone() }
    }
}

/// One search. Shared between the thread that solves and the one that stops it.
#[derive(Debug)]
pub struct Search {
    env: *mut c_void,
    functions: Arc<Functions>,
}

// SAFETY: OR-Tools' environment is made to be stopped from another thread while one solves.
unsafe impl Send for Search {}
// SAFETY: as above; `solve` is called once for each search.
unsafe impl Sync for Search {}

impl Search {
    /// Solves a serialised `CpModelProto` with serialised `SatParameters`; gives a serialised
    /// `CpSolverResponse`. Bytes that are no such messages end the process.
    pub fn solve(&self, model: &[u8], parameters: &[u8]) -> Vec<u8> {
        let (mut answer, mut length) = (ptr::null_mut(), 0);
        let of = |bytes: &[u8]| (bytes.as_ptr().cast::<c_void>(), bytes.len() as c_int);
        let ((model, model_length), (parameters, parameters_length)) = (of(model), of(parameters));
        // SAFETY: pointers and lengths are those of two slices that outlive the call; the answer is
        // malloc'ed for us.
        unsafe {
            (self.functions.solve)(
                self.env,
                model,
                model_length,
                parameters,
                parameters_length,
                &raw mut answer,
                &raw mut length,
            );
        }
        if answer.is_null() {
            return Vec::new();
        }
        // SAFETY: so many bytes were written there, and nobody else frees them.
        unsafe {
            let bytes = slice::from_raw_parts(answer.cast::<u8>(), usize::try_from(length).unwrap_or(0)).to_vec();
            libc::free(answer);
            bytes
        }
    }

    /// Asks the search to end with the best found so far.
    pub fn stop(&self) {
        // SAFETY: the environment lives as long as this search, and may be stopped at any time.
        unsafe { (self.functions.stop)(self.env) };
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        // SAFETY: made by `search`, destroyed only here.
        unsafe { (self.functions.destroy)(self.env) };
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |e| e.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
