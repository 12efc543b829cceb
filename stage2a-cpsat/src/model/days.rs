//! The days of a group of classes, and who is there when.

use super::FreeClass;
use super::subproblem::{Member, Subproblem};
use super::writer::{Writer, sum};
use cp_sat::builder::BoolVar;
use std::collections::BTreeMap;
use timetable::TimeRow;

/// A day, or several that are alike.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) attendances: Vec<Attendance>,
    /// How many days are like this one.
    pub(super) many: i64,
}

/// A class that is held on the day, or may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attendance {
    /// Its place among the members; stays of one stand together.
    pub(super) member: usize,
    pub(super) from: i64,
    pub(super) to: i64,
    /// Whether it is; `None`: it is for certain.
    pub(super) var: Option<BoolVar>,
}

/// A stretch of a day in which nothing begins or ends.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) taken: Presence,
}

/// Whether anybody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Never,
    Always,
    Where(BoolVar),
}

impl Presence {
    /// Its variable, where it depends on one.
    pub(super) fn var(self) -> Option<BoolVar> {
        match self {
            Presence::Where(var) => Some(var),
            Presence::Never | Presence::Always => None,
        }
    }
}

/// Which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// Every day of every week.
    OfCalendar,
    /// Every day of the week, with all that is held on it in whatever week.
    OfWeek,
}

/// The days on which any member is or may be.
pub(super) fn of(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], members: &[Member], days: Days) -> Vec<Day> {
    let meta = subproblem.problem.meta();
    let weeks = if days == Days::OfCalendar { meta.weeks } else { 1 };
    // Members and their choices, the days told apart by nothing else.
    let mut alike: BTreeMap<Vec<(usize, usize)>, i64> = BTreeMap::new();
    for (week, day) in (0..weeks).flat_map(|week| (0..meta.days).map(move |day| (week, day))) {
        let then = |time: &TimeRow| time.days >> day & 1 == 1 && (days == Days::OfWeek || time.weeks >> week & 1 == 1);
        let mut there = Vec::new();
        for (member, who) in members.iter().enumerate() {
            match who {
                Member::Fixed(at) => there.extend(then(subproblem.time(at.time.0)).then_some((member, 0))),
                Member::Free(class) => {
                    let choices = free[*class].times.iter().enumerate();
                    there.extend(choices.filter(|(_, time)| then(subproblem.time(time.id))).map(|(k, _)| (member, k)));
                }
            }
        }
        if !there.is_empty() {
            *alike.entry(there).or_default() += 1;
        }
    }
    let attendance = |(member, choice): (usize, usize)| {
        let (id, var) = match members[member] {
            Member::Fixed(at) => (at.time.0, None),
            Member::Free(class) => (free[class].times[choice].id, Some(free[class].times[choice].var)),
        };
        let time = subproblem.time(id);
        let from = i64::from(time.start);
        Attendance { member, from, to: from + i64::from(time.length()), var }
    };
    let day = |(there, many): (Vec<_>, i64)| Day { attendances: there.into_iter().map(attendance).collect(), many };
    alike.into_iter().map(day).collect()
}

impl Day {
    /// Whether it depends on anything.
    pub(super) fn is_open(&self) -> bool {
        self.attendances.iter().any(|attendance| attendance.var.is_some())
    }

    /// From the first start (or mark) to the last end, without a hole: cut where anything may begin
    /// or end, and at `marks`.
    pub(super) fn segments(&self, marks: &[i64], writer: &mut Writer) -> Vec<Segment> {
        let ends = self.attendances.iter().flat_map(|attendance| [attendance.from, attendance.to]);
        let mut cuts: Vec<i64> = ends.chain(marks.iter().copied()).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut there: Vec<Vec<&Attendance>> = vec![Vec::new(); cuts.len()];
        for attendance in &self.attendances {
            let first = cuts.partition_point(|&cut| cut < attendance.from);
            let segments = there[first..].iter_mut().zip(&cuts[first..]);
            segments.take_while(|(_, from)| **from < attendance.to).for_each(|(there, _)| there.push(attendance));
        }
        let segment = |(cut, there): (&[i64], &Vec<&Attendance>)| Segment {
            from: cut[0],
            to: cut[1],
            taken: taken(there, writer),
        };
        cuts.windows(2).zip(&there).map(segment).collect()
    }
}

/// A variable that is true where any of these stays is.
fn taken(there: &[&Attendance], writer: &mut Writer) -> Presence {
    if there.iter().any(|attendance| attendance.var.is_none()) {
        return Presence::Always;
    }
    let vars: Vec<BoolVar> = there.iter().filter_map(|attendance| attendance.var).collect();
    match vars.as_slice() {
        [] => Presence::Never,
        &[var] => Presence::Where(var),
        vars => {
            let taken = writer.boolean();
            for attendances in there.chunk_by(|a, b| a.member == b.member) {
                writer.at_most(sum(attendances.iter().filter_map(|attendance| attendance.var)), sum([taken]));
            }
            writer.at_most(sum([taken]), sum(vars.iter().copied()));
            Presence::Where(taken)
        }
    }
}

impl Segment {
    pub(super) fn length(&self) -> i64 {
        self.to - self.from
    }
}

/// A variable that can only be true where nobody is in any of these; none where somebody certainly
/// is.
pub(super) fn nobody<'s>(segments: impl Iterator<Item = &'s Segment>, writer: &mut Writer) -> Option<BoolVar> {
    let mut vars = Vec::new();
    for segment in segments {
        match segment.taken {
            Presence::Always => return None,
            Presence::Never => {}
            Presence::Where(var) => vars.push(var),
        }
    }
    let nobody = writer.boolean();
    vars.dedup();
    vars.into_iter().for_each(|var| writer.at_most_one([nobody, var]));
    Some(nobody)
}
