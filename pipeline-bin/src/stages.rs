//! From names to implementations: the one place that knows which there are.

use crate::config::{AUTO, StageConfig};
use crate::keeper::keeper;
use crate::mending::Mending;
use crate::ortools;
use anyhow::{Context, Result, bail};
use pipeline::{ExecStage, Fallback, Stage, Step, Turns};
use stage1_louvain::{Components, Leiden, Louvain, NoClusters};
use stage2a_cpsat::{FewestByCpSat, Greedy};
use stage2b_gpu_ga::{Annealing, Genetic, Settings};
use stage3_rl::{MinConflicts, Order, Rl};

/// Classes in a cluster.
const CLUSTER_LEAST: usize = 10;
const CLUSTER_MOST: usize = 60;
/// Where annealing begins again on what it left: warm, so that nothing large is lost.
const WARM: f64 = 0.5;

/// The names of a slot's implementations, for messages.
fn names(slot: &str) -> &'static str {
    match slot {
        "stage1" => "louvain, leiden, components, none, exec:PROGRAM",
        "stage2a" => "cpsat, milp, greedy, exec:PROGRAM",
        "stage2b" => "auto, annealing, ga, none, exec:PROGRAM",
        "polish" => "auto, cpsat, milp, annealing, none, exec:PROGRAM",
        "stage3" => "rl, min-conflicts, fewest-changes, cpsat, none, exec:PROGRAM",
        _ => "bound, none",
    }
}

/// Implementations that have settings of their own, as they are set.
#[derive(Clone, Debug)]
pub(crate) struct AsSet {
    pub(crate) genetic: Genetic,
    pub(crate) rl: Rl,
    /// What counts first in a repair.
    pub(crate) order: Order,
}

/// The implementation of this name in this slot; `None` where the slot is left out.
fn make(slot: &str, name: &str, set: &AsSet) -> Result<Option<Box<dyn Stage>>> {
    if let Some(command_line) = name.strip_prefix("exec:").filter(|_| slot != "proof") {
        let stage = ExecStage::new(command_line).with_context(|| format!("{slot}: `{name}`"))?;
        return Ok(Some(Box::new(match keeper() {
            Some(keeper) => stage.kept_by(keeper),
            None => stage,
        })));
    }
    Ok(Some(match (slot, name) {
        ("stage1", "louvain") => Box::new(Louvain { min: CLUSTER_LEAST, max: CLUSTER_MOST }),
        ("stage1", "leiden") => Box::new(Leiden { min: CLUSTER_LEAST, max: CLUSTER_MOST }),
        ("stage1", "components") => Box::new(Components),
        ("stage1", "none") => Box::new(NoClusters),
        ("stage2a", "cpsat") => Box::new(ortools::stage()?),
        ("stage2a", "milp") => Box::new(ortools::milp()?),
        ("polish", "cpsat") => by_turns("cpsat, annealing", Box::new(ortools::stage()?)),
        ("polish", "milp") => by_turns("milp, annealing", Box::new(ortools::milp()?)),
        ("polish", "annealing") => Box::new(Turns::new("annealing", vec![warm()])),
        ("stage2a", "greedy") => Box::new(Greedy),
        ("stage2b", "annealing") => Box::new(Annealing::default()),
        ("stage2b", "ga") => Box::new(set.genetic),
        ("stage3", "rl") => Box::new(set.rl.clone()),
        ("stage3", "min-conflicts") => Box::new(MinConflicts),
        ("stage3", "fewest-changes") => Box::new(Mending::new(ortools::changes()?, set.order)),
        ("stage3", "cpsat") => {
            Box::new(FewestByCpSat { times_first: set.order == Order::Published, ..ortools::changes()? })
        }
        ("proof", "bound") => Box::new(ortools::bound()?),
        ("stage2b" | "polish" | "stage3" | "proof", "none") => return Ok(None),
        // Not settled yet.
        ("polish", AUTO) => return Ok(None),
        _ => bail!("{slot} has no implementation `{name}`\nMaybe use one of {}", names(slot)),
    }))
}

/// Annealing that begins warm.
fn warm() -> Box<dyn Stage> {
    Box::new(Annealing { settings: Settings { from: WARM, ..Settings::default() }, ..Annealing::default() })
}

/// A solver's neighbourhoods and warm annealing, as each of them pays.
fn by_turns(name: &'static str, solver: Box<dyn Stage>) -> Box<dyn Stage> {
    Box::new(Turns::new(name, vec![solver, warm()]))
}

/// The steps of a run.
pub(crate) fn steps(configured: &[StageConfig], set: &AsSet) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (index, stage) in configured.iter().enumerate() {
        if let Some(made) = make(stage.slot, &stage.name.value, set)? {
            steps.push(Step { slot: stage.slot.into(), stage: made, share: stage.share.value });
        }
        // A stage that runs alone is what was asked for, and nothing else.
        if configured.len() > 1
            && let Some(fallback) = fallback(stage, &configured[index + 1..])
        {
            steps.push(Step { slot: stage.slot.into(), stage: Box::new(fallback), share: 0 });
        }
    }
    Ok(steps)
}

/// For a foreign program whose work no stage after it would do: what runs in its place where it fails, with its share of what is left.
fn fallback(program: &StageConfig, after: &[StageConfig]) -> Option<Fallback> {
    let is_filled = |stage: &&StageConfig| !["none", AUTO].contains(&stage.name.value.as_str());
    let is_polished = after.iter().filter(is_filled).any(|stage| stage.slot == "polish");
    let stage: Box<dyn Stage> = match program.slot {
        _ if !program.name.value.starts_with("exec:") => return None,
        "stage2a" => Box::new(Greedy),
        "stage2b" if !is_polished => Box::new(Annealing::default()),
        "polish" => warm(),
        _ => return None,
    };
    let share = |stage: &StageConfig| f64::from(stage.share.value);
    let rest: f64 = after.iter().filter(is_filled).map(share).sum();
    // A share of 0 is all that is left.
    let part = if program.share.value == 0 { 1.0 } else { share(program) / (share(program) + rest) };
    Some(Fallback::new(stage, part))
}

/// The slot in which an implementation of this name runs alone.
pub(crate) fn slot_of(name: &str) -> Result<&'static str> {
    Ok(match name {
        "louvain" | "leiden" | "components" | "none" => "stage1",
        "cpsat" | "milp" | "greedy" => "stage2a",
        "ga" | "annealing" => "stage2b",
        "rl" | "min-conflicts" | "fewest-changes" => "stage3",
        "bound" => "proof",
        _ if name.starts_with("exec:") => "stage2b",
        _ => bail!(
            "no stage is called `{name}`\nMaybe use louvain, leiden, components, cpsat, milp, greedy, ga, annealing, rl, min-conflicts, fewest-changes, bound or exec:PROGRAM"
        ),
    })
}
