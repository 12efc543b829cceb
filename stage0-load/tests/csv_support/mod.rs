//! Folders of CSV files for tests, and the one of the documentation.
#![allow(dead_code, reason = "every test file uses some of it")]

use stage0_load::Faults;
use std::{fs, path::Path};
use tempfile::TempDir;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }

    pub(crate) fn compress(&self, name: &str) {
        let bytes = self.read(name);
        stage0_load::write_file(&self.path().join(format!("{name}.zst")), |out| out.write_all(&bytes)).unwrap();
        self.remove(name);
    }

    /// Faults as text, without the path of the folder.
    pub(crate) fn messages(&self, faults: &Faults) -> Vec<String> {
        let folder = format!("{}/", self.path().display());
        faults.list().iter().map(|f| f.to_string().replace(&folder, "")).collect()
    }
}

/// The files of the example in `docs/formats.md`, in their order.
pub(crate) fn example_files() -> Vec<(String, String)> {
    let text = include_str!("../../../docs/formats.md");
    let section = text.split("### A complete example").nth(1).unwrap().split("\n### ").next().unwrap();
    let mut files = Vec::new();
    // Outside of blocks and inside of them by turns; the last line outside names the file.
    let parts: Vec<&str> = section.split("```").collect();
    for pair in parts.chunks_exact(2) {
        let name = pair[0].trim_end().lines().last().unwrap().trim_matches('`');
        files.push((name.to_owned(), pair[1].split_once('\n').unwrap().1.to_owned()));
    }
    assert_eq!(files.len(), 8, "eight files");
    files
}

pub(crate) fn example() -> Folder {
    let folder = Folder::new();
    for (name, body) in example_files() {
        folder.write(&name, body.as_bytes());
    }
    folder
}
