//! Files that are whole or not there: written under another name, synced, renamed.
//!
//! After a crash at any moment there is the old file or the new one, never half of one. All that
//! the program writes gets its name here, in one of two ways:
//!
//! * [`Temporary`]: under a name that nobody else has, for files that several processes may write,
//!   or whose name may belong to somebody else ([`Onto`] says what may stand there). What a killed
//!   process leaves is not found again; who wants to remove it notes [`Temporary::path`].
//! * [`write_whole`], or [`rename_own`] for what is written bit by bit: under the file's own name with
//!   [`PART`] after it, for files of a folder that is ours. What a killed process leaves is found
//!   and replaced by the next.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// What is appended to a file's name while it is being written. The name is as much ours as the
/// file's own.
pub const PART: &str = ".part";

/// What may stand at the name that a file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// Nothing.
    Free,
    /// Nothing, or a file that the caller may replace.
    Own,
}

/// A file that is being written under a name that nobody else has; removed when dropped.
#[derive(Debug)]
pub struct Temporary(tempfile::NamedTempFile);

impl Temporary {
    /// An empty file in a folder, which has to be of the file system of its later name; `mode` are
    /// its permissions, less what the user's mask takes away.
    ///
    /// # Errors
    /// What the system says.
    pub fn in_folder(folder: &Path, mode: u32) -> io::Result<Temporary> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stagecoach-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        #[cfg(not(unix))]
        let _ = mode;
        Ok(Temporary(builder.tempfile_in(folder)?))
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// To be written.
    pub fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Waits until the content is on the disk.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.0.as_file().sync_all()
    }

    /// Gives the file, which is whole and synced, its name; tells whether the name is known to have
    /// been free. The folder is not synced yet ([`sync_folder`]).
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::AlreadyExists`] where the name shall be free and is
    /// not.
    pub fn put(self, path: &Path, onto: Onto) -> io::Result<bool> {
        let why = match self.0.persist_noclobber(path) {
            Ok(_) => return Ok(true),
            Err(why) => why,
        };
        // Not every disk can promise that nothing is replaced; then it is looked at.
        let is_free = || fs::symlink_metadata(path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        if onto == Onto::Free && !is_free() {
            return Err(why.error);
        }
        why.file.persist(path).map_err(|e| e.error)?;
        Ok(onto == Onto::Free)
    }
}

/// Writes `bytes` beside the file, syncs, renames, syncs the folder: after a crash there is the old
/// file or the new one. What a killed run left half written is replaced.
///
/// # Errors
/// What the system says; the old file then is as it was.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!("{name}{PART}"));
    remove_part(&part)?;
    let mut file = File::create_new(&part)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let written = written.and_then(|()| rename_own(&part, &folder.join(name)));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Removes what a killed run left half written under a name that is ours, where there is something.
///
/// # Errors
/// What the system says.
pub fn remove_part(part: &Path) -> io::Result<()> {
    match fs::remove_file(part) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Gives a whole file (or folder) of ours its own name, in the same folder, and syncs the folder.
///
/// # Errors
/// What the system says.
pub fn rename_own(part: &Path, path: &Path) -> io::Result<()> {
    fs::rename(part, path)?;
    sync_folder(folder_of(path))
}

/// The folder in which a path is.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes renames and removals in a folder last, where its file system can do that: network shares
/// cannot (EINVAL, ENOSYS, ENOTSUP).
///
/// # Errors
/// What the system says otherwise.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        fs::read_to_string(path).expect("a text")
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).expect("a folder").flatten().map(|e| e.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn temporary(folder: &Path, text: &str) -> Temporary {
        let mut file = Temporary::in_folder(folder, 0o666).expect("a file");
        file.file().write_all(text.as_bytes()).expect("written");
        file.sync().expect("synced");
        file
    }

    #[test]
    fn a_file_gets_a_free_name_and_never_takes_one_that_is_not() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        assert!(temporary(place.path(), "new").put(&path, Onto::Free).unwrap());
        let why = temporary(place.path(), "other").put(&path, Onto::Free).unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((text(&path), names(place.path())), ("new".into(), vec!["a".into()]));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_no_free_name() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        std::os::unix::fs::symlink(place.path().join("nowhere"), &path).unwrap();
        assert!(temporary(place.path(), "new").put(&path, Onto::Free).is_err());
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    }

    #[test]
    fn a_file_of_ours_is_replaced_and_whoever_asks_learns_of_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        assert!(temporary(place.path(), "old").put(&path, Onto::Own).unwrap());
        assert!(!temporary(place.path(), "new").put(&path, Onto::Own).unwrap());
        assert_eq!((text(&path), names(place.path())), ("new".into(), vec!["a".into()]));
    }

    #[test]
    fn what_is_given_up_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        drop(temporary(place.path(), "half"));
        assert!(names(place.path()).is_empty());
    }

    #[test]
    fn what_a_killed_run_left_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a"), "old").unwrap();
        fs::write(place.path().join("a.part"), "ha").unwrap();
        write_whole(place.path(), "a", b"new").unwrap();
        assert_eq!((text(&place.path().join("a")), names(place.path())), ("new".into(), vec!["a".into()]));
    }

    #[test]
    fn where_the_name_cannot_be_had_nothing_is_left_behind() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("a")).unwrap();
        fs::write(place.path().join("a/mine"), "mine").unwrap();
        assert!(write_whole(place.path(), "a", b"new").is_err());
        assert_eq!(names(place.path()), ["a"]);
        assert_eq!(text(&place.path().join("a/mine")), "mine");
    }
}
