//! One race: configurations run on block after block, and those that are worse than the best by
//! more than chance go. Nothing here runs anything: costs come from whoever asks for a race.
//!
//! Elitist racing as in irace (breed.rs names the paper), 4.2 and 4.5, with ranks of scores as the
//! costs: a score is compared in order, so its rank in the block is its only honest scale.

use super::arena::RaceRules;
use crate::statistics::{friedman, ranks_by, signed_rank};
use std::{cmp::Ordering, collections::BTreeMap};
use timetable::Score;

/// What a configuration came to on a block; `None`: it failed, or ran out of memory.
pub type Cost = Option<Score>;

/// The costs of configurations by the numbers of blocks.
pub(super) type Known = BTreeMap<u32, BTreeMap<usize, Cost>>;

/// The better first, those that failed last.
pub(super) fn order(a: &Cost, b: &Cost) -> Ordering {
    (a.is_none(), a).cmp(&(b.is_none(), b))
}

/// How much worse one is than the other: the logarithm of the ratio of their penalties (of one more
/// than these), infinite where one places more, breaks fewer hard rules, or did not fail.
pub(super) fn difference(a: &Cost, b: &Cost) -> f64 {
    let infinite = match order(a, b) {
        Ordering::Equal => return 0.0,
        Ordering::Less => f64::NEG_INFINITY,
        Ordering::Greater => f64::INFINITY,
    };
    match (a, b) {
        (Some(a), Some(b)) if (a.unplaced, a.hard) == (b.unplaced, b.hard) => {
            let penalty = |score: &Score| (score.penalty.max(0) + 1) as f64;
            (penalty(a) / penalty(b)).ln()
        }
        _ => infinite,
    }
}

/// Why a race ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// So few are left that they are all elites.
    FewLeft,
    /// The next block would cost more trials than the race has.
    Budget,
    /// Tests drop nobody any more.
    NothingChanges,
}

/// What happens in a race.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Everybody has run on a block: which, how many trials that took, and who is in, the best
    /// first.
    Ran { block: usize, trials: usize, standing: Vec<Standing> },
    /// Somebody goes.
    Gone(Gone),
}

/// Where a configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Standing {
    /// The configuration.
    pub configuration: u32,
    /// Its mean rank over the blocks of this race, among those that are in.
    pub rank: f64,
}

/// Why a configuration is out.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Gone {
    /// The configuration.
    pub configuration: u32,
    /// Its mean rank over the blocks of this race.
    pub rank: f64,
    /// The best.
    pub best: u32,
    /// The best one's mean rank.
    pub best_rank: f64,
    /// Blocks.
    pub blocks: usize,
    /// How likely such a difference is by chance.
    pub p: f64,
}

/// How a race ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct End {
    /// Those that are left, the best first.
    pub(super) standing: Vec<Standing>,
    /// Trials that were spent.
    pub(super) spent: usize,
    /// Blocks that were run on, of all races.
    pub(super) seen: usize,
    /// Why.
    pub(super) why: Stop,
}

/// Whoever asks for a race.
pub(super) trait Hall {
    /// Why a configuration cannot be run.
    type Error;

    /// The costs of configurations on a block.
    fn run(&mut self, block: usize, configurations: &[u32]) -> Result<Vec<Cost>, Self::Error>;

    /// Is told what happens.
    fn tell(&mut self, step: Step);
}

/// A race.
pub(super) struct Race<'r> {
    pub(super) rules: &'r RaceRules,
    /// So few may be left.
    pub(super) survivors: usize,
    /// Who takes part, the control among them.
    pub(super) entrants: &'r [u32],
    /// The defaults: run on every block, even when they are out of the race.
    pub(super) control: u32,
    /// Blocks of earlier races.
    pub(super) seen: usize,
    /// Which of those comes first.
    pub(super) first: usize,
    /// Trials that it may spend.
    pub(super) budget: usize,
}

impl Race<'_> {
    /// Runs it. `known` holds what is known of elites and the control, and at the end what is known
    /// of those that are left and the control.
    pub(super) fn run<H: Hall>(&self, known: &mut Known, hall: &mut H) -> Result<End, H::Error> {
        let mut standing: Vec<u32> = self.entrants.to_vec();
        let mut ran: Vec<usize> = Vec::new();
        let (mut spent, mut idle) = (0, 0);
        // What elites know from before is theirs until the others have seen it, too.
        let elites: Vec<u32> = self.entrants.iter().copied().filter(|one| known.contains_key(one)).collect();
        let why = loop {
            let block = self.block(ran.len());
            let is_known = |one: u32| known.get(&one).is_some_and(|costs| costs.contains_key(&block));
            let with_control =
                standing.iter().copied().chain((!standing.contains(&self.control)).then_some(self.control));
            let missing: Vec<u32> = with_control.filter(|&one| !is_known(one)).collect();
            if spent + missing.len() > self.budget {
                break Stop::Budget;
            }
            let costs = hall.run(block, &missing)?;
            spent += missing.len();
            for (&one, cost) in missing.iter().zip(costs) {
                known.entry(one).or_default().insert(block, cost);
            }
            ran.push(block);
            let is_over = ran.len() > self.seen;
            let safe = if is_over || self.seen == 0 { &[] } else { elites.as_slice() };
            let is_due = ran.len() >= self.rules.first_test
                && (ran.len() - self.rules.first_test).is_multiple_of(self.rules.each_test);
            let gone = if is_due { self.test(known, &standing, &ran, safe) } else { Vec::new() };
            standing.retain(|one| gone.iter().all(|gone| gone.configuration != *one));
            hall.tell(Step::Ran { block, trials: missing.len(), standing: ranked(known, &standing, &ran) });
            let none_went = gone.is_empty();
            gone.into_iter().for_each(|gone| hall.tell(Step::Gone(gone)));
            // Those that are dropped need nothing in memory.
            known.retain(|one, _| standing.contains(one) || *one == self.control);
            if !is_over && self.seen > 0 {
                continue;
            }
            if standing.len() <= self.survivors && ran.len() >= self.rules.first_test {
                break Stop::FewLeft;
            }
            if is_due {
                idle = if none_went { idle + 1 } else { 0 };
            }
            if idle >= self.rules.elitist_limit {
                break Stop::NothingChanges;
            }
        };
        let seen = self.seen.max(ran.iter().max().map_or(0, |last| last + 1));
        Ok(End { standing: ranked(known, &standing, &ran), spent, seen, why })
    }

    /// The block that comes after so many: first a new one, then those of earlier races, then new
    /// ones.
    fn block(&self, after: usize) -> usize {
        match after {
            0 => self.seen,
            after if after <= self.seen => (self.first + after - 1) % self.seen,
            after => after,
        }
    }

    /// Who is worse than the best by more than chance, the worst last.
    fn test(&self, known: &Known, standing: &[u32], ran: &[usize], safe: &[u32]) -> Vec<Gone> {
        let chance = 1.0 - self.rules.confidence;
        let ranks = ranks(known, standing, ran);
        let mean = |at: usize| ranks.iter().map(|block| block[at]).sum::<f64>() / ran.len() as f64;
        let means: Vec<f64> = (0..standing.len()).map(mean).collect();
        let best = (0..standing.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]).then(a.cmp(&b)));
        let Some(best) = best else { return Vec::new() };
        let likely: Vec<f64> = match standing {
            [] | [_] => return Vec::new(),
            &[one, other] => {
                let differences: Vec<f64> =
                    ran.iter().map(|block| difference(&known[&one][block], &known[&other][block])).collect();
                let test = signed_rank(&differences);
                // The test must be for the one that is ahead.
                let worse = usize::from(test.balance < 0.0);
                if worse == best { vec![1.0; 2] } else { vec![test.p; 2] }
            }
            _ => match friedman(&ranks) {
                Some(test) if test.p < chance => {
                    let of = |at: usize| {
                        let pair = test.pairs.iter().find(|&&(i, j, _)| (i, j) == (at.min(best), at.max(best)));
                        pair.map_or(1.0, |pair| pair.2)
                    };
                    (0..standing.len()).map(of).collect()
                }
                _ => return Vec::new(),
            },
        };
        let is_out = |&at: &usize| at != best && likely[at] < chance && !safe.contains(&standing[at]);
        let mut gone: Vec<Gone> = (0..standing.len())
            .filter(is_out)
            .map(|at| Gone {
                configuration: standing[at],
                rank: means[at],
                best: standing[best],
                best_rank: means[best],
                blocks: ran.len(),
                p: likely[at],
            })
            .collect();
        gone.sort_by(|a, b| a.rank.total_cmp(&b.rank).then(a.configuration.cmp(&b.configuration)));
        gone
    }
}

/// The ranks of configurations on each block.
fn ranks(known: &Known, standing: &[u32], ran: &[usize]) -> Vec<Vec<f64>> {
    let costs = |block: &usize| standing.iter().map(|one| known[one][block]).collect::<Vec<Cost>>();
    ran.iter().map(|block| ranks_by(&costs(block), order)).collect()
}

/// Those that are in, the best first; the older where they are equal.
fn ranked(known: &Known, standing: &[u32], ran: &[usize]) -> Vec<Standing> {
    let ranks = ranks(known, standing, ran);
    let mut ranked: Vec<Standing> = standing
        .iter()
        .enumerate()
        .map(|(at, &configuration)| {
            let sum: f64 = ranks.iter().map(|block| block[at]).sum();
            Standing { configuration, rank: sum / ran.len().max(1) as f64 }
        })
        .collect();
    ranked.sort_by(|a, b| a.rank.total_cmp(&b.rank).then(a.configuration.cmp(&b.configuration)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn score(penalty: i64) -> Cost {
        Some(Score { unplaced: 0, hard: 0, penalty })
    }

    /// Noise of a configuration on a block, the same in every run: 0 to 9.
    fn noise(block: usize, one: u32) -> i64 {
        (block as u64 * 2_654_435_761 + u64::from(one) * 40_503).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
            as i64
            & 7
    }

    struct Ran {
        end: End,
        gone: Vec<Gone>,
        /// Block and who ran on it.
        runs: Vec<(usize, Vec<u32>)>,
        known: Known,
    }

    struct Surface<F> {
        cost: F,
        gone: Vec<Gone>,
        runs: Vec<(usize, Vec<u32>)>,
    }

    impl<F: Fn(usize, u32) -> Cost> Hall for Surface<F> {
        type Error = Infallible;

        fn run(&mut self, block: usize, who: &[u32]) -> Result<Vec<Cost>, Infallible> {
            self.runs.push((block, who.to_vec()));
            Ok(who.iter().map(|&one| (self.cost)(block, one)).collect())
        }

        fn tell(&mut self, step: Step) {
            if let Step::Gone(gone) = step {
                self.gone.push(gone);
            }
        }
    }

    fn race(entrants: &[u32], seen: usize, budget: usize, known: Known, cost: impl Fn(usize, u32) -> Cost) -> Ran {
        race_to(3, entrants, seen, budget, known, cost)
    }

    fn race_to(
        survivors: usize,
        entrants: &[u32],
        seen: usize,
        budget: usize,
        mut known: Known,
        cost: impl Fn(usize, u32) -> Cost,
    ) -> Ran {
        let rules = RaceRules::default();
        let race = Race { rules: &rules, survivors, entrants, control: 0, seen, first: 0, budget };
        let mut surface = Surface { cost, gone: Vec::new(), runs: Vec::new() };
        let Ok(end) = race.run(&mut known, &mut surface);
        Ran { end, gone: surface.gone, runs: surface.runs, known }
    }

    #[test]
    fn whoever_is_worse_by_more_than_chance_goes_and_the_best_wins() {
        let entrants: Vec<u32> = (0..20).collect();
        let ran = race(&entrants, 0, 1_000, Known::new(), |block, one| {
            score(100 + 10 * i64::from(one.abs_diff(13)) + noise(block, one))
        });
        assert_eq!(ran.end.standing[0].configuration, 13);
        assert_eq!(ran.end.why, Stop::FewLeft);
        assert!(ran.end.standing.len() <= 3 && ran.gone.len() >= 17);
        assert!(ran.gone.iter().all(|gone| gone.p < 0.05 && gone.blocks >= 5));
        // Of those that are gone nothing is kept; the control stays, and runs on every block.
        assert!(ran.runs.iter().all(|(_, who)| who.contains(&0)));
        assert_eq!(ran.known.len(), ran.end.standing.len() + 1);
    }

    #[test]
    fn nobody_goes_where_nothing_differs() {
        let ran = race(&[0, 1, 2, 3, 4, 5], 0, 1_000, Known::new(), |_, _| score(7));
        assert_eq!((ran.end.why, ran.gone.len()), (Stop::NothingChanges, 0));
        // Of equals the oldest is first: the defaults.
        assert_eq!(ran.end.standing[0].configuration, 0);
    }

    #[test]
    fn a_race_stays_within_its_budget() {
        for budget in [0, 5, 6, 17, 100] {
            let ran = race(&[0, 1, 2, 3, 4, 5], 0, budget, Known::new(), |block, one| score(noise(block, one)));
            assert!(ran.end.spent <= budget);
            assert_eq!(ran.runs.iter().map(|(_, who)| who.len()).sum::<usize>(), ran.end.spent);
        }
    }

    #[test]
    fn an_elite_keeps_its_results_and_is_not_dropped_before_others_have_seen_the_same_blocks() {
        let mut known = Known::new();
        for one in [0, 1] {
            known.insert(one, (0..8).map(|block| (block, score(if one == 0 { 500 } else { 50 }))).collect());
        }
        // The elite is good on what it has seen, but on the last of that all others are better.
        let cost =
            |block: usize, one: u32| score(if one >= 2 { 10 + i64::from(one) + noise(block, one) % 2 } else { 400 });
        let ran = race(&[0, 1, 2, 3, 4, 5], 8, 1_000, known, cost);
        // A new block first, on which everybody runs, then the old ones, on which the elites need not.
        assert_eq!(ran.runs[0], (8, vec![0, 1, 2, 3, 4, 5]));
        assert_eq!(ran.runs[1].0, 0);
        assert!(ran.runs[1..9].iter().all(|(block, who)| *block < 8 && !who.contains(&0) && !who.contains(&1)));
        let elite = ran.gone.iter().find(|gone| gone.configuration == 1).expect("it goes in the end");
        assert!(elite.blocks >= 9, "{elite:?}");
        assert_eq!(ran.end.standing[0].configuration, 2);
        assert!(ran.end.seen >= 9);
    }

    #[test]
    fn those_that_fail_are_last() {
        let fails = |one: u32| one.is_multiple_of(2);
        let ran = race(&[0, 1, 2, 3, 4, 5, 6, 7], 0, 1_000, Known::new(), |block, one| {
            if fails(one) { None } else { Some(Score { unplaced: 9, hard: 9, penalty: noise(block, one) }) }
        });
        assert!(ran.end.standing.iter().all(|one| !fails(one.configuration)), "{:?}", ran.end.standing);
    }

    #[test]
    fn two_that_are_left_are_told_apart_by_their_pairs() {
        let cost = |block: usize, one: u32| score(100 + block as i64 * 10 - 5 * i64::from(one));
        let Ran { end, gone, .. } = race_to(1, &[0, 1], 0, 100, Known::new(), cost);
        // Of five pairs no sign is clear enough, of six it is: 2/64.
        assert_eq!((gone[0].configuration, gone[0].blocks, gone[0].p), (0, 6, 2.0 / 64.0));
        assert_eq!(end.standing[0].configuration, 1);
    }

    #[test]
    fn differences_are_logarithms_of_ratios_unless_one_is_better_in_kind() {
        let one = |unplaced, hard, penalty| Some(Score { unplaced, hard, penalty });
        assert_eq!(difference(&one(0, 0, 99), &one(0, 0, 49)), 2.0_f64.ln());
        assert_eq!(difference(&one(0, 0, 9), &one(0, 1, 0)), f64::NEG_INFINITY);
        assert_eq!(difference(&None, &one(9, 9, 9)), f64::INFINITY);
        assert_eq!(difference(&None, &None), 0.0);
    }
}
