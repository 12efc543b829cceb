//! The page beside a solution.

use memguard::Bytes;
use scheduler::{PAGE, RunOutcome, Session, Unplaced};
use std::path::PathBuf;
use viewer::{Before, View, write_page_file};

/// Writes the page of what came of a run; `None` where it cannot be written, which is said: the
/// solution is there in any case.
pub(crate) fn write(
    session: &Session,
    solved: &RunOutcome,
    unplaced: &[Unplaced],
    before: Option<Before<'_>>,
) -> Option<PathBuf> {
    let view = View {
        problem: &solved.plan.problem,
        timetable: &solved.timetable,
        labels: solved.labels.as_ref(),
        report: &solved.report,
        unplaced,
        events: &solved.events,
        bound: solved.plan.bound,
        before,
    };
    let path = solved.folder.join(PAGE);
    let needed = Bytes::new(view.max_bytes());
    if session.guard.usage().is_some_and(|usage| usage.used.get() + needed.get() > usage.limit.get()) {
        tracing::warn!("{} is not written: it takes up to {needed} of memory, and less is free", path.display());
        return None;
    }
    match write_page_file(&view, &path) {
        Ok(()) => Some(path),
        Err(why) => {
            tracing::warn!("{} cannot be written: {why}", path.display());
            None
        }
    }
}
