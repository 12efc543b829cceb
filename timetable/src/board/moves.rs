//! Moving a class: the exact difference, and doing it.

use super::Board;
use super::delta::Delta;
use super::groups;
use super::index::{Group, Run};
use super::pairs::{self, Move};
use super::relations::{FINE, OVERLAP, Relations};
use super::resolved::ResolvedPlacement;
use super::tallies::Tallies;
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::Placement;

impl Board<'_> {
    /// The exact difference of placing, moving or (with [`Placement::NOWHERE`]) taking away a
    /// class.
    pub fn delta(&mut self, class: ClassId, to: Placement) -> Delta {
        self.delta_unless(class, to, |_| false).expect("nothing is hopeless")
    }

    /// The same, cheap terms first, but given up (`None`) as soon as what is known so far is
    /// `hopeless`.
    #[inline]
    pub fn delta_unless(&mut self, class: ClassId, to: Placement, hopeless: impl Fn(&Delta) -> bool) -> Option<Delta> {
        let new = self.resolve(class, to);
        let old = self.resolved[class.index()];
        let mut d = Delta::default();
        self.own_change(class, &old, &new, &mut d);
        self.room_change(class, &old, &new, &mut d);
        if hopeless(&d) {
            return None;
        }
        let same_time = old.weeks == new.weeks && old.days == new.days && old.start == new.start && old.end == new.end;
        let m = Move { old: &old, new: &new, same_time, same_room: same_room(&old, &new) };
        if !same_time {
            self.clash_change(class, &old, &new, &mut d);
            if hopeless(&d) {
                return None;
            }
        }
        for run in self.index.runs.of(class.index()) {
            self.run_delta(run, m, &mut d);
            if run.hard && hopeless(&d) {
                return None;
            }
        }
        if !same_time {
            self.isolated_change(class, &old, &new, &mut d);
        }
        self.group_changes(class, m, &mut d);
        if hopeless(&d) {
            return None;
        }
        self.student_change(class, m, &mut d);
        Some(d)
    }

    /// Does a change whose difference is known; what [`Board::delta`] gave for it.
    pub fn commit(&mut self, class: ClassId, to: Placement, delta: Delta) {
        let new = self.resolve(class, to);
        let old = self.resolved[class.index()];
        let cells = self.cells();
        self.update_totals(class, &old, &new);
        self.rooms.remove(class.0, &old, self.index.relations.as_ref());
        self.rooms.add(class.0, &new, self.index.relations.as_ref());
        self.shift_meets(class, &old, &new);
        if let Some(relations) = &self.index.relations {
            self.times_now[class.index()] = relations.number(&new) as u16;
        }
        let Board { index, clash_table, tallies, .. } = self;
        if cells > 0 && old.cell != new.cell {
            for &(other, n) in index.clashes.of(class.index()) {
                let row = &mut clash_table[other as usize * cells..][..cells];
                if old.cell != u16::MAX {
                    row[old.cell as usize] -= n as u16;
                }
                if new.cell != u16::MAX {
                    row[new.cell as usize] += n as u16;
                }
            }
            self.students.shift_table(class.0, old.cell, cells, false);
            self.students.shift_table(class.0, new.cell, cells, true);
        }
        match tallies {
            Tallies::Weeks(t) => {
                let (out, into) = (t.bit(&old), t.bit(&new));
                index.isolated_of.of(class.index()).iter().for_each(|g| t.replace(g.tally, out, into));
            }
            Tallies::Days(t) => {
                let groups = index.groups_of.of(class.index()).iter().map(|&g| &index.groups[g as usize]);
                groups.filter(|g| g.tally != NONE).for_each(|g| t.replace(g.tally, &old, &new));
            }
        }
        if let Some(days) = &mut self.students.days {
            for &s in &self.students.of_class[class.index()] {
                days.remove(s, &old);
                days.add(s, &new);
            }
        }
        self.resolved[class.index()] = new;
        self.score.unplaced = self.score.unplaced.wrapping_add_signed(delta.unplaced);
        self.score.hard += i64::from(delta.hard);
        self.score.penalty += delta.penalty;
    }

    /// Places, moves or takes away a class, and tells the difference.
    pub fn apply(&mut self, class: ClassId, to: Placement) -> Delta {
        let delta = self.delta(class, to);
        self.commit(class, to, delta);
        delta
    }

    /// Change of the clashes alone, in one look; `leaving` moves away from the new time as well.
    /// `None` where there is no table.
    #[inline]
    pub fn clash_delta(&self, class: ClassId, to: Placement, leaving: Option<ClassId>) -> Option<i32> {
        let units = self.index.units.as_ref()?;
        let row = &self.clash_table[class.index() * units.cells..][..units.cells];
        let time = self.class_times[self.classes[class.index()].times.first as usize + to.time as usize].time;
        let cell = units.cell(&self.times[time as usize]);
        let mut after = i32::from(row[cell as usize]);
        if after > 0
            && let Some(other) = leaving
            && self.resolved[other.index()].cell == cell
        {
            let list = self.index.clashes.of(class.index());
            after -= list.binary_search_by_key(&other.0, |c| c.0).map_or(0, |k| list[k].1 as i32);
        }
        let old = self.resolved[class.index()].cell;
        Some(after - if old == u16::MAX { 0 } else { i32::from(row[old as usize]) })
    }

    /// What the choice of time and room costs by itself.
    fn own_change(&self, class: ClassId, old: &ResolvedPlacement, new: &ResolvedPlacement, d: &mut Delta) {
        let row = &self.classes[class.index()];
        for (resolved, sign) in [(old, -1), (new, 1)] {
            if !resolved.placed() {
                continue;
            }
            let k = row.times.first as usize + resolved.time as usize;
            let mut cost = self.index.time_costs.of(k, self.class_times[k].penalty);
            if resolved.room != NONE {
                let k = row.rooms.first as usize + resolved.option as usize;
                let of_room = self.index.room_costs.of(k, self.class_rooms[k].penalty);
                cost.penalty += of_room.penalty;
                cost.hard += of_room.hard;
            }
            d.penalty += i64::from(sign) * cost.penalty;
            d.hard += sign * cost.hard;
            d.weighted += i64::from(sign * cost.hard);
        }
        d.unplaced = i32::from(!new.placed()) - i32::from(!old.placed());
    }

    fn room_change(&self, class: ClassId, old: &ResolvedPlacement, new: &ResolvedPlacement, d: &mut Delta) {
        for (resolved, sign) in [(old, -1), (new, 1)] {
            if resolved.room == NONE {
                continue;
            }
            let n = self.in_room(class, resolved) + self.blocked(resolved);
            d.hard += sign * n;
            d.weighted += i64::from(sign * n) * i64::from(self.room_weights[resolved.room as usize]);
        }
    }

    /// How many classes other than `class` overlap with a placement in its room.
    #[inline]
    pub(super) fn in_room(&self, class: ClassId, resolved: &ResolvedPlacement) -> i32 {
        self.rooms.overlapping(class.0, &self.resolved[class.index()], resolved, self.index.relations.as_ref())
    }

    /// The difference over one run of pairs.
    #[inline]
    pub(super) fn run_delta(&self, run: &Run, m: Move<'_>, d: &mut Delta) {
        let pairs = &self.index.pairs;
        match &self.index.relations {
            Some(relations) if pairs::looks_at_codes(run.kind) => {
                self.coded_delta(run, m, relations, d);
            }
            _ => pairs::run_delta(run, pairs, &self.resolved, m, &self.travel, &self.weights, d),
        }
    }

    /// The same for the kinds of which a table of times knows most.
    fn coded_delta(&self, run: &Run, m: Move<'_>, relations: &Relations, d: &mut Delta) {
        let by_room = run.kind == Kind::SameAttendees;
        if m.same_time && (!by_room || m.same_room) {
            return;
        }
        let (was, is) = (relations.row(m.old), relations.row(m.new));
        for p in &self.index.pairs[run.from as usize..run.to as usize] {
            let now = usize::from(self.times_now[p.other as usize]);
            if was[now] | is[now] == FINE {
                continue;
            }
            let room = self.resolved[p.other as usize].room;
            let parts = |code: u8, here: u32| {
                i32::from(if by_room { self.travel.parts(code, here, room) } else { code == OVERLAP })
            };
            let change = parts(is[now], m.new.room) - parts(was[now], m.old.room);
            if change == 0 {
                continue;
            }
            if run.hard {
                d.hard += change * p.cost as i32;
                d.weighted += i64::from(change) * i64::from(p.cost) * i64::from(self.weights[p.constraint as usize]);
            } else {
                d.penalty += i64::from(change) * i64::from(p.cost);
            }
        }
    }

    /// How many of its room's unavailable times a placement overlaps.
    pub(super) fn blocked(&self, resolved: &ResolvedPlacement) -> i32 {
        match &self.index.units {
            Some(u) => i32::from(u.blocked[resolved.room as usize * u.cells + resolved.cell as usize]),
            None if self.index.relations.is_some() => {
                self.index.relations.as_ref().map_or(0, |relations| relations.blocked(resolved))
            }
            None => {
                let mut n = 0;
                for t in self.index.unavailable.of(resolved.room as usize) {
                    n += i32::from(
                        (t.weeks & resolved.weeks != 0)
                            & (t.days & resolved.days != 0)
                            & (t.start < resolved.end)
                            & (resolved.start < t.end),
                    );
                }
                n
            }
        }
    }

    pub(super) fn clash_change(&self, class: ClassId, old: &ResolvedPlacement, new: &ResolvedPlacement, d: &mut Delta) {
        let cells = self.cells();
        if cells > 0 {
            let row = &self.clash_table[class.index() * cells..][..cells];
            let at = |s: &ResolvedPlacement| if s.placed() { i32::from(row[s.cell as usize]) } else { 0 };
            let change = at(new) - at(old);
            d.hard += change;
            d.weighted += i64::from(change);
            return;
        }
        let list = self.index.clashes.of(class.index());
        let rows = self.index.relations.as_ref().map(|relations| (relations.row(old), relations.row(new)));
        for (k, &(other, n)) in list.iter().enumerate() {
            let change = match rows {
                Some((was, is)) => {
                    let now = usize::from(self.times_now[other as usize]);
                    i32::from(is[now] == OVERLAP) - i32::from(was[now] == OVERLAP)
                }
                None => {
                    let resolved = &self.resolved[other as usize];
                    i32::from(new.overlaps(resolved)) - i32::from(old.overlaps(resolved))
                }
            };
            if change != 0 {
                let source = self.index.clash_source.of(class.index())[k];
                let weight = if source == NONE { 1 } else { self.weights[source as usize] };
                d.hard += change * n as i32;
                d.weighted += i64::from(change) * i64::from(n) * i64::from(weight);
            }
        }
    }

    pub(super) fn student_change(&mut self, class: ClassId, m: Move<'_>, d: &mut Delta) {
        let s = &self.students;
        if s.of_class[class.index()].is_empty() {
            return;
        }
        let change = if !s.table.is_empty() {
            let cells = self.index.units.as_ref().map_or(0, |u| u.cells);
            let at = |resolved: &ResolvedPlacement| {
                if resolved.placed() { s.table.get(class.index() * cells + resolved.cell as usize) } else { 0 }
            };
            at(m.new) - at(m.old)
        } else if !s.near.is_empty() && !(m.same_time && (m.same_room || self.travel.is_empty())) {
            self.near_change(class, m)
        } else {
            0
        };
        let s = &mut self.students;
        add_student_conflicts(self.problem, change, d);
        if let Some(days) = &mut s.days
            && !m.same_time
        {
            for &student in &s.of_class[class.index()] {
                let c = days.change(student, m.old, m.new);
                d.penalty += c.single * days.single_weight + c.run * days.run_weight;
                let hard = c.single as i32 * self.index.single_day_hard + c.run as i32 * self.index.long_run_hard;
                d.hard += hard;
                d.weighted += i64::from(hard);
            }
        }
    }

    /// Change of the conflicts of a class's students, over the classes that share some.
    fn near_change(&self, class: ClassId, m: Move<'_>) -> i64 {
        let near = self.students.near.of(class.index());
        let all = near.others.iter().zip(&near.shared);
        let mut change = 0;
        let Some(relations) = &self.index.relations else {
            for (&other, &shared) in all {
                let resolved = &self.resolved[other as usize];
                let (was, is) = (self.travel.apart(m.old, resolved), self.travel.apart(m.new, resolved));
                change += (i64::from(is) - i64::from(was)) * i64::from(shared);
            }
            return change;
        };
        let (was, is) = (relations.row(m.old), relations.row(m.new));
        for (&other, &shared) in all {
            let now = usize::from(self.times_now[other as usize]);
            if was[now] | is[now] != FINE {
                let room = self.resolved[other as usize].room;
                let parts = |code: u8, here: u32| i64::from(self.travel.parts(code, here, room));
                change += (parts(is[now], m.new.room) - parts(was[now], m.old.room)) * i64::from(shared);
            }
        }
        change
    }

    /// Isolated lectures, where a week of lectures is one word.
    #[inline]
    pub(super) fn isolated_change(
        &self,
        class: ClassId,
        old: &ResolvedPlacement,
        new: &ResolvedPlacement,
        d: &mut Delta,
    ) {
        let Tallies::Weeks(tallies) = &self.tallies else { return };
        let (out, into) = (tallies.bit(old), tallies.bit(new));
        for g in self.index.isolated_of.of(class.index()) {
            let change = tallies.change(g.tally, out, into);
            if g.hard == NONE {
                d.penalty += change * g.cost;
            } else {
                d.hard += change as i32;
                d.weighted += change * i64::from(self.weights[g.hard as usize]);
            }
        }
    }

    fn group_changes(&mut self, class: ClassId, m: Move<'_>, d: &mut Delta) {
        self.changes_of_groups(class, m, |_| true, d);
    }

    /// The same of groups of some kinds alone.
    #[inline]
    pub(super) fn changes_of_groups(&mut self, class: ClassId, m: Move<'_>, of: impl Fn(Kind) -> bool, d: &mut Delta) {
        for k in 0..self.index.other_groups_of.of(class.index()).len() {
            let i = self.index.other_groups_of.of(class.index())[k] as usize;
            let g = self.index.groups[i];
            if !of(g.kind) {
                continue;
            }
            let change = self.group_change(&g, class, m);
            if change == 0 {
                continue;
            }
            if g.hard {
                d.hard += change as i32;
                d.weighted += change * i64::from(self.weights[g.constraint as usize]);
            } else if g.kind.per_week() {
                d.penalty += self.per_week(&g, self.totals[i] + change) - self.per_week(&g, self.totals[i]);
            } else {
                d.penalty += change * g.cost;
            }
        }
    }

    /// Weighted penalty of a total that is divided by the number of weeks.
    fn per_week(&self, g: &Group, total: i64) -> i64 {
        let meta = self.problem.meta();
        let penalty = i64::from(self.problem.constraints()[g.constraint as usize].penalty);
        penalty * total / i64::from(meta.weeks) * i64::from(meta.distribution_weight)
    }

    pub(super) fn group_change(&mut self, g: &Group, class: ClassId, m: Move<'_>) -> i64 {
        let members = &self.members[g.from as usize..g.to as usize];
        let (old, new) = (m.old, m.new);
        match g.kind {
            Kind::IsolatedLectures if m.same_time => 0,
            Kind::IsolatedLectures => self.tallies.change(g.tally, old, new),
            Kind::MaxDays | Kind::MinWorkingDays => groups::days_change(g, members, &self.resolved, class.0, old, new),
            Kind::RoomStability => groups::rooms_change(members, &self.resolved, class.0, old, new),
            Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps => {
                if m.same_time {
                    return 0;
                }
                groups::by_day_change(g, members, &self.resolved, class.0, old, new, &mut self.scratch)
            }
            kind @ (pair_kinds!() | each_kinds!() | student_kinds!()) => {
                // A pair constraint of many classes.
                if (m.same_time && !pairs::looks_at_rooms(kind)) || (m.same_room && !pairs::looks_at_times(kind)) {
                    return 0;
                }
                if let Some(relations) = self.index.relations.as_ref().filter(|_| g.meets != NONE) {
                    return self.met(g, class, new, relations) - self.met(g, class, old, relations);
                }
                let param = g.params[0].min(u32::from(u16::MAX)) as i32;
                let mut change = 0;
                let mut after_me = false;
                for &o in members {
                    if o == class.0 {
                        after_me = true;
                        continue;
                    }
                    let resolved = &self.resolved[o as usize];
                    if resolved.placed() {
                        let is = new.placed() && pairs::broken(kind, new, resolved, param, after_me, &self.travel);
                        let was = old.placed() && pairs::broken(kind, old, resolved, param, after_me, &self.travel);
                        change += i64::from(is) - i64::from(was);
                    }
                }
                change
            }
        }
    }

    fn update_totals(&mut self, class: ClassId, old: &ResolvedPlacement, new: &ResolvedPlacement) {
        let same_time = old.weeks == new.weeks && old.days == new.days && old.start == new.start && old.end == new.end;
        if same_time {
            return;
        }
        for k in 0..self.index.groups_of.of(class.index()).len() {
            let i = self.index.groups_of.of(class.index())[k] as usize;
            let g = self.index.groups[i];
            if g.kind.per_week() && !g.hard {
                let m = Move { old, new, same_time, same_room: same_room(old, new) };
                self.totals[i] += self.group_change(&g, class, m);
            }
        }
    }
}

/// A move in which time and room both change.
pub(super) fn whole_move<'a>(old: &'a ResolvedPlacement, new: &'a ResolvedPlacement) -> Move<'a> {
    Move { old, new, same_time: false, same_room: false }
}

/// Whether nothing changes that a constraint on rooms could see.
fn same_room(old: &ResolvedPlacement, new: &ResolvedPlacement) -> bool {
    old.room == new.room && old.placed() == new.placed()
}

/// Adds student conflicts to a difference, as the problem counts them.
pub(super) fn add_student_conflicts(problem: &crate::Problem, change: i64, d: &mut Delta) {
    if problem.meta().student_conflicts_hard == 1 {
        d.hard += change as i32;
        d.weighted += change;
    } else {
        d.penalty += change * i64::from(problem.meta().student_weight);
    }
}
