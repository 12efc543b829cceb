//! Writes a problem as `.ctt`: the lectures of a course become one line again.

use super::solution::lectures;
use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
};
use timetable::{ClassId, ConstraintId, CourseId, Kind, Problem, RoomId};

/// What of a problem the format surely cannot hold, in words. What is written has to be read back
/// and compared, too.
pub(crate) fn obstacles(problem: &Problem) -> Vec<String> {
    let mut all = Vec::new();
    if problem.meta().weeks != 1 {
        all.push(format!("{} weeks", problem.meta().weeks));
    }
    if !problem.students().is_empty() {
        all.push(format!("{} students", problem.students().len()));
    }
    for kind in Kind::ALL {
        let n = problem.constraints().iter().filter(|c| c.kind == kind as u32).count();
        let known = matches!(
            kind,
            Kind::TeacherClash
                | Kind::CurriculumClash
                | Kind::MinWorkingDays
                | Kind::IsolatedLectures
                | Kind::RoomStability
        );
        if n > 0 && !known {
            all.push(format!("{n} constraints {kind}"));
        }
    }
    if problem.courses().iter().any(|c| c.configs.len != 1) {
        all.push("courses with other than one configuration".into());
    }
    if problem.subparts().iter().any(|s| s.classes.len != 1) {
        all.push("subparts with other than one class".into());
    }
    if problem.times().iter().any(|t| t.length() != 1 || t.days.count_ones() != 1) {
        all.push("classes of more than one period".into());
    }
    all
}

/// Writes a problem that has no [`obstacles`].
pub(crate) fn write_problem(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    let (days, periods) = (problem.meta().days, problem.meta().slots);
    let courses = 0..problem.courses().len();
    let course_name = |c: usize| problem.name(problem.courses()[c].name);
    let unavailable: Vec<(usize, u32, u32)> = courses
        .clone()
        .flat_map(|c| unavailable_periods(problem, CourseId::new(c)).into_iter().map(move |(d, p)| (c, d, p)))
        .collect();
    let curricula: Vec<(&str, Vec<usize>)> = of_kind(problem, Kind::IsolatedLectures)
        .map(|id| {
            let mut members: Vec<usize> =
                problem.classes_of(id).iter().map(|&c| problem.course_of(ClassId(c)).index()).collect();
            members.dedup();
            (problem.name(problem.constraints()[id.index()].name), members)
        })
        .collect();

    writeln!(w, "Name: {}", problem.name(problem.meta().name))?;
    writeln!(w, "Courses: {}\nRooms: {}", courses.len(), problem.rooms().len())?;
    writeln!(w, "Days: {days}\nPeriods_per_day: {periods}")?;
    writeln!(w, "Curricula: {}\nConstraints: {}", curricula.len(), unavailable.len())?;
    writeln!(w, "\nCOURSES:")?;
    let teachers = teachers(problem);
    let min_days: HashMap<CourseId, u32> = of_kind(problem, Kind::MinWorkingDays)
        .filter_map(|id| {
            let class = problem.classes_of(id).first()?;
            Some((problem.course_of(ClassId(*class)), problem.constraints()[id.index()].params[0]))
        })
        .collect();
    for c in courses {
        let id = CourseId::new(c);
        let n = lectures(problem, id).count();
        let students = lectures(problem, id).next().map_or(0, |k| students(problem, k));
        let days = min_days.get(&id).copied().unwrap_or(0);
        writeln!(w, "{} {} {n} {days} {students}", course_name(c), teachers[c])?;
    }
    writeln!(w, "\nROOMS:")?;
    for room in problem.rooms() {
        writeln!(w, "{}\t{}", problem.name(room.name), room.capacity)?;
    }
    writeln!(w, "\nCURRICULA:")?;
    for (name, members) in curricula {
        write!(w, "{name} {}", members.len())?;
        for c in members {
            write!(w, " {}", course_name(c))?;
        }
        writeln!(w)?;
    }
    writeln!(w, "\nUNAVAILABILITY_CONSTRAINTS:")?;
    for (c, d, p) in unavailable {
        writeln!(w, "{} {d} {p}", course_name(c))?;
    }
    writeln!(w, "\nEND.")
}

fn of_kind(problem: &Problem, kind: Kind) -> impl Iterator<Item = ConstraintId> + '_ {
    (0..problem.constraints().len()).map(ConstraintId::new).filter(move |&id| problem.kind_of(id) == kind)
}

/// The students of a lecture: its limit, or what the penalties of its rooms say.
fn students(problem: &Problem, class: ClassId) -> u32 {
    let capacity = |room: u32| problem.rooms()[RoomId(room).index()].capacity;
    let rooms = problem.rooms_of(class);
    problem.classes()[class.index()].limit().unwrap_or_else(|| {
        let dear = rooms.iter().find(|o| o.penalty > 0).map(|o| capacity(o.room).saturating_add(o.penalty));
        dear.or_else(|| rooms.iter().map(|o| capacity(o.room)).min()).unwrap_or(0)
    })
}

fn unavailable_periods(problem: &Problem, course: CourseId) -> Vec<(u32, u32)> {
    let Some(class) = lectures(problem, course).next() else { return Vec::new() };
    let free: HashSet<(u32, u32)> = problem
        .times_of(class)
        .iter()
        .map(|o| problem.times()[o.time as usize])
        .map(|t| (t.days.trailing_zeros(), u32::from(t.start)))
        .collect();
    let all = (0..problem.meta().days).flat_map(|d| (0..problem.meta().slots).map(move |p| (d, p)));
    all.filter(|dp| !free.contains(dp)).collect()
}

/// By course; a teacher of a single lecture has no constraint and gets a name that no other has.
fn teachers(problem: &Problem) -> Vec<String> {
    let mut names: Vec<Option<String>> = vec![None; problem.courses().len()];
    let mut taken = HashSet::new();
    for id in of_kind(problem, Kind::TeacherClash) {
        let name = problem.name(problem.constraints()[id.index()].name);
        taken.insert(name.to_owned());
        for &class in problem.classes_of(id) {
            names[problem.course_of(ClassId(class)).index()] = Some(name.into());
        }
    }
    let free = |c: usize| {
        let mut name = format!("t-{}", problem.name(problem.courses()[c].name));
        while taken.contains(&name) {
            name.push('\'');
        }
        name
    };
    names.into_iter().enumerate().map(|(c, name)| name.unwrap_or_else(|| free(c))).collect()
}
