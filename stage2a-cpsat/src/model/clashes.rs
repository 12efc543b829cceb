//! Classes that must not overlap: by teacher, by curriculum, by decree.

use super::FreeClass;
use super::domains::free_ones;
use super::pairs;
use super::subproblem::{Subproblem, is_clash};
use super::writer::Writer;
use cp_sat::builder::BoolVar;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use timetable::Shape;

/// Writes hard clashes: where no two times overlap, at most one class of a constraint at each time,
/// otherwise pair by pair.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    let hard = subproblem.of_shape(Shape::Pair).filter(|(_, kind, row)| is_clash(*kind) && row.hard == 1);
    let lists = hard.map(|(id, ..)| free_ones(&subproblem.members(id)).collect::<Vec<usize>>());
    let mut seen = FxHashSet::default();
    let mut pairs_seen = FxHashSet::default();
    for mut list in lists.filter(|list| list.len() > 1) {
        list.sort_unstable();
        if !seen.insert(list.clone()) {
            continue;
        }
        if subproblem.links.times_are_apart {
            one_at_a_time(free, &list, writer);
            continue;
        }
        for (i, &a) in list.iter().enumerate() {
            if writer.is_full() {
                return;
            }
            for &b in &list[i + 1..] {
                if pairs_seen.insert((a, b)) {
                    pairs::forbid(&free[a], &free[b], |x, y| subproblem.time(x).overlaps(subproblem.time(y)), writer);
                }
            }
        }
    }
}

fn one_at_a_time(free: &[FreeClass], list: &[usize], writer: &mut Writer) {
    let mut at: BTreeMap<u32, Vec<BoolVar>> = BTreeMap::new();
    for time in list.iter().flat_map(|&class| &free[class].times) {
        at.entry(time.id).or_default().push(time.var);
    }
    at.into_values().filter(|vars| vars.len() > 1).for_each(|vars| writer.at_most_one(vars));
}
