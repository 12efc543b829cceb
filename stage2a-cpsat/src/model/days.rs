//! The days of a group of classes, and who is there when.

use super::Free;
use super::scene::{Member, Scene};
use super::writer::{Writer, sum};
use cp_sat::builder::BoolVar;
use std::collections::BTreeMap;
use timetable::TimeRow;

/// A day, or several that are alike.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) stays: Vec<Stay>,
    /// How many days are like this one.
    pub(super) many: i64,
}

/// A class that is held on the day, or may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay {
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
    pub(super) taken: Taken,
}

/// Whether anybody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Never,
    Always,
    Where(BoolVar),
}

impl Taken {
    /// Its variable, where it depends on one.
    pub(super) fn var(self) -> Option<BoolVar> {
        match self {
            Taken::Where(var) => Some(var),
            Taken::Never | Taken::Always => None,
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
pub(super) fn of(scene: &Scene<'_, '_>, free: &[Free], members: &[Member], days: Days) -> Vec<Day> {
    let meta = scene.problem.meta();
    let weeks = if days == Days::OfCalendar { meta.weeks } else { 1 };
    // Members and their choices, the days told apart by nothing else.
    let mut alike: BTreeMap<Vec<(usize, usize)>, i64> = BTreeMap::new();
    for (week, day) in (0..weeks).flat_map(|week| (0..meta.days).map(move |day| (week, day))) {
        let then = |time: &TimeRow| time.days >> day & 1 == 1 && (days == Days::OfWeek || time.weeks >> week & 1 == 1);
        let mut there = Vec::new();
        for (member, who) in members.iter().enumerate() {
            match who {
                Member::Held(at) => there.extend(then(scene.time(at.time.0)).then_some((member, 0))),
                Member::Free(class) => {
                    let choices = free[*class].times.iter().enumerate();
                    there.extend(choices.filter(|(_, time)| then(scene.time(time.id))).map(|(k, _)| (member, k)));
                }
            }
        }
        if !there.is_empty() {
            *alike.entry(there).or_default() += 1;
        }
    }
    let stay = |(member, choice): (usize, usize)| {
        let (id, var) = match members[member] {
            Member::Held(at) => (at.time.0, None),
            Member::Free(class) => (free[class].times[choice].id, Some(free[class].times[choice].var)),
        };
        let time = scene.time(id);
        let from = i64::from(time.start);
        Stay { member, from, to: from + i64::from(time.length()), var }
    };
    let day = |(there, many): (Vec<_>, i64)| Day { stays: there.into_iter().map(stay).collect(), many };
    alike.into_iter().map(day).collect()
}

impl Day {
    /// Whether it depends on anything.
    pub(super) fn is_open(&self) -> bool {
        self.stays.iter().any(|stay| stay.var.is_some())
    }

    /// From the first start (or mark) to the last end, without a hole: cut where anything may begin or end, and at `marks`.
    pub(super) fn segments(&self, marks: &[i64], writer: &mut Writer) -> Vec<Segment> {
        let ends = self.stays.iter().flat_map(|stay| [stay.from, stay.to]);
        let mut cuts: Vec<i64> = ends.chain(marks.iter().copied()).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut there: Vec<Vec<&Stay>> = vec![Vec::new(); cuts.len()];
        for stay in &self.stays {
            let first = cuts.partition_point(|&cut| cut < stay.from);
            let segments = there[first..].iter_mut().zip(&cuts[first..]);
            segments.take_while(|(_, from)| **from < stay.to).for_each(|(there, _)| there.push(stay));
        }
        let segment =
            |(cut, there): (&[i64], &Vec<&Stay>)| Segment { from: cut[0], to: cut[1], taken: taken(there, writer) };
        cuts.windows(2).zip(&there).map(segment).collect()
    }
}

/// A variable that is true where any of these stays is.
fn taken(there: &[&Stay], writer: &mut Writer) -> Taken {
    if there.iter().any(|stay| stay.var.is_none()) {
        return Taken::Always;
    }
    let vars: Vec<BoolVar> = there.iter().filter_map(|stay| stay.var).collect();
    match vars.as_slice() {
        [] => Taken::Never,
        &[var] => Taken::Where(var),
        vars => {
            let taken = writer.boolean();
            for stays in there.chunk_by(|a, b| a.member == b.member) {
                writer.at_most(sum(stays.iter().filter_map(|stay| stay.var)), sum([taken]));
            }
            writer.at_most(sum([taken]), sum(vars.iter().copied()));
            Taken::Where(taken)
        }
    }
}

impl Segment {
    pub(super) fn length(&self) -> i64 {
        self.to - self.from
    }
}

/// A variable that can only be true where nobody is in any of these; none where somebody certainly is.
pub(super) fn nobody<'s>(segments: impl Iterator<Item = &'s Segment>, writer: &mut Writer) -> Option<BoolVar> {
    let mut vars = Vec::new();
    for segment in segments {
        match segment.taken {
            Taken::Always => return None,
            Taken::Never => {}
            Taken::Where(var) => vars.push(var),
        }
    }
    let nobody = writer.boolean();
    vars.dedup();
    vars.into_iter().for_each(|var| writer.at_most_one([nobody, var]));
    Some(nobody)
}
