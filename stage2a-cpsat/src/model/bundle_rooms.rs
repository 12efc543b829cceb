//! Rooms where times are single slots and classes that are alike are one: counted, or given.

use super::FreeClass;
use super::domains::{self, UnaryCosts};
use super::groups;
use super::subproblem::Subproblem;
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, IntVar, LinearExpr};
use std::collections::{BTreeMap, BTreeSet};
use timetable::{ConstraintId, Kind};

/// The rooms of a bundle.
pub(super) struct BundleRooms {
    /// By room, what it costs, and the times (positions) at which it cannot be had.
    rooms: Vec<(Option<i64>, Vec<u16>)>,
}

impl BundleRooms {
    pub(super) fn of(costs: &mut UnaryCosts, by_slots: bool) -> BundleRooms {
        if !by_slots {
            return BundleRooms { rooms: Vec::new() };
        }
        let rooms = std::mem::take(&mut costs.rooms).into_iter().zip(std::mem::take(&mut costs.blocked)).collect();
        costs.together.clear();
        BundleRooms { rooms }
    }
}

/// Lectures of a bundle in one room: how many, and when.
struct Share {
    room: u32,
    many: IntVar,
    takers: Vec<BoolVar>,
}

/// Every class in one room at its time, every room for one class; what it costs to have several
/// rooms, and how much of that is `left`.
pub(super) fn give(
    subproblem: &Subproblem<'_, '_>,
    free: &[FreeClass],
    bundle_rooms: &[BundleRooms],
    left: Option<i64>,
    writer: &mut Writer,
) {
    let mut takers: BTreeMap<(u32, u32), Vec<BoolVar>> = BTreeMap::new();
    let mut shares: Vec<Vec<Share>> = Vec::new();
    for (bundle, bundle_rooms) in free.iter().zip(bundle_rooms) {
        let mut of_room: BTreeMap<u32, (i64, Vec<BoolVar>)> = BTreeMap::new();
        let options = subproblem.problem.rooms_of(bundle.class);
        for time in bundle.times.iter().filter(|_| !bundle_rooms.rooms.is_empty()) {
            let mut here = Vec::new();
            for (option, (cost, blocked)) in options.iter().zip(&bundle_rooms.rooms) {
                let Some(cost) = cost.filter(|_| blocked.binary_search(&time.position).is_err()) else { continue };
                let taken = writer.boolean();
                takers.entry((time.id, option.room)).or_default().push(taken);
                let share = of_room.entry(option.room).or_insert((cost, Vec::new()));
                // A room that stands there twice is the cheaper of the two.
                share.0 = share.0.min(cost);
                share.1.push(taken);
                here.push(taken);
            }
            writer.model.add_eq(sum(here), time.var);
        }
        let share = |(room, (cost, takers)): (u32, (i64, Vec<BoolVar>))| {
            let most = takers.len().min(bundle.count) as i64;
            let many = writer.number(most);
            writer.charge(many, cost, most);
            writer.model.add_eq(sum(takers.iter().copied()), many);
            Share { room, many, takers }
        };
        shares.push(of_room.into_iter().map(share).collect());
    }
    fill(free, &shares, &takers, writer);
    takers.into_values().filter(|takers| takers.len() > 1).for_each(|takers| writer.at_most_one(takers));
    stay(subproblem, &shares, left, writer);
}

/// How much there is room for. All of it follows from what else is said, and is seen sooner.
fn fill(free: &[FreeClass], shares: &[Vec<Share>], takers: &BTreeMap<(u32, u32), Vec<BoolVar>>, writer: &mut Writer) {
    let (mut open, mut rooms): (BTreeMap<u32, i64>, BTreeMap<u32, i64>) = Default::default();
    for &(time, room) in takers.keys() {
        *open.entry(room).or_default() += 1;
        *rooms.entry(time).or_default() += 1;
    }
    let (mut of_room, mut at): (BTreeMap<u32, LinearExpr>, BTreeMap<u32, Vec<BoolVar>>) = Default::default();
    for (bundle, shares) in free.iter().zip(shares).filter(|(_, shares)| !shares.is_empty()) {
        let mut all = LinearExpr::default();
        for share in shares {
            all += (1, share.many);
            *of_room.entry(share.room).or_default() += (1, share.many);
        }
        writer.model.add_eq(all, bundle.count as i64);
        bundle.times.iter().for_each(|time| at.entry(time.id).or_default().push(time.var));
    }
    of_room.into_iter().for_each(|(room, all)| writer.at_most(all, open[&room]));
    for (time, vars) in at {
        if vars.len() as i64 > rooms.get(&time).copied().unwrap_or(0) {
            writer.at_most(sum(vars), rooms.get(&time).copied().unwrap_or(0));
        }
    }
}

/// Bundles that shall stay in one room.
fn stay(subproblem: &Subproblem<'_, '_>, shares: &[Vec<Share>], left: Option<i64>, writer: &mut Writer) {
    let ids = subproblem.classes.iter().flat_map(|&class| subproblem.links.of(class)).map(|&id| ConstraintId(id));
    let ids: BTreeSet<ConstraintId> = ids.filter(|&id| subproblem.problem.kind_of(id) == Kind::RoomStability).collect();
    let mut changes = LinearExpr::default();
    for id in ids {
        let row = &subproblem.problem.constraints()[id.index()];
        let mut used: BTreeMap<u32, BoolVar> = BTreeMap::new();
        for share in domains::free_ones(&subproblem.members(id)).flat_map(|number| &shares[number]) {
            let used = *used.entry(share.room).or_insert_with(|| writer.boolean());
            share.takers.iter().for_each(|&taker| writer.implies(taker, used));
            writer.at_most(LinearExpr::from((1, share.many)), LinearExpr::from((share.takers.len() as i64, used)));
        }
        let most = used.len() as i64;
        let several = sum(used.into_values());
        match left {
            _ if row.hard == 1 || most < 2 || subproblem.cost(row) == 0 => {
                groups::limit(subproblem, row, several, 1, most, writer);
            }
            Some(left) if left < subproblem.cost(row) => writer.at_most(several, 1),
            _ => {
                let excess = writer.number(most - 1);
                writer.charge(excess, subproblem.cost(row), most);
                writer.at_most(several, LinearExpr::from((1, excess)) + 1);
                changes += (subproblem.cost(row), excess);
            }
        }
    }
    if let Some(left) = left {
        writer.at_most(changes, left);
    }
}

/// At each time no more classes than rooms. Where all classes agree which rooms are better, also
/// for the better ones alone: who has to take a worse room pays what it is worse.
pub(super) fn count(
    subproblem: &Subproblem<'_, '_>,
    free: &[FreeClass],
    bundle_rooms: &[BundleRooms],
    writer: &mut Writer,
) {
    for (bundle, bundle_rooms) in free.iter().zip(bundle_rooms) {
        let least = bundle_rooms.rooms.iter().filter_map(|(cost, _)| *cost).min().unwrap_or(0);
        writer.certain(least * bundle.count as i64);
    }
    let roomed: Vec<usize> = (0..free.len()).filter(|&k| !bundle_rooms[k].rooms.is_empty()).collect();
    let mut at: BTreeMap<u32, Vec<(usize, BoolVar)>> = BTreeMap::new();
    for &k in &roomed {
        free[k].times.iter().for_each(|time| at.entry(time.id).or_default().push((k, time.var)));
    }
    let costs: Vec<BTreeMap<u32, i64>> =
        (0..free.len()).map(|k| costs(subproblem, &free[k], &bundle_rooms[k])).collect();
    let order = order(&roomed.iter().map(|&k| &costs[k]).collect::<Vec<_>>());
    let all: BTreeSet<u32> = roomed.iter().flat_map(|&k| costs[k].keys().copied()).collect();
    for takers in at.into_values() {
        if takers.len() > all.len() {
            writer.at_most(sum(takers.iter().map(|t| t.1)), all.len() as i64);
        }
        // From the worst room on: how many better ones there are, and who would gain by them.
        for (k, pair) in order.iter().flat_map(|order| order.windows(2)).enumerate() {
            let better = all.len() - k - 1;
            let rise = |class: usize| match (costs[class].get(&pair[0]), costs[class].get(&pair[1])) {
                (Some(worse), Some(good)) if worse > good => Some(Some(worse - good)),
                (None, Some(_)) => Some(None),
                _ => None,
            };
            let keen: Vec<(BoolVar, Option<i64>)> =
                takers.iter().filter_map(|&(class, var)| rise(class).map(|rise| (var, rise))).collect();
            if keen.len() <= better {
                continue;
            }
            let mut most = LinearExpr::from(better as i64);
            for &(var, rise) in &keen {
                if let Some(rise) = rise {
                    let worse = writer.boolean();
                    writer.charge(worse, rise, 1);
                    writer.implies(worse, var);
                    most += (1, worse);
                }
            }
            writer.at_most(sum(keen.iter().map(|k| k.0)), most);
        }
    }
}

/// What a bundle's rooms cost, whenever.
fn costs(subproblem: &Subproblem<'_, '_>, bundle: &FreeClass, bundle_rooms: &BundleRooms) -> BTreeMap<u32, i64> {
    let options = subproblem.problem.rooms_of(bundle.class).iter().zip(&bundle_rooms.rooms);
    let mut costs: BTreeMap<u32, i64> = BTreeMap::new();
    for (room, cost) in options.filter_map(|(option, (cost, _))| Some((option.room, (*cost)?))) {
        let least = costs.entry(room).or_insert(cost);
        *least = cost.min(*least);
    }
    costs
}

/// Rooms from the worst to the best for every class, where there is such an order.
fn order(costs: &[&BTreeMap<u32, i64>]) -> Option<Vec<u32>> {
    const IMPOSSIBLE: i64 = 1 << 40;
    let mut rooms: Vec<u32> = costs.iter().flat_map(|c| c.keys().copied()).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let cost = |c: &BTreeMap<u32, i64>, room: u32| c.get(&room).copied().unwrap_or(IMPOSSIBLE);
    let sums: BTreeMap<u32, i128> =
        rooms.iter().map(|&room| (room, costs.iter().map(|c| i128::from(cost(c, room))).sum())).collect();
    rooms.sort_by_key(|room| (std::cmp::Reverse(sums[room]), *room));
    let falls = |c: &&BTreeMap<u32, i64>| rooms.windows(2).all(|pair| cost(c, pair[0]) >= cost(c, pair[1]));
    costs.iter().all(falls).then_some(rooms)
}
