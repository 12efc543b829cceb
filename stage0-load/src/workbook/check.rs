//! What kind of workbook a file is, and whether its parts unpack to no more than is read.

use super::Wrong;
use super::references::References;
use crate::log::{Memory, quoted};
use crate::source::Limits;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Most parts of a workbook.
const PARTS: usize = 10_000;

/// The kinds of workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Xlsx,
    Ods,
}

/// What an element of a part that is kept as a whole takes, in bytes: a text, a style.
const KEPT_BY_TEXT: u64 = 24;
const KEPT_BY_STYLE: u64 = 200;

/// The kind of a workbook whose parts were all unpacked once, and counted: what they are in all,
/// and what those take that are kept as a whole.
pub(super) fn parts(bytes: &[u8], memory: &mut Memory) -> Result<Parts, Wrong> {
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let found = "a workbook of an older kind (.xls), or one with a password";
        return Err((found.into(), "one saved as .xlsx or .ods, without a password".into()));
    }
    let broken = |e: &dyn std::fmt::Display| {
        (format!("a workbook that cannot be unpacked: {e}"), "an undamaged .xlsx or .ods".into())
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    if archive.len() > PARTS {
        return Err((format!("a workbook of {} parts", archive.len()), format!("at most {PARTS}")));
    }
    let kind = if archive.index_for_name("xl/workbook.xml").is_some()
        || archive.index_for_name("[Content_Types].xml").is_some()
    {
        Parts::Xlsx
    } else if archive.index_for_name("content.xml").is_some() {
        Parts::Ods
    } else {
        return Err(("a zip file that is no workbook".into(), "an .xlsx or .ods, or a folder of CSV files".into()));
    };
    let limits = Limits::default();
    let most = Limits::RATIO_FREE.saturating_add(limits.ratio.saturating_mul(bytes.len() as u64)).min(limits.bytes);
    let mut total = 0;
    let mut buf = vec![0; 1 << 16];
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|e| broken(&e))?;
        let name = part.name().map_err(|e| broken(&e))?.to_lowercase();
        // Pictures are not unpacked by anybody here.
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue;
        }
        let kept = if name.contains("worksheets/") || name == "content.xml" {
            None
        } else {
            Some(if name.ends_with("sharedstrings.xml") { KEPT_BY_TEXT } else { KEPT_BY_STYLE })
        };
        let mut references = References::default();
        loop {
            let n = part.read(&mut buf).map_err(|e| broken(&e))?;
            if n == 0 {
                break;
            }
            total += n as u64;
            if total > most {
                let found = format!("a workbook that unpacks to more than {most} bytes");
                return Err((found, "an input that is not a decompression bomb".into()));
            }
            if kind == Parts::Xlsx && !references.are_sound(&buf[..n]) {
                let found = format!("a cell that no sheet has, in its part {}", quoted(&name));
                return Err((found, "cells from A1 to XFD1048576".into()));
            }
            if let Some(kept) = kept {
                let elements = buf[..n].iter().filter(|b| **b == b'<').count() as u64;
                memory.kept += n as u64 + kept * elements;
                memory.fault().map_or(Ok(()), Err)?;
            }
        }
    }
    Ok(kind)
}
