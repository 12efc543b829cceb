//! Constraints that count something for a group of classes, whatever the slots: days, rooms, load.

use super::Free;
use super::domains::{free_ones, held_ones};
use super::scene::{Member, Scene, room_number};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, LinearExpr};
use std::collections::{BTreeMap, BTreeSet};
use timetable::{ConstraintRow, Kind, NONE, Shape};

/// Writes groups of which a free class is a member.
pub(super) fn write(scene: &Scene<'_, '_>, free: &[Free], writer: &mut Writer) {
    for (id, kind, row) in scene.of_shape(Shape::Group) {
        let members = scene.members(id);
        match kind {
            Kind::MaxDays | Kind::MinWorkingDays => days(scene, free, kind, row, &members, writer),
            Kind::RoomStability => stability(scene, free, row, &members, writer),
            Kind::MaxDayLoad => load(scene, free, row, &members, writer),
            _ => {}
        }
    }
}

/// `amount <= limit`, or what is beyond it is charged.
pub(super) fn limit(
    scene: &Scene<'_, '_>,
    row: &ConstraintRow,
    amount: LinearExpr,
    limit: i64,
    most: i64,
    writer: &mut Writer,
) {
    if row.hard == 1 {
        writer.at_most(amount, limit.max(0));
    } else if most > limit && scene.cost(row) > 0 {
        let excess = writer.number(most - limit.min(0));
        writer.charge(excess, scene.cost(row), most);
        writer.at_most(amount, LinearExpr::from((1, excess)) + limit);
    }
}

fn days(
    scene: &Scene<'_, '_>,
    free: &[Free],
    kind: Kind,
    row: &ConstraintRow,
    members: &[Member],
    writer: &mut Writer,
) {
    let held = held_ones(members).fold(0_u16, |days, at| days | scene.time(at.time.0).days);
    let mut used = Vec::new();
    for day in (0..16_u16).filter(|day| held >> day & 1 == 0) {
        let on_day = |class: usize| {
            let times = free[class].times.iter().filter(move |t| scene.time(t.id).days >> day & 1 == 1);
            times.map(|t| t.var).collect::<Vec<BoolVar>>()
        };
        let by_class: Vec<Vec<BoolVar>> = free_ones(members).map(on_day).filter(|vars| !vars.is_empty()).collect();
        if by_class.is_empty() {
            continue;
        }
        let is_used = writer.boolean();
        if kind == Kind::MaxDays {
            by_class.into_iter().for_each(|vars| writer.at_most(sum(vars), sum([is_used])));
        } else {
            writer.at_most(sum([is_used]), sum(by_class.into_iter().flatten()));
        }
        used.push(is_used);
    }
    let (wanted, held) = (i64::from(row.params[0]), i64::from(held.count_ones()));
    if kind == Kind::MaxDays {
        let most = used.len() as i64;
        limit(scene, row, sum(used), wanted - held, most, writer);
    } else if wanted > held {
        let short = writer.number(if row.hard == 1 { 0 } else { wanted - held });
        writer.charge(short, scene.cost(row), wanted - held);
        writer.at_most((wanted - held).into(), sum(used) + LinearExpr::from((1, short)));
    }
}

fn stability(scene: &Scene<'_, '_>, free: &[Free], row: &ConstraintRow, members: &[Member], writer: &mut Writer) {
    let held: BTreeSet<u32> = held_ones(members).map(|at| room_number(at.room)).filter(|&room| room != NONE).collect();
    let mut takers: BTreeMap<u32, Vec<BoolVar>> = BTreeMap::new();
    for room in free_ones(members).flat_map(|class| &free[class].rooms).filter(|room| !held.contains(&room.id)) {
        takers.entry(room.id).or_default().push(room.var);
    }
    let used: Vec<BoolVar> = takers
        .into_values()
        .map(|takers| {
            let used = writer.boolean();
            takers.into_iter().for_each(|taker| writer.implies(taker, used));
            used
        })
        .collect();
    let most = used.len() as i64;
    limit(scene, row, sum(used), 1 - held.len() as i64, most, writer);
}

fn load(scene: &Scene<'_, '_>, free: &[Free], row: &ConstraintRow, members: &[Member], writer: &mut Writer) {
    let weeks = scene.problem.meta().weeks;
    // Weeks and days that are alike are written once.
    let mut alike: BTreeMap<(Vec<(usize, usize)>, i64), i64> = BTreeMap::new();
    for week in 0..weeks {
        for day in 0..scene.problem.meta().days {
            let then = |id: u32| {
                let time = scene.time(id);
                time.weeks >> week & 1 == 1 && time.days >> day & 1 == 1
            };
            let held = held_ones(members).filter(|at| then(at.time.0));
            let held: i64 = held.map(|at| i64::from(scene.time(at.time.0).length())).sum();
            let choices: Vec<(usize, usize)> = free_ones(members)
                .flat_map(|class| (0..free[class].times.len()).map(move |time| (class, time)))
                .filter(|&(class, time)| then(free[class].times[time].id))
                .collect();
            if !choices.is_empty() {
                *alike.entry((choices, held)).or_default() += 1;
            }
        }
    }
    let load = |((choices, held), times): ((Vec<(usize, usize)>, i64), i64)| {
        let (mut amount, mut most) = (LinearExpr::from(held), held);
        for (class, time) in choices {
            let choice = &free[class].times[time];
            let length = i64::from(scene.time(choice.id).length());
            amount += (length, choice.var);
            most += length;
        }
        Load { amount, most, held, times }
    };
    let loads: Vec<Load> = alike.into_iter().map(load).collect();
    match row.hard {
        0 if scene.is_relaxed => cost_in_all(scene, row, loads, writer),
        _ => loads.into_iter().for_each(|load| cost_of_load(scene, row, load, writer)),
    }
}

/// Slots on days that are alike: in all, in all at most, by classes that stay, and how many such days there are.
struct Load {
    amount: LinearExpr,
    most: i64,
    held: i64,
    times: i64,
}

fn cost_of_load(scene: &Scene<'_, '_>, row: &ConstraintRow, load: Load, writer: &mut Writer) {
    let (allowed, weeks) = (i64::from(row.params[0]), i64::from(scene.problem.meta().weeks));
    if row.hard == 1 {
        // What is held may be too much by itself; no more is added to it then.
        writer.at_most(load.amount, allowed.max(load.held));
    } else if load.most > allowed && scene.cost(row) * load.times >= weeks {
        let excess = writer.number(load.most - allowed);
        writer.charge(excess, scene.cost(row) * load.times / weeks, load.most);
        writer.at_most(load.amount, LinearExpr::from((1, excess)) + allowed);
    }
}

/// A soft load as the rules divide it by the weeks: rounded down once for the whole constraint, and then weighted.
fn cost_in_all(scene: &Scene<'_, '_>, row: &ConstraintRow, loads: Vec<Load>, writer: &mut Writer) {
    let (mut all, mut most) = (LinearExpr::default(), 0);
    let allowed = i64::from(row.params[0]);
    for load in loads.into_iter().filter(|load| load.most > allowed) {
        let excess = writer.number(load.most - allowed);
        writer.at_most(load.amount, LinearExpr::from((1, excess)) + allowed);
        let each = load.times * i64::from(row.penalty);
        all += (each, excess);
        most += each * (load.most - allowed);
    }
    let weeks = i64::from(scene.problem.meta().weeks);
    let cost = writer.number(most / weeks);
    writer.charge(cost, i64::from(scene.problem.meta().distribution_weight), most / weeks);
    writer.at_most(all, LinearExpr::from((weeks, cost)) + (weeks - 1));
}
