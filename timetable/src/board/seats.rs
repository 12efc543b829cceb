//! Seats: who can still be let into which class, so that everybody gets one class of each subpart
//! and no limit is passed.

use super::Board;
use crate::ids::*;
use crate::problem::Problem;

/// How many students each class can take, counting that each of them needs a seat in a class below
/// it, too.
///
/// Where the classes of a subpart all have parents in one subpart (or none has any), a class's
/// places are the least of its limit and, for each subpart below it, the sum of the places of its
/// children there; then whoever finds a place in a class finds places below it, and enrolling one
/// student after the other never gets stuck. Elsewhere it may, and others have to make room.
#[derive(Clone, Debug)]
pub struct Seats {
    places: Vec<u32>,
}

impl Seats {
    /// From limits and parents.
    pub fn new(problem: &Problem) -> Seats {
        let mut seats = Seats { places: problem.classes().iter().map(|c| c.limit).collect() };
        // The subpart above each subpart, where all its classes agree.
        let above: Vec<Option<u32>> = problem
            .subparts()
            .iter()
            .map(|s| {
                let mut of = problem.classes()[s.classes.range()].iter().map(|c| match c.parent {
                    NONE => None,
                    p => Some(problem.classes()[p as usize].subpart),
                });
                let first = of.next().flatten();
                of.all(|o| o == first).then_some(first).flatten()
            })
            .collect();
        let depth = |mut s: usize| {
            let mut n = 0;
            while let (Some(up), true) = (above[s], n <= above.len()) {
                s = up as usize;
                n += 1;
            }
            n
        };
        let mut order: Vec<usize> = (0..above.len()).filter(|&s| above[s].is_some()).collect();
        order.sort_by_key(|&s| std::cmp::Reverse(depth(s)));
        for s in order {
            let up = above[s].expect("kept those with one") as usize;
            if depth(s) > above.len() {
                continue;
            }
            let mut sums = vec![0u32; problem.subparts()[up].classes.len as usize];
            let first = problem.subparts()[up].classes.first;
            for c in problem.subparts()[s].classes.range() {
                let sum = &mut sums[(problem.classes()[c].parent - first) as usize];
                *sum = sum.saturating_add(seats.places[c]);
            }
            for (parent, sum) in problem.subparts()[up].classes.range().zip(sums) {
                seats.places[parent] = seats.places[parent].min(sum);
            }
        }
        seats
    }

    /// Places of a class, [`NONE`] where there is no limit.
    pub fn places(&self, class: ClassId) -> u32 {
        self.places[class.index()]
    }

    /// Places left in a class.
    pub fn left(&self, board: &Board<'_>, class: u32) -> u32 {
        let taken = board.students_of(ClassId(class)).len() as u32;
        if self.places[class as usize] == NONE { NONE } else { self.places[class as usize].saturating_sub(taken) }
    }

    /// Calls `f` with ways to take a request's course: proper ones, of classes with places left (or
    /// that it is in), or, with `full`, of any classes. Classes come in the order that `rank` gives
    /// them, the lowest first, so that the first way is good; `f` says whether to go on. At most
    /// about `most` classes are tried.
    pub fn ways(
        &self,
        board: &Board<'_>,
        request: RequestId,
        full: bool,
        most: usize,
        rank: &mut dyn FnMut(u32) -> u64,
        f: &mut dyn FnMut(&[u32]) -> bool,
    ) {
        let problem = board.problem();
        let row = problem.requests()[request.index()];
        let course = problem.courses()[row.course as usize];
        let mut configs: Vec<(u64, u32)> = course.configs.indexes().map(|g| (self.fullness(board, g), g)).collect();
        configs.sort_unstable();
        let mut walk =
            Walk { seats: self, board, request, full, left: most, places: vec![NONE; row.slots.len as usize] };
        for (_, config) in configs {
            if !walk.down(config, 0, rank, f) {
                return;
            }
        }
    }

    /// How full a configuration is, in thousandths of its fullest subpart.
    fn fullness(&self, board: &Board<'_>, config: u32) -> u64 {
        let problem = board.problem();
        let subparts = problem.configs()[config as usize].subparts;
        let full = |s: u32| {
            let (mut taken, mut all) = (0u64, 0u64);
            for c in problem.subparts()[s as usize].classes.indexes() {
                taken += board.students_of(ClassId(c)).len() as u64;
                all += u64::from(self.places[c as usize]);
            }
            taken * 1000 / all.max(1)
        };
        subparts.indexes().map(full).max().unwrap_or(0)
    }
}

/// One walk over the ways to take a course, depth first.
struct Walk<'a, 'p> {
    seats: &'a Seats,
    board: &'a Board<'p>,
    request: RequestId,
    full: bool,
    left: usize,
    places: Vec<u32>,
}

impl Walk<'_, '_> {
    /// Chooses for the `k`-th subpart of the configuration and those after it; `false` where all is
    /// to end.
    fn down(
        &mut self,
        config: u32,
        k: usize,
        rank: &mut dyn FnMut(u32) -> u64,
        f: &mut dyn FnMut(&[u32]) -> bool,
    ) -> bool {
        let problem = self.board.problem();
        let subparts = problem.configs()[config as usize].subparts;
        if k == subparts.len as usize {
            return f(&self.places);
        }
        let here = problem.subparts()[subparts.first as usize + k].classes;
        let taken = self.board.taken(self.request);
        let mut options: Vec<(u64, u32)> = here
            .indexes()
            .filter(|&c| self.fits(config, k, c) && (self.full || taken[k] == c || self.seats.left(self.board, c) > 0))
            .map(|c| (rank(c), c))
            .collect();
        options.sort_unstable();
        for (_, class) in options {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            self.places[k] = class;
            if !self.down(config, k + 1, rank, f) {
                return false;
            }
        }
        self.places[k] = NONE;
        true
    }

    /// Whether class `c` goes with what was chosen for the subparts before the `k`-th.
    fn fits(&self, config: u32, k: usize, c: u32) -> bool {
        let problem = self.board.problem();
        let first = problem.configs()[config as usize].subparts.first;
        // With its parent, if that is among those chosen; with those chosen that have their parent
        // here.
        let parent = problem.classes()[c as usize].parent;
        let mine = parent == NONE || {
            let at = problem.classes()[parent as usize].subpart.wrapping_sub(first) as usize;
            at >= k || self.places[at] == parent
        };
        mine && self.places[..k].iter().all(|&b| {
            let up = problem.classes()[b as usize].parent;
            up == NONE || up == c || problem.classes()[up as usize].subpart != first + k as u32
        })
    }
}
