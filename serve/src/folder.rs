//! The folder that is served: runs in it, inputs below `uploads`. A name that comes from outside is
//! that of a folder directly in one of the two, or nothing.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// Where uploads go.
const UPLOADS: &str = "uploads";
/// Most names that are listed.
const MOST_NAMES: usize = 2_000;

/// The served folder, without links in its path.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// A folder in it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Seconds since 1970 of its last change.
    pub(crate) at: u64,
}

impl Folder {
    /// Opens a folder, which is made where it is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        Ok(Folder(path.canonicalize()?))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where uploads go; it exists from now on.
    pub(crate) fn uploads(&self) -> io::Result<PathBuf> {
        let folder = self.0.join(UPLOADS);
        fs::create_dir_all(&folder)?;
        // A link would lead elsewhere.
        self.inside(&folder).ok_or_else(|| io::Error::other(format!("{}: it leads elsewhere", folder.display())))
    }

    /// The inputs that were uploaded, the newest first.
    pub(crate) fn inputs(&self) -> Vec<Entry> {
        self.entries(&self.0.join(UPLOADS), |_| true)
    }

    /// The runs, the newest first.
    pub(crate) fn runs(&self) -> Vec<Entry> {
        self.entries(&self.0, |name| self.run(name).is_some())
    }

    /// What an input of this name is read from: the file in its folder, or the folder itself.
    pub(crate) fn input(&self, name: &str) -> Option<PathBuf> {
        let folder = self.named(&self.0.join(UPLOADS), name)?;
        let mut files = fs::read_dir(&folder).ok()?.flatten().map(|entry| entry.path());
        match (files.next(), files.next()) {
            (Some(file), None) => self.inside(&file),
            _ => Some(folder),
        }
    }

    /// The run of this name.
    pub(crate) fn run(&self, name: &str) -> Option<PathBuf> {
        let folder = self.named(&self.0, name)?;
        let plan = self.inside(&folder.join(scheduler::PLAN_FOLDER))?;
        plan.is_dir().then_some(folder)
    }

    /// A file of a run, where it is one and lies in the served folder.
    pub(crate) fn file_of(&self, run: &str, file: &str) -> Option<PathBuf> {
        let path = self.run(run)?.join(file);
        fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
        self.inside(&path)
    }

    /// Where a run of this name can go: a folder that is not there yet, with the first free number.
    /// The run makes it, when it begins.
    pub(crate) fn new_run(&self, name: &str) -> (String, PathBuf) {
        let numbered = (2..=u32::MAX).map(|number| format!("{name}-{number}"));
        let is_free = |name: &String| fs::symlink_metadata(self.0.join(name)).is_err();
        let name = std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| name.to_owned());
        let path = self.0.join(&name);
        (name, path)
    }

    /// The folder of this name directly in another.
    fn named(&self, parent: &Path, name: &str) -> Option<PathBuf> {
        if !is_name(name) {
            return None;
        }
        let path = parent.join(name);
        fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_dir)?;
        self.inside(&path)
    }

    /// A path without links, where that lies in the served folder.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|path| path.starts_with(&self.0))
    }

    fn entries(&self, parent: &Path, is_one: impl Fn(&str) -> bool) -> Vec<Entry> {
        let found = fs::read_dir(parent).into_iter().flatten().flatten();
        let entry = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let path = self.named(parent, &name).filter(|_| is_one(&name))?;
            let changed = fs::metadata(&path).and_then(|data| data.modified()).ok()?;
            let at = changed.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            Some(Entry { name, path, at })
        };
        let mut list: Vec<Entry> = found.filter_map(entry).take(MOST_NAMES).collect();
        list.sort_by(|a, b| (b.at, &a.name).cmp(&(a.at, &b.name)));
        list
    }
}

/// Whether a name is that of something directly in a folder, and not hidden.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// New folders that nobody else looks into: what is in them names people.
pub(crate) fn private() -> tempfile::Builder<'static, 'static> {
    let mut folders = tempfile::Builder::new();
    folders.permissions(fs::Permissions::from_mode(0o700));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let place = tempfile::tempdir().expect("a folder");
        let outside = place.path().join("outside");
        fs::create_dir_all(outside.join("plan")).expect("a folder");
        let folder = Folder::open(&place.path().join("served")).expect("a folder");
        fs::create_dir_all(folder.path().join("good/plan")).expect("a folder");
        fs::create_dir_all(folder.path().join("linked-plan")).expect("a folder");
        symlink(&outside, folder.path().join("link")).expect("a link");
        symlink(outside.join("plan"), folder.path().join("linked-plan/plan")).expect("a link");
        symlink("/etc/hostname", folder.path().join("good/timetable.html")).expect("a link");
        assert!(folder.run("good").is_some());
        for name in ["../outside", "..", ".", "", "link", "linked-plan", "good/plan", "/etc", "good/../good", "a\0"] {
            assert!(folder.run(name).is_none(), "{name:?}");
            assert!(folder.input(name).is_none(), "{name:?}");
        }
        assert!(folder.file_of("good", "timetable.html").is_none(), "a link");
        let names: Vec<String> = folder.runs().into_iter().map(|run| run.name).collect();
        assert_eq!(names, ["good"]);
    }

    #[test]
    fn a_new_run_never_gets_a_folder_that_is_there() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(place.path()).expect("a folder");
        assert_eq!(folder.new_run("term").0, "term");
        fs::create_dir(folder.path().join("term")).expect("a folder");
        std::os::unix::fs::symlink("nowhere", folder.path().join("term-2")).expect("a link");
        assert_eq!(folder.new_run("term"), ("term-3".to_owned(), folder.path().join("term-3")));
    }
}
