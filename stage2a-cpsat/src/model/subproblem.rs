//! What a model is about: the classes that are free, and the constraints that see them.

use rustc_hash::FxHashSet;
use timetable::{
    Board, ClassId, ConstraintId, ConstraintRow, Kind, Meeting, NONE, Placement, Problem, RequestId, RoomId, Shape,
    TimeId, TimeRow, each_kinds, pair_kinds, student_kinds,
};

/// The constraints of each class, and what holds for the whole problem. Made once.
#[derive(Debug)]
pub(crate) struct Links {
    first: Vec<u32>,
    constraints: Vec<u32>,
    /// No two times at which a class can be held overlap.
    pub(super) times_are_apart: bool,
    /// Every time is a single slot of one day, all in the same weeks.
    pub(super) times_are_slots: bool,
    /// The longest walk.
    pub(super) longest_walk: u16,
    /// Constraints on what students have in a day.
    pub(super) of_students: Vec<ConstraintId>,
}

/// With more times than this it is not looked at whether they are apart.
const MANY_TIMES: usize = 2_000;

impl Links {
    pub(crate) fn new(problem: &Problem) -> Links {
        let mut first = vec![0_u32; problem.classes().len() + 1];
        problem.constraint_classes().iter().for_each(|&c| first[c as usize + 1] += 1);
        for c in 0..problem.classes().len() {
            first[c + 1] += first[c];
        }
        let mut next = first.clone();
        let mut constraints = vec![0; problem.constraint_classes().len()];
        for k in 0..problem.constraints().len() {
            for &class in problem.classes_of(ConstraintId::new(k)) {
                constraints[next[class as usize] as usize] = k as u32;
                next[class as usize] += 1;
            }
        }
        let times = problem.held_times();
        let apart = |(i, a): (usize, &&TimeRow)| times[i + 1..].iter().all(|b| !a.overlaps(b));
        let is_slot = |t: &&TimeRow| t.length() == 1 && t.days.count_ones() == 1 && t.weeks == times[0].weeks;
        Links {
            first,
            constraints,
            times_are_apart: times.len() <= MANY_TIMES && times.iter().enumerate().all(apart),
            times_are_slots: times.iter().all(is_slot),
            of_students: (0..problem.constraints().len())
                .map(ConstraintId::new)
                .filter(|&id| problem.kind_of(id).shape() == Shape::Students)
                .collect(),
            longest_walk: problem.travel().iter().copied().max().unwrap_or(0),
        }
    }

    /// Whether every time is a single slot, and no two are the same.
    pub(crate) fn are_slots(&self) -> bool {
        self.times_are_slots && self.times_are_apart
    }

    /// The constraints of a class, ascending.
    pub(crate) fn of(&self, class: ClassId) -> &[u32] {
        &self.constraints[self.first[class.index()] as usize..self.first[class.index() + 1] as usize]
    }

    /// Bytes that the links of a problem take.
    pub(crate) fn max_bytes(problem: &Problem) -> u64 {
        8 * problem.classes().len() as u64 + 4 * problem.constraint_classes().len() as u64
    }
}

/// A constraint's member: its place in the list, and whether it is free (by its number) or held
/// somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    Free(usize),
    Fixed(FixedAt),
}

/// Where a class that stays is.
#[derive(Clone, Copy, Debug)]
pub(super) struct FixedAt {
    pub(super) time: TimeId,
    pub(super) room: Option<RoomId>,
}

/// The classes that are free, on a board.
pub(super) struct Subproblem<'a, 'p> {
    pub(super) problem: &'p Problem,
    pub(super) board: &'a Board<'p>,
    pub(super) links: &'a Links,
    pub(super) classes: &'a [ClassId],
    /// Requests of students who may be given other classes, ascending.
    pub(super) requests: &'a [RequestId],
    /// Numbers of the free classes, by class, sorted.
    numbers: Vec<(u32, u32)>,
    /// Constraints that see a free class, ascending, each once.
    pub(super) constraints: Vec<ConstraintId>,
    /// Nothing is held, and what is left out only makes it cheaper.
    pub(super) is_relaxed: bool,
}

impl<'a, 'p> Subproblem<'a, 'p> {
    pub(super) fn new(
        board: &'a Board<'p>,
        links: &'a Links,
        classes: &'a [ClassId],
        requests: &'a [RequestId],
    ) -> Subproblem<'a, 'p> {
        let mut numbers: Vec<(u32, u32)> = classes.iter().zip(0..).map(|(c, i)| (c.0, i)).collect();
        numbers.sort_unstable();
        let mut constraints: Vec<u32> = classes.iter().flat_map(|&c| links.of(c)).copied().collect();
        constraints.sort_unstable();
        constraints.dedup();
        let constraints = constraints.into_iter().map(ConstraintId).collect();
        Subproblem {
            problem: board.problem(),
            board,
            links,
            classes,
            requests,
            numbers,
            constraints,
            is_relaxed: false,
        }
    }

    /// What `bundles` of classes that are alike cost at least, whatever all others do: `board` is
    /// empty, and of constraints that look at others as well only those are left that others can do
    /// no good to. `first` are the first classes of the bundles.
    pub(super) fn relaxed(
        board: &'a Board<'p>,
        links: &'a Links,
        bundles: &[&[ClassId]],
        first: &'a [ClassId],
        with_rooms: bool,
    ) -> Subproblem<'a, 'p> {
        let mut subproblem = Subproblem::new(board, links, first, &[]);
        subproblem.is_relaxed = true;
        let members = bundles.iter().zip(0..).flat_map(|(bundle, i)| bundle.iter().map(move |class| (class.0, i)));
        subproblem.numbers = members.collect();
        subproblem.numbers.sort_unstable();
        let problem = subproblem.problem;
        let is_inside =
            |id: ConstraintId| problem.classes_of(id).iter().all(|&class| subproblem.number(class).is_some());
        // A constraint that is only partly inside may stay where more classes can only make it
        // worse, and, where it costs something, what several parts pay for it is never more than
        // what it costs as a whole.
        let holds_of_part = |id: &ConstraintId| {
            let (kind, hard) = (problem.kind_of(*id), problem.constraints()[id.index()].hard == 1);
            match kind {
                Kind::SameRoom | Kind::DifferentRoom => with_rooms,
                Kind::RoomStability => with_rooms && (hard || is_inside(*id)),
                Kind::MaxDays => hard || is_inside(*id),
                Kind::MaxDayLoad => true,
                Kind::MinWorkingDays
                | Kind::IsolatedLectures
                | Kind::MaxBreaks
                | Kind::MaxBlock
                | Kind::LunchBreak
                | Kind::Gaps => is_inside(*id),
                pair_kinds!() | each_kinds!() | student_kinds!() => true,
            }
        };
        let constraints = subproblem.constraints.iter().copied().filter(holds_of_part).collect();
        subproblem.constraints = constraints;
        subproblem
    }

    /// The number of a class, where it is free.
    pub(super) fn number(&self, class: u32) -> Option<usize> {
        let found = self.numbers.binary_search_by_key(&class, |n| n.0).ok()?;
        Some(self.numbers[found].1 as usize)
    }

    /// Whether a student may be given other classes of what they ask for.
    pub(super) fn is_open(&self, request: RequestId) -> bool {
        self.requests.binary_search(&request).is_ok()
    }

    /// Where a class is, free or not; `None` where it is not placed.
    pub(super) fn at(&self, class: ClassId) -> Option<FixedAt> {
        let at = self.board.placement(class);
        at.is_placed().then(|| FixedAt {
            time: self.problem.times_of(class)[usize::from(at.time)].time(),
            room: (at.room != Placement::NO_ROOM)
                .then(|| RoomId(self.problem.rooms_of(class)[usize::from(at.room)].room)),
        })
    }

    /// The members of a constraint that are free or held, in its order.
    pub(super) fn members(&self, id: ConstraintId) -> Vec<Member> {
        let classes = self.problem.classes_of(id).iter();
        let member = |&class: &u32| match self.number(class) {
            Some(free) => Some(Member::Free(free)),
            None => self.at(ClassId(class)).map(Member::Fixed),
        };
        let members: Vec<Member> = classes.filter_map(member).collect();
        if !self.is_relaxed {
            return members;
        }
        // Classes of a bundle are one.
        let mut seen = FxHashSet::default();
        members.into_iter().filter(|member| !matches!(member, Member::Free(free) if !seen.insert(*free))).collect()
    }

    /// Constraints of one shape with what they are.
    pub(super) fn of_shape(&self, shape: Shape) -> impl Iterator<Item = (ConstraintId, Kind, &'p ConstraintRow)> + '_ {
        let ids =
            self.constraints.iter().map(|&id| (id, self.problem.kind_of(id), &self.problem.constraints()[id.index()]));
        ids.filter(move |(_, kind, _)| kind.shape() == shape)
    }

    /// Whether something that counts is in the model only roughly: days of students who may be
    /// given other classes, and runs of their classes where times are no single slots.
    pub(super) fn is_rough(&self) -> bool {
        let is_run = |&id: &ConstraintId| self.problem.kind_of(id) == Kind::StudentLongRun;
        let of_students = &self.links.of_students;
        let runs_are_rough = !self.links.times_are_slots && of_students.iter().any(is_run);
        runs_are_rough || !(of_students.is_empty() || self.requests.is_empty())
    }

    /// The time of an id.
    pub(super) fn time(&self, id: u32) -> &'p TimeRow {
        &self.problem.times()[id as usize]
    }

    /// What violating a soft constraint by 1 costs.
    pub(super) fn cost(&self, row: &ConstraintRow) -> i64 {
        i64::from(row.penalty) * i64::from(self.problem.meta().distribution_weight)
    }

    pub(super) fn meeting(&self, at: FixedAt) -> Meeting<'p> {
        Meeting { time: self.time(at.time.0), room: at.room }
    }

    /// A time, wherever it is held.
    pub(super) fn anywhere(&self, time: u32) -> Meeting<'p> {
        Meeting { time: self.time(time), room: None }
    }
}

/// Whether a kind says no more than that two classes do not overlap.
pub(super) fn is_clash(kind: Kind) -> bool {
    matches!(kind, Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash)
}

/// A room's number, or [`NONE`].
pub(super) fn room_number(room: Option<RoomId>) -> u32 {
    room.map_or(NONE, |room| room.0)
}
