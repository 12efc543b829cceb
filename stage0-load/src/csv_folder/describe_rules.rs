//! The rules of a problem back to `rules.toml`.

use super::calendar::Calendar;
use super::describe_avoid::avoided;
use super::rules::{Hold, Rules, TeacherDefaults};
use timetable::*;

/// How each rule holds, by the first constraint of its kind; what there is none of stays as in
/// default rules, but for what would add constraints.
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
