//! What the choice of a time or a room costs by itself.

use crate::ids::NONE;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::{ConstraintId, ConstraintRow};

/// Cost and hard violations of a single choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Cost {
    pub(crate) penalty: i64,
    pub(crate) hard: i32,
}

impl Cost {
    fn add(&mut self, amount: i32, c: &ConstraintRow, weight: u32) {
        if c.hard == 1 {
            self.hard += amount;
        } else {
            self.penalty += i64::from(amount) * i64::from(c.penalty) * i64::from(weight);
        }
    }
}

/// Costs of all choices of one sort (times or rooms): each choice's own penalty, and what
/// constraints on single classes add.
#[derive(Debug, Default)]
pub(crate) struct UnaryCosts {
    weight: i64,
    /// By choice, position in `distinct`; empty where no constraint adds anything.
    added: Vec<u32>,
    distinct: Vec<Cost>,
}

impl UnaryCosts {
    fn new(weight: u32, added: Vec<Cost>) -> UnaryCosts {
        let weight = i64::from(weight);
        if added.iter().all(|c| *c == Cost::default()) {
            return UnaryCosts { weight, ..UnaryCosts::default() };
        }
        let mut distinct: Vec<Cost> = Vec::new();
        let mut known = std::collections::HashMap::new();
        let added = added
            .into_iter()
            .map(|cost| {
                *known.entry(cost).or_insert_with(|| {
                    distinct.push(cost);
                    distinct.len() as u32 - 1
                })
            })
            .collect();
        UnaryCosts { weight, added, distinct }
    }

    /// Cost of a choice, the penalty of which is given.
    #[inline(always)]
    pub(crate) fn of(&self, choice: usize, penalty: u32) -> Cost {
        let added = self.added.get(choice).map_or(Cost::default(), |&k| self.distinct[k as usize]);
        Cost { penalty: i64::from(penalty) * self.weight + added.penalty, hard: added.hard }
    }

    /// Whether a choice breaks a hard constraint whatever else is chosen.
    #[inline(always)]
    pub(crate) fn forbids(&self, choice: usize) -> bool {
        self.added.get(choice).is_some_and(|&k| self.distinct[k as usize].hard != 0)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.added.capacity() * 4 + self.distinct.capacity() * size_of::<Cost>()
    }
}

/// Costs of all times and of all rooms of classes.
pub(crate) fn unary_costs(problem: &Problem) -> (UnaryCosts, UnaryCosts) {
    let meta = problem.meta();
    let (mut times, mut rooms) = (Vec::new(), Vec::new());
    for (i, c) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let kind = problem.kind_of(id);
        match kind {
            Kind::Availability | Kind::FixedPlacement => {}
            pair_kinds!() | group_kinds!() | student_kinds!() => continue,
        }
        times.resize(problem.class_times().len(), Cost::default());
        rooms.resize(problem.class_rooms().len(), Cost::default());
        let never = &problem.constraint_times()[c.times.range()];
        for &class in problem.classes_of(id) {
            let row = &problem.classes()[class as usize];
            for k in row.times.range() {
                let time = problem.class_times()[k].time;
                let n = match kind {
                    Kind::Availability => {
                        let t = &problem.times()[time as usize];
                        never.iter().filter(|&&u| problem.times()[u as usize].overlaps(t)).count() as i32
                    }
                    Kind::FixedPlacement => {
                        let other_time = c.params[0] != NONE && time != c.params[0];
                        let no_room = c.params[1] != NONE && !row.needs_room();
                        i32::from(other_time) + i32::from(no_room)
                    }
                    pair_kinds!() | group_kinds!() | student_kinds!() => 0,
                };
                times[k].add(n, c, meta.distribution_weight);
            }
            if kind == Kind::FixedPlacement && c.params[1] != NONE {
                for k in row.rooms.range().filter(|&k| problem.class_rooms()[k].room != c.params[1]) {
                    rooms[k].add(1, c, meta.distribution_weight);
                }
            }
        }
    }
    (UnaryCosts::new(meta.time_weight, times), UnaryCosts::new(meta.room_weight, rooms))
}
