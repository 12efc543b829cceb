//! Constraints that count something for a group of classes, whenever on a day: days, rooms.

use super::FreeClass;
use super::domains::{free_ones, held_ones};
use super::subproblem::{Member, Subproblem, room_number};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, LinearExpr};
use std::collections::{BTreeMap, BTreeSet};
use timetable::{ConstraintRow, Kind, NONE, Shape, each_kinds, pair_kinds, student_kinds};

/// Writes groups of which a free class is a member.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    for (id, kind, row) in subproblem.of_shape(Shape::Group) {
        let members = subproblem.members(id);
        match kind {
            Kind::MaxDays | Kind::MinWorkingDays => days(subproblem, free, kind, row, &members, writer),
            Kind::RoomStability => stability(subproblem, free, row, &members, writer),
            // By `occupancy`.
            Kind::MaxDayLoad
            | Kind::MaxBreaks
            | Kind::MaxBlock
            | Kind::IsolatedLectures
            | Kind::LunchBreak
            | Kind::Gaps => {}
            pair_kinds!() | each_kinds!() | student_kinds!() => unreachable!("{kind} is not about groups"),
        }
    }
}

/// `amount <= limit`, or what is beyond it is charged.
pub(super) fn limit(
    subproblem: &Subproblem<'_, '_>,
    row: &ConstraintRow,
    amount: LinearExpr,
    limit: i64,
    most: i64,
    writer: &mut Writer,
) {
    if row.hard == 1 {
        writer.at_most(amount, limit.max(0));
    } else if most > limit && subproblem.cost(row) > 0 {
        let excess = writer.number(most - limit.min(0));
        writer.charge(excess, subproblem.cost(row), most);
        writer.at_most(amount, LinearExpr::from((1, excess)) + limit);
    }
}

fn days(
    subproblem: &Subproblem<'_, '_>,
    free: &[FreeClass],
    kind: Kind,
    row: &ConstraintRow,
    members: &[Member],
    writer: &mut Writer,
) {
    let held = held_ones(members).fold(0_u16, |days, at| days | subproblem.time(at.time.0).days);
    let mut used = Vec::new();
    for day in (0..16_u16).filter(|day| held >> day & 1 == 0) {
        let on_day = |class: usize| {
            let times = free[class].times.iter().filter(move |t| subproblem.time(t.id).days >> day & 1 == 1);
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
        limit(subproblem, row, sum(used), wanted - held, most, writer);
    } else if wanted > held {
        let short = writer.number(if row.hard == 1 { 0 } else { wanted - held });
        writer.charge(short, subproblem.cost(row), wanted - held);
        writer.at_most((wanted - held).into(), sum(used) + LinearExpr::from((1, short)));
    }
}

fn stability(
    subproblem: &Subproblem<'_, '_>,
    free: &[FreeClass],
    row: &ConstraintRow,
    members: &[Member],
    writer: &mut Writer,
) {
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
    limit(subproblem, row, sum(used), 1 - held.len() as i64, most, writer);
}
