//! Timeslot problems: coolings by complete chains.

use super::Annealing;
use super::coolings::{Coolings, Found, Walk, room_for, wanted};
use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::{Draws, Temperature};
use pipeline::{Bytes, Context, StageError};
use timetable::{Problem, Timetable};

/// The second half of the names of these walks.
const STREAM: u32 = 0x2b01;

impl Walk for SlotWalk<'_> {
    fn run(&mut self, proposals: u32, temperature: Temperature) {
        self.run(proposals, temperature);
    }

    fn looked(&self) -> u64 {
        self.proposals()
    }

    fn accepted(&self) -> u64 {
        self.accepted()
    }

    fn penalty(&self) -> i64 {
        self.board().penalty()
    }

    fn best(&self) -> i64 {
        self.best()
    }

    fn best_timetable(&mut self, problem: &Problem) -> Timetable {
        SlotWalk::best_timetable(self, problem)
    }

    fn mean_change(&mut self, proposals: u64, back: bool, is_over: &dyn Fn() -> bool) -> f64 {
        let before = back.then(|| self.board().clone());
        let change = self.mean_change(proposals, is_over);
        if let Some(before) = before {
            self.go_on_from(&before);
        }
        change
    }
}

/// Anneals a timeslot problem.
///
/// # Errors
/// Where the memory for one walk is refused.
pub(super) fn anneal(
    annealing: &Annealing,
    problem: &Problem,
    slots: &SlotProblem,
    start: &Timetable,
    bound: i64,
    ctx: &Context,
) -> Result<Found, StageError> {
    let (walks, _promised) = room_for(wanted(annealing.chains, ctx), Bytes::new(SlotWalk::max_bytes(slots)), ctx)?;
    let coolings = Coolings::new(problem, ctx, walks, bound, annealing.settings);
    let begin = SlotBoard::with(slots, problem, start);
    let (most, ctx, begin) = (coolings.most_to_fill(), ctx, &begin);
    let is_late = || coolings.is_late_to_fill();
    let one = |i: usize| -> Option<SlotWalk<'_>> {
        let mut walk = SlotWalk::new(begin.clone(), Draws::new(ctx.seed, [i as u32, STREAM]));
        walk.change_rooms_alone(annealing.settings.room);
        if !begin.is_whole() {
            let is_whole = walk.fill(most, &is_late);
            coolings.add(walk.proposals());
            if !is_whole {
                return None;
            }
        }
        Some(walk)
    };
    Ok(coolings.run(one))
}
