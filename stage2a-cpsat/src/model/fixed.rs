//! What the classes of a day that stay count by themselves: what they have broken, an answer may
//! leave broken.

use super::days::{Attendance, Day};
use timetable::{ConstraintRow, Kind, each_kinds, pair_kinds};

/// The amount of those who stay, as the rules count it.
pub(super) fn amount(kind: Kind, row: &ConstraintRow, day: &Day) -> i64 {
    let mut fixed: Vec<&Attendance> = day.attendances.iter().filter(|attendance| attendance.var.is_none()).collect();
    fixed.sort_by_key(|attendance| (attendance.from, attendance.to));
    let [p, q, r] = row.params.map(i64::from);
    match kind {
        Kind::MaxDayLoad => fixed.iter().map(|attendance| attendance.to - attendance.from).sum(),
        Kind::Gaps => runs(&fixed, 0).windows(2).map(|pair| pair[1].from - pair[0].to).sum(),
        Kind::MaxBreaks => (runs(&fixed, q).len() as i64 - 1).max(0),
        Kind::MaxBlock => runs(&fixed, q).iter().filter(|run| run.classes > 1 && run.to - run.from > p).count() as i64,
        Kind::LunchBreak => i64::from(no_lunch(&runs(&fixed, 0), (p, q), r)),
        Kind::StudentSingleClassDay => i64::from(fixed.len() == 1),
        Kind::StudentLongRun => runs(&fixed, 0).iter().map(|run| (run.to - run.from - p).max(0)).sum(),
        Kind::IsolatedLectures => {
            runs(&fixed, 0).iter().filter(|run| run.to - run.from == 1).map(|run| run.classes).sum()
        }
        Kind::MaxDays | Kind::MinWorkingDays | Kind::RoomStability | pair_kinds!() | each_kinds!() => {
            unreachable!("{kind} is not about days by themselves")
        }
    }
}

/// Classes with no more than a gap between one and the next.
struct Run {
    from: i64,
    to: i64,
    classes: i64,
}

fn runs(fixed: &[&Attendance], gap: i64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for attendance in fixed {
        match runs.last_mut() {
            Some(run) if attendance.from <= run.to + gap => {
                run.to = run.to.max(attendance.to);
                run.classes += 1;
            }
            _ => runs.push(Run { from: attendance.from, to: attendance.to, classes: 1 }),
        }
    }
    runs
}

fn no_lunch(runs: &[Run], (from, to): (i64, i64), least: i64) -> bool {
    let there: Vec<&Run> = runs.iter().filter(|run| run.from.max(from) < run.to.min(to)).collect();
    let starts = there.iter().map(|run| run.from).chain([to]);
    let ends = [from].into_iter().chain(there.iter().map(|run| run.to));
    !there.is_empty() && starts.zip(ends).all(|(start, end)| start - end < least)
}
