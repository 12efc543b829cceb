//! Solutions: where each class is, and which students it has.

use super::written_time::{Match, WrittenTime};
use super::xml::{Element, Node, Xml};
use crate::elsewhere::{Elsewhere, Others};
use crate::fault::Faults;
use crate::log::{Log, Stop, quoted};
use crate::names::{Names, Seen};
use crate::source::Source;
use std::collections::HashMap;
use timetable::{ClassId, NONE, Placement, Problem, RoomId, Timetable};

/// Reads a timetable.
pub(crate) fn read_solution(problem: &Problem, source: Source, others: Others<'_>) -> Result<Timetable, Faults> {
    let requests = problem.requests().iter().zip(0..).map(|(r, i)| ((r.student, r.course), i)).collect();
    let mut reader = Reader {
        problem,
        log: Log::of(&source),
        timetable: Timetable::empty(problem),
        classes: Names::of("class", problem.classes().iter().map(|c| problem.name(c.name))),
        rooms: Names::of("room", problem.rooms().iter().map(|r| problem.name(r.name))),
        students: Names::of("student", problem.students().iter().map(|s| problem.name(s.name))),
        requests,
        seen: Seen::default(),
        others,
    };
    reader.seen.next_round();
    match reader.read(Xml::new(source)) {
        Ok(()) => reader.log.finish(reader.timetable),
        Err(Stop) => Err(reader.log.into_faults()),
    }
}

struct Reader<'p, 'o> {
    problem: &'p Problem,
    log: Log,
    timetable: Timetable,
    classes: Names,
    rooms: Names,
    students: Names,
    /// From student and course.
    requests: HashMap<(u32, u32), u32>,
    seen: Seen,
    others: Others<'o>,
}

impl Reader<'_, '_> {
    fn read(&mut self, mut xml: Xml) -> Result<(), Stop> {
        let mut buf = Vec::with_capacity(256);
        let mut above: Vec<String> = Vec::new();
        let mut class = None;
        loop {
            match xml.next(&mut buf, &mut self.log)? {
                Node::Open(element) => {
                    match (above.len(), element.name()) {
                        (depth, name) if element.has_open_quote() => {
                            if depth == 1 {
                                class = None;
                            }
                            let found = format!("<{name}> with a quote that is not closed");
                            self.log.fault(element.line, found, "name=\"value\"");
                        }
                        // Who made it, how long it took: free attributes of which nothing is used.
                        (0, "solution") => self.check_name(&element),
                        (1, "class") => class = self.class(&element),
                        (2, "student") => self.student(&element, class),
                        (0, name) => {
                            self.log.fault(
                                element.line,
                                format!("root element {}", quoted(name)),
                                "<solution> of ITC-2019",
                            );
                            return Err(Stop);
                        }
                        (depth, name) => {
                            if depth == 1 {
                                class = None; // students in it are in no class
                            }
                            let what = "which ITC-2019 does not have there, is ignored";
                            self.log.note(element.line, &format!("element {}, {what}", quoted(name)));
                        }
                    }
                    above.push(element.name().into());
                }
                Node::Close => drop(above.pop()),
                Node::Other => {}
                Node::End => return Ok(()),
            }
        }
    }

    fn check_name(&mut self, element: &Element<'_>) {
        let name = self.problem.name(self.problem.meta().name);
        for (key, value) in element.any_fields() {
            if key == "name" && value != name {
                self.log.fault(
                    element.line,
                    format!("a solution of {}", quoted(&value)),
                    format!("one of {}", quoted(name)),
                );
            }
        }
    }

    fn class(&mut self, element: &Element<'_>) -> Option<ClassId> {
        // Not in the format, but written by many, and by us where two lengths are possible at one
        // start.
        let f = element.fields(&["id", "days", "start", "weeks", "room", "length"], &mut self.log);
        let (log, problem) = (&mut self.log, self.problem);
        let id = f.need(0, log)?;
        let class = ClassId(self.classes.find(log, f.line(), id, "")?);
        let of = || format!("of class {}", quoted(id));
        if !self.seen.first(class.0) {
            log.fault(f.line(), format!("class {} again", quoted(id)), "each class once");
            return Some(class);
        }
        if f.get(1).is_none() && f.get(2).is_none() && f.get(3).is_none() && f.get(4).is_none() {
            return Some(class); // not placed
        }
        let (days, start, weeks) = (f.need(1, log), f.number(2, u32::from(u16::MAX), log), f.need(3, log));
        let (Some(days), Some(start), Some(weeks)) = (days, start, weeks) else { return Some(class) };
        let length = f.number_or(5, u32::from(u16::MAX), 0_u32, log)?;
        let length = f.get(5).map(|_| length as u16);
        let when = WrittenTime { days, start: start as u16, weeks, length };
        let lists = matches!(self.others, Others::List(_));
        let time = match when.find(problem, class) {
            Match::One(time) => Some(time),
            Match::More => {
                let found = format!("start {start} {}, of which two lengths are possible", of());
                log.fault(f.line(), found, "one of them");
                return Some(class);
            }
            Match::None if lists => None,
            Match::None => {
                log.fault(f.line(), format!("{when} {}", of()), "one of its times");
                return Some(class);
            }
        };
        let options = problem.rooms_of(class);
        let room = match (f.get(4), options.is_empty()) {
            (None, true) => None,
            (None, false) => {
                log.fault(f.line(), format!("no room {}", of()), "one of its rooms");
                return Some(class);
            }
            (Some(room), true) => {
                log.fault(f.line(), format!("room {} {}", quoted(room), of()), "none: it needs none");
                return Some(class);
            }
            (Some(room), false) => {
                let Some(known) = self.rooms.find(log, f.line(), room, "") else { return Some(class) };
                Some((known, options.iter().position(|o| o.room == known)))
            }
        };
        let at = match room {
            None => Some(Placement::NO_ROOM),
            Some((_, position)) => position.map(|at| at as u16),
        };
        match (time, at, &mut self.others) {
            (Some(time), Some(room), _) => self.timetable.placements[class.index()] = Placement { time, room },
            (_, _, Others::List(list)) => {
                let own = time.map(|time| problem.times()[problem.times_of(class)[usize::from(time)].time as usize]);
                let row = match own.map_or_else(|| when.row(problem, class), Ok) {
                    Ok(row) => row,
                    Err(expected) => {
                        log.fault(f.line(), format!("{when} {}", of()), expected);
                        return Some(class);
                    }
                };
                list.push(Elsewhere {
                    class,
                    line: f.line(),
                    time: row,
                    is_its_time: time.is_some(),
                    penalty: 0,
                    room: room.map(|(room, _)| RoomId(room)),
                    is_its_room: at.is_some(),
                });
            }
            (_, _, Others::Faults) => {
                let room = f.get(4).unwrap_or_default();
                log.fault(f.line(), format!("room {} {}", quoted(room), of()), "one of its rooms");
            }
        }
        Some(class)
    }

    fn student(&mut self, element: &Element<'_>, class: Option<ClassId>) {
        let f = element.fields(&["id"], &mut self.log);
        let (log, problem) = (&mut self.log, self.problem);
        let Some(id) = f.need(0, log) else { return };
        let (Some(student), Some(class)) = (self.students.find(log, f.line(), id, ""), class) else { return };
        let in_class = || format!("student {} in class {}", quoted(id), quoted(problem.class_name(class)));
        let Some(&request) = self.requests.get(&(student, problem.course_of(class).0)) else {
            log.fault(f.line(), in_class(), "a class of a course that the student takes");
            return;
        };
        let config = problem.config_of(class);
        let subpart = problem.classes()[class.index()].subpart;
        let at = (subpart - problem.configs()[config.index()].subparts.first) as usize;
        let places = &mut self.timetable.enrolment[problem.requests()[request as usize].slots.range()];
        let other_config = places.iter().any(|&k| k != NONE && problem.config_of(ClassId(k)) != config);
        if places[at] != NONE || other_config {
            let expected = "one configuration of a course and one class of each subpart";
            log.fault(f.line(), in_class(), expected);
            return;
        }
        places[at] = class.0;
    }
}
