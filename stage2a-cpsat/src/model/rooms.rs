//! One class at a time in a room, among the free classes.

use super::FreeClass;
use super::domains::UnaryCosts;
use super::subproblem::Subproblem;
use super::writer::Writer;
use cp_sat::builder::BoolVar;
use std::collections::BTreeMap;

/// Writes that no two free classes are in a room at the same time.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], costs: &[UnaryCosts], writer: &mut Writer) {
    if subproblem.links.times_are_apart {
        by_time(free, costs, writer);
    } else {
        by_pair(subproblem, free, writer);
    }
}

/// Where no two times overlap: who takes which room at which time.
fn by_time(free: &[FreeClass], costs: &[UnaryCosts], writer: &mut Writer) {
    let mut takers: BTreeMap<(u32, u32), Vec<(BoolVar, BoolVar)>> = BTreeMap::new();
    for (class, costs) in free.iter().zip(costs) {
        for room in &class.rooms {
            let blocked = &costs.blocked[usize::from(room.position)];
            for time in class.times.iter().filter(|t| blocked.binary_search(&t.position).is_err()) {
                takers.entry((time.id, room.id)).or_default().push((time.var, room.var));
            }
        }
    }
    for takers in takers.into_values().filter(|takers| takers.len() > 1) {
        let taken: Vec<BoolVar> = takers
            .into_iter()
            .map(|(time, room)| {
                let both = writer.boolean();
                writer.any([!time, !room, both]);
                both
            })
            .collect();
        writer.at_most_one(taken);
    }
}

/// For each pair that could meet: whether their times overlap, and then no room is theirs.
fn by_pair(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    for (i, a) in free.iter().enumerate() {
        if writer.is_full() {
            return;
        }
        for b in &free[i + 1..] {
            let rooms: Vec<(BoolVar, BoolVar)> =
                a.rooms.iter().filter_map(|x| b.rooms.iter().find(|y| y.id == x.id).map(|y| (x.var, y.var))).collect();
            if rooms.is_empty() {
                continue;
            }
            let mut met = Vec::new();
            for x in &a.times {
                let with: Vec<BoolVar> = b
                    .times
                    .iter()
                    .filter(|y| subproblem.time(x.id).overlaps(subproblem.time(y.id)))
                    .map(|y| y.var)
                    .collect();
                if !with.is_empty() {
                    met.push((x.var, with));
                }
            }
            if met.is_empty() {
                continue;
            }
            let conflict = writer.boolean();
            for (x, with) in met {
                writer.at_most_one_unless(&with, &[x], conflict);
            }
            for (x, y) in rooms {
                writer.any([!x, !y, !conflict]);
            }
        }
    }
}
