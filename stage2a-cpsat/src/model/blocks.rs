//! Blocks: classes of a day with short breaks between them.

use super::amounts::Amount;
use super::days::{Attendance, Day, Presence, Segment, nobody};
use super::writer::{Writer, sum};
use cp_sat::builder::{BoolVar, LinearExpr};
use timetable::ConstraintRow;

/// Blocks of two or more classes that are longer than they may be.
///
/// A block begins where somebody is after a long enough break, and is short enough where another
/// such break begins soon enough.
pub(super) fn long(row: &ConstraintRow, day: &Day, writer: &mut Writer) -> Amount {
    let [most, gap, _] = row.params.map(i64::from);
    let end = day.attendances.iter().map(|attendance| attendance.to).max().unwrap_or(0);
    let mut amount = Amount::default();
    if day.attendances.iter().all(|attendance| attendance.from + most >= end) {
        return amount;
    }
    let segments = day.segments(&[], writer);
    // By segment, that a break begins where it ends.
    let breaks: Vec<Option<BoolVar>> = (0..segments.len())
        .map(|k| nobody(segments[k + 1..].iter().take_while(|s| s.from <= segments[k].to + gap), writer))
        .collect();
    for (first, segment) in segments.iter().enumerate().filter(|(_, s)| s.from + most < end) {
        let before = || segments[..first].iter().rev().take_while(|s| segment.from - s.to <= gap);
        if segment.taken == Presence::Never || before().any(|s| s.taken == Presence::Always) {
            continue;
        }
        let is_long = writer.boolean();
        let mut ways_out: Vec<BoolVar> = vec![is_long];
        ways_out.extend(segment.taken.var().map(|var| !var));
        ways_out.extend(before().filter_map(|s| s.taken.var()));
        let soon = segments[first..].iter().zip(&breaks[first..]).take_while(|(s, _)| s.to <= segment.from + most);
        ways_out.extend(soon.filter_map(|(_, is_break)| *is_break));
        ways_out.extend(alone(day, segment, (most, gap), writer));
        writer.any(ways_out);
        amount.terms.push((1, is_long.into()));
        amount.most += 1;
    }
    amount
}

/// Variables that can only be true where a class that is too long by itself begins here and no
/// other is near: that is no block of two.
fn alone(day: &Day, begins: &Segment, (most, gap): (i64, i64), writer: &mut Writer) -> Vec<BoolVar> {
    let too_long = day
        .attendances
        .iter()
        .filter(|attendance| attendance.from == begins.from && attendance.to - attendance.from > most);
    too_long.filter_map(|attendance| nothing_near(day, attendance, gap, writer)).collect()
}

fn nothing_near(day: &Day, attendance: &Attendance, gap: i64, writer: &mut Writer) -> Option<BoolVar> {
    let near = |other: &&Attendance| {
        other.member != attendance.member && other.from <= attendance.to + gap && attendance.from <= other.to + gap
    };
    let others: Vec<&Attendance> = day.attendances.iter().filter(near).collect();
    if others.iter().any(|other| other.var.is_none()) {
        return None;
    }
    let alone = writer.boolean();
    attendance.var.into_iter().for_each(|var| writer.implies(alone, var));
    let members = others.chunk_by(|a, b| a.member == b.member).count() as i64;
    if members > 0 {
        let there = sum(others.iter().filter_map(|other| other.var));
        writer.at_most(there + LinearExpr::from((members, alone)), members);
    }
    Some(alone)
}
