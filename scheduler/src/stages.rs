//! From names to implementations: the one place that knows which there are.

use crate::config::{AUTO, StageConfig};
use crate::ortools;
use crate::repair_with_proof::RepairWithProof;
use crate::supervisor::supervisor;
use pipeline::{CommandLineError, ExecStage, Fallback, Portfolio, Stage, Step};
use stage1_louvain::{Components, Leiden, Louvain, NoClusters};
use stage2a_cpsat::{FewestByCpSat, Greedy};
use stage2b_gpu_ga::{Annealing, Genetic, Settings};
use stage3_rl::{MinConflicts, Order, Rl};

/// Classes in a cluster.
const CLUSTER_LEAST: usize = 10;
const CLUSTER_MOST: usize = 60;
/// Where annealing begins again on what it left: warm, so that nothing large is lost.
const WARM: f64 = 0.5;

/// Implementations that have settings of their own, as they are set.
#[derive(Clone, Debug)]
pub struct StageSettings {
    /// How annealing walks.
    pub annealing: Settings,
    /// The genetic algorithm.
    pub genetic: Genetic,
    /// The policy that repairs.
    pub rl: Rl,
    /// What counts first in a repair.
    pub order: Order,
}

/// An implementation in a slot.
pub struct StageEntry {
    /// The slot, `stage2a`.
    pub slot: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// Whether OR-Tools is fetched for it.
    pub needs_ortools: bool,
    /// Whether it is what the name means where no slot is said.
    pub alone: bool,
    make: Constructor,
}

/// Why there is no stage for a name.
#[derive(Debug, thiserror::Error)]
pub enum StageNameError {
    /// The slot has no implementation of this name.
    #[error("{slot} has no implementation `{name}`\nMaybe use one of {known}")]
    Unknown {
        /// The slot.
        slot: String,
        /// The name.
        name: String,
        /// The names that it has.
        known: String,
    },
    /// No slot has an implementation of this name.
    #[error("no stage is called `{name}`\nMaybe use {known} or exec:PROGRAM")]
    NoStage {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The command line of a foreign program cannot be split.
    #[error("{slot}: `{name}`: {source}")]
    CommandLine {
        /// The slot.
        slot: String,
        /// The name with the command line.
        name: String,
        /// What is wrong.
        source: CommandLineError,
    },
    /// The stage works with workers, and nobody said which program they are.
    #[error("the path of the program `stagecoach`, whose workers solve, is not known")]
    NoProgram,
}

/// Makes a stage, `None` where the slot is left out.
type Constructor = fn(&StageSettings) -> Result<Option<Box<dyn Stage>>, StageNameError>;

/// A row of the registry: slot, name, make, help.
const fn row(slot: &'static str, name: &'static str, make: Constructor, help: &'static str) -> StageEntry {
    StageEntry { slot, name, help, needs_ortools: false, alone: true, make }
}

impl StageEntry {
    /// OR-Tools is fetched for it.
    const fn with_ortools(self) -> StageEntry {
        StageEntry { needs_ortools: true, ..self }
    }

    /// The name means another slot where none is said.
    const fn not_alone(self) -> StageEntry {
        StageEntry { alone: false, ..self }
    }
}

/// A stage, boxed.
fn is(stage: impl Stage + 'static) -> Result<Option<Box<dyn Stage>>, StageNameError> {
    Ok(Some(Box::new(stage)))
}

/// Every implementation; of a slot in the order in which they are named to people. Any slot but the
/// last also takes `exec:PROGRAM`.
pub static REGISTRY: &[StageEntry] = &[
    row("stage1", "louvain", |_| is(Louvain { min: CLUSTER_LEAST, max: CLUSTER_MOST }), "clusters by modularity"),
    row(
        "stage1",
        "leiden",
        |_| is(Leiden { min: CLUSTER_LEAST, max: CLUSTER_MOST }),
        "the same, each cluster connected",
    ),
    row("stage1", "components", |_| is(Components), "clusters that share nothing"),
    row("stage1", "none", |_| is(NoClusters), "no clusters"),
    row("stage2a", "cpsat", |_| is(ortools::stage()?), "CP-SAT, cluster by cluster").with_ortools(),
    row("stage2a", "milp", |_| is(ortools::milp()?), "the same by mixed-integer programming"),
    row("stage2a", "greedy", |_| is(Greedy), "hardest first, with ejection chains"),
    row("stage2b", AUTO, |_| Ok(None), "what suits the run").not_alone(),
    row("stage2b", "annealing", |set| is(annealing(set)), "simulated annealing"),
    row("stage2b", "ga", |set| is(set.genetic), "a genetic algorithm"),
    row("stage2b", "none", |_| Ok(None), "left out").not_alone(),
    row("polish", AUTO, |_| Ok(None), "what suits the run").not_alone(),
    row(
        "polish",
        "cpsat",
        |set| by_turns("cpsat, annealing", ortools::stage()?, set),
        "CP-SAT by turns with annealing",
    )
    .not_alone()
    .with_ortools(),
    row(
        "polish",
        "milp",
        |set| by_turns("milp, annealing", ortools::milp()?, set),
        "mixed-integer programming, likewise",
    )
    .not_alone(),
    row("polish", "annealing", |set| is(Portfolio::new("annealing", vec![warm(set)])), "annealing, warm").not_alone(),
    row("polish", "none", |_| Ok(None), "left out").not_alone(),
    row("stage3", "rl", |set| is(set.rl.clone()), "a learned policy"),
    row("stage3", "min-conflicts", |_| is(MinConflicts), "classes go where they conflict least"),
    row(
        "stage3",
        "fewest-changes",
        |set| is(RepairWithProof::new(ortools::changes().ok(), set.order)),
        "a timetable in use, with as few changes as possible",
    ),
    row("stage3", "cpsat", by_cpsat, "the same by CP-SAT").not_alone().with_ortools(),
    row("stage3", "none", |_| Ok(None), "left out").not_alone(),
    row("proof", "bound", |_| is(ortools::bound()?), "a lower bound").with_ortools(),
    row("proof", "none", |_| Ok(None), "left out").not_alone(),
];

fn by_cpsat(set: &StageSettings) -> Result<Option<Box<dyn Stage>>, StageNameError> {
    is(FewestByCpSat { times_first: set.order == Order::Published, ..ortools::changes()? })
}

/// The entry of a name in a slot.
pub(crate) fn entry(slot: &str, name: &str) -> Option<&'static StageEntry> {
    REGISTRY.iter().find(|entry| entry.slot == slot && entry.name == name)
}

/// The implementation of this name in this slot; `None` where the slot is left out.
fn make(slot: &str, name: &str, set: &StageSettings) -> Result<Option<Box<dyn Stage>>, StageNameError> {
    if let Some(command_line) = name.strip_prefix("exec:").filter(|_| slot != "proof") {
        let stage = ExecStage::new(command_line).map_err(|source| StageNameError::CommandLine {
            slot: slot.into(),
            name: name.into(),
            source,
        })?;
        return Ok(Some(Box::new(match supervisor() {
            Some(supervisor) => stage.supervised_by(supervisor),
            None => stage,
        })));
    }
    match entry(slot, name) {
        Some(entry) => (entry.make)(set),
        None => Err(StageNameError::Unknown { slot: slot.into(), name: name.into(), known: names(slot) }),
    }
}

/// The names of a slot's implementations, for messages.
fn names(slot: &str) -> String {
    let here = REGISTRY.iter().filter(|entry| entry.slot == slot).map(|entry| entry.name);
    here.chain((slot != "proof").then_some("exec:PROGRAM")).collect::<Vec<_>>().join(", ")
}

/// Annealing as it is set.
fn annealing(set: &StageSettings) -> Annealing {
    Annealing { settings: set.annealing, ..Annealing::default() }
}

/// Annealing that begins warm.
fn warm(set: &StageSettings) -> Box<dyn Stage> {
    Box::new(Annealing { settings: Settings { from: WARM, ..set.annealing }, ..Annealing::default() })
}

/// A solver's neighbourhoods and warm annealing, as each of them pays.
fn by_turns(
    name: &'static str,
    solver: impl Stage + 'static,
    set: &StageSettings,
) -> Result<Option<Box<dyn Stage>>, StageNameError> {
    is(Portfolio::new(name, vec![Box::new(solver), warm(set)]))
}

/// The steps of a run.
///
/// # Errors
/// Which stage cannot be made.
pub fn steps(configured: &[StageConfig], set: &StageSettings) -> Result<Vec<Step>, StageNameError> {
    let mut steps = Vec::new();
    for (index, stage) in configured.iter().enumerate() {
        if let Some(made) = make(stage.slot, &stage.name.value, set)? {
            steps.push(Step { slot: stage.slot.into(), stage: made, share: stage.share.value });
        }
        // A stage that runs alone is what was asked for, and nothing else.
        if configured.len() > 1
            && let Some(fallback) = fallback(stage, &configured[index + 1..], set)
        {
            steps.push(Step { slot: stage.slot.into(), stage: Box::new(fallback), share: 0 });
        }
    }
    Ok(steps)
}

/// For a foreign program whose work no stage after it would do: what runs in its place where it
/// fails, with its share of what is left.
fn fallback(program: &StageConfig, after: &[StageConfig], set: &StageSettings) -> Option<Fallback> {
    let is_filled = |stage: &&StageConfig| !["none", AUTO].contains(&stage.name.value.as_str());
    let is_polished = after.iter().filter(is_filled).any(|stage| stage.slot == "polish");
    let stage: Box<dyn Stage> = match program.slot {
        _ if !program.name.value.starts_with("exec:") => return None,
        "stage2a" => Box::new(Greedy),
        "stage2b" if !is_polished => Box::new(annealing(set)),
        "polish" => warm(set),
        _ => return None,
    };
    let share = |stage: &StageConfig| f64::from(stage.share.value);
    let rest: f64 = after.iter().filter(is_filled).map(share).sum();
    // A share of 0 is all that is left.
    let part = if program.share.value == 0 { 1.0 } else { share(program) / (share(program) + rest) };
    Some(Fallback::new(stage, part))
}

/// The slot in which an implementation of this name runs alone.
///
/// # Errors
/// Where no implementation has this name.
pub fn slot_of(name: &str) -> Result<&'static str, StageNameError> {
    if name.starts_with("exec:") {
        return Ok("stage2b");
    }
    match REGISTRY.iter().find(|entry| entry.alone && entry.name == name) {
        Some(entry) => Ok(entry.slot),
        None => Err(StageNameError::NoStage { name: name.into(), known: alone().join(", ") }),
    }
}

/// The names that mean something where no slot is said.
pub fn alone() -> Vec<&'static str> {
    REGISTRY.iter().filter(|entry| entry.alone && entry.name != "none").map(|entry| entry.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_once_in_a_slot_and_means_one_slot_alone() {
        for (i, entry) in REGISTRY.iter().enumerate() {
            let same = |other: &&StageEntry| other.name == entry.name;
            assert!(!REGISTRY[..i].iter().filter(same).any(|other| other.slot == entry.slot), "{}", entry.name);
            assert!(!entry.alone || !REGISTRY[..i].iter().filter(same).any(|other| other.alone), "{}", entry.name);
            assert!(!entry.help.is_empty() && entry.help.len() <= 60, "{}", entry.name);
        }
        assert_eq!(slot_of("cpsat").unwrap(), "stage2a");
        assert_eq!(slot_of("none").unwrap(), "stage1");
        assert_eq!(names("proof"), "bound, none");
        assert_eq!(names("stage1"), "louvain, leiden, components, none, exec:PROGRAM");
    }
}
