//! The rules of a problem back to `rules.toml`.

use super::calendar::{Calendar, Window};
use super::describe_courses::starts;
use super::rules::{Hold, Rules, TeacherDefaults};
use std::collections::BTreeMap;
use timetable::*;

/// How each rule holds, by the first constraint of its kind; what there is none of stays as in default rules, but for what would add
/// constraints.
pub(super) fn proposed_rules(problem: &Problem, calendar: &Calendar) -> Rules {
    let m = problem.meta();
    let hold = |kind: Kind| {
        let row = problem.constraints().iter().find(|c| c.kind == kind as u32);
        row.map(|c| if c.hard == 1 { Hold::Hard } else { Hold::Costs(c.penalty) })
    };
    Rules {
        student_conflicts: if m.student_conflicts_hard == 1 { Hold::Hard } else { Hold::Costs(m.student_weight) },
        teacher_clash: hold(Kind::TeacherClash).unwrap_or(Hold::Hard),
        different_days: hold(Kind::DifferentDays).unwrap_or(Hold::Off),
        same_room: hold(Kind::SameRoom).unwrap_or(Hold::Off),
        availability: hold(Kind::Availability).unwrap_or(Hold::Hard),
        fixed: hold(Kind::FixedPlacement).unwrap_or(Hold::Hard),
        max_daily_load: hold(Kind::MaxDayLoad).unwrap_or(Hold::Hard),
        max_consecutive: hold(Kind::MaxBlock).unwrap_or(Hold::Hard),
        lunch: hold(Kind::LunchBreak).unwrap_or(Hold::Hard),
        max_gaps: hold(Kind::Gaps).unwrap_or(Hold::Hard),
        rule_weight: m.distribution_weight,
        time_weight: m.time_weight,
        avoid: avoided(problem, calendar),
        teachers: TeacherDefaults::default(),
        room_choices: Rules::ROOM_CHOICES,
    }
}

/// Times to avoid, from the penalties of the shortest classes: runs of starts with the same penalty.
fn avoided(problem: &Problem, calendar: &Calendar) -> Vec<(Window, u32)> {
    let lengths = problem.class_ids().filter_map(|c| starts(problem, c).next()).map(|(_, s, e, _)| e - s);
    let Some(length) = lengths.min() else { return Vec::new() };
    let (days, slots) = (calendar.days.len(), calendar.slots.len());
    let mut penalties = vec![0u32; days * slots];
    for class in problem.class_ids() {
        for (day, start, end, penalty) in starts(problem, class).filter(|(_, s, e, _)| e - s == length) {
            if end as usize <= slots {
                penalties[usize::from(day) * slots + usize::from(start)] = penalty;
            }
        }
    }
    let mut found: BTreeMap<(u16, u16, u32), u16> = BTreeMap::new();
    let last = slots + 1 - usize::from(length);
    for day in 0..days {
        let mut from = 0;
        for run in penalties[day * slots..day * slots + last].chunk_by(|a, b| a == b) {
            let to = if from + run.len() == last { slots } else { from + run.len() };
            let first = if from == 0 { 0 } else { from + usize::from(length) - 1 };
            if run[0] > 0 && first < to {
                *found.entry((first as u16, to as u16, run[0])).or_default() |= 1 << day;
            }
            from += run.len();
        }
    }
    found.into_iter().map(|((from, to, penalty), days)| (Window { days, from, to }, penalty)).collect()
}
