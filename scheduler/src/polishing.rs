//! Whether the slot `polish` is filled, where that is left to the program (`auto`).

use crate::config::{AUTO, Config, RunBudget, StageConfig};
use crate::host::Host;
use crate::layer::Layer;
use crate::ortools;
use crate::supervisor::program;
use std::time::Duration;
use timetable::Problem;

/// The slot.
const SLOT: &str = "polish";
/// CP-SAT's neighbourhoods pay from five minutes on; in a minute annealing needs all of its time
/// (docs/benchmarks.md, Polishing).
const PAYS_FROM: Duration = Duration::from_secs(300);

/// The slot, where it is left to the program.
fn left_open(config: &mut Config) -> Option<&mut StageConfig> {
    config.stages.iter_mut().find(|stage| stage.slot == SLOT && stage.name.value == AUTO)
}

/// A run that goes on is polished as was settled when it began.
pub fn go_on(config: &mut Config, begun: &Layer) {
    if let (Some(polish), Some(name)) = (left_open(config), &begun.polish.name) {
        polish.name.value.clone_from(name);
    }
}

/// Puts a name in the place of `auto`, with OR-Tools fetched where that pays. Returns how long
/// fetching took.
pub(crate) fn settle(config: &mut Config, problem: &Problem, offline: bool, host: &dyn Host) -> Duration {
    let spend = config.spend.value;
    let Some(polish) = left_open(config) else { return Duration::ZERO };
    // Without a program whose workers solve there is nothing to fetch it for.
    if program().is_none() || !pays(spend, problem) {
        polish.name.value = "none".into();
        return Duration::ZERO;
    }
    let fetching = ortools::fetch(offline, host);
    polish.name.value = if ortools::is_here() { "cpsat" } else { "none" }.into();
    fetching
}

/// Whether polishing is worth its share of the time: in a long run, on a problem whose times are
/// more than single slots. (Of steps nobody knows how long they take.)
fn pays(spend: RunBudget, problem: &Problem) -> bool {
    let is_long = matches!(spend, RunBudget::Time(time) if time.0 >= PAYS_FROM);
    let mut times = problem.class_times().iter().map(|option| &problem.times()[option.time as usize]);
    is_long && times.any(|time| time.length() > 1 || time.days.count_ones() > 1)
}
