//! A workbook (XLSX, ODS) whose sheets are named like the files of a folder: `courses`, `teachers`,
//! and so on.
//!
//! Nothing of it is believed before it is counted: how far its parts unpack, how often a cell is
//! repeated, what all cells take in memory.

mod cells;
mod check;
mod ods;
mod references;
mod settings;
mod xlsx;

pub(crate) use settings::settings;

use crate::csv_folder::{COURSES, PROBLEM_FILES};
use crate::fault::Faults;
use crate::log::{Log, Memory, Stop, quoted};
use crate::source::{Limits, Source, explain};
use cells::Cells;
use check::Parts;
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    path::PathBuf,
    rc::Rc,
};

/// Most bytes of a workbook as it lies on the disk.
const MAX_BYTES: u64 = 64 << 20;

/// A row of a sheet that has cells.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// Columns, from 0 and rising, with what is in them.
    pub(crate) cells: Vec<(u32, Box<str>)>,
}

/// A sheet.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name in the workbook.
    pub(crate) name: String,
    /// Its rows, in their order.
    pub(crate) rows: Rc<[Row]>,
}

/// The sheets of a workbook that are read.
#[derive(Debug)]
pub(crate) struct Workbook {
    pub(crate) path: PathBuf,
    /// What of it cannot be used is left out.
    pub(crate) is_lenient: bool,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// What its cells take in memory.
    pub(crate) kept: u64,
    /// By the name of the file that a sheet stands for.
    tables: BTreeMap<&'static str, Table>,
}

impl Workbook {
    /// The sheet that stands for a file of a folder.
    pub(crate) fn table(&self, file: &str) -> Option<&Table> {
        self.tables.get(file)
    }
}

/// The file that a sheet stands for.
fn file_of(sheet: &str) -> Option<&'static str> {
    let name = sheet.trim().to_lowercase();
    PROBLEM_FILES.into_iter().find(|file| *file == name || file.split('.').next() == Some(&name))
}

/// Reads a workbook.
pub(crate) fn read(mut source: Source) -> Result<Workbook, Faults> {
    let mut log = Log::of(&source);
    match read_sheets(&mut source, &mut log) {
        Ok(workbook) => log.finish(workbook),
        Err(Stop) => Err(log.into_faults()),
    }
}

fn read_sheets(source: &mut Source, log: &mut Log) -> Result<Workbook, Stop> {
    let mut bytes = Vec::new();
    let read = source.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    if let Err(e) = read {
        let (found, expected) = explain(&e);
        log.fault(0, found, expected);
        return Err(Stop);
    }
    let size = bytes.len() as u64;
    if size > MAX_BYTES {
        log.fault(0, format!("a workbook of more than {MAX_BYTES} bytes"), "a smaller one, or a folder of CSV files");
        return Err(Stop);
    }
    let mut memory = Memory { kept: 0, most: Limits::kept(size) };
    let parts = match check::parts(&bytes, &mut memory) {
        Ok(parts) => parts,
        Err((found, expected)) => {
            log.fault(0, found, expected);
            return Err(Stop);
        }
    };
    let mut sheets = match parts {
        Parts::Xlsx => Sheets::Xlsx(Box::new(xlsx::open(Cursor::new(bytes), log)?)),
        Parts::Ods => Sheets::Ods(bytes),
    };
    let names = match &mut sheets {
        Sheets::Xlsx(book) => xlsx::names(book),
        Sheets::Ods(bytes) => ods::names(bytes, log)?,
    };
    let mut tables: BTreeMap<&'static str, Table> = BTreeMap::new();
    let wanted: Vec<(usize, &'static str)> =
        names.iter().enumerate().filter_map(|(i, name)| Some((i, file_of(name)?))).collect();
    if !wanted.iter().any(|(_, file)| *file == COURSES) {
        let all: Vec<String> = names.iter().take(10).map(|name| quoted(name)).collect();
        let found = format!("a workbook without a sheet \"courses\"; its sheets: {}", all.join(", "));
        log.fault(0, found, "sheets courses, teachers, rooms, students, enrolments, calendar");
        return Err(Stop);
    }
    for (i, file) in &wanted {
        let name = &names[*i];
        if tables.contains_key(file) {
            log.fault(0, format!("sheet {} twice", quoted(name)), "each sheet once");
            continue;
        }
        let mut cells = Cells::new(&mut memory);
        let read = match &mut sheets {
            Sheets::Xlsx(book) => xlsx::read(book, name, &mut cells),
            Sheets::Ods(bytes) => ods::read(bytes, *i, &mut cells),
        };
        match read {
            Ok(()) => drop(tables.insert(file, Table { name: name.clone(), rows: cells.into_rows() })),
            Err((found, expected)) => {
                log.fault(0, format!("sheet {}: {found}", quoted(name)), expected);
                return Err(Stop);
            }
        }
    }
    let others: Vec<String> = names.iter().filter(|name| file_of(name).is_none()).map(|name| quoted(name)).collect();
    if !others.is_empty() {
        let more = if others.len() > 8 { format!(" and {} more", others.len() - 8) } else { String::new() };
        let shown = others[..others.len().min(8)].join(", ");
        log.note(0, &format!("sheets that are not read: {shown}{more}"));
    }
    Ok(Workbook { path: log.file().to_owned(), is_lenient: log.is_lenient(), size, kept: memory.kept, tables })
}

enum Sheets {
    Xlsx(Box<xlsx::Book>),
    Ods(Vec<u8>),
}

/// What is wrong, and what is expected.
type Wrong = (String, String);
