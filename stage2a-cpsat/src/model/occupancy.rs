//! Constraints that look at which slots of a day a group of classes takes, where every time is a single slot.

use super::Free;
use super::domains::{free_ones, held_ones};
use super::groups::limit;
use super::scene::{Member, Scene, is_clash};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, LinearExpr};
use timetable::{ClassId, ConstraintId, ConstraintRow, Kind, Shape};

/// Who takes a slot.
#[derive(Clone, Debug, Default)]
struct Slot {
    held: i64,
    free: Vec<BoolVar>,
}

/// Writes groups of which a free class is a member.
pub(super) fn write(scene: &Scene<'_, '_>, free: &[Free], writer: &mut Writer) {
    if !scene.links.times_are_slots {
        return;
    }
    for (id, kind, row) in scene.of_shape(Shape::Group) {
        let wanted = [Kind::IsolatedLectures, Kind::LunchBreak, Kind::Gaps, Kind::MaxBlock, Kind::MaxBreaks];
        if !wanted.contains(&kind) {
            continue;
        }
        let one_at_a_time = kind == Kind::IsolatedLectures && are_exclusive(scene, id);
        for day in days(scene, free, &scene.members(id)) {
            if day.iter().any(|slot| !slot.free.is_empty()) {
                match kind {
                    Kind::IsolatedLectures => isolated(scene, row, &day, one_at_a_time, writer),
                    Kind::LunchBreak => lunch(scene, row, &day, writer),
                    Kind::Gaps => gaps(scene, row, &day, writer),
                    Kind::MaxBlock => blocks(scene, row, &day, writer),
                    _ => breaks(scene, row, &day, writer),
                }
            }
        }
    }
}

/// By day and slot, who is held there and who could be.
fn days(scene: &Scene<'_, '_>, free: &[Free], members: &[Member]) -> Vec<Vec<Slot>> {
    let meta = scene.problem.meta();
    let mut days = vec![vec![Slot::default(); meta.slots as usize]; meta.days as usize];
    let place = |id: u32| {
        let time = scene.time(id);
        (time.days.trailing_zeros() as usize, usize::from(time.start))
    };
    for at in held_ones(members) {
        let (day, slot) = place(at.time.0);
        days[day][slot].held += 1;
    }
    for class in free_ones(members) {
        for time in &free[class].times {
            let (day, slot) = place(time.id);
            days[day][slot].free.push(time.var);
        }
    }
    days
}

/// A Boolean that is true where anyone is in the slot; `Err` where that is certain.
fn taken(slot: &Slot, writer: &mut Writer) -> Result<Option<BoolVar>, ()> {
    if slot.held > 0 {
        return Err(());
    }
    Ok((!slot.free.is_empty()).then(|| {
        let taken = writer.boolean();
        slot.free.iter().for_each(|&var| writer.implies(var, taken));
        taken
    }))
}

/// A slot's share of a sum: its variable, or 1 where it is certainly taken.
fn add(expr: &mut LinearExpr, slot: &Result<Option<BoolVar>, ()>) {
    match slot {
        Ok(Some(var)) => *expr += (1, *var),
        Ok(None) => {}
        Err(()) => *expr += 1,
    }
}

/// Whether no two classes of a constraint can be held at the same time, by another constraint that has them all.
fn are_exclusive(scene: &Scene<'_, '_>, id: ConstraintId) -> bool {
    let problem = scene.problem;
    let classes = problem.classes_of(id);
    let has_all = |other: ConstraintId| {
        let others = problem.classes_of(other);
        classes.len() <= others.len() && classes.iter().all(|class| others.contains(class))
    };
    let Some(&first) = classes.first() else { return false };
    scene.links.times_are_apart
        && scene.links.of(ClassId(first)).iter().map(|&other| ConstraintId(other)).any(|other| {
            is_clash(problem.kind_of(other)) && problem.constraints()[other.index()].hard == 1 && has_all(other)
        })
}

fn isolated(scene: &Scene<'_, '_>, row: &ConstraintRow, day: &[Slot], one_at_a_time: bool, writer: &mut Writer) {
    for (k, slot) in day.iter().enumerate() {
        let beside: Vec<&Slot> =
            [k.checked_sub(1), Some(k + 1)].into_iter().flatten().filter_map(|k| day.get(k)).collect();
        let undecided = !slot.free.is_empty() || (slot.held > 0 && beside.iter().any(|s| !s.free.is_empty()));
        if !undecided || beside.iter().any(|s| s.held > 0) {
            continue;
        }
        // The smaller, the sharper.
        let most = if one_at_a_time { slot.held.max(1) } else { slot.held + slot.free.len() as i64 };
        let alone = writer.number(most);
        if row.hard == 1 {
            writer.at_most(LinearExpr::from((1, alone)), 0);
        } else {
            writer.charge(alone, scene.cost(row), most);
        }
        let mut near = LinearExpr::from((1, alone));
        beside.iter().flat_map(|s| &s.free).for_each(|&var| near += (most, var));
        writer.at_most(sum(slot.free.iter().copied()) + slot.held, near);
    }
}

fn lunch(scene: &Scene<'_, '_>, row: &ConstraintRow, day: &[Slot], writer: &mut Writer) {
    let [from, to, least] = row.params.map(|p| p as usize);
    if from >= to || least == 0 {
        return;
    }
    // After the end of the day nothing is held.
    let at = |k: usize, writer: &mut Writer| day.get(k).map_or(Ok(None), |slot| taken(slot, writer));
    let slots: Vec<_> = (from..to.min(day.len() + least)).map(|k| at(k, writer)).collect();
    let mut free_times = Vec::new();
    for window in slots.windows(least).filter(|window| window.iter().all(Result::is_ok)) {
        let is_free = writer.boolean();
        for slot in window.iter().flatten().flatten() {
            writer.at_most_one([is_free, *slot]);
        }
        free_times.push(is_free);
    }
    // One stretch is free, or nobody is here at all.
    let none = writer.boolean();
    for slot in &slots {
        match slot {
            Ok(Some(var)) => writer.at_most_one([none, *var]),
            Ok(None) => {}
            Err(()) => writer.any([!none]),
        }
    }
    let lack = (row.hard == 0).then(|| writer.boolean());
    if let Some(lack) = lack {
        writer.charge(lack, scene.cost(row), 1);
    }
    writer.any(free_times.into_iter().chain([none]).chain(lack));
}

fn gaps(scene: &Scene<'_, '_>, row: &ConstraintRow, day: &[Slot], writer: &mut Writer) {
    let slots: Vec<_> = day.iter().map(|slot| taken(slot, writer)).collect();
    let reached = |order: &mut dyn Iterator<Item = usize>, writer: &mut Writer| {
        let mut reached: Vec<Option<BoolVar>> = vec![None; slots.len()];
        let mut last: Option<BoolVar> = None;
        let mut certain = false;
        for k in order {
            certain |= slots[k].is_err();
            let now = writer.boolean();
            if certain {
                writer.any([now]);
            }
            last.iter().chain(slots[k].iter().flatten()).for_each(|&before| writer.implies(before, now));
            reached[k] = Some(now);
            last = Some(now);
        }
        reached
    };
    let begun = reached(&mut (0..slots.len()), writer);
    let to_come = reached(&mut (0..slots.len()).rev(), writer);
    let mut amount = LinearExpr::default();
    for k in 0..slots.len() {
        let idle = writer.boolean();
        let mut left = sum(begun[k].into_iter().chain(to_come[k]));
        left += -1;
        let mut right = sum([idle]);
        // Whoever is really there, not the mark that may be set without: so idle is not bought off.
        match &slots[k] {
            Ok(Some(_)) => day[k].free.iter().for_each(|&var| right += (1, var)),
            Ok(None) => {}
            Err(()) => right += 1,
        }
        writer.at_most(left, right);
        amount += (1, idle);
    }
    limit(scene, row, amount, i64::from(row.params[0]), slots.len() as i64, writer);
}

/// Blocks longer than allowed: where breaks inside a block have no slot, as many slots in a row as are too many.
fn blocks(scene: &Scene<'_, '_>, row: &ConstraintRow, day: &[Slot], writer: &mut Writer) {
    let [most, gap, _] = row.params.map(|p| p as usize);
    if gap > 0 {
        return;
    }
    let slots: Vec<_> = day.iter().map(|slot| taken(slot, writer)).collect();
    let too_long = (row.hard == 0).then(|| writer.boolean());
    if let Some(too_long) = too_long {
        writer.charge(too_long, scene.cost(row), 1);
    }
    for window in slots.windows(most.max(1) + 1) {
        let mut amount = LinearExpr::default();
        window.iter().for_each(|slot| add(&mut amount, slot));
        writer.at_most(amount, sum(too_long) + most as i64);
    }
}

/// Breaks beyond those allowed: a break begins where a slot is taken, none of the next few is, and something comes later.
fn breaks(scene: &Scene<'_, '_>, row: &ConstraintRow, day: &[Slot], writer: &mut Writer) {
    let [allowed, short, _] = row.params.map(|p| p as usize);
    let slots: Vec<_> = day.iter().map(|slot| taken(slot, writer)).collect();
    let mut amount = LinearExpr::default();
    for k in 0..slots.len() {
        let Some(later) = slots.get(k + short + 2..) else { break };
        for far in 0..later.len() {
            // From slot `k` to slot `k + short + 2 + far`, with nothing between.
            let begins = writer.boolean();
            let mut ends = LinearExpr::default();
            add(&mut ends, &slots[k]);
            add(&mut ends, &later[far]);
            ends += -1;
            let between = &day[k + 1..k + short + 2 + far];
            if between.iter().any(|slot| slot.held > 0) {
                continue;
            }
            let mut right = sum([begins]);
            between.iter().flat_map(|slot| &slot.free).for_each(|&var| right += (1, var));
            writer.at_most(ends, right);
            amount += (1, begins);
        }
    }
    limit(scene, row, amount, allowed as i64, slots.len() as i64, writer);
}
