//! All results of a sweep as files of columns, also while it runs.

use crate::error::Error;
use crate::lines::Line;
use crate::store::compact::write_ends;
use crate::store::{Folder, Index, Place, part_file, scan};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// How often it is looked anew at a sweep that makes parts of segments meanwhile.
const LOOKS: usize = 5;

/// The files with the results of a sweep: its parts, and, where attempts have ended since, `lately`,
/// which is written.
///
/// # Errors
/// An index or a segment that cannot be read; what the system says of `lately`.
pub fn results_files(folder: &Folder, lately: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut look = 1;
    loop {
        // Whichever becomes a part from now on is read as a segment, or gone, which means to look anew.
        let mut segments = Place::all(&folder.wal())?;
        let (parts, in_parts) = Index::read(&folder.index())?.parts_and_segments()?;
        segments.retain(|place| !in_parts.contains(place));
        let mut ends = Vec::new();
        let mut seen = BTreeSet::new();
        let read: Result<(), Error> = segments.iter().try_for_each(|place| {
            let each = |line, _| {
                // An end counts once.
                if let Line::End(end) = line
                    && seen.insert((end.start.id, end.start.attempt))
                {
                    ends.push(end);
                }
                Ok(())
            };
            scan(&place.file(&folder.wal()), 0, each).map(|_| ())
        });
        match read {
            Ok(()) => {}
            // A segment goes when it has become a part.
            Err(_) if look < LOOKS && segments.iter().any(|place| !place.file(&folder.wal()).exists()) => {
                look += 1;
                continue;
            }
            Err(why) => return Err(why),
        }
        let mut files: Vec<PathBuf> =
            parts.iter().map(|part| part_file(&folder.results(), part.number)).filter(|path| path.exists()).collect();
        if !ends.is_empty() {
            write_ends(lately, &folder.grids()?, ends)?;
            files.push(lately.to_owned());
        }
        return Ok(files);
    }
}
