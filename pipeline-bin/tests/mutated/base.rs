//! What is damaged: a file, a folder of tables, a workbook.

use crate::damage::{Draws, damage};
use crate::workbook_files::{Parts, Sheets, cell, zipped};
use std::{fs, path::Path};

/// What is damaged.
pub(crate) enum Base {
    File(Vec<u8>),
    /// Files by name, one of which is damaged.
    Folder(Parts),
    /// Parts of a zip file: one of them is damaged, or the zip file.
    Workbook(Parts),
}

impl Base {
    pub(crate) fn file(path: &Path) -> Base {
        Base::File(fs::read(path).expect("a file"))
    }

    pub(crate) fn folder(path: &Path) -> Base {
        let mut files: Parts = fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.file_name().into_string().expect("a name"), fs::read(entry.path()).expect("a file")))
            .collect();
        files.sort();
        Base::Folder(files)
    }

    /// Writes it as it is.
    pub(crate) fn write_whole(&self, to: &Path) {
        match self {
            Base::File(bytes) => fs::write(to, bytes).expect("written"),
            Base::Folder(files) => {
                fs::create_dir_all(to).expect("a folder");
                for (name, bytes) in files {
                    fs::write(to.join(name), bytes).expect("written");
                }
            }
            Base::Workbook(parts) => fs::write(to, zipped(parts)).expect("written"),
        }
    }

    /// Writes it with damage.
    pub(crate) fn write(&self, draws: &mut Draws, to: &Path) {
        match self {
            Base::File(bytes) => {
                let mut bytes = bytes.clone();
                some_damage(&mut bytes, draws);
                fs::write(to, bytes).expect("written");
            }
            Base::Folder(files) => {
                fs::create_dir_all(to).expect("a folder");
                for (name, bytes) in one_damaged(files, draws) {
                    fs::write(to.join(name), bytes).expect("written");
                }
            }
            Base::Workbook(parts) => {
                let bytes = if draws.below(4) == 0 {
                    let mut bytes = zipped(parts);
                    some_damage(&mut bytes, draws);
                    bytes
                } else {
                    zipped(&one_damaged(parts, draws))
                };
                fs::write(to, bytes).expect("written");
            }
        }
    }
}

fn one_damaged(files: &Parts, draws: &mut Draws) -> Parts {
    let mut files = files.clone();
    let chosen = draws.below(files.len());
    some_damage(&mut files[chosen].1, draws);
    files
}

fn some_damage(bytes: &mut Vec<u8>, draws: &mut Draws) {
    (0..=draws.below(3)).for_each(|_| damage(bytes, draws));
}

/// The tables of a folder as sheets, with a calendar of five days, and the one of its rules without
/// which it could not be solved.
pub(crate) fn sheets(folder: &Path) -> Sheets {
    let rows = |text: &str| text.lines().map(|line| line.split(',').map(cell).collect()).collect();
    let mut sheets: Sheets = Vec::new();
    for name in ["courses", "teachers", "rooms", "students", "enrolments"] {
        let text = fs::read_to_string(folder.join(name).with_extension("csv")).expect("a table");
        assert!(!text.contains('"'), "cells are set apart by commas alone");
        sheets.push((name.into(), rows(&text)));
    }
    let slots: Vec<String> = (9..17).map(|hour| format!("{hour:02}:00-{hour:02}:50")).collect();
    let calendar = format!("name,Small college\nweeks,15\ndays,Mon,Tue,Wed,Thu,Fri\nslots,{}", slots.join(","));
    sheets.push(("Calendar".into(), rows(&calendar)));
    sheets.push(("Rules".into(), rows("availability,20")));
    sheets
}
