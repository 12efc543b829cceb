//! `.sol`: one line `course room day period` for each lecture that is placed.

use crate::elsewhere::{Named, Others};
use crate::fault::Faults;
use crate::log::{Lines, Log, Stop, quoted};
use crate::names::Names;
use crate::source::Source;
use std::io::{self, Write};
use timetable::{ClassId, CourseId, Problem, RoomId, TimeRow, Timetable};

/// Classes of a course, one for each lecture.
pub(crate) fn lectures(problem: &Problem, course: CourseId) -> impl Iterator<Item = ClassId> + '_ {
    let configs = problem.courses()[course.index()].configs.range();
    configs
        .flat_map(|g| problem.configs()[g].subparts.range())
        .flat_map(|s| problem.subparts()[s].classes.indexes())
        .map(ClassId)
}

/// Reads a timetable; the lectures of a course are taken in their order.
pub(crate) fn read_solution(problem: &Problem, source: Source, others: Others<'_>) -> Result<Timetable, Faults> {
    let mut log = Log::of(&source);
    match read(problem, source, &mut log, others) {
        Ok(timetable) => log.finish(timetable),
        Err(Stop) => Err(log.into_faults()),
    }
}

fn read(problem: &Problem, source: Source, log: &mut Log, mut others: Others<'_>) -> Result<Timetable, Stop> {
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
        let start = period as u16;
        let named = Named {
            line: number,
            who: format!("course {}", quoted(course)),
            when: format!("on day {day} in period {period}"),
            unit: "period",
            time: TimeRow { weeks: 1, days: 1 << day, start, end: start + 1, pad: 0 },
            penalty: 0,
            room: RoomId(r),
            whereabouts: format!("room {}", quoted(room)),
        };
        others.place(problem, &mut timetable, log, class, &named);
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
