//! Which files of a folder are the program's own: all that it may replace or remove there.
//!
//! A folder with results holds [`OWNED_FILE`], a list of the files that were written there. A name
//! is put on the list before its file is written, and only while there is no file of that name. So
//! whatever is on the list is ours, after a SIGKILL at any moment, too; whatever is not stays as it
//! is.

use crate::files::{ReadError, read_bounded};
use crate::folder::FolderError;
use atomic_files::{Onto, Temporary, sync_folder};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The list's name in a folder with results.
pub const OWNED_FILE: &str = "own-files.json";
const FORMAT: &str = "stagecoach-own-files";
const MOST: u64 = 1 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedText {
    format: String,
    version: u32,
    /// What the files are, for people.
    about: String,
    /// Paths below the folder, with `/` between folders.
    files: BTreeSet<String>,
}

/// The files of a folder that the program has made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owned {
    folder: PathBuf,
    about: String,
    files: BTreeSet<String>,
}

impl Owned {
    /// Reads the list of a folder; empty where there is none.
    ///
    /// # Errors
    /// A file of that name that is not such a list, or cannot be read.
    pub fn of(folder: &Path) -> Result<Owned, FolderError> {
        let file = folder.join(OWNED_FILE);
        let bytes = match read_bounded(&file, MOST) {
            Err(ReadError::Io(e)) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Owned { folder: folder.into(), ..Owned::default() });
            }
            other => other.map_err(|why| FolderError::unread(&file, MOST, why))?,
        };
        let text: OwnedText =
            serde_json::from_slice(&bytes).map_err(|source| FolderError::Json { file: file.clone(), source })?;
        if text.format != FORMAT || text.version != 1 {
            let found = format!("is `{:.40}` version {}, expected `{FORMAT}` version 1", text.format, text.version);
            return Err(FolderError::content(&file, found));
        }
        if let Some(name) = text.files.iter().find(|name| !is_below(name)) {
            return Err(FolderError::content(&file, format!("lists `{name:.80}`, expected a path below the folder")));
        }
        Ok(Owned { folder: folder.into(), about: text.about, files: text.files })
    }

    /// Whether nothing in the folder is ours.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What the files are: what was said when they were claimed.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// All names that are ours.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Whether a file (a path below the folder) is ours.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains(name)
    }

    /// Makes these names ours, and the folder where it is missing; `about` says what they are. From
    /// then on the files may be written.
    ///
    /// # Errors
    /// Where there is a file of one of these names that is not ours, or a folder on the way to it
    /// is none; then nothing has changed.
    pub fn claim<S: Into<String>>(
        &mut self,
        about: &str,
        names: impl IntoIterator<Item = S>,
    ) -> Result<(), FolderError> {
        let new: BTreeSet<String> = names.into_iter().map(Into::into).filter(|name| !self.has(name)).collect();
        for name in &new {
            self.is_free(name)?;
        }
        for name in &self.files {
            self.is_still_ours(name)?;
        }
        if new.is_empty() && self.about == about {
            return Ok(());
        }
        let is_first = self.is_empty();
        let files = &self.files | &new;
        fs::create_dir_all(&self.folder).map_err(|e| FolderError::io(&self.folder, e))?;
        self.write(about, &files, is_first)?;
        (self.about, self.files) = (about.to_owned(), files);
        Ok(())
    }

    /// Removes those of our files whose names are not kept; they stay on the list.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_all_but(&self, kept: impl Fn(&str) -> bool) -> Result<(), FolderError> {
        for name in self.files.iter().filter(|name| !kept(name)) {
            if self.way_to(name).is_ok() {
                remove_own(&self.folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Whether nothing stands at a name, and only folders on the way to it.
    fn is_free(&self, name: &str) -> Result<(), FolderError> {
        self.way_to(name)?;
        let path = self.folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(_) => Err(FolderError::content(
                &path,
                "is not one of the files that the program made in this folder, so it stays; expected another folder",
            )),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(e) => Err(FolderError::io(&path, e)),
        }
    }

    /// Whether a file of ours is still a plain file, or gone: what somebody has put in its place is
    /// not ours.
    fn is_still_ours(&self, name: &str) -> Result<(), FolderError> {
        self.way_to(name)?;
        let path = self.folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(there) if !there.is_file() => Err(FolderError::content(
                &path,
                "is no plain file any more, so it stays; expected the file that the program made",
            )),
            _ => Ok(()),
        }
    }

    /// Whether every folder between ours and a name is missing, or really a folder (a link may lead
    /// anywhere).
    fn way_to(&self, name: &str) -> Result<(), FolderError> {
        let mut path = self.folder.clone();
        for part in Path::new(name).parent().into_iter().flat_map(Path::components) {
            path.push(part);
            if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_dir()) {
                return Err(FolderError::content(
                    &path,
                    "is no folder, so it stays; expected another folder for results",
                ));
            }
        }
        Ok(())
    }

    fn write(&self, about: &str, files: &BTreeSet<String>, is_first: bool) -> Result<(), FolderError> {
        let path = self.folder.join(OWNED_FILE);
        let text = OwnedText { format: FORMAT.into(), version: 1, about: about.to_owned(), files: files.clone() };
        let write = || {
            let mut file = Temporary::in_folder(&self.folder, 0o666)?;
            serde_json::to_writer_pretty(file.file(), &text)?;
            file.file().write_all(b"\n")?;
            file.sync()?;
            // The first list never takes the place of another file.
            file.put(&path, if is_first { Onto::Free } else { Onto::Own })
        };
        write().map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => FolderError::content(&path, "another run has begun in this folder"),
            _ => FolderError::io(&path, e),
        })?;
        // Not every file system can sync a folder; without it, a power cut may cost the list, and
        // then nothing is replaced.
        let _ = sync_folder(&self.folder);
        Ok(())
    }
}

/// Whether a path of the list stays below the folder.
fn is_below(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Removes one of our files, where it is there.
pub(crate) fn remove_own(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(FolderError::io(path, e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn what_is_claimed_is_ours_from_then_on() {
        let folder = folder();
        let mut owned = Owned::of(folder.path()).unwrap();
        assert!(owned.is_empty());
        owned.claim("a run", ["plan/plan.json", "solution.sol"]).unwrap();
        fs::write(folder.path().join("solution.sol"), "a").unwrap();
        let mut again = Owned::of(folder.path()).unwrap();
        assert_eq!(again, owned);
        again.claim("a run", ["solution.sol"]).unwrap();
        assert!(again.has("plan/plan.json") && !again.has("plan"));
    }

    #[test]
    fn what_lies_there_already_is_not_ours_and_nothing_is_claimed_then() {
        let folder = folder();
        fs::write(folder.path().join("solution.sol"), "my own").unwrap();
        let mut owned = Owned::of(folder.path()).unwrap();
        let why = owned.claim("a run", ["other", "solution.sol"]).unwrap_err().to_string();
        assert!(why.contains("solution.sol") && why.contains("it stays"), "{why}");
        assert!(owned.is_empty() && !folder.path().join(OWNED_FILE).exists());
        owned.claim("a run", ["other"]).unwrap();
        owned.remove_all_but(|_| false).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("solution.sol")).unwrap(), "my own");
    }

    #[test]
    fn a_link_on_the_way_is_refused_and_nothing_behind_it_is_removed() {
        let (folder, elsewhere) = (folder(), folder());
        let plan = folder.path().join("plan");
        std::os::unix::fs::symlink(elsewhere.path(), &plan).unwrap();
        let mut owned = Owned::of(folder.path()).unwrap();
        assert!(owned.claim("a run", ["plan/plan.json"]).unwrap_err().to_string().contains("is no folder"));
        // And where it has come in between.
        fs::remove_file(&plan).unwrap();
        owned.claim("a run", ["plan/plan.json"]).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &plan).unwrap();
        fs::write(elsewhere.path().join("plan.json"), "my own").unwrap();
        owned.remove_all_but(|_| false).unwrap();
        assert_eq!(fs::read_to_string(elsewhere.path().join("plan.json")).unwrap(), "my own");
    }

    #[test]
    fn a_list_that_is_none_of_ours_is_an_error() {
        let folder = folder();
        let list = |text: &str| {
            fs::write(folder.path().join(OWNED_FILE), text).unwrap();
            Owned::of(folder.path()).unwrap_err().to_string()
        };
        assert!(list("my own").contains(OWNED_FILE));
        assert!(
            list(r#"{"format":"x","version":1,"about":"","files":[]}"#).contains("expected `stagecoach-own-files`")
        );
        for name in ["/etc/passwd", "../thesis", "a/../../b", ""] {
            let why =
                list(&format!(r#"{{"format":"stagecoach-own-files","version":1,"about":"","files":["{name}"]}}"#));
            assert!(why.contains("below the folder"), "{why}");
        }
    }

    #[test]
    fn only_our_own_files_are_removed() {
        let folder = folder();
        let mut owned = Owned::of(folder.path()).unwrap();
        owned.claim("a run", ["a", "b", "c"]).unwrap();
        for name in ["a", "b", "d"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        owned.remove_all_but(|name| name == "b").unwrap();
        let left = ["a", "b", "c", "d"].map(|name| folder.path().join(name).exists());
        assert_eq!(left, [false, true, false, true]);
    }
}
