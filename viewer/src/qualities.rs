//! What timetables of a problem are better and worse at, whatever the rules say of it: figures of
//! a week, on average over the term. Less is better.

use crate::directory::taken;
use rustc_hash::FxHashMap;
use stage0_load::csv_folder::teachers;
use timetable::{ClassId, Problem, Report, Rule, StudentId, TimeRow, Timetable};

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// What is counted.
    pub name: &'static str,
    /// How much of it there is; less is better.
    pub value: f64,
}

/// The figures of a timetable, the same ones in the same order for all timetables of a problem.
pub fn qualities(problem: &Problem, timetable: &Timetable, report: &Report) -> Vec<Quality> {
    let weeks = f64::from(problem.meta().weeks);
    let a_week = |name, total: u64| Quality { name, value: (total as f64 / weeks * 10.0).round() / 10.0 };
    let slots = problem.meta().slots;
    let count = |is_one: &dyn Fn(&TimeRow) -> bool| -> u64 {
        let times = problem.class_ids().filter_map(|class| timetable.time(problem, class));
        let rows = times.map(|time| &problem.times()[time.index()]).filter(|row| is_one(row));
        rows.map(|row| u64::from(row.weeks.count_ones()) * u64::from(row.days.count_ones())).sum()
    };
    let mut taught: FxHashMap<&str, Vec<ClassId>> = FxHashMap::default();
    for (class, names) in problem.class_ids().zip(teachers(problem)) {
        names.into_iter().for_each(|name| taught.entry(name).or_default().push(class));
    }
    let mut of_teachers = Days::default();
    taught.values().for_each(|classes| of_teachers.add(problem, timetable, classes));
    let mut of_students = Days::default();
    for student in (0..problem.students().len()).map(StudentId::new) {
        of_students.add(problem, timetable, &taken(problem, timetable, student));
    }
    let clashes = report.tallies.get(&Rule::StudentConflict).map_or(0, |tally| tally.entries);
    vec![
        Quality { name: "penalty", value: report.score.penalty as f64 },
        Quality { name: "students' clashes", value: clashes as f64 },
        a_week("students' free slots between classes", of_students.gaps),
        a_week("teachers' free slots between classes", of_teachers.gaps),
        a_week("teachers' changes of room", of_teachers.changes),
        a_week("sessions in the first quarter of the day", count(&|row| u32::from(row.start) * 4 < slots)),
        a_week("sessions in the last quarter of the day", count(&|row| u32::from(row.end) * 4 > slots * 3)),
    ]
}

/// The share of the classes that are held at another time or in another room.
pub fn share_that_differs(one: &Timetable, other: &Timetable) -> f64 {
    let differ = one.placements.iter().zip(&other.placements).filter(|(a, b)| a != b).count();
    differ as f64 / one.placements.len().max(1) as f64
}

/// What people's days are like, all days of the term together.
#[derive(Default)]
struct Days {
    /// Slots between two classes of a day.
    gaps: u64,
    /// Two classes of a day, one after the other, in two rooms.
    changes: u64,
}

impl Days {
    /// Adds the days of somebody with these classes.
    fn add(&mut self, problem: &Problem, timetable: &Timetable, classes: &[ClassId]) {
        let held = |&class: &ClassId| {
            let time = timetable.time(problem, class)?;
            Some((problem.times()[time.index()], timetable.room(problem, class)))
        };
        let mut held: Vec<_> = classes.iter().filter_map(held).collect();
        held.sort_unstable_by_key(|(time, room)| (time.start, time.end, room.map(|room| room.0)));
        for week in 0..problem.meta().weeks {
            for day in 0..problem.meta().days {
                let is_then = |time: &TimeRow| time.weeks >> week & 1 == 1 && time.days >> day & 1 == 1;
                let mut before = None;
                for (time, room) in held.iter().filter(|(time, _)| is_then(time)) {
                    if let Some((end, last)) = before {
                        self.gaps += u64::from(time.start.saturating_sub(end));
                        self.changes += u64::from(room.is_some() && last != *room);
                    }
                    let end = before.map_or(time.end, |(end, _): (u16, _)| end.max(time.end));
                    before = Some((end, *room));
                }
            }
        }
    }
}
