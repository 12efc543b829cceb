//! Opens an input, plain or compressed, as a buffered reader that counts lines and bytes and stops
//! at its limits.

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
            Err(e) => Err(Faults::one(path, format!("the file cannot be opened: {e}"), "a readable file")),
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
                limits,
                buf,
                at: 0,
                end: 0,
                total: 0,
                newlines: 0,
                item: 0,
            };
            source.skip_bom()?;
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

    fn skip_bom(&mut self) -> Result<(), Faults> {
        if self.peek()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.at += 3;
        }
        Ok(())
    }

    /// The first bytes (up to 4,096, fewer only where there are no more); nothing is consumed.
    pub(crate) fn peek(&mut self) -> Result<&[u8], Faults> {
        while self.end - self.at < 4096 && self.end < self.buf.len() {
            match self.refill(self.end) {
                Ok(0) => break,
                Ok(n) => self.end += n,
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
            match self.input.read(&mut self.buf[from..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
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

/// What was found and what was expected, for an error while reading.
pub(crate) fn explain(e: &io::Error) -> (String, String) {
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
