//! Where the library is looked for.

use super::{FILE, VARIABLE, VERSION};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A place where the library may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What names it: the environment, the cache, the system, Python.
    pub origin: &'static str,
    /// The library's file.
    pub path: PathBuf,
    /// Whether there is a file of that name.
    pub there: bool,
}

/// The library that is to be opened, or where one was looked for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is here; whether it can be opened is for a worker to find out.
    Found(PathBuf),
    /// The environment names a file that is not there: nothing else is tried.
    NotWhereNamed(PathBuf),
    /// It is nowhere.
    Nowhere,
}

/// The library: the one that the environment names, or else the first that is there.
pub fn find() -> Finding {
    if let Some(named) = named() {
        return if named.is_file() { Finding::Found(named) } else { Finding::NotWhereNamed(named) };
    }
    candidates().into_iter().find(|c| c.there).map_or(Finding::Nowhere, |c| Finding::Found(c.path))
}

/// Every place, in the order in which they are tried.
pub fn candidates() -> Vec<Candidate> {
    let mut places: Vec<(&'static str, PathBuf)> = Vec::new();
    places.extend(named().map(|path| (VARIABLE, path)));
    places.extend(unpacked().map(|folder| ("cache", folder.join("ortools/.libs").join(FILE))));
    for folder in ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/ortools/lib"] {
        places.push(("system", Path::new(folder).join(FILE)));
    }
    places.extend(site_packages().into_iter().map(|folder| ("python", folder.join("ortools/.libs").join(FILE))));
    places.into_iter().map(|(origin, path)| Candidate { origin, there: path.is_file(), path }).collect()
}

/// Where [`setup`](super::setup) unpacks this version: in the user's cache folder, as the XDG rules
/// have it.
pub(super) fn unpacked() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("stagecoach").join(format!("ortools-{VERSION}")))
}

/// What the environment names: the file itself, or a folder, as it is or as in the wheel.
fn named() -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(VARIABLE).filter(|value| !value.is_empty())?);
    if !path.is_dir() {
        return Some(path);
    }
    let in_wheel = path.join("ortools/.libs").join(FILE);
    Some(if in_wheel.is_file() { in_wheel } else { path.join(FILE) })
}

/// The folders in which Python's packages are, of an active virtual environment, the user and the
/// system.
fn site_packages() -> Vec<PathBuf> {
    let roots = [
        env::var_os("VIRTUAL_ENV").map(|root| PathBuf::from(root).join("lib")),
        env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/lib")),
        Some(PathBuf::from("/usr/local/lib")),
        Some(PathBuf::from("/usr/lib")),
    ];
    let mut found = Vec::new();
    for root in roots.into_iter().flatten() {
        let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_python = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("python3"));
        let mut pythons: Vec<PathBuf> = entries.filter(is_python).collect();
        pythons.sort();
        for python in pythons {
            found.push(python.join("site-packages"));
            found.push(python.join("dist-packages"));
        }
    }
    found
}
