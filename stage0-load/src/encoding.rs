//! Text as others encode it becomes UTF-8 while it is read: UTF-16, what an XML declaration says,
//! and Latin-1.
//!
//! A mark of byte order decides; else what an XML declaration names; else the first character
//! beyond ASCII: if it is UTF-8, all of the file is, if not, the file is Latin-1 (as Windows writes
//! it: windows-1252). A file that is both is refused: nobody could tell which words are right.

use encoding_rs::{CoderResult, Decoder, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io;

/// Bytes that are looked at before the encoding is chosen.
const HEAD: usize = 512;
/// Bytes that are decoded in one go.
const CHUNK: usize = 16 << 10;

/// The text is UTF-8 in one place and not in another.
#[derive(Debug, thiserror::Error)]
#[error("text that is UTF-8 in one place and not in another")]
pub(crate) struct Mixed;

enum Mode {
    /// Nothing is read so far.
    New,
    /// No text: bytes as they are.
    Binary,
    /// Nothing but ASCII so far.
    Ascii,
    Utf8,
    Decoded(Box<Decoder>),
}

/// Reads text in any encoding as UTF-8.
pub(crate) struct Transcoder {
    mode: Mode,
    /// Bytes read and not decoded so far, from `at` on.
    raw: Vec<u8>,
    at: usize,
    /// Whether the bytes have ended.
    ended: bool,
    /// What was decoded and did not fit, from `ready_at` on.
    ready: Vec<u8>,
    ready_at: usize,
    /// Whether it is Latin-1, in which UTF-8 is suspicious.
    is_latin: bool,
    mixed: bool,
    name: Option<&'static str>,
}

impl Transcoder {
    pub(crate) fn new() -> Transcoder {
        Transcoder {
            mode: Mode::New,
            raw: Vec::new(),
            at: 0,
            ended: false,
            ready: Vec::new(),
            ready_at: 0,
            is_latin: false,
            mixed: false,
            name: None,
        }
    }

    /// How the text is encoded, where that was inferred and is neither ASCII nor UTF-8.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Whether the bytes are no text.
    pub(crate) fn is_binary(&self) -> bool {
        matches!(self.mode, Mode::Binary)
    }

    /// Reads UTF-8 into `out`; `read` gives the bytes of the file. 0 at the end.
    pub(crate) fn read(
        &mut self,
        out: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if let Mode::New = self.mode {
            self.begin(&mut read)?;
        }
        loop {
            if self.ready_at < self.ready.len() {
                let n = out.len().min(self.ready.len() - self.ready_at);
                out[..n].copy_from_slice(&self.ready[self.ready_at..self.ready_at + n]);
                self.ready_at += n;
                return Ok(n);
            }
            if self.mixed {
                return Err(io::Error::other(Mixed));
            }
            if let Mode::Decoded(_) = self.mode {
                if !self.decode(&mut read)? {
                    return Ok(0);
                }
                continue;
            }
            let n = self.plain(out, &mut read)?;
            if !matches!(self.mode, Mode::Ascii) || out[..n].is_ascii() {
                return Ok(n);
            }
            let from = out[..n].iter().position(|b| !b.is_ascii()).unwrap_or(n);
            // The first character beyond ASCII may go on after what was read.
            let mut tail = out[from..n].to_vec();
            while tail.len() < 4 {
                let mut more = [0; 4];
                match self.plain(&mut more[..4 - tail.len()], &mut read)? {
                    0 => break,
                    m => tail.extend_from_slice(&more[..m]),
                }
            }
            let rest = self.raw.split_off(self.at);
            self.at = 0;
            if begins_with_utf8(&tail) {
                self.mode = Mode::Utf8;
                self.raw = [&tail[n - from..], &rest].concat();
                return Ok(n);
            }
            self.raw = tail;
            self.raw.extend(rest);
            self.mode = Mode::Decoded(Box::new(WINDOWS_1252.new_decoder_without_bom_handling()));
            (self.is_latin, self.name) = (true, Some("Latin-1 (windows-1252)"));
            if from > 0 {
                return Ok(from);
            }
        }
    }

    /// Reads the first bytes and chooses.
    fn begin(&mut self, read: &mut impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<()> {
        let mut head = vec![0; HEAD];
        let mut end = 0;
        while end < HEAD {
            match read(&mut head[end..]) {
                Ok(0) => break,
                Ok(n) => end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        head.truncate(end);
        let decoded = |e: &'static Encoding| Mode::Decoded(Box::new(e.new_decoder_without_bom_handling()));
        self.mode = match head.as_slice() {
            [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Mode::Binary,
            [0xef, 0xbb, 0xbf, ..] => {
                self.at = 3;
                Mode::Ascii
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                (self.at, self.name) = (2, Some("UTF-16"));
                decoded(if head[0] == 0xff { UTF_16LE } else { UTF_16BE })
            }
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => {
                self.name = Some("UTF-16");
                decoded(UTF_16LE)
            }
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => {
                self.name = Some("UTF-16");
                decoded(UTF_16BE)
            }
            _ => match declared(&head) {
                None => Mode::Ascii,
                Some(encoding) => {
                    self.is_latin = encoding == WINDOWS_1252;
                    decoded(encoding)
                }
            },
        };
        self.raw = head;
        Ok(())
    }

    /// Bytes as they are.
    fn plain(&mut self, out: &mut [u8], read: &mut impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        if self.at < self.raw.len() {
            let n = out.len().min(self.raw.len() - self.at);
            out[..n].copy_from_slice(&self.raw[self.at..self.at + n]);
            self.at += n;
            return Ok(n);
        }
        read(out)
    }

    /// Decodes some more; `false` at the end.
    fn decode(&mut self, read: &mut impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.at == self.raw.len() {
            self.raw.resize(CHUNK, 0);
            let n = read(&mut self.raw);
            self.raw.truncate(*n.as_ref().unwrap_or(&0));
            self.at = 0;
            self.ended = n? == 0;
        }
        if self.is_latin
            && let Some(at) = find_utf8(&self.raw[self.at..])
        {
            // What is before it is read, so that the place can be told.
            self.raw.truncate(self.at + at);
            self.mixed = true;
        }
        let raw = &self.raw[self.at..];
        let Mode::Decoded(decoder) = &mut self.mode else { return Ok(false) };
        let room = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(4 * CHUNK);
        self.ready.resize(room, 0);
        self.ready_at = 0;
        let (result, taken, made, _) = decoder.decode_to_utf8(raw, &mut self.ready, self.ended);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.ready.truncate(made);
        self.at += taken;
        Ok(true)
    }
}

/// What an XML declaration names, where it is known, and not what the bytes themselves tell.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let line = head.strip_prefix(b"<?xml")?;
    let line = &line[..line.windows(2).position(|w| w == b"?>")?];
    let at = line.windows(8).position(|w| w == b"encoding")?;
    let value = line[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *value.first().filter(|q| matches!(q, b'"' | b'\''))?;
    let label = value[1..].split(|&b| b == quote).next()?;
    Encoding::for_label(label).filter(|&e| e != REPLACEMENT && e != UTF_8 && e != UTF_16LE && e != UTF_16BE)
}

/// Whether an encoding that an XML declaration names is read.
pub(crate) fn is_known(label: &str) -> bool {
    Encoding::for_label(label.as_bytes()).is_some_and(|e| e != REPLACEMENT)
}

/// Whether bytes begin with a whole character in UTF-8.
fn begins_with_utf8(bytes: &[u8]) -> bool {
    (2..=bytes.len().min(4)).any(|n| std::str::from_utf8(&bytes[..n]).is_ok())
}

/// Where a character beyond ASCII in UTF-8 is among the bytes.
fn find_utf8(bytes: &[u8]) -> Option<usize> {
    let beyond = bytes.iter().enumerate().filter(|(_, b)| !b.is_ascii());
    beyond.map(|(at, _)| at).find(|&at| begins_with_utf8(&bytes[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is read of `bytes`, given in pieces of `piece` bytes, with the encoding.
    fn read(bytes: &[u8], piece: usize) -> (Result<String, String>, Option<&'static str>) {
        let (mut transcoder, mut rest, mut text) = (Transcoder::new(), bytes, Vec::new());
        let mut buf = [0; 700];
        loop {
            let n = transcoder.read(&mut buf, |out| {
                let n = piece.min(out.len()).min(rest.len());
                out[..n].copy_from_slice(&rest[..n]);
                rest = &rest[n..];
                Ok(n)
            });
            match n {
                Ok(0) => return (Ok(String::from_utf8(text).expect("UTF-8")), transcoder.name()),
                Ok(n) => text.extend_from_slice(&buf[..n]),
                Err(e) => return (Err(e.to_string()), transcoder.name()),
            }
        }
    }

    fn long() -> String {
        "id,name\n".to_owned() + &"x".repeat(5_000) + "\n"
    }

    #[test]
    fn every_encoding_becomes_the_same_text_however_it_comes() {
        let text = long() + "Müller é €\nœ";
        let utf16 = |bytes: fn(u16) -> [u8; 2], mark: bool| {
            let marked = if mark { format!("\u{feff}{text}") } else { text.clone() };
            marked.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
        };
        let latin = WINDOWS_1252.encode(&text).0.into_owned();
        for piece in [1, 2, 3, 511, 512, 4096] {
            assert_eq!(read(text.as_bytes(), piece), (Ok(text.clone()), None));
            assert_eq!(read(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), piece), (Ok(text.clone()), None));
            for bytes in [utf16(u16::to_le_bytes, true), utf16(u16::to_be_bytes, true)] {
                assert_eq!(read(&bytes, piece), (Ok(text.clone()), Some("UTF-16")));
            }
            for bytes in [utf16(u16::to_le_bytes, false), utf16(u16::to_be_bytes, false)] {
                assert_eq!(read(&bytes, piece), (Ok(text.clone()), Some("UTF-16")));
            }
            assert_eq!(read(&latin, piece), (Ok(text.clone()), Some("Latin-1 (windows-1252)")));
        }
    }

    #[test]
    fn a_declared_encoding_holds() {
        let text = "<?xml version=\"1.0\" encoding='ISO-8859-2'?>\n<a name=\"łąka\"/>";
        let bytes = encoding_rs::ISO_8859_2.encode(text).0.into_owned();
        assert_eq!(read(&bytes, 100), (Ok(text.to_owned()), None));
        // What says UTF-16 and is not follows its bytes.
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a name=\"é\"/>";
        assert_eq!(read(text.as_bytes(), 100), (Ok(text.to_owned()), None));
    }

    #[test]
    fn text_that_is_both_is_refused() {
        let bytes = [long().as_bytes(), b"M\xfcller, ", "Müller".as_bytes()].concat();
        assert_eq!(read(&bytes, 4096).0, Err(Mixed.to_string()));
    }

    #[test]
    fn what_is_no_text_stays_as_it_is() {
        let mut transcoder = Transcoder::new();
        let mut rest: &[u8] = b"PK\x03\x04\xff\xfe\r";
        let mut buf = [0; 20];
        let n = transcoder.read(&mut buf, |out| io::Read::read(&mut rest, out)).expect("read");
        assert_eq!((&buf[..n], transcoder.is_binary()), (&b"PK\x03\x04\xff\xfe\r"[..], true));
    }
}
