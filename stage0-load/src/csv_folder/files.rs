//! Where the files of a folder are: on disk, or in memory, as they would be written.

use super::PROBLEM_FILES;
use crate::atomic::write_files;
use crate::fault::{Fault, Faults};
use crate::source::{Limits, Source, cannot_open};
use crate::unfinished;
use crate::workbook::{Table, Workbook};
use crate::write_error::WriteError;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Cursor, Write},
    path::{Path, PathBuf},
};

/// Files by name.
pub(crate) type Written = BTreeMap<&'static str, Vec<u8>>;

/// Files to be read.
#[derive(Clone, Copy)]
pub(crate) enum Files<'a> {
    Folder(&'a Path),
    Memory(&'a Written),
    Workbook(&'a Workbook),
}

impl Files<'_> {
    /// The path of a file, plain or compressed; `None` where it is missing. A fault where there are
    /// several.
    pub(crate) fn find(self, name: &str) -> Result<Option<PathBuf>, Faults> {
        let folder = match self {
            Files::Folder(folder) => folder,
            Files::Memory(files) => return Ok(files.contains_key(name).then(|| name.into())),
            Files::Workbook(book) => return Ok(book.table(name).map(|_| book.path.clone())),
        };
        let mut there = Vec::new();
        for path in ends(folder, name) {
            match path.try_exists() {
                Ok(true) => there.push(path),
                Ok(false) => {}
                Err(e) => {
                    let (found, expected) = cannot_open(&e, "file");
                    return Err(Faults::one(&path, found, expected));
                }
            }
        }
        match there.len() {
            0 | 1 => Ok(there.into_iter().next()),
            _ => Err(Faults::one(&there[1], "the file twice, plain and compressed", "one of them")),
        }
    }

    /// Opens a file that must be there.
    pub(crate) fn open(self, name: &str, bytes: u64) -> Result<Source, Faults> {
        let limits = Limits { bytes, ..Limits::default() };
        match (self.find(name)?, self) {
            (Some(path), Files::Folder(_)) => Source::open(&path, limits),
            (Some(path), Files::Memory(files)) => {
                let text = files.get(name).cloned().unwrap_or_default();
                Source::new(&path, Box::new(Cursor::new(text)), limits)
            }
            (Some(path), Files::Workbook(_)) => Source::open(&path, limits), // sheets are tables already
            (None, Files::Workbook(book)) => {
                Err(Faults::one(&book.path, format!("no sheet {:?}", stem(name)), "a sheet of this name"))
            }
            (None, _) => Err(Faults::one(&self.path(name), "the file is missing", "a file of this name, .gz or .zst")),
        }
    }

    /// Bytes of these files as they lie there.
    pub(crate) fn size(self, names: &[&str]) -> u64 {
        match self {
            Files::Memory(files) => files.values().map(|text| text.len() as u64).sum(),
            Files::Workbook(book) => book.size,
            Files::Folder(folder) => {
                let paths = names.iter().flat_map(|name| ends(folder, name));
                paths.filter_map(|path| fs::metadata(path).ok()).map(|m| m.len()).sum()
            }
        }
    }

    /// What a file is called in messages.
    pub(crate) fn path(self, name: &str) -> PathBuf {
        match self {
            Files::Folder(folder) => folder.join(name),
            Files::Memory(_) => name.into(),
            Files::Workbook(book) => book.path.clone(),
        }
    }

    /// A fault of a file of the folder, where that file is: beside the others, or as a sheet.
    pub(crate) fn place(self, fault: &Fault) -> Fault {
        let name = fault.file.to_string_lossy();
        let sheet = self.sheet(&name).map(|table| table.name.as_str());
        let cell = sheet.map(|sheet| fault.line.map_or(sheet.to_owned(), |line| format!("{sheet}!{line}")));
        let (found, expected) = (self.named_places(&fault.found), self.named_places(&fault.expected));
        Fault { file: self.path(&name), cell, found, expected, line: fault.line }
    }

    /// A line that names places as `courses.csv:4`, in the words of a workbook where this is one:
    /// `courses!4`.
    pub(crate) fn in_its_words(self, line: &str) -> String {
        match self {
            Files::Workbook(book) => format!("{}: {}", book.path.display(), self.named_places(line)),
            Files::Folder(_) | Files::Memory(_) => line.to_owned(),
        }
    }

    fn named_places(self, text: &str) -> String {
        PROBLEM_FILES.iter().fold(text.to_owned(), |text, file| match self.sheet(file) {
            Some(table) => text.replace(&format!("{file}:"), &format!("{}!", table.name)),
            None => text,
        })
    }

    /// The sheet that stands for a file, where this is a workbook.
    pub(crate) fn sheet(&self, name: &str) -> Option<&Table> {
        match self {
            Files::Workbook(book) => book.table(name),
            Files::Folder(_) | Files::Memory(_) => None,
        }
    }
}

/// A file's name without what tells that it is a CSV or TOML file.
pub(crate) fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn ends<'a>(folder: &'a Path, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    ["", ".gz", ".zst"].iter().map(move |end| folder.join(format!("{name}{end}")))
}

/// Puts one file among others.
pub(crate) fn put(
    files: &mut Written,
    name: &'static str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    write(files.entry(name).or_default()).map_err(WriteError::Stream)
}

/// Puts one CSV file among others.
pub(crate) fn put_rows<const N: usize>(
    files: &mut Written,
    name: &'static str,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), WriteError> {
    put_records(files, name, b',', &header, rows)
}

/// Puts one CSV file among others, with another separator.
pub(crate) fn put_records<R: IntoIterator<Item = String>>(
    files: &mut Written,
    name: &'static str,
    separator: u8,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<(), WriteError> {
    put(files, name, |out| {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(out);
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row.into_iter().map(String::into_bytes))?;
        }
        writer.flush()
    })
}

/// Writes files to a folder, which is made where it is missing: all of them, or none.
pub(crate) fn write_all(files: &Written, folder: &Path) -> Result<(), WriteError> {
    unfinished::make_folder(folder).map_err(|source| WriteError::Io { path: folder.to_owned(), source })?;
    let texts = files.iter().map(|(name, text)| (*name, text.as_slice()));
    write_files(folder, texts).map_err(|(path, source)| WriteError::Io { path, source })
}
