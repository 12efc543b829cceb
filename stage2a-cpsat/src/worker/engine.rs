//! What a worker solves with.

use crate::milp;
use crate::ortools::{self, Library, LibraryError};
use memguard::Bytes;
use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// Which solver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// OR-Tools' CP-SAT, from the library at this path.
    CpSat(PathBuf),
    /// Mixed-integer programming, part of the program.
    Milp,
}

/// The argument that means [`Engine::Milp`].
const MILP: &str = "milp";

impl Engine {
    /// As a worker's last argument.
    pub fn argument(&self) -> OsString {
        match self {
            Engine::Milp => MILP.into(),
            // Never taken for the name of an engine.
            Engine::CpSat(path) if path.as_os_str() == MILP => PathBuf::from(".").join(path).into(),
            Engine::CpSat(path) => path.into(),
        }
    }

    /// What [`argument`](Engine::argument) gave.
    pub fn of_argument(argument: &OsStr) -> Engine {
        if argument == MILP { Engine::Milp } else { Engine::CpSat(argument.into()) }
    }

    /// What a worker is expected to need before any has been seen.
    pub(crate) fn first_guess(&self) -> Bytes {
        match self {
            // The library itself and a model of some ten thousand variables.
            Engine::CpSat(_) => Bytes::mb(320),
            Engine::Milp => Bytes::mb(200),
        }
    }

    /// No worker gets less.
    pub(crate) fn least(&self) -> Bytes {
        match self {
            // The library alone takes as much.
            Engine::CpSat(_) => Bytes::mb(160),
            Engine::Milp => Bytes::mb(64),
        }
    }
}

/// An engine that is ready.
pub(super) enum Opened {
    CpSat(Library),
    Milp,
}

/// One solve, shared between the thread that solves and the one that stops it.
pub(super) enum Search {
    CpSat(ortools::Search),
    Milp(milp::Search),
}

impl Opened {
    pub(super) fn open(engine: &Engine) -> Result<Opened, LibraryError> {
        Ok(match engine {
            Engine::CpSat(path) => Opened::CpSat(Library::open(path)?),
            Engine::Milp => Opened::Milp,
        })
    }

    pub(super) fn version(&self) -> &str {
        match self {
            Opened::CpSat(library) => library.version(),
            Opened::Milp => milp::ENGINE,
        }
    }

    pub(super) fn search(&self) -> Search {
        match self {
            Opened::CpSat(library) => Search::CpSat(library.search()),
            Opened::Milp => Search::Milp(milp::Search::default()),
        }
    }
}

impl Search {
    pub(super) fn solve(&self, model: &[u8], parameters: &[u8]) -> Vec<u8> {
        match self {
            Search::CpSat(search) => search.solve(model, parameters),
            Search::Milp(search) => search.solve(model, parameters),
        }
    }

    pub(super) fn stop(&self) {
        match self {
            Search::CpSat(search) => search.stop(),
            Search::Milp(search) => search.stop(),
        }
    }
}
