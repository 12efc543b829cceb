//! Work for a solver: some classes, the model of them, and what became of it.

use super::neighbourhoods::Choice;
use crate::model::PartialModel;
use crate::worker::Answer;
use cp_sat::proto::SatParameters;
use memguard::Bytes;
use std::time::Instant;

/// What the classes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobTarget {
    /// A cluster, or a part of it.
    Cluster(usize),
    /// A neighbourhood.
    Neighbourhood(Choice),
}

/// Where a job stands.
#[derive(Debug)]
pub(super) enum State {
    Waiting,
    /// A worker is at it, since then.
    Submitted(usize, Instant),
    /// It took so many seconds.
    Answered(Box<Answer>, f64),
    /// Nobody will answer it.
    Lost,
    /// Its halves are asked for in its place.
    Halved,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) target: JobTarget,
    pub(super) part: PartialModel,
    /// How it is to be solved.
    pub(super) parameters: SatParameters,
    pub(super) state: State,
    /// How often it was tried before.
    pub(super) tries: u32,
    /// What it was refused for came from elsewhere: while it is under way nothing else is.
    pub(super) is_again: bool,
    /// With how much memory at least it has to be tried alone.
    pub(super) alone: Option<Bytes>,
}

impl Job {
    pub(super) fn new(target: JobTarget, part: PartialModel, parameters: SatParameters) -> Job {
        Job { target, part, parameters, state: State::Waiting, tries: 0, is_again: false, alone: None }
    }
}
