//! The constraints of sections and of teachers.
//!
//! A constraint that cannot be violated, such as a load of six slots a day for a teacher of five,
//! is left out; only `TeacherClash` is always there, since it says who teaches what.

use super::Hold;
use super::tables::Tables;
use super::translate::Classes;
use timetable::{ClassId, ConstraintSpec, Kind, NONE, ProblemBuilder, TimeId};

/// Sessions of a section: on different days where there are days enough, else at different times;
/// in the same room.
pub(crate) fn section_rules(tables: &Tables, classes: &Classes, b: &mut ProblemBuilder) {
    let days = tables.calendar.days.len();
    for (i, course) in tables.courses.iter().enumerate() {
        for section in 0..classes.sections[i] {
            let list: Vec<ClassId> = (0..course.sessions).map(|session| classes.id(i, section, session)).collect();
            if list.len() < 2 {
                continue;
            }
            let name = format!("{}-{}", course.id, section + 1);
            let mut add = |kind, penalty| {
                b.constraint(ConstraintSpec { kind, name: &name, penalty, params: &[], classes: &list, times: &[] });
            };
            let spread = if list.len() <= days { tables.rules.different_days } else { Hold::Off };
            if let Some(penalty) = spread.penalty() {
                add(Kind::DifferentDays, penalty);
            }
            if spread != Hold::Hard {
                add(Kind::NotOverlap, None);
            }
            if let Some(penalty) = tables.rules.same_room.penalty() {
                add(Kind::SameRoom, penalty);
            }
        }
    }
    if let Some(penalty) = tables.rules.fixed.penalty() {
        for &(class, time, room) in &classes.fixed {
            let params = [time.map_or(NONE, |t| t.0), room.map_or(NONE, |r| r.0)];
            let spec = ConstraintSpec {
                kind: Kind::FixedPlacement,
                name: "",
                penalty,
                params: &params,
                classes: &[class],
                times: &[],
            };
            b.constraint(spec);
        }
    }
}

/// What holds for each teacher.
pub(crate) fn teacher_rules(tables: &Tables, classes: &Classes, b: &mut ProblemBuilder) {
    let mut taught: Vec<Vec<ClassId>> = vec![Vec::new(); tables.teachers.len()];
    let mut load = vec![0u64; tables.teachers.len()];
    for (i, course) in tables.courses.iter().enumerate() {
        for section in 0..classes.sections[i] {
            for &t in course.teachers_of(section) {
                taught[t as usize].extend((0..course.sessions).map(|session| classes.id(i, section, session)));
                load[t as usize] += u64::from(course.sessions) * u64::from(course.length);
            }
        }
    }
    let (rules, defaults) = (&tables.rules, &tables.rules.teachers);
    let all_weeks = u64::MAX >> (64 - tables.calendar.weeks);
    for (i, teacher) in tables.teachers.iter().enumerate() {
        let (classes, load) = (&taught[i], load[i]);
        if classes.is_empty() {
            continue;
        }
        let mut add = |kind, hold: Hold, params: &[u32], times: &[TimeId]| {
            if let Some(penalty) = hold.penalty() {
                b.constraint(ConstraintSpec { kind, name: &teacher.id, penalty, params, classes, times });
            }
        };
        let clash = if rules.teacher_clash == Hold::Off { Hold::Costs(0) } else { rules.teacher_clash };
        add(Kind::TeacherClash, clash, &[], &[]);
        if let Some(most) = teacher.max_daily_load.or(defaults.max_daily_load).filter(|&m| load > u64::from(m)) {
            add(Kind::MaxDayLoad, rules.max_daily_load, &[most], &[]);
        }
        let most = teacher.max_consecutive.or(defaults.max_consecutive);
        if let Some(most) = most.filter(|&m| load > u64::from(m) && classes.len() > 1) {
            add(Kind::MaxBlock, rules.max_consecutive, &[most, 0], &[]);
        }
        if let Some((from, to)) = teacher.lunch.or(defaults.lunch) {
            let free = defaults.lunch_slots.unwrap_or(1).max(1);
            if load >= u64::from(to - from) / u64::from(free) {
                add(Kind::LunchBreak, rules.lunch, &[u32::from(from), u32::from(to), free], &[]);
            }
        }
        if let Some(most) = teacher.max_gaps.or(defaults.max_gaps).filter(|_| classes.len() > 1) {
            add(Kind::Gaps, rules.max_gaps, &[most], &[]);
        }
        if rules.availability != Hold::Hard && !teacher.unavailable.is_empty() {
            let mut times = Vec::new();
            if rules.availability != Hold::Off {
                let windows = teacher.unavailable.iter();
                times.extend(windows.map(|w| b.time(all_weeks, w.days, w.from, w.to - w.from)));
            }
            let hold = rules.availability;
            if let Some(penalty) = hold.penalty() {
                let kind = Kind::Availability;
                b.constraint(ConstraintSpec { kind, name: &teacher.id, penalty, params: &[], classes, times: &times });
            }
        }
    }
}
