//! A small TOML file whose every value knows its line.

use super::RULES;
use super::files::Files;
use crate::fault::Faults;
use crate::log::{Log, quoted};
use crate::source::explain;
use crate::workbook;
use std::{io::Read, ops::Range, path::PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most bytes of such a file.
const MAX_BYTES: u64 = 1 << 20;

/// The text of a file, to be parsed by [`TomlFile::new`].
pub(crate) struct TomlText {
    file: PathBuf,
    text: String,
    /// How the file is encoded, where that is worth a word.
    encoding: Option<&'static str>,
    /// The sheet that it was made of, and the row of each of its lines, in a workbook.
    sheet: Option<String>,
    rows: Vec<u64>,
}

/// Reads a file, or the sheet that stands for it.
pub(crate) fn read_text(files: Files<'_>, name: &str) -> Result<TomlText, Faults> {
    if let Some(table) = files.sheet(name) {
        let made = workbook::settings(table, name == RULES);
        let sheet = Some(table.name.clone());
        return Ok(TomlText { file: files.path(name), text: made.text, encoding: None, sheet, rows: made.rows });
    }
    let mut source = files.open(name, MAX_BYTES)?;
    let file = source.file().to_owned();
    let mut bytes = Vec::new();
    if let Err(e) = source.read_to_end(&mut bytes) {
        let (found, expected) = explain(&e);
        return Err(Faults::one(&file, found, expected));
    }
    let encoding = source.encoding();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(TomlText { file, text, encoding, sheet: None, rows: Vec::new() }),
        Err(_) => Err(Faults::one(&file, "a file that is not UTF-8", "text in UTF-8")),
    }
}

/// A parsed file and its faults.
pub(crate) struct TomlFile<'a> {
    text: &'a TomlText,
    pub(crate) log: Log,
}

pub(crate) type Item<'a> = Spanned<DeValue<'a>>;

impl<'a> TomlFile<'a> {
    /// Parses a file; what is wrong with its syntax is noted.
    pub(crate) fn new(text: &'a TomlText) -> (TomlFile<'a>, DeTable<'a>) {
        let mut log = Log::new(&text.file).of_sheet(text.sheet.as_deref());
        log.note_encoding(text.encoding);
        let (table, errors) = DeTable::parse_recoverable(&text.text);
        for e in errors {
            let line = e.span().map_or(0, |span| text.line_of(&span));
            log.fault(line, e.message(), if text.sheet.is_some() { "a key and its values" } else { "TOML" });
        }
        (TomlFile { text, log }, table.into_inner())
    }

    /// The line of a value.
    pub(crate) fn line(&self, item: &Item<'_>) -> u64 {
        self.text.line_of(&item.span())
    }

    /// Notes keys that are not among the known ones.
    pub(crate) fn known(&mut self, table: &DeTable<'_>, what: &str, known: &[&str]) {
        for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            let line = self.text.line_of(&key.span());
            self.log.fault(line, format!("{what} {}", quoted(key.get_ref())), format!("one of {}", known.join(", ")));
        }
    }

    /// Notes a wrong value.
    pub(crate) fn wrong(&mut self, key: &str, item: &Item<'_>, expected: impl Into<String>) {
        let raw = self.text.text.get(item.span()).unwrap_or_default();
        let line = self.line(item);
        self.log.fault(line, format!("{key} = {}", shown(raw)), expected);
    }

    /// A whole number in a range.
    pub(crate) fn number(&mut self, table: &DeTable<'_>, key: &str, least: u32, most: u32) -> Option<u32> {
        let item = table.get(key)?;
        let number = whole(item).filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.wrong(key, item, format!("a whole number from {least} to {most}"));
        }
        number
    }

    /// A table inside a table.
    pub(crate) fn table<'t>(&mut self, table: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
        let item = table.get(key)?;
        let inner = item.get_ref().as_table();
        if inner.is_none() {
            self.wrong(key, item, format!("a table: [{key}]"));
        }
        inner
    }
}

/// A whole number that fits.
pub(crate) fn whole(item: &Item<'_>) -> Option<u32> {
    let integer = item.get_ref().as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

impl TomlText {
    fn line_of(&self, span: &Range<usize>) -> u64 {
        let line = self.text.as_bytes().iter().take(span.start).filter(|&&b| b == b'\n').count();
        self.rows.get(line).copied().unwrap_or(line as u64 + 1)
    }
}

/// As in the file, cut where it is long.
fn shown(raw: &str) -> String {
    let first: String = raw.lines().next().unwrap_or_default().chars().take(60).collect();
    if first.len() < raw.len() { format!("{first}…") } else { first }
}
