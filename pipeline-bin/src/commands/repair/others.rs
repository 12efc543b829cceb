//! Other repairs: each lacks a place that the first gives to one of its classes.

use anyhow::Result;
use pipeline::{Budget, Plan, Step};
use scheduler::RunBudget;
use scheduler::Session;
use stage3_rl::{FewestChanges, Order, changed_students};
use std::{sync::Arc, time::Instant};
use timetable::{Amendments, Board, BoardIndex, ClassId, Placement, Problem, Timetable, amend, check};

/// How many are wanted, in what order, and what all of it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) count: usize,
    pub(super) order: Order,
    pub(super) spend: RunBudget,
}

/// Classes of which the new place is left out, one at a time.
const TRIED: usize = 8;

/// The best of them, best first; all are valid, and no two are the same.
pub(super) fn find(
    session: &Session,
    now: &Arc<Problem>,
    home: &Timetable,
    first: &Timetable,
    wanted: Wanted,
) -> Result<Vec<Timetable>> {
    if wanted.count == 0 {
        return Ok(Vec::new());
    }
    let ways = without(now, home, first);
    let mut found: Vec<(Rank, Timetable)> = Vec::new();
    for (k, change) in ways.iter().enumerate() {
        let budget = match wanted.spend {
            RunBudget::Steps(steps) => Budget::Steps(steps),
            RunBudget::Time(time) => {
                let begun = Instant::now();
                let left = (session.started + time.0).saturating_duration_since(begun);
                Budget::Until(begun + left / (ways.len() - k) as u32)
            }
        };
        if let Some(other) = repaired(session, now, home, change, wanted.order, budget)? {
            let is_new = *first != other && found.iter().all(|(_, one)| *one != other);
            if is_new && check(now, &other).score.is_valid() {
                found.push((rank(now, home, &other, wanted.order), other));
            }
        }
        if session.cancel.is_cancelled() {
            break;
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(wanted.count);
    Ok(found.into_iter().map(|(_, other)| other).collect())
}

/// What is compared: times where they count first, classes, students, penalty.
type Rank = ((u32, u32), usize, i64);

fn rank(now: &Problem, home: &Timetable, other: &Timetable, order: Order) -> Rank {
    (order.changes(home, other), changed_students(now, home, other), check(now, other).score.penalty)
}

/// A change for each of some classes that the first repair moves: it cannot have its new time, or,
/// where that is the old one, its new room. Those that have to move come first.
fn without(now: &Problem, home: &Timetable, first: &Timetable) -> Vec<Amendments> {
    let board = Board::with(now, Arc::new(BoardIndex::new(now)), first);
    let (before, after) = (|c: ClassId| home.placements[c.index()], |c: ClassId| first.placements[c.index()]);
    let mut moved: Vec<ClassId> = now.class_ids().filter(|&c| before(c) != after(c) && after(c).is_placed()).collect();
    moved.sort_by_key(|&c| before(c).is_placed() && !board.is_forbidden(c, before(c)));
    let change = |&c: &ClassId| {
        let (was, is) = (before(c), after(c));
        let other_time = !was.is_placed() || was.time != is.time;
        Amendments {
            without_time: other_time.then_some((c, is.time)).into_iter().collect(),
            without_room: (!other_time).then_some((c, is.room)).into_iter().collect(),
            ..Amendments::default()
        }
    };
    moved.iter().take(TRIED).map(change).collect()
}

/// A repair after this change, too, as a timetable of the problem without it.
fn repaired(
    session: &Session,
    now: &Arc<Problem>,
    home: &Timetable,
    change: &Amendments,
    order: Order,
    budget: Budget,
) -> Result<Option<Timetable>> {
    let amended = amend(now, change)?;
    let there = amended.carry(now, home);
    let problem = Arc::new(amended.problem);
    let score = check(&problem, &there).score;
    let step = Step { slot: "stage3".into(), stage: Box::new(FewestChanges { order }), share: 1 };
    let plan = Plan::new(problem).with_timetable(there, score);
    let run = session.within(plan, &[step], budget, Arc::new(pipeline::NoProgress))?;
    let Some(mut other) = run.plan.timetable else { return Ok(None) };
    for &(class, gone) in &change.without_room {
        let at = &mut other.placements[class.index()];
        if at.room != Placement::NO_ROOM && at.room >= gone {
            at.room += 1;
        }
    }
    Ok(Some(other))
}
