//! From a path to a problem.

use crate::csv_folder::Origin;
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
    load_in_mode(path, format, limits, false).map(|loaded| loaded.problem)
}

/// Loads a problem; what of it cannot be used is left out, and said: a student's request for a
/// course that is not there, a class without a time.
///
/// # Errors
/// Everything else that is wrong with it.
pub fn load_leniently(path: &Path) -> Result<Problem, Faults> {
    load_with_origin(path, true).map(|loaded| loaded.problem)
}

/// A problem, and where it comes from.
#[derive(Debug)]
pub struct Loaded {
    /// The problem.
    pub problem: Problem,
    /// Where what it holds stands, for a folder of CSV files or a workbook.
    pub origin: Option<Origin>,
}

impl Loaded {
    fn without(problem: Problem) -> Loaded {
        Loaded { problem, origin: None }
    }

    fn with((problem, origin): (Problem, Origin)) -> Loaded {
        Loaded { problem, origin: Some(origin) }
    }
}

/// Loads a problem, plain or compressed, with where what it holds stands; leniently, as
/// [`load_leniently`].
///
/// # Errors
/// Everything (else) that is wrong with it.
pub fn load_with_origin(path: &Path, lenient: bool) -> Result<Loaded, Faults> {
    load_in_mode(path, None, Limits::default(), lenient)
}

fn load_in_mode(path: &Path, format: Option<Format>, limits: Limits, lenient: bool) -> Result<Loaded, Faults> {
    if format.is_none_or(|format| format == Format::Csv) {
        if let Some(folder) = csv_folder::folder_of(path) {
            return csv_folder::load_folder(folder, lenient).map(Loaded::with);
        }
        if path.is_dir() {
            return csv_folder::load_folder(path, lenient).map(Loaded::with);
        }
    }
    let source = Source::open(path, limits)?;
    load_any(if lenient { source.leniently() } else { source }, format)
}

/// Loads a problem from an opened input.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_from(source: Source, format: Option<Format>) -> Result<Problem, Faults> {
    load_any(source, format).map(|loaded| loaded.problem)
}

fn load_any(mut source: Source, format: Option<Format>) -> Result<Loaded, Faults> {
    if source.is_binary() && format.is_none_or(|format| format == Format::Csv) {
        return csv_folder::load_workbook(source).map(Loaded::with);
    }
    let format = match format {
        Some(format) => format,
        None => detect(&mut source)?,
    };
    let problem = match format {
        Format::Itc2019 => itc2019::load(source),
        Format::CbCtt => cb_ctt::load(source),
        Format::PeCtt => pe_ctt::load(source),
        Format::Csv => Err(Faults::one(source.file(), "a file", "a folder of CSV files, or a workbook")),
    };
    problem.map(Loaded::without)
}

/// The format, by the first line that is not blank.
fn detect(source: &mut Source) -> Result<Format, Faults> {
    let file = source.file().to_owned();
    let head = source.peek()?.trim_ascii_start();
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii_end();
    if line.starts_with(b"<") {
        return Ok(Format::Itc2019);
    }
    let number = |word: &[u8]| word.strip_prefix(b"-").unwrap_or(word).iter().all(u8::is_ascii_digit);
    if !line.is_empty() && line.split(u8::is_ascii_whitespace).all(number) {
        return Ok(Format::PeCtt);
    }
    if cb_ctt::is_header(head) {
        return Ok(Format::CbCtt);
    }
    let found = if head.is_empty() {
        "an empty file".into()
    } else {
        format!("no timetabling file: it begins with {}", quoted(&String::from_utf8_lossy(line)))
    };
    Err(Faults::one(&file, found, READ))
}

/// What is read, in one line.
pub(crate) const READ: &str = "ITC-2019 (XML), CB-CTT (.ctt, .ectt), PE-CTT (.tim), a folder of CSV files, \
                               or a workbook (.xlsx, .ods) with their tables as sheets";
