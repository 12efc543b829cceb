//! All calendars of a run in one archive.

use crate::answer::Refused;
use std::{
    fs,
    io::{Cursor, Write},
    path::Path,
};
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

/// Most bytes of an archive.
const MOST_BYTES: usize = 256 << 20;

/// An archive of the calendars in a folder of folders: `teachers/ann.ics`.
pub(crate) fn archive(folder: &Path) -> Result<Vec<u8>, Refused> {
    let failed = |why: ZipError| Refused::Failed(format!("the archive cannot be written: {why}"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut bytes = 0;
    for kind in sorted(folder)? {
        for file in sorted(&kind)? {
            let text = fs::read(&file)?;
            bytes += text.len();
            if bytes > MOST_BYTES {
                return Err(Refused::TooLarge("there are too many calendars for one archive: ask for one".into()));
            }
            let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
            zip.start_file(name, SimpleFileOptions::default()).map_err(failed)?;
            zip.write_all(&text)?;
        }
    }
    Ok(zip.finish().map_err(failed)?.into_inner())
}

fn sorted(folder: &Path) -> Result<Vec<std::path::PathBuf>, Refused> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
