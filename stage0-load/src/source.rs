//! Opens an input, plain or compressed, as a buffered reader that counts lines and bytes and stops
//! at its limits.

use crate::encoding::{Mixed, Transcoder};
use crate::fault::Faults;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

/// How much of an input is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes, after decompression.
    pub bytes: u64,
    /// Most bytes that one compressed byte may become, beyond [`Limits::RATIO_FREE`] bytes.
    pub ratio: u64,
}

impl Limits {
    /// So many decompressed bytes are read whatever the ratio: sparse matrices compress well.
    pub const RATIO_FREE: u64 = 32 << 20;
    /// The same where nobody knows how much is still to come: the beginning may compress best.
    const RATIO_FREE_OF_PIPES: u64 = 256 << 20;
    /// Most bytes of memory that what a small file says may take.
    pub const KEPT: u64 = 176_000_000;
    /// The size in bytes up to which a file is small, ...
    pub const SMALL: u64 = 64 << 10;
    /// ... and what each byte beyond may take.
    pub const KEPT_PER_BYTE: u64 = 8_000;
    /// Most bytes in one line of text or one XML tag.
    pub const ITEM: u64 = 16 << 20;
    /// Largest window of Zstandard, as a power of two: what decompressing takes.
    const WINDOW_LOG: u32 = 27;

    /// Most bytes of memory that what a file of `size` bytes says may take.
    pub fn kept(size: u64) -> u64 {
        Limits::KEPT.saturating_add(size.saturating_sub(Limits::SMALL).saturating_mul(Limits::KEPT_PER_BYTE))
    }
}

impl Default for Limits {
    /// 4 GiB, and 500 bytes from one.
    fn default() -> Self {
        Limits { bytes: 4 << 30, ratio: 500 }
    }
}

/// A reason of our own to stop reading, carried inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("more than {0} bytes")]
    Bytes(u64),
    #[error("compressed data that grows more than {0} times")]
    Ratio(u64),
    #[error("a line or tag longer than {} bytes", Limits::ITEM)]
    Item,
}

struct Counted {
    inner: Box<dyn Read>,
    bytes: u64,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.bytes += n as u64;
        Ok(n)
    }
}

enum Input {
    Plain(Counted),
    Gzip(Box<flate2::bufread::MultiGzDecoder<BufReader<Counted>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Counted>>>),
}

impl Input {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::Plain(r) => r.read(buf),
            Input::Gzip(r) => r.read(buf),
            Input::Zstd(r) => r.read(buf),
        }
    }

    /// Compressed bytes taken from the file, `None` where they are not compressed.
    fn compressed(&self) -> Option<u64> {
        match self {
            Input::Plain(_) => None,
            Input::Gzip(r) => Some(r.get_ref().get_ref().bytes),
            Input::Zstd(r) => Some(r.get_ref().get_ref().bytes),
        }
    }
}

/// An opened input.
pub struct Source {
    file: PathBuf,
    /// Bytes that the file has as it lies there, 0 where that is not known.
    size: u64,
    input: Input,
    transcoder: Transcoder,
    /// Lines end in CR alone: they are given as if they ended in LF.
    cr_alone: bool,
    lenient: bool,
    limits: Limits,
    buf: Vec<u8>,
    at: usize,
    end: usize,
    total: u64,
    newlines: u64,
    item: u64,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("file", &self.file).field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens a file; gzip and Zstandard are known by their first bytes.
    ///
    /// # Errors
    /// The file cannot be opened or is not readable.
    pub fn open(path: &Path, limits: Limits) -> Result<Source, Faults> {
        let opened = File::open(path).and_then(|f| {
            if f.metadata()?.is_dir() {
                return Err(io::Error::other("it is a folder"));
            }
            Ok(f)
        });
        match opened {
            Ok(file) => {
                let size = file.metadata().map_or(0, |m| m.len());
                let mut source = Source::new(path, Box::new(file), limits)?;
                source.size = size;
                Ok(source)
            }
            Err(e) => {
                let (found, expected) = cannot_open(&e, "file");
                Err(Faults::one(path, found, expected))
            }
        }
    }

    /// From any reader; `file` is the name for messages.
    ///
    /// # Errors
    /// Its first bytes cannot be read.
    pub fn new(file: &Path, mut reader: Box<dyn Read>, limits: Limits) -> Result<Source, Faults> {
        Source::start(file, &mut reader).map(|head| (head, reader)).and_then(|(head, reader)| {
            let magic: [u8; 4] = std::array::from_fn(|i| head.get(i).copied().unwrap_or(0));
            let counted = Counted { inner: Box::new(Cursor::new(head).chain(reader)), bytes: 0 };
            let input = match magic {
                [0x1f, 0x8b, ..] => Input::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(
                    BufReader::with_capacity(1 << 16, counted),
                ))),
                [0x28, 0xb5, 0x2f, 0xfd] => {
                    let decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(1 << 16, counted));
                    let decoder = decoder.and_then(|mut d| d.window_log_max(Limits::WINDOW_LOG).map(|()| d));
                    Input::Zstd(Box::new(decoder.map_err(|e| Faults::one(file, e.to_string(), "Zstandard data"))?))
                }
                _ => Input::Plain(counted),
            };
            let buf = vec![0; 1 << 16];
            let mut source = Source {
                file: file.to_owned(),
                size: 0,
                input,
                transcoder: Transcoder::new(),
                cr_alone: false,
                lenient: false,
                limits,
                buf,
                at: 0,
                end: 0,
                total: 0,
                newlines: 0,
                item: 0,
            };
            source.look_at_line_ends()?;
            Ok(source)
        })
    }

    fn start(file: &Path, reader: &mut dyn Read) -> Result<Vec<u8>, Faults> {
        let mut head = Vec::with_capacity(4);
        match reader.take(4).read_to_end(&mut head) {
            Ok(_) => Ok(head),
            Err(e) => Err(Faults::one(file, format!("the file cannot be read: {e}"), "a readable file")),
        }
    }

    fn look_at_line_ends(&mut self) -> Result<(), Faults> {
        let head = self.peek()?;
        let cr_alone = head.contains(&b'\r') && !head.contains(&b'\n');
        self.cr_alone = cr_alone && !self.transcoder.is_binary();
        if self.cr_alone {
            to_lf(&mut self.buf[self.at..self.end]);
        }
        Ok(())
    }

    /// The first bytes (up to 4,096, fewer only where there are no more); nothing is consumed.
    pub(crate) fn peek(&mut self) -> Result<&[u8], Faults> {
        while self.end - self.at < 4096 && self.end < self.buf.len() {
            match self.refill(self.end) {
                Ok(0) => break,
                Ok(n) => self.end += n,
                // It comes again when the text before it was read.
                Err(e) if self.end > self.at && e.get_ref().is_some_and(|inner| inner.is::<Mixed>()) => break,
                Err(e) => {
                    let (found, expected) = explain(&e);
                    return Err(Faults::one(&self.file, found, expected));
                }
            }
        }
        Ok(&self.buf[self.at..self.end])
    }

    fn refill(&mut self, from: usize) -> io::Result<usize> {
        let n = loop {
            let input = &mut self.input;
            match self.transcoder.read(&mut self.buf[from..], |out| input.read(out)) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if self.cr_alone {
            to_lf(&mut self.buf[from..from + n]);
        }
        self.total += n as u64;
        if self.total > self.limits.bytes {
            return Err(io::Error::other(Refusal::Bytes(self.limits.bytes)));
        }
        let free = if self.size > 0 { Limits::RATIO_FREE } else { Limits::RATIO_FREE_OF_PIPES };
        if self.input.compressed().is_some()
            && self.total > free.saturating_add(self.size().saturating_mul(self.limits.ratio))
        {
            return Err(io::Error::other(Refusal::Ratio(self.limits.ratio)));
        }
        Ok(n)
    }

    /// What of it cannot be used is left out, and said.
    pub fn leniently(self) -> Source {
        Source { lenient: true, ..self }
    }

    /// Whether what cannot be used is left out.
    pub(crate) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// The name for messages.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line of the next byte, counted from 1.
    pub fn line(&self) -> u64 {
        self.newlines + 1
    }

    /// Bytes of the file as it lies there: all of them where that is known, or those read so far.
    pub(crate) fn size(&self) -> u64 {
        self.size.max(self.input.compressed().unwrap_or(self.total))
    }

    /// Decompressed bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.total - (self.end - self.at) as u64
    }

    /// How the text is encoded, where that had to be inferred and is neither ASCII nor UTF-8.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.transcoder.name()
    }

    /// Whether the file is no text.
    pub(crate) fn is_binary(&self) -> bool {
        self.transcoder.is_binary()
    }

    /// A new line or tag begins here: [`Limits::ITEM`] counts from now on.
    pub(crate) fn begin_item(&mut self) {
        self.item = 0;
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(out.len());
        out[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            if self.item > Limits::ITEM {
                return Err(io::Error::other(Refusal::Item));
            }
            let n = self.refill(0)?;
            (self.at, self.end) = (0, n);
        }
        Ok(&self.buf[self.at..self.end])
    }

    fn consume(&mut self, n: usize) {
        let taken = &self.buf[self.at..self.at + n];
        self.newlines += taken.iter().filter(|&&b| b == b'\n').count() as u64;
        self.item += n as u64;
        self.at += n;
    }
}

fn to_lf(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
}

/// Why a file or folder cannot be opened, and what is expected.
pub(crate) fn cannot_open(e: &io::Error, what: &str) -> (String, String) {
    let (why, expected) = match e.kind() {
        io::ErrorKind::NotFound => ("there is nothing of this name".into(), format!("a {what} that is there")),
        io::ErrorKind::PermissionDenied => ("no permission".into(), format!("a {what} that you may read")),
        _ => (e.to_string(), format!("a readable {what}")),
    };
    (format!("the {what} cannot be opened: {why}"), expected)
}

/// What was found and what was expected, for an error while reading.
pub(crate) fn explain(e: &io::Error) -> (String, String) {
    if e.get_ref().is_some_and(|inner| inner.is::<Mixed>()) {
        return (Mixed.to_string(), "one encoding, best UTF-8".into());
    }
    match e.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
        Some(refusal) => {
            let expected = match refusal {
                Refusal::Bytes(_) => "an input within the limit",
                Refusal::Ratio(_) => "an input that is not a decompression bomb",
                Refusal::Item => "shorter ones",
            };
            (refusal.to_string(), expected.into())
        }
        None if e.kind() == io::ErrorKind::UnexpectedEof => {
            ("the compressed data breaks off".into(), "the whole file".into())
        }
        None => (format!("the data cannot be read: {e}"), "undamaged data".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_permission_is_told_from_not_there() {
        let of = |kind: io::ErrorKind| cannot_open(&kind.into(), "folder");
        let words = |found: &str, expected: &str| (found.to_owned(), expected.to_owned());
        assert_eq!(
            of(io::ErrorKind::PermissionDenied),
            words("the folder cannot be opened: no permission", "a folder that you may read")
        );
        assert_eq!(
            of(io::ErrorKind::NotFound),
            words("the folder cannot be opened: there is nothing of this name", "a folder that is there")
        );
        assert_eq!(of(io::ErrorKind::TimedOut).1, "a readable folder");
    }
}
