//! Kinds of trials: those that need about the same memory. What the last ones took says what the
//! next will.

use crate::grid::{Grid, Instance};
use crate::settings::Settings;
use crate::store::Folder;
use memguard::{Admission, Bytes};
use pipeline::Plan;
use std::{collections::BTreeMap, path::Path, sync::Arc};
use timetable::Problem;

/// A trial is told a limit of which it plans to use so much, as every run does: its cap is what it
/// is expected to need, divided by this.
const PLANNED: f64 = 0.70;
/// The program with its libraries, before it has loaded anything.
const BASE: Bytes = Bytes::mb(24);
/// No trial has a smaller cap.
const LEAST: Bytes = Bytes::mb(40);
/// What a solver in a process of its own is given at first.
const SOLVER: Bytes = Bytes::mb(400);
/// After one that ran out of its cap the next ones are expected to need so much more.
const MORE: f64 = 1.5;
/// What is expected is so much more than the largest of the last peaks (`memguard::Admission`).
const HEADROOM: f64 = 1.2;
/// So many peaks are remembered.
const REMEMBERED: usize = 16;

/// All kinds that were met.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    by_name: BTreeMap<String, usize>,
    all: Vec<Kind>,
    known: BTreeMap<String, (Vec<u64>, f64)>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    admission: Admission,
    /// Without this a trial ends before it begins.
    least: Bytes,
    peaks: Vec<u64>,
    /// Milliseconds of a trial, the mean of those that were done; 0 where none was.
    pub(crate) ms: f64,
    done: u64,
}

impl Kinds {
    /// With what earlier sweeps have learnt.
    pub(crate) fn new(known: Vec<(String, Vec<u64>, f64)>) -> Kinds {
        let known = known.into_iter().map(|(name, peaks, ms)| (name, (peaks, ms))).collect();
        Kinds { known, ..Kinds::default() }
    }

    /// The kind of this name, which is made where it is new.
    pub(crate) fn of(&mut self, name: String, guess: impl FnOnce() -> Guess) -> usize {
        if let Some(&at) = self.by_name.get(&name) {
            return at;
        }
        let guess = guess();
        let (peaks, ms) = self.known.remove(&name).unwrap_or_default();
        let mut admission = Admission::new(BASE.saturating_add(guess.preferred));
        peaks.iter().for_each(|&peak| admission.learn(Bytes::new(peak)));
        let least = BASE.saturating_add(guess.least);
        self.by_name.insert(name.clone(), self.all.len());
        self.all.push(Kind { name, admission, least, peaks, ms, done: 0 });
        self.all.len() - 1
    }

    pub(crate) fn get(&self, at: usize) -> &Kind {
        &self.all[at]
    }

    /// A trial was done.
    pub(crate) fn learn(&mut self, at: usize, peak: Bytes, ms: u64) {
        let kind = &mut self.all[at];
        kind.remember(peak);
        let known = if kind.ms > 0.0 { kind.done.max(1) } else { 0 };
        kind.ms = (kind.ms * known as f64 + ms as f64) / (known + 1) as f64;
        kind.done = known + 1;
    }

    /// A trial ran out of its cap: the next ones get more from the beginning.
    pub(crate) fn too_small(&mut self, at: usize, cap: Bytes) {
        let kind = &mut self.all[at];
        // Of several that ran out of the same cap the first has seen to that.
        let enough = expected_of(cap).scaled(MORE);
        if kind.expected() < enough {
            kind.remember(enough.scaled(1.0 / HEADROOM).saturating_add(Bytes::kb(1)));
        }
    }

    /// What is to be kept for the next sweep.
    pub(crate) fn learnt(&self) -> Vec<(String, Vec<u64>, f64)> {
        let learnt = self.all.iter().filter(|kind| !kind.peaks.is_empty());
        learnt.map(|kind| (kind.name.clone(), kind.peaks.clone(), kind.ms)).collect()
    }
}

impl Kind {
    fn remember(&mut self, peak: Bytes) {
        self.admission.learn(peak);
        self.peaks.push(peak.get());
        if self.peaks.len() > REMEMBERED {
            self.peaks.remove(0);
        }
    }

    /// What the next one is expected to need.
    pub(crate) fn expected(&self) -> Bytes {
        self.admission.expected().max(self.least).max(LEAST.scaled(PLANNED))
    }

    /// What it may take.
    pub(crate) fn cap(&self) -> Bytes {
        self.expected().scaled(1.0 / PLANNED)
    }
}

impl Kind {
    /// The same where it runs alone and there is only so much: never less than without which it
    /// cannot begin.
    pub(crate) fn cap_within(&self, most: Bytes) -> Bytes {
        let least = self.least.max(LEAST.scaled(PLANNED)).scaled(1.0 / PLANNED);
        self.cap().min(most.max(least))
    }
}

/// What a cap means for the sum of what trials are expected to need.
pub(crate) fn expected_of(cap: Bytes) -> Bytes {
    cap.scaled(PLANNED)
}

/// What stages ask for a problem, beside the problem.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guess {
    least: Bytes,
    preferred: Bytes,
}

/// Guesses from a problem that stays mapped as long as guesses are for it.
#[derive(Debug, Default)]
pub(crate) struct Guesser {
    mapped: Option<(String, Plan)>,
}

impl Guesser {
    /// What a trial of these settings on this instance asks for.
    pub(crate) fn guess(&mut self, folder: &Folder, grid: &Grid, instance: usize, settings: &Settings) -> Guess {
        let Some(instance) = grid.instances.get(instance) else { return Guess::default() };
        let Some(plan) = self.plan(&folder.block(&instance.hash), instance) else { return Guess::default() };
        let Ok(steps) = scheduler::steps(&settings.config.stages, &settings.config.stage_settings()) else {
            return Guess::default();
        };
        let asks: Vec<_> = steps.iter().map(|step| step.stage.memory(plan)).collect();
        let solves = |name: &str| matches!(name, "cpsat" | "milp" | "bound");
        let solver = settings
            .config
            .stages
            .iter()
            .any(|stage| solves(&stage.name.value) || stage.name.value.starts_with("exec:"));
        let problem = Bytes::new(instance.bytes).saturating_add(if solver { SOLVER } else { Bytes::ZERO });
        let most = |of: fn(&pipeline::MemoryRequirement) -> u64| {
            Bytes::new(asks.iter().map(of).max().unwrap_or(0)).saturating_add(problem)
        };
        Guess { least: most(|ask| ask.least), preferred: most(|ask| ask.preferred) }
    }

    fn plan(&mut self, block: &Path, instance: &Instance) -> Option<&Plan> {
        if self.mapped.as_ref().is_none_or(|(hash, _)| *hash != instance.hash) {
            // SAFETY: the block lies in the sweep's own folder under the name of its content, and
            // is written once, by rename.
            let problem = unsafe { Problem::map(block) }.ok()?;
            self.mapped = Some((instance.hash.clone(), Plan::new(Arc::new(problem))));
        }
        self.mapped.as_ref().map(|(_, plan)| plan)
    }

    /// Lets go of the problem.
    pub(crate) fn clear(&mut self) {
        self.mapped = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(mb: u64) -> Guess {
        Guess { least: Bytes::mb(10), preferred: Bytes::mb(mb) }
    }

    #[test]
    fn a_kind_begins_with_what_its_stages_ask_and_goes_on_with_what_its_trials_took() {
        let mut kinds = Kinds::new(Vec::new());
        let at = kinds.of("a".into(), || guess(100));
        assert_eq!(kinds.get(at).expected(), Bytes::mb(124));
        kinds.learn(at, Bytes::mb(50), 1000);
        assert_eq!(kinds.get(at).expected(), Bytes::mb(60));
        assert_eq!(kinds.get(at).cap(), Bytes::mb(60).scaled(1.0 / 0.7));
        kinds.learn(at, Bytes::mb(10), 3000);
        assert_eq!(kinds.get(at).ms, 2000.0);
        // What it knew is known again.
        let mut again = Kinds::new(kinds.learnt());
        let at = again.of("a".into(), || guess(100));
        assert_eq!(again.get(at).expected(), Bytes::mb(60));
    }

    #[test]
    fn after_one_ran_out_of_memory_the_next_ones_get_more() {
        let mut kinds = Kinds::new(Vec::new());
        let at = kinds.of("a".into(), || guess(100));
        let mut before = kinds.get(at).cap();
        for _ in 0..5 {
            kinds.too_small(at, before);
            assert!(kinds.get(at).cap() > before.scaled(1.1), "{before}");
            before = kinds.get(at).cap();
        }
    }
}
