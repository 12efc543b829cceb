//! After Ctrl-C: the best so far is written soon, also where the stage at work takes its time to
//! end.

use crate::error::SolutionError;
use crossbeam_channel::{RecvTimeoutError, select};
use pipeline::{Cancel, Plan, load_plan_for};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use timetable::{Problem, Timetable};

/// A stage that has not ended by then is not waited for. A second signal counts only after one
/// second, so that there is time to write.
const GRACE: Duration = Duration::from_millis(300);

/// Writes what is saved of a run, while the run is at work.
pub(crate) struct InterimWriter<'a> {
    pub(crate) cancel: &'a Cancel,
    pub(crate) problem: &'a Arc<Problem>,
    /// Where the run saves its best so far.
    pub(crate) folder: &'a Path,
}

impl InterimWriter<'_> {
    /// Runs `work`. Where that was cancelled and has not ended soon after, `write` gets the best
    /// that is saved.
    pub(crate) fn beside<T>(
        &self,
        write: &(impl Fn(&Plan, &Timetable) -> Result<PathBuf, SolutionError> + Sync),
        work: impl FnOnce() -> T,
    ) -> T {
        let (running, ended) = crossbeam_channel::bounded::<()>(0);
        thread::scope(|threads| {
            let wait = || {
                select! {
                    recv(ended) -> _ => return,
                    recv(self.cancel.receiver()) -> _ => {}
                }
                if ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
                    self.write(write);
                }
            };
            // Where no thread can be started, what is saved is written when the stage has ended.
            let _waiting = thread::Builder::new().stack_size(memguard::stack_size()).spawn_scoped(threads, wait);
            // Dropped however the work ends.
            let _running = running;
            work()
        })
    }

    fn write(&self, write: &impl Fn(&Plan, &Timetable) -> Result<PathBuf, SolutionError>) {
        let saved = load_plan_for(self.problem.clone(), self.folder);
        let Ok(Some((plan, timetable))) = saved.map(|plan| plan.timetable.clone().map(|timetable| (plan, timetable)))
        else {
            return;
        };
        if let Ok(path) = write(&plan, &timetable) {
            tracing::warn!("the stage at work has not ended yet; the best so far is in {}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::save_plan;
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Instant,
    };
    use timetable::{Format, Meta, ProblemBuilder, Score};

    fn problem() -> Arc<Problem> {
        let meta = Meta {
            name: "empty".into(),
            weeks: 1,
            days: 1,
            slots: 1,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        };
        Arc::new(ProblemBuilder::new(meta).build().expect("a problem without classes"))
    }

    /// How often something is written while the work waits for that, or ends by itself.
    fn written(cancels: bool, has_timetable: bool, ended: impl Fn(usize) -> bool) -> usize {
        let (folder, problem, cancel) = (tempfile::tempdir().unwrap(), problem(), Cancel::default());
        let plan = Plan::new(problem.clone());
        let timetable = Timetable::empty(&problem);
        let plan = if has_timetable { plan.with_timetable(timetable, Score::default()) } else { plan };
        save_plan(folder.path(), &plan).unwrap();
        let times = AtomicUsize::new(0);
        let write = |_: &Plan, _: &Timetable| {
            times.fetch_add(1, Ordering::Relaxed);
            Ok(PathBuf::new())
        };
        InterimWriter { cancel: &cancel, problem: &problem, folder: folder.path() }.beside(&write, || {
            if cancels {
                cancel.cancel();
            }
            let begun = Instant::now();
            while !ended(times.load(Ordering::Relaxed)) && begun.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(1));
            }
        });
        times.into_inner()
    }

    #[test]
    fn what_is_saved_is_written_once_while_a_stage_that_was_cancelled_is_still_at_work() {
        assert_eq!(written(true, true, |times| times > 0), 1);
    }

    #[test]
    fn a_stage_that_ends_soon_or_was_not_cancelled_is_left_alone() {
        assert_eq!(written(true, true, |_| true), 0);
        assert_eq!(written(false, true, |_| true), 0);
    }
}
