//! Weights of hard rules, for searches that walk through violations: what stays violated is made to
//! weigh more.

use super::Board;
use super::moves::whole_move;
use super::pairs;
use super::resolved::ResolvedPlacement;
use crate::ids::*;

impl Board<'_> {
    /// The weight of a constraint's hard violations in [`Delta::weighted`](super::Delta::weighted)
    /// (1 at first).
    pub fn weight(&self, constraint: ConstraintId) -> u32 {
        self.weights[constraint.index()]
    }

    /// Sets a constraint's weight.
    pub fn set_weight(&mut self, constraint: ConstraintId, weight: u32) {
        self.weights[constraint.index()] = weight;
    }

    /// The weight of clashes in a room (1 at first).
    pub fn room_weight(&self, room: RoomId) -> u32 {
        self.room_weights[room.index()]
    }

    /// Sets the weight of clashes in a room.
    pub fn set_room_weight(&mut self, room: RoomId, weight: u32) {
        self.room_weights[room.index()] = weight;
    }

    /// Adds `more` to the weight of every hard constraint that is violated now, and of every room
    /// with a clash. Looks at every class: not to be done at every move. Clashes that are kept in
    /// tables (times of one slot) have no weight of their own.
    pub fn weigh_violations(&mut self, more: u32) {
        let mut broken: Vec<u32> = Vec::new();
        let mut rooms: Vec<u32> = Vec::new();
        for class in 0..self.resolved.len() {
            let resolved = self.resolved[class];
            if !resolved.placed() {
                continue;
            }
            if resolved.room != NONE && self.in_room(ClassId::new(class), &resolved) + self.blocked(&resolved) > 0 {
                rooms.push(resolved.room);
            }
            for (&(other, _), &source) in self.index.clashes.of(class).iter().zip(self.index.clash_source.of(class)) {
                if source != NONE && resolved.overlaps(&self.resolved[other as usize]) {
                    broken.push(source);
                }
            }
            for run in self.index.runs.of(class).iter().filter(|r| r.hard) {
                for p in &self.index.pairs[run.from as usize..run.to as usize] {
                    let other = &self.resolved[p.other as usize];
                    if other.placed()
                        && pairs::broken(run.kind, &resolved, other, i32::from(p.param), p.first, &self.travel)
                    {
                        broken.push(p.constraint);
                    }
                }
            }
            for k in 0..self.index.groups_of.of(class).len() {
                let g = self.index.groups[self.index.groups_of.of(class)[k] as usize];
                if g.hard
                    && self.group_change(&g, ClassId::new(class), whole_move(&resolved, &ResolvedPlacement::NOWHERE))
                        < 0
                {
                    broken.push(g.constraint);
                }
            }
        }
        for list in [&mut broken, &mut rooms] {
            list.sort_unstable();
            list.dedup();
        }
        broken.iter().for_each(|&c| self.weights[c as usize] = self.weights[c as usize].saturating_add(more));
        rooms.iter().for_each(|&r| self.room_weights[r as usize] = self.room_weights[r as usize].saturating_add(more));
    }
}
