//! The output folder: which folder may be used, what an earlier run left in it, and the name of a
//! new one.

use crate::inputs::{PLAN_FOLDER, plan_folder};
use crate::names::{clean, thousands};
use crate::session::RESUME_FILE;
use crate::solutions;
use pipeline::{Checkpoint, FolderError, OWNED_FILE, Owned, PLAN_FILE, Plan, load_plan, plan_files};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Component, Path, PathBuf},
};
use timetable::Format;

/// The page to look at, beside a solution.
pub const PAGE: &str = "timetable.html";
/// The picture of a plan's clusters, in its folder.
pub const CLUSTERS_FILE: &str = "clusters.svg";
/// The changes of a repair, beside its solution.
pub const CHANGES_FILE: &str = "changes.json";
/// Most further repairs that are offered.
pub const ALTERNATIVES: usize = 3;

/// Where results go when no folder is named.
pub const DEFAULT_PARENT: &str = "stagecoach-out";

/// Where results go.
#[derive(Clone, Debug)]
pub enum OutputFolder {
    /// Into this folder.
    Named(PathBuf),
    /// Into a new folder of this name, or of this name with the first free number.
    New(OsString),
}

/// Why results cannot go where they should.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Another run is at work there.
    #[error("{}: another run is at work in this folder", .0.display())]
    AtWork(PathBuf),
    /// An earlier run left results there.
    #[error("{}: it holds {held}; {go_on}--force replaces it", folder.display())]
    HasResults {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        held: String,
        /// How the earlier run can be continued, if it can.
        go_on: String,
    },
    /// The list of own files cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A folder cannot be made.
    #[error("cannot write to {}: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// All names for a new folder are taken.
    #[error("no name is left for a folder in {DEFAULT_PARENT}")]
    NoName,
    /// A path with `..` after a folder that does not exist.
    #[error("{}: it leads back from a folder that does not exist; expected a path without `..`", .0.display())]
    LeadsBack(PathBuf),
    /// A place that is never used for results.
    #[error("{}: it is {what}; expected another place for results", path.display())]
    Place {
        /// The path.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// A file of an input.
    #[error("{}: it is part of the input {}, which stays as it is", file.display(), input.display())]
    PartOfInput {
        /// The file.
        file: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// A file that exists.
    #[error("{}: it exists; --force replaces it", .0.display())]
    Exists(PathBuf),
}

impl OutputFolder {
    /// The folder that was named, or a new one called `name`.
    pub fn choose(named: Option<&Path>, name: &OsStr) -> OutputFolder {
        named.map_or_else(|| OutputFolder::New(name.to_owned()), |path| OutputFolder::Named(path.to_owned()))
    }

    /// The folder of the last run that was begun on `about`, for `--resume` without `--out`; a new
    /// one where there is none.
    pub fn last(name: &OsStr, about: &str) -> OutputFolder {
        let begun = |folder: &PathBuf| {
            let owned = Owned::of(folder).ok().filter(|owned| owned.about() == about)?;
            let list = fs::metadata(folder.join(OWNED_FILE)).and_then(|list| list.modified()).ok()?;
            (!owned.is_empty()).then_some(list)
        };
        let entries = fs::read_dir(DEFAULT_PARENT).into_iter().flatten().flatten();
        let is_numbered = |folder: &PathBuf| {
            let file = folder.file_name().unwrap_or_default().as_bytes();
            let Some(rest) = file.strip_prefix(name.as_bytes()) else { return false };
            let number = |n: &[u8]| str::from_utf8(n).is_ok_and(|n| n.parse::<u32>().is_ok());
            rest.is_empty() || rest.strip_prefix(b"-").is_some_and(number)
        };
        let folders = entries.map(|entry| entry.path()).filter(is_numbered);
        let last = folders.filter_map(|folder| Some((begun(&folder)?, folder))).max();
        last.map_or_else(|| OutputFolder::New(name.to_owned()), |(_, folder)| OutputFolder::Named(folder))
    }

    /// Whether results may go there at all: never where they would lie above or in the place of
    /// what is read.
    ///
    /// # Errors
    /// Why not.
    pub fn spares(&self, inputs: &[&Path]) -> Result<(), OutputError> {
        match self {
            OutputFolder::Named(folder) => spares(folder, inputs),
            OutputFolder::New(_) => Ok(()),
        }
    }

    /// Whether an earlier run left results there, which stay unless `replace` is set.
    ///
    /// # Errors
    /// What the folder holds, and what can be done (`go_on`: what to say of going on with it).
    pub fn holds_nothing(&self, replace: bool, go_on: &str) -> Result<(), OutputError> {
        let OutputFolder::Named(folder) = self else { return Ok(()) };
        let owned = Owned::of(folder)?;
        if owned.is_empty() {
            return Ok(());
        }
        if Checkpoint::is_at_work(&folder.join(PLAN_FOLDER)) {
            return Err(OutputError::AtWork(folder.clone()));
        }
        if !replace && has_results(&owned, folder) {
            let (held, folder) = (what(&owned, folder), folder.clone());
            return Err(OutputError::HasResults { folder, held, go_on: go_on.to_owned() });
        }
        Ok(())
    }

    /// The folder: the one named, which is made by whoever writes into it, or a new one, which
    /// exists from now on.
    ///
    /// # Errors
    /// Where a new one cannot be made.
    pub fn settle(&self) -> Result<PathBuf, OutputError> {
        let name = match self {
            OutputFolder::Named(folder) => return Ok(folder.clone()),
            OutputFolder::New(name) => name,
        };
        let io = |folder: &Path| {
            let folder = folder.to_owned();
            move |source| OutputError::Io { folder, source }
        };
        fs::create_dir_all(DEFAULT_PARENT).map_err(io(Path::new(DEFAULT_PARENT)))?;
        for folder in numbered(name) {
            match fs::create_dir(&folder) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made.map(|()| folder.clone()).map_err(io(&folder)),
            }
        }
        Err(OutputError::NoName)
    }
}

/// `stagecoach-out/faculty`, `stagecoach-out/faculty-2`, ...
fn numbered(name: &OsStr) -> impl Iterator<Item = PathBuf> {
    let first = Path::new(DEFAULT_PARENT).join(name);
    let base = first.clone().into_os_string();
    let with = move |number: u32| {
        let mut folder = base.clone();
        folder.push(format!("-{number}"));
        PathBuf::from(folder)
    };
    std::iter::once(first).chain((2..=u32::MAX).map(with))
}

/// A path without links and `..`, whether it exists or not.
///
/// # Errors
/// Where it goes back (`..`) from a folder that does not exist: what that means is known only when
/// it does.
fn resolved(path: &Path) -> Result<PathBuf, OutputError> {
    let mut missing = Vec::new();
    let mut there = path.to_owned();
    loop {
        if let Ok(mut place) = (if there.as_os_str().is_empty() { Path::new(".") } else { &there }).canonicalize() {
            missing.iter().rev().for_each(|part| place.push(part));
            return Ok(place);
        }
        match there.components().next_back() {
            Some(Component::Normal(part)) => missing.push(part.to_owned()),
            _ => return Err(OutputError::LeadsBack(path.to_owned())),
        }
        there.pop();
    }
}

/// Whether results may go to a folder (or file).
///
/// # Errors
/// Where it is the root of the file system, the home folder, one of the inputs or a folder above
/// it.
pub fn spares(out: &Path, inputs: &[&Path]) -> Result<(), OutputError> {
    let place = resolved(out)?;
    let refuse = |what: &str| Err(OutputError::Place { path: out.to_owned(), what: what.to_owned() });
    if place.parent().is_none() {
        return refuse("the root of the file system");
    }
    if env::home_dir().and_then(|home| home.canonicalize().ok()).is_some_and(|home| home == place) {
        return refuse("the home folder");
    }
    for input in inputs {
        let Ok(input_place) = input.canonicalize() else { continue };
        if input_place == place {
            return refuse("the input");
        }
        if input_place.starts_with(&place) {
            return refuse(&format!("a folder above the input {}", input.display()));
        }
    }
    Ok(())
}

/// Whether a file of a list of own files is one that the program can have made: a list that came
/// from elsewhere may name anything.
pub fn can_be_ours(name: &str) -> bool {
    let formats = [Format::Itc2019, Format::CbCtt, Format::PeCtt, Format::Csv];
    let alternatives = |format: Format| {
        (1..=ALTERNATIVES).flat_map(move |k| solutions::files_of(format, &solutions::alternative(format, k)))
    };
    let solutions =
        || formats.into_iter().flat_map(|format| solutions::files(format).into_iter().chain(alternatives(format)));
    let of_stage = plan_files().into_iter().chain([CLUSTERS_FILE.to_owned()]);
    let beside = [RESUME_FILE, CHANGES_FILE, PAGE].map(str::to_owned);
    of_run().chain(solutions()).chain(of_stage).chain(beside).any(|file| file == name)
}

/// The plan's files of a run, as paths below the output folder.
pub(crate) fn of_run() -> impl Iterator<Item = String> {
    Checkpoint::files().map(|name| format!("{PLAN_FOLDER}/{name}"))
}

/// Whether an earlier run left anything that it had found: more than a problem and an empty plan.
fn has_results(owned: &Owned, folder: &Path) -> bool {
    let plan_folder = folder.join(PLAN_FOLDER);
    let of_plan: Vec<String> = of_run().collect();
    let is_there = |name: &&str| fs::symlink_metadata(folder.join(name)).is_ok();
    let mut others = owned.names().filter(|name| *name != RESUME_FILE && !of_plan.iter().any(|file| file == name));
    let is_empty = |plan: Plan| plan.timetable.is_none() && plan.history.is_empty();
    let has_plan = plan_folder.join(PLAN_FILE).exists() && !load_plan(&plan_folder).is_ok_and(is_empty);
    has_plan || others.any(|name| is_there(&name))
}

/// What an earlier run left, in a few words.
fn what(owned: &Owned, folder: &Path) -> String {
    let about = clean(owned.about());
    let Some(Ok(plan)) = plan_folder(folder).map(|folder| load_plan(&folder)) else { return about };
    let score = match plan.score {
        Some(score) if score.is_valid() => format!("penalty {}", thousands(score.penalty)),
        Some(score) => format!("not valid: {} unplaced, {} hard violations", score.unplaced, thousands(score.hard)),
        None => "without a timetable so far".to_owned(),
    };
    format!("{about}, {score}")
}

/// Whether files may be written: none of them is there, or `force` is set and none of them is an
/// input.
///
/// # Errors
/// The first that is there.
pub fn are_free(files: &[PathBuf], inputs: &[&Path], force: bool) -> Result<(), OutputError> {
    for file in files {
        spares(file, inputs)?;
    }
    for file in files.iter().filter(|file| fs::symlink_metadata(file).is_ok()) {
        let place = file.canonicalize();
        let of = inputs.iter().filter_map(|input| Some((input, input.canonicalize().ok()?)));
        for (input, folder) in of {
            if place.as_ref().is_ok_and(|place| place.starts_with(&folder)) {
                let (file, input) = (file.clone(), input.to_path_buf());
                return Err(OutputError::PartOfInput { file, input });
            }
        }
        if !force {
            return Err(OutputError::Exists(file.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_never_go_above_or_onto_what_is_read() {
        let place = tempfile::tempdir().unwrap();
        let input = place.path().join("term/faculty");
        fs::create_dir_all(input.join("more")).unwrap();
        let refused = |out: &Path| spares(out, &[&input]).err().map(|why| why.to_string());
        assert!(refused(Path::new("/")).unwrap().contains("root"));
        assert!(refused(&env::home_dir().unwrap()).is_none_or(|why| why.contains("the home folder")));
        assert!(refused(&input).unwrap().contains("the input"));
        assert!(refused(&input.join("../../term/faculty")).unwrap().contains("the input"));
        assert!(refused(place.path()).unwrap().contains("above the input"));
        assert_eq!(refused(&place.path().join("new")), None);
        assert_eq!(refused(&input.join("more")), None, "beside what is read");
    }

    #[test]
    fn files_that_are_there_stay_unless_told_otherwise_and_inputs_always() {
        let place = tempfile::tempdir().unwrap();
        let [a, b, folder] = ["a", "b", "folder"].map(|name| place.path().join(name));
        fs::write(&a, "a").unwrap();
        fs::create_dir(&folder).unwrap();
        let inside = folder.join("courses.csv");
        fs::write(&inside, "").unwrap();
        assert!(are_free(std::slice::from_ref(&b), &[&a], false).is_ok());
        let why = are_free(std::slice::from_ref(&a), &[&b], false).unwrap_err().to_string();
        assert!(why.contains("--force replaces it"), "{why}");
        assert!(are_free(std::slice::from_ref(&a), &[&b], true).is_ok());
        assert!(are_free(std::slice::from_ref(&a), &[&a], true).is_err());
        let why = are_free(&[b, inside], &[&folder], true).unwrap_err().to_string();
        assert!(why.contains("part of the input"), "{why}");
    }
}
