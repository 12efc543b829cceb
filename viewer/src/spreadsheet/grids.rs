//! Weeks one below the other, each on a page of its own.

use super::{Book, cut};
use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::Words;
use rust_xlsxwriter::XlsxError;
use scheduler::names::clean;
use timetable::{ClassId, TimeRow};

/// Most slots of a day that each have a row; longer days have a row from one beginning or end to
/// the next.
const MOST_SLOTS: usize = 16;

/// A sheet with the weeks of all of a kind that have one.
pub(super) fn write(weeks: &Weeks<'_>, words: &Words, kind: Kind, book: &mut Book) -> Result<(), XlsxError> {
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
    let (title, head, wrapped) = (book.formats.title.clone(), book.formats.head.clone(), book.formats.wrapped.clone());
    let sheet = book.sheet(name)?;
    sheet.set_column_width(0, 13)?;
    for column in 1..=words.days.len() as u16 {
        sheet.set_column_width(column, 24)?;
    }
    let (mut row, mut breaks) = (0, Vec::new());
    for (whose, classes) in shown {
        breaks.push(row);
        sheet.write_string_with_format(row, 0, cut(&weeks.label(whose)), &title)?;
        row += 1;
        sheet.write_string_with_format(row, 0, "", &head)?;
        for (column, day) in (1..).zip(&words.days) {
            sheet.write_string_with_format(row, column, day, &head)?;
        }
        row += 1;
        for (start, end) in rows(words, &classes) {
            sheet.write_string_with_format(row, 0, words.hours(start, end), &head)?;
            for day in 0..words.days.len() {
                let here = classes.iter().filter(|(_, t)| t.days >> day & 1 == 1 && t.start < end && start < t.end);
                let text: Vec<String> = here.map(|(class, time)| entry(weeks, words, kind, *class, time)).collect();
                if !text.is_empty() {
                    sheet.write_string_with_format(row, day as u16 + 1, cut(&text.join("\n\n")), &wrapped)?;
                }
            }
            row += 1;
        }
        row += 1;
    }
    // Excel takes 1,023 of them.
    breaks.drain(..1);
    if !breaks.is_empty() && breaks.len() <= 1023 {
        sheet.set_page_breaks(&breaks)?;
    }
    Ok(())
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
