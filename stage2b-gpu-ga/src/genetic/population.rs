//! Many timetables as one matrix of small integers.

use super::width::{self, Width};
use timetable::{NONE, Problem, Timetable};

/// What a row of a population looks like: the times of all classes, then their rooms, then what every place of enrolment holds, each as the
/// position in the lists of the class or course, in the smallest integers that hold them. Rows begin at multiples of 16 bytes, parts of a
/// row at multiples of 4.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) classes: usize,
    pub(crate) places: usize,
    pub(crate) time: Width,
    pub(crate) room: Width,
    pub(crate) place: Width,
    /// By place, the class that is stored as 0: the first of its course. Empty where students cannot choose.
    pub(crate) firsts: Vec<u32>,
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
        self.ends()[2].next_multiple_of(16)
    }

    /// Stores a timetable as a row.
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
