//! Problem and index as lists of plain words, for a board on a device.

use super::Board;
use super::index::Lists;
use crate::rows::TimeRow;

/// What a board elsewhere needs to know, each list in words of 32 bits. A wide number is two words,
/// the low one first. `ends` of a list of lists: list `i` goes from the `i`-th to the next.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)] // each says in its comment what its rows hold
pub struct BoardTables {
    /// Weeks (wide), days and start (in the upper half), end and slot of the week (in the upper
    /// half).
    pub times: Vec<u32>,
    /// First time, times, first room, rooms, subpart, parent, limit, 0.
    pub classes: Vec<u32>,
    /// Time, hard violations, penalty (wide).
    pub time_options: Vec<u32>,
    /// Room, hard violations, penalty (wide).
    pub room_options: Vec<u32>,
    /// By room and slot of the week, a byte each: unavailable times then. Empty where times are
    /// more than single slots.
    pub blocked: Vec<u32>,
    /// Times as in `times`, by room. Empty where `blocked` is used.
    pub unavailable_ends: Vec<u32>,
    pub unavailable: Vec<u32>,
    /// By room and room, a half word each: slots of travel.
    pub travel: Vec<u32>,
    /// By class: another class, how often they must not overlap.
    pub clash_ends: Vec<u32>,
    pub clashes: Vec<u32>,
    /// By clash: the constraint behind it, or `u32::MAX`.
    pub clash_sources: Vec<u32>,
    /// By class: kind, hard, first pair, the one after the last.
    pub run_ends: Vec<u32>,
    pub runs: Vec<u32>,
    /// Other class, cost, parameter (in the highest bit whether the class is the first of the two),
    /// constraint.
    pub pairs: Vec<u32>,
    /// Kind, hard, first member, the one after the last, three parameters, tally, cost (wide),
    /// penalty, constraint.
    pub groups: Vec<u32>,
    /// Classes.
    pub members: Vec<u32>,
    /// By class: groups.
    pub groups_of_ends: Vec<u32>,
    pub groups_of: Vec<u32>,
    /// The same without those in `isolated`.
    pub other_groups_ends: Vec<u32>,
    pub other_groups: Vec<u32>,
    /// By class: tally, the constraint where it is hard, else `u32::MAX`, cost (wide).
    pub isolated_ends: Vec<u32>,
    pub isolated: Vec<u32>,
    /// 0, first configuration, configurations, 0.
    pub courses: Vec<u32>,
    /// Course, first subpart, subparts, 0.
    pub configs: Vec<u32>,
    /// Configuration, first class, classes, 0.
    pub subparts: Vec<u32>,
    /// Student, course, first place, places.
    pub requests: Vec<u32>,
    /// First place of each student, and the number of places.
    pub student_places: Vec<u32>,
    /// By place: student.
    pub place_students: Vec<u32>,
    /// Slots of the week where times are single slots, else 0.
    pub cells: u32,
    /// Groups that count isolated lectures.
    pub tallies: u32,
    /// Whether a week of these is one word.
    pub week_is_word: bool,
    /// Whether students' conflicts are among the clashes.
    pub students_in_clashes: bool,
    /// The longest way between two rooms, in slots.
    pub longest_way: u32,
    /// Cost and hardness of a student's day with a single class.
    pub single_day: (i64, i32),
    /// Cost, hardness and length of a student's long run.
    pub long_run: (i64, i32, u32),
    /// The score of an empty board: hard violations and penalty.
    pub empty: (i64, i64),
}

fn low_high(number: i64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

impl Board<'_> {
    /// Problem and index as words; the board itself has to be empty.
    ///
    /// # Panics
    /// Where a class is placed.
    pub fn tables(&self) -> BoardTables {
        let (problem, index) = (self.problem, &*self.index);
        assert!(self.resolved.iter().all(|s| !s.placed()), "tables are those of an empty board");
        let time = |t: &TimeRow| {
            let cell = index.units.as_ref().map_or(u16::MAX, |u| u.cell(t));
            let weeks = low_high(t.weeks as i64);
            [weeks[0], weeks[1], u32::from(t.days) | u32::from(t.start) << 16, u32::from(t.end) | u32::from(cell) << 16]
        };
        let option = |id: u32, cost: super::unary_costs::Cost| {
            let penalty = low_high(cost.penalty);
            [id, cost.hard as u32, penalty[0], penalty[1]]
        };
        let times = problem.class_times().iter().enumerate();
        let rooms = problem.class_rooms().iter().enumerate();
        let classes = problem.classes().iter();
        let (blocked, unavailable) = match &index.units {
            Some(u) => (u.blocked.clone(), None),
            None => (Vec::new(), Some(&index.unavailable)),
        };
        let groups = index.groups.iter().map(|g| {
            let [p0, p1, p2] = g.params;
            let cost = low_high(g.cost);
            let penalty = problem.constraints()[g.constraint as usize].penalty;
            [g.kind as u32, g.hard.into(), g.from, g.to, p0, p1, p2, g.tally, cost[0], cost[1], penalty, g.constraint]
        });
        let subparts = problem.subparts().iter();
        let mut place_students = vec![0; problem.enrolment_slots()];
        for r in problem.requests() {
            place_students[r.slots.range()].fill(r.student);
        }
        let list = |lists: &Lists<u32>| (lists.ends().to_vec(), lists.items().to_vec());
        let (groups_of_ends, groups_of) = list(&index.groups_of);
        let (other_groups_ends, other_groups) = list(&index.other_groups_of);
        let isolated = index.isolated_of.items().iter().map(|i| {
            let cost = low_high(i.cost);
            [i.tally, i.hard, cost[0], cost[1]]
        });
        BoardTables {
            times: problem.times().iter().flat_map(time).collect(),
            classes: classes
                .flat_map(|c| [c.times.first, c.times.len, c.rooms.first, c.rooms.len, c.subpart, c.parent, c.limit, 0])
                .collect(),
            time_options: times.flat_map(|(k, o)| option(o.time, index.time_costs.of(k, o.penalty))).collect(),
            room_options: rooms.flat_map(|(k, o)| option(o.room, index.room_costs.of(k, o.penalty))).collect(),
            blocked: blocked.chunks(4).map(|b| b.iter().rev().fold(0, |word, &b| word << 8 | u32::from(b))).collect(),
            unavailable_ends: unavailable.map_or(Vec::new(), |l| l.ends().to_vec()),
            unavailable: unavailable.map_or(Vec::new(), |l| l.items().iter().flat_map(time).collect()),
            travel: problem
                .travel()
                .chunks(2)
                .map(|t| t.iter().rev().fold(0, |word, &t| word << 16 | u32::from(t)))
                .collect(),
            clash_ends: index.clashes.ends().to_vec(),
            clashes: index.clashes.items().iter().flat_map(|&(other, n)| [other, n]).collect(),
            clash_sources: index.clash_source.items().to_vec(),
            run_ends: index.runs.ends().to_vec(),
            runs: index.runs.items().iter().flat_map(|r| [r.kind as u32, r.hard.into(), r.from, r.to]).collect(),
            pairs: index
                .pairs
                .iter()
                .flat_map(|p| [p.other, p.cost, u32::from(p.param) | u32::from(p.first) << 31, p.constraint])
                .collect(),
            groups: groups.flatten().collect(),
            members: problem.constraint_classes().to_vec(),
            groups_of_ends,
            groups_of,
            other_groups_ends,
            other_groups,
            isolated_ends: index.isolated_of.ends().to_vec(),
            isolated: isolated.flatten().collect(),
            courses: problem.courses().iter().flat_map(|c| [0, c.configs.first, c.configs.len, 0]).collect(),
            configs: problem.configs().iter().flat_map(|c| [c.course, c.subparts.first, c.subparts.len, 0]).collect(),
            subparts: subparts.flat_map(|s| [s.config, s.classes.first, s.classes.len, 0]).collect(),
            requests: problem
                .requests()
                .iter()
                .flat_map(|r| [r.student, r.course, r.slots.first, r.slots.len])
                .collect(),
            student_places: self.students.first_places().to_vec(),
            place_students,
            cells: index.units.as_ref().map_or(0, |u| u.cells as u32),
            tallies: index.tallies as u32,
            week_is_word: index.units.as_ref().is_some_and(|u| u.week_is_word),
            students_in_clashes: index.students_in_clashes,
            longest_way: self.travel.longest() as u32,
            single_day: (index.single_day, index.single_day_hard),
            long_run: (index.long_run, index.long_run_hard, index.long_run_length),
            empty: (self.score.hard, self.score.penalty),
        }
    }
}
