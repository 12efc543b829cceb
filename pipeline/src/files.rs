//! Files that are whole or not there, and reading that is bounded.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// What the names of temporary files begin with; what a killed run left is swept by [`sweep`].
const TEMPORARY: &str = ".stagecoach-";

/// Writes `bytes` under a temporary name, syncs, renames, syncs the folder: after a crash there is the old file or the new one.
pub(crate) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .permissions(Permissions::from_mode(0o666)) // less the umask, as for any other file
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    sync_folder(folder)
}

/// Makes renames and removals in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes temporary files that a killed run left.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Why a file was not read.
pub(crate) enum Unread {
    /// The system says so.
    Io(io::Error),
    /// Larger than it may be.
    TooLarge(u64),
}

/// Reads a plain file of at most `most` bytes (a pipe or a device would never end).
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    if !fs::metadata(path).map_err(Unread::Io)?.is_file() {
        return Err(Unread::Io(io::Error::other("not a plain file")));
    }
    let file = File::open(path).map_err(Unread::Io)?;
    let len = file.metadata().map_err(Unread::Io)?.len();
    if len > most {
        return Err(Unread::TooLarge(len));
    }
    let mut bytes = Vec::with_capacity(len as usize);
    file.take(most + 1).read_to_end(&mut bytes).map_err(Unread::Io)?;
    if bytes.len() as u64 > most {
        return Err(Unread::TooLarge(bytes.len() as u64));
    }
    Ok(bytes)
}
