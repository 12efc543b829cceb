//! Pair constraints between two free classes.

use super::domains::free_ones;
use super::subproblem::{Subproblem, is_clash};
use super::writer::Writer;
use super::{Choice, FreeClass};
use cp_sat::builder::BoolVar;
use std::collections::BTreeMap;
use timetable::{Kind, RoomId, Shape, can_attend_both, pair_holds};

/// Writes what [`clashes`](super::clashes) leaves.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    for (id, kind, row) in subproblem.of_shape(Shape::Pair) {
        if is_clash(kind) && row.hard == 1 {
            continue;
        }
        let numbers: Vec<usize> = free_ones(&subproblem.members(id)).collect();
        for (i, &a) in numbers.iter().enumerate() {
            if writer.is_full() {
                return;
            }
            for &b in &numbers[i + 1..] {
                let (first, second) = (&free[a], &free[b]);
                match kind {
                    Kind::SameRoom => same_room(first, second, (row.hard == 1, subproblem.cost(row)), writer),
                    Kind::DifferentRoom => different_room(first, second, (row.hard == 1, subproblem.cost(row)), writer),
                    Kind::SameAttendees => {
                        attend(subproblem, first, second, (row.hard == 1, subproblem.cost(row)), writer)
                    }
                    _ => {
                        let broken = |x: u32, y: u32| {
                            !pair_holds(
                                subproblem.problem,
                                kind,
                                row.params[0],
                                subproblem.anywhere(x),
                                subproblem.anywhere(y),
                            )
                        };
                        if row.hard == 1 {
                            forbid(first, second, broken, writer);
                        } else {
                            charge(first, second, subproblem.cost(row), broken, writer);
                        }
                    }
                }
            }
        }
    }
}

/// For the times of `a`, those of `b` that break something with them; times that break the same
/// stand together.
fn broken_together(
    a: &FreeClass,
    b: &FreeClass,
    broken: impl Fn(u32, u32) -> bool,
) -> BTreeMap<Vec<usize>, Vec<BoolVar>> {
    let mut groups: BTreeMap<Vec<usize>, Vec<BoolVar>> = BTreeMap::new();
    for mine in &a.times {
        let with: Vec<usize> = (0..b.times.len()).filter(|&k| broken(mine.id, b.times[k].id)).collect();
        if !with.is_empty() {
            groups.entry(with).or_default().push(mine.var);
        }
    }
    groups
}

/// The two may not have times that break something.
pub(super) fn forbid(a: &FreeClass, b: &FreeClass, broken: impl Fn(u32, u32) -> bool, writer: &mut Writer) {
    for (with, mine) in broken_together(a, b, broken) {
        writer.at_most_one(mine.into_iter().chain(with.iter().map(|&k| b.times[k].var)));
    }
}

/// It costs something where the two have times that break something.
pub(super) fn charge(a: &FreeClass, b: &FreeClass, cost: i64, broken: impl Fn(u32, u32) -> bool, writer: &mut Writer) {
    let groups = broken_together(a, b, broken);
    if cost == 0 || groups.is_empty() {
        return;
    }
    let both = writer.boolean();
    writer.charge(both, cost, 1);
    for (with, mine) in groups {
        let theirs: Vec<BoolVar> = with.iter().map(|&k| b.times[k].var).collect();
        writer.at_most_one_unless(&mine, &theirs, both);
    }
}

/// Somebody attends both: their times must leave room for the walk between their rooms.
pub(super) fn attend(
    subproblem: &Subproblem<'_, '_>,
    a: &FreeClass,
    b: &FreeClass,
    (hard, cost): (bool, i64),
    writer: &mut Writer,
) {
    if hard {
        keep_apart(subproblem, a, b, None, writer);
    } else if cost > 0
        && let Some(conflict) = conflict(subproblem, a, b, writer)
    {
        writer.charge(conflict, cost, 1);
    }
}

/// A Boolean that is true where nobody can attend both; `None` where everybody always can.
pub(super) fn conflict(
    subproblem: &Subproblem<'_, '_>,
    a: &FreeClass,
    b: &FreeClass,
    writer: &mut Writer,
) -> Option<BoolVar> {
    let conflict = writer.boolean();
    keep_apart(subproblem, a, b, Some(conflict), writer).then_some(conflict)
}

/// Writes that the two can both be attended, or `both` is true. `false` where that is so wherever
/// they are.
fn keep_apart(
    subproblem: &Subproblem<'_, '_>,
    a: &FreeClass,
    b: &FreeClass,
    both: Option<BoolVar>,
    writer: &mut Writer,
) -> bool {
    let cannot = |x: u32, y: u32| !can_attend_both(subproblem.problem, subproblem.anywhere(x), subproblem.anywhere(y));
    // Slots between two times that can both be attended where the walk is short enough.
    let gap = |x: u32, y: u32| {
        let (s, t) = (subproblem.time(x), subproblem.time(y));
        let gap = (i32::from(t.start) - i32::from(s.end)).max(i32::from(s.start) - i32::from(t.end));
        (!cannot(x, y) && s.shares_day(t) && gap < i32::from(subproblem.links.longest_walk)).then_some(gap)
    };
    let never = broken_together(a, b, cannot);
    let mut gaps: Vec<i32> = Vec::new();
    if subproblem.links.longest_walk > 0 && !a.rooms.is_empty() && !b.rooms.is_empty() {
        gaps.extend(a.times.iter().flat_map(|x| b.times.iter().filter_map(move |y| gap(x.id, y.id))));
        gaps.sort_unstable();
        gaps.dedup();
    }
    if never.is_empty() && gaps.is_empty() {
        return false;
    }
    for (with, mine) in never {
        let theirs: Vec<BoolVar> = with.iter().map(|&k| b.times[k].var).collect();
        match both {
            Some(both) => writer.at_most_one_unless(&mine, &theirs, both),
            None => writer.at_most_one(mine.into_iter().chain(theirs)),
        }
    }
    for spec in gaps {
        let walk = |x: &Choice, y: &Choice| subproblem.problem.travel_between(RoomId(x.id), RoomId(y.id));
        let far =
            |x: &Choice| b.rooms.iter().filter(|y| i32::from(walk(x, y)) > spec).map(|y| y.var).collect::<Vec<_>>();
        let far: Vec<(BoolVar, Vec<BoolVar>)> =
            a.rooms.iter().map(|x| (x.var, far(x))).filter(|(_, far)| !far.is_empty()).collect();
        if far.is_empty() {
            continue;
        }
        let near = writer.boolean();
        for (with, mine) in broken_together(a, b, |x, y| gap(x, y) == Some(spec)) {
            let theirs: Vec<BoolVar> = with.iter().map(|&k| b.times[k].var).collect();
            writer.at_most_one_unless(&mine, &theirs, near);
        }
        for (room, far) in far {
            writer.within_or(room, near, far, both);
        }
    }
    true
}

/// Choices of two classes for the same thing; `None` where only one of them has it.
fn shared<'a>(a: &'a [Choice], b: &'a [Choice]) -> impl Iterator<Item = (Option<BoolVar>, Option<BoolVar>)> + 'a {
    let in_both = a.iter().map(|x| (Some(x.var), b.iter().find(|y| y.id == x.id).map(|y| y.var)));
    in_both.chain(b.iter().filter(|y| !a.iter().any(|x| x.id == y.id)).map(|y| (None, Some(y.var))))
}

/// Two classes break something wherever they are.
fn broken_where_placed(a: &FreeClass, b: &FreeClass, (hard, cost): (bool, i64), writer: &mut Writer) {
    let excuse = (!hard).then(|| writer.boolean());
    if let Some(excuse) = excuse {
        writer.charge(excuse, cost, 1);
    }
    writer.any(excuse.into_iter().chain(a.unplaced).chain(b.unplaced));
}

fn same_room(a: &FreeClass, b: &FreeClass, (hard, cost): (bool, i64), writer: &mut Writer) {
    if a.rooms.is_empty() || b.rooms.is_empty() {
        if a.rooms.is_empty() != b.rooms.is_empty() {
            broken_where_placed(a, b, (hard, cost), writer);
        }
        return;
    }
    let differ = (!hard).then(|| writer.boolean());
    if let Some(differ) = differ {
        writer.charge(differ, cost, 1);
    }
    // A class that is not placed has no room, which breaks nothing.
    let excuses: Vec<BoolVar> = differ.into_iter().chain(a.unplaced).chain(b.unplaced).collect();
    for pair in shared(&a.rooms, &b.rooms) {
        let (Some(x), y) = pair else { continue };
        writer.any(y.into_iter().chain(excuses.iter().copied()).chain([!x]));
    }
    if let (false, Some(differ)) = (a.rooms.iter().any(|x| b.rooms.iter().any(|y| x.id == y.id)), differ) {
        writer.any([differ].into_iter().chain(a.unplaced).chain(b.unplaced));
    }
}

fn different_room(a: &FreeClass, b: &FreeClass, (hard, cost): (bool, i64), writer: &mut Writer) {
    if a.rooms.is_empty() && b.rooms.is_empty() {
        return broken_where_placed(a, b, (hard, cost), writer);
    }
    let same = (!hard).then(|| writer.boolean());
    if let Some(same) = same {
        writer.charge(same, cost, 1);
    }
    for pair in shared(&a.rooms, &b.rooms) {
        if let (Some(x), Some(y)) = pair {
            match same {
                Some(same) => writer.any([!x, !y, same]),
                None => writer.at_most_one([x, y]),
            }
        }
    }
}
