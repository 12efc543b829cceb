//! Workbooks as spreadsheet programs write them, made of rows of cells.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A cell: a text, a number, or a time of the day in seconds.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    Time(u32),
}

/// Sheets by name, their rows, a cell or nothing at each place.
pub(crate) type Sheets = Vec<(String, Vec<Vec<Option<Cell>>>)>;

/// A cell of a table: empty, a number, or a text.
pub(crate) fn cell(text: &str) -> Option<Cell> {
    match text.parse() {
        _ if text.is_empty() => None,
        Ok(number) => Some(Cell::Number(number)),
        Err(_) => Some(Cell::Text(text.to_owned())),
    }
}

/// The parts of a workbook, by name.
pub(crate) type Parts = Vec<(String, Vec<u8>)>;

pub(crate) fn zipped<N: AsRef<str>, T: AsRef<[u8]>>(parts: &[(N, T)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name.as_ref(), SimpleFileOptions::default().compression_level(Some(9)))
            .expect("memory takes all");
        zip.write_all(text.as_ref()).expect("memory takes all");
    }
    zip.finish().expect("memory takes all").into_inner()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

pub(crate) fn xlsx(sheets: &Sheets) -> Vec<u8> {
    zipped(&xlsx_parts(sheets))
}

/// Every row, and every text, on a line of its own.
pub(crate) fn xlsx_parts(sheets: &Sheets) -> Parts {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut strings, mut book, mut relations, mut parts) = (Vec::new(), String::new(), String::new(), Vec::new());
    for (i, (name, rows)) in sheets.iter().enumerate() {
        book += &format!("<sheet name=\"{}\" sheetId=\"{}\" r:id=\"r{i}\"/>", escaped(name), i + 1);
        relations += &format!("<Relationship Id=\"r{i}\" Type=\"{rels}/worksheet\" Target=\"worksheets/s{i}.xml\"/>");
        let mut data = String::new();
        for (r, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
            data += &format!("<row r=\"{}\">", r + 1);
            for (c, cell) in row.iter().enumerate() {
                let place = format!("{}{}", (b'A' + c as u8) as char, r + 1);
                data += &match cell {
                    None => String::new(),
                    Some(Cell::Number(number)) => format!("<c r=\"{place}\"><v>{number}</v></c>"),
                    Some(Cell::Time(seconds)) => {
                        format!("<c r=\"{place}\" s=\"1\"><v>{}</v></c>", f64::from(*seconds) / 86_400.0)
                    }
                    Some(Cell::Text(text)) => {
                        strings.push(format!("<si><t xml:space=\"preserve\">{}</t></si>", escaped(text)));
                        format!("<c r=\"{place}\" t=\"s\"><v>{}</v></c>", strings.len() - 1)
                    }
                };
            }
            data += "</row>\n";
        }
        parts.push((
            format!("xl/worksheets/s{i}.xml"),
            format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>"),
        ));
    }
    let fixed = [
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels".into(),
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r\" Type=\"{rels}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".into(),
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{rels}\"><sheets>{book}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".into(),
            format!("<Relationships xmlns=\"{package}\">{relations}</Relationships>"),
        ),
        ("xl/sharedStrings.xml".into(), format!("<sst xmlns=\"{main}\">{}</sst>", strings.join("\n"))),
        (
            "xl/styles.xml".into(),
            format!(
                "<styleSheet xmlns=\"{main}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"hh:mm\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    fixed.into_iter().chain(parts).map(|(name, text)| (name, text.into_bytes())).collect()
}

pub(crate) fn ods(sheets: &Sheets) -> Vec<u8> {
    zipped(&ods_parts(sheets))
}

/// Every row on a line of its own.
pub(crate) fn ods_parts(sheets: &Sheets) -> Parts {
    let mut tables = String::new();
    for (name, rows) in sheets {
        tables += &format!("<table:table table:name=\"{}\">", escaped(name));
        for row in rows {
            tables += "<table:table-row>";
            for cell in row {
                tables += &match cell {
                    None => "<table:table-cell/>".to_owned(),
                    Some(Cell::Number(number)) => format!(
                        "<table:table-cell office:value-type=\"float\" office:value=\"{number}\"><text:p>{number:.2}</text:p></table:table-cell>"
                    ),
                    Some(Cell::Time(seconds)) => format!(
                        "<table:table-cell office:value-type=\"time\" office:time-value=\"PT{:02}H{:02}M00S\"><text:p>?</text:p></table:table-cell>",
                        seconds / 3600,
                        seconds / 60 % 60
                    ),
                    Some(Cell::Text(text)) => format!(
                        "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>a remark</text:p></office:annotation><text:p><text:span>{}</text:span></text:p></table:table-cell>",
                        escaped(text)
                    ),
                };
            }
            tables += "</table:table-row>\n";
        }
        tables += "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>";
    }
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    let mimetype = "application/vnd.oasis.opendocument.spreadsheet";
    vec![("mimetype".into(), mimetype.into()), ("content.xml".into(), content.into_bytes())]
}
