//! Classes that may not overlap, and too few slots for them: a teacher with more sessions than free
//! slots. Counts are those of one week.

use super::days::lines;
use super::grid::{Grid, Week, held_in, least, slots};
use super::matching::{Crowd, crowd};
use super::{Check, Finding, Findings, Severity, WORK_MAX};
use crate::words::some_of;
use fixedbitset::FixedBitSet;
use timetable::{ClassId, ConstraintId, Kind, Problem};

/// Slots that are named one by one.
const MOST_SLOTS: usize = 4;

/// Kinds of which no two classes may overlap.
pub(super) fn is_apart(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::TeacherClash | Kind::CurriculumClash | Kind::NotOverlap | Kind::SameAttendees | Kind::DifferentTime
    )
}

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let grid = Grid::new(problem);
    let mut work = 0;
    for id in all.hard() {
        let kind = problem.kind_of(id);
        if work > WORK_MAX || !(is_apart(kind) || kind == Kind::MaxDayLoad) {
            continue;
        }
        let classes = all.members(id);
        if classes.len() < 2 {
            continue;
        }
        if kind == Kind::MaxDayLoad {
            let told = too_loaded(all, &grid, id, &classes, &mut work);
            told.into_iter().for_each(|finding| all.add(finding));
        } else if !all.has_within(Check::Clash, &classes) {
            // Two that clash by themselves are told already.
            if let Some((week, found)) = crowded(problem, &grid, &classes, &mut work) {
                let finding = told(all, &grid, id, &classes, week, &found);
                all.add(finding);
            } else if let Some((needed, there)) = crowded_in_all(problem, &grid, &classes, &mut work) {
                let finding = told_of_all(all, id, &classes, needed, there);
                all.add(finding);
            }
        }
    }
}

/// The slots that a class can take in a week.
fn cells(problem: &Problem, grid: &Grid, class: ClassId, week: Week, work: &mut u64) -> FixedBitSet {
    let mut cells = grid.empty();
    for t in held_in(problem, class, week) {
        grid.set(&mut cells, t, true);
        *work += 1 + u64::from(t.days.count_ones());
    }
    cells
}

/// A week in which classes that may not overlap need more slots than they can have.
pub(super) fn crowded(problem: &Problem, grid: &Grid, classes: &[u32], work: &mut u64) -> Option<(Week, Crowd)> {
    grid.weeks.iter().find_map(|&week| {
        let item = |&c: &u32| {
            let class = ClassId(c);
            let need = least(problem, class, week, slots);
            let cells = if need > 0 { cells(problem, grid, class, week, work) } else { grid.empty() };
            (need as u32, cells)
        };
        let items: Vec<(u32, FixedBitSet)> = classes.iter().map(item).collect();
        *work += items.len() as u64;
        (*work < WORK_MAX).then(|| crowd(&items, work, WORK_MAX)).flatten().map(|found| (week, found))
    })
}

/// The same over all weeks, for classes that can be held in one week or another: slots needed, and
/// slots there are.
fn crowded_in_all(problem: &Problem, grid: &Grid, classes: &[u32], work: &mut u64) -> Option<(u64, u64)> {
    if grid.weeks.len() < 2 {
        return None;
    }
    let of = |&c: &u32| {
        let times = problem.times_of(ClassId(c)).iter().map(|o| &problem.times()[o.time as usize]);
        times.map(|t| slots(t) * u64::from(t.weeks.count_ones())).min().unwrap_or(0)
    };
    let needed: u64 = classes.iter().map(of).sum();
    let mut there = 0;
    for &week in &grid.weeks {
        let mut open = grid.empty();
        for &c in classes {
            for t in held_in(problem, ClassId(c), week) {
                *work += 1 + u64::from(t.days.count_ones());
                grid.set(&mut open, t, true);
            }
        }
        there += open.count_ones(..) as u64 * u64::from(week.bits.count_ones());
        if there >= needed || *work > WORK_MAX {
            return None;
        }
    }
    (there < needed).then_some((needed, there))
}

/// Whose classes they are: `teacher ann (teachers.csv:2)`, with the verb that follows.
fn whose(all: &Findings<'_>, id: ConstraintId) -> String {
    let words = all.words;
    match (all.problem().kind_of(id), words.owner(id)) {
        (Kind::TeacherClash | Kind::MaxDayLoad, Some(name)) => format!("teacher {}", words.teacher(&name)),
        (Kind::CurriculumClash, Some(name)) => format!("curriculum {name}"),
        (Kind::NotOverlap, Some(name)) if words.is_tables() => format!("section {name}"),
        _ => words.constraint(id),
    }
}

/// `17 sessions`, or `9 sessions that take 17 slots`.
fn counted(all: &Findings<'_>, n: usize, slots: u64) -> String {
    let sessions = all.words.sessions(n as u64);
    if n as u64 == slots { format!("{n} {sessions}") } else { format!("{n} {sessions} that take {slots} slots") }
}

fn remedy(all: &Findings<'_>, id: ConstraintId, excess: u64) -> String {
    let n = if excess == 1 { "1 slot".to_owned() } else { format!("{excess} slots") };
    match all.problem().kind_of(id) {
        Kind::TeacherClash if all.words.is_tables() => format!(
            "Maybe let somebody else teach what takes {n} (`teachers` of a course), or free as many of their slots (`unavailable`)"
        ),
        _ => format!("Maybe allow {n} more for them, or take classes out of the rule"),
    }
}

fn told(all: &Findings<'_>, grid: &Grid, id: ConstraintId, classes: &[u32], week: Week, found: &Crowd) -> Finding {
    let words = all.words;
    let whose = whose(all, id);
    let inside: Vec<ClassId> = found.items.iter().map(|&i| ClassId(classes[i])).collect();
    let there = found.cells.count_ones(..) as u64;
    let n = counted(all, inside.len(), found.needed);
    let every = words.every(&inside, week.one);
    let slot = |cell: usize| {
        let (day, slot) = grid.day_and_slot(cell);
        words.slot(day, slot)
    };
    let named: Vec<String> = found.cells.ones().take(MOST_SLOTS).map(slot).collect();
    let which = if there as usize <= MOST_SLOTS && there > 0 {
        format!(": {}", some_of(named.into_iter()))
    } else {
        String::new()
    };
    let slots_there = if there == 1 { "1 slot".to_owned() } else { format!("{there} slots") };
    let mut places = words.places_of(&inside);
    let text = if inside.len() == classes.len() {
        let are = if there == 1 { "is" } else { "are" };
        format!("{whose} has {n}{every}, and there {are} {slots_there} in which they can be held{which}")
    } else {
        let list = words.classes(&inside) + &lines(&places);
        format!("{whose} has {n}{every} ({list}) that can only be held in {slots_there}{which}")
    };
    places.extend(words.owner(id).and_then(|name| words.place_of_teacher(&name)));
    Finding {
        severity: Severity::Error,
        check: Check::Slots,
        rule: words.rule(all.problem().kind_of(id)).to_owned(),
        classes: inside,
        places,
        text,
        remedy: remedy(all, id, found.needed - there),
    }
}

fn told_of_all(all: &Findings<'_>, id: ConstraintId, classes: &[u32], needed: u64, there: u64) -> Finding {
    let words = all.words;
    let list: Vec<ClassId> = classes.iter().map(|&c| ClassId(c)).collect();
    let whose = whose(all, id);
    let n = counted(all, list.len(), needed);
    Finding {
        severity: Severity::Error,
        check: Check::Slots,
        rule: words.rule(all.problem().kind_of(id)).to_owned(),
        places: words.places_of(&list),
        text: format!("{whose} has {n} over all weeks, and there are {there} slots in which they can be held"),
        remedy: remedy(all, id, needed - there),
        classes: list,
    }
}

/// More slots of classes than the days allow together.
fn too_loaded(all: &Findings<'_>, grid: &Grid, id: ConstraintId, classes: &[u32], work: &mut u64) -> Option<Finding> {
    let (words, problem) = (all.words, all.problem());
    let most = u64::from(problem.constraints()[id.index()].params[0]);
    // A limit shorter than a session is told already: this would follow from it.
    let shortest =
        |&c: &u32| problem.times_of(ClassId(c)).iter().map(|o| problem.times()[o.time as usize].length()).min();
    let is_told = all.list.iter().any(|f| f.check == Check::Limit && f.is_error());
    if is_told && classes.iter().filter_map(shortest).any(|length| u64::from(length) > most) {
        return None;
    }
    let found = grid.weeks.iter().find_map(|&week| {
        let needs: Vec<u64> = classes.iter().map(|&c| least(problem, ClassId(c), week, slots)).collect();
        let days = classes.iter().flat_map(|&c| held_in(problem, ClassId(c), week)).fold(0u16, |d, t| {
            *work += 1;
            d | t.days
        });
        let (needed, days) = (needs.iter().sum::<u64>(), u64::from(days.count_ones()));
        (needed > days * most).then_some((week, needed, days))
    });
    let (week, needed, days) = found?;
    let inside: Vec<ClassId> =
        classes.iter().map(|&c| ClassId(c)).filter(|&c| least(problem, c, week, slots) > 0).collect();
    let rule = words.rule(Kind::MaxDayLoad);
    let every = words.every(&inside, week.one);
    let mut places: Vec<String> = words.owner(id).and_then(|name| words.place_of_teacher(&name)).into_iter().collect();
    places.extend(words.places_of(&inside));
    Some(Finding {
        severity: Severity::Error,
        check: Check::Slots,
        rule: rule.to_owned(),
        places,
        text: format!(
            "{} has {}{every}, and `{rule}` = {most} allows {} on {days} days",
            whose(all, id),
            counted(all, inside.len(), needed),
            days * most
        ),
        remedy: format!("Maybe raise `{rule}`, let somebody else teach some of them, or allow more days"),
        classes: inside,
    })
}
