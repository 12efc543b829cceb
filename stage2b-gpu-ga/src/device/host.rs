//! The kernels compiled for the processor, for tests: the very source that devices run.

use super::model::{Layout, Model};
use super::raw::{RawIndividual, RawModel, RawStretch};
use libloading::Library;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

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

/// The kernels on one thread of the processor.
pub(crate) struct Host<'a> {
    model: RawModel,
    layout: Layout,
    state: Vec<u64>,
    library: &'static Library,
    _words: &'a [u32],
}

impl<'a> Host<'a> {
    pub(crate) fn new(model: &'a Model) -> Host<'a> {
        let layout = model.layout().expect("a layout");
        let words: &[u32] = &model.words;
        assert_eq!(words.as_ptr() as usize % 8, 0, "wide numbers lie at multiples of their size");
        Host {
            model: RawModel::at(model, words.as_ptr() as u64),
            layout,
            state: vec![0x5a5a_5a5a_5a5a_5a5a; layout.words as usize / 2 + 1],
            library: library(),
            _words: words,
        }
    }

    fn state(&mut self) -> *mut u32 {
        self.state.as_mut_ptr().cast()
    }

    pub(crate) fn evaluate(&mut self, rows: &[u8], individuals: &mut [RawIndividual]) {
        let state = self.state();
        // SAFETY: the kernel reads as many rows and writes as many individuals as there are, and one state.
        unsafe {
            let kernel = self.library.get::<Evaluate>(b"evaluate").expect("a kernel");
            kernel(self.model, self.layout, state, individuals.len() as u32, rows.as_ptr(), individuals.as_mut_ptr());
        }
    }

    pub(crate) fn walk(
        &mut self,
        stretch: RawStretch,
        rows: &mut [u8],
        best: &mut [u8],
        individuals: &mut [RawIndividual],
    ) {
        let state = self.state();
        assert_eq!(stretch.individuals as usize, individuals.len());
        // SAFETY: as above; rows and best hold a row of each individual.
        unsafe {
            let kernel = self.library.get::<Walk>(b"walk").expect("a kernel");
            let individuals = individuals.as_mut_ptr();
            kernel(self.model, self.layout, state, stretch, rows.as_mut_ptr(), best.as_mut_ptr(), individuals);
        }
    }

    pub(crate) fn breed(
        &mut self,
        stretch: RawStretch,
        rows: &[u8],
        children: &mut [u8],
        parents: &[RawIndividual],
        individuals: &mut [RawIndividual],
    ) {
        let state = self.state();
        assert_eq!((stretch.individuals as usize, parents.len()), (individuals.len(), individuals.len()));
        // SAFETY: as above.
        unsafe {
            let kernel = self.library.get::<Breed>(b"breed").expect("a kernel");
            let (parents, individuals) = (parents.as_ptr(), individuals.as_mut_ptr());
            kernel(self.model, self.layout, state, stretch, rows.as_ptr(), children.as_mut_ptr(), parents, individuals);
        }
    }
}
