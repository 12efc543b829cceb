//! How long to stay at each temperature: where the mean cost falls, that is where a walk decides
//! what becomes of it.
//!
//! A first, quick cooling measures the mean cost at each of many temperatures; the real one then
//! spends its budget in proportion to how much the mean falls from one to the next, measured by the
//! logarithm of what is above the least, and a part of it evenly. Before the fall begins, nothing
//! is spent.

use crate::fixed::{ONE, Share, log2};
use crate::{Schedule, Temperature};

/// Temperatures of a cooling, from hot to cold.
pub const RUNGS: usize = 64;
/// Parts of a budget.
const PARTS: u64 = 64;
/// The hot end, where so little of the whole fall has been seen (in 1,024ths), is left out.
const BEFORE: u64 = 16;

/// What a walk has seen at one temperature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The mean cost.
    pub mean: i64,
    /// How often a change was proposed.
    pub proposals: u64,
    /// How often one was accepted.
    pub accepted: u64,
}

/// What is less than this part of the whole fall is not told apart.
const NOISE: u64 = 256;

/// Temperatures, and how much of the budget each gets.
#[derive(Clone, Debug)]
pub struct Cooling {
    schedule: Schedule,
    /// By rung: the share of the budget (of [`ONE`]) that is used when it ends.
    ends: [u64; RUNGS],
}

impl Cooling {
    /// The same time at each temperature.
    pub fn even(schedule: Schedule) -> Cooling {
        Cooling { schedule, ends: std::array::from_fn(|k| ONE * (k as u64 + 1) / RUNGS as u64) }
    }

    /// The temperature of a rung.
    pub fn temperature(&self, rung: usize) -> Temperature {
        self.schedule.at(ONE * rung as u64 / (RUNGS as u64 - 1))
    }

    /// The share of the budget (of [`ONE`]) that is used when a rung ends.
    pub fn end(&self, rung: usize) -> u64 {
        self.ends[rung]
    }

    /// For the real cooling, from what a quick one has seen at each rung; so large a part of the
    /// budget (of [`ONE`]) is spread evenly.
    pub fn measured(&self, seen: &[Seen; RUNGS], evenly: Share) -> Cooling {
        // Before the highest it was on its way up from where it began; where nothing was proposed
        // there is nothing to tell.
        let sampled = |k: &usize| seen[*k].proposals > 0;
        let top = (0..RUNGS).filter(sampled).max_by_key(|&k| (seen[k].mean, RUNGS - k)).unwrap_or(0);
        let mut before = seen[top].mean;
        let means: [i64; RUNGS] = std::array::from_fn(|k| {
            before = if k > top && sampled(&k) { seen[k].mean } else { before };
            before
        });
        // How far it is from the least, in logarithms, so that the last steps down count as much as
        // the first; less than a part of the whole way down is noise.
        let least = means.iter().copied().min().unwrap_or(0);
        let noise = (means[0] - least).unsigned_abs() / NOISE + 1;
        let height =
            |mean: i64| log2(((mean - least).unsigned_abs().saturating_add(noise)).min(u64::from(u32::MAX)) << 32);
        // A mean that rises again is noise, too.
        let mut lowest = means[0];
        let falls: [u64; RUNGS] = std::array::from_fn(|k| {
            let before = height(lowest);
            lowest = lowest.min(means[k]);
            // The less is accepted, the longer it takes until a walk has settled.
            let slow = (u128::from(ONE) * u128::from(seen[k].proposals.max(1)) / u128::from(seen[k].accepted.max(1)))
                .isqrt() as u64;
            ((before - height(lowest)) >> 16) * (slow >> 10).clamp(1, 1 << 12)
        });
        let smooth = |falls: [u64; RUNGS]| -> [u64; RUNGS] {
            std::array::from_fn(|k| {
                let (before, after) = (falls[k.saturating_sub(1)], falls[(k + 1).min(RUNGS - 1)]);
                before + 2 * falls[k] + after
            })
        };
        let falls = smooth(smooth(falls));
        let all: u64 = falls.iter().sum();
        if all == 0 {
            return self.clone();
        }
        let mut seen = 0;
        let begins = falls.iter().position(|fall| {
            seen += fall;
            seen * 1024 > all * BEFORE
        });
        let begins = begins.unwrap_or(0);
        let left = (RUNGS - begins) as u64;
        let kept: u64 = falls[begins..].iter().sum();
        let evenly = (evenly.min(ONE) * PARTS) >> 32;
        let (mut even, mut falling) = (0, 0);
        let ends = std::array::from_fn(|k| {
            if k >= begins {
                even += 1;
                falling += falls[k];
            }
            let part = |of: u64, all: u64| (u128::from(of) * u128::from(ONE) / u128::from(all)) as u64;
            (part(even, left) * evenly + part(falling, kept) * (PARTS - evenly)) / PARTS
        });
        Cooling { schedule: self.schedule, ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Share = ONE / 4;

    #[test]
    fn the_budget_goes_where_the_mean_falls() {
        let even = Cooling::even(Schedule::new(100.0, 0.1));
        assert_eq!(even.end(RUNGS - 1), ONE);
        // Flat, then falling between rungs 20 and 40, then flat.
        let seen = |mean| Seen { mean, proposals: 100, accepted: 10 };
        let means: [Seen; RUNGS] = std::array::from_fn(|k| seen(1_000 - 40 * (k as i64).clamp(20, 40)));
        let cooling = even.measured(&means, QUARTER);
        assert_eq!(cooling.end(RUNGS - 1), ONE);
        assert_eq!(cooling.end(15), 0, "nothing before");
        let share = |from: usize, to: usize| (cooling.end(to) - cooling.end(from)) as f64 / ONE as f64;
        assert!(share(19, 41) > 0.75, "{}", share(19, 41));
        assert!(share(41, RUNGS - 1) > 0.05);
        assert!((1..RUNGS).all(|k| cooling.end(k) >= cooling.end(k - 1)));
        assert_eq!(even.measured(&[seen(7); RUNGS], QUARTER).end(10), even.end(10), "nothing falls");
        // Where less is accepted it takes longer.
        let mut slower = means;
        slower[30..40].iter_mut().for_each(|seen| seen.accepted = 1);
        // What was left out tells nothing.
        let mut hot_left_out = means;
        hot_left_out[..10].iter_mut().for_each(|seen| *seen = Seen { mean: 3, proposals: 0, accepted: 0 });
        assert_eq!(even.measured(&hot_left_out, QUARTER).ends, cooling.ends);
        // Nor does the way up from a good beginning.
        let mut from_below = means;
        (0..).zip(&mut from_below[..10]).for_each(|(k, seen)| seen.mean = 100 + 5 * k);
        assert_eq!(even.measured(&from_below, QUARTER).ends, cooling.ends);
        let before = even.measured(&slower, QUARTER).end(29);
        assert!(before < cooling.end(29), "{before} before it gets slow");
    }
}
