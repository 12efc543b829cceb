//! Files that are whole or not there, and reading that is bounded.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

/// What is appended to a file's name while it is being written. The name is as much ours as the
/// file's own.
pub const PART: &str = ".part";

/// Writes `bytes` beside the file, syncs, renames, syncs the folder: after a crash there is the old
/// file or the new one. What a killed run left half written is replaced.
///
/// # Errors
/// What the system says; the old file then is as it was.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!("{name}{PART}"));
    match fs::remove_file(&part) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = File::create_new(&part)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let written = written.and_then(|()| fs::rename(&part, folder.join(name)));
    if let Err(why) = written {
        let _ = fs::remove_file(&part);
        return Err(why);
    }
    sync_folder(folder)
}

/// Makes renames and removals in a folder last, where its file system can do that: network shares
/// cannot (EINVAL, ENOSYS, ENOTSUP).
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Why a file was not read.
pub(crate) enum ReadError {
    /// The system says so.
    Io(io::Error),
    /// Larger than it may be.
    TooLarge(u64),
}

/// Reads a plain file of at most `most` bytes (a pipe or a device would never end).
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    if !fs::metadata(path).map_err(ReadError::Io)?.is_file() {
        return Err(ReadError::Io(io::Error::other("not a plain file")));
    }
    let file = File::open(path).map_err(ReadError::Io)?;
    let len = file.metadata().map_err(ReadError::Io)?.len();
    if len > most {
        return Err(ReadError::TooLarge(len));
    }
    let mut bytes = Vec::with_capacity(len as usize);
    file.take(most + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge(bytes.len() as u64));
    }
    Ok(bytes)
}
