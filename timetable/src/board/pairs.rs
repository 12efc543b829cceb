//! Pair constraints: whether two placements break one, and the difference that a move makes to all
//! of a class's.

use super::delta::Delta;
use super::index::{Pair, Run};
use super::resolved::{ResolvedPlacement, Travel};
use crate::kind::Kind;

/// Whether two placed classes break a pair constraint; `first` tells whether `a` stands before `b`
/// in its list.
#[inline(always)]
pub(crate) fn broken(
    kind: Kind,
    a: &ResolvedPlacement,
    b: &ResolvedPlacement,
    param: i32,
    first: bool,
    travel: &Travel<'_>,
) -> bool {
    match kind {
        Kind::SameStart => a.start != b.start,
        Kind::SameTime => !((a.start <= b.start && b.end <= a.end) || (b.start <= a.start && a.end <= b.end)),
        Kind::DifferentTime => a.start < b.end && b.start < a.end,
        Kind::SameDays => {
            let both = a.days | b.days;
            both != a.days && both != b.days
        }
        Kind::DifferentDays => a.days & b.days != 0,
        Kind::SameWeeks => {
            let both = a.weeks | b.weeks;
            both != a.weeks && both != b.weeks
        }
        Kind::DifferentWeeks => a.weeks & b.weeks != 0,
        Kind::SameRoom => a.room != b.room,
        Kind::DifferentRoom => a.room == b.room,
        Kind::Overlap => !a.overlaps(b),
        Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash => a.overlaps(b),
        Kind::SameAttendees => travel.apart(a, b),
        Kind::Precedence => {
            let (x, y) = if first { (a, b) } else { (b, a) };
            let key = |s: &ResolvedPlacement| (s.weeks.trailing_zeros(), s.days.trailing_zeros());
            let (kx, ky) = (key(x), key(y));
            !(kx < ky || (kx == ky && x.end <= y.start))
        }
        Kind::WorkDay => a.shares_day(b) && i32::from(a.end.max(b.end)) - i32::from(a.start.min(b.start)) > param,
        Kind::MinGap => {
            a.shares_day(b)
                && i32::from(a.end) + param > i32::from(b.start)
                && i32::from(b.end) + param > i32::from(a.start)
        }
        group_kinds!() | each_kinds!() | student_kinds!() => false,
    }
}

/// What a pair kind looks at: times, rooms, and whether a table of how times stand to each other
/// tells most of it.
struct Looks {
    times: bool,
    rooms: bool,
    codes: bool,
}

fn looks(kind: Kind) -> Looks {
    match kind {
        Kind::SameRoom | Kind::DifferentRoom => Looks { times: false, rooms: true, codes: false },
        Kind::SameAttendees => Looks { times: true, rooms: true, codes: true },
        Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash => {
            Looks { times: true, rooms: false, codes: true }
        }
        Kind::SameStart
        | Kind::SameTime
        | Kind::DifferentTime
        | Kind::SameDays
        | Kind::DifferentDays
        | Kind::SameWeeks
        | Kind::DifferentWeeks
        | Kind::Overlap
        | Kind::Precedence
        | Kind::WorkDay
        | Kind::MinGap => Looks { times: true, rooms: false, codes: false },
        group_kinds!() | each_kinds!() | student_kinds!() => Looks { times: true, rooms: false, codes: false },
    }
}

/// Whether the kind looks at rooms (all others look at times alone).
pub(crate) fn looks_at_rooms(kind: Kind) -> bool {
    looks(kind).rooms
}

/// Whether a table of how times stand to each other tells most of what the kind looks at.
pub(crate) fn looks_at_codes(kind: Kind) -> bool {
    looks(kind).codes
}

/// Whether the kind looks at times.
pub(crate) fn looks_at_times(kind: Kind) -> bool {
    looks(kind).times
}

/// What moves from a placement to another, and which halves of it change.
#[derive(Clone, Copy)]
pub(crate) struct Move<'a> {
    pub(crate) old: &'a ResolvedPlacement,
    pub(crate) new: &'a ResolvedPlacement,
    pub(crate) same_time: bool,
    pub(crate) same_room: bool,
}

/// The difference over one run of pairs.
pub(crate) fn run_delta(
    run: &Run,
    pairs: &[Pair],
    resolved: &[ResolvedPlacement],
    m: Move<'_>,
    travel: &Travel<'_>,
    weights: &[u32],
    delta: &mut Delta,
) {
    if (m.same_time && !looks_at_rooms(run.kind)) || (m.same_room && !looks_at_times(run.kind)) {
        return;
    }
    let list = &pairs[run.from as usize..run.to as usize];
    // One loop per kind, so that the test inside is branch-free.
    macro_rules! scan {
        ($($kind:ident)*) => {
            match run.kind {
                $(Kind::$kind => scan(list, resolved, m, run.hard, weights, delta, |p, a, b| {
                    broken(Kind::$kind, a, b, i32::from(p.param), p.first, travel)
                }),)*
                group_kinds!() | each_kinds!() | student_kinds!() => {}
            }
        };
    }
    scan!(SameStart SameTime DifferentTime SameDays DifferentDays SameWeeks DifferentWeeks SameRoom DifferentRoom Overlap
        NotOverlap SameAttendees Precedence WorkDay MinGap TeacherClash CurriculumClash);
}

#[inline(always)]
fn scan(
    list: &[Pair],
    resolved: &[ResolvedPlacement],
    m: Move<'_>,
    hard: bool,
    weights: &[u32],
    delta: &mut Delta,
    broken: impl Fn(&Pair, &ResolvedPlacement, &ResolvedPlacement) -> bool,
) {
    let (was, is) = (m.old.placed(), m.new.placed());
    for p in list {
        let other = &resolved[p.other as usize];
        if !other.placed() {
            continue;
        }
        let before = was && broken(p, m.old, other);
        let after = is && broken(p, m.new, other);
        if before != after {
            let change = i32::from(after) - i32::from(before);
            if hard {
                delta.hard += change * p.cost as i32;
                delta.weighted += i64::from(change) * i64::from(p.cost) * i64::from(weights[p.constraint as usize]);
            } else {
                delta.penalty += i64::from(change) * i64::from(p.cost);
            }
        }
    }
}
