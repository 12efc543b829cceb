//! How much an engine is asked for at once.

use crate::model::Cut;
use crate::worker::Engine;

#[derive(Clone, Copy, Debug)]
pub(super) struct EngineLimits {
    /// Classes of a cluster.
    pub(super) cluster: usize,
    /// Classes of a neighbourhood: at first, and at most.
    pub(super) first: usize,
    pub(super) most: usize,
    /// How much of what they can choose.
    pub(super) cut: Cut,
    /// Requests of students.
    pub(super) requests: usize,
}

impl EngineLimits {
    pub(super) fn of(engine: &Engine) -> EngineLimits {
        match engine {
            Engine::CpSat(_) => {
                EngineLimits { cluster: usize::MAX, first: 20, most: 1_000, cut: Cut::WIDE, requests: 80 }
            }
            Engine::Milp => EngineLimits { cluster: 8, first: 8, most: 120, cut: Cut::NARROW, requests: 8 },
        }
    }
}
