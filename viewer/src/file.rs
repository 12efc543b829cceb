//! Files: each whole or not at all.

use crate::ics::Calendars;
use crate::page::write_page;
use crate::view::View;
use crate::whose::Kind;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why files of a folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct FilesError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Writes the page to a file, in the place of one that the caller may replace.
///
/// # Errors
/// Why it cannot be written.
pub fn write_page_file(view: &View<'_>, path: &Path) -> io::Result<()> {
    stage0_load::write_file(path, |out| write_page(view, out))
}

/// Writes the calendars of all rooms, teachers and groups into a folder, which is made where it is
/// missing: `teachers/ann.ics`. Gives how many they are. Files that are there are replaced.
///
/// # Errors
/// The first file that could not be written.
pub fn write_calendars(calendars: &Calendars<'_>, folder: &Path) -> Result<usize, FilesError> {
    let mut written = 0;
    for kind in [Kind::Room, Kind::Teacher, Kind::Group] {
        let below = folder.join(kind.plural());
        fs::create_dir_all(&below).map_err(|source| FilesError { path: below, source })?;
        for (name, text) in calendars.all(kind) {
            let path = folder.join(name);
            put(&path, text.as_bytes()).map_err(|source| FilesError { path, source })?;
            written += 1;
        }
    }
    Ok(written)
}

/// There may be thousands: nobody waits for each of them to be on the disk, only where one is
/// replaced.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match File::create_new(path) {
        Ok(mut file) => file.write_all(bytes),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
            stage0_load::write_file(path, |out| out.write_all(bytes))
        }
        Err(why) => Err(why),
    }
}
