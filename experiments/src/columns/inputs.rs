//! Which files are meant by the paths that a user gives.

use super::Refused;
use crate::store::{Folder, results_files};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// How files with results are called; each may be compressed as well.
const ENDS: [&str; 8] = ["parquet", "pq", "csv", "tsv", "jsonl", "ndjson", "json", "jsonlines"];
/// What makes a folder that of a sweep.
const SWEEP: &str = "sweep.json";
/// The index of a sweep.
const INDEX: &str = "index.sqlite";
/// How deep folders are looked into.
const DEPTH: usize = 8;
/// Most files: beyond that their footers alone take more than the rest.
const MOST: usize = 100_000;

/// Files with results.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files, none twice.
    pub files: Vec<PathBuf>,
    /// Folders of files that are gone with this.
    temporary: Vec<TempDir>,
}

/// The files of these paths: a file as it is, of a sweep's folder its results, of any other folder
/// the files that are called like results, sorted by name. None twice.
///
/// Of a sweep, trials that ended lately and have not become Parquet yet are written as a temporary
/// file, so that a sweep at work can be asked, too.
///
/// # Errors
/// There is nothing there, or something is missing.
pub fn find(paths: &[PathBuf]) -> Result<Inputs, Refused> {
    let Inputs { files: mut found, mut temporary } = Inputs::default();
    for path in paths {
        let before = found.len();
        let meta = fs::metadata(path).map_err(|e| refused(path, e.to_string(), "a file or a folder with results"))?;
        if meta.is_dir() {
            let is_sweep = is_sweep(path);
            if is_sweep {
                found.extend(sweep(path, &mut temporary)?);
            } else {
                folder(path, DEPTH, &mut found)?;
            }
            if found.len() == before && is_sweep {
                return Err(refused(path, "a sweep without results so far".into(), "a trial that has ended"));
            }
            if found.len() == before {
                let expected = format!("files that end in .{}, plain, .gz or .zst", ENDS[..7].join(", ."));
                return Err(refused(path, "a folder without results".into(), &expected));
            }
        } else {
            found.push(path.clone());
        }
        if found.len() > MOST {
            return Err(refused(path, format!("{} files", found.len()), &format!("at most {MOST}")));
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    Ok(Inputs { files: found, temporary })
}

/// Whether a folder is that of a sweep.
pub fn is_sweep(folder: &Path) -> bool {
    folder.join(SWEEP).is_file() && folder.join("results").is_dir()
}

/// The files with the results of a sweep, in order. Where its index cannot be read, those that are
/// in its folder of results.
fn sweep(folder: &Path, temporary: &mut Vec<TempDir>) -> Result<Vec<PathBuf>, Refused> {
    if folder.join(INDEX).is_file() {
        let place = tempfile::tempdir().map_err(|e| refused(folder, e.to_string(), "a place for temporary files"))?;
        let lately = place.path().join("lately.parquet");
        let files = Folder::open(folder).and_then(|folder| results_files(&folder, &lately));
        let files = files.map_err(|e| {
            refused(folder, e.to_string(), "the folder of a sweep; `results --rebuild` makes its index anew")
        })?;
        temporary.push(place);
        return Ok(files);
    }
    let mut files = sorted(&folder.join("results"))?;
    let number = |path: &PathBuf| {
        let name = path.file_stem()?.to_str()?;
        name.strip_prefix("part-")?.parse::<u64>().ok()
    };
    files.retain(|path| path.extension().is_some_and(|end| end == "parquet"));
    files.sort_by_key(|path| (number(path), path.clone()));
    Ok(files)
}

fn folder(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Refused> {
    for entry in sorted(path)? {
        let is_link = fs::read_link(&entry).is_ok();
        if entry.is_dir() {
            if depth > 0 && !is_link && !is_hidden(&entry) {
                folder(&entry, depth - 1, found)?;
            }
        } else if is_result(&entry) && !is_hidden(&entry) {
            found.push(entry);
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Refused> {
    let entries = fs::read_dir(folder).map_err(|e| refused(folder, e.to_string(), "a folder that can be read"))?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    Ok(entries)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_result(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    Path::new(name).extension().is_some_and(|end| ENDS.iter().any(|known| end == *known))
}

fn refused(path: &Path, found: String, expected: &str) -> Refused {
    Refused::Path { path: path.to_owned(), found, expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_means_its_results_sorted_and_each_once() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(place.path().join(name), "").unwrap();
        fs::create_dir(place.path().join("deeper")).unwrap();
        for name in ["b.csv", "a.parquet", "c.jsonl.zst", "notes.txt", ".hidden.csv", "deeper/d.CSV.gz"] {
            write(name);
        }
        let twice = [place.path().to_owned(), place.path().join("b.csv")];
        let names: Vec<_> =
            find(&twice).unwrap().files.iter().map(|p| p.strip_prefix(place.path()).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.parquet", "b.csv", "c.jsonl.zst", "deeper/d.CSV.gz"].map(PathBuf::from));
        assert!(find(&[place.path().join("missing")]).unwrap_err().to_string().contains("missing"));
        let empty = tempfile::tempdir().unwrap();
        assert!(find(&[empty.path().to_owned()]).unwrap_err().to_string().contains("without results"));
    }
}
