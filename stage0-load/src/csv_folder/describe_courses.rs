//! Courses of a problem back to rows of `courses.csv` and `fixed.csv`.

use super::calendar::Window;
use super::tables::*;
use std::collections::{BTreeMap, BTreeSet};
use timetable::*;

/// Day and first slot of the times of a class; of a time on several days only the first, which the
/// comparison then finds.
pub(super) fn starts(problem: &Problem, class: ClassId) -> impl Iterator<Item = (u16, u16, u16, u32)> + use<'_> {
    problem.times_of(class).iter().map(|o| {
        let t = problem.times()[o.time().index()];
        (t.days.trailing_zeros() as u16, t.start, t.end, o.penalty)
    })
}

/// A course; what single sessions of it may do less than the others goes to `fixed`.
pub(super) fn course(problem: &Problem, i: usize, teaches: &[Vec<u32>], fixed: &mut Vec<Fixed>) -> Course {
    let row = &problem.courses()[i];
    let subparts = problem.configs()[row.configs.first as usize].subparts;
    let first = problem.subparts()[subparts.first as usize].classes;
    let sections = first.len;
    let class = |session: u32, section: u32| {
        ClassId(problem.subparts()[(subparts.first + session) as usize].classes.first + section)
    };
    let classes = || (0..subparts.len).flat_map(|session| (0..sections).map(move |section| (session, section)));

    // When it can be held at all, and the largest list of rooms; what single classes have less is
    // fixed.
    let union: BTreeSet<(u16, u16, u16)> =
        classes().flat_map(|(k, s)| starts(problem, class(k, s))).map(|(d, s, e, _)| (d, s, e)).collect();
    let length = union.first().map_or(1, |&(_, s, e)| e - s);
    let rooms_of = |c: ClassId| problem.rooms_of(c).iter().map(|o| o.room).collect::<Vec<_>>();
    let rooms = classes().map(|(k, s)| rooms_of(class(k, s))).max_by_key(Vec::len).unwrap_or_default();
    for (session, section) in classes() {
        let own = class(session, section);
        let most = (0..subparts.len).map(|k| problem.times_of(class(k, section)).len()).max().unwrap_or(0);
        let differ = (0..subparts.len).any(|k| problem.times_of(class(k, section)) != problem.times_of(own));
        let time = starts(problem, own).next().filter(|_| problem.times_of(own).len() == 1 && (most > 1 || differ));
        let here = rooms_of(own);
        let room = here.first().copied().filter(|_| here.len() == 1 && rooms != here);
        if time.is_some() || room.is_some() {
            let time = time.map(|(day, start, ..)| (day, start));
            fixed.push(Fixed { course: i as u32, section: section + 1, session: session + 1, time, room, line: 0 });
        }
    }

    let meta = problem.meta();
    let all = meta.days as usize * (meta.slots as usize + 1).saturating_sub(usize::from(length));
    let mut times: BTreeMap<(u16, u16), u16> = BTreeMap::new();
    for &(day, start, end) in union.iter().filter(|_| union.len() < all) {
        *times.entry((start, end)).or_default() |= 1 << day;
    }
    let weeks = problem.times_of(class(0, 0)).first().map_or(0, |o| problem.times()[o.time().index()].weeks);
    let by_section: Vec<Vec<u32>> = (0..sections).map(|s| teaches[class(0, s).index()].clone()).collect();
    Course {
        id: problem.name(row.name).to_owned(),
        teachers: if by_section.iter().all(Vec::is_empty) { Vec::new() } else { by_section },
        sections: Some(sections),
        section_size: problem.classes()[class(0, 0).index()].limit(),
        sessions: subparts.len,
        length,
        rooms: if rooms.is_empty() { RoomsWanted::NoRoom } else { RoomsWanted::Listed(rooms) },
        times: times.into_iter().map(|((from, to), days)| Window { days, from, to }).collect(),
        weeks: if weeks == u64::MAX >> (64 - meta.weeks) { 0 } else { weeks },
        ..Course::default()
    }
}

/// Placements that are fixed at a cost.
pub(super) fn soft_fixed(problem: &Problem, fixed: &mut Vec<Fixed>) {
    for (i, row) in problem.constraints().iter().enumerate().filter(|(_, c)| c.kind == Kind::FixedPlacement as u32) {
        for &class in problem.classes_of(ConstraintId::new(i)) {
            let class = ClassId(class);
            let subpart = problem.classes()[class.index()].subpart;
            let time = TimeId::from_raw(row.params[0]).map(|t| problem.times()[t.index()]);
            fixed.push(Fixed {
                course: problem.course_of(class).0,
                section: class.0 - problem.subparts()[subpart as usize].classes.first + 1,
                session: subpart - problem.configs()[problem.config_of(class).index()].subparts.first + 1,
                time: time.map(|t| (t.days.trailing_zeros() as u16, t.start)),
                room: RoomId::from_raw(row.params[1]).map(|r| r.0),
                line: 0,
            });
        }
    }
}
