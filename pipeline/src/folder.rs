//! A plan as a folder on disk: `problem.block` and `plan.json`.

use crate::best::read_best;
use crate::files::{ReadError, read_bounded};
use crate::plan::{Clusters, Plan};
use crate::run_file::RunFile;
use crate::text::{self, PlanText, TimetableText};
use atomic_files::{PART, write_whole};
use memguard::Bytes;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use timetable::{BlockError, Problem};

/// The problem's file in a plan's folder.
pub const PROBLEM_FILE: &str = "problem.block";
/// The file of all else.
pub const PLAN_FILE: &str = "plan.json";

/// Room in `plan.json` for history and notes, beside what grows with the problem.
const MOST_HISTORY: u64 = 8 << 20;

/// Why a plan's folder cannot be read or written: which file, what was found, what was expected.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system says so.
    #[error("{}: {source}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The problem's block is wrong.
    #[error("{}: {source}", file.display())]
    Problem {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        source: BlockError,
    },
    /// A disk without room for it.
    #[error("{}: {why}", file.display())]
    Full {
        /// Which file.
        file: PathBuf,
        /// What was asked for and what is free.
        why: String,
    },
    /// Larger than any such file for this problem.
    #[error("{}: {found} bytes, expected at most {most}", file.display())]
    TooLarge {
        /// Which file.
        file: PathBuf,
        /// Bytes found.
        found: u64,
        /// Bytes allowed.
        most: u64,
    },
    /// Not the text that was expected.
    #[error("{}: {source}", file.display())]
    Json {
        /// Which file.
        file: PathBuf,
        /// What was found where.
        source: serde_json::Error,
    },
    /// Readable, but not a plan for this problem.
    #[error("{}: {problem}", file.display())]
    Content {
        /// Which file.
        file: PathBuf,
        /// What was found and what was expected.
        problem: String,
    },
}

impl FolderError {
    pub(crate) fn io(file: &Path, source: io::Error) -> FolderError {
        FolderError::Io { file: file.into(), source }
    }

    pub(crate) fn content(file: &Path, problem: impl Into<String>) -> FolderError {
        FolderError::Content { file: file.into(), problem: problem.into() }
    }

    pub(crate) fn unread(file: &Path, most: u64, why: ReadError) -> FolderError {
        match why {
            ReadError::Io(source) => FolderError::io(file, source),
            ReadError::TooLarge(found) => FolderError::TooLarge { file: file.into(), found, most },
        }
    }
}

/// The problem's checksum as text, as it stands in `plan.json`.
pub fn problem_hash(problem: &Problem) -> String {
    problem.block().hash().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of `plan.json`: equal for equal plans, with no time, memory or machine in them.
pub fn plan_bytes(plan: &Plan) -> Vec<u8> {
    text::write(&PlanText {
        format: text::FORMAT.into(),
        version: text::VERSION,
        problem: problem_hash(&plan.problem),
        score: plan.score,
        bound: plan.bound,
        clusters: plan.clusters.as_deref().cloned(),
        timetable: plan.timetable.as_ref().map(TimetableText::of),
        notes: plan.notes.clone(),
        history: plan.history.clone(),
    })
}

/// About the most that saving a timetable takes for a moment, beside the timetable: a copy of it,
/// and its text.
pub(crate) fn saving_bytes(problem: &Problem) -> u64 {
    // A placement is 4 bytes and up to 14 characters, an enrolment 4 bytes and up to 8; a growing
    // text is twice as large.
    let (classes, places) = (problem.classes().len() as u64, problem.enrolment_slots() as u64);
    classes * (4 + 2 * 14) + places * (4 + 2 * 8) + (64 << 10)
}

/// The names of all files that [`save_plan`] may write.
pub fn plan_files() -> [String; 4] {
    let [problem, plan] = [PROBLEM_FILE, PLAN_FILE].map(str::to_owned);
    [format!("{problem}{PART}"), format!("{plan}{PART}"), problem, plan]
}

/// Saves a plan; the folder is made where it is missing. Every file is whole at any moment.
///
/// # Errors
/// What the system says of which file.
pub fn save_plan(folder: &Path, plan: &Plan) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(|e| FolderError::io(folder, e))?;
    save_with(folder, plan, &|name, bytes| {
        write_whole(folder, name, bytes).map_err(|e| FolderError::io(&folder.join(name), e))
    })
}

/// Writes a file of a folder.
type Write<'a> = &'a dyn Fn(&str, &[u8]) -> Result<(), FolderError>;

/// Saves a plan in a folder that is there; the block only unless the same one is there.
pub(crate) fn save_with(folder: &Path, plan: &Plan, write: Write<'_>) -> Result<(), FolderError> {
    if !has_problem(folder, &plan.problem) {
        write(PROBLEM_FILE, plan.problem.block().bytes())?;
    }
    write(PLAN_FILE, &plan_bytes(plan))
}

/// What saving a new plan in a folder takes.
pub(crate) fn new_bytes(folder: &Path, plan: &Plan) -> Bytes {
    let block = if has_problem(folder, &plan.problem) { 0 } else { plan.problem.block().bytes().len() };
    Bytes::new((block + plan_bytes(plan).len()) as u64)
}

fn has_problem(folder: &Path, problem: &Problem) -> bool {
    problem.block().is_in(&folder.join(PROBLEM_FILE))
}

/// Loads a plan and its problem, a copy of its file; where a run was interrupted in the folder,
/// with the best that it had.
///
/// # Errors
/// The first thing found wrong; nothing in any file is trusted.
pub fn load_plan(folder: &Path) -> Result<Plan, FolderError> {
    Ok(with_best(load_saved(folder)?, folder))
}

/// The same as of the last step that ended.
pub(crate) fn load_saved(folder: &Path) -> Result<Plan, FolderError> {
    let file = folder.join(PROBLEM_FILE);
    let plain = fs::metadata(&file).map_err(|e| FolderError::io(&file, e))?.is_file();
    if !plain {
        return Err(FolderError::io(&file, io::Error::other("not a plain file")));
    }
    let problem = Problem::open(&file).map_err(|source| FolderError::Problem { file, source })?;
    saved_for(Arc::new(problem), folder)
}

/// Loads the plan of a folder for a problem that is known, as [`load_plan`] does; the folder's own
/// block is not looked at.
///
/// # Errors
/// The first thing found wrong, a plan for another problem among them.
pub fn load_plan_for(problem: Arc<Problem>, folder: &Path) -> Result<Plan, FolderError> {
    Ok(with_best(saved_for(problem, folder)?, folder))
}

fn saved_for(problem: Arc<Problem>, folder: &Path) -> Result<Plan, FolderError> {
    let plan = load_unscored(problem, folder)?;
    if plan.timetable.is_some() != plan.score.is_some() {
        let (has, lacks) = if plan.score.is_some() { ("score", "timetable") } else { ("timetable", "score") };
        let problem = format!("has a {has} and no {lacks}, expected both or neither");
        return Err(FolderError::content(&folder.join(PLAN_FILE), problem));
    }
    Ok(plan)
}

/// With the best of the step that was at work when the run in the folder ended, where the checker
/// confirms that it is better.
fn with_best(plan: Plan, folder: &Path) -> Plan {
    let Ok(run) = RunFile::read(folder) else { return plan };
    let Some(step) = plan.history.len().checked_sub(run.history) else { return plan };
    let best = read_best(folder, &plan.problem, step).unwrap_or_else(|why| {
        tracing::warn!("{why}; continuing without it");
        None
    });
    let Some((best, _)) = best else { return plan };
    let score = timetable::check(&plan.problem, &best).score;
    if plan.score.is_none_or(|saved| score < saved) { plan.with_timetable(best, score) } else { plan }
}

/// The same where the score may be missing.
pub(crate) fn load_unscored(problem: Arc<Problem>, folder: &Path) -> Result<Plan, FolderError> {
    let file = folder.join(PLAN_FILE);
    let most = most_bytes(&problem);
    let bytes = read_bounded(&file, most).map_err(|why| FolderError::unread(&file, most, why))?;
    let wrong = |what: String| FolderError::content(&file, what);
    let plan: PlanText =
        serde_json::from_slice(&bytes).map_err(|source| FolderError::Json { file: file.clone(), source })?;
    if plan.format != text::FORMAT || plan.version != text::VERSION {
        let found = format!("`{:.40}` version {}", plan.format, plan.version);
        return Err(wrong(format!("is {found}, expected `{}` version {}", text::FORMAT, text::VERSION)));
    }
    if plan.problem != problem_hash(&problem) {
        let expected = problem_hash(&problem);
        return Err(wrong(format!("is for problem {:.64}, expected {expected}", plan.problem)));
    }
    if let Some(clusters) = &plan.clusters {
        clusters_fit(clusters, &problem).map_err(&wrong)?;
    }
    if let Some(bound) = plan.bound.filter(|&bound| bound < 0) {
        return Err(wrong(format!("nothing costs less than {bound}, expected 0 or more")));
    }
    let timetable = plan.timetable.map(|t| t.timetable(&problem)).transpose().map_err(&wrong)?;
    let scores = plan.history.iter().flat_map(|record| [record.before, record.after]).chain([plan.score]).flatten();
    if let Some(score) = scores.into_iter().find(|score| score.hard < 0) {
        return Err(wrong(format!("a score has {} hard violations, expected 0 or more", score.hard)));
    }
    Ok(Plan {
        problem,
        clusters: plan.clusters.map(Arc::new),
        timetable,
        score: plan.score,
        bound: plan.bound,
        notes: plan.notes,
        history: plan.history,
    })
}

/// More than any honest `plan.json` for this problem takes.
pub(crate) fn most_bytes(problem: &Problem) -> u64 {
    // A class: cluster, colour, time and room; a place: a class. Each number has at most ten digits
    // and a comma.
    let (classes, places) = (problem.classes().len() as u64, problem.enrolment_slots() as u64);
    classes * 4 * 12 + places * 12 + MOST_HISTORY
}

/// Whether clusters are clusters of this problem's classes.
///
/// # Errors
/// What was found and what was expected.
pub(crate) fn clusters_fit(clusters: &Clusters, problem: &Problem) -> Result<(), String> {
    let n = problem.classes().len();
    if clusters.of.len() != n {
        return Err(format!("clusters: {} entries for {n} classes", clusters.of.len()));
    }
    if clusters.count as usize > n.max(1) {
        return Err(format!("clusters: {} of them for {n} classes", clusters.count));
    }
    if let Some(c) = clusters.of.iter().find(|&&c| c >= clusters.count) {
        return Err(format!("clusters: a class is in cluster {c}, expected below {}", clusters.count));
    }
    if clusters.colour.len() != clusters.count as usize {
        return Err(format!("clusters: {} colours for {} clusters", clusters.colour.len(), clusters.count));
    }
    if let Some(c) = clusters.colour.iter().find(|&&c| c >= clusters.count) {
        return Err(format!("clusters: colour {c}, expected below {}", clusters.count));
    }
    Ok(())
}
