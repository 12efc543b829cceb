//! Conflict weight of each candidate placement of each class, updated incrementally as classes are
//! placed, moved and removed. A search can scan all times and rooms of a class at a few operations
//! each.

use super::Board;
use super::index::Run;
use super::pairs;
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::Placement;
use crate::problem::Problem;
use crate::rows::TimeRow;

/// For each class and each of its placements: the sum of the weights of the classes that it would
/// conflict with there.
///
/// A class has a weight of 1 at first; searches raise it where it is hard to place. The sum is over
/// rules, so that a class that breaks two rules at once may be counted twice; it is 0 exactly where
/// the placement breaks no hard rule that [`Board::conflicting_classes`] can name classes for. All
/// changes go through [`ConflictTable::commit`], or the table is no longer the board's.
#[derive(Clone, Debug)]
pub struct ConflictTable {
    pub(super) weights: Vec<u32>,
    /// The greatest weight, so low that no sum of weights reaches [`ConflictTable::IMPOSSIBLE`].
    most_weight: u32,
    /// By class: the first of its times in `busy`; one more at the end.
    pub(super) first: Vec<u32>,
    /// By class and time: weight of the classes in the way wherever it is held.
    pub(super) busy: Vec<u32>,
    /// By time and room: weight of the classes in the room then, and [`ConflictTable::IMPOSSIBLE`]
    /// where the room cannot be used.
    pub(super) rooms: Vec<u32>,
    /// Where no two times overlap, by class and time: the time's position in the class's list, or
    /// `u16::MAX`.
    pub(super) at: Vec<u16>,
    /// By class: hard rules that look at the rooms of others, as runs of the index.
    pub(super) by_room: Vec<Vec<Run>>,
    /// By class: whether it is in a hard group.
    pub(super) grouped: Vec<bool>,
    /// Whether students in common are a hard rule that is not among the clashes.
    pub(super) by_students: bool,
    pub(super) near: Vec<u32>,
    pub(super) far: Vec<(i32, u32, u32)>,
    pub(super) room_costs: Vec<u32>,
}

/// More than this is not kept: times × rooms of a table of rooms.
const MOST_CELLS: usize = 1 << 26;

impl ConflictTable {
    /// Stands in a sum where nothing that could be taken away would help.
    pub const IMPOSSIBLE: u32 = 1 << 30;
    /// The greatest weight of a class; lower where a class has thousands of others in its way.
    pub const MOST_WEIGHT: u32 = 1 << 16;

    /// The table of what is on the board.
    pub fn new(board: &Board<'_>) -> ConflictTable {
        ConflictTable::new_unless(board, || false)
    }

    /// The table of what is on the board; where `stopped` says so before it is whole, it is of no
    /// use. Large groups at many times make this long: it takes classes × their partners × their
    /// times.
    pub fn new_unless(board: &Board<'_>, stopped: impl Fn() -> bool) -> ConflictTable {
        let problem = board.problem;
        let n = problem.classes().len();
        let mut first = Vec::with_capacity(n + 1);
        first.push(0);
        for c in problem.classes() {
            first.push(first[first.len() - 1] + c.times.len);
        }
        let mut conflicts = ConflictTable {
            weights: vec![1; n],
            most_weight: most_weight(board),
            busy: vec![0; first[n] as usize],
            first,
            rooms: rooms_never(problem),
            at: positions(problem),
            by_room: (0..n).map(|c| room_runs(board, c)).collect(),
            grouped: (0..n)
                .map(|c| {
                    let mut of = board.index.groups_of.of(c).iter().map(|&g| &board.index.groups[g as usize]);
                    of.any(|g| g.hard)
                })
                .collect(),
            by_students: problem.meta().student_conflicts_hard == 1 && !board.index.students_in_clashes,
            near: Vec::new(),
            far: Vec::new(),
            room_costs: Vec::new(),
        };
        for class in problem.class_ids() {
            if stopped() {
                break;
            }
            conflicts.shift(board, class, true);
        }
        conflicts
    }

    /// Bytes that the table of a problem takes at most.
    pub fn max_bytes(problem: &Problem) -> u64 {
        let n = problem.classes().len();
        let cells = problem.times().len() * problem.rooms().len();
        let cells = if cells <= MOST_CELLS { cells } else { 0 };
        let positions = if has_positions(problem) { 2 * n * problem.times().len() } else { 0 };
        (4 * (problem.class_times().len() + cells + 4 * n) + positions + 24 * n) as u64
    }

    /// The weight of a class.
    #[inline]
    pub fn weight(&self, class: ClassId) -> u32 {
        self.weights[class.index()]
    }

    /// Sets the weight of a class, wherever it is.
    pub fn set_weight(&mut self, board: &Board<'_>, class: ClassId, weight: u32) {
        self.shift(board, class, false);
        self.weights[class.index()] = weight.clamp(1, self.most_weight);
        self.shift(board, class, true);
    }

    /// Whether no two times overlap, so that classes meet in a room only when they are held at the
    /// same time.
    pub fn times_are_apart(&self) -> bool {
        !self.at.is_empty()
    }

    /// Whether a class could be held at the `time`-th of its times, were there a room.
    pub fn is_free(&self, class: ClassId, time: usize) -> bool {
        self.busy[self.first[class.index()] as usize + time] == 0
    }

    /// Does a change on the board, as [`Board::commit`], and notes it in the table.
    pub fn commit(&mut self, board: &mut Board<'_>, class: ClassId, to: Placement, delta: super::Delta) {
        self.shift(board, class, false);
        board.commit(class, to, delta);
        self.shift(board, class, true);
    }

    /// Places, moves or takes away a class, and tells the difference.
    pub fn apply(&mut self, board: &mut Board<'_>, class: ClassId, to: Placement) -> super::Delta {
        let delta = board.delta(class, to);
        self.commit(board, class, to, delta);
        delta
    }

    /// Adds (or takes away) what a class, where it is, is in the way of.
    fn shift(&mut self, board: &Board<'_>, class: ClassId, up: bool) {
        let resolved = board.resolved[class.index()];
        if !resolved.placed() {
            return;
        }
        let weight = if up { self.weights[class.index()] } else { self.weights[class.index()].wrapping_neg() };
        let index = &board.index;
        if self.at.is_empty() {
            for &(other, _) in index.clashes.of(class.index()) {
                self.shift_times(board, other, weight, |t| t.overlaps(&resolved));
            }
        } else {
            let times = board.problem.times().len();
            let time = board.problem.times_of(class)[resolved.time as usize].time as usize;
            for &(other, _) in index.clashes.of(class.index()) {
                let k = self.at[other as usize * times + time];
                if k != u16::MAX {
                    let n = &mut self.busy[self.first[other as usize] as usize + k as usize];
                    *n = n.wrapping_add(weight);
                }
            }
        }
        for run in index.runs.of(class.index()).iter().filter(|r| r.hard) {
            self.shift_run(board, run, &resolved, weight);
        }
        for &g in index.groups_of.of(class.index()) {
            let g = &index.groups[g as usize];
            if !g.hard || g.kind.shape() != crate::kind::Shape::Pair {
                continue;
            }
            let param = g.params[0].min(u32::from(u16::MAX)) as i32;
            let mut first = true;
            for &m in &board.problem.constraint_classes()[g.from as usize..g.to as usize] {
                if m == class.0 {
                    first = false;
                } else {
                    self.shift_kind(board, g.kind, m, &resolved, param, first, weight);
                }
            }
        }
        if resolved.room != NONE && !self.rooms.is_empty() {
            let n = board.problem.rooms().len();
            for (t, row) in board.problem.times().iter().enumerate() {
                if spot_overlaps(&resolved, row) {
                    let cell = &mut self.rooms[t * n + resolved.room as usize];
                    *cell = cell.wrapping_add(weight);
                }
            }
        }
    }

    fn shift_run(&mut self, board: &Board<'_>, run: &Run, resolved: &ResolvedPlacement, weight: u32) {
        for p in &board.index.pairs[run.from as usize..run.to as usize] {
            self.shift_kind(board, run.kind, p.other, resolved, i32::from(p.param), !p.first, weight);
        }
    }

    /// One neighbour's times at which it would break a rule of this kind with a class at
    /// `resolved`, whatever the rooms; `first` where the neighbour stands before the class.
    #[allow(clippy::too_many_arguments)]
    fn shift_kind(
        &mut self,
        board: &Board<'_>,
        kind: Kind,
        other: u32,
        resolved: &ResolvedPlacement,
        param: i32,
        first: bool,
        weight: u32,
    ) {
        // One loop per kind, so that what is tested inside is plain arithmetic.
        macro_rules! each {
            ($($kind:ident)*) => {
                match kind {
                    Kind::SameAttendees => self.shift_times(board, other, weight, |t| t.overlaps(resolved)),
                    $(Kind::$kind => self.shift_times(board, other, weight, |t| {
                        pairs::broken(Kind::$kind, t, resolved, param, first, &board.travel)
                    }),)*
                    Kind::SameRoom | Kind::DifferentRoom => {}
                    group_kinds!() | each_kinds!() | student_kinds!() => {}
                }
            };
        }
        each!(SameStart SameTime DifferentTime SameDays DifferentDays SameWeeks DifferentWeeks Overlap NotOverlap Precedence WorkDay
            MinGap TeacherClash CurriculumClash);
    }

    #[inline(always)]
    fn shift_times(&mut self, board: &Board<'_>, other: u32, weight: u32, hit: impl Fn(&ResolvedPlacement) -> bool) {
        let choices = &board.class_times[board.classes[other as usize].times.range()];
        let from = self.first[other as usize] as usize;
        for (n, choice) in self.busy[from..from + choices.len()].iter_mut().zip(choices) {
            let t = &board.times[choice.time as usize];
            let resolved = ResolvedPlacement {
                weeks: t.weeks,
                days: t.days,
                start: t.start,
                end: t.end,
                ..ResolvedPlacement::NOWHERE
            };
            *n = n.wrapping_add(if hit(&resolved) { weight } else { 0 });
        }
    }
}

/// The greatest weight with which the sums of all classes stay far below
/// [`ConflictTable::IMPOSSIBLE`].
fn most_weight(board: &Board<'_>) -> u32 {
    let index = &board.index;
    let rules = |c: ClassId| {
        let runs = index.runs.of(c.index()).iter().filter(|r| r.hard).map(|r| u64::from(r.to - r.from));
        let groups = index.groups_of.of(c.index()).iter().map(|&g| &index.groups[g as usize]);
        let members = groups.filter(|g| g.hard).map(|g| u64::from(g.to - g.from));
        index.clashes.of(c.index()).len() as u64 + runs.sum::<u64>() + members.sum::<u64>()
    };
    let mut in_room = vec![0u64; board.problem.rooms().len()];
    board.problem.class_rooms().iter().for_each(|option| in_room[option.room as usize] += 1);
    let most = board.problem.class_ids().map(rules).chain(in_room).max().unwrap_or(0).max(1);
    (u64::from(ConflictTable::IMPOSSIBLE / 4) / most).clamp(1, ConflictTable::MOST_WEIGHT.into()) as u32
}

fn spot_overlaps(resolved: &ResolvedPlacement, t: &TimeRow) -> bool {
    (resolved.weeks & t.weeks != 0)
        & (resolved.days & t.days != 0)
        & (resolved.start < t.end)
        & (t.start < resolved.end)
}

/// By time and room: [`ConflictTable::IMPOSSIBLE`] where the room is unavailable; empty where that
/// would be too large.
fn rooms_never(problem: &Problem) -> Vec<u32> {
    let n = problem.rooms().len();
    if problem.times().len() * n > MOST_CELLS {
        return Vec::new();
    }
    let mut cells = vec![0; problem.times().len() * n];
    for room in 0..n {
        for &u in problem.unavailable_of(RoomId::new(room)) {
            for (t, row) in problem.times().iter().enumerate() {
                if row.overlaps(&problem.times()[u as usize]) {
                    cells[t * n + room] = ConflictTable::IMPOSSIBLE;
                }
            }
        }
    }
    cells
}

/// Whether no two times overlap and they are few.
fn has_positions(problem: &Problem) -> bool {
    let all = problem.times().len();
    if all > 1024 || all * problem.classes().len() > 1 << 24 {
        return false;
    }
    let times = problem.held_times();
    times.iter().enumerate().all(|(i, a)| times[i + 1..].iter().all(|b| !a.overlaps(b)))
}

/// Where no two times overlap and they are few: the position of each time in each class's list.
fn positions(problem: &Problem) -> Vec<u16> {
    let times = problem.times();
    if !has_positions(problem) {
        return Vec::new();
    }
    let mut at = vec![u16::MAX; times.len() * problem.classes().len()];
    for class in problem.class_ids() {
        for (k, t) in problem.times_of(class).iter().enumerate() {
            let cell = &mut at[class.index() * times.len() + t.time as usize];
            // A time listed twice would need two positions.
            if *cell != u16::MAX {
                return Vec::new();
            }
            *cell = k as u16;
        }
    }
    at
}

fn room_runs(board: &Board<'_>, class: usize) -> Vec<Run> {
    let runs = board.index.runs.of(class).iter();
    runs.filter(|r| r.hard && pairs::looks_at_rooms(r.kind)).copied().collect()
}
