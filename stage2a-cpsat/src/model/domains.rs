//! What each free class can choose, and what that costs by itself, given the classes that stay.

use super::subproblem::{FixedAt, Member, Subproblem, is_clash};
use super::writer::Writer;
use super::{Choice, FreeClass};
use rustc_hash::FxHashMap;
use timetable::{
    ClassId, ConstraintId, ConstraintRow, Kind, Meeting, Placement, RoomId, Shape, can_attend_both, group_kinds,
    pair_holds, pair_kinds, student_kinds,
};

/// Costs of the choices of one class; `None` where a choice is ruled out.
#[derive(Debug)]
pub(super) struct UnaryCosts {
    pub(super) times: Vec<Option<i64>>,
    pub(super) rooms: Vec<Option<i64>>,
    /// By room: times (positions) at which it cannot be taken.
    pub(super) blocked: Vec<Vec<u16>>,
    /// Costs of a time with a room, by their positions.
    pub(super) together: FxHashMap<(u16, u16), i64>,
    /// Whether choices were left out that nothing rules out.
    pub(super) is_cut: bool,
}

/// How much of what the classes can choose gets into a model: the cheaper times and rooms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// So many times × rooms of one class, and of all classes together.
    together: usize,
    in_all: usize,
    /// So many times of all classes together.
    times: usize,
}

impl Cut {
    /// Solved at once.
    pub(crate) const NARROW: Cut = Cut { together: 400, in_all: 6_000, times: 1_500 };
    /// As much as can be solved where there are not many classes.
    pub(crate) const WIDE: Cut = Cut { together: 2_000, in_all: 40_000, times: 10_000 };
    /// Everything.
    pub(crate) const NONE: Cut = Cut { together: usize::MAX, in_all: usize::MAX, times: usize::MAX };
}

impl Cut {
    /// Where rooms are given afterwards.
    pub(super) fn of_times(self) -> Cut {
        Cut { times: self.times, ..Cut::NONE }
    }
}

/// So many times of a class at least.
const LEAST_TIMES: usize = 12;

impl UnaryCosts {
    pub(super) fn of(subproblem: &Subproblem<'_, '_>, class: ClassId, cut: Cut) -> UnaryCosts {
        let problem = subproblem.problem;
        let meta = problem.meta();
        let weighted = |weight: u32, penalty: u32| Some(i64::from(weight) * i64::from(penalty));
        let mut costs = UnaryCosts {
            times: problem.times_of(class).iter().map(|t| weighted(meta.time_weight, t.penalty)).collect(),
            rooms: problem.rooms_of(class).iter().map(|r| weighted(meta.room_weight, r.penalty)).collect(),
            blocked: vec![Vec::new(); problem.rooms_of(class).len()],
            together: FxHashMap::default(),
            is_cut: false,
        };
        for &id in subproblem.links.of(class) {
            costs.add_constraint(subproblem, class, ConstraintId(id));
        }
        costs.add_students(subproblem, class);
        costs.block_rooms(subproblem, class);
        costs.tidy(subproblem, class, cut);
        costs
    }

    fn time(&mut self, position: usize, hard: bool, cost: i64) {
        charge(&mut self.times[position], hard, cost);
    }

    fn add_constraint(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId, id: ConstraintId) {
        let problem = subproblem.problem;
        let (kind, row) = (problem.kind_of(id), &problem.constraints()[id.index()]);
        let (hard, cost) = (row.hard == 1, subproblem.cost(row));
        match kind.shape() {
            Shape::Pair => {
                let mut is_later = true;
                for &other in problem.classes_of(id) {
                    if other == class.0 {
                        is_later = false;
                    } else if subproblem.number(other).is_none()
                        && let Some(at) = subproblem.at(ClassId(other))
                    {
                        self.add_pair(subproblem, class, kind, row.params[0], at, is_later, (hard, cost));
                    }
                }
            }
            Shape::Each => self.add_each(subproblem, class, kind, row, (hard, cost)),
            Shape::Group | Shape::Students => {}
        }
    }

    /// A constraint on the class by itself.
    fn add_each(
        &mut self,
        subproblem: &Subproblem<'_, '_>,
        class: ClassId,
        kind: Kind,
        row: &ConstraintRow,
        (hard, cost): (bool, i64),
    ) {
        let problem = subproblem.problem;
        let times = problem.times_of(class);
        match kind {
            Kind::Availability => {
                for &never in &problem.constraint_times()[row.times.range()] {
                    for (position, time) in times.iter().enumerate() {
                        if subproblem.time(time.time).overlaps(subproblem.time(never)) {
                            self.time(position, hard, cost);
                        }
                    }
                }
            }
            Kind::FixedPlacement => {
                let [spec, room, _] = row.params;
                for position in 0..times.len() {
                    if spec != timetable::NONE && times[position].time != spec {
                        self.time(position, hard, cost);
                    }
                }
                if room == timetable::NONE {
                    return;
                }
                for (position, option) in problem.rooms_of(class).iter().enumerate() {
                    if option.room != room {
                        charge(&mut self.rooms[position], hard, cost);
                    }
                }
                if self.rooms.is_empty() {
                    self.times.iter_mut().for_each(|time| charge(time, hard, cost));
                }
            }
            pair_kinds!() | group_kinds!() | student_kinds!() => {}
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn add_pair(
        &mut self,
        subproblem: &Subproblem<'_, '_>,
        class: ClassId,
        kind: Kind,
        limit: u32,
        at: FixedAt,
        is_later: bool,
        (hard, cost): (bool, i64),
    ) {
        let problem = subproblem.problem;
        let held = subproblem.meeting(at);
        let holds = |mine: Meeting<'_>| {
            let (a, b) = if is_later { (held, mine) } else { (mine, held) };
            pair_holds(problem, kind, limit, a, b)
        };
        match kind {
            // Without a room it breaks this wherever it is, or nowhere.
            Kind::SameRoom | Kind::DifferentRoom if self.rooms.is_empty() => {
                if !holds(Meeting { time: held.time, room: None }) {
                    self.times.iter_mut().for_each(|time| charge(time, hard, cost));
                }
            }
            Kind::SameRoom | Kind::DifferentRoom => {
                for (position, option) in problem.rooms_of(class).iter().enumerate() {
                    if !holds(Meeting { time: held.time, room: Some(RoomId(option.room)) }) {
                        charge(&mut self.rooms[position], hard, cost);
                    }
                }
            }
            Kind::SameAttendees => self.add_walk(subproblem, class, at, hard, cost),
            _ if is_clash(kind) && subproblem.links.times_are_apart => self.add_at(subproblem, class, at, hard, cost),
            _ => {
                for (position, option) in problem.times_of(class).iter().enumerate() {
                    if !holds(subproblem.anywhere(option.time)) {
                        self.time(position, hard, cost);
                    }
                }
            }
        }
    }

    /// Charges the time of the other, where the class has it.
    fn add_at(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId, at: FixedAt, hard: bool, cost: i64) {
        for (position, option) in subproblem.problem.times_of(class).iter().enumerate() {
            if option.time == at.time.0 {
                self.time(position, hard, cost);
            }
        }
    }

    /// Charges times, and times with rooms, from which one cannot get to a class that stays.
    fn add_walk(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId, at: FixedAt, hard: bool, cost: i64) {
        let problem = subproblem.problem;
        let held = subproblem.meeting(at);
        if subproblem.links.times_are_apart && subproblem.links.longest_walk == 0 {
            return self.add_at(subproblem, class, at, hard, cost);
        }
        for (position, option) in problem.times_of(class).iter().enumerate() {
            let mine = subproblem.anywhere(option.time);
            if !can_attend_both(problem, mine, held) {
                self.time(position, hard, cost);
                continue;
            }
            let (a, b) = (mine.time, held.time);
            let gap = i32::from(b.start) - i32::from(a.end);
            let gap = gap.max(i32::from(a.start) - i32::from(b.end));
            if at.room.is_none() || !a.shares_day(b) || gap >= i32::from(subproblem.links.longest_walk) {
                continue;
            }
            for (room, place) in problem.rooms_of(class).iter().enumerate() {
                let mine = Meeting { room: Some(RoomId(place.room)), ..mine };
                if !can_attend_both(problem, mine, held) {
                    if hard {
                        self.blocked[room].push(position as u16);
                    } else {
                        *self.together.entry((position as u16, room as u16)).or_default() += cost;
                    }
                }
            }
        }
    }

    /// Students who also take a class that stays.
    fn add_students(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId) {
        let meta = subproblem.problem.meta();
        let hard = meta.student_conflicts_hard == 1;
        for (other, students) in super::students::shared(subproblem, class) {
            if subproblem.number(other).is_none()
                && let Some(at) = subproblem.at(ClassId(other))
            {
                self.add_walk(subproblem, class, at, hard, i64::from(meta.student_weight) * i64::from(students));
            }
        }
    }

    /// Rooms that are closed or that a class which stays is in.
    fn block_rooms(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId) {
        for room in 0..self.rooms.len() {
            for time in 0..self.times.len() {
                if self.times[time].is_none() || self.rooms[room].is_none() {
                    continue;
                }
                let at = Placement { time: time as u16, room: room as u16 };
                let mut taken = subproblem.board.is_blocked(class, at);
                if !taken {
                    subproblem.board.for_each_in_room(class, at, |other| taken |= subproblem.number(other.0).is_none());
                }
                if taken {
                    self.blocked[room].push(time as u16);
                }
            }
            self.blocked[room].sort_unstable();
            self.blocked[room].dedup();
        }
    }

    /// Rules out times without a room and rooms without a time; of very many choices, leaves out
    /// the dear ones.
    fn tidy(&mut self, subproblem: &Subproblem<'_, '_>, class: ClassId, cut: Cut) {
        let now = subproblem.board.placement(class);
        // Cheap ones, and among equals not the same for every class.
        let mixed = |k: usize| (k as u32 ^ class.0.wrapping_mul(31)).wrapping_mul(0x9e37_79b9) >> 8;
        let mut times: Vec<usize> = (0..self.times.len()).filter(|&t| self.times[t].is_some()).collect();
        let most = (cut.times / subproblem.classes.len()).max(LEAST_TIMES);
        if times.len() > most {
            times.sort_by_key(|&t| (usize::from(now.time) != t, self.times[t], mixed(t)));
            times[most..].iter().for_each(|&t| self.times[t] = None);
            self.is_cut = true;
        }
        if self.rooms.is_empty() {
            return;
        }
        let mut open: Vec<usize> = vec![0; self.rooms.len()];
        for time in 0..self.times.len() {
            let mut any = false;
            for room in 0..self.rooms.len() {
                if self.rooms[room].is_some() && self.times[time].is_some() {
                    let is_open = self.blocked[room].binary_search(&(time as u16)).is_err();
                    any |= is_open;
                    open[room] += usize::from(is_open);
                }
            }
            if !any {
                self.times[time] = None;
            }
        }
        for room in 0..self.rooms.len() {
            if open[room] == 0 {
                self.rooms[room] = None;
            }
        }
        let times = self.times.iter().flatten().count().max(1);
        let most = (cut.together.min(cut.in_all / subproblem.classes.len()) / times).max(2);
        let mut rooms: Vec<usize> = (0..self.rooms.len()).filter(|&r| self.rooms[r].is_some()).collect();
        if rooms.len() > most {
            // Of the cheap ones, those that are open most of the time.
            rooms.sort_by_key(|&r| (usize::from(now.room) != r, self.rooms[r], usize::MAX - open[r], mixed(r)));
            rooms[most..].iter().for_each(|&r| self.rooms[r] = None);
            self.is_cut = true;
        }
    }
}

fn charge(choice: &mut Option<i64>, hard: bool, cost: i64) {
    *choice = if hard { None } else { choice.map(|c| c + cost) };
}

/// Whether all classes can stay where they are: then none needs to go.
pub(super) fn all_stay(subproblem: &Subproblem<'_, '_>, costs: &[UnaryCosts]) -> bool {
    let stays = |(class, costs): (&ClassId, &UnaryCosts)| {
        let at = subproblem.board.placement(*class);
        let room =
            || costs.rooms[usize::from(at.room)].is_some() && !costs.blocked[usize::from(at.room)].contains(&at.time);
        at.is_placed() && costs.times[usize::from(at.time)].is_some() && (at.room == Placement::NO_ROOM || room())
    };
    subproblem.classes.iter().zip(costs).all(stays)
}

/// Variables for all choices; each class takes one time and, where it needs one, one room.
pub(super) fn declare(
    subproblem: &Subproblem<'_, '_>,
    costs: &[UnaryCosts],
    all_stay: bool,
    writer: &mut Writer,
) -> Vec<FreeClass> {
    subproblem
        .classes
        .iter()
        .zip(costs)
        .map(|(&class, costs)| one(subproblem, class, costs, (all_stay, 1), writer))
        .collect()
}

/// Variables for all choices of one class, or of `count` that are alike.
pub(super) fn one(
    subproblem: &Subproblem<'_, '_>,
    class: ClassId,
    costs: &UnaryCosts,
    (all_stay, count): (bool, usize),
    writer: &mut Writer,
) -> FreeClass {
    let problem = subproblem.problem;
    let mut choices = |costs: &[Option<i64>], ids: &dyn Fn(usize) -> u32| -> Vec<Choice> {
        let left = costs.iter().enumerate().filter_map(|(position, &cost)| Some((position, cost?)));
        let declared = left.map(|(position, cost)| {
            let var = writer.boolean();
            writer.charge(var, cost, 1);
            Choice { position: position as u16, id: ids(position), var }
        });
        declared.collect()
    };
    let times = choices(&costs.times, &|position| problem.times_of(class)[position].time);
    let rooms = choices(&costs.rooms, &|position| problem.rooms_of(class)[position].room);
    let unplaced = (!all_stay).then(|| writer.unplaced());
    writer.exactly(times.iter().map(|c| c.var).chain(unplaced), count);
    if !costs.rooms.is_empty() {
        writer.exactly(rooms.iter().map(|c| c.var).chain(unplaced), 1);
    }
    for room in &rooms {
        let blocked = &costs.blocked[usize::from(room.position)];
        let shut: Vec<_> = times.iter().filter(|t| blocked.binary_search(&t.position).is_ok()).map(|t| t.var).collect();
        if !shut.is_empty() {
            writer.at_most_one(shut.into_iter().chain([room.var]));
        }
    }
    for time in &times {
        for room in &rooms {
            if let Some(&cost) = costs.together.get(&(time.position, room.position)) {
                let both = writer.boolean();
                writer.charge(both, cost, 1);
                writer.any([!time.var, !room.var, both]);
            }
        }
    }
    FreeClass { class, at: subproblem.board.placement(class), times, rooms, unplaced, count }
}

/// A member that is free, by its number.
pub(super) fn free_ones(members: &[Member]) -> impl Iterator<Item = usize> + '_ {
    members.iter().filter_map(|member| match member {
        Member::Free(number) => Some(*number),
        Member::Fixed(_) => None,
    })
}

/// The members that stay.
pub(super) fn held_ones(members: &[Member]) -> impl Iterator<Item = FixedAt> + '_ {
    members.iter().filter_map(|member| match member {
        Member::Fixed(at) => Some(*at),
        Member::Free(_) => None,
    })
}
