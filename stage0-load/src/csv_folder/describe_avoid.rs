//! The times to avoid, from what each time costs.
//!
//! A time from slot `s` to before slot `e` costs the penalties of all windows that it overlaps: of
//! those that begin before `e`, less those that end by `s`. So for each day two rising lines are
//! looked for, `begun(e)` and `ended(s)`, whose differences are the costs that are known: a system
//! of differences, of which the least solution is taken.

use super::calendar::{Calendar, Window};
use super::describe_courses::starts;
use super::rules::MAX_AVOID;
use std::collections::BTreeMap;
use timetable::Problem;

/// What a time from one slot to before another costs, by both.
type Costs = BTreeMap<(u16, u16), u32>;

/// Windows from which the costs of all times follow; none where there are no such windows, which
/// the comparison then finds.
pub(super) fn avoided(problem: &Problem, calendar: &Calendar) -> Vec<(Window, u32)> {
    let mut days: Vec<Costs> = vec![Costs::new(); calendar.days.len()];
    for (day, start, end, penalty) in problem.class_ids().flat_map(|c| starts(problem, c)) {
        let before = days[usize::from(day)].insert((start, end), penalty);
        if before.is_some_and(|before| before != penalty) {
            return Vec::new();
        }
    }
    let mut found: BTreeMap<(u16, u16, u32), u16> = BTreeMap::new();
    for (day, costs) in days.iter().enumerate().filter(|(_, costs)| costs.values().any(|&c| c > 0)) {
        let Some((begun, ended)) = lines(costs, calendar.slots.len()) else { return Vec::new() };
        for window in windows(&begun, &ended) {
            *found.entry(window).or_default() |= 1 << day;
        }
    }
    found.into_iter().map(|((from, to, penalty), days)| (Window { days, from, to }, penalty)).collect()
}

/// The least `begun` and `ended`, at 0 to `slots`; `None` where nothing goes with the costs.
fn lines(costs: &Costs, slots: usize) -> Option<(Vec<i64>, Vec<i64>)> {
    let (begun, ended) = (|slot: usize| slot, |slot: usize| slots + 1 + slot);
    // (a, b, d): b is at least a + d.
    let mut least: Vec<(usize, usize, i64)> = Vec::new();
    for slot in 0..slots {
        least.extend([(begun(slot), begun(slot + 1), 0), (ended(slot), ended(slot + 1), 0)]);
    }
    least.extend((0..=slots).map(|slot| (ended(slot), begun(slot), 0)));
    least.push((begun(slots), ended(slots), 0));
    for (&(s, e), &cost) in costs {
        let (s, e, cost) = (ended(s.into()), begun(e.into()), i64::from(cost));
        least.extend([(s, e, cost), (e, s, -cost)]);
    }
    let mut value = vec![0i64; 2 * (slots + 1)];
    // A system that has a solution is solved after as many rounds as it has values.
    for _ in 0..=value.len() {
        let mut changed = false;
        for &(a, b, d) in &least {
            if value[b] < value[a] + d {
                value[b] = value[a] + d;
                changed = true;
            }
        }
        if !changed {
            let ended = value.split_off(slots + 1);
            return (value[0] == 0 && ended[0] == 0).then_some((value, ended));
        }
    }
    None
}

/// Windows that begin and end as the lines say, with their penalties.
fn windows(begun: &[i64], ended: &[i64]) -> Vec<(u16, u16, u32)> {
    let mut open: Vec<(u16, i64)> = Vec::new();
    let mut found = Vec::new();
    for to in 1..begun.len() {
        let begins = begun[to] - begun[to - 1];
        if begins > 0 {
            open.push((to as u16 - 1, begins));
        }
        let mut ends = ended[to] - ended[to - 1];
        while ends > 0 {
            let at = open.iter().position(|&(_, left)| left == ends).unwrap_or(0);
            let (from, left) = &mut open[at];
            let part = ends.min(*left).min(i64::from(MAX_AVOID));
            found.push((*from, to as u16, part as u32));
            (*left, ends) = (*left - part, ends - part);
            if *left == 0 {
                open.remove(at);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cost(windows: &[(u16, u16, u32)], s: u16, e: u16) -> u32 {
        windows.iter().filter(|w| w.0 < e && w.1 > s).map(|w| w.2).sum()
    }

    proptest! {
        /// Whatever windows there were and whichever costs are known: the windows found cost the
        /// same there.
        #[test]
        fn known_costs_are_met(
            there in prop::collection::vec((0u16..12, 1u16..6, 1u32..30), 0..5),
            known in prop::collection::vec((0u16..12, 1u16..5), 1..40),
        ) {
            let there: Vec<(u16, u16, u32)> = there.into_iter().map(|(f, len, p)| (f, (f + len).min(12), p)).collect();
            let known: Costs =
                known.into_iter().map(|(s, len)| (s, (s + len).min(12))).map(|(s, e)| ((s, e), cost(&there, s, e))).collect();
            let (begun, ended) = lines(&known, 12).expect("windows there are");
            let found = windows(&begun, &ended);
            for (&(s, e), &wanted) in &known {
                prop_assert_eq!(cost(&found, s, e), wanted, "{:?}", found);
            }
            prop_assert!(found.iter().all(|w| w.0 < w.1 && w.1 <= 12));
        }
    }

    #[test]
    fn what_no_windows_cost_is_refused() {
        // The longer time costs less than a part of it.
        assert_eq!(lines(&Costs::from([((0, 1), 5), ((0, 2), 3)]), 4), None);
    }
}
