//! What this process has made and not finished: who is cut short removes it, and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Files and folders, each after what it lies in.
static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Whether what is made is noted at all: only where somebody will remove it.
static NOTED: AtomicBool = AtomicBool::new(false);

/// What was made so far. Nothing is made while somebody holds it.
#[derive(Debug)]
pub struct Unfinished(MutexGuard<'static, Vec<PathBuf>>);

impl Unfinished {
    /// From now on what this process makes is noted.
    pub fn begin() {
        NOTED.store(true, Ordering::Relaxed);
    }

    /// Waits until nothing is being made.
    pub fn hold() -> Unfinished {
        Unfinished(MADE.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes what was just made.
    pub(crate) fn note(&mut self, path: &Path) {
        if NOTED.load(Ordering::Relaxed) {
            self.0.push(path.to_owned());
        }
    }

    /// Forgets what is gone, or has another name by now.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.0.retain(|made| made != path);
    }

    /// All of it is finished, and stays.
    pub fn finish(mut self) {
        self.0.clear();
    }

    /// Removes all of it; folders only where nothing else is in them.
    pub fn remove(&mut self) {
        for path in self.0.drain(..).rev() {
            // What cannot be removed stays; there is nobody left to be told.
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
    }
}

/// Makes a folder where it is missing.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut unfinished = Unfinished::hold();
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.is_dir()).collect();
    for above in missing.into_iter().rev() {
        match fs::create_dir(above) {
            Ok(()) => unfinished.note(above),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && above.is_dir() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_file;

    #[test]
    fn what_was_made_goes_and_what_was_there_stays() {
        Unfinished::begin();
        let place = tempfile::tempdir().expect("a folder");
        let (above, old) = (place.path().join("above"), place.path().join("old"));
        let folder = above.join("new");
        fs::write(&old, "old").expect("written");
        make_folder(&folder).expect("made");
        make_folder(&folder).expect("there");
        write_file(&folder.join("a"), |w| w.write_all(b"a")).expect("written");
        write_file(&old, |w| w.write_all(b"new")).expect("written");
        let failed = write_file(&folder.join("b"), |_| Err(io::Error::other("no")));
        assert!(failed.is_err() && !folder.join("b").exists());
        // Others that test in this process may have made something, too.
        let mut unfinished = Unfinished::hold();
        unfinished.0.retain(|path| path.starts_with(place.path()));
        assert_eq!(*unfinished.0, [above.clone(), folder.clone(), folder.join("a")]);
        unfinished.remove();
        assert!(!above.exists());
        assert_eq!(fs::read_to_string(&old).expect("still there"), "new");
    }
}
