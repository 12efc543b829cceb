//! `.sol`: one line `course room day period` for each lecture that is placed.

use crate::fault::Faults;
use crate::log::{Lines, Log, Stop, quoted};
use crate::names::Names;
use crate::source::Source;
use std::io::{self, Write};
use timetable::{ClassId, CourseId, Placement, Problem, RoomId, Timetable};

/// Classes of a course, one for each lecture.
pub(crate) fn lectures(problem: &Problem, course: CourseId) -> impl Iterator<Item = ClassId> + '_ {
    let configs = problem.courses()[course.index()].configs.range();
    configs
        .flat_map(|g| problem.configs()[g].subparts.range())
        .flat_map(|s| problem.subparts()[s].classes.indexes())
        .map(ClassId)
}

/// Reads a timetable; the lectures of a course are taken in their order.
pub(crate) fn read_solution(problem: &Problem, source: Source) -> Result<Timetable, Faults> {
    let mut log = Log::of(&source);
    match read(problem, source, &mut log) {
        Ok(timetable) => log.finish(timetable),
        Err(Stop) => Err(log.into_faults()),
    }
}

fn read(problem: &Problem, source: Source, log: &mut Log) -> Result<Timetable, Stop> {
    let courses = Names::of("course", problem.courses().iter().map(|c| problem.name(c.name)));
    let rooms = Names::of("room", problem.rooms().iter().map(|r| problem.name(r.name)));
    let mut timetable = Timetable::empty(problem);
    let mut used = vec![0usize; problem.courses().len()];
    let mut lines = Lines::new(source);
    while let Some((number, line)) = lines.next(log)? {
        if line.is_empty() {
            continue;
        }
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[course, room, day, period] = fields.as_slice() else {
            log.fault(number, format!("{} fields", fields.len()), "4: course, room, day, period");
            continue;
        };
        let course_id = courses.find(log, number, course, "");
        let room_id = rooms.find(log, number, room, "");
        let day = log.number32(number, "day", day, problem.meta().days - 1);
        let period = log.number32(number, "period", period, problem.meta().slots - 1);
        let (Some(c), Some(r), Some(day), Some(period)) = (course_id, room_id, day, period) else { continue };
        let Some(class) = lectures(problem, CourseId(c)).nth(used[c as usize]) else {
            let found = format!("another lecture of course {}", quoted(course));
            log.fault(number, found, format!("{} lectures", used[c as usize]));
            continue;
        };
        used[c as usize] += 1;
        let time = problem.times_of(class).iter().position(|t| {
            let t = problem.times()[t.time as usize];
            t.days == 1 << day && u32::from(t.start) == period
        });
        let room_at = problem.rooms_of(class).iter().position(|o| o.room == r);
        match (time, room_at) {
            (Some(time), Some(room)) => {
                timetable.placements[class.index()] = Placement { time: time as u16, room: room as u16 };
            }
            (None, _) => {
                let found = format!("course {} on day {day} in period {period}", quoted(course));
                log.fault(number, found, "a period that it can be held in");
            }
            _ => {
                log.fault(
                    number,
                    format!("course {} in room {}", quoted(course), quoted(room)),
                    "a room that it can be held in",
                );
            }
        }
    }
    Ok(timetable)
}

/// Writes the lectures that are placed.
pub(crate) fn write_solution(problem: &Problem, timetable: &Timetable, w: &mut dyn Write) -> io::Result<()> {
    for c in 0..problem.courses().len() {
        for class in lectures(problem, CourseId::new(c)) {
            let (Some(time), Some(room)) = (timetable.time(problem, class), timetable.room(problem, class)) else {
                continue;
            };
            let time = problem.times()[time.index()];
            let course = problem.name(problem.courses()[c].name);
            writeln!(
                w,
                "{course} {} {} {}",
                problem.room_name(RoomId(room.0)),
                time.days.trailing_zeros(),
                time.start
            )?;
        }
    }
    Ok(())
}
