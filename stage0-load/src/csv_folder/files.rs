//! Where the files of a folder are: on disk, or in memory, as they would be written.

use crate::atomic::write_files;
use crate::fault::Faults;
use crate::source::{Limits, Source};
use crate::unfinished;
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
}

impl Files<'_> {
    /// The path of a file, plain or compressed; `None` where it is missing. A fault where there are
    /// several.
    pub(crate) fn find(self, name: &str) -> Result<Option<PathBuf>, Faults> {
        let folder = match self {
            Files::Folder(folder) => folder,
            Files::Memory(files) => return Ok(files.contains_key(name).then(|| name.into())),
        };
        let there: Vec<PathBuf> = ends(folder, name).filter(|p| p.exists()).collect();
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
            (None, _) => Err(Faults::one(&self.path(name), "the file is missing", "a file of this name, .gz or .zst")),
        }
    }

    /// Bytes of these files as they lie there.
    pub(crate) fn size(self, names: &[&str]) -> u64 {
        match self {
            Files::Memory(files) => files.values().map(|text| text.len() as u64).sum(),
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
        }
    }
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
    put(files, name, |out| {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(&row)?;
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
