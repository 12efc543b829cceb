//! What a search asks a board: who is in the way, who takes what.

use super::Board;
use super::groups;
use super::pairs;
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::Placement;

impl Board<'_> {
    /// Students of a class.
    pub fn students_of(&self, class: ClassId) -> &[u32] {
        &self.students.of_class[class.index()]
    }

    /// What a request takes, one class a place.
    pub fn taken(&self, request: RequestId) -> &[u32] {
        &self.students.enrolment[self.problem.requests()[request.index()].slots.range()]
    }

    /// Calls `f` for every other class that overlaps, in the room, with `class` placed at `at`.
    pub fn for_each_in_room(&self, class: ClassId, at: Placement, mut f: impl FnMut(ClassId)) {
        let spot = self.spot_of(class, at);
        self.rooms.for_each_overlapping(class.0, &spot, |c| f(ClassId(c)));
    }

    /// Whether the room is unavailable at that time, or the choice of time or room alone breaks a hard constraint.
    pub fn is_forbidden(&self, class: ClassId, at: Placement) -> bool {
        let spot = self.spot_of(class, at);
        let row = &self.problem.classes()[class.index()];
        let t = self.index.times[row.times.first as usize + at.time as usize].hard != 0;
        t || (spot.room != NONE
            && (self.index.rooms[row.rooms.first as usize + at.room as usize].hard != 0 || self.blocked(&spot) != 0))
    }

    /// Whether the room is unavailable at this time of the class.
    pub fn is_blocked(&self, class: ClassId, at: Placement) -> bool {
        let spot = self.spot_of(class, at);
        spot.room != NONE && self.blocked(&spot) != 0
    }

    /// The classes that would have to go were `class` placed at `at`: those with which it would break a hard rule, each once, in
    /// ascending order. Of a hard group constraint that would be broken, the members that share a day with it.
    pub fn in_the_way(&mut self, class: ClassId, at: Placement, out: &mut Vec<ClassId>) {
        out.clear();
        let spot = self.spot_of(class, at);
        self.rooms.for_each_overlapping(class.0, &spot, |c| out.push(ClassId(c)));
        for &(other, _) in self.index.clashes.of(class.index()) {
            if spot.overlaps(&self.spots[other as usize]) {
                out.push(ClassId(other));
            }
        }
        for run in self.index.runs.of(class.index()).iter().filter(|r| r.hard) {
            for p in &self.index.pairs[run.from as usize..run.to as usize] {
                let other = &self.spots[p.other as usize];
                if other.placed() && pairs::broken(run.kind, &spot, other, i32::from(p.param), p.first, &self.travel) {
                    out.push(ClassId(p.other));
                }
            }
        }
        self.groups_in_the_way(class, at, out);
        out.sort_unstable();
        out.dedup();
    }

    fn groups_in_the_way(&mut self, class: ClassId, at: Placement, out: &mut Vec<ClassId>) {
        let spot = self.spot_of(class, at);
        for k in 0..self.index.groups_of.of(class.index()).len() {
            let g = self.index.groups[self.index.groups_of.of(class.index())[k] as usize];
            if !g.hard {
                continue;
            }
            let members = &self.problem.constraint_classes()[g.from as usize..g.to as usize];
            let old = self.spots[class.index()];
            let by_day = groups::is_by_day(g.kind);
            if by_day || g.kind == Kind::MaxDays {
                let change = if by_day {
                    groups::by_day_change(&g, members, &self.spots, class.0, &old, &spot, &mut self.scratch)
                } else {
                    groups::days_change(&g, members, &self.spots, class.0, &old, &spot)
                };
                if change > 0 {
                    // By day: whoever shares the day. Too many days: whoever is on none of the class's days.
                    let shares = |m: u32| self.spots[m as usize].days & spot.days != 0;
                    let placed = |m: u32| self.spots[m as usize].placed();
                    let go = members.iter().filter(|&&m| m != class.0 && placed(m) && shares(m) == by_day);
                    out.extend(go.map(|&m| ClassId(m)));
                }
                continue;
            }
            let param = g.params[0].min(u32::from(u16::MAX)) as i32;
            let mut before_me = true;
            for &m in members {
                if m == class.0 {
                    before_me = false;
                    continue;
                }
                let other = &self.spots[m as usize];
                if other.placed() && pairs::broken(g.kind, &spot, other, param, !before_me, &self.travel) {
                    out.push(ClassId(m));
                }
            }
        }
    }
}
