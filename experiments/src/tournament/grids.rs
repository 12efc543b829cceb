//! Races and proofs as grids: what their trials are called in the store.

use super::arena::Arena;
use super::news::name;
use super::parameters::{Point, Space};
use crate::grid::{Budget, Grid, Instance, Seeds};

/// More blocks of an instance than any race gets to.
const MOST_ROUNDS: u64 = 1_000_000;
/// The seeds of blocks are 1, 2, 3 and so on.
const FIRST_SEED: u64 = 1;

/// The grid of a race: every instance, every seed, these configurations.
pub(super) fn of_race(arena: &Arena, entrants: &[(u32, &Point)]) -> Grid {
    let seeds = Seeds::Range(FIRST_SEED, MOST_ROUNDS);
    grid(&arena.rules.space, entrants, arena.instances.clone(), seeds, arena.rules.budget, arena.rules.deadline)
}

/// The grid of a proof: what is held out, a few seeds, the defaults and the winner.
pub(super) fn of_proof(arena: &Arena, entrants: &[(u32, &Point)], budget: Budget) -> Grid {
    let seeds = Seeds::Range(FIRST_SEED, FIRST_SEED + arena.rules.held_out_seeds - 1);
    grid(&arena.rules.space, entrants, arena.held_out.clone(), seeds, budget, arena.rules.deadline)
}

/// The grid that memory is tried on: the ends of what may be varied, on every instance.
pub(super) fn of_corners(arena: &Arena) -> Grid {
    let corners = arena.rules.space.corners();
    let numbered: Vec<(u32, &Point)> = (0..).zip(&corners).collect();
    let instances = arena.instances.iter().chain(&arena.held_out).cloned().collect();
    grid(&arena.rules.space, &numbered, instances, Seeds::Range(1, 1), arena.rules.budget, None)
}

fn grid(
    space: &Space,
    entrants: &[(u32, &Point)],
    instances: Vec<Instance>,
    seeds: Seeds,
    budget: Budget,
    deadline: Option<u64>,
) -> Grid {
    Grid {
        instances,
        seeds,
        budgets: vec![budget],
        base: space.base.clone(),
        configurations: entrants.iter().map(|(number, point)| (name(*number), space.over(point))).collect(),
        shown: space.parameters.iter().map(|parameter| parameter.key.clone()).collect(),
        axes: Vec::new(),
        deadline,
        keep_solution: false,
    }
}

/// The cell of the configuration at a position, of an instance and its seed of this round.
pub(super) fn cell(grid: &Grid, configuration: usize, instance: usize, round: u64) -> u64 {
    grid.number(round, instance, configuration, &[], 0)
}

/// The seed of a round.
pub(super) fn seed(round: u64) -> u64 {
    FIRST_SEED + round
}
