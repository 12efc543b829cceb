//! The folder of a sweep: what is where, and who may change it.

use crate::error::Error;
use crate::grid::Grid;
use atomic_files::{Onto, Temporary};
use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant},
};

/// The version of the layout, in `sweep.json`: what makes a folder that of a sweep.
pub const LAYOUT: &str = "{\"stagecoach\":\"sweep\",\"layout\":1}\n";

const MARK: &str = "sweep.json";
const LOCK: &str = "lock";
const SHARDS: &str = "shards";
const MOMENT: Duration = Duration::from_millis(200);
const GRIDS: &str = "grids";
const FOLDERS: [&str; 6] = [GRIDS, "problems", "wal", "results", "series", "trials"];

/// The folder of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
    /// Where the problems are: a shard has those of its sweep.
    problems: PathBuf,
}

/// Held while a sweep, or whoever else changes its folder, is at work; gone with the process that
/// holds it, however that ends.
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
            Ok(_) if text == LAYOUT => Ok(Folder::at(path)),
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
                // What a sweep that was killed while it made its folder has left: its mark comes
                // last.
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
        for name in FOLDERS {
            let below = path.join(name);
            match fs::create_dir(&below) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Error::io(&below)(e)),
                _ => {}
            }
        }
        // Shards may begin at the same time: each writes the same, under a name of its own first.
        write_unique(&path.join(GRIDS), &path.join(MARK), LAYOUT.as_bytes(), 0o644)?;
        Ok(Folder::at(path))
    }

    fn at(path: &Path) -> Folder {
        let above = path.parent().filter(|parent| parent.file_name().is_some_and(|name| name == SHARDS));
        let sweep = above.and_then(Path::parent).filter(|sweep| sweep.join(MARK).is_file());
        Folder { path: path.to_owned(), problems: sweep.unwrap_or(path).join("problems") }
    }

    /// The folder of shard `k` of `n`, made where there is none yet.
    ///
    /// # Errors
    /// As [`Folder::create`].
    pub fn shard(&self, k: u32, n: u32) -> Result<Folder, Error> {
        let all = self.path.join(SHARDS);
        match fs::create_dir(&all) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Error::io(&all)(e)),
            _ => {}
        }
        Folder::create(&all.join(format!("{k}-of-{n}")))
    }

    /// The folders of all shards, by name.
    ///
    /// # Errors
    /// What the system says.
    pub fn shards(&self) -> Result<Vec<Folder>, Error> {
        let all = self.path.join(SHARDS);
        let mut found: Vec<PathBuf> = match fs::read_dir(&all) {
            Ok(entries) => {
                entries.flatten().map(|entry| entry.path()).filter(|path| path.join(MARK).is_file()).collect()
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(Error::io(&all)(e)),
        };
        found.sort();
        found.iter().map(|path| Folder::open(path)).collect()
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
        let began = Instant::now();
        let locked = loop {
            match file.try_lock() {
                // A process that somebody starts has every descriptor for a moment.
                Err(TryLockError::WouldBlock) if began.elapsed() < MOMENT => thread::sleep(Duration::from_millis(5)),
                done => break done,
            }
        };
        match locked {
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
        self.problems.join(format!("{hash}.block"))
    }

    /// Keeps the block of a problem, where it is not there yet.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn keep_block(&self, hash: &str, block: &timetable::Block) -> Result<(), Error> {
        let path = self.block(hash);
        // Trials map it: nobody shall write to it.
        if block.is_in(&path) { Ok(()) } else { write_unique(&self.problems, &path, block.bytes(), 0o444) }
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

    /// The grids that were run here, by their numbers.
    ///
    /// # Errors
    /// A file that cannot be read, or is none.
    pub fn grids(&self) -> Result<BTreeMap<u32, Grid>, Error> {
        let folder = self.path.join(GRIDS);
        let mut grids = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(Error::io(&folder))?.flatten() {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|name| name.parse().ok());
            let Some(number) = number else { continue };
            let path = entry.path();
            let bytes = fs::read(&path).map_err(Error::io(&path))?;
            grids.insert(number, serde_json::from_slice(&bytes).map_err(|e| Error::damaged(&path, e))?);
        }
        Ok(grids)
    }

    /// The number of this grid, which is kept where it is new. It is made of what the grid is, so
    /// that shards have the same.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep_grid(&self, grid: &Grid) -> Result<u32, Error> {
        let folder = self.path.join(GRIDS);
        let bytes = serde_json::to_vec_pretty(grid).map_err(|e| Error::damaged(&folder, e))?;
        let hash = blake3::hash(&bytes);
        let number =
            u32::from_le_bytes([hash.as_bytes()[0], hash.as_bytes()[1], hash.as_bytes()[2], hash.as_bytes()[3]]);
        let path = folder.join(format!("{number}.json"));
        match fs::read(&path) {
            Ok(there) if there == bytes => {}
            Ok(_) => return Err(Error::damaged(&path, "it is not the grid that its number says")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => write_unique(&folder, &path, &bytes, 0o644)?,
            Err(e) => return Err(Error::io(&path)(e)),
        }
        Ok(number)
    }

    /// Keeps the text of the grid, for people.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep_text(&self, text: &str) -> Result<(), Error> {
        let path = self.path.join("grid.toml");
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        write_unique(&self.path.join(GRIDS), &path, text.as_bytes(), 0o644)
    }
}

/// Writes a file under a name that nobody else has, syncs it, and gives it its own: whoever else
/// does so at the same time writes the same.
fn write_unique(beside: &Path, path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let written = || {
        let mut file = Temporary::in_folder(beside, mode)?;
        file.file().write_all(bytes)?;
        file.sync()?;
        file.put(path, Onto::Own).map(drop)
    };
    written().map_err(Error::io(path))
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
