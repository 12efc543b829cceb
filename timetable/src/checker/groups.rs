//! The kinds that count an amount for a whole group of classes.

use super::assigned::Assigned;
use super::days::{of_calendar, of_week, runs};
use super::report::{Violation, distinct};
use crate::ids::*;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::score::Rule;
use std::collections::BTreeSet;

/// An amount, and the classes it comes of.
type Excess = (i64, Vec<Assigned>);

/// Enters the amount of the group, if it is not 0.
pub(super) fn find(problem: &Problem, id: ConstraintId, seen: &[Assigned], enter: &mut dyn FnMut(Violation)) {
    let kind = problem.kind_of(id);
    let (amount, causes) = amount(problem, id, seen);
    if amount > 0 {
        let classes = distinct(causes.iter().map(|h| h.class));
        enter(Violation::new(Rule::Constraint(kind), classes, amount));
    }
}

fn amount(problem: &Problem, id: ConstraintId, seen: &[Assigned]) -> Excess {
    let kind = problem.kind_of(id);
    let [p, q, r] = problem.constraints()[id.index()].params;
    let every_day = |excess: &dyn Fn(&[Assigned]) -> Excess| sum(&of_calendar(problem, seen), excess);
    match kind {
        Kind::MaxDays => (excess(days_used(seen), p), seen.to_vec()),
        Kind::MinWorkingDays => ((i64::from(p) - days_used(seen)).max(0), seen.to_vec()),
        Kind::RoomStability => (excess(rooms_used(seen), 1), seen.to_vec()),
        Kind::MaxDayLoad => every_day(&|day| (excess(load(day), p), day.to_vec())),
        Kind::MaxBreaks => every_day(&|day| (excess(runs(day, q).len() as i64 - 1, p), day.to_vec())),
        Kind::MaxBlock => every_day(&|day| long_blocks(day, p, q)),
        Kind::Gaps => every_day(&|day| (excess(idle(day), p), day.to_vec())),
        Kind::LunchBreak => every_day(&|day| (i64::from(no_lunch(day, p, q, r)), day.to_vec())),
        Kind::IsolatedLectures => sum(&of_week(seen), &isolated),
        pair_kinds!() | each_kinds!() | student_kinds!() => unreachable!("{kind} is not about groups"),
    }
}

/// Sums amounts over days, with the classes of those days that add to it.
fn sum(days: &[Vec<Assigned>], amount: &dyn Fn(&[Assigned]) -> Excess) -> Excess {
    let mut total = (0, Vec::new());
    for day in days {
        let (amount, causes) = amount(day);
        if amount > 0 {
            total.0 += amount;
            total.1.extend(causes);
        }
    }
    total
}

fn excess(value: i64, limit: u32) -> i64 {
    (value - i64::from(limit)).max(0)
}

/// Days of the week used, in whatever week.
fn days_used(seen: &[Assigned]) -> i64 {
    let days = seen.iter().fold(0u16, |days, h| days | h.time.days);
    i64::from(days.count_ones())
}

fn rooms_used(seen: &[Assigned]) -> i64 {
    let rooms: BTreeSet<RoomId> = seen.iter().filter_map(|h| h.room).collect();
    rooms.len() as i64
}

/// Slots taught; what overlaps counts twice.
fn load(day: &[Assigned]) -> i64 {
    day.iter().map(|h| i64::from(h.time.end - h.time.start)).sum()
}

/// Blocks of two or more classes that are longer than `most` slots.
fn long_blocks(day: &[Assigned], most: u32, gap: u32) -> Excess {
    let blocks = runs(day, gap);
    let long: Vec<_> = blocks.iter().filter(|b| b.classes.len() > 1 && b.length() > i64::from(most)).collect();
    (long.len() as i64, long.iter().flat_map(|b| b.classes.iter().copied()).collect())
}

/// Slots from the first start to the last end in which nothing is held.
fn idle(day: &[Assigned]) -> i64 {
    let runs = runs(day, 0);
    runs.windows(2).map(|w| i64::from(w[1].start) - i64::from(w[0].end)).sum()
}

/// Whether something is held in the window `from..to`, and nowhere in it are `least` slots in a row
/// left free.
fn no_lunch(day: &[Assigned], from: u32, to: u32, least: u32) -> bool {
    let mut free_from = from;
    let (mut longest, mut busy) = (0, false);
    for run in runs(day, 0).iter().filter(|r| r.start.max(from) < r.end.min(to)) {
        busy = true;
        longest = longest.max(run.start.saturating_sub(free_from));
        free_from = run.end;
    }
    busy && longest.max(to.saturating_sub(free_from)) < least
}

/// A slot is alone if neither of its neighbours is occupied: it makes up a whole run of occupied
/// slots. It counts once for each class in it.
fn isolated(day: &[Assigned]) -> Excess {
    let alone: Vec<Assigned> =
        runs(day, 0).iter().filter(|r| r.length() == 1).flat_map(|r| r.classes.iter().copied()).collect();
    (alone.len() as i64, alone)
}
