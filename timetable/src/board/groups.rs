//! Group constraints: the amount of a group on one day, and what moving one class changes.

use super::index::Group;
use super::resolved::ResolvedPlacement;
use crate::ids::NONE;
use crate::kind::Kind;

/// A class's slots on the day looked at, in the weeks given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    weeks: u64,
    start: u16,
    end: u16,
}

impl Span {
    pub(crate) fn of(resolved: &ResolvedPlacement) -> Span {
        Span { weeks: resolved.weeks, start: resolved.start, end: resolved.end }
    }
}

/// The amount of a by-day kind, summed over the weeks in `weeks`, for the classes in `spans`
/// (sorted here by start).
pub(crate) fn day_amount(g: &Group, spans: &mut [Span], weeks: u64) -> i64 {
    spans.sort_unstable_by_key(|s| (s.start, s.end));
    let mut left = weeks;
    let mut total = 0;
    while left != 0 {
        // All weeks with the same classes as the lowest one left are counted at once.
        let week = left.trailing_zeros();
        let mut same = left;
        for s in spans.iter() {
            same &= if s.weeks >> week & 1 == 1 { s.weeks } else { !s.weeks };
        }
        let here = spans.iter().filter(|s| s.weeks >> week & 1 == 1).map(|s| (i64::from(s.start), i64::from(s.end)));
        total += one_day(g, here) * i64::from(same.count_ones());
        left &= !same;
    }
    total
}

/// The amount of one day of one week; the classes come sorted by start.
fn one_day(g: &Group, classes: impl Iterator<Item = (i64, i64)>) -> i64 {
    let [p0, p1, p2] = g.params.map(i64::from);
    match g.kind {
        Kind::MaxDayLoad => (classes.map(|(s, e)| e - s).sum::<i64>() - p0).max(0),
        Kind::MaxBreaks => {
            let mut blocks = 0;
            let mut until = None;
            for (s, e) in classes {
                match until {
                    Some(u) if s <= u + p1 => until = Some(e.max(u)),
                    _ => {
                        blocks += 1;
                        until = Some(e);
                    }
                }
            }
            if blocks == 0 { 0 } else { (blocks - 1 - p0).max(0) }
        }
        Kind::MaxBlock => {
            let (mut count, mut from, mut until, mut n) = (0, 0, i64::MIN / 2, 0);
            for (s, e) in classes {
                if n > 0 && s <= until + p1 {
                    until = until.max(e);
                    n += 1;
                } else {
                    count += i64::from(n > 1 && until - from > p0);
                    (from, until, n) = (s, e, 1);
                }
            }
            count + i64::from(n > 1 && until - from > p0)
        }
        Kind::LunchBreak => {
            let (mut free_from, mut longest, mut any) = (p0, 0, false);
            for (s, e) in classes {
                if s < p1 && e > p0 {
                    any = true;
                    longest = longest.max(s - free_from);
                    free_from = free_from.max(e);
                }
            }
            longest = longest.max(p1 - free_from);
            i64::from(any && longest < p2)
        }
        Kind::Gaps => {
            let (mut idle, mut until) = (0, None::<i64>);
            for (s, e) in classes {
                if let Some(u) = until {
                    idle += (s - u).max(0);
                    until = Some(e.max(u));
                } else {
                    until = Some(e);
                }
            }
            (idle - p0).max(0)
        }
        Kind::MaxDays | Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::RoomStability => 0,
        pair_kinds!() | each_kinds!() | student_kinds!() => 0,
    }
}

/// Kinds counted day by day.
pub(crate) fn is_by_day(kind: Kind) -> bool {
    match kind {
        Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps => true,
        Kind::MaxDays | Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::RoomStability => false,
        pair_kinds!() | each_kinds!() | student_kinds!() => false,
    }
}

/// Change of the amount of a by-day kind when `class` moves.
pub(crate) fn by_day_change(
    g: &Group,
    members: &[u32],
    resolved: &[ResolvedPlacement],
    class: u32,
    old: &ResolvedPlacement,
    new: &ResolvedPlacement,
    scratch: &mut Vec<Span>,
) -> i64 {
    let mut change = 0;
    let mut days = old.days | new.days;
    while days != 0 {
        let day = days.trailing_zeros();
        days &= days - 1;
        let on = |s: &ResolvedPlacement| s.days >> day & 1 == 1;
        let weeks = if on(old) { old.weeks } else { 0 } | if on(new) { new.weeks } else { 0 };
        for (side, sign) in [(old, -1), (new, 1)] {
            scratch.clear();
            for &m in members {
                let s = if m == class { side } else { &resolved[m as usize] };
                if on(s) && s.weeks & weeks != 0 {
                    scratch.push(Span { weeks: s.weeks, start: s.start, end: s.end });
                }
            }
            change += sign * day_amount(g, scratch, weeks);
        }
    }
    change
}

/// Change of a kind that counts days used.
pub(crate) fn days_change(
    g: &Group,
    members: &[u32],
    resolved: &[ResolvedPlacement],
    class: u32,
    old: &ResolvedPlacement,
    new: &ResolvedPlacement,
) -> i64 {
    if old.days == new.days {
        return 0;
    }
    let others = members.iter().filter(|&&m| m != class).fold(0, |d, &m| d | resolved[m as usize].days);
    let amount = |days: u16| {
        let (used, limit) = (i64::from(days.count_ones()), i64::from(g.params[0]));
        if g.kind == Kind::MaxDays { (used - limit).max(0) } else { (limit - used).max(0) }
    };
    amount(others | new.days) - amount(others | old.days)
}

/// Change of the number of rooms beyond the first.
pub(crate) fn rooms_change(
    members: &[u32],
    resolved: &[ResolvedPlacement],
    class: u32,
    old: &ResolvedPlacement,
    new: &ResolvedPlacement,
) -> i64 {
    if old.room == new.room {
        return 0;
    }
    let (mut any, mut old_used, mut new_used) = (false, false, false);
    for &m in members {
        let room = resolved[m as usize].room;
        if m != class && room != NONE {
            any = true;
            old_used |= room == old.room;
            new_used |= room == new.room;
        }
    }
    if !any {
        return 0;
    }
    i64::from(new.room != NONE && !new_used) - i64::from(old.room != NONE && !old_used)
}
