//! What kernels are given, as `kernels/genetic.cu` lays it out.

use super::model::Model;
use super::sections::ModelSection;
use moves::Schedule;
use moves::fixed::FACTORS;
use timetable::Score;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The model, by its address.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct RawModel {
    pub(crate) words: u64,
    pub(crate) at: [u32; ModelSection::COUNT],
}

impl RawModel {
    /// With the words at this address.
    pub(crate) fn at(model: &Model, words: u64) -> RawModel {
        RawModel { words, at: model.at }
    }
}

/// What is known of an individual beside its timetable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct RawIndividual {
    hard: i64,
    penalty: i64,
    best_hard: i64,
    best_penalty: i64,
    unplaced: u32,
    best_unplaced: u32,
    pub(crate) weight: i64,
    pub(crate) warmed: u64,
    pad: u64,
}

impl RawIndividual {
    pub(crate) fn new(score: Score, best: Score, weight: i64, warmed: Option<u64>) -> RawIndividual {
        RawIndividual {
            hard: score.hard,
            penalty: score.penalty,
            best_hard: best.hard,
            best_penalty: best.penalty,
            unplaced: score.unplaced,
            best_unplaced: best.unplaced,
            weight,
            warmed: warmed.unwrap_or(u64::MAX),
            pad: 0,
        }
    }

    /// Claims a better best than there is.
    #[cfg(test)]
    pub(crate) fn pretend(&mut self) {
        (self.best_unplaced, self.best_hard, self.best_penalty) = (0, 0, -1);
    }

    pub(crate) fn score(&self) -> Score {
        Score { unplaced: self.unplaced, hard: self.hard, penalty: self.penalty }
    }

    pub(crate) fn best(&self) -> Score {
        Score { unplaced: self.best_unplaced, hard: self.best_hard, penalty: self.best_penalty }
    }
}

/// What a generation may spend, and how.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct RawStretch {
    pub(crate) seed: u64,
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) steps: u64,
    pub(crate) first: u64,
    pub(crate) halvings: u64,
    pub(crate) factors: [u64; 32],
    pub(crate) name: u32,
    pub(crate) individuals: u32,
    pub(crate) replace: u32,
    pub(crate) first_individual: u32,
    pub(crate) heavier: u32,
    pub(crate) all: u32,
}

impl RawStretch {
    pub(crate) fn new(schedule: &Schedule, seed: u64) -> RawStretch {
        RawStretch {
            seed,
            from: 0,
            until: 0,
            steps: 0,
            first: schedule.first.0,
            halvings: schedule.halvings,
            factors: FACTORS,
            name: 0,
            individuals: 0,
            replace: 0,
            first_individual: 0,
            heavier: 0,
            all: 0,
        }
    }
}
