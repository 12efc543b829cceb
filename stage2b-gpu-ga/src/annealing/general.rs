//! Problems of any kind: coolings that never leave the valid timetables.

use super::Annealing;
use super::coolings::{Coolings, Found, Walk, room_for, wanted};
use super::race;
use moves::walk::{Chain, Domains, Weights};
use moves::{Draws, Incumbent, Temperature};
use pipeline::{Bytes, Context, StageError};
use std::sync::Arc;
use timetable::{Board, BoardIndex, Problem, Score, Timetable};

/// The second half of the names of these walks.
const STREAM: u32 = 0x2b02;

impl Walk for Chain<'_> {
    fn run(&mut self, proposals: u32, temperature: Temperature) {
        self.run(proposals, temperature);
    }

    fn looked(&self) -> u64 {
        self.evaluated
    }

    fn accepted(&self) -> u64 {
        self.accepted
    }

    fn penalty(&self) -> i64 {
        self.board.score().penalty
    }

    fn best(&self) -> i64 {
        self.incumbent.score().penalty
    }

    fn best_score(&self) -> Score {
        self.incumbent.score()
    }

    fn best_timetable(&mut self, _: &Problem) -> Timetable {
        self.settle();
        self.incumbent.best().clone()
    }

    fn mean_change(&mut self, proposals: u64, back: bool, is_over: &dyn Fn() -> bool) -> f64 {
        let (mix, brought) = (self.mix, self.brought);
        (self.mix.eject, self.mix.group, self.mix.paths) = (0, 0, 0);
        let (mut sum, mut changes, mut last) = (0u64, 0u64, self.board.score().penalty);
        for k in 0..proposals {
            if k % 256 == 255 && is_over() {
                break;
            }
            self.run(1, Temperature::MOST);
            let now = self.board.score().penalty;
            sum += last.abs_diff(now);
            changes += u64::from(last != now);
            last = now;
        }
        (self.mix, self.brought) = (mix, brought);
        if back {
            self.go_to_best();
        }
        sum as f64 / changes.max(1) as f64
    }
}

/// What one walk takes: its board, and the best that it has seen with what has changed since.
pub(super) fn walk_bytes(problem: &Problem) -> u64 {
    Board::max_bytes(problem) + Incumbent::max_bytes(problem) + 4 * problem.classes().len() as u64 + 4096
}

/// What walks share, and what is returned.
pub(super) fn shared_bytes(problem: &Problem) -> u64 {
    let timetable = 4 * (problem.classes().len() + problem.enrolment_slots()) as u64;
    // What is returned, and what each heat begins with.
    BoardIndex::max_bytes(problem) + Domains::max_bytes(problem) + 2 * timetable
}

/// Anneals from a timetable in which nothing hard is violated; classes that are not placed come in
/// first. What it finds is not whole where they do not.
///
/// # Errors
/// Where the memory for one walk is refused.
pub(super) fn anneal(
    annealing: &Annealing,
    problem: &Problem,
    start: &Timetable,
    bound: i64,
    ctx: &Context,
) -> Result<Found, StageError> {
    let _shared = ctx.ledger.reserve("annealing", Bytes::new(shared_bytes(problem)))?;
    let one = Bytes::new(walk_bytes(problem));
    let (walks, mut promised) = room_for(wanted(annealing.chains, ctx), one, ctx)?;
    let coolings = Coolings::new(problem, ctx, walks, bound, annealing.settings);
    let domains = Domains::new(problem);
    let board = Board::with(problem, Arc::new(BoardIndex::new(problem)), start);
    if board.score().hard > 0 {
        return Ok(Found::nothing(0));
    }
    let mix = annealing.settings.mix(&domains).with_chains();
    let draws = |i: usize| Draws::new(ctx.seed, [i as u32, STREAM]);
    let chain = |board, i| Chain::new(board, &domains, draws(i), Weights::FIRM, mix);
    let mut walks: Vec<Chain<'_>> = (1..walks).map(|i| chain(board.clone(), i)).collect();
    walks.push(chain(board, 0));
    coolings.each(&mut walks, |_, walk| race::fill(&coolings, walk));
    if walks.iter().any(|walk| walk.unplaced.is_empty()) {
        walks.retain(|walk| walk.unplaced.is_empty());
        race::run(&coolings, &mut walks, |n| {
            promised.shrink(promised.bytes().saturating_sub(one.times(n)));
        });
    }
    Ok(coolings.found(walks.iter_mut()))
}
