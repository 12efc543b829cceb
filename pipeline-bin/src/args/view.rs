//! Arguments of `view`.

use clap::Args;
use std::path::PathBuf;

/// Arguments of `view`.
#[derive(Args, Debug)]
pub(crate) struct View {
    /// A plan folder or the output folder of a run; or the problem, with a solution: anything that
    /// `solve` takes.
    pub(crate) input: PathBuf,
    /// The timetable: a solution in the problem's format, or a plan folder.
    pub(crate) solution: Option<PathBuf>,
    /// The page to write, or the folder in which it becomes timetable.html [default: timetable.html
    /// here].
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Show what differs from this timetable: a plan folder, or a solution of the same problem.
    #[arg(long, value_name = "OLD")]
    pub(crate) compare: Option<PathBuf>,
    /// Replace what exists.
    #[arg(long)]
    pub(crate) force: bool,
    /// Leave out what cannot be used (a class without a time, a request for a course that is not
    /// there), and list it.
    #[arg(long)]
    pub(crate) lenient: bool,
}
