//! The parts of a workbook (Office Open XML, ECMA-376): each sheet is written row by row, and
//! compressed meanwhile.

use std::{
    fmt::Write as _,
    io::{self, Cursor, Write},
};
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

/// Most characters in a cell: Excel takes a few more.
const WIDEST: usize = 32_000;
/// Most page breaks of a sheet.
const MOST_BREAKS: usize = 1023;

const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// What cells look like, in the order of [`Style`].
const STYLES: &str = "<fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
    <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"14\"/><name val=\"Calibri\"/></font></fonts>\
    <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE8EBEF\"/></patternFill></fill></fills>\
    <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"4\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
    <xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\"/>\
    <xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyAlignment=\"1\">\
    <alignment vertical=\"top\" wrapText=\"1\"/></xf></cellXfs>\
    <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>";

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain = 0,
    Title = 1,
    Head = 2,
    Wrapped = 3,
}

/// What is in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    Number(i64),
}

/// A workbook that is being written.
pub(super) struct Book {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    names: Vec<String>,
}

/// The sheet that is being written.
pub(super) struct Sheet<'a> {
    out: &'a mut ZipWriter<Cursor<Vec<u8>>>,
    rows: u32,
    breaks: Vec<u32>,
    line: String,
}

impl Book {
    pub(super) fn new() -> Book {
        Book { zip: ZipWriter::new(Cursor::new(Vec::new())), names: Vec::new() }
    }

    /// Begins a sheet with columns of these widths, in characters; `frozen`: the first row stays in
    /// sight.
    pub(super) fn sheet(&mut self, name: &str, widths: &[u16], frozen: bool) -> Result<Sheet<'_>, ZipError> {
        self.names.push(name.to_owned());
        self.part(&format!("xl/worksheets/sheet{}.xml", self.names.len()))?;
        let pane = if frozen {
            "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
        } else {
            ""
        };
        let columns: String = (1..)
            .zip(widths)
            .map(|(i, width)| format!("<col min=\"{i}\" max=\"{i}\" width=\"{width}\" customWidth=\"1\"/>"))
            .collect();
        write!(
            self.zip,
            "{HEAD}<worksheet {MAIN}><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews>\
             <sheetView workbookViewId=\"0\">{pane}</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
        )?;
        Ok(Sheet { out: &mut self.zip, rows: 0, breaks: Vec::new(), line: String::new() })
    }

    /// The file's bytes.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, ZipError> {
        let (names, mut sheets, mut links, mut types) =
            (std::mem::take(&mut self.names), String::new(), String::new(), String::new());
        for (i, name) in (1..).zip(&names) {
            sheets += &format!("<sheet name=\"{}\" sheetId=\"{i}\" r:id=\"rId{i}\"/>", escape(name));
            links += &format!(
                "<Relationship Id=\"rId{i}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{i}.xml\"/>"
            );
            types +=
                &format!("<Override PartName=\"/xl/worksheets/sheet{i}.xml\" ContentType=\"{TYPE}.worksheet+xml\"/>");
        }
        let last = names.len() + 1;
        let parts = [
            ("xl/workbook.xml", format!("<workbook {MAIN} xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets></workbook>")),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}<Relationship Id=\"rId{last}\" \
                     Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            ("xl/styles.xml", format!("<styleSheet {MAIN}>{STYLES}</styleSheet>")),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                     Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default \
                     Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" \
                     ContentType=\"{TYPE}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" \
                     ContentType=\"{TYPE}.styles+xml\"/>{types}</Types>"
                ),
            ),
        ];
        for (name, text) in parts {
            self.part(name)?;
            write!(self.zip, "{HEAD}{text}")?;
        }
        Ok(self.zip.finish()?.into_inner())
    }

    fn part(&mut self, name: &str) -> Result<(), ZipError> {
        self.zip.start_file(name, SimpleFileOptions::default())
    }
}

impl Sheet<'_> {
    /// Writes the next row; empty texts leave their cells empty.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = (Cell, Style)>) -> io::Result<()> {
        self.rows += 1;
        self.line.clear();
        let row = self.rows;
        let _ = write!(self.line, "<row r=\"{row}\">");
        for (column, (cell, style)) in cells.into_iter().enumerate() {
            let (at, style) = (column_name(column), style as u8);
            // A string takes all that is written to it.
            let _ = match cell {
                Cell::Text(text) if text.is_empty() && style != Style::Head as u8 => Ok(()),
                Cell::Text(text) => write!(
                    self.line,
                    "<c r=\"{at}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                    escape(&cut(text))
                ),
                Cell::Number(number) => write!(self.line, "<c r=\"{at}{row}\" s=\"{style}\"><v>{number}</v></c>"),
            };
        }
        self.line += "</row>";
        self.out.write_all(self.line.as_bytes())
    }

    /// What follows is printed on a new page.
    pub(super) fn page_break(&mut self) {
        if self.breaks.len() < MOST_BREAKS {
            self.breaks.push(self.rows);
        }
    }

    /// Ends the sheet; `filtered`: its first so many columns can be filtered.
    pub(super) fn finish(self, filtered: usize) -> io::Result<()> {
        let filter = match filtered {
            0 => String::new(),
            columns => format!("<autoFilter ref=\"A1:{}{}\"/>", column_name(columns - 1), self.rows.max(1)),
        };
        let count = self.breaks.len();
        let breaks: String =
            self.breaks.iter().map(|row| format!("<brk id=\"{row}\" max=\"16383\" man=\"1\"/>")).collect();
        let breaks = match count {
            0 => breaks,
            _ => format!("<rowBreaks count=\"{count}\" manualBreakCount=\"{count}\">{breaks}</rowBreaks>"),
        };
        write!(
            self.out,
            "</sheetData>{filter}<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/>{breaks}</worksheet>"
        )
    }
}

/// `A`, `B`, ... `Z`, `AA`, ...
fn column_name(column: usize) -> String {
    let letter = char::from(b'A' + (column % 26) as u8);
    if column < 26 { letter.to_string() } else { format!("{}{letter}", column_name(column / 26 - 1)) }
}

/// As much of a text as a cell holds.
fn cut(text: String) -> String {
    if text.chars().nth(WIDEST).is_none() { text } else { text.chars().take(WIDEST).chain(['…']).collect() }
}

/// Text for XML: what marks it up is escaped, what XML cannot hold is replaced, and so is the
/// beginning of what Excel would take for an escaped character (`_x0041_`).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            '_' if is_escape(&text.as_bytes()[at..]) => out += "_x005F_",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn is_escape(bytes: &[u8]) -> bool {
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[2..6].iter().all(u8::is_ascii_hexdigit) && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(column_name), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn text_cannot_leave_its_cell() {
        assert_eq!(escape("</t>&\"\u{0}\u{ffff}\n"), "&lt;/t&gt;&amp;&quot;\u{fffd}\u{fffd}\n");
        assert_eq!(escape("_x0041_ _x00_ _"), "_x005F_x0041_ _x00_ _");
        assert_eq!(cut("x".repeat(40_000)).chars().count(), WIDEST + 1);
    }
}
