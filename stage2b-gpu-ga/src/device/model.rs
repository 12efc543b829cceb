//! The problem, the board's index and what walks know, as one block of words for kernels; and the
//! layout of a state.

use super::sections::{ModelSection, Number, StateSection};
use crate::genetic::{Parts, Shape};
use moves::LOG2;
use moves::walk::{Domains, Mix};
use timetable::{Board, BoardTables, NONE, Problem, Timetable};

/// Words of 32 bits, in sections that begin at multiples of 16 bytes.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) words: Vec<u32>,
    pub(crate) at: [u32; ModelSection::COUNT],
}

/// Where the sections of a state begin, in words.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Layout {
    pub(crate) at: [u32; StateSection::COUNT],
    /// Words of a state.
    pub(crate) words: u32,
}

/// Places that a request has at most, on a device.
const MOST_PLACES: u32 = 32;
/// Changes that are listed, see `kernels/keep.h`.
const CHANGES: usize = 256;
/// Words of `Counts` in `kernels/model.h`.
const COUNTS: usize = 16;

/// Why a problem is not for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// A course with more subparts than kernels hold.
    #[error("a course of {0} subparts is more than kernels hold")]
    Subparts(u32),
    /// Tables that 32 bits cannot address.
    #[error("its tables are more than 4 G words")]
    Tables,
}

impl Model {
    /// For timetables like `start` (which tells what students take where they cannot choose).
    ///
    /// # Errors
    /// Where the problem is too large for kernels.
    pub(crate) fn new(
        problem: &Problem,
        empty: &Board<'_>,
        domains: &Domains,
        (mix, parts, shape): (&Mix, &Parts, &Shape),
        start: &Timetable,
    ) -> Result<Model, TooLarge> {
        if let Some(r) = problem.requests().iter().find(|r| r.slots.len > MOST_PLACES) {
            return Err(TooLarge::Subparts(r.slots.len));
        }
        use ModelSection as S;
        let mut t = empty.tables();
        number_hard(&mut t, &shape.hard);
        let mut numbers = vec![0; Number::COUNT];
        let mut say = |name: Number, number: usize| numbers[name as usize] = number as u32;
        let meta = problem.meta();
        say(Number::NClasses, problem.classes().len());
        say(Number::NRooms, problem.rooms().len());
        say(Number::NHard, shape.hard.len());
        say(Number::NCells, t.cells as usize);
        say(Number::NSlots, meta.slots as usize);
        say(Number::NWeeks, meta.weeks as usize);
        say(Number::NGroups, t.groups.len() / 12);
        say(Number::NTallies, t.tallies as usize);
        // Without cells there is no table of clashes.
        let clashes = if t.cells == 0 { 0 } else { most_clashes(&t.clash_ends, &t.clashes) };
        say(Number::ClashBytes, bytes_for(clashes));
        let lectures = t.groups.chunks_exact(12).filter(|g| g[7] != NONE).map(|g| g[3] - g[2]);
        say(Number::TallyBytes, bytes_for(lectures.max().unwrap_or(0).into()));
        say(Number::WeekIsWord, t.week_is_word.into());
        say(Number::StudentsInClashes, t.students_in_clashes.into());
        say(Number::StudentConflictsHard, meta.student_conflicts_hard as usize);
        say(Number::StudentWeight, meta.student_weight as usize);
        say(Number::DistributionWeight, meta.distribution_weight as usize);
        say(Number::LongestWay, t.longest_way as usize);
        say(Number::NRequests, problem.requests().len());
        say(Number::NStudents, problem.students().len());
        say(Number::NPlaces, problem.enrolment_slots());
        say(Number::NRowPlaces, shape.places);
        say(Number::NMovable, domains.movable.len());
        say(Number::NChoosable, domains.choosable.len());
        say(Number::NParts, parts.len());
        for (low, number) in [
            (Number::SingleDayLow, t.single_day.0),
            (Number::LongRunLow, t.long_run.0),
            (Number::EmptyHardLow, t.empty.0),
            (Number::EmptyPenaltyLow, t.empty.1),
        ] {
            numbers[low as usize] = number as u32;
            numbers[low as usize + 1] = (number >> 32) as u32;
        }
        let [rooms, places, _] = shape.ends();
        for (name, number) in [
            (Number::SingleDayHard, t.single_day.1 as u32),
            (Number::LongRunHard, t.long_run.1 as u32),
            (Number::LongRunLength, t.long_run.2),
            (Number::RowBytes, shape.row() as u32),
            (Number::RowRooms, rooms as u32),
            (Number::RowPlaces, places as u32),
            (Number::RowWeights, shape.weights().start as u32),
            (Number::TimeBytes, shape.time.bytes() as u32),
            (Number::RoomBytes, shape.room.bytes() as u32),
            (Number::PlaceBytes, shape.place.bytes() as u32),
            (Number::MixStudents, mix.students),
            (Number::MixRoom, mix.room),
            (Number::MixTime, mix.time),
            (Number::MixFollow, mix.follow),
            (Number::MixKempe, mix.kempe),
            (Number::MixFree, mix.free),
        ] {
            numbers[name as usize] = number;
        }
        let times = positions(problem.class_ids().map(|c| problem.times_of(c).iter().map(|o| o.time).collect()));
        let rooms = positions(problem.class_ids().map(|c| problem.rooms_of(c).iter().map(|o| o.room).collect()));
        // Where everyone has one way, the board goes it by itself.
        let fixed = match (shape.places, t.students_in_clashes) {
            (0, true) => empty.timetable().enrolment,
            (0, false) => start.enrolment.clone(),
            _ => Vec::new(),
        };
        let (alike_ends, alike) = domains.linked.words();
        let (taker_ends, takers) = domains.all_takers();
        let (class_lists, request_lists) = parts.lists();
        let sections: [(S, &[u32]); S::COUNT] = [
            (S::Numbers, &numbers),
            (S::Times, &t.times),
            (S::Classes, &t.classes),
            (S::TimeOptions, &t.time_options),
            (S::RoomOptions, &t.room_options),
            (S::Blocked, &t.blocked),
            (S::UnavailableEnds, &t.unavailable_ends),
            (S::Unavailable, &t.unavailable),
            (S::Travel, &t.travel),
            (S::ClashEnds, &t.clash_ends),
            (S::Clashes, &t.clashes),
            (S::ClashSources, &t.clash_sources),
            (S::RunEnds, &t.run_ends),
            (S::Runs, &t.runs),
            (S::Pairs, &t.pairs),
            (S::Groups, &t.groups),
            (S::Members, &t.members),
            (S::GroupsOfEnds, &t.groups_of_ends),
            (S::GroupsOf, &t.groups_of),
            (S::OtherGroupsEnds, &t.other_groups_ends),
            (S::OtherGroups, &t.other_groups),
            (S::IsolatedEnds, &t.isolated_ends),
            (S::Isolated, &t.isolated),
            (S::Courses, &t.courses),
            (S::Configs, &t.configs),
            (S::Subparts, &t.subparts),
            (S::Requests, &t.requests),
            (S::StudentPlaces, &t.student_places),
            (S::PlaceStudents, &t.place_students),
            (S::FixedPlaces, &fixed),
            (S::AlikeEnds, alike_ends),
            (S::Alike, &alike),
            (S::TimePositionEnds, &times.0),
            (S::TimePositions, &times.1),
            (S::RoomPositionEnds, &rooms.0),
            (S::RoomPositions, &rooms.1),
            (S::Movable, &domains.movable),
            (S::Choosable, &domains.choosable),
            (S::TakerEnds, taker_ends),
            (S::Takers, takers),
            (S::Log2, &LOG2.map(u32::from)),
            (S::PartClassEnds, &class_lists.ends),
            (S::PartClasses, &class_lists.items),
            (S::PartRequestEnds, &request_lists.ends),
            (S::PartRequests, &request_lists.items),
            (S::Firsts, &shape.firsts),
        ];
        let total: usize = sections.iter().map(|(_, list)| list.len().next_multiple_of(4)).sum();
        if u32::try_from(total).is_err() {
            return Err(TooLarge::Tables);
        }
        let mut words = Vec::with_capacity(total);
        let mut at = [0; S::COUNT];
        for (section, list) in sections {
            at[section as usize] = words.len() as u32;
            words.extend_from_slice(list);
            words.resize(words.len().next_multiple_of(4), 0);
        }
        Ok(Model { words, at })
    }

    /// Counts of two bytes, however small they are.
    #[cfg(test)]
    pub(crate) fn widen(&mut self) {
        self.words[Number::ClashBytes as usize] = 2;
        self.words[Number::TallyBytes as usize] = 2;
    }

    /// The layout of a state of this model.
    ///
    /// # Errors
    /// Where a state would be larger than 4 G words.
    pub(crate) fn layout(&self) -> Result<Layout, TooLarge> {
        use StateSection as S;
        let number = |name: Number| self.words[name as usize] as usize;
        let (n, rooms, cells) = (number(Number::NClasses), number(Number::NRooms), number(Number::NCells));
        let (places, row_places) = (number(Number::NPlaces), number(Number::NRowPlaces));
        let (tallies, requests) = (number(Number::NTallies), number(Number::NRequests));
        let if_students = if places == 0 { 0 } else { n };
        let sizes: [(S, usize); S::COUNT] = [
            (S::Counts, COUNTS),
            (S::Weights, (number(Number::NHard) + rooms).div_ceil(4)),
            (S::Spots, n),
            (S::TimeIds, n),
            (S::RoomIds, n),
            (S::RoomHeads, rooms * cells.max(1)),
            (S::RoomNext, n),
            (S::ClashTable, (n * cells * number(Number::ClashBytes)).div_ceil(4)),
            (S::Held, 2 * tallies),
            (S::Shared, 2 * tallies),
            (S::TallyCounts, number(Number::WeekIsWord) * 16 * number(Number::TallyBytes) * tallies),
            (S::Totals, 2 * number(Number::NGroups)),
            (S::Enrolment, places),
            (S::StudentHeads, if_students),
            (S::PlaceNext, places),
            (S::PlaceBefore, places),
            (S::Sizes, if_students),
            (S::Unplaced, n),
            (S::BestSpots, n),
            (S::BestPlaces, row_places),
            (S::ChangedClasses, CHANGES),
            (S::ChangedRequests, CHANGES),
            (S::Verdicts, 32),
            (S::Links, 2 * n),
            (S::OldPlaces, row_places),
            (S::Enrolled, if row_places == 0 { 0 } else { requests }),
        ];
        let mut at = [0; S::COUNT];
        let mut words = 0usize;
        for (section, size) in sizes {
            at[section as usize] = words as u32;
            words += size.next_multiple_of(4);
        }
        let words = u32::try_from(words).map_err(|_| TooLarge::Tables)?;
        Ok(Layout { at, words })
    }
}

/// In the place of each hard constraint its position among these, as rows and states count them.
fn number_hard(t: &mut BoardTables, hard: &[u32]) {
    let number = |c: &mut u32| *c = hard.binary_search(c).map_or(NONE, |position| position as u32);
    t.pairs.chunks_exact_mut(4).for_each(|pair| number(&mut pair[3]));
    t.groups.chunks_exact_mut(12).for_each(|group| number(&mut group[11]));
    t.isolated.chunks_exact_mut(4).for_each(|group| number(&mut group[1]));
    t.clash_sources.iter_mut().for_each(number);
}

/// Bytes of a count that may get so high; a board keeps no tables of what two bytes do not hold.
fn bytes_for(most: u64) -> usize {
    assert!(most <= u16::MAX.into(), "a count of {most} in two bytes");
    if most < 256 { 1 } else { 2 }
}

/// The most that the clashes of a class at one time can add up to, of all classes.
fn most_clashes(ends: &[u32], clashes: &[u32]) -> u64 {
    let each = |w: &[u32]| clashes[2 * w[0] as usize..2 * w[1] as usize].chunks_exact(2);
    let of = |w: &[u32]| each(w).map(|clash| u64::from(clash[1])).sum();
    ends.windows(2).map(of).max().unwrap_or(0)
}

/// Keys of many lists with their positions, each list sorted by key; and where the lists begin, in
/// pairs.
fn positions(lists: impl Iterator<Item = Vec<u32>>) -> (Vec<u32>, Vec<u32>) {
    let (mut ends, mut words) = (vec![0], Vec::new());
    for list in lists {
        let mut pairs: Vec<(u32, u32)> = list.into_iter().zip(0..).collect();
        pairs.sort_unstable();
        words.extend(pairs.iter().flat_map(|&(key, k)| [key, k]));
        ends.push(words.len() as u32 / 2);
    }
    debug_assert!(words.iter().all(|&w| w != NONE));
    (ends, words)
}
