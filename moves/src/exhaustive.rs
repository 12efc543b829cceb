//! Small problems, searched to their end: every timetable that could be better is looked at, so
//! that what is found is optimal.

use std::sync::Arc;
use timetable::{
    Board, BoardIndex, ClassId, ConstraintId, Delta, Kind, NONE, Placement, Problem, RequestId, Score, Timetable,
    each_kinds, pair_kinds,
};

/// More classes and requests than this are not tried, nor more places of all classes together.
const MOST_CHOICES: usize = 64;
const MOST_PLACES: usize = 1 << 14;
/// More ways to take a course than this are not listed; nor are more than four times as many on the
/// way to them.
const MOST_WAYS: usize = 64;
/// Changes that are looked at between two questions whether to stop.
const ASKING: u64 = 256;

/// What a search to the end found.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The best valid timetable and its penalty; `None` where none is below the penalty that was
    /// given, or where there is none at all.
    pub best: Option<(Timetable, i64)>,
    /// Changes looked at.
    pub looked: u64,
    /// Whether all was searched: nothing else is valid and costs less.
    pub is_complete: bool,
}

/// Whether it is worth trying: the choices are few.
pub fn is_small(problem: &Problem) -> bool {
    problem.classes().len() + problem.requests().len() <= MOST_CHOICES && all_places(problem) <= MOST_PLACES
}

fn all_places(problem: &Problem) -> usize {
    problem.class_ids().map(|class| places_of(problem, class)).sum()
}

fn places_of(problem: &Problem, class: ClassId) -> usize {
    problem.times_of(class).len() * problem.rooms_of(class).len().max(1)
}

/// Bytes that a search takes at most, beside the index of the board.
pub fn max_bytes(problem: &Problem) -> u64 {
    let way = |slots: u32| 64 + 4 * slots as usize;
    let ways = problem.requests().iter().map(|r| MOST_WAYS * way(r.slots.len)).sum::<usize>();
    let listing = problem.requests().iter().map(|r| 8 * MOST_WAYS * way(r.slots.len)).max().unwrap_or(0);
    let timetables = 8 * (problem.classes().len() + problem.enrolment_slots());
    let places = all_places(problem) * 2 * size_of::<(i64, Placement)>();
    Board::max_bytes(problem) + (ways + listing + timetables + places + MOST_CHOICES * 128) as u64
}

/// One thing to be chosen.
#[derive(Clone, Debug)]
enum Choice {
    Class(ClassId),
    /// With all the ways to take its course.
    Request(RequestId, Vec<Vec<u32>>),
}

struct Search<'p, 'a> {
    board: Board<'p>,
    choices: Vec<Choice>,
    /// Whether what is hard, and what costs, only ever gets more by what is added.
    hard_only_grows: bool,
    penalty_only_grows: bool,
    /// Less than this is looked for.
    below: i64,
    best: Option<(Timetable, i64)>,
    looked: u64,
    /// When so many have been looked at, it is asked again whether to stop.
    ask_at: u64,
    is_stopped: bool,
    most: u64,
    stop: &'a dyn Fn() -> bool,
}

/// Looks for the best timetable that costs less than `below`, for as long as it has looked at no
/// more than `most` changes and is not told to `stop`.
pub fn search(problem: &Problem, index: &Arc<BoardIndex>, below: i64, most: u64, stop: &dyn Fn() -> bool) -> Ended {
    let board = Board::new(problem, Arc::clone(index));
    let Some(choices) = choices(&board) else { return Ended { best: None, looked: 0, is_complete: false } };
    let grows = |hard: bool| {
        (0..problem.constraints().len())
            .map(ConstraintId::new)
            .all(|id| (problem.constraints()[id.index()].hard == 1) != hard || only_grows(problem.kind_of(id)))
    };
    let (hard_only_grows, penalty_only_grows) = (grows(true), grows(false));
    let mut search = Search {
        board,
        choices,
        hard_only_grows,
        penalty_only_grows,
        below,
        best: None,
        looked: 0,
        ask_at: 0,
        is_stopped: false,
        most,
        stop,
    };
    let is_complete = search.go(0);
    Ended { best: search.best, looked: search.looked, is_complete }
}

/// Whether one class more, or one student more, can only add to what a constraint counts.
fn only_grows(kind: Kind) -> bool {
    match kind {
        Kind::MaxBreaks | Kind::MaxBlock | Kind::Gaps | Kind::IsolatedLectures | Kind::MinWorkingDays => false,
        Kind::MaxDays | Kind::MaxDayLoad | Kind::RoomStability | Kind::LunchBreak => true,
        Kind::StudentSingleClassDay => false,
        Kind::StudentLongRun => true,
        pair_kinds!() | each_kinds!() => true,
    }
}

/// Classes, those with the fewest places first, then requests; none where a course can be taken in
/// too many ways.
fn choices(board: &Board<'_>) -> Option<Vec<Choice>> {
    let problem = board.problem();
    let mut classes: Vec<ClassId> = problem.class_ids().collect();
    classes.sort_by_key(|&class| (places_of(problem, class), class));
    let mut choices: Vec<Choice> = classes.into_iter().map(Choice::Class).collect();
    for request in (0..problem.requests().len()).map(RequestId::new) {
        // Where there is no choice the board enrols by itself.
        if !board.is_proper(request) {
            choices.push(Choice::Request(request, ways(problem, request)?));
        }
    }
    Some(choices)
}

/// All ways to take a course as one should.
fn ways(problem: &Problem, request: RequestId) -> Option<Vec<Vec<u32>>> {
    let row = &problem.requests()[request.index()];
    let mut all = Vec::new();
    for config in problem.courses()[row.course as usize].configs.indexes() {
        let subparts = problem.configs()[config as usize].subparts;
        let mut some = vec![vec![NONE; row.slots.len as usize]];
        for (place, subpart) in subparts.indexes().enumerate() {
            let classes = problem.subparts()[subpart as usize].classes;
            let with = |way: &Vec<u32>, class: u32| {
                let mut way = way.clone();
                way[place] = class;
                way
            };
            if some.len() * classes.len as usize > 4 * MOST_WAYS {
                return None;
            }
            some = some.iter().flat_map(|way| classes.indexes().map(move |class| with(way, class))).collect();
        }
        let has_parents = |way: &Vec<u32>| {
            way.iter().filter(|&&c| c != NONE).all(|&c| {
                let parent = problem.classes()[c as usize].parent;
                parent == NONE || way.contains(&parent)
            })
        };
        some.retain(has_parents);
        all.extend(some);
    }
    (all.len() <= MOST_WAYS).then_some(all)
}

impl Search<'_, '_> {
    /// Decides all from this choice on; false where it was cut short.
    fn go(&mut self, at: usize) -> bool {
        if at == self.choices.len() {
            let score = self.board.score();
            if score.is_valid() && score.penalty < self.below {
                self.below = score.penalty;
                self.best = Some((self.board.timetable(), score.penalty));
            }
            return true;
        }
        // Taken out while what follows is decided, and put back.
        let choice = std::mem::replace(&mut self.choices[at], Choice::Class(ClassId(0)));
        let went = self.decide(at, &choice);
        self.choices[at] = choice;
        went && !self.is_over()
    }

    /// Tries all that can be chosen here; false where it was cut short.
    fn decide(&mut self, at: usize, choice: &Choice) -> bool {
        match *choice {
            Choice::Class(class) => {
                let was = self.board.placement(class);
                let Some(places) = self.places(class, at) else { return false };
                for to in places {
                    let delta = self.board.apply(class, to);
                    let went = !self.is_worth(at + 1) || self.go(at + 1);
                    self.board.commit(class, was, -delta);
                    if !went {
                        return false;
                    }
                }
            }
            Choice::Request(request, ref ways) => {
                let was = self.board.taken(request).to_vec();
                for way in ways {
                    self.looked += 1;
                    let delta = self.board.enrol(request, way);
                    let went = !self.is_worth(at + 1) || self.go(at + 1);
                    self.board.commit_enrol(request, &was, -delta);
                    if !went {
                        return false;
                    }
                }
            }
        }
        true
    }

    fn is_over(&mut self) -> bool {
        if self.looked >= self.ask_at {
            self.ask_at = self.looked + ASKING;
            self.is_stopped = (self.stop)();
        }
        self.is_stopped || self.looked > self.most
    }

    /// The places of a class that could still be part of a better timetable, the cheapest first;
    /// none where it is over.
    fn places(&mut self, class: ClassId, at: usize) -> Option<Vec<Placement>> {
        let problem = self.board.problem();
        let rooms = problem.rooms_of(class).len() as u16;
        let rooms = if rooms == 0 { Placement::NO_ROOM..=Placement::NO_ROOM } else { 0..=rooms - 1 };
        let mut places = Vec::new();
        for time in 0..problem.times_of(class).len() as u16 {
            for room in rooms.clone() {
                let to = Placement { time, room };
                self.looked += 1;
                if self.is_over() {
                    return None;
                }
                let delta = self.board.delta(class, to);
                if self.could_be(delta, at + 1) {
                    places.push((delta.penalty, to));
                }
            }
        }
        places.sort_unstable_by_key(|&(penalty, to)| (penalty, to.time, to.room));
        Some(places.into_iter().map(|(_, to)| to).collect())
    }

    /// Whether what is on the board, with so many choices made, could still become something
    /// better.
    fn is_worth(&self, made: usize) -> bool {
        self.could_be(Delta::default(), made)
    }

    fn could_be(&self, delta: Delta, made: usize) -> bool {
        let Score { hard, penalty, .. } = self.board.score();
        // Each request that takes nothing yet counts as one violation.
        let open = self.choices[made..].iter().filter(|c| matches!(c, Choice::Request(..))).count() as i64;
        (!self.hard_only_grows || hard + i64::from(delta.hard) <= open)
            && (!self.penalty_only_grows || penalty + delta.penalty < self.below)
    }
}
