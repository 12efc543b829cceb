//! A stream of XML elements with their lines: entities are never resolved, depth and length are
//! bounded.

use super::quotes::{MARK, Quotes};
use crate::encoding;
use crate::log::{Log, Stop, quoted};
use crate::source::Source;
use quick_xml::{
    Error, XmlVersion,
    events::{BytesStart, Event},
};
use std::borrow::Cow;

/// Elements nested deeper than this are refused.
const DEPTH_MAX: usize = 32;
const BESIDE_TAGS: &str = "text between tags, which ITC-2019 does not have, is ignored";

/// What comes next in the file.
pub(super) enum Node<'b> {
    /// An element begins (and ends at once where it is empty: a [`Node::Close`] always follows).
    Open(Element<'b>),
    /// The element opened last and not yet closed ends.
    Close,
    /// A comment, white space, the declaration: nothing that says anything.
    Other,
    /// The end of the file.
    End,
}

/// The beginning of an element.
pub(super) struct Element<'b> {
    /// The line where it begins.
    pub(super) line: u64,
    tag: BytesStart<'b>,
}

/// Reads elements.
pub(super) struct Xml {
    reader: quick_xml::Reader<Quotes>,
    depth: usize,
    roots: usize,
}

impl Xml {
    pub(super) fn new(source: Source) -> Xml {
        let mut reader = quick_xml::Reader::from_reader(Quotes::new(source));
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, depth: 0, roots: 0 }
    }

    /// The next node; `buf` holds its text.
    pub(super) fn next<'b>(&mut self, buf: &'b mut Vec<u8>, log: &mut Log) -> Result<Node<'b>, Stop> {
        buf.clear();
        self.reader.get_mut().source.begin_item();
        let event = self.reader.read_event_into(buf);
        let after = self.reader.get_ref().source.line();
        log.holds(after, self.reader.get_ref().source.size())?;
        let lines = |text: &str| text.bytes().filter(|&b| b == b'\n').count() as u64;
        match event {
            Ok(Event::Start(tag)) => {
                let line = after - lines(&tag);
                self.open(line, log)?;
                Ok(Node::Open(Element { line, tag }))
            }
            Ok(Event::End(_)) => {
                self.depth -= 1;
                Ok(Node::Close)
            }
            Ok(Event::Eof) if self.depth > 0 && log.is_damaged() && !log.is_empty() => Err(Stop),
            Ok(Event::Eof) if self.depth > 0 => {
                log.fault(after, "the file ends inside an element", "the rest of the file");
                Err(Stop)
            }
            Ok(Event::Eof) if self.roots == 0 => {
                log.fault(after, "no element at all", "an XML document");
                Err(Stop)
            }
            Ok(Event::Eof) => {
                log.note_encoding(self.reader.get_ref().source.encoding());
                Ok(Node::End)
            }
            Ok(Event::Text(text)) => {
                let s: &str = &text;
                if !s.trim_ascii().is_empty() {
                    let before = s.len() - s.trim_ascii_start().len();
                    log.note(after - lines(&s[before..]), BESIDE_TAGS);
                }
                Ok(Node::Other)
            }
            Ok(Event::CData(text)) => {
                log.note(after - lines(&text), BESIDE_TAGS);
                Ok(Node::Other)
            }
            Ok(Event::GeneralRef(_)) => {
                log.note(after, BESIDE_TAGS);
                Ok(Node::Other)
            }
            Ok(Event::Decl(decl)) => {
                // The source has decoded what it knows.
                if let Some(Ok(name)) = decl.encoding()
                    && !encoding::is_known(&name)
                {
                    log.fault(after, format!("encoding {}", quoted(&name)), "UTF-8, or another that is known");
                    return Err(Stop);
                }
                Ok(Node::Other)
            }
            Ok(Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => Ok(Node::Other),
            // The quote that is not closed has swallowed tags; that was said.
            Err(Error::IllFormed(_) | Error::Syntax(_)) if log.is_damaged() && !log.is_empty() => Err(Stop),
            Err(Error::Io(e)) => Err(log.unreadable(after, &e)),
            Err(e) => {
                log.fault(after, format!("XML that is not well-formed: {e}"), "well-formed XML");
                Err(Stop)
            }
        }
    }

    fn open(&mut self, line: u64, log: &mut Log) -> Result<(), Stop> {
        if self.depth == 0 {
            self.roots += 1;
            if self.roots > 1 {
                log.fault(line, "a second root element", "one");
                return Err(Stop);
            }
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            log.fault(line, format!("elements nested deeper than {DEPTH_MAX}"), "a flatter document");
            return Err(Stop);
        }
        Ok(())
    }
}

impl Element<'_> {
    /// The element's name.
    pub(super) fn name(&self) -> &str {
        self.tag.name().0
    }

    /// Whether a quote in it is not closed, so that its attributes cannot be read.
    pub(super) fn has_open_quote(&self) -> bool {
        let tag: &str = &self.tag;
        tag.as_bytes()[self.name().len()..].starts_with(MARK)
    }

    /// The values of the attributes that an element of this name may have, in the order of `names`;
    /// others are said once and ignored.
    pub(super) fn fields<'n, const N: usize>(&self, names: &'n [&'static str; N], log: &mut Log) -> Fields<'_, 'n, N> {
        let mut values = [const { None }; N];
        let mut is_broken = false;
        for attribute in self.tag.attributes().with_checks(false) {
            let attribute = match attribute {
                Ok(a) => a,
                Err(e) => {
                    log.fault(self.line, format!("<{}> with malformed attributes: {e}", self.name()), "name=\"value\"");
                    log.now_damaged();
                    is_broken = true;
                    break;
                }
            };
            let key = attribute.key.0;
            let Some(i) = names.iter().position(|&n| n == key) else {
                if !key.starts_with("xml") && !key.starts_with("xsi:") {
                    let what = "which ITC-2019 does not have, is ignored";
                    log.note(self.line, &format!("attribute {} of <{}>, {what}", quoted(key), self.name()));
                }
                continue;
            };
            if values[i].is_some() {
                log.fault(self.line, format!("attribute {key} of <{}> twice", self.name()), "once");
            }
            match attribute.normalized_value(XmlVersion::Explicit1_0) {
                Ok(value) => values[i] = Some(value),
                Err(e) => {
                    let found = format!("{key}={}: {e}", quoted(&attribute.value));
                    log.fault(self.line, found, "text without entities of its own");
                    log.now_damaged();
                    is_broken = true;
                }
            }
        }
        Fields { element: self, names, values, is_broken }
    }

    /// All attributes with readable values, whatever their names.
    pub(super) fn any_fields(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let readable = self.tag.attributes().flatten();
        readable.filter_map(|a| Some((a.key.0, a.normalized_value(XmlVersion::Explicit1_0).ok()?)))
    }
}

/// The attributes of one element.
pub(super) struct Fields<'e, 'n, const N: usize> {
    element: &'e Element<'e>,
    names: &'n [&'static str; N],
    values: [Option<Cow<'e, str>>; N],
    /// Some attributes could not be read, and that was said.
    is_broken: bool,
}

impl<const N: usize> Fields<'_, '_, N> {
    /// The line of the element.
    pub(super) fn line(&self) -> u64 {
        self.element.line
    }

    /// The name of attribute `i`.
    pub(super) fn label(&self, i: usize) -> &'static str {
        self.names[i]
    }

    /// The value of attribute `i`, if there is one.
    pub(super) fn get(&self, i: usize) -> Option<&str> {
        self.values[i].as_deref()
    }

    /// The value of attribute `i`, or a fault.
    pub(super) fn need(&self, i: usize, log: &mut Log) -> Option<&str> {
        if self.values[i].is_none() && !self.is_broken {
            let found = format!("<{}> without {}", self.element.name(), self.names[i]);
            log.fault(self.line(), found, format!("attribute {}", self.names[i]));
        }
        self.get(i)
    }

    /// Attribute `i` as a number, or a fault.
    pub(super) fn number(&self, i: usize, max: u32, log: &mut Log) -> Option<u32> {
        let text = self.need(i, log)?;
        self.parse(i, text, max, log)
    }

    /// Attribute `i` as a number where it is given, `default` where it is not, `None` after a
    /// fault.
    pub(super) fn number_or<T: From<u32>>(&self, i: usize, max: u32, default: T, log: &mut Log) -> Option<T> {
        match self.get(i) {
            None => Some(default),
            Some(text) => self.parse(i, text, max, log).map(T::from),
        }
    }

    fn parse(&self, i: usize, text: &str, max: u32, log: &mut Log) -> Option<u32> {
        // The message is made only where it is needed: this runs for every number of the file.
        match text.parse::<u32>() {
            Ok(v) if v <= max && !text.starts_with('+') => Some(v),
            _ => log.number32(self.line(), &format!("<{}> {}", self.element.name(), self.names[i]), text, max),
        }
    }
}
