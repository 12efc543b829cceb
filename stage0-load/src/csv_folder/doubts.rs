//! What is allowed in a folder and hardly meant: said once, before the problem is made.

use super::tables::Tables;
use super::{COURSES, ROOMS, STUDENTS, TEACHERS};
use std::collections::HashMap;

/// Most lines about one kind of doubt.
const NAMED: usize = 5;

/// How sums at the end of a table are called.
const SUMS: [&str; 5] = ["total", "totals", "sum", "grand total", "subtotal"];

/// Lines that name what is doubtful.
pub(crate) fn doubts(tables: &Tables) -> Vec<String> {
    let mut lines = Vec::new();
    let rooms = tables.rooms.iter().map(|r| (r.id.as_str(), r.line));
    let teachers = tables.teachers.iter().map(|t| (t.id.as_str(), t.line));
    let students = tables.students.iter().map(|s| (s.id.as_str(), s.line));
    let courses = tables.courses.iter().map(|c| (c.id.as_str(), c.line));
    ids(ROOMS, "room", rooms, &mut lines);
    ids(TEACHERS, "teacher", teachers, &mut lines);
    ids(STUDENTS, "student", students, &mut lines);
    ids(COURSES, "course", courses, &mut lines);
    add(&mut lines, idle_teachers(tables));
    lines
}

/// Ids that differ in nothing but the case of letters, and those of lines of sums.
fn ids<'a>(file: &str, what: &str, ids: impl Iterator<Item = (&'a str, u64)> + Clone, lines: &mut Vec<String>) {
    let mut known: HashMap<String, (&str, u64)> = HashMap::new();
    let alike = ids.clone().filter_map(|(id, line)| {
        let (other, first) = *known.entry(id.to_lowercase()).or_insert((id, line));
        let differ = format!("{file}:{line}: {what} {id:?} and, in line {first}, {what} {other:?} differ in nothing but the case of letters");
        (other != id).then_some(differ)
    });
    add(lines, alike);
    let sums = ids.filter(|(id, _)| SUMS.contains(&id.to_lowercase().as_str()));
    add(lines, sums.map(|(id, line)| format!("{file}:{line}: {what} {id:?} looks like a line of sums")));
}

/// Teachers named for sections that a course does not have.
fn idle_teachers(tables: &Tables) -> impl Iterator<Item = String> + '_ {
    tables.courses.iter().zip(tables.enrolled()).filter_map(|(course, enrolled)| {
        if course.sections.is_none() && enrolled == 0 {
            return None; // as many as are needed, once it is known how many come
        }
        let sections = course.sections_for(enrolled) as usize;
        let idle = course.teachers.get(sections..).filter(|idle| !idle.is_empty())?;
        let names: Vec<&str> = idle.iter().flatten().map(|&t| tables.teachers[t as usize].id.as_str()).collect();
        let (line, id, all) = (course.line, &course.id, course.teachers.len());
        let teach = if names.len() == 1 { "teaches" } else { "teach" };
        Some(format!(
            "{COURSES}:{line}: course {id:?} names teachers for {all} sections and has {sections}: {} {teach} none of it there",
            names.join(", ")
        ))
    })
}

fn add(lines: &mut Vec<String>, mut more: impl Iterator<Item = String>) {
    lines.extend(more.by_ref().take(NAMED));
    let rest = more.count();
    if rest > 0 {
        lines.push(format!("... and {rest} more of this kind"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv_folder::{Calendar, Course, Rules, Student, Teacher};

    #[test]
    fn what_is_hardly_meant_is_named_with_its_line() {
        let student = |id: &str, line| Student { id: id.into(), line, ..Student::default() };
        let teacher = |id: &str| Teacher { id: id.into(), ..Teacher::default() };
        let course =
            Course { id: "BIO".into(), teachers: vec![vec![0], vec![1], vec![0, 1]], line: 4, ..Course::default() };
        let mut tables = Tables {
            calendar: Calendar {
                name: "n".into(),
                weeks: 1,
                days: vec!["Mon".into()],
                slots: vec![(0, 0)],
                term: None,
            },
            rules: Rules::default(),
            rooms: Vec::new(),
            teachers: vec![teacher("ann"), teacher("bob")],
            students: vec![student("Änne", 2), student("bo", 3), student("äNNE", 4), student("TOTAL", 5)],
            courses: vec![Course { sections: Some(2), ..course.clone() }],
            enrolments: Vec::new(),
            fixed: Vec::new(),
        };
        let expected = [
            "students.csv:4: student \"äNNE\" and, in line 2, student \"Änne\" differ in nothing but the case of letters",
            "students.csv:5: student \"TOTAL\" looks like a line of sums",
            "courses.csv:4: course \"BIO\" names teachers for 3 sections and has 2: ann, bob teach none of it there",
        ];
        assert_eq!(doubts(&tables), expected);
        tables.courses[0].sections = Some(3);
        tables.students.truncate(2);
        assert_eq!(doubts(&tables), [""; 0]);
        tables.students = (0..9).flat_map(|i| [student(&format!("s{i}"), 0), student(&format!("S{i}"), 1)]).collect();
        let many = doubts(&tables);
        assert_eq!((many.len(), many[NAMED].as_str()), (6, "... and 4 more of this kind"));
    }
}
