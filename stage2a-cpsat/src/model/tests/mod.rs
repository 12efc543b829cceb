//! Models against the board, on random problems, for every kind that is modelled exactly. They need
//! OR-Tools, and say so where it is missing.

mod relaxed;
mod rooms_later;
mod seats;

use super::*;
use crate::common::{Rng, Shape, placement, places, problem_with};
use crate::ortools::{Finding, Library, find};
use cp_sat::builder::IntVar;
use cp_sat::proto::{CpModelProto, CpSolverStatus, SatParameters};
use std::{cell::Cell, sync::Arc};
use timetable::*;

#[track_caller]
fn library() -> Option<Library> {
    let Finding::Found(path) = find() else {
        needs::skip(needs::Need::OrTools, "no OR-Tools here (`stagecoach setup` fetches it)");
        return None;
    };
    Some(Library::open(&path).expect("OR-Tools"))
}

fn solve(library: &Library, model: &CpModelProto) -> CpSolverResponse {
    let parameters = SatParameters {
        num_workers: Some(1),
        catch_sigint_signal: Some(false),
        max_time_in_seconds: Some(60.0),
        ..SatParameters::default()
    };
    let answer = library.search().solve(&model.encode_to_vec(), &parameters.encode_to_vec());
    CpSolverResponse::decode(answer.as_slice()).expect("an answer")
}

/// The model with these placements and no others, and what students are given here; `None` where it
/// does not have them.
fn fixed(
    part: &PartialModel,
    at: impl Fn(ClassId) -> Placement,
    taken: impl Fn(RequestId) -> Vec<u32>,
) -> Option<CpModelProto> {
    let mut model = part.model.proto().clone();
    // A solution in which each variable is its own number tells numbers from variables.
    let numbers =
        CpSolverResponse { solution: (0..model.variables.len() as i64).collect(), ..CpSolverResponse::default() };
    let mut fix = |var: BoolVar, value: bool| {
        let number = IntVar::from(var).solution_value(&numbers) as usize;
        model.variables[number].domain = vec![i64::from(value); 2];
    };
    for free in &part.free {
        let to = at(free.class);
        for (choices, position) in [(&free.times, to.time), (&free.rooms, to.room)] {
            choices.iter().for_each(|c| fix(c.var, to.is_placed() && c.position == position));
        }
        let has = |choices: &[Choice], position: u16| choices.iter().any(|c| c.position == position);
        match free.unplaced {
            None if !to.is_placed() => return None,
            unplaced => unplaced.into_iter().for_each(|var| fix(var, !to.is_placed())),
        }
        if to.is_placed() && (!has(&free.times, to.time) || (!free.rooms.is_empty() && !has(&free.rooms, to.room))) {
            return None;
        }
    }
    for open in &part.open {
        let taken = taken(open.request);
        open.seats.iter().for_each(|seat| fix(seat.var, taken.contains(&seat.class)));
    }
    Some(model)
}

fn spec<'a>(classes: &'a [ClassId], requests: &'a [RequestId]) -> ModelSpec<'a> {
    ModelSpec { classes, requests, cut: Cut::NARROW, hint: None, rooms_later: false, stay: None }
}

/// A board with students and as many classes as find a place without breaking a hard rule.
fn start<'p>(problem: &'p Problem, rng: &mut Rng) -> Board<'p> {
    let mut board = Board::new(problem, Arc::new(BoardIndex::new(problem)));
    for request in 0..problem.requests().len() {
        let request = RequestId::new(request);
        let to = places(problem, request, rng);
        board.enrol(request, &to);
    }
    for class in problem.class_ids() {
        for _ in seeds(6) {
            let to = placement(problem, class, rng);
            if board.delta(class, to).hard <= 0 {
                board.apply(class, to);
                break;
            }
        }
    }
    board
}

fn moved(board: &mut Board<'_>, moves: &[(ClassId, Placement)]) -> Score {
    moves.iter().for_each(|(class, _)| _ = board.apply(*class, Placement::NOWHERE));
    moves.iter().for_each(|(class, to)| _ = board.apply(*class, *to));
    board.score()
}

/// The solver's best is as good as the board says and as the model says, and nothing that chance
/// finds is better.
fn agree(library: &Library, seed: u64, shape: Shape, kinds: &[Kind]) {
    let problem = problem_with(seed, shape, kinds);
    let what = format!("seed {seed} {shape:?} {kinds:?}");
    let mut rng = Rng::new(seed ^ 0x51);
    let mut board = start(&problem, &mut rng);
    let links = Links::new(&problem);
    let mut classes: Vec<ClassId> = problem.class_ids().collect();
    while classes.len() > 6 {
        classes.swap_remove(rng.below(classes.len()));
    }
    let part = PartialModel::build(&board, &links, spec(&classes, &[])).expect("a small model");
    assert!(part.is_whole(), "{what}");
    let before = board.score();
    let now: Vec<(ClassId, Placement)> = part.classes().map(|class| (class, board.placement(class))).collect();
    let answer = solve(library, part.model.proto());
    if answer.status() == CpSolverStatus::Infeasible {
        // Rules that unplaced classes break by themselves are not the model's to mend.
        assert!(before.hard > 0, "{what}: no answer");
        return;
    }
    assert_eq!(answer.status(), CpSolverStatus::Optimal, "{what}");
    let best = part.read(&answer).expect("a solution of this model").places;
    let after = moved(&mut board, &best);
    // Where a rule was broken before, a class may have to go to mend it.
    let is_mended = after.hard < before.hard;
    assert!(is_mended || after <= before, "{what}: {before} before, {after} after");
    moved(&mut board, &now);
    assert_eq!(board.score(), before);
    // What those who stay break by themselves: the model has no more.
    let nowhere: Vec<(ClassId, Placement)> = now.iter().map(|&(class, _)| (class, Placement::NOWHERE)).collect();
    let alone = moved(&mut board, &nowhere).hard;
    moved(&mut board, &now);
    // What costs the model costs the board, and the other way round.
    let weight = Cell::new(None);
    let compare = |moves: &[(ClassId, Placement)], score: Score| {
        let at = |class: ClassId| moves.iter().find(|(c, _)| *c == class).expect("a free class").1;
        let Some(model) = fixed(&part, at, |_| Vec::new()) else { return false };
        let there = solve(library, &model);
        let is_possible = there.status() == CpSolverStatus::Optimal;
        if score.hard > alone {
            assert!(!is_possible, "{what}: {alone} broken by those who stay, and the model takes {score}: {moves:?}");
        } else if score.hard == 0 || is_possible {
            assert!(is_possible, "{what}: {before} before, and the model does not take {score}: {moves:?}");
            if score.unplaced == after.unplaced {
                let saved = (there.objective_value - answer.objective_value).round() as i64;
                // What a hard violation costs that those who stay have caused: more than everything
                // soft.
                let (dear, broken) = (saved - (score.penalty - after.penalty), score.hard - after.hard);
                let each = if broken == 0 { 0 } else { weight.get().unwrap_or(dear / broken) };
                assert_eq!(dear, each * broken, "{what}: {moves:?}, best {best:?}");
                assert!(broken == 0 || each > (score.penalty - after.penalty).abs(), "{what}: {each} for a violation");
                weight.set(Some(each).filter(|_| broken != 0).or(weight.get()));
            }
        }
        true
    };
    compare(&now, before);
    for _ in 0..40 {
        let mut moves = now.clone();
        for _ in 0..1 + rng.below(3) {
            let k = rng.below(moves.len());
            moves[k].1 = placement(&problem, moves[k].0, &mut rng);
        }
        let score = moved(&mut board, &moves);
        moved(&mut board, &now);
        // The model mends what is broken, even where a class has to go for it; scores put that the
        // other way round.
        if compare(&moves, score) && score.hard <= after.hard {
            assert!(score >= after, "{what}: {score} is better than {after}");
        }
    }
}

/// How many random problems of each sort (`STAGECOACH_SEEDS`).
fn seeds(default: u64) -> std::ops::Range<u64> {
    0..std::env::var("STAGECOACH_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

const SLOTS: Shape = Shape { units: true, travel: false, students: false, post_enrolment: false };
const TIMES: Shape = Shape { units: false, ..SLOTS };

/// Kinds about students' days; what a long run is where times are no single slots is not modelled.
const OF_STUDENTS: [Kind; 2] = [Kind::StudentSingleClassDay, Kind::StudentLongRun];

/// Kinds about classes.
fn of_classes() -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| !OF_STUDENTS.contains(kind)).collect()
}

#[test]
fn kind_by_kind_the_model_is_the_board() {
    let Some(library) = library() else { return };
    for kind in of_classes() {
        let more = if kind.shape() == timetable::Shape::Group { 4 } else { 1 };
        for seed in seeds(3 * more) {
            agree(&library, seed, SLOTS, &[kind]);
            agree(&library, seed, Shape { travel: true, ..TIMES }, &[kind]);
        }
    }
}

#[test]
fn all_together_the_model_is_the_board() {
    let Some(library) = library() else { return };
    for seed in seeds(12) {
        agree(&library, seed, Shape { travel: true, students: true, ..TIMES }, &of_classes());
        agree(&library, seed, Shape { students: true, ..SLOTS }, &of_classes());
    }
}

#[test]
fn what_students_have_in_a_day_is_in_the_model() {
    let Some(library) = library() else { return };
    for seed in seeds(12) {
        agree(&library, seed, Shape { students: true, post_enrolment: true, ..SLOTS }, &OF_STUDENTS);
        agree(&library, seed, Shape { students: true, ..SLOTS }, &OF_STUDENTS);
        agree(&library, seed, Shape { students: true, ..TIMES }, &OF_STUDENTS[..1]);
    }
}

#[test]
fn what_is_not_modelled_is_never_called_whole() {
    let students = Shape { students: true, ..SLOTS };
    let whole = |shape: Shape, with_requests: bool| {
        let problem = problem_with(1, shape, &[Kind::StudentLongRun]);
        let board = start(&problem, &mut Rng::new(1));
        let requests: Vec<RequestId> = (0..problem.requests().len()).map(RequestId::new).collect();
        let requests = if with_requests { &requests[..1] } else { &[] };
        PartialModel::build(&board, &Links::new(&problem), spec(&[ClassId(0), ClassId(1)], requests))
            .expect("a small model")
            .is_whole()
    };
    assert!(whole(students, false));
    assert!(!whole(students, true), "students who may be given other classes");
    assert!(!whole(Shape { students: true, ..TIMES }, false), "runs of times of any length");
}

#[test]
fn an_answer_for_another_model_is_none() {
    let problem = problem_with(1, SLOTS, &[]);
    let board = start(&problem, &mut Rng::new(1));
    let part = PartialModel::build(&board, &Links::new(&problem), spec(&[ClassId(0), ClassId(1)], &[]))
        .expect("a small model");
    assert!(part.read(&CpSolverResponse::default()).is_none());
}
