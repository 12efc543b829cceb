//! Race after race, then the proof.

use super::arena::Rules;
use super::blocks::Blocks;
use super::breed::{Birth, Breeder, Child, Parent};
use super::by_features::{ByFeatures, Half, Results, Split, features};
use super::model::Model;
use super::news::{Entrant, Memory, News, Spectator};
use super::outcome::Verdict;
use super::parameters::Point;
use super::proof::Proof;
use super::race::{Cost, End, Hall, Known, Race, Standing, Step, difference};
use super::trials::{Halt, Trials};
use super::twins::drop_twins;
use super::{Ending, Outcome, PROFILES, Tournament, grids, preflight, profile, stream};
use crate::error::Error;
use crate::grid::{Budget, Grid};
use crate::settings::Settings;
use crate::statistics::median;
use crate::sweep::Launch;
use memguard::{Scope, Thresholds};
use moves::Draws;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};
use timetable::Problem;

/// The defaults.
const CONTROL: u32 = 0;
/// The name of a race's memory in the log.
const SCOPE: &str = "TOURNAMENT";
/// From this share of a limit on memory is cleaned up between two blocks, when no worker is there.
const HIGH: f64 = 0.70;

/// A configuration that is known.
struct Competitor {
    point: Point,
    birth: Birth,
    model: Model,
    settings: Settings,
}

pub(super) fn run(
    tournament: &Tournament<'_>,
    launch: &mut dyn Launch,
    watch: &mut dyn Spectator,
) -> Result<Ending, Error> {
    let began = Instant::now();
    let plan = preflight::plan(tournament, launch, watch)?;
    watch.sees(&News::Plan(plan));
    let ended = |outcome, ran| Ending { outcome, ran, took: began.elapsed() };
    if tournament.options.only_plan {
        return Ok(ended(Outcome::Planned, 0));
    }
    let profile = tournament.options.profile.then(|| tournament.folder.path().join(PROFILES));
    if profile.is_some() {
        profile::begin(tournament.folder)?;
    }
    let trials = Trials { tournament, launch, watch, ran: 0, profile };
    let mut driver = Driver::new(tournament, trials)?;
    let done = driver.decide();
    let ran = driver.trials.ran;
    match done {
        Ok(verdict) => Ok(ended(Outcome::Decided(Box::new(verdict)), ran)),
        Err(Halt::Stopped) => Ok(ended(Outcome::Stopped, ran)),
        Err(Halt::NoRoom) => Ok(ended(Outcome::NoRoom, ran)),
        Err(Halt::Failed(why)) if why.is_full() => {
            driver.trials.watch.tells(&why.to_string());
            Ok(ended(Outcome::NoRoom, ran))
        }
        Err(Halt::Failed(why)) => Err(why),
    }
}

/// Configurations of a race with so many trials: irace's B / (μ + min(5, j)).
pub(super) fn entrants(rules: &Rules, budget: usize, race: usize) -> usize {
    budget / (rules.race.mu.max(rules.race.first_test) + race.min(5))
}

struct Driver<'t> {
    tournament: &'t Tournament<'t>,
    trials: Trials<'t>,
    blocks: Blocks,
    /// Those that may have children, or are raced now.
    living: BTreeMap<u32, Competitor>,
    /// Settings of all there ever were.
    met: BTreeSet<[u8; 32]>,
    /// The number of the next one.
    next: u32,
    known: Known,
    /// The best of the last race.
    elites: Vec<Standing>,
    /// The rank of the defaults in it.
    default_rank: Option<f64>,
    spent: usize,
    seen: usize,
    races: usize,
}

impl<'t> Driver<'t> {
    fn new(tournament: &'t Tournament<'t>, trials: Trials<'t>) -> Result<Driver<'t>, Error> {
        let arena = tournament.arena;
        let blocks = Blocks::new(&arena.families, arena.rules.seed);
        let mut driver = Driver {
            tournament,
            trials,
            blocks,
            living: BTreeMap::new(),
            met: BTreeSet::new(),
            next: 0,
            known: Known::new(),
            elites: Vec::new(),
            default_rank: None,
            spent: 0,
            seen: 0,
            races: 0,
        };
        let space = &arena.rules.space;
        driver.give(space.unset(), Birth::Default)?;
        for point in &arena.rules.starts {
            driver.give(point.clone(), Birth::Given)?;
        }
        Ok(driver)
    }

    /// A configuration that was written by somebody; one that is there already is not there twice.
    fn give(&mut self, point: Point, birth: Birth) -> Result<(), Error> {
        let space = &self.tournament.arena.rules.space;
        let settings = Settings::of(&space.layer(&point)).map_err(Error::Input)?;
        if self.met.insert(settings.hash) {
            let model = Model::new(space);
            self.add(Child { point, birth, model, settings });
        }
        Ok(())
    }

    fn add(&mut self, child: Child) -> u32 {
        let Child { point, birth, model, settings } = child;
        self.living.insert(self.next, Competitor { point, birth, model, settings });
        self.next += 1;
        self.next - 1
    }

    /// Races until the budget is spent, then proves.
    fn decide(&mut self) -> Result<Verdict, Halt> {
        while self.race()? {}
        let mut verdict = self.prove()?;
        if self.tournament.arena.rules.by_features {
            verdict.by_features = self.by_features()?;
        }
        verdict.keep(self.tournament.folder)?;
        self.trials.watch.sees(&News::Verdict(Box::new(verdict.clone())));
        Ok(verdict)
    }

    /// One race; `false` where there is no budget for another, or nothing new to race.
    fn race(&mut self) -> Result<bool, Halt> {
        let rules = &self.tournament.arena.rules;
        let number = self.races + 1;
        let planned = rules.races().max(number);
        let left = rules.trials - self.spent;
        let before = if number == 1 { self.living.len() } else { self.elites.len() };
        // Where its share is too small for anybody new, a race gets all that is left.
        let share = left / (planned - self.races);
        let enough = |budget: &usize| entrants(rules, *budget, number) > before.max(rules.survivors());
        let Some(budget) = [share, left].into_iter().find(enough) else { return Ok(false) };
        let wanted = entrants(rules, budget, number);
        let children = self.breed(number, planned, wanted - before);
        if children == 0 && number > 1 {
            self.trials.watch.tells("every configuration that there is was in a race");
            return Ok(false);
        }
        let entrants: Vec<u32> = self.living.keys().copied().collect();
        let news = News::Race { race: number, races: planned, entrants: self.entrants(&entrants), budget };
        self.trials.watch.sees(&news);
        let device_before = self.device();
        let thresholds = Thresholds::new(HIGH - 0.1, HIGH, 0.85).unwrap_or_default();
        let mut scope = self.tournament.guard.scope(SCOPE, thresholds);
        let points: Vec<(u32, &Point)> = self.living.iter().map(|(&number, one)| (number, &one.point)).collect();
        let grid = grids::of_race(self.tournament.arena, &points);
        let kept = self.tournament.folder.keep_grid(&grid)?;
        let first = self.first(number);
        let race = Race {
            rules: &rules.race,
            survivors: rules.survivors(),
            entrants: &entrants,
            control: CONTROL,
            seen: self.seen,
            first,
            budget,
        };
        let mut hall = InStore {
            race: number,
            tournament: self.tournament,
            trials: &mut self.trials,
            blocks: &mut self.blocks,
            living: &self.living,
            entrants: &entrants,
            grid: &grid,
            kept,
            spent: self.spent,
            scope: &mut scope,
        };
        let End { mut standing, spent, seen, why } = race.run(&mut self.known, &mut hall)?;
        self.trials.settle(&grid, kept)?;
        if self.trials.profile.is_some() {
            profile::settle(self.tournament.folder, &format!("race-{number}"))?;
        }
        self.default_rank = standing.iter().find(|one| one.configuration == CONTROL).map(|one| one.rank);
        for (configuration, same_as, blocks) in drop_twins(&mut standing, &self.known, rules.race.first_test) {
            self.trials.watch.sees(&News::Twin { race: number, configuration, same_as, blocks });
        }
        standing.truncate(rules.survivors());
        self.elites = standing;
        (self.spent, self.seen, self.races) = (self.spent + spent, seen, number);
        let is_kept = |number: &u32| *number == CONTROL || self.elites.iter().any(|one| one.configuration == *number);
        self.living.retain(|number, _| is_kept(number));
        self.known.retain(|number, _| is_kept(number));
        let memory = self.memory(number, scope, device_before);
        self.trials.watch.sees(&News::Elites { race: number, why, elites: self.elites.clone(), memory });
        Ok(true)
    }

    /// Makes configurations for a race; how many.
    fn breed(&mut self, number: usize, planned: usize, count: usize) -> usize {
        let rules = &self.tournament.arena.rules;
        if number > 1 {
            // Elites learn from having come so far.
            let over = (number - 1) as f64 / planned as f64;
            for elite in &self.elites {
                if let Some(one) = self.living.get_mut(&elite.configuration) {
                    one.model.narrow(&rules.space, &one.point, count, over);
                }
            }
        }
        let numbers = self.elites.iter().map(|one| one.configuration);
        let only_one = self.elites.len() == 1 && self.elites[0].configuration != CONTROL;
        let parents: Vec<Parent<'_>> = numbers
            .chain(only_one.then_some(CONTROL))
            .filter_map(|number| {
                self.living.get(&number).map(|one| Parent { number, point: &one.point, model: &one.model })
            })
            .collect();
        let children = Breeder::new(&rules.space, rules.seed, number).breed(count, &parents, &mut self.met);
        let count = children.len();
        for child in children {
            self.add(child);
        }
        count
    }

    /// Which of the blocks that were seen comes first: the first of any five.
    fn first(&self, number: usize) -> usize {
        let mut draws = Draws::new(self.tournament.arena.rules.seed, [stream::ORDER, number as u32]);
        draws.next_step();
        draws.below(self.seen.div_ceil(5)) * 5
    }

    fn entrants(&self, numbers: &[u32]) -> Vec<Entrant> {
        let space = &self.tournament.arena.rules.space;
        let of = |&number: &u32| {
            let one = self.living.get(&number)?;
            Some(Entrant { configuration: number, birth: one.birth, sets: space.over(&one.point) })
        };
        numbers.iter().filter_map(of).collect()
    }

    /// In use on the device.
    fn device(&mut self) -> Option<u64> {
        self.trials.watch.device().map(|(free, all)| all.saturating_sub(free))
    }

    /// The end of a race's memory: cleaned up, measured, logged.
    fn memory(&mut self, race: usize, scope: Scope, device_before: Option<u64>) -> Memory {
        let report = scope.finish(true);
        let used = |usage: Option<memguard::Usage>| usage.map(|usage| usage.used.get());
        let memory = Memory {
            before: used(report.before),
            after: used(report.after),
            limit: report.after.map(|usage| usage.limit.get()),
            freed: report.freed.get(),
            device_before,
            device_after: device_before.and_then(|_| self.device()),
        };
        tracing::info!("[{SCOPE}] race {race}: {memory}");
        memory
    }

    /// The winner beside the defaults on what is held out.
    fn prove(&mut self) -> Result<Verdict, Halt> {
        let rules = &self.tournament.arena.rules;
        let winner = self.elites.first().map_or(CONTROL, |one| one.configuration);
        let point = self.living.get(&winner).map_or_else(|| rules.space.unset(), |one| one.point.clone());
        let mut verdict = Verdict {
            winner,
            configuration: rules.space.layer(&point),
            is_better: false,
            why_not: None,
            elites: self.elites.clone(),
            default_rank: self.default_rank,
            races: self.races,
            blocks: self.seen,
            trials: self.spent,
            configurations: self.next as usize,
            proof: None,
            confirmed: None,
            by_features: None,
            seed: rules.seed,
            version: crate::version().to_owned(),
        };
        if winner == CONTROL {
            verdict.why_not = Some("the defaults won the last race".into());
            return Ok(verdict);
        }
        let everywhere = vec![winner; self.tournament.arena.held_out.len()];
        let tell = |driver: &mut Self, budget: Budget| {
            let trials = 2 * everywhere.len() * rules.held_out_seeds as usize;
            let news = News::Proof { configuration: winner, budget: budget.to_string(), trials };
            driver.trials.watch.sees(&news);
        };
        tell(self, rules.budget);
        let proof = self.compare(&everywhere, rules.budget)?;
        if !proof.holds() {
            verdict.why_not =
                Some(format!("on instances that were not raced on, with {}: {}", proof.budget, proof.in_words()));
        }
        verdict.proof = Some(proof);
        if let (None, Some(budget)) = (&verdict.why_not, rules.confirm) {
            tell(self, budget);
            let again = self.compare(&everywhere, budget)?;
            if !again.holds() {
                verdict.why_not =
                    Some(format!("it was ahead by steps, but with {}: {}", again.budget, again.in_words()));
            }
            verdict.confirmed = Some(again);
        }
        verdict.is_better = verdict.why_not.is_none();
        Ok(verdict)
    }

    /// Settings by features: learnt from the races, proven on what is held out.
    fn by_features(&mut self) -> Result<Option<ByFeatures>, Halt> {
        let arena = self.tournament.arena;
        let mut raced = Vec::new();
        for instance in &arena.instances {
            raced.push(features(&self.open(&instance.hash)?));
        }
        let Some(split) = Split::learn(&raced, &self.results()) else {
            self.trials.watch.tells("no split by a feature would have done better than one configuration for all");
            return Ok(None);
        };
        let mut chosen = Vec::new();
        for instance in &arena.held_out {
            chosen.push(split.choose(&features(&self.open(&instance.hash)?)));
        }
        let halves = split.halves().map(|(condition, configuration)| {
            let sets = self.living.get(&configuration).map(|one| arena.rules.space.over(&one.point));
            Half { condition, configuration, sets: sets.unwrap_or_default() }
        });
        let tell = |driver: &mut Self, budget: Budget| {
            let condition = halves[0].condition.to_string();
            let configurations = [split.below, split.from];
            driver.trials.watch.sees(&News::ByFeatures { condition, configurations, budget: budget.to_string() });
        };
        tell(self, arena.rules.budget);
        let proof = self.compare(&chosen, arena.rules.budget)?;
        let mut is_better = proof.holds();
        let mut confirmed = None;
        if let (true, Some(budget)) = (is_better, arena.rules.confirm) {
            tell(self, budget);
            let again = self.compare(&chosen, budget)?;
            is_better = again.holds();
            confirmed = Some(again);
        }
        Ok(Some(ByFeatures { halves, is_better, proof, confirmed }))
    }

    /// A problem of the arena.
    fn open(&self, hash: &str) -> Result<Problem, Error> {
        let path = self.tournament.folder.block(hash);
        // SAFETY: the block lies in the tournament's own folder under the name of its content, and is
        // written once, by rename.
        unsafe { Problem::map(&path) }.map_err(|e| Error::damaged(&path, e))
    }

    /// How those that are left did on each instance, beside the defaults: the median over seeds.
    fn results(&mut self) -> Results {
        let instances = self.tournament.arena.instances.len();
        let Some(control) = self.known.get(&CONTROL) else { return Results::new() };
        let mut results = Results::new();
        for (&number, costs) in &self.known {
            let mut differences = vec![Vec::new(); instances];
            for (&block, cost) in costs {
                if let Some(default) = control.get(&block) {
                    differences[self.blocks.get(block).instance].push(difference(cost, default));
                }
            }
            let of = |mut all: Vec<f64>| if all.is_empty() { None } else { Some(median(&mut all)) };
            results.insert(number, differences.into_iter().map(of).collect());
        }
        results
    }

    /// The configuration that is chosen for each held-out instance beside the defaults.
    fn compare(&mut self, chosen: &[u32], budget: Budget) -> Result<Proof, Halt> {
        let arena = self.tournament.arena;
        let wanted: BTreeSet<u32> = chosen.iter().copied().chain([CONTROL]).collect();
        let all: Vec<(u32, &Competitor)> =
            wanted.iter().filter_map(|number| Some((*number, self.living.get(number)?))).collect();
        let points: Vec<(u32, &Point)> = all.iter().map(|(number, one)| (*number, &one.point)).collect();
        let grid = grids::of_proof(arena, &points, budget);
        let kept = self.tournament.folder.keep_grid(&grid)?;
        let mut cells = Vec::new();
        for (instance, &chosen) in chosen.iter().enumerate() {
            for round in 0..arena.rules.held_out_seeds {
                for number in [CONTROL, chosen] {
                    if let Some((at, (_, one))) = all.iter().enumerate().find(|(_, (one, _))| *one == number) {
                        cells.push((grids::cell(&grid, at, instance, round), &one.settings));
                    }
                }
            }
        }
        let costs = self.trials.costs(&grid, kept, &cells)?;
        self.trials.settle(&grid, kept)?;
        if self.trials.profile.is_some() {
            profile::settle(self.tournament.folder, "proof")?;
        }
        let pairs: Vec<(Cost, Cost)> = costs.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let by_instance: Vec<Vec<(Cost, Cost)>> =
            pairs.chunks(arena.rules.held_out_seeds as usize).map(<[_]>::to_vec).collect();
        Ok(Proof::of(&arena.held_out, &by_instance, budget.to_string(), arena.rules.seed))
    }
}

/// A race whose trials are those of a sweep.
struct InStore<'r, 't> {
    race: usize,
    tournament: &'t Tournament<'t>,
    trials: &'r mut Trials<'t>,
    blocks: &'r mut Blocks,
    living: &'r BTreeMap<u32, Competitor>,
    entrants: &'r [u32],
    grid: &'r Grid,
    kept: u32,
    spent: usize,
    scope: &'r mut Scope,
}

impl Hall for InStore<'_, '_> {
    type Error = Halt;

    fn run(&mut self, block: usize, configurations: &[u32]) -> Result<Vec<Cost>, Halt> {
        let block = self.blocks.get(block);
        let cell = |number: &u32| {
            let at = self.entrants.iter().position(|entrant| entrant == number)?;
            let one = self.living.get(number)?;
            Some((grids::cell(self.grid, at, block.instance, block.round), &one.settings))
        };
        let cells: Vec<(u64, &Settings)> = configurations.iter().filter_map(cell).collect();
        let costs = self.trials.costs(self.grid, self.kept, &cells)?;
        // No worker is at work now: those of the next block are new ones.
        self.scope.check();
        Ok(costs)
    }

    fn tell(&mut self, step: Step) {
        let news = match step {
            Step::Ran { block, trials, standing } => {
                self.spent += trials;
                let at = self.blocks.get(block);
                let arena = self.tournament.arena;
                News::Block {
                    race: self.race,
                    block: block + 1,
                    instance: arena.instances.get(at.instance).map_or_else(String::new, |one| one.name.clone()),
                    seed: grids::seed(at.round),
                    trials,
                    spent: self.spent,
                    of: arena.rules.trials,
                    standing,
                }
            }
            Step::Gone(gone) => News::Out { race: self.race, gone },
        };
        self.trials.watch.sees(&news);
    }
}
