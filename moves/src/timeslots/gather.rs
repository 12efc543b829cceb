//! From a problem to a timeslot problem, or the reason why it is none.

use super::day_rules::{DayRule, amount, amount_of_days, table};
use super::grid::Grid;
use super::lists::{Lists, Pairs};
use super::problem::{Follower, HARD, NOTHING, RoomGroup, SlotProblem, Unfit};
use std::collections::BTreeMap;
use timetable::{ConstraintId, Kind, NONE, Problem, Shape, group_kinds, pair_kinds, student_kinds};

/// Most classes: a bit row of as many bits for each.
const MOST_CLASSES: usize = 8192;
/// Most rooms: a bit each in a word.
const MOST_ROOMS: usize = 64;
/// Most pairs of classes of which the students are counted.
const MOST_PAIRS: usize = 200_000;

/// What is asked of the days of one group of classes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    days: Vec<DayRule>,
    /// Kind's parameter and weight, of rules about the days used.
    used: Vec<(Kind, u32, i64)>,
}

struct Gather<'p> {
    problem: &'p Problem,
    grid: Grid,
    slots: Vec<u64>,
    suitable: Vec<u64>,
    clash: Vec<Vec<u64>>,
    before: Vec<Vec<u32>>,
    after: Vec<Vec<u32>>,
    apart: Vec<Vec<u32>>,
    /// What it costs two classes, the smaller first, to share a slot, and a day.
    in_slot: BTreeMap<(u32, u32), i64>,
    in_day: BTreeMap<(u32, u32), i64>,
    time_cost: Vec<i64>,
    room_cost: Vec<i64>,
    groups: Vec<(RoomGroup, Vec<u32>)>,
    asked: BTreeMap<Vec<u32>, Asked>,
    /// What is asked of every student.
    of_students: Asked,
}

/// About the most bytes that gathering takes, which is more than what comes of it; none where that
/// is refused at once.
pub(super) fn most_bytes(problem: &Problem) -> u64 {
    let (classes, rooms) = (problem.classes().len(), problem.rooms().len());
    if classes > MOST_CLASSES || rooms > MOST_ROOMS {
        return 0;
    }
    let by_class = 2 * 8 * classes.div_ceil(64) + 14 * (64 + rooms) + 256;
    // Where conflicts of students are hard, they are bits.
    let of_student =
        |requests: usize| if problem.meta().student_conflicts_hard == 1 { 0 } else { requests * requests / 2 };
    let pairs: usize = problem.students().iter().map(|student| of_student(student.requests.len as usize)).sum();
    let lists = 16 * (problem.constraint_classes().len() + problem.requests().len() + problem.enrolment_slots());
    (classes * by_class + lists + 96 * pairs.min(MOST_PAIRS) + (256 << 10)) as u64
}

/// See [`SlotProblem::of`].
pub(super) fn gather(problem: &Problem) -> Result<SlotProblem, Unfit> {
    let (classes, rooms) = (problem.classes().len(), problem.rooms().len());
    if classes == 0 || classes > MOST_CLASSES {
        return Err(Unfit::new(format!("{classes} classes, at most {MOST_CLASSES} can be held")));
    }
    if rooms > MOST_ROOMS {
        return Err(Unfit::new(format!("{rooms} rooms, at most {MOST_ROOMS} can be held")));
    }
    let grid = Grid::of(problem)?;
    let words = classes.div_ceil(64);
    let mut gather = Gather {
        problem,
        slots: vec![0; classes],
        suitable: vec![0; classes],
        clash: vec![vec![0; words]; classes],
        before: vec![Vec::new(); classes],
        after: vec![Vec::new(); classes],
        apart: vec![Vec::new(); classes],
        in_slot: BTreeMap::new(),
        in_day: BTreeMap::new(),
        time_cost: vec![0; classes * grid.slots()],
        room_cost: vec![0; classes * rooms],
        groups: Vec::new(),
        asked: BTreeMap::new(),
        of_students: Asked::default(),
        grid,
    };
    let (time_at, room_at) = gather.options();
    for id in (0..problem.constraints().len()).map(ConstraintId::new) {
        gather.constraint(id)?;
    }
    let (enrolment, students) = gather.students()?;
    gather.finish(time_at, room_at, enrolment, &students)
}

impl Gather<'_> {
    /// Where and when each class can be held, and what that costs.
    fn options(&mut self) -> (Vec<u16>, Vec<u16>) {
        let (problem, slots, rooms) = (self.problem, self.grid.slots(), self.problem.rooms().len());
        let meta = problem.meta();
        let mut time_at = vec![NOTHING; self.slots.len() * slots];
        let mut room_at = vec![NOTHING; self.slots.len() * rooms];
        for class in problem.class_ids() {
            let c = class.index();
            for (i, option) in problem.times_of(class).iter().enumerate() {
                let slot = self.grid.slot_of(&problem.times()[option.time().index()]);
                let (at, cost) = (c * slots + slot, i64::from(meta.time_weight) * i64::from(option.penalty));
                // A time that is listed twice: the cheaper one.
                if time_at[at] == NOTHING || cost < self.time_cost[at] {
                    (time_at[at], self.time_cost[at]) = (i as u16, cost);
                }
                self.slots[c] |= 1 << slot;
            }
            for (i, option) in problem.rooms_of(class).iter().enumerate() {
                let (at, cost) =
                    (c * rooms + option.room as usize, i64::from(meta.room_weight) * i64::from(option.penalty));
                if room_at[at] == NOTHING || cost < self.room_cost[at] {
                    (room_at[at], self.room_cost[at]) = (i as u16, cost);
                }
                self.suitable[c] |= 1 << option.room;
            }
        }
        (time_at, room_at)
    }

    fn constraint(&mut self, id: ConstraintId) -> Result<(), Unfit> {
        let row = &self.problem.constraints()[id.index()];
        let (kind, classes) = (self.problem.kind_of(id), self.problem.classes_of(id));
        let hard = row.hard == 1;
        let cost = i64::from(row.penalty) * i64::from(self.problem.meta().distribution_weight);
        if !hard && cost == 0 {
            return Ok(());
        }
        let unfit = |what: &str| Err(Unfit::new(format!("{kind} {what}")));
        match kind {
            Kind::TeacherClash | Kind::CurriculumClash | Kind::NotOverlap | Kind::SameAttendees if hard => {
                if kind == Kind::SameAttendees && self.problem.travel().iter().any(|&t| t > 0) {
                    return unfit("with travel between rooms");
                }
                self.none_meet(classes);
            }
            Kind::TeacherClash | Kind::CurriculumClash | Kind::NotOverlap | Kind::SameAttendees => {
                if kind == Kind::SameAttendees && self.problem.travel().iter().any(|&t| t > 0) {
                    return unfit("with travel between rooms");
                }
                add_pairs(&mut self.in_slot, classes, cost);
            }
            Kind::DifferentDays if !hard => add_pairs(&mut self.in_day, classes, cost),
            Kind::Precedence if hard => {
                for (i, &a) in classes.iter().enumerate() {
                    for &b in &classes[i + 1..] {
                        self.before[b as usize].push(a);
                        self.after[a as usize].push(b);
                    }
                }
            }
            Kind::DifferentDays if hard => {
                for (i, &a) in classes.iter().enumerate() {
                    for &b in &classes[i + 1..] {
                        self.apart[a as usize].push(b);
                        self.apart[b as usize].push(a);
                    }
                }
            }
            Kind::FixedPlacement | Kind::Availability => return self.each(id, hard, cost),
            Kind::RoomStability if !hard => self.groups.push((RoomGroup::Beyond(cost), classes.to_vec())),
            Kind::SameRoom if !hard => {
                if classes.iter().any(|&c| self.suitable[c as usize] == 0) {
                    return unfit("with classes that need no room");
                }
                self.groups.push((RoomGroup::Pairs(cost), classes.to_vec()));
            }
            Kind::MaxDays | Kind::MinWorkingDays => {
                let weight = if hard { HARD } else { cost };
                self.asked_of(classes).used.push((kind, row.params[0], weight));
            }
            _ if amount(kind, row.params, &[]).is_some() => {
                let weight = self.weight_of_day(kind, hard, cost)?;
                let rule = DayRule { kind, params: row.params, weight };
                match kind.shape() {
                    Shape::Students => self.of_students.days.push(rule),
                    _ => self.asked_of(classes).days.push(rule),
                }
            }
            _ if hard => return unfit("that is hard"),
            _ => return unfit("that costs"),
        }
        Ok(())
    }

    fn asked_of(&mut self, classes: &[u32]) -> &mut Asked {
        let mut key = classes.to_vec();
        key.sort_unstable();
        self.asked.entry(key).or_default()
    }

    /// What an amount of 1 on one day of the week costs.
    fn weight_of_day(&self, kind: Kind, hard: bool, cost: i64) -> Result<i64, Unfit> {
        if hard {
            return Ok(HARD);
        }
        // Summed over all weeks, and divided by their number.
        let weeks = self.problem.meta().weeks;
        if kind.per_week() && self.grid.weeks.count_ones() != weeks {
            return Err(Unfit::new(format!("{kind} in some of the weeks")));
        }
        Ok(cost)
    }

    fn none_meet(&mut self, classes: &[u32]) {
        for (i, &a) in classes.iter().enumerate() {
            for &b in &classes[i + 1..] {
                self.clash[a as usize][b as usize / 64] |= 1 << (b % 64);
                self.clash[b as usize][a as usize / 64] |= 1 << (a % 64);
            }
        }
    }

    fn meet(&self, a: u32, b: u32) -> bool {
        self.clash[a as usize][b as usize / 64] >> (b % 64) & 1 == 0
    }

    /// Rules about classes by themselves become slots and rooms that they may not have, or that
    /// cost.
    fn each(&mut self, id: ConstraintId, hard: bool, cost: i64) -> Result<(), Unfit> {
        let (problem, slots, rooms) = (self.problem, self.grid.slots(), self.problem.rooms().len());
        let row = &problem.constraints()[id.index()];
        let kind = problem.kind_of(id);
        let forbidden = &problem.constraint_times()[row.times.range()];
        for &class in problem.classes_of(id) {
            let c = class as usize;
            for slot in (0..slots).filter(|&slot| self.slots[c] >> slot & 1 == 1).collect::<Vec<_>>() {
                let time = self.grid.time(slot);
                let amount = match kind {
                    Kind::Availability => {
                        forbidden.iter().filter(|&&t| problem.times()[t as usize].overlaps(&time)).count()
                    }
                    Kind::FixedPlacement => {
                        usize::from(row.params[0] != NONE && problem.times()[row.params[0] as usize] != time)
                    }
                    pair_kinds!() | group_kinds!() | student_kinds!() => {
                        unreachable!("{kind} is not about classes by themselves")
                    }
                };
                if amount > 0 && hard {
                    self.slots[c] &= !(1 << slot);
                }
                self.time_cost[c * slots + slot] += if hard { 0 } else { cost * amount as i64 };
            }
            if kind == Kind::FixedPlacement && row.params[1] != NONE {
                if self.suitable[c] == 0 {
                    return Err(Unfit::new("FixedPlacement in a room of a class that needs none"));
                }
                let wanted = row.params[1] as usize;
                for room in (0..rooms).filter(|&room| room != wanted) {
                    self.room_cost[c * rooms + room] += if hard { 0 } else { cost };
                }
                if hard {
                    self.suitable[c] &= 1 << wanted;
                }
            }
            if self.slots[c] == 0 || (self.suitable[c] == 0 && problem.classes()[c].needs_room()) {
                return Err(Unfit::new("a class that can be held nowhere"));
            }
        }
        Ok(())
    }

    /// The only way to enrol the students, and the classes of each.
    fn students(&mut self) -> Result<(Vec<u32>, Vec<Vec<u32>>), Unfit> {
        let problem = self.problem;
        let mut enrolment = vec![NONE; problem.enrolment_slots()];
        let mut students = vec![Vec::new(); problem.students().len()];
        let mut taken = vec![0u64; problem.classes().len()];
        for request in problem.requests() {
            let configs = problem.courses()[request.course as usize].configs;
            let subparts = problem.configs()[configs.first as usize].subparts;
            let is_only =
                configs.len == 1 && subparts.indexes().all(|s| problem.subparts()[s as usize].classes.len == 1);
            if !is_only {
                return Err(Unfit::new("students choose among classes"));
            }
            for (place, subpart) in request.slots.range().zip(subparts.indexes()) {
                let class = problem.subparts()[subpart as usize].classes.first;
                enrolment[place] = class;
                students[request.student as usize].push(class);
                taken[class as usize] += 1;
            }
        }
        let is_over =
            |(class, &n): (usize, &u64)| problem.classes()[class].limit().is_some_and(|most| n > u64::from(most));
        if taken.iter().enumerate().any(is_over) {
            return Err(Unfit::new("more students than a class may have"));
        }
        let meta = problem.meta();
        for list in &mut students {
            list.sort_unstable();
            list.dedup();
            if meta.student_conflicts_hard == 1 {
                if problem.travel().iter().any(|&t| t > 0) {
                    return Err(Unfit::new("travel between rooms"));
                }
                self.none_meet(list);
            } else if meta.student_weight > 0 {
                if problem.travel().iter().any(|&t| t > 0) {
                    return Err(Unfit::new("travel between rooms"));
                }
                add_pairs(&mut self.in_slot, list, i64::from(meta.student_weight));
                if self.in_slot.len() > MOST_PAIRS {
                    return Err(Unfit::new(format!("more than {MOST_PAIRS} pairs of classes that share students")));
                }
            }
        }
        Ok((enrolment, students))
    }

    fn finish(
        mut self,
        time_at: Vec<u16>,
        room_at: Vec<u16>,
        enrolment: Vec<u32>,
        students: &[Vec<u32>],
    ) -> Result<SlotProblem, Unfit> {
        let problem = self.problem;
        let (classes, rooms, slots) = (self.slots.len(), problem.rooms().len(), self.grid.slots());
        let words = classes.div_ceil(64);
        let asked = std::mem::take(&mut self.asked);
        let mut tables = Tables::new(&self.grid);
        let (mut followers, mut followers_of) = (Vec::new(), vec![Vec::new(); classes]);
        let of_students = self.of_students.clone();
        let by_student = students.iter().map(|list| (list, &of_students));
        for (list, asked) in asked.iter().chain(by_student) {
            if asked.days.is_empty() && asked.used.is_empty() || list.is_empty() && asked.used.is_empty() {
                continue;
            }
            if list.iter().enumerate().any(|(i, &a)| list[i + 1..].iter().any(|&b| self.meet(a, b))) {
                let kind = asked.days.first().map_or_else(|| asked.used[0].0, |rule| rule.kind);
                return Err(Unfit::new(format!("{kind} of classes that may be held at once")));
            }
            list.iter().for_each(|&class| followers_of[class as usize].push(followers.len() as u32));
            followers.push(tables.follower(asked));
        }
        let mut groups_of = vec![Vec::new(); classes];
        for (g, (_, list)) in self.groups.iter().enumerate() {
            list.iter().for_each(|&class| groups_of[class as usize].push(g as u32));
        }
        let open = |slot: usize| {
            let time = self.grid.time(slot);
            let is_open = |room: usize| {
                let closed = &problem.room_unavailable()[problem.rooms()[room].unavailable.range()];
                !closed.iter().any(|&t| problem.times()[t as usize].overlaps(&time))
            };
            (0..rooms).filter(|&room| is_open(room)).fold(0, |open, room| open | 1 << room)
        };
        Ok(SlotProblem {
            open: (0..slots).map(open).collect(),
            classes,
            rooms,
            words,
            time_at,
            room_at,
            slots: self.slots,
            suitable: self.suitable,
            clash: self.clash.concat(),
            before: Lists::of(&self.before),
            after: Lists::of(&self.after),
            apart: Lists::of(&self.apart),
            time_cost: narrow(&self.time_cost)?,
            room_cost: narrow(&self.room_cost)?,
            groups: self.groups.iter().map(|g| g.0).collect(),
            groups_of: Lists::of(&groups_of),
            in_slot: pairs(classes, &self.in_slot),
            in_day: pairs(classes, &self.in_day),
            followers,
            followers_of: Lists::of(&followers_of),
            hard_days: tables.days.iter().chain(&tables.used).any(|&cost| cost >= HARD),
            day_tables: tables.days,
            used_tables: tables.used,
            enrolment,
            grid: self.grid,
        })
    }
}

/// Each pair of a list costs so much more.
fn add_pairs(costs: &mut BTreeMap<(u32, u32), i64>, classes: &[u32], cost: i64) {
    for (i, &a) in classes.iter().enumerate() {
        for &b in &classes[i + 1..] {
            *costs.entry((a.min(b), a.max(b))).or_default() += cost;
        }
    }
}

/// By class, both ways.
fn pairs(classes: usize, costs: &BTreeMap<(u32, u32), i64>) -> Pairs {
    let mut pairs = vec![Vec::new(); classes];
    for (&(a, b), &cost) in costs {
        pairs[a as usize].push((b, cost));
        pairs[b as usize].push((a, cost));
    }
    Pairs::of(&pairs)
}

/// Costs in fewer bits; none where nothing costs.
fn narrow(costs: &[i64]) -> Result<Vec<i32>, Unfit> {
    if costs.iter().all(|&cost| cost == 0) {
        return Ok(Vec::new());
    }
    let narrow = costs.iter().map(|&cost| i32::try_from(cost)).collect::<Result<_, _>>();
    narrow.map_err(|_| Unfit::new("penalties above 31 bits"))
}

/// The tables of all followers, each once.
struct Tables<'g> {
    grid: &'g Grid,
    days: Vec<i64>,
    used: Vec<i64>,
    known_days: BTreeMap<Vec<DayRule>, u32>,
    known_used: BTreeMap<Vec<(Kind, u32, i64)>, u32>,
}

impl Tables<'_> {
    fn new(grid: &Grid) -> Tables<'_> {
        Tables { grid, days: Vec::new(), used: Vec::new(), known_days: BTreeMap::new(), known_used: BTreeMap::new() }
    }

    fn follower(&mut self, asked: &Asked) -> Follower {
        let (mut days, mut used) = (asked.days.clone(), asked.used.clone());
        days.sort_unstable();
        used.sort_unstable();
        let positions = &self.grid.positions;
        let table = *self.known_days.entry(days).or_insert_with_key(|rules| {
            self.days.extend(table(rules, positions));
            (self.days.len() - (1 << positions.len())) as u32
        });
        if used.is_empty() {
            return Follower { table, used: Follower::NONE };
        }
        let most = self.grid.days as u32;
        let used = *self.known_used.entry(used).or_insert_with_key(|rules| {
            let cost = |n: u32| {
                rules
                    .iter()
                    .map(|&(kind, param, weight)| weight * amount_of_days(kind, param, n).unwrap_or(0))
                    .sum::<i64>()
            };
            self.used.extend((0..=most).map(cost));
            (self.used.len() - (most as usize + 1)) as u32
        });
        Follower { table, used }
    }
}
