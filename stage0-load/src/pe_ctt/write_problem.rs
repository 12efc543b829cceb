//! Writes a problem as `.tim`. Which features an event needs is not kept by a problem, only the
//! rooms that follow: an event is written as needing every feature that all its rooms have, from
//! which the same rooms follow.

use super::{DAYS, SLOTS};
use std::{
    collections::HashSet,
    io::{self, Write},
};
use timetable::{ConstraintId, Kind, Problem, Span};

/// What of a problem the format surely cannot hold, in words. What is written has to be read back
/// and compared, too.
pub(crate) fn obstacles(problem: &Problem) -> Vec<String> {
    let mut all = Vec::new();
    let m = problem.meta();
    if (m.weeks, m.days, m.slots) != (1, DAYS, SLOTS) {
        all.push(format!("a calendar of {} × {} × {}", m.weeks, m.days, m.slots));
    }
    if m.student_conflicts_hard == 0 {
        all.push("student conflicts that are not hard".into());
    }
    for kind in Kind::ALL {
        let n = problem.constraints().iter().filter(|c| c.kind == kind as u32).count();
        let known = matches!(kind, Kind::Precedence | Kind::StudentSingleClassDay | Kind::StudentLongRun);
        if n > 0 && !known {
            all.push(format!("{n} constraints {kind}"));
        }
    }
    if problem.courses().len() != problem.classes().len() || problem.subparts().iter().any(|s| s.classes.len != 1) {
        all.push("courses with other than one class".into());
    }
    if problem.times().iter().any(|t| t.length() != 1 || t.days.count_ones() != 1) {
        all.push("classes of more than one slot".into());
    }
    if problem.room_features().iter().any(|&f| feature(problem, f).is_none()) {
        all.push("features with names other than f0, f1, ...".into());
    }
    all
}

/// The number in a feature's name.
fn feature(problem: &Problem, name: Span) -> Option<usize> {
    problem.name(name).strip_prefix('f')?.parse().ok().filter(|&f: &usize| f < 65_535)
}

/// Writes a problem that has no [`obstacles`].
pub(crate) fn write_problem(problem: &Problem, w: &mut dyn Write) -> io::Result<()> {
    let events = problem.classes().len();
    let has: Vec<HashSet<usize>> = problem
        .rooms()
        .iter()
        .map(|r| problem.room_features()[r.features.range()].iter().filter_map(|&f| feature(problem, f)).collect())
        .collect();
    let features = has.iter().flatten().max().map_or(0, |f| f + 1);
    writeln!(w, "{events} {} {features} {}", problem.rooms().len(), problem.students().len())?;
    for room in problem.rooms() {
        writeln!(w, "{}", room.capacity)?;
    }
    for student in problem.students() {
        let mine: HashSet<u32> = problem.requests()[student.requests.range()].iter().map(|r| r.course).collect();
        row(w, (0..events as u32).map(|e| mine.contains(&e).into()))?;
    }
    for room in &has {
        row(w, (0..features).map(|f| room.contains(&f).into()))?;
    }
    for class in problem.class_ids() {
        let all_have = |f: usize| problem.rooms_of(class).iter().all(|o| has[o.room as usize].contains(&f));
        row(w, (0..features).map(|f| all_have(f).into()))?;
    }
    for class in problem.class_ids() {
        let mut bits = 0u64;
        for o in problem.times_of(class) {
            let t = problem.times()[o.time as usize];
            bits |= 1 << (t.days.trailing_zeros() * SLOTS + u32::from(t.start));
        }
        row(w, (0..DAYS * SLOTS).map(|s| (bits >> s & 1) as i8))?;
    }
    let before: HashSet<(u32, u32)> = (0..problem.constraints().len())
        .map(ConstraintId::new)
        .filter(|&id| problem.kind_of(id) == Kind::Precedence)
        .filter_map(|id| <[u32; 2]>::try_from(problem.classes_of(id)).ok())
        .map(|[a, z]| (a, z))
        .collect();
    for a in 0..events as u32 {
        row(w, (0..events as u32).map(|z| i8::from(before.contains(&(a, z))) - i8::from(before.contains(&(z, a)))))?;
    }
    Ok(())
}

fn row(w: &mut dyn Write, values: impl Iterator<Item = i8>) -> io::Result<()> {
    let mut line = String::new();
    for v in values {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(match v {
            0 => "0",
            1 => "1",
            _ => "-1",
        });
    }
    writeln!(w, "{line}")
}
