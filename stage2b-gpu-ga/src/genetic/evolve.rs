//! One generation after the other: everyone walks, then everyone takes over clusters from a rival.

use super::parts::Parts;
use super::population::{HEAVIER_BY, Population, Shape};
use crate::device::{DeviceError, Engine, RawIndividual, RawStretch};
use moves::fixed::Share;
use moves::walk::{Chain, Weights, since_warmed};
use moves::{Draws, Schedule, Temperature};
use rayon::prelude::*;
use timetable::{Score, Timetable};

/// What is known of an individual beside its timetable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Individual {
    /// Of its timetable.
    pub(crate) score: Score,
    /// Of the best that was seen in its place.
    pub(crate) best: Score,
    /// Weight of a hard violation.
    pub(crate) hard: i64,
    /// The share of the budget after which it went back to the best.
    pub(super) warmed: Option<Share>,
    /// The score at which it stays, and since which share of the budget.
    pub(super) stays: (Score, Share),
}

impl Individual {
    fn new(score: Score, hard: i64) -> Individual {
        Individual { score, best: score, hard, warmed: None, stays: (score, 0) }
    }
}

/// What a generation may spend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GenerationBudget {
    /// Number of the generation.
    pub(crate) generation: u32,
    /// Shares of the budget, at its beginning and at its end.
    pub(crate) from: Share,
    pub(crate) until: Share,
    /// Steps of each individual; without, what `used` tells counts.
    pub(crate) steps: Option<u64>,
    /// What is violated at its end weighs more from then on, so that it is not violated for good.
    pub(crate) heavier: bool,
}

/// What is asked while individuals walk, from every thread.
pub(crate) trait Monitor: Sync {
    /// Whether to stop at once.
    fn stop(&self) -> bool;
    /// Share of the budget that is used.
    fn used(&self) -> Share;
    /// So many moves were evaluated.
    fn evaluated(&self, moves: u64);
}

/// A thread's: a board, and room for a timetable.
#[derive(Debug)]
pub(crate) struct Worker<'p> {
    pub(crate) chain: Chain<'p>,
    pub(crate) scratch: Timetable,
}

/// The population, with what is kept of it.
#[derive(Debug)]
pub(crate) struct Evolution<'a> {
    pub(crate) common: Common<'a>,
    pub(crate) individuals: Vec<Individual>,
    pub(super) now: Population,
    next: Population,
    pub(super) best: Population,
    /// Where the best come to that a device sends.
    spare: Vec<u8>,
    /// The device has `now` and `best`.
    pub(super) sent: bool,
}

/// What does not change while it evolves.
#[derive(Debug)]
pub(crate) struct Common<'a> {
    pub(crate) shape: Shape,
    pub(crate) parts: &'a Parts,
    pub(crate) schedule: Schedule,
    pub(crate) seed: u64,
}

/// Steps at one temperature.
const SLICE: u64 = 512;
/// The second halves of the names of walks and of crossovers, with the generation's number.
const WALK: u32 = 0x2000_0000;
const BREED: u32 = 0x4000_0000;

impl Common<'_> {
    fn temperature(&self, individual: &Individual, used: Share) -> Temperature {
        self.schedule.at(individual.warmed.map_or(used, |at| since_warmed(at, used)))
    }

    /// One individual walks for its part of the generation.
    fn walk(&self, chain: &mut Chain<'_>, individual: &Individual, budget: GenerationBudget, watch: &impl Monitor) {
        let GenerationBudget { from, until, steps, .. } = budget;
        let begun = watch.used();
        let mut done = 0;
        while !watch.stop() {
            let used = match steps {
                Some(steps) => from + (until - from) * done.min(steps) / steps.max(1),
                None => from + watch.used().saturating_sub(begun),
            };
            if used >= until || steps.is_some_and(|steps| done >= steps) {
                break;
            }
            let slice = steps.map_or(SLICE, |steps| SLICE.min(steps - done));
            chain.run(slice as u32, self.temperature(individual, used));
            watch.evaluated(slice);
            done += slice;
        }
        chain.settle();
    }
}

impl Common<'_> {
    /// A generation's walks, as kernels have it.
    pub(crate) fn raw_walk(&self, budget: GenerationBudget, individuals: usize) -> RawStretch {
        RawStretch { name: WALK | budget.generation, ..self.raw(budget, individuals) }
    }

    /// A generation's crossovers, as kernels have it.
    pub(crate) fn raw_breed(&self, budget: GenerationBudget, individuals: usize, replace: bool) -> RawStretch {
        let name = BREED | budget.generation;
        RawStretch { name, replace: replace.into(), ..self.raw(budget, individuals) }
    }

    fn raw(&self, budget: GenerationBudget, individuals: usize) -> RawStretch {
        let GenerationBudget { from, until, steps, heavier, .. } = budget;
        let (all, steps, heavier) = (individuals as u32, steps.unwrap_or(0), heavier.into());
        RawStretch { from, until, steps, all, heavier, ..RawStretch::new(&self.schedule, self.seed) }
    }
}

impl<'a> Evolution<'a> {
    /// `n` times the same timetable.
    pub(crate) fn new(common: Common<'a>, n: usize, first: &Timetable, score: Score, hard: i64) -> Evolution<'a> {
        let now = Population::new(n, &common.shape.of(first));
        let individuals = vec![Individual::new(score, hard); n];
        let (next, best) = (now.clone(), now.clone());
        Evolution { common, individuals, now, next, best, spare: Vec::new(), sent: false }
    }

    /// These rows, with their scores.
    #[cfg(test)]
    pub(crate) fn of(common: Common<'a>, rows: &[u8], scores: &[Score], hard: i64) -> Evolution<'a> {
        let now = Population::of(rows.to_vec(), common.shape.row());
        let (next, best) = (now.clone(), now.clone());
        let individuals = scores.iter().map(|&score| Individual::new(score, hard)).collect();
        Evolution { common, individuals, now, next, best, spare: Vec::new(), sent: false }
    }

    /// The timetables, one row each.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> &[u8] {
        &self.now.bytes
    }

    /// The best that was seen in each place.
    #[cfg(test)]
    pub(crate) fn best_rows(&self) -> &[u8] {
        &self.best.bytes
    }

    /// What is known of each, as kernels have it.
    pub(crate) fn raw_individuals(&self) -> Vec<RawIndividual> {
        self.individuals.iter().map(|i| RawIndividual::new(i.score, i.best, i.hard, i.warmed)).collect()
    }

    /// How many individuals each worker looks after.
    fn each(&self, workers: &[Worker<'_>]) -> usize {
        self.individuals.len().div_ceil(workers.len())
    }

    /// Everyone walks from where they are.
    pub(crate) fn walk(&mut self, workers: &mut [Worker<'_>], budget: GenerationBudget, watch: &impl Monitor) {
        let each = self.each(workers);
        self.sent = false;
        let Evolution { common, individuals, now, best, .. } = self;
        let (shape, row) = (&common.shape, common.shape.row());
        // By time, those that follow each other on a thread share the generation's.
        let share = budget.until.saturating_sub(budget.from) / each as u64;
        let work = workers
            .par_iter_mut()
            .zip(individuals.par_chunks_mut(each))
            .zip(now.parts_mut(each).zip(best.parts_mut(each)))
            .enumerate();
        work.for_each(|(k, ((worker, individuals), (now, best)))| {
            let rows = now.chunks_exact_mut(row).zip(best.chunks_exact_mut(row));
            for (j, (individual, (now, best))) in individuals.iter_mut().zip(rows).enumerate() {
                let draws = Draws::new(common.seed, [(k * each + j) as u32, WALK | budget.generation]);
                shape.get(now, &mut worker.scratch);
                worker.chain.begin(&worker.scratch, Weights::of_hard(individual.hard), draws);
                shape.get_weights(now, &mut worker.chain.board);
                let mine = match budget.steps {
                    Some(_) => budget,
                    None => GenerationBudget { until: budget.from + share, ..budget },
                };
                common.walk(&mut worker.chain, individual, mine, watch);
                worker.chain.board.store(&mut worker.scratch);
                shape.put(now, &worker.scratch);
                individual.score = worker.chain.board.score();
                if budget.heavier && individual.score.hard > 0 {
                    worker.chain.make_violations_heavier(HEAVIER_BY);
                    individual.hard = worker.chain.weights.hard;
                    shape.put_weights(now, &worker.chain.board);
                }
                if worker.chain.incumbent.score() < individual.best {
                    individual.best = worker.chain.incumbent.score();
                    shape.put(best, worker.chain.incumbent.best());
                }
            }
        });
    }

    /// Everyone meets a rival, drawn by chance. The better of the two goes on in the first one's
    /// place, with those clusters of the other that it can afford; with `replace` false each stays
    /// in its own place.
    pub(crate) fn breed(&mut self, workers: &mut [Worker<'_>], budget: GenerationBudget, replace: bool) {
        let each = self.each(workers);
        let n = self.individuals.len();
        if n < 2 {
            return;
        }
        self.sent = false;
        let before = self.individuals.clone();
        let Evolution { common, individuals, now, next, .. } = self;
        let (shape, row, now) = (&common.shape, common.shape.row(), &*now);
        let work = workers.par_iter_mut().zip(individuals.par_chunks_mut(each)).zip(next.parts_mut(each)).enumerate();
        work.for_each(|(k, ((worker, individuals), next))| {
            for (j, (individual, next)) in individuals.iter_mut().zip(next.chunks_exact_mut(row)).enumerate() {
                let me = k * each + j;
                let mut draws = Draws::new(common.seed, [me as u32, BREED | budget.generation]);
                draws.next_step();
                let rival = (me + 1 + draws.below(n - 1)) % n;
                let (base, donor) =
                    if replace && before[rival].score < before[me].score { (rival, me) } else { (me, rival) };
                shape.get(now.row(base), &mut worker.scratch);
                worker.chain.begin(&worker.scratch, Weights::of_hard(before[base].hard), draws.clone());
                shape.get_weights(now.row(base), &mut worker.chain.board);
                next[shape.weights()].copy_from_slice(&now.row(base)[shape.weights()]);
                shape.get(now.row(donor), &mut worker.scratch);
                let temperature = common.temperature(&before[base], budget.until);
                for part in 0..common.parts.len() {
                    let threshold = temperature.threshold(draws.word());
                    let (classes, requests) = (common.parts.classes(part), common.parts.requests(part));
                    worker.chain.adopt(classes, requests, &worker.scratch, threshold);
                }
                individual.score = worker.chain.board.score();
                individual.hard = before[base].hard;
                individual.warmed = before[base].warmed;
                worker.chain.board.store(&mut worker.scratch);
                shape.put(next, &worker.scratch);
            }
        });
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// The individual that has seen the best.
    pub(crate) fn best(&self) -> (usize, Score) {
        let scores = self.individuals.iter().map(|i| i.best);
        scores.enumerate().map(|(i, s)| (s, i)).min().map(|(s, i)| (i, s)).expect("individuals")
    }

    /// Overwrites a timetable with the best that was seen.
    pub(crate) fn store_best(&self, timetable: &mut Timetable) {
        self.common.shape.get(self.best.row(self.best().0), timetable);
    }

    /// The `n` best go on.
    pub(crate) fn keep(&mut self, n: usize) {
        let mut order: Vec<usize> = (0..self.individuals.len()).collect();
        order.sort_by_key(|&i| (self.individuals[i].best, i));
        order.truncate(n);
        order.sort_unstable();
        for population in [&mut self.now, &mut self.next, &mut self.best] {
            population.keep(&order);
        }
        self.individuals = order.iter().map(|&i| self.individuals[i]).collect();
        self.spare = Vec::new();
        self.sent = false;
    }
}

/// On a device. What it gives back takes the place of what was here only when all of it is here.
impl Evolution<'_> {
    /// Everyone walks from where they are. A new best is put on the worker's board: its score has
    /// to be the one that the device claims.
    ///
    /// # Errors
    /// How the device failed; nothing has changed then.
    pub(crate) fn walk_on(
        &mut self,
        engine: &mut Engine<'_>,
        budget: GenerationBudget,
        worker: &mut Worker<'_>,
    ) -> Result<(), DeviceError> {
        self.send(engine)?;
        let mut individuals = self.raw_individuals();
        self.spare.resize(self.best.bytes.len(), 0);
        let raw = self.common.raw_walk(budget, individuals.len());
        engine.walk(raw, &mut individuals, &mut self.next.bytes, &mut self.spare)?;
        let bests = individuals.iter().map(RawIndividual::best).enumerate();
        let (claimed, i) = bests.map(|(i, best)| (best, i)).min().expect("individuals");
        if claimed < self.best().1 {
            let row = self.common.shape.row();
            self.common.shape.get(&self.spare[i * row..(i + 1) * row], &mut worker.scratch);
            let fits = worker.scratch.fits(worker.chain.board.problem()).is_ok();
            if fits {
                worker.chain.board.load(&worker.scratch);
            }
            if !fits || worker.chain.board.score() != claimed {
                return Err(DeviceError::Lost("what it claims of its best timetable is not so".into()));
            }
        }
        std::mem::swap(&mut self.now, &mut self.next);
        std::mem::swap(&mut self.best.bytes, &mut self.spare);
        self.take(&individuals);
        Ok(())
    }

    /// Everyone meets a rival, as in [`Evolution::breed`].
    ///
    /// # Errors
    /// How the device failed; nothing has changed then.
    pub(crate) fn breed_on(
        &mut self,
        engine: &mut Engine<'_>,
        budget: GenerationBudget,
        replace: bool,
    ) -> Result<(), DeviceError> {
        if self.individuals.len() < 2 {
            return Ok(());
        }
        self.send(engine)?;
        let mut individuals = self.raw_individuals();
        let raw = self.common.raw_breed(budget, individuals.len(), replace);
        engine.breed(raw, &mut individuals, &self.now.bytes, &mut self.next.bytes)?;
        std::mem::swap(&mut self.now, &mut self.next);
        self.take(&individuals);
        Ok(())
    }

    /// Whether the device counts as the processor does: a full evaluation of everyone.
    ///
    /// # Errors
    /// How the device failed, or that it counts otherwise.
    pub(crate) fn try_device(&mut self, engine: &mut Engine<'_>) -> Result<(), DeviceError> {
        self.send(engine)?;
        let mut individuals = self.raw_individuals();
        engine.evaluate(&mut individuals)?;
        let counts = individuals.iter().zip(&self.individuals).all(|(raw, mine)| raw.score() == mine.score);
        if counts { Ok(()) } else { Err(DeviceError::Lost("it does not count as the processor does".into())) }
    }

    fn send(&mut self, engine: &mut Engine<'_>) -> Result<(), DeviceError> {
        if !self.sent {
            engine.send(&self.now.bytes, &self.best.bytes)?;
            self.sent = true;
        }
        Ok(())
    }

    fn take(&mut self, individuals: &[RawIndividual]) {
        for (mine, raw) in self.individuals.iter_mut().zip(individuals) {
            (mine.score, mine.best, mine.hard) = (raw.score(), raw.best(), raw.weight);
            mine.warmed = (raw.warmed != u64::MAX).then_some(raw.warmed);
        }
    }
}
