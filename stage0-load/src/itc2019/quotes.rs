//! XML whose quotes are not all closed: the element with such a quote ends at its first `>`, so
//! that it does not take the rest of the file for a value.
//!
//! A value cannot hold `<`. Where one does, its quote was not closed, and the element is given as
//! one whose attributes nobody can read ([`MARK`]). All else is given as it is, without a copy.

use crate::source::{Limits, Source};
use std::io::{self, BufRead, Read};

/// Stands for the attributes of an element with a quote that is not closed: a value that neither a
/// space nor the end of the tag follows.
pub(super) const MARK: &[u8] = b" a=\"\"x";

/// What the next byte is part of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Text,
    /// Until these bytes: a comment, a CDATA section, an instruction, a declaration.
    Until(&'static [u8]),
}

/// Where the reader is.
struct Place {
    part: Part,
    /// How many bytes of the end of the present part are there already.
    matched: usize,
}

/// A source whose open quotes are closed.
pub(super) struct Quotes {
    pub(super) source: Source,
    place: Place,
    /// Bytes of the source's buffer that can be given as they are.
    good: usize,
    /// A tag that was not whole in the source's buffer, or was repaired, and what is given of it.
    held: Vec<u8>,
    at: usize,
}

impl Place {
    /// How many bytes at the beginning of `buf` end outside of a tag and can be given as they are.
    fn scan(&mut self, buf: &[u8]) -> usize {
        let mut at = 0;
        while at < buf.len() {
            match self.part {
                Part::Text => match buf[at..].iter().position(|&b| b == b'<') {
                    None => return buf.len(),
                    Some(text) => {
                        at += text;
                        match self.tag(&buf[at..]) {
                            Some(length) => at += length,
                            None => return at,
                        }
                    }
                },
                Part::Until(_) => {
                    self.step(buf[at]);
                    at += 1;
                }
            }
        }
        at
    }

    /// Takes one byte of a part that is no text.
    fn step(&mut self, byte: u8) {
        let Part::Until(end) = self.part else { return };
        self.matched = match byte == end[self.matched] {
            true => self.matched + 1,
            // `--->` ends a comment, too.
            false if byte == end[0] => self.matched.clamp(1, end.len() - 1),
            false => 0,
        };
        if self.matched == end.len() {
            (self.part, self.matched) = (Part::Text, 0);
        }
    }

    /// The length of the tag that `buf` begins with, or of the beginning of another part; `None`
    /// where it is not whole or has an open quote.
    fn tag(&mut self, buf: &[u8]) -> Option<usize> {
        if matches!(buf.get(1)?, b'!' | b'?') {
            self.part = special(buf)?;
            return Some(2);
        }
        match end_of_tag(buf) {
            End::At(length) => Some(length),
            End::Open | End::Later => None,
        }
    }
}

impl Quotes {
    pub(super) fn new(source: Source) -> Quotes {
        let place = Place { part: Part::Text, matched: 0 };
        Quotes { source, place, good: 0, held: Vec::new(), at: 0 }
    }

    /// Takes a tag from the source that is not whole in its buffer, or has an open quote.
    fn hold(&mut self) -> io::Result<()> {
        (self.at, self.good) = (0, 0);
        self.held.clear();
        loop {
            let buf = self.source.fill_buf()?;
            let before = self.held.len();
            if buf.is_empty() || before as u64 > Limits::ITEM {
                return Ok(()); // whoever reads it finds that it breaks off, or that it is too long
            }
            self.held.extend_from_slice(buf);
            let n = buf.len();
            if self.held.get(1).is_some_and(|b| matches!(b, b'!' | b'?')) {
                if let Some(part) = special(&self.held) {
                    self.place.part = part;
                    // What was taken before it could be told is part of it.
                    self.held.truncate(before.max(2));
                    self.source.consume(self.held.len() - before);
                    for &byte in &self.held[2..] {
                        self.place.step(byte);
                    }
                    return Ok(());
                }
                self.source.consume(n);
                continue;
            }
            match end_of_tag(&self.held) {
                End::At(length) => {
                    self.held.truncate(length);
                    self.source.consume(length - before);
                    return Ok(());
                }
                End::Open => {
                    let quote_free = open_until(&self.held);
                    self.held.truncate(quote_free);
                    self.source.consume(quote_free - before);
                    self.repair();
                    return Ok(());
                }
                End::Later => self.source.consume(n),
            }
        }
    }

    /// Makes the held bytes, a tag with an open quote and what follows up to the next `<`, an
    /// element with [`MARK`] that has as many lines.
    fn repair(&mut self) {
        let held = &self.held;
        let name = held[1..].iter().position(|b| !is_in_name(*b)).map_or(held.len(), |n| n + 1);
        let is_closed = held.iter().position(|&b| b == b'>').is_none_or(|end| held[end - 1] == b'/');
        let lines = held.iter().filter(|b| **b == b'\n').count();
        let mut tag = held[..name].to_vec();
        tag.extend_from_slice(MARK);
        tag.extend(std::iter::repeat_n(b'\n', lines));
        tag.extend_from_slice(if is_closed { b"/>" } else { b">" });
        self.held = tag;
    }
}

/// How a tag ends.
enum End {
    /// After so many bytes.
    At(usize),
    /// A quote is open where another tag begins.
    Open,
    /// It is not whole so far.
    Later,
}

fn is_in_name(b: u8) -> bool {
    !b.is_ascii_whitespace() && !matches!(b, b'/' | b'>' | b'"' | b'\'' | b'=' | b'<')
}

/// Where the tag that `bytes` begins with ends.
fn end_of_tag(bytes: &[u8]) -> End {
    let mut at = 1;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        match b {
            b'>' => return End::At(at),
            b'"' | b'\'' => loop {
                let Some(&inside) = bytes.get(at) else { return End::Later };
                at += 1;
                if inside == b {
                    break;
                }
                if inside == b'<' {
                    return End::Open;
                }
            },
            _ => {}
        }
    }
    End::Later
}

/// Where, in a tag with an open quote, the next tag begins.
fn open_until(bytes: &[u8]) -> usize {
    bytes.iter().skip(1).position(|&b| b == b'<').map_or(bytes.len(), |at| at + 1)
}

/// What begins with `<!` or `<?`; `None` where that cannot be told so far.
fn special(bytes: &[u8]) -> Option<Part> {
    const CDATA: &[u8] = b"<![CDATA[";
    const COMMENT: &[u8] = b"<!--";
    let is = |begin: &[u8]| bytes.starts_with(begin);
    let may_be = |begin: &[u8]| begin.starts_with(bytes);
    if bytes.get(1) == Some(&b'?') {
        return Some(Part::Until(b"?>"));
    }
    match () {
        () if is(COMMENT) => Some(Part::Until(b"-->")),
        () if is(CDATA) => Some(Part::Until(b"]]>")),
        () if may_be(COMMENT) || may_be(CDATA) => None,
        () => Some(Part::Until(b">")),
    }
}

impl Read for Quotes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(out.len());
        out[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Quotes {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.held.len() && self.good == 0 {
            let buf = self.source.fill_buf()?;
            if buf.is_empty() {
                return Ok(&[]);
            }
            self.good = self.place.scan(buf);
            if self.good == 0 {
                self.hold()?;
            }
        }
        if self.at < self.held.len() {
            return Ok(&self.held[self.at..]);
        }
        Ok(&self.source.fill_buf()?[..self.good])
    }

    fn consume(&mut self, n: usize) {
        if self.at < self.held.len() {
            self.at += n;
        } else {
            self.good -= n;
            self.source.consume(n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Cursor, path::Path};

    /// Gives a few bytes at a time.
    struct Pieces(Cursor<Vec<u8>>, usize);

    impl Read for Pieces {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(out.len());
            self.0.read(&mut out[..n])
        }
    }

    fn given(text: &str, piece: usize) -> String {
        // The first 4,096 bytes are looked at together, whatever the pieces.
        let padded = " ".repeat(5_000) + text;
        let reader = Box::new(Pieces(Cursor::new(padded.into_bytes()), piece));
        let source = Source::new(Path::new("x"), reader, Limits::default()).expect("read");
        let mut out = String::new();
        Quotes::new(source).read_to_string(&mut out).expect("read");
        out.trim_start().to_owned()
    }

    #[test]
    fn what_is_right_stays_as_it_is() {
        let text = "<?xml v=\"1\" <?><!DOCTYPE a \"<\"><a b=\"x>y\" c='\"'>t <!-- \" < ' ---><![CDATA[ \" <q> ]]]>\n<d/></a>\n";
        for piece in [1, 2, 3, 7, 100] {
            assert_eq!(given(text, piece), text);
        }
    }

    #[test]
    fn an_open_quote_ends_with_its_element() {
        for (text, expected) in [
            ("<a><b i=\"1/>\n<b i=\"2\"/></a>", "<a><b a=\"\"x\n/><b i=\"2\"/></a>"),
            ("<a><b i=\"1 j=\"2\">\n<c/></b></a>", "<a><b a=\"\"x\n><c/></b></a>"),
            ("<a><b\ni='1 j='2'/>t<c/></a>", "<a><b a=\"\"x\n/><c/></a>"),
        ] {
            for piece in [1, 2, 5, 100] {
                assert_eq!(given(text, piece), expected, "{text} in pieces of {piece}");
            }
        }
    }
}
