//! Reading that is bounded.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

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
