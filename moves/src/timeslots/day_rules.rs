//! Rules about the days of somebody (a student, a teacher, a curriculum): one table each, with an
//! entry for each set of slots of a day.
//!
//! Whoever they are about is never in two classes at once, so a day is a set of slots.

use timetable::{Kind, each_kinds, group_kinds, pair_kinds, student_kinds};

/// A rule about each day by itself, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayRule {
    pub(super) kind: Kind,
    pub(super) params: [u32; 3],
    /// Cost of an amount of 1.
    pub(super) weight: i64,
}

/// The amount of a kind on a day with classes at these times, which are in order and do not
/// overlap; `None` for kinds that are not about days by themselves.
pub(super) fn amount(kind: Kind, params: [u32; 3], day: &[(u16, u16)]) -> Option<i64> {
    let [p, q, r] = params.map(i64::from);
    Some(match kind {
        Kind::StudentSingleClassDay => i64::from(day.len() == 1),
        Kind::StudentLongRun => runs(day, 0).iter().map(|run| (run.length() - p).max(0)).sum(),
        Kind::IsolatedLectures => runs(day, 0).iter().filter(|run| run.length() == 1).map(|run| run.classes).sum(),
        Kind::MaxDayLoad => (day.iter().map(|&(from, to)| i64::from(to - from)).sum::<i64>() - p).max(0),
        Kind::MaxBreaks => (runs(day, q).len() as i64 - 1 - p).max(0),
        Kind::MaxBlock => runs(day, q).iter().filter(|run| run.classes > 1 && run.length() > p).count() as i64,
        Kind::Gaps => (runs(day, 0).windows(2).map(|w| w[1].from - w[0].to).sum::<i64>() - p).max(0),
        Kind::LunchBreak => i64::from(lacks_lunch(day, p, q, r)),
        Kind::MaxDays | Kind::MinWorkingDays | Kind::RoomStability | pair_kinds!() | each_kinds!() => return None,
    })
}

/// Classes with at most a given gap between one and the next.
struct Run {
    from: i64,
    to: i64,
    classes: i64,
}

impl Run {
    fn length(&self) -> i64 {
        self.to - self.from
    }
}

fn runs(day: &[(u16, u16)], gap: i64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for &(from, to) in day {
        let (from, to) = (i64::from(from), i64::from(to));
        match runs.last_mut() {
            Some(run) if from <= run.to + gap => {
                run.to = run.to.max(to);
                run.classes += 1;
            }
            _ => runs.push(Run { from, to, classes: 1 }),
        }
    }
    runs
}

/// Whether something is held in the window, and nowhere in it are so many slots in a row free.
fn lacks_lunch(day: &[(u16, u16)], from: i64, to: i64, least: i64) -> bool {
    let inside = |&&(a, b): &&(u16, u16)| i64::from(a).max(from) < i64::from(b).min(to);
    let (mut free_from, mut longest, mut busy) = (from, 0, false);
    for &(a, b) in day.iter().filter(inside) {
        busy = true;
        longest = longest.max(i64::from(a) - free_from);
        free_from = i64::from(b);
    }
    busy && longest.max(to - free_from) < least
}

/// The sum of rules for every set of slots of a day.
pub(super) fn table(rules: &[DayRule], positions: &[(u16, u16)]) -> Vec<i64> {
    let day = |set: usize| -> Vec<(u16, u16)> {
        positions.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, &p)| p).collect()
    };
    let cost = |set: usize| {
        let day = day(set);
        rules.iter().map(|rule| rule.weight * amount(rule.kind, rule.params, &day).unwrap_or(0)).sum()
    };
    // A day without classes costs nothing, whatever the kind.
    (0..1 << positions.len()).map(|set| if set == 0 { 0 } else { cost(set) }).collect()
}

/// The amount of a kind that counts the days used; `None` for the others.
pub(super) fn amount_of_days(kind: Kind, param: u32, used: u32) -> Option<i64> {
    match kind {
        Kind::MaxDays => Some((i64::from(used) - i64::from(param)).max(0)),
        Kind::MinWorkingDays => Some((i64::from(param) - i64::from(used)).max(0)),
        group_kinds!() | pair_kinds!() | each_kinds!() | student_kinds!() => None,
    }
}
