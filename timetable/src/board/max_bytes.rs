//! What index and board take, told before they are made and measured afterwards.

use super::Board;
use super::index::{BoardIndex, Group, Isolated, LISTED, Pair, Run, Units, is_grid};
use super::pairs;
use super::relations::Relations;
use super::resolved::ResolvedPlacement;
use super::rooms::RoomOccupancy;
use super::students::StudentOverlaps;
use crate::counts::{Counts, most_shared};
use crate::ids::*;
use crate::kind::{Kind, Shape};
use crate::problem::Problem;
use crate::rows::TimeRow;

/// A list that grows by doubling, and the one that it was before.
const GROWING: usize = 3;

impl BoardIndex {
    /// Bytes that an index of this problem takes at most, for a moment, while it is made.
    pub fn max_bytes(problem: &Problem) -> u64 {
        let n = problem.classes().len();
        let (mut pairs, mut members, mut each) = (0, 0, false);
        for (i, c) in problem.constraints().iter().enumerate() {
            let kind = problem.kind_of(ConstraintId::new(i));
            let len = c.classes.len as usize;
            match kind.shape() {
                Shape::Pair if len <= LISTED => pairs += len * len.saturating_sub(1),
                Shape::Pair | Shape::Group => members += len,
                Shape::Each => each = true,
                Shape::Students => {}
            }
        }
        let choices = if each { problem.class_times().len() + problem.class_rooms().len() } else { 0 };
        // Hard conflicts of students may be listed as pairs, merged when a list has grown to 4,096.
        let shared =
            if problem.meta().student_conflicts_hard == 1 { shared_pairs(problem).min(n * n.min(8192)) } else { 0 };
        let rooms = problem.rooms().len();
        let cells = if is_grid(problem) { problem.meta().days as usize * problem.meta().slots as usize } else { 0 };
        let bytes = choices * 24
            + pairs.max(shared) * 24 * GROWING
            + pairs * (size_of::<Pair>() + 12)
            + members * (4 * GROWING + 4 + size_of::<Isolated>())
            + problem.constraints().len() * (GROWING * size_of::<Group>() + size_of::<Run>())
            + problem.room_unavailable().len() * GROWING * size_of::<TimeRow>()
            + rooms * (32 + cells)
            + if cells == 0 { Relations::max_bytes(problem) } else { 0 }
            + n * 256;
        bytes as u64
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let bytes = self.time_costs.bytes()
            + self.room_costs.bytes()
            + self.pairs.capacity() * size_of::<Pair>()
            + self.runs.bytes()
            + self.clashes.bytes()
            + self.clash_source.bytes()
            + self.groups.capacity() * size_of::<Group>()
            + self.groups_of.bytes()
            + self.other_groups_of.bytes()
            + self.isolated_of.bytes()
            + self.unavailable.bytes()
            + self.relations.as_ref().map_or(0, Relations::bytes)
            + self.units.as_ref().map_or(0, |u| size_of::<Units>() + u.blocked.capacity());
        bytes as u64
    }
}

impl Board<'_> {
    /// Bytes that a board on this problem takes at most, beside the index.
    pub fn max_bytes(problem: &Problem) -> u64 {
        let meta = problem.meta();
        let (n, rooms, places) = (problem.classes().len(), problem.rooms().len(), problem.enrolment_slots());
        let (students, grid) = (problem.students().len(), meta.days as usize * meta.slots as usize);
        let one_slot = is_grid(problem);
        let cells = if one_slot { grid } else { 0 };
        let kinds = |kinds: &[Kind]| {
            let all = (0..problem.constraints().len()).map(|i| problem.kind_of(ConstraintId::new(i)));
            all.filter(|kind| kinds.contains(kind)).count()
        };
        let tallies = kinds(&[Kind::IsolatedLectures]) * (2 * grid.max(64) + 12 * meta.days as usize + 16);
        let days = kinds(&[Kind::StudentSingleClassDay, Kind::StudentLongRun]).min(1)
            * students
            * (grid + 10 * meta.days as usize);
        let near = if one_slot {
            n * cells * Counts::width(most_shared(problem))
        } else {
            n * 48 + shared_pairs(problem).min(n * n) * 8 * GROWING + StudentOverlaps::max_bytes(n)
        };
        // By time, where there is a table of how times stand to each other: classes in each room,
        // members of each large group.
        let wide = (0..problem.constraints().len())
            .map(ConstraintId::new)
            .filter(|&c| pairs::looks_at_codes(problem.kind_of(c)) && problem.classes_of(c).len() > LISTED);
        let by_time = if Relations::max_bytes(problem) == 0 {
            0
        } else {
            (problem.times().len() + 1) * 2 * (rooms + wide.count()) + 2 * n
        };
        let bytes = n * (size_of::<ResolvedPlacement>() + 24 + cells * 2)
            + if one_slot { rooms * cells * 4 + n * 4 } else { rooms * 24 + n * (24 * GROWING + 4) + by_time }
            + if students > 0 { near + places * (4 + 4 * GROWING) + students * 4 } else { 0 }
            + tallies
            + days
            + problem.constraints().len() * 12
            + rooms * 4
            + 4096;
        bytes as u64
    }

    /// Bytes held, beside the index.
    pub fn bytes(&self) -> u64 {
        let lists =
            |lists: &Vec<Vec<u32>>| lists.capacity() * 24 + lists.iter().map(|l| l.capacity() * 4).sum::<usize>();
        let s = &self.students;
        let bytes = self.resolved.capacity() * size_of::<ResolvedPlacement>()
            + match &self.rooms {
                RoomOccupancy::Cells { head, next, .. } => (head.capacity() + next.capacity()) * 4,
                RoomOccupancy::Rooms { lists, at, counts } => {
                    let lists = lists.iter().map(|l| 24 + l.capacity() * 24).sum::<usize>();
                    lists + at.capacity() * 4 + counts.capacity() * 2
                }
            }
            + self.clash_table.capacity() * 2
            + self.times_now.capacity() * 2
            + self.meets.bytes()
            + s.enrolment.capacity() * 4
            + lists(&s.of_class)
            + s.near.bytes()
            + s.table.bytes()
            + s.days.as_ref().map_or(0, |days| days.bytes())
            + self.tallies.bytes()
            + self.totals.capacity() * 8
            + (self.weights.capacity() + self.room_weights.capacity()) * 4;
        bytes as u64
    }
}

/// Ordered pairs of classes that some student might take both of, counted once for each student.
fn shared_pairs(problem: &Problem) -> usize {
    problem
        .students()
        .iter()
        .map(|s| {
            let places: usize = problem.requests()[s.requests.range()].iter().map(|r| r.slots.len as usize).sum();
            places * places
        })
        .sum()
}
