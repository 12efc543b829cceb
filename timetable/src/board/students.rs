//! Who takes what, how many students two classes share, and what students' days look like.

use super::index::BoardIndex;
use super::resolved::ResolvedPlacement;
use crate::counts::{Counts, most_shared};
use crate::ids::*;
use crate::problem::Problem;

/// Enrolment, with what is derived from it.
#[derive(Clone, Debug)]
pub(crate) struct Students {
    /// By place, see [`Timetable::enrolment`](crate::Timetable::enrolment).
    pub(crate) enrolment: Vec<u32>,
    /// Students of each class, unordered.
    pub(crate) of_class: Vec<Vec<u32>>,
    /// By class: other classes with at least one student in common, and how many; unordered. Empty
    /// where `table` is used.
    pub(crate) near: StudentOverlaps,
    /// By class and cell: students of the class who have another class in that cell.
    pub(crate) table: Counts,
    /// Days of students, where a rule looks at them.
    pub(crate) days: Option<StudentDays>,
    /// Places of each student: from the first of this to the first of the next.
    places: Vec<u32>,
}

/// Classes that share students with one class.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedStudents {
    pub(crate) others: Vec<u32>,
    pub(crate) shared: Vec<u32>,
}

/// Of more classes it is not kept where each is listed: that takes two bytes for each two classes.
const MOST_LISTED: usize = 1024;

/// By class: the classes that share students with it; and where each is listed, so that none has to
/// be looked for.
#[derive(Clone, Debug)]
pub(crate) struct StudentOverlaps {
    of: Vec<SharedStudents>,
    /// By class and class: one more than the position, 0 where they share nobody.
    positions: Vec<u16>,
}

impl StudentOverlaps {
    /// Bytes of where classes are listed.
    pub(crate) fn max_bytes(classes: usize) -> usize {
        if classes <= MOST_LISTED { classes * classes * 2 } else { 0 }
    }

    fn new(classes: usize) -> StudentOverlaps {
        let positions = StudentOverlaps::max_bytes(classes) / 2;
        StudentOverlaps { of: vec![SharedStudents::default(); classes], positions: vec![0; positions] }
    }

    #[inline]
    pub(crate) fn of(&self, class: usize) -> &SharedStudents {
        &self.of[class]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        let lists = self.of.iter().map(|near| 48 + (near.others.capacity() + near.shared.capacity()) * 4);
        lists.sum::<usize>() + self.positions.capacity() * 2
    }

    #[inline]
    fn position(&self, class: u32, other: u32) -> Option<usize> {
        if self.positions.is_empty() {
            return self.of[class as usize].others.iter().position(|&o| o == other);
        }
        let at = self.positions[class as usize * self.of.len() + other as usize];
        usize::from(at).checked_sub(1)
    }

    #[inline]
    fn set_position(&mut self, class: u32, other: u32, at: Option<usize>) {
        if !self.positions.is_empty() {
            self.positions[class as usize * self.of.len() + other as usize] = at.map_or(0, |at| at as u16 + 1);
        }
    }

    fn add(&mut self, class: u32, other: u32) {
        match self.position(class, other) {
            Some(i) => self.of[class as usize].shared[i] += 1,
            None => {
                let near = &mut self.of[class as usize];
                near.others.push(other);
                near.shared.push(1);
                let last = near.others.len() - 1;
                self.set_position(class, other, Some(last));
            }
        }
    }

    fn remove(&mut self, class: u32, other: u32) {
        let i = self.position(class, other).expect("shared before");
        let near = &mut self.of[class as usize];
        near.shared[i] -= 1;
        if near.shared[i] == 0 {
            near.others.swap_remove(i);
            near.shared.swap_remove(i);
            let moved = near.others.get(i).copied();
            self.set_position(class, other, None);
            if let Some(moved) = moved {
                self.set_position(class, moved, Some(i));
            }
        }
    }
}

impl Students {
    pub(crate) fn new(problem: &Problem, index: &BoardIndex) -> Students {
        let n = problem.classes().len();
        let mut places: Vec<u32> = problem
            .students()
            .iter()
            .map(|s| problem.requests().get(s.requests.first as usize).map_or(0, |r| r.slots.first))
            .collect();
        places.push(problem.enrolment_slots() as u32);
        // A student without requests at the end starts where everything ends.
        for i in (0..places.len() - 1).rev() {
            if problem.students()[i].requests.len == 0 {
                places[i] = places[i + 1];
            }
        }
        let with_students = !problem.students().is_empty();
        let cells = index.units.as_ref().map_or(0, |u| u.cells);
        let table = with_students && cells > 0 && !index.students_in_clashes && problem.travel().is_empty();
        Students {
            enrolment: vec![NONE; problem.enrolment_slots()],
            of_class: vec![Vec::new(); n],
            near: if with_students && !table && !index.students_in_clashes {
                StudentOverlaps::new(n)
            } else {
                StudentOverlaps::new(0)
            },
            table: Counts::new(if table { n * cells } else { 0 }, if table { most_shared(problem) } else { 0 }),
            days: index.counts_student_days().then(|| StudentDays::new(problem, index)),
            places,
        }
    }

    /// The first place of each student, and the number of places.
    pub(crate) fn first_places(&self) -> &[u32] {
        &self.places
    }

    /// The places of a student, each with what it holds.
    #[inline]
    pub(crate) fn places(&self, student: u32) -> impl Iterator<Item = (usize, u32)> + '_ {
        let places = self.places[student as usize] as usize..self.places[student as usize + 1] as usize;
        places.map(|p| (p, self.enrolment[p]))
    }

    /// Notes that a class of `resolved`'s moved there (`+1`) or went away (`-1`): its students'
    /// other classes see it in their table.
    pub(crate) fn shift_table(&mut self, class: u32, cell: u16, cells: usize, up: bool) {
        if self.table.is_empty() || cell == u16::MAX {
            return;
        }
        for i in 0..self.of_class[class as usize].len() {
            let student = self.of_class[class as usize][i] as usize;
            for place in self.places[student] as usize..self.places[student + 1] as usize {
                let other = self.enrolment[place];
                if other != NONE && other != class {
                    self.table.shift(other as usize * cells + cell as usize, up);
                }
            }
        }
    }

    /// Puts a student into a class (`place` holds it from now on).
    pub(crate) fn join(
        &mut self,
        student: u32,
        place: usize,
        class: u32,
        resolved: &[ResolvedPlacement],
        cells: usize,
    ) {
        self.meet(student, class, resolved, cells, true);
        self.enrolment[place] = class;
        self.of_class[class as usize].push(student);
        if let Some(days) = &mut self.days {
            days.add(student, &resolved[class as usize]);
        }
    }

    /// Takes a student out of the class at `place`.
    pub(crate) fn leave(&mut self, student: u32, place: usize, resolved: &[ResolvedPlacement], cells: usize) {
        let class = self.enrolment[place];
        self.enrolment[place] = NONE;
        let list = &mut self.of_class[class as usize];
        let i = list.iter().position(|&s| s == student).expect("a member");
        list.swap_remove(i);
        self.meet(student, class, resolved, cells, false);
        if let Some(days) = &mut self.days {
            days.remove(student, &resolved[class as usize]);
        }
    }

    /// Counts (or forgets) that the student's classes share them with `class`.
    fn meet(&mut self, student: u32, class: u32, resolved: &[ResolvedPlacement], cells: usize, up: bool) {
        if self.near.is_empty() && self.table.is_empty() {
            return;
        }
        for place in self.places[student as usize] as usize..self.places[student as usize + 1] as usize {
            let other = self.enrolment[place];
            if other == NONE || other == class {
                continue;
            }
            if self.table.is_empty() {
                if up {
                    self.near.add(class, other);
                    self.near.add(other, class);
                } else {
                    self.near.remove(class, other);
                    self.near.remove(other, class);
                }
            } else {
                for (a, b) in [(class, other), (other, class)] {
                    let cell = resolved[b as usize].cell;
                    if cell != u16::MAX {
                        self.table.shift(a as usize * cells + cell as usize, up);
                    }
                }
            }
        }
    }
}

/// Slots of the week that each student is busy in.
#[derive(Clone, Debug)]
pub(crate) struct StudentDays {
    days: usize,
    slots: usize,
    /// By student, day and slot: classes then.
    busy: Vec<u8>,
    /// By student and day: slots with any class.
    mask: Vec<u64>,
    /// By student and day: classes that day.
    classes: Vec<u16>,
    pub(crate) single_weight: i64,
    pub(crate) run_weight: i64,
    run_length: u32,
}

/// Days with one class, and slots beyond the allowed run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DayAmounts {
    pub(crate) single: i64,
    pub(crate) run: i64,
}

impl StudentDays {
    fn new(problem: &Problem, index: &BoardIndex) -> StudentDays {
        let (n, days, slots) = (problem.students().len(), problem.meta().days as usize, problem.meta().slots as usize);
        StudentDays {
            days,
            slots,
            busy: vec![0; n * days * slots],
            mask: vec![0; n * days],
            classes: vec![0; n * days],
            single_weight: index.single_day,
            run_weight: index.long_run,
            run_length: index.long_run_length,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.busy.capacity() + self.mask.capacity() * 8 + self.classes.capacity() * 2
    }

    #[inline]
    pub(crate) fn add(&mut self, student: u32, resolved: &ResolvedPlacement) {
        let mut days = resolved.days;
        while days != 0 {
            let day = student as usize * self.days + days.trailing_zeros() as usize;
            days &= days - 1;
            self.classes[day] += 1;
            for slot in resolved.start as usize..resolved.end as usize {
                self.busy[day * self.slots + slot] += 1;
                self.mask[day] |= 1 << slot;
            }
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, student: u32, resolved: &ResolvedPlacement) {
        let mut days = resolved.days;
        while days != 0 {
            let day = student as usize * self.days + days.trailing_zeros() as usize;
            days &= days - 1;
            self.classes[day] -= 1;
            for slot in resolved.start as usize..resolved.end as usize {
                let n = &mut self.busy[day * self.slots + slot];
                *n -= 1;
                self.mask[day] &= !(u64::from(*n == 0) << slot);
            }
        }
    }

    /// What the student's days in `days` amount to.
    #[inline]
    pub(crate) fn amounts(&self, student: u32, mut days: u16) -> DayAmounts {
        let mut sum = DayAmounts::default();
        while days != 0 {
            let day = student as usize * self.days + days.trailing_zeros() as usize;
            days &= days - 1;
            sum.single += i64::from(self.classes[day] == 1);
            let mut run = self.mask[day];
            for k in 1..=self.run_length {
                run &= self.mask[day] << k;
            }
            sum.run += i64::from(run.count_ones());
        }
        sum
    }

    /// Change of the amounts when a class of this student moves.
    #[inline]
    pub(crate) fn change(&mut self, student: u32, old: &ResolvedPlacement, new: &ResolvedPlacement) -> DayAmounts {
        let days = old.days | new.days;
        let before = self.amounts(student, days);
        self.remove(student, old);
        self.add(student, new);
        let after = self.amounts(student, days);
        self.remove(student, new);
        self.add(student, old);
        DayAmounts { single: after.single - before.single, run: after.run - before.run }
    }
}
