//! How a run's budget is shared among its steps; what one leaves goes to those after it.

use crate::stop::Budget;
use std::time::{Duration, Instant};

/// Kept back from a deadline for what follows the last stage.
const RESERVE: Duration = Duration::from_millis(10);

/// Hands each step its part of the budget, in order.
///
/// A step's part is `left × share ÷ (its share + the shares of the steps after it)`, so time and
/// steps that a stage does not use go to those after it. Only steps that have something to do count
/// ([`Stage::has_work`](crate::Stage::has_work)): a stage that repairs keeps nothing back while the
/// timetable is valid. A step with share 0 is one that is expected to be quick: it may use all that
/// is left, and is charged what it uses. Steps are divided in integers: the same budget and shares
/// give the same parts on every machine.
#[derive(Clone, Debug)]
pub struct Shares {
    left: Budget,
    shares: Vec<u32>,
    next: usize,
    longest_check: Duration,
}

impl Shares {
    /// For steps with these shares; `first` of them are done (a run that is resumed).
    pub fn new(budget: Budget, shares: Vec<u32>, first: usize) -> Shares {
        Shares { left: budget, shares, next: first, longest_check: Duration::ZERO }
    }

    /// The next step's part of what is left at `now`; `has_work` tells of each later step whether
    /// there is anything to do for it.
    ///
    /// # Panics
    /// When there is no further step.
    pub fn next(&mut self, now: Instant, has_work: impl Fn(usize) -> bool) -> Budget {
        let share = u128::from(self.shares[self.next]);
        let later = (self.next + 1..self.shares.len()).filter(|&k| has_work(k));
        let sum = share + later.map(|k| u128::from(self.shares[k])).sum::<u128>();
        let steps_left = (self.shares.len() - self.next) as u32;
        self.next += 1;
        // A share of 0 means all of it, here and below: it is not asked to leave anything.
        let part = |left: u128| if share == 0 { left } else { left * share / sum };
        match self.left {
            Budget::Steps(left) => Budget::Steps(part(u128::from(left)) as u64),
            Budget::Until(end) => {
                let reserve = RESERVE + self.longest_check * steps_left;
                let left = end.saturating_duration_since(now).saturating_sub(reserve);
                Budget::Until(now + Duration::from_nanos(part(left.as_nanos()) as u64))
            }
        }
    }

    /// What the step that was handed `given` has used: `reported` where it counts its steps,
    /// otherwise all of them (none, with share 0). Time needs no charging.
    pub fn charge(&mut self, given: Budget, reported: Option<u64>) -> Option<u64> {
        let (Budget::Steps(left), Budget::Steps(given)) = (self.left, given) else { return None };
        let share = self.shares[self.next - 1];
        let used = reported.unwrap_or(if share == 0 { 0 } else { given }).min(given);
        self.left = Budget::Steps(left.saturating_sub(used));
        Some(used)
    }

    /// Takes off what the steps before `first` used (a run that is resumed).
    pub fn already_used(&mut self, used: u64) {
        if let Budget::Steps(left) = self.left {
            self.left = Budget::Steps(left.saturating_sub(used));
        }
    }

    /// Confirming a stage's plan took so long; as much is kept back for each of the steps to come.
    pub fn check_took(&mut self, time: Duration) {
        self.longest_check = self.longest_check.max(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_divided_by_share_and_none_is_lost() {
        let mut shares = Shares::new(Budget::Steps(100), vec![1, 2, 4], 0);
        let now = Instant::now();
        let mut given = Vec::new();
        for _ in 0..3 {
            let part = shares.next(now, |_| true);
            shares.charge(part, None);
            given.push(part);
        }
        // 100×1/7 = 14; 86×2/6 = 28; 58×4/4 = 58.
        assert_eq!(given, [Budget::Steps(14), Budget::Steps(28), Budget::Steps(58)]);
    }

    #[test]
    fn steps_that_a_stage_leaves_go_to_those_after_it() {
        let mut shares = Shares::new(Budget::Steps(100), vec![0, 1, 1], 0);
        let now = Instant::now();
        let quick = shares.next(now, |_| true);
        assert_eq!(quick, Budget::Steps(100));
        assert_eq!(shares.charge(quick, None), Some(0));
        let half = shares.next(now, |_| true);
        assert_eq!(half, Budget::Steps(50));
        assert_eq!(shares.charge(half, Some(10)), Some(10));
        assert_eq!(shares.next(now, |_| true), Budget::Steps(90));
    }

    #[test]
    fn a_stage_cannot_be_charged_more_than_it_was_given() {
        let mut shares = Shares::new(Budget::Steps(10), vec![1, 1], 0);
        let part = shares.next(Instant::now(), |_| true);
        assert_eq!(shares.charge(part, Some(1_000)), Some(5));
    }

    #[test]
    fn time_that_a_stage_leaves_goes_to_those_after_it() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let mut shares = Shares::new(Budget::Until(start + ms(1_010)), vec![1, 3], 0);
        assert_eq!(shares.next(start, |_| true), Budget::Until(start + ms(250)));
        // Done after 100 ms instead: the next one may use all of the rest, less the reserve.
        assert_eq!(shares.next(start + ms(100), |_| true), Budget::Until(start + ms(1_000)));
    }

    #[test]
    fn nothing_is_kept_back_for_a_stage_that_has_nothing_to_do() {
        let now = Instant::now();
        let mut shares = Shares::new(Budget::Steps(100), vec![1, 4, 3], 0);
        assert_eq!(shares.next(now, |k| k != 1), Budget::Steps(25));
        let mut shares = Shares::new(Budget::Steps(100), vec![1, 4, 3], 0);
        assert_eq!(shares.next(now, |_| false), Budget::Steps(100));
        shares.charge(Budget::Steps(100), Some(90));
        // It runs nevertheless, on what is left.
        assert_eq!(shares.next(now, |_| true), Budget::Steps(10 * 4 / 7));
    }

    #[test]
    fn the_time_that_checks_take_is_kept_back() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let mut shares = Shares::new(Budget::Until(start + ms(1_010)), vec![1, 1, 1], 0);
        shares.next(start, |_| true);
        shares.check_took(ms(50));
        // 1,000 − 2 × 50 left at the start, two equal shares.
        assert_eq!(shares.next(start, |_| true), Budget::Until(start + ms(450)));
    }

    #[test]
    fn past_the_deadline_a_stage_is_given_no_time() {
        let start = Instant::now();
        let late = start + Duration::from_secs(5);
        let mut shares = Shares::new(Budget::Until(start), vec![1], 0);
        assert_eq!(shares.next(late, |_| true), Budget::Until(late));
    }

    #[test]
    fn a_resumed_run_shares_what_the_finished_steps_left() {
        let mut shares = Shares::new(Budget::Steps(100), vec![1, 1, 2], 1);
        shares.already_used(25);
        assert_eq!(shares.next(Instant::now(), |_| true), Budget::Steps(25));
    }
}
