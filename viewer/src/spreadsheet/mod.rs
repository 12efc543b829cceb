//! A workbook (XLSX) with everything that the page shows: sessions, the weeks of rooms, teachers
//! and groups, free rooms, classes that are not placed, violations.
//!
//! Rows are written one after the other and compressed meanwhile, so that a large timetable takes
//! little memory. Whatever comes of the input is text, never a formula.

mod book;
mod free;
mod grids;

use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::Words;
use book::{Book, Cell, Style};
use scheduler::names::clean;
use stage0_load::csv_folder::sessions;
use timetable::Rule;
use zip::result::ZipError;

/// Violations listed: more rows than these nobody reads.
const MOST_VIOLATIONS: usize = 50_000;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be made: {0}")]
pub struct SpreadsheetError(#[from] ZipError);

/// The workbook as a file's bytes.
///
/// # Errors
/// A workbook larger than the format allows.
pub fn spreadsheet(view: &View<'_>) -> Result<Vec<u8>, SpreadsheetError> {
    let (weeks, words) = (Weeks::of(view), Words::of(view.problem, view.labels));
    let mut book = Book::new();
    score(view, &mut book)?;
    all_sessions(&weeks, &words, &mut book)?;
    for kind in [Kind::Room, Kind::Teacher, Kind::Group] {
        grids::write(&weeks, &words, kind, &mut book)?;
    }
    free::write(&weeks, &words, &mut book)?;
    unplaced(&weeks, &mut book)?;
    violations(view, &mut book)?;
    Ok(book.finish()?)
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

/// A sheet with a table that can be filtered: names and widths of the columns, and the rows.
fn table(
    book: &mut Book,
    name: &str,
    columns: &[(&str, u16)],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<(), ZipError> {
    let widths: Vec<u16> = columns.iter().map(|column| column.1).collect();
    let mut sheet = book.sheet(name, &widths, true)?;
    sheet.row(columns.iter().map(|(title, _)| (Cell::from(*title), Style::Head)))?;
    for cells in rows {
        sheet.row(cells.into_iter().map(|cell| (cell, Style::Plain)))?;
    }
    Ok(sheet.finish(columns.len())?)
}

fn score(view: &View<'_>, book: &mut Book) -> Result<(), ZipError> {
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
    table(book, "Score", &[("Rule", 32), ("Times", 10), ("Hard", 10), ("Penalty", 10)], rules.chain([total.into()]))
}

fn all_sessions(weeks: &Weeks<'_>, words: &Words, book: &mut Book) -> Result<(), ZipError> {
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
    table(book, "Sessions", &columns, rows)
}

fn unplaced(weeks: &Weeks<'_>, book: &mut Book) -> Result<(), ZipError> {
    let problem = weeks.view.problem;
    let rows = weeks.view.unplaced.iter().map(|one| {
        let course = Whose { kind: Kind::Course, index: problem.course_of(one.class).index() };
        vec![problem.class_name(one.class).into(), weeks.label(course).into(), one.reason.as_str().into()]
    });
    table(book, "Not placed", &[("Class", 16), ("Course", 30), ("Why", 100)], rows)
}

fn violations(view: &View<'_>, book: &mut Book) -> Result<(), ZipError> {
    let listed = view.report.violations.iter().filter(|v| v.rule != Rule::Unplaced).take(MOST_VIOLATIONS);
    let rows = listed.map(|v| vec![v.rule.name().into(), v.amount.into(), v.describe(view.problem).into()]);
    table(book, "Violations", &[("Rule", 20), ("Amount", 10), ("What is wrong", 100)], rows)
}
