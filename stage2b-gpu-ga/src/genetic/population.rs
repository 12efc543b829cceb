//! Many timetables as one matrix of small integers.

use super::width::{self, Width};
use std::ops::Range;
use timetable::{Board, ConstraintId, NONE, Problem, RoomId, Timetable};

/// What is violated gets heavier by so much at a time,
pub(crate) const HEAVIER_BY: u32 = 4;
/// at most so many times.
const MOST_TIMES: u32 = 127;

/// What a row of a population looks like: the times of all classes, then their rooms, then what
/// every place of enrolment holds, each as the position in the lists of the class or course, in the
/// smallest integers that hold them; then a byte for each hard constraint and each room: how often
/// it was made heavier. Rows begin at multiples of 16 bytes, parts of a row at multiples of 4.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) classes: usize,
    pub(crate) places: usize,
    pub(crate) time: Width,
    pub(crate) room: Width,
    pub(crate) place: Width,
    /// By place, the class that is stored as 0: the first of its course. Empty where students
    /// cannot choose.
    pub(crate) firsts: Vec<u32>,
    /// Hard constraints, in ascending order.
    pub(crate) hard: Vec<u32>,
    pub(crate) rooms: usize,
}

impl Shape {
    /// For the timetables of a problem; enrolment only where a student can change it.
    pub(crate) fn new(problem: &Problem, students_move: bool) -> Shape {
        let most = |lengths: &mut dyn Iterator<Item = u32>| lengths.max().unwrap_or(0) as usize;
        let (mut firsts, mut widest) = (Vec::new(), 0);
        if students_move {
            let ranges: Vec<(u32, u32)> = problem.courses().iter().map(|c| classes_of(problem, c.configs)).collect();
            for r in problem.requests() {
                firsts.resize(r.slots.range().end, ranges[r.course as usize].0);
            }
            widest = most(&mut ranges.iter().map(|&(first, end)| end.saturating_sub(first)));
        }
        Shape {
            classes: problem.classes().len(),
            places: firsts.len(),
            time: Width::of(most(&mut problem.classes().iter().map(|c| c.times.len))),
            room: Width::of(most(&mut problem.classes().iter().map(|c| c.rooms.len))),
            place: Width::of(widest),
            firsts,
            hard: (0..problem.constraints().len() as u32)
                .filter(|&c| problem.constraints()[c as usize].hard == 1)
                .collect(),
            rooms: problem.rooms().len(),
        }
    }

    /// Where times, rooms and places end in a row.
    pub(crate) fn ends(&self) -> [usize; 3] {
        let times = (self.classes * self.time.bytes()).next_multiple_of(4);
        let rooms = times + (self.classes * self.room.bytes()).next_multiple_of(4);
        [times, rooms, rooms + (self.places * self.place.bytes()).next_multiple_of(4)]
    }

    /// Bytes of one row.
    pub(crate) fn row(&self) -> usize {
        self.weights().end.next_multiple_of(16)
    }

    /// A row of this timetable; nothing was made heavier.
    pub(crate) fn of(&self, timetable: &Timetable) -> Vec<u8> {
        let mut row = vec![0; self.row()];
        self.put(&mut row, timetable);
        row
    }

    /// Where a row says how often constraints and rooms were made heavier.
    pub(crate) fn weights(&self) -> Range<usize> {
        let [.., places] = self.ends();
        places..places + self.hard.len() + self.rooms
    }

    /// Gives the board the weights of a row.
    pub(crate) fn get_weights(&self, row: &[u8], board: &mut Board<'_>) {
        let weight = |&times: &u8| 1 + HEAVIER_BY * u32::from(times);
        let (hard, rooms) = row[self.weights()].split_at(self.hard.len());
        self.hard.iter().zip(hard).for_each(|(&c, times)| board.set_weight(ConstraintId(c), weight(times)));
        (0..).zip(rooms).for_each(|(r, times)| board.set_room_weight(RoomId(r), weight(times)));
    }

    /// Stores the board's weights in a row.
    pub(crate) fn put_weights(&self, row: &mut [u8], board: &Board<'_>) {
        let times = |weight: u32| ((weight - 1) / HEAVIER_BY).min(MOST_TIMES) as u8;
        let (hard, rooms) = row[self.weights()].split_at_mut(self.hard.len());
        self.hard.iter().zip(hard).for_each(|(&c, to)| *to = times(board.weight(ConstraintId(c))));
        (0..).zip(rooms).for_each(|(r, to)| *to = times(board.room_weight(RoomId(r))));
    }

    /// Stores a timetable in a row.
    pub(crate) fn put(&self, row: &mut [u8], timetable: &Timetable) {
        let [times, rooms, places] = self.ends();
        let wide = |position: u16| if position == u16::MAX { width::NONE } else { position.into() };
        let placed = &timetable.placements;
        self.time.put(&mut row[..times][..self.classes * self.time.bytes()], placed.iter().map(|p| wide(p.time)));
        self.room.put(&mut row[times..rooms][..self.classes * self.room.bytes()], placed.iter().map(|p| wide(p.room)));
        let taken = timetable.enrolment.iter().zip(&self.firsts);
        let taken = taken.map(|(&class, &first)| if class == NONE { width::NONE } else { class - first });
        self.place.put(&mut row[rooms..places][..self.places * self.place.bytes()], taken);
    }

    /// Overwrites a timetable with a row; where students cannot choose, its enrolment stays.
    pub(crate) fn get(&self, row: &[u8], timetable: &mut Timetable) {
        let [times, rooms, places] = self.ends();
        let Timetable { placements, enrolment } = timetable;
        let (time, room) = (self.classes * self.time.bytes(), self.classes * self.room.bytes());
        self.time.each(&row[..times][..time], |i, k| placements[i].time = k as u16);
        self.room.each(&row[times..rooms][..room], |i, k| placements[i].room = k as u16);
        self.place.each(&row[rooms..places][..self.places * self.place.bytes()], |i, k| {
            enrolment[i] = if k == width::NONE { NONE } else { self.firsts[i] + k };
        });
    }
}

/// The first class of a course's configurations, and the one after the last.
fn classes_of(problem: &Problem, configs: timetable::Span) -> (u32, u32) {
    let subparts = problem.configs()[configs.range()].iter().flat_map(|c| &problem.subparts()[c.subparts.range()]);
    let spans = subparts.map(|s| s.classes.indexes());
    spans.fold((NONE, 0), |(first, end), s| (first.min(s.start), end.max(s.end)))
}

/// Timetables, one a row.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    pub(crate) bytes: Vec<u8>,
    row: usize,
}

impl Population {
    /// `n` times this row.
    pub(crate) fn new(n: usize, row: &[u8]) -> Population {
        Population { bytes: row.repeat(n), row: row.len() }
    }

    /// Rows of this length.
    #[cfg(test)]
    pub(crate) fn of(bytes: Vec<u8>, row: usize) -> Population {
        Population { bytes, row }
    }

    pub(crate) fn row(&self, i: usize) -> &[u8] {
        &self.bytes[i * self.row..(i + 1) * self.row]
    }

    /// Rows in parts of `each`.
    pub(crate) fn parts_mut(&mut self, each: usize) -> rayon::slice::ChunksMut<'_, u8> {
        rayon::slice::ParallelSliceMut::par_chunks_mut(self.bytes.as_mut_slice(), each * self.row)
    }

    /// The rows listed only, in that order, which is ascending.
    pub(crate) fn keep(&mut self, rows: &[usize]) {
        for (to, &from) in rows.iter().enumerate() {
            self.bytes.copy_within(from * self.row..(from + 1) * self.row, to * self.row);
        }
        self.bytes.truncate(rows.len() * self.row);
        self.bytes.shrink_to_fit();
    }
}
