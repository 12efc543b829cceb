//! Tiny problems: classes pinned to one spot each, under one constraint.
//!
//! Weights are 2 (times), 3 (rooms), 5 (constraints), 7 (students); two weeks of five days of
//! twenty slots; rooms 0, 1, 2 with a walk of 3 slots between 0 and 1.

use crate::*;

/// When and where one class is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    weeks: &'static str,
    days: &'static str,
    start: u16,
    length: u16,
    room: Option<u32>,
    placed: bool,
}

/// Both weeks, on these days, from `start`, for `length` slots, without a room.
pub(super) fn on(days: &'static str, start: u16, length: u16) -> Spot {
    Spot { weeks: "11", days, start, length, room: None, placed: true }
}

/// Monday of both weeks.
pub(super) fn mon(start: u16, length: u16) -> Spot {
    on("10000", start, length)
}

impl Spot {
    pub(super) fn weeks(self, weeks: &'static str) -> Spot {
        Spot { weeks, ..self }
    }

    pub(super) fn room(self, room: u32) -> Spot {
        Spot { room: Some(room), ..self }
    }

    pub(super) fn unplaced(self) -> Spot {
        Spot { placed: false, ..self }
    }
}

/// Bits written as in ITC-2019: the first character is the first week or day, bit 0.
pub(super) fn bits(text: &str) -> u64 {
    text.bytes().enumerate().map(|(i, c)| u64::from(c == b'1') << i).sum()
}

pub(super) fn time(b: &mut ProblemBuilder, spot: Spot) -> TimeId {
    b.time(bits(spot.weeks), bits(spot.days) as u16, spot.start, spot.length)
}

pub(super) fn meta() -> Meta {
    Meta {
        name: "tiny".into(),
        weeks: 2,
        days: 5,
        slots: 20,
        time_weight: 2,
        room_weight: 3,
        distribution_weight: 5,
        student_weight: 7,
        student_conflicts_hard: false,
        format: Format::Csv,
    }
}

/// A builder with the three rooms.
pub(super) fn builder(meta: Meta) -> ProblemBuilder {
    let mut b = ProblemBuilder::new(meta);
    let rooms = ["r0", "r1", "r2"].map(|name| b.room(name, 30, &[], &[]));
    b.travel(rooms[0], rooms[1], 3);
    b
}

/// Adds a class that can only be at this spot, to the last subpart.
pub(super) fn pinned(b: &mut ProblemBuilder, name: &str, limit: Option<u32>, spot: Spot) -> ClassId {
    let times = [(time(b, spot), 0)];
    let rooms: Vec<(RoomId, u32)> = spot.room.iter().map(|&r| (RoomId(r), 0)).collect();
    b.class(ClassSpec { name, limit, times: &times, rooms: &rooms })
}

/// Every class at its first time and first room.
pub(super) fn all_first(problem: &Problem) -> Timetable {
    let mut timetable = Timetable::empty(problem);
    for (placement, class) in timetable.placements.iter_mut().zip(problem.classes()) {
        let room = if class.needs_room() { 0 } else { Placement::NO_ROOM };
        *placement = Placement { time: 0, room };
    }
    timetable
}

/// The report on classes at these spots under one constraint over all of them, in order.
pub(super) fn under(kind: Kind, params: &[u32], penalty: Option<u32>, times: &[Spot], spots: &[Spot]) -> Report {
    let mut b = builder(meta());
    b.course("c");
    b.config("g");
    b.subpart("s");
    let classes: Vec<ClassId> =
        (0..).zip(spots).map(|(i, &spot)| pinned(&mut b, &format!("k{i}"), None, spot)).collect();
    let times: Vec<TimeId> = times.iter().map(|&t| time(&mut b, t)).collect();
    b.constraint(ConstraintSpec { kind, name: "it", penalty, params, classes: &classes, times: &times });
    let problem = b.build().expect("a sound problem");
    let mut timetable = all_first(&problem);
    for (placement, spot) in timetable.placements.iter_mut().zip(spots) {
        if !spot.placed {
            *placement = Placement::NOWHERE;
        }
    }
    timetable.fits(&problem).expect("a timetable that fits");
    let report = check(&problem, &timetable);
    for violation in &report.violations {
        assert!(!violation.describe(&problem).is_empty());
    }
    report
}

/// The amount found by a hard constraint, after holding it against the same constraint as a soft
/// one of penalty 11: 11 × amount × 5, where the kind divides by the two weeks 11 × amount / 2
/// (rounded down) × 5.
pub(super) fn amount_at(kind: Kind, params: &[u32], times: &[Spot], spots: &[Spot]) -> i64 {
    let rule = Rule::Constraint(kind);
    let hard = under(kind, params, None, times, spots);
    let amount = hard.tally(rule).hard;
    let listed: i64 = hard.violations.iter().filter(|v| v.rule == rule).map(|v| v.amount).sum();
    assert_eq!(listed, amount, "every violation of a hard constraint is listed");
    assert_eq!(hard.tally(rule).penalty, 0);

    let soft = under(kind, params, Some(11), times, spots);
    let cost = if kind.per_week() { 11 * amount / 2 * 5 } else { 11 * amount * 5 };
    assert_eq!(soft.tally(rule), Tally { penalty: cost, hard: 0, ..hard.tally(rule) });
    assert!(soft.violations.iter().all(|v| v.rule != rule), "no violation of a soft constraint is listed");
    amount
}

/// As [`amount_at`], for kinds that name no times.
pub(super) fn amount(kind: Kind, params: &[u32], spots: &[Spot]) -> i64 {
    amount_at(kind, params, &[], spots)
}
