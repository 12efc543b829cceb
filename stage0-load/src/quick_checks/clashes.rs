//! Two classes that cannot both be held: at none of their times, in none of their rooms. Mostly
//! both are fixed.

use super::{Check, Finding, Findings, Severity, WORK_MAX};
use crate::words::{Words, only_room, only_time};
use std::collections::BTreeMap;
use timetable::{ClassId, ConstraintId, Kind, Meeting, Problem, RoomId, Shape, TimeRow, pair_holds};

/// Pairs named of one constraint.
const MOST_PAIRS: usize = 3;

/// Why two classes cannot both be held.
enum Why {
    Rule(ConstraintId),
    Room(RoomId),
}

/// Of classes that have a single time each: fixed ones, mostly.
pub(super) fn find_fixed(all: &mut Findings<'_>) {
    let problem = all.problem();
    let single = |class| only_time(problem, class).is_some();
    pairs(all, &|a, b| single(a) && single(b));
}

/// Of all others, unless counting their slots, days or rooms tells it already.
pub(super) fn find_others(all: &mut Findings<'_>) {
    let problem = all.problem();
    let single = |class| only_time(problem, class).is_some();
    let told: Vec<(Check, Vec<ClassId>)> = all.list.iter().map(|f| (f.check, f.classes.clone())).collect();
    let by_counting = [Check::Slots, Check::Days, Check::Rooms, Check::NoPlace];
    pairs(all, &|a, b| {
        let is_told = |(check, classes): &(Check, Vec<ClassId>)| {
            by_counting.contains(check) && (classes.contains(&a) && classes.contains(&b))
        };
        let fixed = single(a) && single(b);
        !fixed && !told.iter().any(is_told)
    });
}

/// Whether a pair is looked at.
type Choice<'a> = &'a dyn Fn(ClassId, ClassId) -> bool;

fn pairs(all: &mut Findings<'_>, choice: Choice<'_>) {
    let mut pairs: BTreeMap<(ClassId, ClassId), Vec<Why>> = BTreeMap::new();
    let mut work = 0;
    in_rooms(all.problem(), choice, &mut pairs, &mut work);
    for id in all.hard() {
        by_rule(all.problem(), id, choice, &mut pairs, &mut work);
    }
    for ((a, b), why) in pairs {
        let finding = told(all.words, a, b, &why);
        all.add(finding);
    }
}

/// Classes that have the same room and no other.
fn in_rooms(problem: &Problem, choice: Choice<'_>, pairs: &mut BTreeMap<(ClassId, ClassId), Vec<Why>>, work: &mut u64) {
    let mut by_room: BTreeMap<RoomId, Vec<ClassId>> = BTreeMap::new();
    for class in problem.class_ids() {
        if let Some(room) = only_room(problem, class) {
            by_room.entry(room).or_default().push(class);
        }
    }
    for (room, classes) in by_room {
        let mut named = 0;
        for (i, &a) in classes.iter().enumerate() {
            for &b in &classes[i + 1..] {
                if named < MOST_PAIRS && *work < WORK_MAX && choice(a, b) && !can_be_apart(problem, a, b, work) {
                    named += 1;
                    pairs.entry((a, b)).or_default().push(Why::Room(room));
                }
            }
        }
    }
}

/// Whether two classes have times that do not overlap.
pub(super) fn can_be_apart(problem: &Problem, a: ClassId, b: ClassId, work: &mut u64) -> bool {
    times(problem, a).any(|x| {
        times(problem, b).any(|y| {
            *work += 1;
            !x.overlaps(y)
        })
    })
}

fn times(problem: &Problem, class: ClassId) -> impl Iterator<Item = &TimeRow> {
    problem.times_of(class).iter().map(|o| &problem.times()[o.time as usize])
}

fn by_rule(
    problem: &Problem,
    id: ConstraintId,
    choice: Choice<'_>,
    pairs: &mut BTreeMap<(ClassId, ClassId), Vec<Why>>,
    work: &mut u64,
) {
    if problem.kind_of(id).shape() != Shape::Pair {
        return;
    }
    let classes: Vec<ClassId> = problem.classes_of(id).iter().map(|&c| ClassId(c)).collect();
    let mut named = 0;
    for (i, &a) in classes.iter().enumerate() {
        for &b in &classes[i + 1..] {
            if named == MOST_PAIRS || *work > WORK_MAX {
                return;
            }
            if a != b && choice(a, b) && !can_hold(problem, id, a, b, work) {
                named += 1;
                pairs.entry((a.min(b), a.max(b))).or_default().push(Why::Rule(id));
            }
        }
    }
}

/// Whether a pair constraint holds for some times and rooms of two classes. Rooms are looked at
/// where they decide by themselves, or where there is no choice of them.
fn can_hold(problem: &Problem, id: ConstraintId, a: ClassId, b: ClassId, work: &mut u64) -> bool {
    let kind = problem.kind_of(id);
    let rooms = (problem.rooms_of(a), problem.rooms_of(b));
    match kind {
        Kind::SameRoom => {
            *work += (rooms.0.len() * rooms.1.len()) as u64;
            let both_none = rooms.0.is_empty() && rooms.1.is_empty();
            return both_none || rooms.0.iter().any(|x| rooms.1.iter().any(|y| x.room == y.room));
        }
        Kind::DifferentRoom => {
            *work += 1;
            let same = only_room(problem, a).is_some() && only_room(problem, a) == only_room(problem, b);
            let none = rooms.0.is_empty() && rooms.1.is_empty();
            return !same && !none;
        }
        _ => {}
    }
    let limit = problem.constraints()[id.index()].params[0];
    let (r, s) = (only_room(problem, a), only_room(problem, b));
    times(problem, a).any(|x| {
        times(problem, b).any(|y| {
            *work += 1;
            pair_holds(problem, kind, limit, Meeting { time: x, room: r }, Meeting { time: y, room: s })
        })
    })
}

fn told(words: &Words<'_>, a: ClassId, b: ClassId, why: &[Why]) -> Finding {
    let problem = words.problem;
    let times = (only_time(problem, a), only_time(problem, b));
    let when = match times {
        (Some(x), Some(y)) if x == y => format!("are both to be held on {}", words.time(x)),
        (Some(x), Some(y)) => format!("are to be held on {} and {}", words.time(x), words.time(y)),
        _ => "cannot both be held at any of their times".to_owned(),
    };
    let only_rooms = why.iter().all(|why| match why {
        Why::Rule(id) => matches!(problem.kind_of(*id), Kind::SameRoom | Kind::DifferentRoom),
        Why::Room(_) => false,
    });
    let when = if only_rooms { "have no rooms that go together".to_owned() } else { when };
    let reasons: Vec<String> = why.iter().map(|why| reason(words, why)).collect();
    let mut places = words.places_of(&[a, b]);
    places.extend(why.iter().filter_map(|why| match why {
        Why::Rule(id) => words.place_of_teacher(&words.owner(*id)?),
        Why::Room(room) => words.place_of_room(*room),
    }));
    let rule = match &why[0] {
        Why::Rule(id) => words.rule(problem.kind_of(*id)),
        Why::Room(_) => "room",
    };
    let (x, y) = (words.class_with_line(a), words.class_with_line(b));
    let fixed = words.is_fixed(a).0 || words.is_fixed(b).0;
    let by_room = matches!(why, [Why::Room(_)]);
    let remedy = match (fixed, by_room) {
        (true, true) => format!("Maybe fix {} at another time or in another room", words.class(b)),
        (true, false) => format!("Maybe fix {} at another time, or leave its time open", words.class(b)),
        (false, true) => "Maybe give one of them another room, or other times".to_owned(),
        (false, false) => "Maybe give one of them other times or rooms, or let the rule cost something".to_owned(),
    };
    Finding {
        severity: Severity::Error,
        check: Check::Clash,
        rule: rule.to_owned(),
        classes: vec![a, b],
        places,
        text: format!("{x} and {y} {when}: {}", reasons.join("; ")),
        remedy,
    }
}

fn reason(words: &Words<'_>, why: &Why) -> String {
    let id = match why {
        Why::Room(room) => return format!("both have room {} only", words.room_with_line(*room)),
        Why::Rule(id) => *id,
    };
    let kind = words.problem.kind_of(id);
    let rule = words.rule(kind);
    match (kind, words.owner(id)) {
        (Kind::TeacherClash, Some(name)) => format!("{} teaches both (`{rule}`)", words.teacher(&name)),
        (Kind::CurriculumClash, Some(name)) => format!("both are of curriculum {name} (`{rule}`)"),
        (Kind::DifferentDays, _) => format!("they must be on different days ({})", words.constraint(id)),
        (Kind::SameRoom, _) => format!("they must be in the same room ({})", words.constraint(id)),
        (Kind::NotOverlap, Some(name)) if words.is_tables() => format!("the sessions of {name} may not overlap"),
        _ => format!("they break {}", words.constraint(id)),
    }
}
