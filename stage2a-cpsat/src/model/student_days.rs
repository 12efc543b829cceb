//! What students have in a day, where that counts: a day with a single class, long runs of classes.

use super::FreeClass;
use super::amounts::{self, Amount};
use super::days::{self, Day, Days, Presence};
use super::fixed;
use super::subproblem::{Member, Subproblem};
use super::writer::{Writer, sum};
use std::collections::{BTreeMap, BTreeSet};
use timetable::{ClassId, ConstraintRow, Kind, NONE, RequestId, StudentId, each_kinds, group_kinds, pair_kinds};

/// Writes every constraint of this kind for the students of free classes, as they are enrolled now.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    if subproblem.links.of_students.is_empty() {
        return;
    }
    for (members, students) in groups(subproblem) {
        if writer.is_full() {
            return;
        }
        let days = days::of(subproblem, free, &members, Days::OfWeek);
        for &id in &subproblem.links.of_students {
            let (kind, row) = (subproblem.problem.kind_of(id), &subproblem.problem.constraints()[id.index()]);
            let mut amount = |day: &Day| {
                let mut amount = match kind {
                    Kind::StudentSingleClassDay => single(day, writer),
                    Kind::StudentLongRun => long_runs(row, day, writer),
                    pair_kinds!() | group_kinds!() | each_kinds!() => unreachable!("{kind} is not about students"),
                };
                if row.hard == 1 {
                    amount.held = fixed::amount(kind, row, day);
                }
                (students * day.many, amount)
            };
            let amounts = days.iter().filter(|day| day.is_open()).map(&mut amount).collect();
            amounts::charge(subproblem, (kind, row), amounts, writer);
        }
    }
}

/// The classes of students who have a free one, and how many students have just these.
fn groups(subproblem: &Subproblem<'_, '_>) -> Vec<(Vec<Member>, i64)> {
    let students: BTreeSet<u32> =
        subproblem.classes.iter().flat_map(|&class| subproblem.board.students_of(class)).copied().collect();
    let mut groups: BTreeMap<Vec<u32>, i64> = BTreeMap::new();
    for student in students {
        let requests = subproblem.problem.students()[StudentId(student).index()].requests.indexes();
        let taken = requests.flat_map(|request| subproblem.board.taken(RequestId(request))).copied();
        let mut taken: Vec<u32> = taken.filter(|&class| class != NONE).collect();
        taken.sort_unstable();
        *groups.entry(taken).or_default() += 1;
    }
    let member = |class: u32| match subproblem.number(class) {
        Some(free) => Some(Member::Free(free)),
        None => subproblem.at(ClassId(class)).map(Member::Fixed),
    };
    groups.into_iter().map(|(taken, students)| (taken.into_iter().filter_map(member).collect(), students)).collect()
}

/// 1 where there is just one class.
fn single(day: &Day, writer: &mut Writer) -> Amount {
    let fixed = day.attendances.iter().filter(|attendance| attendance.var.is_none()).count();
    if fixed > 1 {
        return Amount::default();
    }
    let vars = || day.attendances.iter().filter_map(|attendance| attendance.var);
    let single = writer.boolean();
    if fixed == 1 {
        writer.any(vars().chain([single]));
    } else {
        let several = writer.boolean();
        for class in day.attendances.chunk_by(|a, b| a.member == b.member) {
            writer.at_most(sum(class.iter().filter_map(|attendance| attendance.var)), sum([single, several]));
        }
        writer.at_most(sum([several, several]), sum(vars()));
    }
    Amount { terms: vec![(1, single.into())], most: 1, ..Amount::default() }
}

/// Slots of a run beyond the longest that is allowed: one for each stretch of so many and one more
/// that is taken from end to end. Of times of several slots only what is one slot long is seen.
fn long_runs(row: &ConstraintRow, day: &Day, writer: &mut Writer) -> Amount {
    let segments = day.segments(&[], writer);
    let mut amount = Amount::default();
    for stretch in segments.windows(row.params[0] as usize + 1) {
        if stretch.iter().any(|segment| segment.taken == Presence::Never || segment.length() > 1) {
            continue;
        }
        let is_long = writer.boolean();
        writer.any(stretch.iter().filter_map(|segment| segment.taken.var()).map(|var| !var).chain([is_long]));
        amount.terms.push((1, is_long.into()));
        amount.most += 1;
    }
    amount
}
