//! Classes that have no place, whatever the others do: in each of their rooms, each of their times
//! is closed, taken away, or not what they are fixed to.

use super::alike::Alike;
use super::{Check, Finding, Findings, Severity, WORK_MAX};
use timetable::{ClassId, Kind, NONE, Problem, RoomId, TimeRow};

/// What hard rules ask of one class by itself.
#[derive(Clone, Debug, Default)]
struct Own {
    away: Vec<u32>,
    time: Option<u32>,
    room: Option<u32>,
}

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let own = own_rules(all);
    let mut work = 0;
    let mut alike = Alike::new("session");
    for class in problem.class_ids() {
        if work > WORK_MAX {
            break; // the rest is not known, so not held against anybody
        }
        if !has_place(problem, class, &own[class.index()], &mut work) {
            let finding = told(all, class, &own[class.index()]);
            // Without its name: what is wrong with it.
            let what = finding.text.replacen(&all.words.class_with_line(class), "", 1);
            alike.add(all, (problem.course_of(class), what), finding);
        }
    }
    alike.end(all);
}

fn own_rules(all: &Findings<'_>) -> Vec<Own> {
    let problem = all.problem();
    let mut own = vec![Own::default(); problem.classes().len()];
    for id in all.hard() {
        let row = &problem.constraints()[id.index()];
        for &class in problem.classes_of(id) {
            let own = &mut own[class as usize];
            match problem.kind_of(id) {
                Kind::Availability => own.away.extend(&problem.constraint_times()[row.times.range()]),
                Kind::FixedPlacement => {
                    own.time = Some(row.params[0]).filter(|&t| t != NONE).or(own.time);
                    own.room = Some(row.params[1]).filter(|&r| r != NONE).or(own.room);
                }
                _ => {}
            }
        }
    }
    own
}

fn has_place(problem: &Problem, class: ClassId, own: &Own, work: &mut u64) -> bool {
    let time_of = |t: u32| &problem.times()[t as usize];
    let is_free = |t: u32| {
        let away = own.away.iter().any(|&away| time_of(away).overlaps(time_of(t)));
        !away && own.time.is_none_or(|fixed| fixed == t)
    };
    let times: Vec<u32> = problem.times_of(class).iter().map(|o| o.time).filter(|&t| is_free(t)).collect();
    *work += (problem.times_of(class).len() * (1 + own.away.len())) as u64;
    let rooms = problem.rooms_of(class);
    if rooms.is_empty() {
        return !times.is_empty() && own.room.is_none();
    }
    rooms.iter().filter(|o| own.room.is_none_or(|fixed| fixed == o.room)).any(|o| {
        let closed = problem.unavailable_of(RoomId(o.room));
        times.iter().any(|&t| {
            *work += closed.len() as u64 + 1;
            !closed.iter().any(|&c| time_of(c).overlaps(time_of(t)))
        })
    })
}

fn told(all: &Findings<'_>, class: ClassId, own: &Own) -> Finding {
    let (words, problem) = (all.words, all.problem());
    let (rooms, times) = (problem.rooms_of(class), problem.times_of(class));
    let name = words.class_with_line(class);
    let row = |t: u32| &problem.times()[t as usize];
    let overlaps = |list: &[u32], t: &TimeRow| list.iter().any(|&c| row(c).overlaps(t));
    let (mut places, mut rule) = (words.places_of(&[class]), "room unavailable");
    let text = match (times, rooms) {
        ([time], _) if overlaps(&own.away, row(time.time)) => {
            rule = words.rule(Kind::Availability);
            format!("{name} is to be held on {}, when it cannot be (`{rule}`)", words.time(row(time.time)))
        }
        ([time], [room]) => {
            let room = RoomId(room.room);
            places.extend(words.place_of_room(room));
            let (time, room) = (words.time(row(time.time)), words.room_with_line(room));
            format!("{name} is to be held on {time} in room {room}, which is closed then")
        }
        (_, [room]) => {
            let room = RoomId(room.room);
            places.extend(words.place_of_room(room));
            let room = words.room_with_line(room);
            format!("{name} has room {room} only, which is closed at each of its {} times", times.len())
        }
        _ => format!(
            "{name} has no place: in each of its {} rooms, each of its {} times is closed or ruled out",
            rooms.len(),
            times.len()
        ),
    };
    let remedy = match words.is_fixed(class) {
        (false, false) => "Maybe open one of its rooms at one of its times, or allow it other rooms or other times",
        _ => "Maybe fix it at another time or in another room, or open the room then",
    };
    Finding {
        severity: Severity::Error,
        check: Check::NoPlace,
        rule: rule.to_owned(),
        classes: vec![class],
        places,
        text,
        remedy: remedy.to_owned(),
    }
}
