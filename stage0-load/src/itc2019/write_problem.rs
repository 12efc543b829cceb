//! Writes a problem as ITC-2019 XML, in the order in which the loader gives out ids: what is read
//! back is the same problem.

use super::bits;
use super::distributions::KINDS;
use crate::log::{NAME_MAX, is_name, is_written};
use crate::xml_text::attribute;
use std::{
    collections::HashSet,
    io::{self, Write},
};
use timetable::{ClassId, ConstraintId, Kind, NONE, Problem, RoomId, Span, TimeRow};

/// What of a problem the format cannot hold, in words; nothing where it holds all. The features of
/// rooms and the names of constraints are left out without a word: no rule depends on them.
pub(crate) fn obstacles(problem: &Problem) -> Vec<String> {
    let mut all = Vec::new();
    if problem.meta().student_conflicts_hard == 1 {
        all.push("student conflicts that are hard".into());
    }
    for kind in Kind::ALL.into_iter().filter(|&k| written_as(k).is_none()) {
        let n = problem.constraints().iter().filter(|c| c.kind == kind as u32).count();
        if n > 0 {
            all.push(format!("{n} constraints {kind}"));
        }
    }
    let name = problem.name(problem.meta().name);
    if !name.chars().all(is_written) {
        all.push(format!("the name {name:?}"));
    }
    names(problem, "room", problem.rooms().iter().map(|r| r.name), &mut all);
    names(problem, "course", problem.courses().iter().map(|c| c.name), &mut all);
    names(problem, "class", problem.classes().iter().map(|c| c.name), &mut all);
    names(problem, "student", problem.students().iter().map(|s| s.name), &mut all);
    let config = |c: u32| problem.config_of(ClassId(c));
    let strays = problem.classes().iter().zip(0..).filter(|(k, i)| k.parent != NONE && config(k.parent) != config(*i));
    all.extend(
        strays.map(|(k, _)| format!("class {} with a parent of another configuration", problem.name(k.name))).take(1),
    );
    all
}

fn names(problem: &Problem, what: &str, spans: impl Iterator<Item = Span>, all: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for name in spans.map(|s| problem.name(s)) {
        if !is_name(name) {
            all.push(format!("{what} {name:?}: a name that XML cannot hold, empty or longer than {NAME_MAX} bytes"));
            return;
        }
        if !seen.insert(name) {
            all.push(format!("two of the name {what} {name:?}"));
            return;
        }
    }
}

/// The kind that says the same in ITC-2019.
fn written_as(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::TeacherClash | Kind::CurriculumClash => Some(Kind::NotOverlap),
        kind if (kind as usize) < KINDS => Some(kind),
        _ => None,
    }
}

/// Writes a problem that has no [`obstacles`].
pub(crate) fn write_problem(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    let m = problem.meta();
    writeln!(w, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        w,
        r#"<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">"#
    )?;
    let name = attribute(problem.name(m.name));
    writeln!(w, r#"<problem name="{name}" nrDays="{}" slotsPerDay="{}" nrWeeks="{}">"#, m.days, m.slots, m.weeks)?;
    writeln!(
        w,
        r#"  <optimization time="{}" room="{}" distribution="{}" student="{}"/>"#,
        m.time_weight, m.room_weight, m.distribution_weight, m.student_weight
    )?;
    rooms(problem, w)?;
    courses(problem, w)?;
    distributions(problem, w)?;
    students(problem, w)?;
    writeln!(w, "</problem>")
}

fn when(problem: &Problem, t: TimeRow) -> String {
    let (days, weeks) = (bits::text(u64::from(t.days), problem.meta().days), bits::text(t.weeks, problem.meta().weeks));
    format!(r#"days="{days}" start="{}" length="{}" weeks="{weeks}""#, t.start, t.length())
}

fn rooms(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    writeln!(w, "  <rooms>")?;
    for (i, room) in problem.rooms().iter().enumerate() {
        write!(w, r#"    <room id="{}" capacity="{}""#, attribute(problem.name(room.name)), room.capacity)?;
        let far = |b: &usize| problem.travel_between(RoomId::new(i), RoomId::new(*b)) != 0;
        let travel: Vec<usize> = (i + 1..problem.rooms().len()).filter(far).collect();
        let unavailable = problem.unavailable_of(RoomId::new(i));
        if travel.is_empty() && unavailable.is_empty() {
            writeln!(w, "/>")?;
            continue;
        }
        writeln!(w, ">")?;
        for b in travel {
            let (to, value) = (RoomId::new(b), problem.travel_between(RoomId::new(i), RoomId::new(b)));
            writeln!(w, r#"      <travel room="{}" value="{value}"/>"#, attribute(problem.room_name(to)))?;
        }
        for &t in unavailable {
            writeln!(w, "      <unavailable {}/>", when(problem, problem.times()[t as usize]))?;
        }
        writeln!(w, "    </room>")?;
    }
    writeln!(w, "  </rooms>")
}

/// Ids of configurations or subparts: their names, or, where these are not fit, their numbers.
fn ids(problem: &Problem, spans: impl Iterator<Item = Span>) -> Vec<String> {
    let names: Vec<&str> = spans.map(|s| problem.name(s)).collect();
    let mut seen = HashSet::new();
    if names.iter().all(|name| is_name(name) && seen.insert(*name)) {
        names.into_iter().map(|name| attribute(name).into_owned()).collect()
    } else {
        (1..=names.len()).map(|i| i.to_string()).collect()
    }
}

fn courses(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    let config_ids = ids(problem, problem.configs().iter().map(|c| c.name));
    let subpart_ids = ids(problem, problem.subparts().iter().map(|s| s.name));
    writeln!(w, "  <courses>")?;
    for course in problem.courses() {
        writeln!(w, r#"    <course id="{}">"#, attribute(problem.name(course.name)))?;
        for g in course.configs.range() {
            let config = &problem.configs()[g];
            writeln!(w, r#"      <config id="{}">"#, config_ids[g])?;
            for s in config.subparts.range() {
                let subpart = &problem.subparts()[s];
                writeln!(w, r#"        <subpart id="{}">"#, subpart_ids[s])?;
                for c in subpart.classes.indexes() {
                    class(problem, ClassId(c), w)?;
                }
                writeln!(w, "        </subpart>")?;
            }
            writeln!(w, "      </config>")?;
        }
        writeln!(w, "    </course>")?;
    }
    writeln!(w, "  </courses>")
}

fn class(problem: &Problem, id: ClassId, w: &mut dyn Write) -> io::Result<()> {
    let class = &problem.classes()[id.index()];
    write!(w, r#"          <class id="{}""#, attribute(problem.name(class.name)))?;
    if let Some(limit) = class.limit() {
        write!(w, r#" limit="{limit}""#)?;
    }
    if let Some(parent) = ClassId::from_raw(class.parent) {
        write!(w, r#" parent="{}""#, attribute(problem.class_name(parent)))?;
    }
    writeln!(w, "{}>", if class.needs_room() { "" } else { r#" room="false""# })?;
    for o in problem.rooms_of(id) {
        let room = attribute(problem.room_name(RoomId(o.room)));
        writeln!(w, r#"            <room id="{room}" penalty="{}"/>"#, o.penalty)?;
    }
    for o in problem.times_of(id) {
        let time = when(problem, problem.times()[o.time as usize]);
        writeln!(w, r#"            <time {time} penalty="{}"/>"#, o.penalty)?;
    }
    writeln!(w, "          </class>")
}

fn distributions(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    writeln!(w, "  <distributions>")?;
    for (i, c) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let Some(kind) = written_as(problem.kind_of(id)) else { continue };
        write!(w, r#"    <distribution type="{kind}"#)?;
        match &c.params[..kind.arity()] {
            [] => {}
            params => {
                let params: Vec<String> = params.iter().map(u32::to_string).collect();
                write!(w, "({})", params.join(","))?;
            }
        }
        match c.hard {
            1 => writeln!(w, r#"" required="true">"#)?,
            _ => writeln!(w, r#"" penalty="{}">"#, c.penalty)?,
        }
        for &class in problem.classes_of(id) {
            writeln!(w, r#"      <class id="{}"/>"#, attribute(problem.class_name(ClassId(class))))?;
        }
        writeln!(w, "    </distribution>")?;
    }
    writeln!(w, "  </distributions>")
}

fn students(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    writeln!(w, "  <students>")?;
    for student in problem.students() {
        writeln!(w, r#"    <student id="{}">"#, attribute(problem.name(student.name)))?;
        for request in &problem.requests()[student.requests.range()] {
            let course = problem.name(problem.courses()[request.course as usize].name);
            writeln!(w, r#"      <course id="{}"/>"#, attribute(course))?;
        }
        writeln!(w, "    </student>")?;
    }
    writeln!(w, "  </students>")
}
