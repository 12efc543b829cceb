//! Solutions: where each class is, and which students it has.

use super::bits;
use super::xml::{Element, Node, Xml};
use crate::fault::Faults;
use crate::log::{Log, Stop, quoted};
use crate::names::{Names, Seen};
use crate::source::Source;
use std::collections::HashMap;
use timetable::{ClassId, NONE, Placement, Problem, Timetable};

/// Reads a timetable.
pub(crate) fn read_solution(problem: &Problem, source: Source) -> Result<Timetable, Faults> {
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
    };
    reader.seen.next_round();
    match reader.read(Xml::new(source)) {
        Ok(()) => reader.log.finish(reader.timetable),
        Err(Stop) => Err(reader.log.into_faults()),
    }
}

struct Reader<'p> {
    problem: &'p Problem,
    log: Log,
    timetable: Timetable,
    classes: Names,
    rooms: Names,
    students: Names,
    /// From student and course.
    requests: HashMap<(u32, u32), u32>,
    seen: Seen,
}

impl Reader<'_> {
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
        let length = f.number_or(5, u32::from(u16::MAX), 0, log)?;
        let (d, w) = (bits::parse(days, problem.meta().days), bits::parse(weeks, problem.meta().weeks));
        let mut fits = problem.times_of(class).iter().zip(0u16..).filter(|(t, _)| {
            let t = problem.times()[t.time as usize];
            Some(u64::from(t.days)) == d
                && Some(t.weeks) == w
                && u32::from(t.start) == start
                && (f.get(5).is_none() || u32::from(t.length()) == length)
        });
        let time = match (fits.next(), fits.next()) {
            (Some((_, i)), None) => i,
            (None, _) => {
                let length = if f.get(5).is_some() { format!(" length {length}") } else { String::new() };
                let found = format!("days {} start {start}{length} weeks {} {}", quoted(days), quoted(weeks), of());
                log.fault(f.line(), found, "one of its times");
                return Some(class);
            }
            _ => {
                log.fault(
                    f.line(),
                    format!("start {start} {}, of which two lengths are possible", of()),
                    "one of them",
                );
                return Some(class);
            }
        };
        let options = problem.rooms_of(class);
        let room = match (f.get(4), options.is_empty()) {
            (None, true) => Placement::NO_ROOM,
            (None, false) => {
                log.fault(f.line(), format!("no room {}", of()), "one of its rooms");
                return Some(class);
            }
            (Some(room), true) => {
                log.fault(f.line(), format!("room {} {}", quoted(room), of()), "none: it needs none");
                return Some(class);
            }
            (Some(room), false) => {
                let known = self.rooms.find(log, f.line(), room, "");
                let at = known.and_then(|r| options.iter().position(|o| o.room == r));
                match (known, at) {
                    (_, Some(at)) => at as u16,
                    (Some(_), None) => {
                        log.fault(f.line(), format!("room {} {}", quoted(room), of()), "one of its rooms");
                        return Some(class);
                    }
                    (None, None) => return Some(class),
                }
            }
        };
        self.timetable.placements[class.index()] = Placement { time, room };
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
