//! A workbook (XLSX) with everything that the page shows: sessions, the weeks of rooms, teachers
//! and groups, free rooms, classes that are not placed, violations.
//!
//! Rows are written one after the other and go to a temporary file, so that a large timetable takes
//! little memory. Whatever comes of the input is text, never a formula.

mod free;
mod grids;

use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::Words;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use scheduler::names::clean;
use stage0_load::csv_folder::sessions;
use timetable::Rule;

/// Most characters in a cell.
const WIDEST: usize = 32_000;
/// Violations listed: more rows than these nobody reads.
const MOST_VIOLATIONS: usize = 50_000;

/// The workbook as a file's bytes.
///
/// # Errors
/// A temporary file that cannot be written.
pub fn spreadsheet(view: &View<'_>) -> Result<Vec<u8>, XlsxError> {
    let (weeks, words) = (Weeks::of(view), Words::of(view.problem, view.labels));
    let mut book = Book { book: Workbook::new(), formats: Formats::new() };
    score(view, &mut book)?;
    all_sessions(&weeks, &words, &mut book)?;
    for kind in [Kind::Room, Kind::Teacher, Kind::Group] {
        grids::write(&weeks, &words, kind, &mut book)?;
    }
    free::write(&weeks, &words, &mut book)?;
    unplaced(&weeks, &mut book)?;
    violations(view, &mut book)?;
    book.book.save_to_buffer()
}

/// The workbook that is being written.
struct Book {
    book: Workbook,
    formats: Formats,
}

/// How cells look.
struct Formats {
    title: Format,
    head: Format,
    wrapped: Format,
}

impl Formats {
    fn new() -> Formats {
        Formats {
            title: Format::new().set_bold().set_font_size(14),
            head: Format::new().set_bold().set_background_color(0xE8_EB_EF),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        }
    }
}

/// A cell of a table.
enum Cell {
    Text(String),
    Number(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(clean(text))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Cell {
        Cell::Number(number.into())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

impl Book {
    /// A new sheet, which is printed across the page.
    fn sheet(&mut self, name: &str) -> Result<&mut Worksheet, XlsxError> {
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(sheet)
    }

    /// A sheet with a table that can be filtered: names and widths of the columns, and the rows.
    fn table(
        &mut self,
        name: &str,
        columns: &[(&str, u16)],
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> Result<(), XlsxError> {
        let head = self.formats.head.clone();
        let sheet = self.sheet(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (title, width)) in (0..).zip(columns) {
            sheet.set_column_width(column, f64::from(*width))?;
            sheet.write_string_with_format(0, column, *title, &head)?;
        }
        let mut last = 0;
        for (row, cells) in (1..).zip(rows) {
            last = row;
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) if text.is_empty() => {}
                    Cell::Text(text) => drop(sheet.write_string(row, column, cut(&text))?),
                    Cell::Number(number) => drop(sheet.write_number(row, column, number as f64)?),
                }
            }
        }
        sheet.autofilter(0, 0, last, columns.len() as u16 - 1)?;
        Ok(())
    }
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> String {
    if text.chars().nth(WIDEST).is_none() {
        text.to_owned()
    } else {
        text.chars().take(WIDEST).chain(['…']).collect()
    }
}

fn score(view: &View<'_>, book: &mut Book) -> Result<(), XlsxError> {
    let score = view.report.score;
    let total = [
        "Total, and classes not placed".into(),
        i64::from(score.unplaced).into(),
        score.hard.into(),
        score.penalty.into(),
    ];
    let rules = view.report.tallies.iter().map(|(rule, tally)| {
        vec![rule.name().into(), (tally.entries as i64).into(), tally.hard.into(), tally.penalty.into()]
    });
    book.table("Score", &[("Rule", 32), ("Times", 10), ("Hard", 10), ("Penalty", 10)], rules.chain([total.into()]))
}

fn all_sessions(weeks: &Weeks<'_>, words: &Words, book: &mut Book) -> Result<(), XlsxError> {
    let View { problem, timetable, .. } = weeks.view;
    let columns = [
        ("Course", 12),
        ("Name", 28),
        ("Department", 16),
        ("Section", 8),
        ("Session", 8),
        ("Class", 14),
        ("Days", 10),
        ("Start", 8),
        ("End", 8),
        ("Room", 10),
        ("Teacher", 14),
        ("Teacher's name", 24),
        ("Weeks", 10),
        ("Students", 9),
        ("At most", 9),
    ];
    let rows = sessions(problem).map(|of| {
        let course = Whose { kind: Kind::Course, index: of.course.index() };
        let department = weeks.view.labels.and_then(|labels| labels.courses.get(weeks.id(course)));
        let time = timetable.time(problem, of.class).map(|time| problem.times()[time.index()]);
        let teachers = weeks.directory.taught_by[of.class.index()].iter();
        let teachers: Vec<Whose> = teachers.map(|&t| Whose { kind: Kind::Teacher, index: t as usize }).collect();
        let joined = |text: &dyn Fn(&Whose) -> String| teachers.iter().map(text).collect::<Vec<_>>().join("; ");
        let slot = |slot: u16| words.slots[usize::from(slot)].clone();
        vec![
            weeks.id(course).into(),
            weeks.name(course).unwrap_or_default().into(),
            department.map_or("", |course| course.department.as_str()).into(),
            of.section.into(),
            of.session.into(),
            problem.class_name(of.class).into(),
            time.map_or(String::new(), |time| words.days_of(&time)).into(),
            time.map_or(String::new(), |time| slot(time.start).0).into(),
            time.map_or(String::new(), |time| slot(time.end - 1).1).into(),
            timetable.room(problem, of.class).map_or("", |room| problem.room_name(room)).into(),
            joined(&|&one| clean(weeks.id(one))).into(),
            joined(&|&one| clean(weeks.name(one).unwrap_or_default())).into(),
            time.map_or(String::new(), |time| words.weeks_of(&time)).into(),
            weeks.directory.students[of.class.index()].into(),
            problem.classes()[of.class.index()].limit().map_or("".into(), Cell::from),
        ]
    });
    book.table("Sessions", &columns, rows)
}

fn unplaced(weeks: &Weeks<'_>, book: &mut Book) -> Result<(), XlsxError> {
    let problem = weeks.view.problem;
    let rows = weeks.view.unplaced.iter().map(|one| {
        let course = Whose { kind: Kind::Course, index: problem.course_of(one.class).index() };
        vec![problem.class_name(one.class).into(), weeks.label(course).into(), one.reason.as_str().into()]
    });
    book.table("Not placed", &[("Class", 16), ("Course", 30), ("Why", 100)], rows)
}

fn violations(view: &View<'_>, book: &mut Book) -> Result<(), XlsxError> {
    let listed = view.report.violations.iter().filter(|v| v.rule != Rule::Unplaced).take(MOST_VIOLATIONS);
    let rows = listed.map(|v| vec![v.rule.name().into(), v.amount.into(), v.describe(view.problem).into()]);
    book.table("Violations", &[("Rule", 20), ("Amount", 10), ("What is wrong", 100)], rows)
}
