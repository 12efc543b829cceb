//! Which members of a hard group would have to go for a class to come, to move or to leave.

use super::Board;
use super::groups;
use super::index::Group;
use super::pairs;
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::kind::{Kind, Shape};

impl Board<'_> {
    /// Calls `out` with the members of a hard group that would have to go were `class` at `new`: as
    /// few as trying one after the other finds, those of the least weight rather than others.
    /// `false` where the group would be broken even without them.
    pub(crate) fn conflicts_in_group(
        &mut self,
        g: &Group,
        class: ClassId,
        new: &ResolvedPlacement,
        weight: &dyn Fn(u32) -> u32,
        out: &mut dyn FnMut(u32),
    ) -> bool {
        let members = &self.problem.constraint_classes()[g.from as usize..g.to as usize];
        let old = self.resolved[class.index()];
        if g.kind.shape() == Shape::Pair {
            self.conflicts_in_pairs(g, members, class, new, out);
            return true;
        }
        if self.amount_change(g, members, class, new) <= 0 {
            return true;
        }
        let mut go: Vec<u32> = members.iter().copied().filter(|&m| m != class.0).collect();
        go.retain(|&m| {
            let s = &self.resolved[m as usize];
            s.placed()
                && match g.kind {
                    Kind::MaxDays => s.days & !new.days != 0,
                    Kind::RoomStability => s.room != new.room && s.room != NONE,
                    _ => s.days & (old.days | new.days) != 0,
                }
        });
        // The lightest are the last to be let back in.
        go.sort_unstable_by_key(|&m| (std::cmp::Reverse(weight(m)), m));
        go.dedup();
        let before = amount(g, members, &self.resolved);
        let saved: Vec<ResolvedPlacement> = go.iter().map(|&m| self.resolved[m as usize]).collect();
        self.resolved[class.index()] = *new;
        go.iter().for_each(|&m| self.resolved[m as usize] = ResolvedPlacement::NOWHERE);
        let possible = amount(g, members, &self.resolved) <= before;
        if possible {
            for (&m, &resolved) in go.iter().zip(&saved) {
                self.resolved[m as usize] = resolved;
                if amount(g, members, &self.resolved) > before {
                    self.resolved[m as usize] = ResolvedPlacement::NOWHERE;
                    out(m);
                }
            }
        }
        go.iter().zip(&saved).for_each(|(&m, &resolved)| self.resolved[m as usize] = resolved);
        self.resolved[class.index()] = old;
        possible
    }

    fn conflicts_in_pairs(
        &self,
        g: &Group,
        members: &[u32],
        class: ClassId,
        new: &ResolvedPlacement,
        out: &mut dyn FnMut(u32),
    ) {
        if let Some(relations) = self.index.relations.as_ref().filter(|_| g.meets != NONE)
            && self.meets_nobody(g, class, new, relations)
        {
            return;
        }
        let param = g.params[0].min(u32::from(u16::MAX)) as i32;
        let mut before_me = true;
        for &m in members {
            if m == class.0 {
                before_me = false;
                continue;
            }
            let other = &self.resolved[m as usize];
            if new.placed() && other.placed() && pairs::broken(g.kind, new, other, param, !before_me, &self.travel) {
                out(m);
            }
        }
    }

    /// Change of a group's amount when the class moves, for the kinds that count something for the
    /// whole group.
    fn amount_change(&mut self, g: &Group, members: &[u32], class: ClassId, new: &ResolvedPlacement) -> i64 {
        let old = self.resolved[class.index()];
        match g.kind {
            Kind::MaxDays | Kind::MinWorkingDays => groups::days_change(g, members, &self.resolved, class.0, &old, new),
            Kind::RoomStability => groups::rooms_change(members, &self.resolved, class.0, &old, new),
            Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps => {
                groups::by_day_change(g, members, &self.resolved, class.0, &old, new, &mut self.scratch)
            }
            // Taking others out helps nobody who is alone.
            Kind::IsolatedLectures | pair_kinds!() | each_kinds!() | student_kinds!() => 0,
        }
    }

    /// Other classes of the students of `class`, each once, ascending.
    pub(crate) fn meet(&self, class: ClassId, out: &mut Vec<u32>) {
        out.clear();
        for &s in &self.students.of_class[class.index()] {
            out.extend(self.students.places(s).map(|(_, c)| c).filter(|&c| c != NONE && c != class.0));
        }
        out.sort_unstable();
        out.dedup();
    }
}

/// What a group amounts to, over all days and weeks.
fn amount(g: &Group, members: &[u32], resolved: &[ResolvedPlacement]) -> i64 {
    let placed = || members.iter().map(|&m| &resolved[m as usize]).filter(|s| s.placed());
    let limit = i64::from(g.params[0]);
    let days = placed().fold(0u16, |d, s| d | s.days);
    match g.kind {
        Kind::MaxDays => (i64::from(days.count_ones()) - limit).max(0),
        Kind::MinWorkingDays => (limit - i64::from(days.count_ones())).max(0),
        Kind::RoomStability => {
            let mut rooms: Vec<u32> = placed().map(|s| s.room).filter(|&r| r != NONE).collect();
            rooms.sort_unstable();
            rooms.dedup();
            (rooms.len() as i64 - 1).max(0)
        }
        Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps => {
            let mut sum = 0;
            let mut spans = Vec::new();
            for day in (0..16).filter(|d| days >> d & 1 == 1) {
                let on = || placed().filter(|s| s.days >> day & 1 == 1);
                let weeks = on().fold(0, |w, s| w | s.weeks);
                spans.clear();
                spans.extend(on().map(groups::Span::of));
                sum += groups::day_amount(g, &mut spans, weeks);
            }
            sum
        }
        Kind::IsolatedLectures | pair_kinds!() | each_kinds!() | student_kinds!() => 0,
    }
}
