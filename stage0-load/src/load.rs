//! From a path to a problem.

use crate::fault::Faults;
use crate::log::quoted;
use crate::source::{Limits, Source};
use crate::{cb_ctt, csv_folder, itc2019, pe_ctt};
use std::path::Path;
use timetable::{Format, Problem};

/// Loads a problem, plain or compressed, whatever its format: told by its content, not by its name.
/// A folder is one of CSV files.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<Problem, Faults> {
    load_within(path, None, Limits::default())
}

/// Loads a problem of a format.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_as(path: &Path, format: Format) -> Result<Problem, Faults> {
    load_within(path, Some(format), Limits::default())
}

/// Loads a problem, of a format where one is given, within limits.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_within(path: &Path, format: Option<Format>, limits: Limits) -> Result<Problem, Faults> {
    if format == Some(Format::Csv) || (format.is_none() && path.is_dir()) {
        return csv_folder::load(path);
    }
    load_from(Source::open(path, limits)?, format)
}

/// Loads a problem from an opened input.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_from(mut source: Source, format: Option<Format>) -> Result<Problem, Faults> {
    let format = match format {
        Some(format) => format,
        None => detect(&mut source)?,
    };
    match format {
        Format::Itc2019 => itc2019::load(source),
        Format::CbCtt => cb_ctt::load(source),
        Format::PeCtt => pe_ctt::load(source),
        Format::Csv => Err(Faults::one(source.file(), "a file", "a folder of CSV files")),
    }
}

/// The format, by the first line that is not blank.
fn detect(source: &mut Source) -> Result<Format, Faults> {
    let file = source.file().to_owned();
    let head = source.peek()?.trim_ascii_start();
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii_end();
    if line.starts_with(b"<") {
        return Ok(Format::Itc2019);
    }
    let number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    if !line.is_empty() && line.split(u8::is_ascii_whitespace).all(number) {
        return Ok(Format::PeCtt);
    }
    let key = line.split(|&b| b == b':').next().unwrap_or_default();
    if key.len() < line.len() && key.iter().all(|&b| b.is_ascii_alphabetic() || b == b'_' || b == b' ') {
        return Ok(Format::CbCtt);
    }
    let found = if head.is_empty() {
        "an empty file".into()
    } else {
        format!("a file that begins with {}", quoted(&String::from_utf8_lossy(line)))
    };
    Err(Faults::one(&file, found, "a problem of ITC-2019 (XML), CB-CTT (Name: ...) or PE-CTT (four numbers)"))
}
