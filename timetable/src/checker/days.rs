//! Classes day by day, and the blocks that they form in a day.

use super::assigned::Assigned;
use crate::problem::Problem;

/// For every day of every week of the calendar on which any are held: those held, by start, then
/// end.
pub(super) fn of_calendar(problem: &Problem, assigned: &[Assigned]) -> Vec<Vec<Assigned>> {
    let mut days = Vec::new();
    for week in 0..problem.meta().weeks {
        let this_week: Vec<Assigned> = assigned.iter().filter(|h| h.time.weeks >> week & 1 == 1).copied().collect();
        days.extend(of_week(&this_week));
    }
    days
}

/// For every day of the week on which any are held, in whatever week: those held, by start, then
/// end.
pub(super) fn of_week(assigned: &[Assigned]) -> Vec<Vec<Assigned>> {
    let mut days = Vec::new();
    for day in 0..16 {
        let mut today: Vec<Assigned> = assigned.iter().filter(|h| h.time.days >> day & 1 == 1).copied().collect();
        today.sort_by_key(|h| (h.time.start, h.time.end));
        if !today.is_empty() {
            days.push(today);
        }
    }
    days
}

/// Classes of a day with at most a given gap between one and the next.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) classes: &'a [Assigned],
}

impl Run<'_> {
    pub(super) fn length(&self) -> i64 {
        i64::from(self.end) - i64::from(self.start)
    }
}

/// Cuts a day (sorted by start) where more than `gap` slots are free. With `gap` 0, what is left
/// are the runs of occupied slots without a hole.
pub(super) fn runs(day: &[Assigned], gap: u32) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut first = 0;
    for (i, assigned) in day.iter().enumerate() {
        let (start, end) = (u32::from(assigned.time.start), u32::from(assigned.time.end));
        match runs.last_mut() {
            Some(run) if start <= run.end + gap => {
                run.end = run.end.max(end);
                run.classes = &day[first..=i];
            }
            _ => {
                first = i;
                runs.push(Run { start, end, classes: &day[i..=i] });
            }
        }
    }
    runs
}
