//! What a board needs to know about its problem and never changes: made once, shared by all boards
//! on the problem.

use super::meets::MOST_MEMBERS;
use super::pairs;
use super::relations::Relations;
use super::unary_costs::{UnaryCosts, unary_costs};
use super::weeks::WeekTallies;
use crate::counts;
use crate::ids::*;
use crate::kind::{Kind, Shape};
use crate::problem::Problem;
use crate::rows::TimeRow;

/// One other class that a class shares a pair constraint with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) other: u32,
    pub(crate) constraint: u32,
    /// Hard: how many constraints say the same; soft: weighted cost of the violation.
    pub(crate) cost: u32,
    pub(crate) param: u16,
    /// Precedence: whether the class comes before the other.
    pub(crate) first: bool,
}

/// Consecutive pairs of one class, of one kind, all hard or all soft.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) kind: Kind,
    pub(crate) hard: bool,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// A group constraint, or a pair constraint of too many classes to list its pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) kind: Kind,
    pub(crate) hard: bool,
    pub(crate) constraint: u32,
    pub(crate) cost: i64,
    pub(crate) params: [u32; 3],
    /// Range of `constraint_classes`.
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Number among the groups that count lectures by slot, or `NONE`.
    pub(crate) tally: u32,
    /// Number among the groups whose members must not meet, where it is counted who meets whom at
    /// each time; or `NONE`.
    pub(crate) meets: u32,
}

/// A group of which a class is a member, and what each isolated lecture costs there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Isolated {
    pub(crate) tally: u32,
    /// The constraint if it is hard, otherwise `NONE`.
    pub(crate) hard: u32,
    pub(crate) cost: i64,
}

/// Where every time is one slot of one day in the same weeks: times are cells of a small grid.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    pub(crate) cells: usize,
    /// Slots of a day.
    pub(crate) slots: u32,
    /// Whether [`WeekTallies`] hold a week of it.
    pub(crate) week_is_word: bool,
    /// By room and cell: how many of the room's unavailable times cover it.
    pub(crate) blocked: Vec<u8>,
}

impl Units {
    /// The cell of a time.
    #[inline(always)]
    pub(crate) fn cell(&self, t: &TimeRow) -> u16 {
        (u32::from(t.days).trailing_zeros() * self.slots + u32::from(t.start)) as u16
    }
}

/// Lists of lists in one vector.
#[derive(Clone, Debug)]
pub(crate) struct Lists<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { ends: vec![0], items: Vec::new() }
    }
}

impl<T> Lists<T> {
    pub(crate) fn from_nested(nested: Vec<Vec<T>>) -> Lists<T> {
        let mut lists = Lists { ends: Vec::with_capacity(nested.len() + 1), items: Vec::new() };
        lists.ends.push(0);
        lists.items.reserve_exact(nested.iter().map(Vec::len).sum());
        for list in nested {
            lists.items.extend(list);
            lists.ends.push(lists.items.len() as u32);
        }
        lists
    }

    #[inline(always)]
    pub(crate) fn of(&self, i: usize) -> &[T] {
        &self.items[self.ends[i] as usize..self.ends[i + 1] as usize]
    }

    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn bytes(&self) -> usize {
        self.ends.capacity() * 4 + self.items.capacity() * size_of::<T>()
    }
}

/// Pair constraints with more classes than this are looked through class by class instead of listed
/// pair by pair, so that the index stays linear in the problem.
pub(crate) const LISTED: usize = 96;

/// Everything that boards on one problem share.
#[derive(Debug)]
pub struct BoardIndex {
    pub(crate) time_costs: UnaryCosts,
    pub(crate) room_costs: UnaryCosts,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) runs: Lists<Run>,
    /// Hard "must not overlap" between classes: the other class, and how many constraints (or
    /// shared students) say so.
    pub(crate) clashes: Lists<(u32, u32)>,
    /// The constraint behind each clash, for its weight; `NONE` for shared students.
    pub(crate) clash_source: Lists<u32>,
    pub(crate) groups: Vec<Group>,
    /// Groups of each class.
    pub(crate) groups_of: Lists<u32>,
    /// The same, but for those in `isolated_of`.
    pub(crate) other_groups_of: Lists<u32>,
    /// Groups of each class that count isolated lectures, where a week of lectures is one word.
    pub(crate) isolated_of: Lists<Isolated>,
    pub(crate) tallies: usize,
    /// Groups with [`Group::meets`].
    pub(crate) meets: usize,
    pub(crate) units: Option<Units>,
    /// Where times are not cells of a grid, and not too many.
    pub(crate) relations: Option<Relations>,
    /// Unavailable times of each room.
    pub(crate) unavailable: Lists<TimeRow>,
    /// Penalty of a student's day with a single class, or 0.
    pub(crate) single_day: i64,
    pub(crate) single_day_hard: i32,
    /// Penalty and length of a student's long runs, or 0.
    pub(crate) long_run: i64,
    pub(crate) long_run_hard: i32,
    pub(crate) long_run_length: u32,
    /// Whether students' conflicts are among the clashes (hard, and nobody can change class).
    pub(crate) students_in_clashes: bool,
}

impl BoardIndex {
    /// Reads the problem once.
    pub fn new(problem: &Problem) -> BoardIndex {
        let units = units(problem);
        let (time_costs, room_costs) = unary_costs(problem);
        let no_travel = has_no_travel(problem);
        let students_in_clashes = students_in_clashes(problem);
        let mut index = BoardIndex {
            time_costs,
            room_costs,
            pairs: Vec::new(),
            runs: Lists::default(),
            clashes: Lists::default(),
            clash_source: Lists::default(),
            groups: Vec::new(),
            groups_of: Lists::default(),
            other_groups_of: Lists::default(),
            isolated_of: Lists::default(),
            tallies: 0,
            meets: 0,
            relations: if units.is_some() { None } else { Relations::of(problem) },
            units,
            unavailable: Lists::from_nested(
                (0..problem.rooms().len())
                    .map(|r| {
                        let ids = problem.unavailable_of(RoomId::new(r));
                        ids.iter().map(|&t| problem.times()[t as usize]).collect()
                    })
                    .collect(),
            ),
            single_day: 0,
            single_day_hard: 0,
            long_run: 0,
            long_run_hard: 0,
            long_run_length: 0,
            students_in_clashes,
        };
        index.add_groups(problem);
        index.add_pairs(problem, no_travel);
        index.add_student_rules(problem);
        index
    }

    fn add_groups(&mut self, problem: &Problem) {
        let mut of = vec![Vec::new(); problem.classes().len()];
        for (i, c) in problem.constraints().iter().enumerate() {
            let kind = problem.kind_of(ConstraintId::new(i));
            let wide = kind.shape() == Shape::Pair && c.classes.len as usize > LISTED;
            if kind.shape() != Shape::Group && !wide {
                continue;
            }
            let range = c.classes.range();
            let tally = if kind == Kind::IsolatedLectures { self.tallies as u32 } else { NONE };
            self.tallies += usize::from(tally != NONE);
            let counted = self.relations.is_some() && pairs::looks_at_codes(kind) && range.len() <= MOST_MEMBERS;
            let meets = if counted { self.meets as u32 } else { NONE };
            self.meets += usize::from(meets != NONE);
            for &class in &problem.constraint_classes()[range.clone()] {
                of[class as usize].push(self.groups.len() as u32);
            }
            self.groups.push(Group {
                kind,
                hard: c.hard == 1,
                constraint: i as u32,
                cost: i64::from(c.penalty) * i64::from(problem.meta().distribution_weight),
                params: c.params,
                from: range.start as u32,
                to: range.end as u32,
                tally,
                meets,
            });
        }
        let groups = &self.groups;
        let by_word =
            |&g: &u32| self.units.as_ref().is_some_and(|u| u.week_is_word) && groups[g as usize].tally != NONE;
        let isolated = |&g: &u32| {
            let Group { tally, hard, constraint, cost, .. } = groups[g as usize];
            Isolated { tally, hard: if hard { constraint } else { NONE }, cost }
        };
        let lists = of.iter().map(|l| l.iter().filter(|g| by_word(g)).map(isolated).collect()).collect();
        self.isolated_of = Lists::from_nested(lists);
        let lists = of.iter().map(|l| l.iter().copied().filter(|g| !by_word(g)).collect()).collect();
        self.other_groups_of = Lists::from_nested(lists);
        self.groups_of = Lists::from_nested(of);
    }

    fn add_pairs(&mut self, problem: &Problem, no_travel: bool) {
        let n = problem.classes().len();
        let mut clashes: Vec<Vec<(u32, u32, u32)>> = vec![Vec::new(); n];
        let mut pairs: Vec<Vec<(Kind, bool, Pair)>> = vec![Vec::new(); n];
        for (i, c) in problem.constraints().iter().enumerate() {
            let kind = problem.kind_of(ConstraintId::new(i));
            if kind.shape() != Shape::Pair || c.classes.len as usize > LISTED {
                continue;
            }
            let hard = c.hard == 1;
            let is_clash = hard && counts::is_clash(kind, no_travel);
            let cost = if hard { 1 } else { c.penalty * problem.meta().distribution_weight };
            let classes = problem.classes_of(ConstraintId::new(i));
            for (x, &a) in classes.iter().enumerate() {
                for (y, &b) in classes.iter().enumerate() {
                    if x == y {
                        continue;
                    }
                    if is_clash {
                        clashes[a as usize].push((b, 1, i as u32));
                    } else {
                        let param = c.params[0].min(u32::from(u16::MAX)) as u16;
                        let pair = Pair { other: b, constraint: i as u32, cost, param, first: x < y };
                        pairs[a as usize].push((kind, hard, pair));
                    }
                }
            }
        }
        if self.students_in_clashes {
            add_shared_students(problem, &mut clashes);
        }
        for list in &mut clashes {
            list.sort_unstable();
            list.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                    kept.2 = kept.2.min(next.2);
                }
                same
            });
        }
        self.clash_source =
            Lists::from_nested(clashes.iter().map(|l| l.iter().map(|&(_, _, s)| s).collect()).collect());
        self.clashes =
            Lists::from_nested(clashes.into_iter().map(|l| l.into_iter().map(|(o, m, _)| (o, m)).collect()).collect());
        let mut runs = vec![Vec::new(); n];
        for (class, mut list) in pairs.into_iter().enumerate() {
            list.sort_by_key(|(kind, hard, p)| (!hard, *kind, p.other, p.param, p.first, p.constraint));
            list.dedup_by(|next, kept| is_same(next, kept) && add_cost(&mut kept.2, next.2.cost));
            for (kind, hard, pair) in list {
                let at = self.pairs.len() as u32;
                self.pairs.push(pair);
                match runs[class].last_mut() {
                    Some(Run { kind: k, hard: h, to, .. }) if *k == kind && *h == hard => *to = at + 1,
                    _ => runs[class].push(Run { kind, hard, from: at, to: at + 1 }),
                }
            }
        }
        self.runs = Lists::from_nested(runs);
    }

    fn add_student_rules(&mut self, problem: &Problem) {
        for (i, c) in problem.constraints().iter().enumerate() {
            let cost = i64::from(c.penalty) * i64::from(problem.meta().distribution_weight);
            match problem.kind_of(ConstraintId::new(i)) {
                Kind::StudentSingleClassDay => {
                    self.single_day += cost;
                    self.single_day_hard += c.hard as i32;
                }
                Kind::StudentLongRun => {
                    self.long_run += cost;
                    self.long_run_hard += c.hard as i32;
                    self.long_run_length = c.params[0];
                }
                pair_kinds!() | group_kinds!() | each_kinds!() => {}
            }
        }
    }

    /// Whether days of students are counted.
    pub(crate) fn counts_student_days(&self) -> bool {
        self.single_day != 0 || self.single_day_hard != 0 || self.long_run != 0 || self.long_run_hard != 0
    }
}

/// Whether two pairs say the same, apart from what it costs.
fn is_same(a: &(Kind, bool, Pair), b: &(Kind, bool, Pair)) -> bool {
    let key = |&(kind, hard, p): &(Kind, bool, Pair)| (kind, hard, p.other, p.param, p.first);
    key(a) == key(b)
}

/// One pair stands for another, too, if the sum of their costs fits.
fn add_cost(pair: &mut Pair, cost: u32) -> bool {
    let sum = pair.cost.checked_add(cost);
    pair.cost = sum.unwrap_or(pair.cost);
    sum.is_some()
}

fn has_no_travel(problem: &Problem) -> bool {
    problem.travel().iter().all(|&t| t == 0)
}

/// Whether students' conflicts are listed as clashes.
fn students_in_clashes(problem: &Problem) -> bool {
    problem.meta().student_conflicts_hard == 1 && has_no_travel(problem) && enrolment_is_given(problem)
}

/// Every course that somebody takes has one way to be taken.
fn enrolment_is_given(problem: &Problem) -> bool {
    problem.requests().iter().map(|r| &problem.courses()[r.course as usize]).all(|c| {
        c.configs.len == 1
            && problem.configs()[c.configs.range()]
                .iter()
                .all(|g| problem.subparts()[g.subparts.range()].iter().all(|s| s.classes.len == 1))
    })
}

fn add_shared_students(problem: &Problem, clashes: &mut [Vec<(u32, u32, u32)>]) {
    let mut mine = Vec::new();
    for s in problem.students() {
        counts::classes_of_student(problem, s, &mut mine);
        for &a in &mine {
            for &b in &mine {
                if a != b {
                    clashes[a as usize].push((b, 1, NONE));
                }
            }
        }
        // Keep the lists short while they grow.
        for &a in &mine {
            let list = &mut clashes[a as usize];
            if list.len() > 4096 && list.len() == list.capacity() {
                list.sort_unstable();
                list.dedup_by(|next, kept| {
                    let same = next.0 == kept.0;
                    if same {
                        kept.1 += next.1;
                        kept.2 = kept.2.min(next.2);
                    }
                    same
                });
            }
        }
    }
}

/// Whether times are cells of a small grid.
pub(crate) fn is_grid(problem: &Problem) -> bool {
    let meta = problem.meta();
    let cells = meta.days as usize * meta.slots as usize;
    let mut used = problem.class_times().iter().map(|o| &problem.times()[o.time as usize]);
    let Some(weeks) = used.clone().next().map(|t| t.weeks) else { return false };
    // Tables of classes × cells and rooms × cells must stay small beside the problem itself.
    cells <= 1024
        && (problem.classes().len() + problem.rooms().len()) * cells <= 16 << 20
        && used.all(|t| t.weeks == weeks && t.days.count_ones() == 1 && t.length() == 1)
        && blocked(problem, weeks).is_some()
        // Two bytes count the clashes of a class in a cell.
        && counts::most_clashes(problem, LISTED, students_in_clashes(problem)) <= u64::from(u16::MAX)
}

/// By room and cell: how many of the room's unavailable times in these weeks cover it; none where a
/// byte does not hold the number.
fn blocked(problem: &Problem, weeks: u64) -> Option<Vec<u8>> {
    let meta = problem.meta();
    let cells = meta.days as usize * meta.slots as usize;
    let mut blocked = vec![0u8; problem.rooms().len() * cells];
    for room in 0..problem.rooms().len() {
        for &t in problem.unavailable_of(RoomId::new(room)) {
            let t = &problem.times()[t as usize];
            if t.weeks & weeks == 0 {
                continue;
            }
            for day in (0..meta.days as usize).filter(|d| t.days >> d & 1 == 1) {
                for slot in t.start..t.end {
                    let b = &mut blocked[room * cells + day * meta.slots as usize + slot as usize];
                    *b = b.checked_add(1)?;
                }
            }
        }
    }
    Some(blocked)
}

fn units(problem: &Problem) -> Option<Units> {
    if !is_grid(problem) {
        return None;
    }
    let meta = problem.meta();
    let cells = meta.days as usize * meta.slots as usize;
    let weeks = problem.class_times().first().map(|o| problem.times()[o.time as usize].weeks)?;
    let blocked = blocked(problem, weeks)?;
    let week_is_word = WeekTallies::fits(meta.days as usize, meta.slots as usize);
    Some(Units { cells, slots: meta.slots, week_is_word, blocked })
}
