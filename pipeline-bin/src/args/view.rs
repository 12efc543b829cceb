//! Arguments of `view`.

use super::ReadingFlags;
use clap::Args;
use std::path::PathBuf;
use viewer::Kind;

/// Arguments of `view`.
#[derive(Args, Debug)]
pub(crate) struct View {
    /// A plan folder or the output folder of a run; or the problem, with a solution: anything that
    /// `solve` takes.
    pub(crate) input: PathBuf,
    /// The timetable: a solution in the problem's format, or a plan folder.
    pub(crate) solution: Option<PathBuf>,
    /// The page to write, or the folder in which it becomes timetable.html [default: timetable.html
    /// here, where nothing else is asked for].
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Show in the page what differs from this timetable: a plan folder, or a solution of the same
    /// problem.
    #[arg(long, value_name = "OLD")]
    pub(crate) compare: Option<PathBuf>,
    /// Write calendars (.ics) of all rooms, teachers and groups into this folder; with --of one
    /// calendar into this file.
    #[arg(long, value_name = "PATH")]
    pub(crate) ics: Option<PathBuf>,
    /// Whose calendar: teacher=ann, room=R4, group=..., course=..., student=...
    #[arg(long, value_name = "KIND=NAME", value_parser = whose, requires = "ics")]
    pub(crate) of: Option<(Kind, String)>,
    /// Write a workbook (.xlsx) with sessions, weeks, free rooms, problems.
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
    /// Replace what exists.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
}

/// `teacher=ann`.
fn whose(text: &str) -> Result<(Kind, String), String> {
    let parsed = text.split_once('=').and_then(|(kind, name)| Some((Kind::from_name(kind)?, name)));
    match parsed {
        Some((kind, name)) if !name.is_empty() => Ok((kind, name.to_owned())),
        _ => Err(format!("expected KIND=NAME, of {}", Kind::ALL.map(Kind::name).join(", "))),
    }
}
