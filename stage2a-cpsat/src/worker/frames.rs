//! What goes through the pipes: a tag, a length, bytes.

use std::io::{self, Read, Write};

/// To the worker: parameters, then a model to solve with them.
pub(super) const PARAMETERS: u8 = b'P';
pub(super) const MODEL: u8 = b'M';
/// To the worker: end the search with the best so far.
pub(super) const STOP: u8 = b'S';
/// From the worker: the library is open; its version.
pub(super) const READY: u8 = b'R';
/// From the worker: the library cannot be opened; why.
pub(super) const FAILED: u8 = b'F';
/// From the worker: a response.
pub(super) const ANSWER: u8 = b'A';

/// No message is larger.
const MOST: u64 = 1 << 30;

pub(super) fn write(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let mut head = [tag; 9];
    head[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    to.write_all(&head)?;
    to.write_all(bytes)?;
    to.flush()
}

/// The next frame; `None` at the end.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut head = [0; 9];
    loop {
        match from.read(&mut head[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    from.read_exact(&mut head[1..])?;
    let mut length = [0; 8];
    length.copy_from_slice(&head[1..]);
    let length = u64::from_le_bytes(length);
    if length > MOST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((head[0], bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut pipe = Vec::new();
        write(&mut pipe, MODEL, b"bytes").expect("memory");
        write(&mut pipe, STOP, b"").expect("memory");
        let mut from = pipe.as_slice();
        assert_eq!(read(&mut from).expect("a frame"), Some((MODEL, b"bytes".to_vec())));
        assert_eq!(read(&mut from).expect("a frame"), Some((STOP, Vec::new())));
        assert_eq!(read(&mut from).expect("the end"), None);
    }

    #[test]
    fn garbage_and_torn_frames_are_errors() {
        assert!(read(&mut [1, 255, 255, 255, 255, 255, 255, 255, 255].as_slice()).is_err());
        assert!(read(&mut [b'A', 4, 0, 0, 0, 0, 0, 0, 0, 1].as_slice()).is_err());
        assert!(read(&mut b"Ab".as_slice()).is_err());
    }
}
