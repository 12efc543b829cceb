//! Weeks one below the other, each on a page of its own.

use super::book::{Book, Cell, Style};
use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::Words;
use scheduler::names::clean;
use timetable::{ClassId, TimeRow};
use zip::result::ZipError;

/// Most slots of a day that each have a row; longer days have a row from one beginning or end to
/// the next.
const MOST_SLOTS: usize = 16;

/// A sheet with the weeks of all of a kind that have one.
pub(super) fn write(weeks: &Weeks<'_>, words: &Words, kind: Kind, book: &mut Book) -> Result<(), ZipError> {
    let shown: Vec<(Whose, Vec<(ClassId, TimeRow)>)> =
        weeks.all(kind).map(|whose| (whose, placed(weeks, whose))).filter(|(_, classes)| !classes.is_empty()).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let name = match kind {
        Kind::Room => "Rooms",
        Kind::Teacher => "Teachers",
        _ => "Groups",
    };
    let widths: Vec<u16> = std::iter::once(13).chain(words.days.iter().map(|_| 24)).collect();
    let mut sheet = book.sheet(name, &widths, false)?;
    for (number, (whose, classes)) in shown.into_iter().enumerate() {
        if number > 0 {
            sheet.page_break();
        }
        sheet.row([(Cell::from(weeks.label(whose)), Style::Title)])?;
        let days = words.days.iter().map(|day| (Cell::from(day.as_str()), Style::Head));
        sheet.row(std::iter::once((Cell::from(""), Style::Head)).chain(days))?;
        for (start, end) in rows(words, &classes) {
            let cells = (0..words.days.len()).map(|day| {
                let here = classes.iter().filter(|(_, t)| t.days >> day & 1 == 1 && t.start < end && start < t.end);
                let text: Vec<String> = here.map(|(class, time)| entry(weeks, words, kind, *class, time)).collect();
                (Cell::Text(text.join("\n\n")), Style::Wrapped)
            });
            sheet.row(std::iter::once((Cell::from(words.hours(start, end)), Style::Head)).chain(cells))?;
        }
        sheet.row([])?;
    }
    Ok(sheet.finish(0)?)
}

fn placed(weeks: &Weeks<'_>, whose: Whose) -> Vec<(ClassId, TimeRow)> {
    let View { problem, timetable, .. } = weeks.view;
    let classes = weeks.classes(whose).into_iter();
    classes.filter_map(|class| Some((class, problem.times()[timetable.time(problem, class)?.index()]))).collect()
}

fn rows(words: &Words, classes: &[(ClassId, TimeRow)]) -> Vec<(u16, u16)> {
    if words.slots.len() <= MOST_SLOTS {
        return (0..words.slots.len() as u16).map(|slot| (slot, slot + 1)).collect();
    }
    let mut ends: Vec<u16> = classes.iter().flat_map(|(_, time)| [time.start, time.end]).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// A class in a week, in a few lines.
fn entry(weeks: &Weeks<'_>, words: &Words, kind: Kind, class: ClassId, time: &TimeRow) -> String {
    let View { problem, timetable, .. } = weeks.view;
    let mut lines = vec![clean(problem.class_name(class))];
    let course = Whose { kind: Kind::Course, index: problem.course_of(class).index() };
    lines.extend(weeks.name(course).map(clean));
    if kind != Kind::Room {
        lines.extend(timetable.room(problem, class).map(|room| clean(problem.room_name(room))));
    }
    if kind != Kind::Teacher {
        let teachers = weeks.directory.taught_by[class.index()].iter();
        let teachers = teachers.map(|&t| Whose { kind: Kind::Teacher, index: t as usize });
        lines.extend(teachers.map(|one| clean(weeks.name(one).unwrap_or_else(|| weeks.id(one)))));
    }
    if words.weeks_of(time) != "all" {
        lines.push(format!("weeks {}", words.weeks_of(time)));
    }
    lines.join("\n")
}
