//! Why a class is left out: a few classes and rules that cannot hold together, the fewest of them.
//!
//! A few classes are searched to their end with the rules between them and nothing else. Where they
//! cannot all be placed even so, classes and rules are left out one by one for as long as the rest
//! still cannot hold: what is left is a proof that no timetable holds them all, and nothing in it
//! can be spared. Searches are bounded by steps, so that the same is found on every machine.

use crate::against::HardRules;
use moves::exhaustive;
use stage0_load::Words;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};
use timetable::{
    BoardIndex, ClassId, ClassSpec, ConstraintId, ConstraintSpec, Kind, Meta, Problem, ProblemBuilder, RoomId, Shape,
    TimeId, each_kinds, pair_kinds, student_kinds,
};

/// Most classes of a proof that is looked for.
const MOST_CLASSES: usize = 12;
/// Most places of all of them together.
const MOST_PLACES: usize = 3_000;
/// Changes looked at in one search.
const ONE_SEARCH: u64 = 20_000;

/// Classes and rules that cannot hold together.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The classes.
    pub classes: Vec<ClassId>,
    /// The rules between them.
    pub rules: Vec<ConstraintId>,
    /// The rooms that they would need at the same time; empty where rooms do not matter.
    pub rooms: Vec<RoomId>,
}

/// Looks for classes, among them `class`, that cannot all be placed: `near` are those that stand in
/// its way. Steps are taken from `steps`; with none left nothing is found.
pub(crate) fn find(
    problem: &Problem,
    hard: &HardRules,
    class: ClassId,
    near: &[ClassId],
    steps: &mut u64,
) -> Option<Contradiction> {
    let mut classes = vec![class];
    let mut next = near.iter().copied().filter(|&c| c != class);
    loop {
        let rules = rules_between(problem, hard, &classes);
        match can_be(problem, &classes, &rules, true, steps)? {
            false => return shrunk(problem, classes, rules, steps),
            true if classes.len() == MOST_CLASSES => return None,
            true => classes.push(next.next()?),
        }
    }
}

/// Leaves out whatever is not needed.
fn shrunk(
    problem: &Problem,
    mut classes: Vec<ClassId>,
    mut rules: Vec<ConstraintId>,
    steps: &mut u64,
) -> Option<Contradiction> {
    // The class itself, the first, stays: it is what is to be explained. Where the others cannot
    // be placed without it, they explain it as well.
    let mut k = classes.len();
    while k > 1 {
        k -= 1;
        let without: Vec<ClassId> = classes.iter().copied().filter(|&c| c != classes[k]).collect();
        if can_be(problem, &without, &rules, true, steps) == Some(false) {
            classes = without;
        }
    }
    for k in (0..rules.len()).rev() {
        let without: Vec<ConstraintId> = rules.iter().copied().filter(|&r| r != rules[k]).collect();
        if can_be(problem, &classes, &without, true, steps) == Some(false) {
            rules = without;
        }
    }
    let mut rooms = Vec::new();
    if can_be(problem, &classes, &rules, false, steps) != Some(false) {
        rooms = classes.iter().flat_map(|&c| problem.rooms_of(c)).map(|o| RoomId(o.room)).collect();
        rooms.sort_unstable();
        rooms.dedup();
    }
    classes.sort_unstable();
    Some(Contradiction { classes, rules, rooms })
}

/// Whether what a rule finds can only get more by more classes: then what a few break by themselves
/// is broken by all.
fn only_grows(kind: Kind) -> bool {
    match kind {
        pair_kinds!() | each_kinds!() => true,
        Kind::MaxDays | Kind::MaxDayLoad | Kind::MaxBlock | Kind::LunchBreak | Kind::RoomStability => true,
        Kind::MaxBreaks | Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::Gaps => false,
        student_kinds!() => false,
    }
}

/// The hard rules between some classes.
fn rules_between(problem: &Problem, hard: &HardRules, classes: &[ClassId]) -> Vec<ConstraintId> {
    let mut times_seen: BTreeMap<ConstraintId, usize> = BTreeMap::new();
    for &id in classes.iter().flat_map(|&c| hard.of(c)) {
        *times_seen.entry(id).or_default() += 1;
    }
    let about = |(&id, &n): (&ConstraintId, &usize)| {
        let kind = problem.kind_of(id);
        (only_grows(kind) && (n > 1 || kind.shape() != Shape::Pair)).then_some(id)
    };
    times_seen.iter().filter_map(about).collect()
}

/// Whether some classes can be placed by these rules, all others left out; `None` where the search
/// does not come to an end.
fn can_be(
    problem: &Problem,
    classes: &[ClassId],
    rules: &[ConstraintId],
    with_rooms: bool,
    steps: &mut u64,
) -> Option<bool> {
    let places = |&c: &ClassId| problem.times_of(c).len() * problem.rooms_of(c).len().max(1);
    if classes.iter().map(places).sum::<usize>() > MOST_PLACES || *steps == 0 {
        return None;
    }
    let part = part(problem, classes, rules, with_rooms)?;
    let index = Arc::new(BoardIndex::new(&part));
    let ended = exhaustive::search(&part, &index, i64::MAX, ONE_SEARCH.min(*steps), &|| false);
    *steps = steps.saturating_sub(ended.looked);
    match (ended.best, ended.is_complete) {
        (Some(_), _) => Some(true),
        (None, true) => Some(false),
        (None, false) => None,
    }
}

/// The problem of a few classes and rules alone.
fn part(problem: &Problem, classes: &[ClassId], rules: &[ConstraintId], with_rooms: bool) -> Option<Problem> {
    let mut b = ProblemBuilder::new(Meta { student_conflicts_hard: false, ..Meta::of(problem) });
    let mut rooms: BTreeMap<u32, RoomId> = BTreeMap::new();
    for o in classes.iter().filter(|_| with_rooms).flat_map(|&c| problem.rooms_of(c)) {
        if let Entry::Vacant(vacant) = rooms.entry(o.room) {
            let closed = problem.unavailable_of(RoomId(o.room)).iter().map(|&t| problem.times()[t as usize]);
            let closed: Vec<TimeId> = closed.map(|t| b.time_of(t)).collect();
            vacant.insert(b.room("", 0, &closed, &[]));
        }
    }
    for (&r, &room) in &rooms {
        for (&s, &other) in rooms.range(r + 1..) {
            b.travel(room, other, problem.travel_between(RoomId(r), RoomId(s)));
        }
    }
    let mut ids: BTreeMap<u32, ClassId> = BTreeMap::new();
    for &class in classes {
        let times = problem.times_of(class).iter().map(|o| problem.times()[o.time as usize]);
        let times: Vec<(TimeId, u32)> = times.map(|t| (b.time_of(t), 0)).collect();
        let list = problem.rooms_of(class).iter().filter(|_| with_rooms);
        let list: Vec<(RoomId, u32)> = list.map(|o| (rooms[&o.room], 0)).collect();
        b.course("");
        b.config("");
        b.subpart("");
        ids.insert(class.0, b.class(ClassSpec { name: "", limit: None, times: &times, rooms: &list }));
    }
    for &id in rules {
        let row = &problem.constraints()[id.index()];
        let kind = problem.kind_of(id);
        // Without rooms, a rule about them says nothing.
        if !with_rooms && matches!(kind, Kind::SameRoom | Kind::DifferentRoom | Kind::RoomStability) {
            continue;
        }
        let members: Vec<ClassId> = problem.classes_of(id).iter().filter_map(|c| ids.get(c).copied()).collect();
        let times = problem.constraint_times()[row.times.range()].iter().map(|&t| problem.times()[t as usize]);
        let times: Vec<TimeId> = times.map(|t| b.time_of(t)).collect();
        let mut params = row.params[..kind.arity()].to_vec();
        if kind == Kind::FixedPlacement {
            if let Some(time) = TimeId::from_raw(params[0]) {
                params[0] = b.time_of(problem.times()[time.index()]).0;
            }
            if let Some(room) = RoomId::from_raw(params[1]) {
                // A room that none of them can have is none.
                params[1] = if with_rooms { rooms.get(&room.0)?.0 } else { timetable::NONE };
            }
        }
        b.constraint(ConstraintSpec {
            kind,
            name: "",
            penalty: None,
            params: &params,
            classes: &members,
            times: &times,
        });
    }
    b.build().ok()
}

impl Contradiction {
    /// In words: which classes, which rules, and what would have to give.
    pub fn text(&self, words: &Words<'_>) -> String {
        let n = self.classes.len();
        let mut rules: Vec<String> = self.rules.iter().map(|&id| words.constraint(id)).collect();
        let rooms: Vec<String> = self.rooms.iter().take(4).map(|&room| words.room(room)).collect();
        if !rooms.is_empty() {
            let more = self.rooms.len() - rooms.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let word = if self.rooms.len() == 1 { "room" } else { "rooms" };
            rules.push(format!("the only {word} {}{more}", rooms.join(", ")));
        }
        let who = words.classes(&self.classes);
        let what = if rules.is_empty() { "their times".to_owned() } else { rules.join(", ") };
        let cannot = if n == 1 { "cannot be held" } else { "cannot all be held" };
        let sessions = words.sessions(n as u64);
        let give = match (self.rules.is_empty(), n) {
            (true, 1) => "it needs other times or rooms".to_owned(),
            (true, _) => format!("one of the {sessions} needs other times or rooms"),
            (false, 1) => "it needs other times, or the rule has to give".to_owned(),
            (false, _) => format!("one of the {sessions} needs other times or rooms, or one of the rules has to give"),
        };
        format!("proven: {who} {cannot} with {what}; {give}")
    }
}
