//! Reads segments, and tells what is torn from what is damaged.

use crate::error::Error;
use crate::lines::Line;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// No line of ours is longer.
const LONGEST: u64 = 64 << 10;

/// Calls `each` with every whole line from `from` on, and the position after it. Returns the
/// position after the last line that ends with a newline.
///
/// A line that is torn is left out: nothing of its trial may follow it, only the end that the
/// driver wrote of it, or the start of another. (`from` is the beginning of a line.)
///
/// # Errors
/// What the system says; a damaged line, with its position; whatever `each` says.
pub(crate) fn scan(path: &Path, from: u64, mut each: impl FnMut(Line, u64) -> Result<(), Error>) -> Result<u64, Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    file.seek(SeekFrom::Start(from)).map_err(Error::io(path))?;
    let mut reader = BufReader::with_capacity(64 << 10, file);
    let (mut at, mut torn, mut bytes) = (from, None, Vec::new());
    loop {
        bytes.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(Error::io(path))? as u64;
        let damaged =
            |at: u64| Error::damaged(path, format!("the line at byte {at} is damaged: its checksum does not hold"));
        let Some(line) = bytes.strip_suffix(b"\n") else {
            // The end of what was written so far, which may stop anywhere.
            return if read == LONGEST { Err(damaged(at)) } else { Ok(at) };
        };
        match (Line::decode(line), torn) {
            (Some(Line::Point(_) | Line::Stop(_)), Some(before)) => return Err(damaged(before)),
            (Some(line), _) => {
                torn = None;
                each(line, at + read)?;
            }
            (None, Some(before)) => return Err(damaged(before)),
            // An empty line is what ends a torn one that has lost only its newline.
            (None, None) if line.is_empty() => {}
            (None, None) => torn = Some(at),
        }
        at += read;
    }
}
