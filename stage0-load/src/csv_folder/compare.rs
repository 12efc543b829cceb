//! Whether two problems are the same but for names of classes and rules and the order of
//! constraints; if not, where.

use std::cmp::Ordering;
use timetable::*;

/// Most differences named.
const NAMED: usize = 20;

/// What is different, in words; empty where the problems are the same.
pub(crate) fn differences(a: &Problem, b: &Problem) -> Vec<String> {
    let mut out = Vec::new();
    let (m, n) = (a.meta(), b.meta());
    let calendar = |m: &MetaRow| (m.weeks, m.days, m.slots);
    let weights = |m: &MetaRow| (m.time_weight, m.distribution_weight, m.student_weight, m.student_conflicts_hard);
    if calendar(m) != calendar(n) {
        out.push("the calendar".into());
    }
    if weights(m) != weights(n) {
        out.push("the weights".into());
    }
    let sizes =
        |p: &Problem| [p.rooms().len(), p.courses().len(), p.subparts().len(), p.classes().len(), p.requests().len()];
    if sizes(a) != sizes(b) {
        out.push("the numbers of rooms, courses, sections or enrolments".into());
        return out;
    }
    let names = |p: &Problem| {
        let rooms = p.rooms().iter().map(|r| r.name).chain(p.courses().iter().map(|c| c.name));
        rooms.chain(p.students().iter().map(|s| s.name)).map(|n| p.name(n).to_owned()).collect::<Vec<_>>()
    };
    if let Some((name, _)) = names(a).iter().zip(&names(b)).find(|(x, y)| x != y) {
        out.push(format!("the name {name:?}"));
    }
    let time = |p: &Problem, t: u32| p.times()[t as usize];
    for i in 0..a.rooms().len() {
        let unavailable =
            |p: &Problem| p.unavailable_of(RoomId::new(i)).iter().map(|&t| time(p, t)).collect::<Vec<_>>();
        let capacity = |p: &Problem| p.rooms()[i].capacity;
        if unavailable(a) != unavailable(b) || capacity(a) != capacity(b) {
            out.push(format!("room {}: when it cannot be used", a.room_name(RoomId::new(i))));
        }
    }
    for class in a.class_ids() {
        let i = class.index();
        let times = |p: &Problem| {
            let options = p.times_of(class).iter().map(|o| (time(p, o.time), o.penalty));
            let mut list: Vec<_> = options.map(|(t, penalty)| (t.weeks, t.days, t.start, t.end, penalty)).collect();
            list.sort_unstable();
            list
        };
        let rooms = |p: &Problem| {
            let mut list: Vec<_> = p.rooms_of(class).iter().map(|o| (o.room, o.penalty)).collect();
            list.sort_unstable();
            list
        };
        let name = a.class_name(class);
        if times(a) != times(b) {
            out.push(format!("class {name}: its times"));
        }
        if rooms(a) != rooms(b) {
            out.push(format!("class {name}: its rooms"));
        }
        if a.classes()[i].limit != b.classes()[i].limit {
            out.push(format!("class {name}: its limit"));
        }
        if a.classes()[i].parent != b.classes()[i].parent {
            out.push(format!("class {name}: its parent"));
        }
    }
    let requests = |p: &Problem| p.requests().iter().map(|r| (r.student, r.course)).collect::<Vec<_>>();
    if requests(a) != requests(b) {
        out.push("who takes what".into());
    }
    constraints(a, b, &mut out);
    if out.len() > NAMED {
        let more = out.len() - NAMED;
        out.truncate(NAMED);
        out.push(format!("... and {more} more"));
    }
    out
}

/// Constraints of two problems, each in the order of what they ask, side by side.
fn constraints(a: &Problem, b: &Problem, out: &mut Vec<String>) {
    let sorted = |p: &Problem| {
        let mut keys: Vec<(Vec<u64>, usize)> = (0..p.constraints().len()).map(|i| (key(p, i), i)).collect();
        keys.sort();
        keys
    };
    let named = |p: &Problem, c: usize| {
        let id = ConstraintId::new(c);
        let classes: Vec<&str> = p.classes_of(id).iter().take(3).map(|&c| p.class_name(ClassId(c))).collect();
        format!("{} of {}", p.kind_of(id), classes.join(", "))
    };
    let (a_keys, b_keys) = (sorted(a), sorted(b));
    let (mut i, mut j) = (0, 0);
    while i < a_keys.len() || j < b_keys.len() {
        let ordering = match (a_keys.get(i), b_keys.get(j)) {
            (Some(x), Some(y)) => x.0.cmp(&y.0),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        match ordering {
            Ordering::Equal => (i, j) = (i + 1, j + 1),
            Ordering::Less => {
                out.push(format!("constraint {}", named(a, a_keys[i].1)));
                i += 1;
            }
            Ordering::Greater => {
                out.push(format!("no constraint {}", named(b, b_keys[j].1)));
                j += 1;
            }
        }
    }
}

/// Everything that a constraint asks, but for its name where that is not a teacher's; equal for
/// constraints that ask the same.
fn key(p: &Problem, i: usize) -> Vec<u64> {
    let (row, id) = (&p.constraints()[i], ConstraintId::new(i));
    let mut key = vec![row.kind.into(), row.hard.into(), row.penalty.into()];
    let time = |t: u32| {
        let t = p.times()[t as usize];
        [t.weeks, t.days.into(), t.start.into(), t.end.into()]
    };
    let mut params = row.params;
    if p.kind_of(id) == Kind::FixedPlacement && params[0] != NONE {
        key.extend(time(params[0]));
        params[0] = 0;
    }
    key.extend(params.map(u64::from));
    let mut classes = p.classes_of(id).to_vec();
    classes.sort_unstable();
    key.push(classes.len() as u64);
    key.extend(classes.into_iter().map(u64::from));
    if p.kind_of(id) == Kind::TeacherClash {
        key.extend(p.name(row.name).bytes().map(u64::from));
    }
    key.extend(p.constraint_times()[row.times.range()].iter().flat_map(|&t| time(t)));
    key
}
