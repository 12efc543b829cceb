//! Constraints that look at when on a day a group of classes is held.

use super::FreeClass;
use super::amounts::{self, Amount};
use super::blocks;
use super::days::{self, Day, Days, Presence, Segment, nobody};
use super::fixed;
use super::subproblem::{Subproblem, is_clash};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, LinearExpr};
use std::collections::{BTreeMap, BTreeSet};
use timetable::{ClassId, ConstraintId, ConstraintRow, Kind, Shape, each_kinds, pair_kinds, student_kinds};

/// Writes groups of which a free class is a member.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    for (id, kind, row) in subproblem.of_shape(Shape::Group) {
        let which = match kind {
            Kind::IsolatedLectures => Days::OfWeek,
            Kind::LunchBreak | Kind::Gaps | Kind::MaxBlock | Kind::MaxBreaks | Kind::MaxDayLoad => Days::OfCalendar,
            // By `groups`.
            Kind::MaxDays | Kind::MinWorkingDays | Kind::RoomStability => continue,
            pair_kinds!() | each_kinds!() | student_kinds!() => unreachable!("{kind} is not about groups"),
        };
        if row.hard == 0 && subproblem.cost(row) == 0 {
            continue;
        }
        let one_at_a_time = kind == Kind::IsolatedLectures && are_exclusive(subproblem, id);
        // A day that is settled counts only where all days are rounded together.
        let is_rounded = kind.per_week() && row.hard == 0 && subproblem.problem.meta().weeks > 1;
        let mut amounts = Vec::new();
        for day in days::of(subproblem, free, &subproblem.members(id), which) {
            if writer.is_full() {
                return;
            }
            if is_rounded || day.is_open() {
                let mut amount = match kind {
                    Kind::IsolatedLectures => isolated(&day, one_at_a_time, writer),
                    Kind::LunchBreak => lunch(row, &day, writer),
                    Kind::Gaps => gaps(row, &day, writer),
                    Kind::MaxBlock => blocks::long(row, &day, writer),
                    Kind::MaxBreaks => breaks(row, &day, writer),
                    Kind::MaxDayLoad => load(row, &day),
                    Kind::MaxDays | Kind::MinWorkingDays | Kind::RoomStability => continue,
                    pair_kinds!() | each_kinds!() | student_kinds!() => continue,
                };
                if row.hard == 1 {
                    amount.held = fixed::amount(kind, row, &day);
                }
                amounts.push((day.many, amount));
            }
        }
        amounts::charge(subproblem, (kind, row), amounts, writer);
    }
}

/// Whether no two classes of a constraint can be held at the same time, by another constraint that
/// has them all.
fn are_exclusive(subproblem: &Subproblem<'_, '_>, id: ConstraintId) -> bool {
    let problem = subproblem.problem;
    let classes = problem.classes_of(id);
    let has_all = |other: ConstraintId| {
        let others = problem.classes_of(other);
        classes.len() <= others.len() && classes.iter().all(|class| others.contains(class))
    };
    let Some(&first) = classes.first() else { return false };
    subproblem.links.are_slots()
        && subproblem.links.of(ClassId(first)).iter().map(|&other| ConstraintId(other)).any(|other| {
            is_clash(problem.kind_of(other)) && problem.constraints()[other.index()].hard == 1 && has_all(other)
        })
}

/// Classes one slot long with nothing right before or after.
fn isolated(day: &Day, one_at_a_time: bool, writer: &mut Writer) -> Amount {
    let mut slots: BTreeMap<i64, (i64, Vec<BoolVar>)> = BTreeMap::new();
    for attendance in &day.attendances {
        for slot in attendance.from..attendance.to {
            let (fixed, free) = slots.entry(slot).or_default();
            match attendance.var {
                None => *fixed += 1,
                Some(var) => free.push(var),
            }
        }
    }
    let mut amount = Amount::default();
    // What is longer is never alone.
    let singles: BTreeSet<i64> =
        day.attendances.iter().filter(|s| s.to - s.from == 1).map(|attendance| attendance.from).collect();
    for (slot, (fixed, free)) in slots.iter().filter(|(slot, _)| singles.contains(slot)) {
        let beside = || [slot - 1, slot + 1].into_iter().filter_map(|slot| slots.get(&slot));
        let is_undecided = !free.is_empty() || beside().any(|(_, free)| !free.is_empty());
        if beside().any(|(fixed, _)| *fixed > 0) {
            continue;
        }
        if !is_undecided {
            amount.certain += *fixed;
            amount.most += *fixed;
            continue;
        }
        // The smaller, the sharper.
        let most = if one_at_a_time { 1.max(*fixed) } else { fixed + free.len() as i64 };
        let alone = writer.number(most);
        let mut near = LinearExpr::from((1, alone));
        beside().flat_map(|(_, free)| free).for_each(|&var| near += (most, var));
        writer.at_most(sum(free.iter().copied()) + *fixed, near);
        amount.terms.push((1, alone));
        amount.most += most;
    }
    amount
}

/// 1 where somebody is there around noon, and nowhere are enough slots in a row free.
fn lunch(row: &ConstraintRow, day: &Day, writer: &mut Writer) -> Amount {
    let [from, to, least] = row.params.map(i64::from);
    if from >= to || least == 0 {
        return Amount::default();
    }
    let segments = day.segments(&[from, to], writer);
    let noon = || segments.iter().filter(|segment| from <= segment.from && segment.to <= to);
    let lack = writer.boolean();
    // What is free for long enough is so from where something ends, or from the first moment.
    let mut ways_out = vec![lack];
    for first in noon().filter(|first| first.from + least <= to) {
        let stretch = noon().filter(|s| first.from <= s.from && s.from < first.from + least);
        ways_out.extend(nobody(stretch, writer));
    }
    ways_out.extend(nobody(noon(), writer));
    writer.any(ways_out);
    Amount { terms: vec![(1, lack.into())], most: 1, ..Amount::default() }
}

/// Slots from the first start to the last end in which nothing is held.
fn gaps(row: &ConstraintRow, day: &Day, writer: &mut Writer) -> Amount {
    let segments = day.segments(&[], writer);
    let begun = reached(&mut segments.iter(), writer);
    let mut to_come = reached(&mut segments.iter().rev(), writer);
    to_come.reverse();
    let mut amount = Amount { limit: i64::from(row.params[0]), ..Amount::default() };
    for (k, segment) in segments.iter().enumerate() {
        let there = match segment.taken {
            Presence::Always => continue,
            Presence::Never => None,
            Presence::Where(var) => Some(var),
        };
        let idle = writer.boolean();
        writer.any([!begun[k], !to_come[k], idle].into_iter().chain(there));
        amount.terms.push((segment.length(), idle.into()));
        amount.most += segment.length();
    }
    amount
}

/// By segment in this order, a variable that is true where it or one before it is taken.
fn reached(segments: &mut dyn Iterator<Item = &Segment>, writer: &mut Writer) -> Vec<BoolVar> {
    let mut all: Vec<BoolVar> = Vec::new();
    for segment in segments {
        let now = writer.boolean();
        match segment.taken {
            Presence::Never => {}
            Presence::Always => writer.any([now]),
            Presence::Where(var) => writer.implies(var, now),
        }
        all.last().into_iter().for_each(|&before| writer.implies(before, now));
        all.push(now);
    }
    all
}

/// Breaks: something ends, nothing begins soon after, and something comes later.
fn breaks(row: &ConstraintRow, day: &Day, writer: &mut Writer) -> Amount {
    let [allowed, short, _] = row.params.map(i64::from);
    let segments = day.segments(&[], writer);
    let mut to_come = reached(&mut segments.iter().rev(), writer);
    to_come.reverse();
    let mut amount = Amount { limit: allowed, ..Amount::default() };
    for (k, segment) in segments.iter().enumerate().filter(|(_, segment)| segment.taken != Presence::Never) {
        let soon = segments[k + 1..].iter().take_while(|s| s.from <= segment.to + short);
        let later = k + 1 + soon.clone().count();
        if later >= segments.len() || soon.clone().any(|s| s.taken == Presence::Always) {
            continue;
        }
        let begins = writer.boolean();
        let ways_out = soon.filter_map(|s| s.taken.var()).chain([begins, !to_come[later]]);
        writer.any(ways_out.chain(segment.taken.var().map(|var| !var)));
        amount.terms.push((1, begins.into()));
        amount.most += 1;
    }
    amount
}

/// Slots taught; what overlaps counts twice.
fn load(row: &ConstraintRow, day: &Day) -> Amount {
    let mut amount = Amount { limit: i64::from(row.params[0]), ..Amount::default() };
    for attendance in &day.attendances {
        let length = attendance.to - attendance.from;
        match attendance.var {
            Some(var) => amount.terms.push((length, var.into())),
            None => amount.certain += length,
        }
        amount.most += length;
    }
    amount
}
