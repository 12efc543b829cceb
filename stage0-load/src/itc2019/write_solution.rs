//! Writes a timetable as the ITC-2019 validator takes it.

use super::bits;
use crate::info::SolutionInfo;
use crate::xml_text::attribute;
use std::io::{self, Write};
use timetable::{NONE, Problem, StudentId, TimeRow, Timetable};

/// Writes every class that is placed or has students.
pub(crate) fn write_solution(
    problem: &Problem,
    timetable: &Timetable,
    info: &SolutionInfo,
    w: &mut dyn Write,
) -> io::Result<()> {
    let meta = problem.meta();
    writeln!(w, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        w,
        r#"<!DOCTYPE solution PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">"#
    )?;
    let name = attribute(problem.name(meta.name));
    write!(w, r#"<solution name="{name}" runtime="{:.1}" cores="{}""#, info.runtime_seconds, info.cores)?;
    for (key, value) in [
        ("technique", &info.technique),
        ("author", &info.author),
        ("institution", &info.institution),
        ("country", &info.country),
    ] {
        write!(w, r#" {key}="{}""#, attribute(value))?;
    }
    writeln!(w, ">")?;
    let students = students_by_class(problem, timetable);
    for class in problem.class_ids() {
        let mine = &students[class.index()];
        let time = timetable.time(problem, class).map(|t| problem.times()[t.index()]);
        if time.is_none() && mine.is_empty() {
            continue;
        }
        write!(w, r#"  <class id="{}""#, attribute(problem.class_name(class)))?;
        if let Some(t) = time {
            let (days, weeks) = (bits::text(u64::from(t.days), meta.days), bits::text(t.weeks, meta.weeks));
            write!(w, r#" days="{days}" start="{}" weeks="{weeks}""#, t.start)?;
            // Not in the format, and needed only where it does not say which time is meant.
            let of_class = problem.times_of(class).iter().map(|o| problem.times()[o.time as usize]);
            let alike = |o: &TimeRow| (o.days, o.start, o.weeks) == (t.days, t.start, t.weeks);
            if of_class.filter(alike).any(|o| o.length() != t.length()) {
                write!(w, r#" length="{}""#, t.length())?;
            }
        }
        if let Some(room) = timetable.room(problem, class) {
            write!(w, r#" room="{}""#, attribute(problem.room_name(room)))?;
        }
        if mine.is_empty() {
            writeln!(w, "/>")?;
            continue;
        }
        writeln!(w, ">")?;
        for &student in mine {
            writeln!(w, r#"    <student id="{}"/>"#, attribute(problem.student_name(student)))?;
        }
        writeln!(w, "  </class>")?;
    }
    writeln!(w, "</solution>")
}

fn students_by_class(problem: &Problem, timetable: &Timetable) -> Vec<Vec<StudentId>> {
    let mut students = vec![Vec::new(); problem.classes().len()];
    for request in problem.requests() {
        for &class in timetable.enrolment[request.slots.range()].iter().filter(|&&c| c != NONE) {
            students[class as usize].push(StudentId(request.student));
        }
    }
    students
}
