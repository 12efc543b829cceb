//! Before the first race: what there is to do, and whether the memory suffices for it.

use super::news::{Plan, RaceAhead, Spectator};
use super::proof::LEAST_INSTANCES;
use super::{Tournament, grids};
use crate::error::Error;
use crate::sweep::{self, Launch, Preflight, Sweep, Watch};

/// What a race keeps in memory of each configuration and block.
const BYTES_A_COST: u64 = 64;

/// Tries the largest and the smallest configurations on every instance: what they would need, not
/// how they fare.
///
/// # Errors
/// Where one of them does not fit even alone.
pub(super) fn plan(
    tournament: &Tournament<'_>,
    launch: &mut dyn Launch,
    watch: &mut dyn Spectator,
) -> Result<Plan, Error> {
    let Tournament { folder, lock, arena, options, guard, cancel } = tournament;
    let grid = grids::of_corners(arena);
    let options = sweep::Options {
        jobs: options.jobs,
        minimal: false,
        cells: None,
        leave_segments: true,
        profile: None,
        shard: None,
        above: None,
        accept: Vec::new(),
        retry: Vec::new(),
        only_plan: true,
    };
    let mut seen = Seen { watch, preflight: None };
    let sweep = Sweep { folder, lock, grid: &grid, number: 0, options, guard: guard.clone(), cancel: cancel.clone() };
    let planned = sweep.run(launch, &mut seen);
    let preflight = seen.preflight;
    planned?;
    let corners = preflight.ok_or_else(|| Error::Input("nothing can be planned".into()))?;
    let rules = &arena.rules;
    let of_race = |race: usize| {
        let budget = rules.trials / rules.races();
        RaceAhead { configurations: super::driver::entrants(rules, budget, race), budget }
    };
    let races: Vec<RaceAhead> = (1..=rules.races()).map(of_race).collect();
    let most = races.iter().map(|race| race.configurations).max().unwrap_or(0);
    let proofs = 1 + u64::from(rules.confirm.is_some());
    let proof = (arena.held_out.len() as u64 * rules.held_out_seeds * 2 * proofs) as usize;
    Ok(Plan {
        parameters: rules.space.parameters.len(),
        ranks: (most * (rules.trials / most.max(1))) as u64 * BYTES_A_COST,
        races,
        trials: rules.trials,
        proof,
        held_out: arena.held_out.len(),
        cannot_prove: arena.held_out.len() < LEAST_INSTANCES,
        corners,
    })
}

/// Remembers what a sweep would do.
struct Seen<'w> {
    watch: &'w mut dyn Spectator,
    preflight: Option<Preflight>,
}

impl Watch for Seen<'_> {
    fn preflight(&mut self, preflight: &Preflight) {
        self.preflight = Some(preflight.clone());
    }

    fn tells(&mut self, line: &str) {
        self.watch.tells(line);
    }
}
