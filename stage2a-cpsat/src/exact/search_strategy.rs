//! Ways to search, none of which is best for all models (figures: docs/benchmarks.md).

use cp_sat::proto::SatParameters;
use moves::Rng;

/// How the solver is to search.
#[derive(Clone, Copy, Debug)]
pub(super) enum SearchStrategy {
    /// The model as it is, from the hint: finds something at once.
    Bare,
    /// Presolved once, without what takes long.
    Light,
    /// With linear relaxations: bounds, where the cost is a sum of many terms.
    Relaxed,
}

impl SearchStrategy {
    pub(super) const ALL: [SearchStrategy; 3] = [SearchStrategy::Bare, SearchStrategy::Light, SearchStrategy::Relaxed];

    /// The solver's parameters, with a seed.
    pub(super) fn parameters(self, rng: &mut Rng) -> SatParameters {
        let common = SatParameters {
            num_workers: Some(1),
            random_seed: Some(rng.below(1 << 30) as i32),
            log_search_progress: Some(false),
            log_to_stdout: Some(false),
            // It would take Ctrl-C away from us.
            catch_sigint_signal: Some(false),
            cp_model_probing_level: Some(0),
            ..SatParameters::default()
        };
        match self {
            SearchStrategy::Bare => {
                SatParameters { cp_model_presolve: Some(false), linearization_level: Some(0), ..common }
            }
            SearchStrategy::Light => SatParameters {
                max_presolve_iterations: Some(1),
                symmetry_level: Some(0),
                linearization_level: Some(0),
                ..common
            },
            SearchStrategy::Relaxed => SatParameters { linearization_level: Some(2), ..common },
        }
    }
}
