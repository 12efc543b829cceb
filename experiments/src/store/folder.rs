//! The folder of a sweep: what is where, and who may change it.

use crate::error::Error;
use crate::grid::Grid;
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

/// The version of the layout, in `sweep.json`: what makes a folder that of a sweep.
pub const LAYOUT: &str = "{\"stagecoach\":\"sweep\",\"layout\":1}\n";

const MARK: &str = "sweep.json";
const LOCK: &str = "lock";
const FOLDERS: [&str; 6] = ["grids", "problems", "wal", "results", "series", "trials"];

/// The folder of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// Held while a sweep, or whoever else changes its folder, is at work; gone with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Folder {
    /// The folder of a sweep that exists.
    ///
    /// # Errors
    /// Where there is none, or one of another layout.
    pub fn open(path: &Path) -> Result<Folder, Error> {
        let mark = path.join(MARK);
        let mut text = String::new();
        let read = File::open(&mark).and_then(|file| file.take(1024).read_to_string(&mut text));
        match read {
            Ok(_) if text == LAYOUT => Ok(Folder { path: path.to_owned() }),
            Ok(_) => {
                Err(Error::damaged(&mark, format!("it is not that of a sweep of this version: {}", LAYOUT.trim())))
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(Error::Input(format!("{}: it is no folder of a sweep (no {MARK} in it)", path.display())))
            }
            Err(e) => Err(Error::io(&mark)(e)),
        }
    }

    /// The folder of a sweep, made where there is nothing yet.
    ///
    /// # Errors
    /// Where something else has the name, or the folder cannot be made.
    pub fn create(path: &Path) -> Result<Folder, Error> {
        if path.join(MARK).exists() {
            return Folder::open(path);
        }
        match fs::read_dir(path) {
            Ok(entries) => {
                // What a sweep that was killed while it made its folder has left: its mark comes last.
                let ours = |name: &str| FOLDERS.contains(&name) || name == LOCK;
                let foreign =
                    entries.flatten().map(|entry| entry.file_name()).find(|name| !name.to_str().is_some_and(ours));
                if let Some(name) = foreign {
                    let (path, name) = (path.display(), name.display());
                    return Err(Error::Input(format!(
                        "{path}: it holds {name}, and is no folder of a sweep; choose another with --out"
                    )));
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => fs::create_dir_all(path).map_err(Error::io(path))?,
            Err(e) => return Err(Error::io(path)(e)),
        }
        let folder = Folder { path: path.to_owned() };
        for name in FOLDERS {
            let below = path.join(name);
            match fs::create_dir(&below) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Error::io(&below)(e)),
                _ => {}
            }
        }
        pipeline::write_whole(path, MARK, LAYOUT.as_bytes()).map_err(Error::io(&path.join(MARK)))?;
        Ok(folder)
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// Where somebody else holds it.
    pub fn lock(&self) -> Result<Lock, Error> {
        let path = self.path.join(LOCK);
        let mut open = File::options();
        let file = open.read(true).write(true).create(true).truncate(false).custom_flags(libc::O_NOFOLLOW).open(&path);
        let mut file = file.map_err(Error::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = (&mut file).take(64).read_to_string(&mut text);
                let who = text.trim().parse::<u32>().map_or(String::new(), |pid| format!(" (process {pid})"));
                return Err(Error::Busy { path: self.path.clone(), who });
            }
            Err(TryLockError::Error(e)) => return Err(Error::io(&path)(e)),
        }
        // For people only; padded, so that it covers what was there.
        let _ = file.write_all(format!("{:<16}\n", process::id()).as_bytes());
        Ok(Lock { _file: file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The index.
    pub fn index(&self) -> PathBuf {
        self.path.join("index.sqlite")
    }

    /// The block of a problem.
    pub fn block(&self, hash: &str) -> PathBuf {
        self.path.join("problems").join(format!("{hash}.block"))
    }

    /// Where the segments are.
    pub fn wal(&self) -> PathBuf {
        self.path.join("wal")
    }

    /// The Parquet files of finished attempts.
    pub fn results(&self) -> PathBuf {
        self.path.join("results")
    }

    /// The Parquet files of time series.
    pub fn series(&self) -> PathBuf {
        self.path.join("series")
    }

    /// What trials keep.
    pub fn trials(&self) -> PathBuf {
        self.path.join("trials")
    }

    /// The folders of shards.
    pub fn shard(&self, k: u32, n: u32) -> PathBuf {
        self.path.join("shards").join(format!("{k}-of-{n}"))
    }

    /// The grids that were run here, by their numbers.
    ///
    /// # Errors
    /// A file that cannot be read, or is none.
    pub fn grids(&self) -> Result<Vec<(u32, Grid)>, Error> {
        let folder = self.path.join("grids");
        let mut grids = Vec::new();
        for entry in fs::read_dir(&folder).map_err(Error::io(&folder))?.flatten() {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|name| name.parse().ok());
            let Some(number) = number else { continue };
            let path = entry.path();
            let bytes = fs::read(&path).map_err(Error::io(&path))?;
            let grid = serde_json::from_slice(&bytes).map_err(|e| Error::damaged(&path, e))?;
            grids.push((number, grid));
        }
        grids.sort_by_key(|(number, _)| *number);
        Ok(grids)
    }

    /// The number of this grid, which is kept where it is new; and its text beside.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep_grid(&self, grid: &Grid, text: &str) -> Result<u32, Error> {
        let grids = self.grids()?;
        let kept = grids.iter().find(|(_, kept)| kept == grid).map(|(number, _)| *number);
        let number = kept.unwrap_or_else(|| grids.last().map_or(1, |(last, _)| last + 1));
        if kept.is_none() {
            let folder = self.path.join("grids");
            let name = format!("{number}.json");
            let bytes = serde_json::to_vec_pretty(grid).map_err(|e| Error::damaged(&folder.join(&name), e))?;
            pipeline::write_whole(&folder, &name, &bytes).map_err(Error::io(&folder.join(&name)))?;
        }
        if !fs::read_to_string(self.path.join("grid.toml")).is_ok_and(|there| there == text) {
            let path = self.path.join("grid.toml");
            pipeline::write_whole(&self.path, "grid.toml", text.as_bytes()).map_err(Error::io(&path))?;
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_left_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("thesis.tex"), "mine").unwrap();
        let why = Folder::create(place.path()).unwrap_err().to_string();
        assert!(why.contains("thesis.tex"), "{why}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert!(Folder::open(place.path()).unwrap_err().to_string().contains("no folder of a sweep"));
    }

    #[test]
    fn only_one_at_a_time_has_the_lock() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&place.path().join("s")).unwrap();
        let lock = folder.lock().unwrap();
        let why = Folder::open(folder.path()).unwrap().lock().unwrap_err().to_string();
        assert!(why.contains(&format!("(process {})", process::id())), "{why}");
        drop(lock);
        folder.lock().unwrap();
    }
}
