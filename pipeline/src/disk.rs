//! What a run may write in its folder. Ledger and gauge do not trust each other here either: what
//! was promised to the run's files is booked, and what the disk really has left is asked before
//! each of them.

use crate::folder::FolderError;
use atomic_files::write_whole;
use memguard::{Bytes, Ledger, Reservation, disk_free};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use timetable::Problem;

/// A run's share of a disk: all that was free at the beginning but a reserve, which is the
/// solution's.
pub(crate) struct Disk {
    folder: PathBuf,
    reserve: Bytes,
    ledger: Ledger,
    /// Whether the folder is still the run's.
    is_own: Box<dyn Fn() -> bool + Send + Sync>,
    /// The files that are there, by name.
    files: Mutex<BTreeMap<String, Reservation>>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("folder", &self.folder).field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

impl Disk {
    pub(crate) fn new(folder: &Path, problem: &Problem) -> Disk {
        Disk::with(folder, disk_free(folder).unwrap_or(Bytes::MAX), Bytes::new(solution_bytes(problem)))
    }

    /// The same for as long as the folder is the run's own.
    pub(crate) fn while_own(self, is_own: impl Fn() -> bool + Send + Sync + 'static) -> Disk {
        Disk { is_own: Box::new(is_own), ..self }
    }

    fn with(folder: &Path, free: Bytes, reserve: Bytes) -> Disk {
        let ledger = Ledger::of("disk", free, reserve);
        Disk { folder: folder.into(), reserve, ledger, is_own: Box::new(|| true), files: Mutex::default() }
    }

    /// Whether there is room for so much beside what is there.
    ///
    /// # Errors
    /// What is free, where that is less.
    pub(crate) fn has_room(&self, wanted: Bytes) -> Result<(), FolderError> {
        match disk_free(&self.folder) {
            Some(free) if free < wanted.saturating_add(self.reserve) => {
                let reserve = self.reserve;
                let why = format!(
                    "a run takes {wanted}, but {free} of the disk are free, of which {reserve} are the solution's"
                );
                Err(full(&self.folder, why))
            }
            _ => Ok(()),
        }
    }

    /// Writes a file whole, in the place of the one of that name; both are there for a moment.
    ///
    /// # Errors
    /// Where the run's share of the disk, or the disk, has no room for it, and what the system
    /// says.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(name);
        if !(self.is_own)() {
            return Err(FolderError::content(&self.folder, "it is no longer the folder in which the run began"));
        }
        let wanted = Bytes::new(bytes.len() as u64);
        let booked = self.ledger.reserve(name, wanted);
        let booked = booked.map_err(|refused| full(&path, refused.to_string()))?;
        if let Some(free) = disk_free(&self.folder)
            && free < wanted.saturating_add(self.reserve)
        {
            let reserve = self.reserve;
            let why = format!("takes {wanted}, but {free} of the disk are free, of which {reserve} are the solution's");
            return Err(full(&path, why));
        }
        write_whole(&self.folder, name, bytes).map_err(|e| FolderError::io(&path, e))?;
        files.insert(name.into(), booked);
        Ok(())
    }

    /// A file was removed.
    pub(crate) fn forget(&self, name: &str) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// About what the solution takes in any format.
fn solution_bytes(problem: &Problem) -> u64 {
    120 * problem.classes().len() as u64 + 40 * problem.enrolment_slots() as u64 + (64 << 10)
}

fn full(file: &Path, why: String) -> FolderError {
    FolderError::Full { file: file.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(folder: &Path, free: u64) -> Disk {
        Disk::with(folder, Bytes::new(free), Bytes::new(10))
    }

    #[test]
    fn a_file_and_the_one_that_replaces_it_are_booked_together_for_a_moment() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(folder.path(), 100);
        disk.write("plan", &[1; 40]).unwrap();
        disk.write("plan", &[2; 50]).unwrap();
        assert_eq!(disk.ledger.held(), Bytes::new(50));
        assert_eq!(disk.ledger.peak(), Bytes::new(90));
        let refused = disk.write("best", &[3; 41]).unwrap_err().to_string();
        assert!(
            refused.ends_with("best asked for 41 B of disk, but 40 B of 90 B are free; held by plan 50 B"),
            "{refused}"
        );
        assert!(!folder.path().join("best").exists());
        disk.forget("plan");
        disk.write("best", &[3; 41]).unwrap();
        assert_eq!(std::fs::read(folder.path().join("best")).unwrap(), [3; 41]);
    }

    #[test]
    fn what_the_disk_really_has_left_counts_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::with(folder.path(), Bytes::MAX, Bytes::MAX.scaled(0.5));
        let refused = disk.write("plan", &[1; 40]).unwrap_err().to_string();
        assert!(refused.contains("of the disk are free"), "{refused}");
        assert!(!folder.path().join("plan").exists());
        assert_eq!(disk.ledger.held(), Bytes::ZERO);
    }

    #[test]
    fn a_refused_file_leaves_the_old_one_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(folder.path(), 100);
        disk.write("plan", &[1; 50]).unwrap();
        disk.write("plan", &[2; 60]).unwrap_err();
        assert_eq!(std::fs::read(folder.path().join("plan")).unwrap(), [1; 50]);
        assert_eq!(disk.ledger.held(), Bytes::new(50));
    }
}
