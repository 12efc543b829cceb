//! Problems to files: for any problem that the format can hold.

use crate::atomic;
use crate::load::load_from;
use crate::source::{Limits, Source};
use crate::write_error::WriteError;
use crate::{cb_ctt, csv_folder, itc2019, pe_ctt};
use std::{
    io::{self, Cursor, Write},
    path::Path,
};
use timetable::{Format, Problem};

/// Writes a problem to a file of a format, whole or not at all, compressed where the name ends in
/// `.gz` or `.zst`; as CSV it becomes a folder.
///
/// # Errors
/// What the format cannot hold, or why the file cannot be written.
pub fn write_problem(problem: &Problem, format: Format, path: &Path) -> Result<(), WriteError> {
    if format == Format::Csv {
        return csv_folder::write_problem(problem, path);
    }
    let mut refused = None;
    let written = atomic::write_file(path, |w| {
        let outcome = match format {
            Format::Itc2019 => write_itc2019(problem, w),
            Format::CbCtt => write_cb_ctt(problem, w),
            Format::PeCtt => write_pe_ctt(problem, w),
            Format::Csv => Ok(()), // done above
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(WriteError::Stream(e)) => Err(e),
            Err(e) => {
                refused = Some(e);
                Err(io::Error::other("refused")) // the temporary file goes, `refused` tells why
            }
        }
    });
    match refused {
        Some(e) => Err(e),
        None => written.map_err(|source| WriteError::Io { path: path.to_owned(), source }),
    }
}

/// Writes a problem as ITC-2019 XML. Clashes of teachers and curricula become `NotOverlap`; the
/// features of rooms and the names of constraints are left out (no rule depends on them).
///
/// # Errors
/// What the format cannot hold, such as constraints other than its nineteen, or why it cannot be
/// written.
pub fn write_itc2019(problem: &Problem, w: &mut dyn Write) -> Result<(), WriteError> {
    WriteError::refuse(Format::Itc2019, itc2019::obstacles(problem))?;
    itc2019::write_problem(problem, w).map_err(WriteError::Stream)
}

/// Writes a problem as CB-CTT (`.ctt`), if what is read back is the same problem.
///
/// # Errors
/// What the format cannot hold, or why it cannot be written.
pub fn write_cb_ctt(problem: &Problem, w: &mut dyn Write) -> Result<(), WriteError> {
    WriteError::refuse(Format::CbCtt, cb_ctt::obstacles(problem))?;
    checked(problem, Format::CbCtt, |text| cb_ctt::write_problem(problem, text), w)
}

/// Writes a problem as PE-CTT (`.tim`), if what is read back is the same problem.
///
/// # Errors
/// What the format cannot hold, or why it cannot be written.
pub fn write_pe_ctt(problem: &Problem, w: &mut dyn Write) -> Result<(), WriteError> {
    WriteError::refuse(Format::PeCtt, pe_ctt::obstacles(problem))?;
    checked(problem, Format::PeCtt, |text| pe_ctt::write_problem(problem, text), w)
}

/// These two formats hold little: whatever was left out shows when the text is read again.
fn checked(
    problem: &Problem,
    format: Format,
    write: impl Fn(&mut dyn Write) -> io::Result<()>,
    w: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut text = Vec::new();
    write(&mut text).map_err(WriteError::Stream)?;
    let source = Source::new(Path::new("what was written"), Box::new(Cursor::new(text.clone())), Limits::default());
    let what = match source.and_then(|source| load_from(source, Some(format))) {
        Ok(back) => differences(problem, &back),
        Err(faults) => WriteError::of_own_text(&faults),
    };
    WriteError::refuse(format, what)?;
    w.write_all(&text).map_err(WriteError::Stream)
}

/// The sections in which two problems differ; the format that they come from does not count.
fn differences(a: &Problem, b: &Problem) -> Vec<String> {
    let mut all = Vec::new();
    let mut note = |same: bool, what: &str| {
        if !same {
            all.push(what.into());
        }
    };
    let (mut x, mut y) = (*a.meta(), *b.meta());
    (x.format, y.format) = (0, 0);
    note(x == y, "the calendar, the weights or the name");
    note(a.name_bytes() == b.name_bytes(), "names");
    note(a.times() == b.times() && a.class_times() == b.class_times(), "possible times");
    note(a.rooms() == b.rooms() && a.room_features() == b.room_features(), "rooms");
    note(a.room_unavailable() == b.room_unavailable(), "times when rooms cannot be used");
    note(a.travel() == b.travel(), "travel");
    note(a.courses() == b.courses() && a.configs() == b.configs() && a.subparts() == b.subparts(), "courses");
    note(a.classes() == b.classes(), "classes");
    note(a.class_rooms() == b.class_rooms(), "possible rooms");
    let constraints = a.constraints() == b.constraints()
        && a.constraint_classes() == b.constraint_classes()
        && a.constraint_times() == b.constraint_times();
    note(constraints, "constraints");
    note(a.students() == b.students() && a.requests() == b.requests(), "students");
    all
}
