//! When rooms are free.

use super::book::Book;
use super::table;
use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::Words;
use scheduler::names::clean;
use timetable::{RoomId, TimeId, TimeRow};
use zip::result::ZipError;

/// A row for each time that a room is free, as long as it is free in the same weeks.
pub(super) fn write(weeks: &Weeks<'_>, words: &Words, book: &mut Book) -> Result<(), ZipError> {
    let problem = weeks.view.problem;
    let columns = [("Day", 8), ("From", 8), ("To", 8), ("Room", 14), ("Seats", 8), ("Features", 24), ("Weeks", 14)];
    let rows = (0..words.days.len()).flat_map(|day| {
        weeks.all(Kind::Room).flat_map(move |whose| {
            let room = RoomId::new(whose.index);
            let row = problem.rooms()[whose.index];
            let features: Vec<String> =
                problem.room_features()[row.features.range()].iter().map(|&span| clean(problem.name(span))).collect();
            free(weeks, words, whose, day).into_iter().map(move |time| {
                vec![
                    words.days[day].as_str().into(),
                    words.slots[usize::from(time.start)].0.as_str().into(),
                    words.slots[usize::from(time.end) - 1].1.as_str().into(),
                    problem.room_name(room).into(),
                    row.capacity.into(),
                    features.join("; ").into(),
                    words.weeks_of(&time).into(),
                ]
            })
        })
    });
    table(book, "Free rooms", &columns, rows)
}

/// The longest times of a day at which a room is free in the same weeks.
fn free(weeks: &Weeks<'_>, words: &Words, room: Whose, day: usize) -> Vec<TimeRow> {
    let View { problem, timetable, .. } = weeks.view;
    let all = u64::MAX >> (64 - words.weeks);
    let mut open = vec![all; words.slots.len()];
    let classes = weeks.classes(room);
    let held = classes.iter().filter_map(|&class| timetable.time(problem, class));
    let closed = problem.unavailable_of(RoomId::new(room.index)).iter().map(|&time| TimeId(time));
    for time in held.chain(closed).map(|time| problem.times()[time.index()]).filter(|t| t.days >> day & 1 == 1) {
        open[usize::from(time.start)..usize::from(time.end)].iter_mut().for_each(|slot| *slot &= !time.weeks);
    }
    let mut times = Vec::new();
    let mut start = 0;
    for run in open.chunk_by(|a, b| a == b) {
        let end = start + run.len() as u16;
        if run[0] != 0 {
            times.push(TimeRow { weeks: run[0], days: 1 << day, start, end, pad: 0 });
        }
        start = end;
    }
    times
}
