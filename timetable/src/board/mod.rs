//! The board: a timetable that knows its score, and the exact difference of any change, in time
//! that does not grow with the problem.
//!
//! Every term of the score that a class takes part in is looked at where the class is and where it
//! would be: pair constraints and clashes through the class's neighbours, rooms through who is in
//! them, groups through their members, students through those whom two classes share. Where all
//! times are single slots of the week (CB-CTT, PE-CTT, a campus), tables by class and slot answer
//! in one look instead. The [checker](crate::check) counts the same from the rules, by other code;
//! tests hold the two equal.

mod conflict_table;
mod delta;
mod eject;
mod enrol;
mod free;
mod groups;
mod index;
mod max_bytes;
mod meets;
mod moves;
mod pairs;
mod queries;
mod relations;
mod resolved;
mod rooms;
mod scan;
mod seats;
mod students;
mod tables;
mod tallies;
mod unary_costs;
mod weeks;
mod weights;

pub use conflict_table::ConflictTable;
pub use delta::Delta;
pub use index::BoardIndex;
pub use seats::Seats;
pub use tables::BoardTables;

use crate::ids::*;
use crate::placement::{Placement, Timetable};
use crate::problem::Problem;
use crate::rows::{ClassRow, RoomOption, TimeOption, TimeRow};
use crate::score::Score;
use meets::Meets;
use resolved::{ResolvedPlacement, Travel};
use rooms::RoomOccupancy;
use std::sync::Arc;
use students::Students;
use tallies::Tallies;

/// A timetable that knows its score. Cloning copies the state (a chain of its own); index and
/// problem are shared.
#[derive(Clone, Debug)]
pub struct Board<'p> {
    problem: &'p Problem,
    /// Views onto the problem, taken once: looking them up costs more than many a term.
    classes: &'p [ClassRow],
    class_times: &'p [TimeOption],
    class_rooms: &'p [RoomOption],
    times: &'p [TimeRow],
    members: &'p [u32],
    index: Arc<BoardIndex>,
    travel: Travel<'p>,
    resolved: Vec<ResolvedPlacement>,
    /// By class: the number of its time in [`Relations`], where there are any.
    times_now: Vec<u16>,
    rooms: RoomOccupancy,
    meets: Meets,
    /// By class and cell, where times are single slots: clashes that the class would have there.
    clash_table: Vec<u16>,
    students: Students,
    tallies: Tallies,
    /// By group: the amount so far, for penalties that are divided by the number of weeks.
    totals: Vec<i64>,
    scratch: Vec<groups::Span>,
    /// What two requests take, while they are exchanged.
    places: [Vec<u32>; 2],
    weights: Vec<u32>,
    room_weights: Vec<u32>,
    score: Score,
}

impl<'p> Board<'p> {
    /// An empty board: nothing placed, nobody enrolled.
    pub fn new(problem: &'p Problem, index: Arc<BoardIndex>) -> Board<'p> {
        let meta = problem.meta();
        let (n, rooms) = (problem.classes().len(), problem.rooms().len());
        let cells = index.units.as_ref().map_or(0, |u| u.cells);
        let weeks = index.units.as_ref().is_some_and(|u| u.week_is_word);
        let students = Students::new(problem, &index);
        let mut board = Board {
            problem,
            classes: problem.classes(),
            class_times: problem.class_times(),
            class_rooms: problem.class_rooms(),
            times: problem.times(),
            members: problem.constraint_classes(),
            travel: Travel::new(problem.travel(), rooms),
            resolved: vec![ResolvedPlacement::NOWHERE; n],
            times_now: index.relations.as_ref().map_or(Vec::new(), |r| vec![r.width() as u16 - 1; n]),
            rooms: RoomOccupancy::new(rooms, n, &index),
            meets: Meets::new(&index),
            clash_table: vec![0; n * cells],
            students,
            tallies: Tallies::new(index.tallies, meta.days as usize, meta.slots as usize, weeks),
            totals: vec![0; index.groups.len()],
            scratch: Vec::with_capacity(64),
            places: Default::default(),
            weights: vec![1; problem.constraints().len()],
            room_weights: vec![1; rooms],
            score: Score { unplaced: n as u32, hard: problem.requests().len() as i64, penalty: 0 },
            index,
        };
        board.start_totals();
        if board.index.students_in_clashes {
            board.enrol_all();
        }
        board
    }

    /// A board with this timetable on it.
    ///
    /// # Panics
    /// Where the timetable does not [fit](Timetable::fits) the problem.
    pub fn with(problem: &'p Problem, index: Arc<BoardIndex>, timetable: &Timetable) -> Board<'p> {
        let mut board = Board::new(problem, index);
        board.load(timetable);
        board
    }

    /// Puts a timetable on the board, changing only what differs.
    pub fn load(&mut self, timetable: &Timetable) {
        for (i, r) in self.problem.requests().iter().enumerate() {
            let places = r.slots.range();
            if self.students.enrolment[places.clone()] != timetable.enrolment[places.clone()] {
                self.enrol(RequestId::new(i), &timetable.enrolment[places]);
            }
        }
        for (i, &p) in timetable.placements.iter().enumerate() {
            if self.placement(ClassId::new(i)) != p {
                self.apply(ClassId::new(i), p);
            }
        }
    }

    /// A group's amount with nothing placed (days short of the least).
    fn start_totals(&mut self) {
        for (i, g) in self.index.groups.iter().enumerate() {
            if g.kind == crate::Kind::MinWorkingDays {
                self.totals[i] = i64::from(g.params[0]);
                if g.hard {
                    self.score.hard += self.totals[i];
                } else {
                    self.score.penalty += g.cost * self.totals[i];
                }
            }
        }
    }

    /// The problem.
    pub fn problem(&self) -> &'p Problem {
        self.problem
    }

    /// What boards on this problem share.
    pub fn index(&self) -> &Arc<BoardIndex> {
        &self.index
    }

    /// The score of what is on the board.
    #[inline]
    pub fn score(&self) -> Score {
        self.score
    }

    /// Where a class is.
    #[inline]
    pub fn placement(&self, class: ClassId) -> Placement {
        let s = &self.resolved[class.index()];
        Placement { time: s.time, room: s.option }
    }

    /// The timetable on the board.
    pub fn timetable(&self) -> Timetable {
        Timetable {
            placements: self.resolved.iter().map(|s| Placement { time: s.time, room: s.option }).collect(),
            enrolment: self.students.enrolment.clone(),
        }
    }

    /// Overwrites `timetable` with the one on the board, without allocating where it has the same
    /// shape.
    pub fn store(&self, timetable: &mut Timetable) {
        timetable.placements.clear();
        timetable.placements.extend(self.resolved.iter().map(|s| Placement { time: s.time, room: s.option }));
        timetable.enrolment.clear();
        timetable.enrolment.extend_from_slice(&self.students.enrolment);
    }

    #[inline]
    fn resolve(&self, class: ClassId, p: Placement) -> ResolvedPlacement {
        if !p.is_placed() {
            return ResolvedPlacement::NOWHERE;
        }
        let row = &self.classes[class.index()];
        let time = self.class_times[row.times.first as usize + p.time as usize].time;
        let t = &self.times[time as usize];
        let room = if p.room == Placement::NO_ROOM {
            NONE
        } else {
            self.class_rooms[row.rooms.first as usize + p.room as usize].room
        };
        let cell = self.index.units.as_ref().map_or(time as u16, |u| u.cell(t));
        ResolvedPlacement {
            weeks: t.weeks,
            days: t.days,
            start: t.start,
            end: t.end,
            time: p.time,
            room,
            option: p.room,
            cell,
        }
    }

    fn cells(&self) -> usize {
        self.index.units.as_ref().map_or(0, |u| u.cells)
    }
}
