//! What a search asks a board: who is in the way, who takes what.

use super::Board;
use super::pairs;
use super::relations::OVERLAP;
use super::resolved::ResolvedPlacement;
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
        let resolved = self.resolve(class, at);
        self.each_in_room(class, &resolved, |c| f(ClassId(c)));
    }

    fn each_in_room(&self, class: ClassId, resolved: &ResolvedPlacement, f: impl FnMut(u32)) {
        let own = &self.resolved[class.index()];
        self.rooms.for_each_overlapping(class.0, own, resolved, self.index.relations.as_ref(), f);
    }

    /// Whether the room is unavailable at that time, or the choice of time or room alone breaks a
    /// hard constraint.
    pub fn is_forbidden(&self, class: ClassId, at: Placement) -> bool {
        let resolved = self.resolve(class, at);
        let row = &self.classes[class.index()];
        self.index.time_costs.forbids(row.times.first as usize + at.time as usize)
            || (resolved.room != NONE
                && (self.index.room_costs.forbids(row.rooms.first as usize + at.room as usize)
                    || self.blocked(&resolved) != 0))
    }

    /// Whether the room is unavailable at this time of the class.
    pub fn is_blocked(&self, class: ClassId, at: Placement) -> bool {
        let resolved = self.resolve(class, at);
        resolved.room != NONE && self.blocked(&resolved) != 0
    }

    /// The classes that `class`, placed at `at`, would break a hard rule on two classes with, or
    /// would meet in the room: each once, in ascending order.
    pub fn rivals(&self, class: ClassId, at: Placement, out: &mut Vec<ClassId>) {
        self.list_rivals(class, &self.resolve(class, at), out);
        out.sort_unstable();
        out.dedup();
    }

    fn list_rivals(&self, class: ClassId, resolved: &ResolvedPlacement, out: &mut Vec<ClassId>) {
        out.clear();
        self.each_in_room(class, resolved, |c| out.push(ClassId(c)));
        if self.may_clash(class, resolved) {
            for &(other, _) in self.index.clashes.of(class.index()) {
                if self.overlaps(resolved, other) {
                    out.push(ClassId(other));
                }
            }
        }
        for run in self.index.runs.of(class.index()).iter().filter(|r| r.hard && resolved.placed()) {
            let relations = self.index.relations.as_ref().filter(|_| pairs::looks_at_codes(run.kind));
            if let Some(row) = relations.map(|relations| relations.row(resolved)) {
                for p in &self.index.pairs[run.from as usize..run.to as usize] {
                    let code = row[usize::from(self.times_now[p.other as usize])];
                    let room = self.resolved[p.other as usize].room;
                    let by_room = run.kind == Kind::SameAttendees;
                    if code == OVERLAP || (by_room && self.travel.parts(code, resolved.room, room)) {
                        out.push(ClassId(p.other));
                    }
                }
                continue;
            }
            for p in &self.index.pairs[run.from as usize..run.to as usize] {
                let other = &self.resolved[p.other as usize];
                if other.placed() && pairs::broken(run.kind, resolved, other, i32::from(p.param), p.first, &self.travel)
                {
                    out.push(ClassId(p.other));
                }
            }
        }
    }

    /// The classes that would have to go were `class` placed at `at` (or, with
    /// [`Placement::NOWHERE`], taken away): those with which it would break a hard rule, each once,
    /// in ascending order; of a hard group, as few members as it takes. `false` where a hard rule
    /// would be broken even then.
    pub fn conflicting_classes(&mut self, class: ClassId, at: Placement, out: &mut Vec<ClassId>) -> bool {
        self.conflicting_classes_by_weight(class, at, &|_| 1, out)
    }

    /// The same with a weight for each class: where there is a choice, the lighter ones go.
    pub fn conflicting_classes_by_weight(
        &mut self,
        class: ClassId,
        at: Placement,
        weight: &dyn Fn(u32) -> u32,
        out: &mut Vec<ClassId>,
    ) -> bool {
        let resolved = self.resolve(class, at);
        self.list_rivals(class, &resolved, out);
        if self.problem.meta().student_conflicts_hard == 1 && !self.index.students_in_clashes {
            let mut near = Vec::new();
            self.meet(class, &mut near);
            out.extend(
                near.into_iter().filter(|&o| self.travel.apart(&resolved, &self.resolved[o as usize])).map(ClassId),
            );
        }
        let mut possible = !at.is_placed() || !self.is_forbidden(class, at);
        for k in 0..self.index.groups_of.of(class.index()).len() {
            let g = self.index.groups[self.index.groups_of.of(class.index())[k] as usize];
            if g.hard {
                possible &= self.conflicts_in_group(&g, class, &resolved, weight, &mut |c| out.push(ClassId(c)));
            }
        }
        out.sort_unstable();
        out.dedup();
        possible
    }

    #[inline]
    fn overlaps(&self, resolved: &ResolvedPlacement, other: u32) -> bool {
        match &self.index.relations {
            Some(relations) => relations.row(resolved)[usize::from(self.times_now[other as usize])] == OVERLAP,
            None => resolved.overlaps(&self.resolved[other as usize]),
        }
    }

    /// Whether anybody clashes with the class there, as far as one look tells.
    fn may_clash(&self, class: ClassId, resolved: &ResolvedPlacement) -> bool {
        let cells = self.cells();
        resolved.placed() && (cells == 0 || self.clash_table[class.index() * cells + resolved.cell as usize] > 0)
    }
}
