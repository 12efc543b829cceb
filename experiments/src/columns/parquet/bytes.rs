//! Bytes of a file, read where they lie and never mapped; pages are looked at before memory is
//! taken for them.

use ::parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    ops::Range,
    os::{fd::AsRawFd, unix::fs::FileExt},
    sync::Arc,
};

/// Bytes of a page's header that are read at once: more than it takes as a rule.
const HEADER: usize = 512;

/// An open file.
#[derive(Debug)]
pub(super) struct Source {
    file: File,
    pub(super) len: u64,
    /// Most bytes that a page may take, packed or unpacked.
    most: usize,
}

impl Source {
    pub(super) fn new(file: File, most: usize) -> io::Result<Source> {
        Ok(Source { len: file.metadata()?.len(), file, most })
    }

    /// How long the footer says that it is.
    pub(super) fn footer_length(&self, magic: &[u8; 4]) -> io::Result<u64> {
        let mut tail = [0; 8];
        if self.len < 12 {
            return Err(io::Error::other(format!("only {} bytes", self.len)));
        }
        self.file.read_exact_at(&mut tail, self.len - 8)?;
        let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        if &tail[4..] != magic {
            return Err(io::Error::other("no footer at its end; whoever wrote it may not be done"));
        }
        if length > self.len - 12 {
            return Err(io::Error::other("a footer longer than the file"));
        }
        Ok(length)
    }

    pub(super) fn range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let length = range.end.checked_sub(range.start).filter(|_| range.end <= self.len);
        let length = length.ok_or_else(|| io::Error::other("data outside the file"))?;
        if length > self.most as u64 {
            return Err(io::Error::other(too_large(length, self.most)));
        }
        self.read(range.start, length as usize)
    }

    pub(super) fn read(&self, start: u64, length: usize) -> io::Result<Bytes> {
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, start)?;
        Ok(buffer.into())
    }

    /// Asks the system to read soon; it may decline.
    pub(super) fn prefetch(&self, start: u64, length: u64) {
        let (start, length) = (start as libc::off_t, length as libc::off_t);
        // SAFETY: an advice about a descriptor that is open as long as `self` is.
        #[cfg(target_os = "linux")]
        unsafe {
            libc::posix_fadvise(self.file.as_raw_fd(), start, length, libc::POSIX_FADV_WILLNEED);
        }
    }
}

fn too_large(bytes: u64, most: usize) -> String {
    format!("a page of {bytes} bytes where the memory bound leaves {most}")
}

/// A file as the crate reads it.
pub(super) struct View {
    source: Arc<Source>,
    /// Whether whole pages are asked for, header and all, as their places are known.
    whole_pages: bool,
}

impl View {
    pub(super) fn new(source: Arc<Source>, whole_pages: bool) -> View {
        View { source, whole_pages }
    }

    /// Whether a page with this header may be read.
    fn check(&self, header: &[u8]) -> Result<()> {
        let Some(sizes) = sizes(header) else {
            return Err(ParquetError::General("a page without a header".into()));
        };
        match sizes.into_iter().find(|&size| size < 0 || size > self.source.most as i64) {
            Some(size) => Err(ParquetError::General(too_large(size as u64, self.source.most))),
            None => Ok(()),
        }
    }
}

impl Length for View {
    fn len(&self) -> u64 {
        self.source.len
    }
}

impl ChunkReader for View {
    type T = Header;

    /// Whoever reads from it reads a page's header.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let view = View::new(self.source.clone(), false);
        let tail = Tail { source: self.source.clone(), at: start };
        Ok(Header { reader: BufReader::with_capacity(HEADER, tail), view, checked: false })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.saturating_add(length as u64);
        let bytes = self.source.range(start..end)?;
        if self.whole_pages {
            self.check(&bytes)?;
        }
        Ok(bytes)
    }
}

/// The header of a page, which is looked at before it is handed out.
pub(super) struct Header {
    reader: BufReader<Tail>,
    view: View,
    checked: bool,
}

impl Read for Header {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.checked {
            self.view.check(self.reader.fill_buf()?).map_err(io::Error::other)?;
            self.checked = true;
        }
        self.reader.read(buf)
    }
}

/// The file from some place on.
struct Tail {
    source: Arc<Source>,
    at: u64,
}

impl Read for Tail {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.file.read_at(buf, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

/// The sizes that a page's header says, unpacked and packed: the second and third of its fields in
/// Thrift's compact protocol.
fn sizes(header: &[u8]) -> Option<[i64; 2]> {
    let mut bytes = header.iter().copied();
    let mut field = || {
        // The next field, an i32.
        (bytes.next()? == 0x15).then_some(())?;
        let mut zigzag = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = bytes.next()?;
            zigzag |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        None
    };
    let (_kind, unpacked, packed) = (field()?, field()?, field()?);
    Some([unpacked, packed])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_a_page_are_read_before_the_page() {
        // Type 0; 300 bytes unpacked, zigzag 600 = 0xd8 0x04; 5 packed, zigzag 10.
        assert_eq!(sizes(&[0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x0a, 0x2c]), Some([300, 5]));
        assert_eq!(sizes(&[0x15, 0x00, 0x15, 0x01, 0x15, 0x0a]), Some([-1, 5]));
        assert_eq!(sizes(&[0x15, 0x00, 0x15, 0xd8]), None);
        assert_eq!(sizes(&[0x19, 0x00]), None);
    }
}
