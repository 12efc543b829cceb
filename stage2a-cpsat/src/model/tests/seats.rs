//! What students are given, in the model and on the board.

use super::*;

/// Random other classes for a request: a proper choice, as the model wants it.
fn proper(problem: &Problem, board: &Board<'_>, request: RequestId, full: bool, rng: &mut Rng) -> Vec<u32> {
    let mut all = Vec::new();
    let (mut rank, width) = (|_: u32| 0, problem.requests()[request.index()].slots.len as usize);
    Seats::new(problem).ways(board, request, full, 500, &mut rank, &mut |way| {
        all.extend_from_slice(way);
        true
    });
    let ways: Vec<&[u32]> = all.chunks(width.max(1)).collect();
    if ways.is_empty() { board.taken(request).to_vec() } else { ways[rng.below(ways.len())].to_vec() }
}

/// Puts classes and students where they are said to be; those of before, and the score.
type Moves = (Vec<(ClassId, Placement)>, Vec<(RequestId, Vec<u32>)>);

fn put(board: &mut Board<'_>, (places, taken): &Moves) -> Score {
    taken.iter().for_each(|(request, to)| _ = board.enrol(*request, to));
    moved(board, places)
}

/// Returns whether students were given other classes than they had, and that was better.
fn agree(library: &Library, seed: u64, shape: Shape) -> bool {
    let problem = problem_with(seed, shape, &[]);
    let what = format!("seed {seed} {shape:?}");
    let mut rng = Rng::new(seed ^ 0x77);
    let mut board = start(&problem, &mut rng);
    for request in (0..problem.requests().len()).map(RequestId::new) {
        board.enrol(request, &vec![NONE; board.taken(request).len()]);
    }
    for request in (0..problem.requests().len()).map(RequestId::new) {
        let to = proper(&problem, &board, request, false, &mut rng);
        board.enrol(request, &to);
    }
    let links = Links::new(&problem);
    let mut classes: Vec<ClassId> = problem.class_ids().collect();
    while classes.len() > 4 {
        classes.swap_remove(rng.below(classes.len()));
    }
    let mut requests: Vec<RequestId> = (0..problem.requests().len()).map(RequestId::new).collect();
    requests.retain(|&request| board.is_proper(request));
    while requests.len() > 8 {
        requests.remove(rng.below(requests.len()));
    }
    let part = PartialModel::build(&board, &links, spec(&classes, &requests)).expect("a small model");
    assert!(part.is_whole(), "{what}");
    assert_eq!(part.requests().collect::<Vec<_>>(), requests);
    let before = board.score();
    let now: Moves = (
        part.classes().map(|class| (class, board.placement(class))).collect(),
        requests.iter().map(|&request| (request, board.taken(request).to_vec())).collect(),
    );
    let answer = solve(library, part.model.proto());
    assert_eq!(answer.status(), CpSolverStatus::Optimal, "{what}: {before}");
    let best = part.read(&answer).expect("a solution of this model");
    let best: Moves = (best.places, best.taken);
    let after = put(&mut board, &best);
    assert!(after <= before, "{what}: {before} before, {after} after");
    put(&mut board, &now);
    assert_eq!(board.score(), before, "{what}");
    for round in 0..60 {
        let mut moves = if round % 2 == 0 { now.clone() } else { best.clone() };
        for _ in 0..rng.below(3) {
            let k = rng.below(moves.0.len());
            moves.0[k].1 = placement(&problem, moves.0[k].0, &mut rng);
        }
        for _ in 0..rng.below(4) {
            let k = rng.below(requests.len());
            moves.1[k].1 = proper(&problem, &board, requests[k], true, &mut rng);
        }
        let score = put(&mut board, &moves);
        put(&mut board, &now);
        let at = |class: ClassId| moves.0.iter().find(|(c, _)| *c == class).expect("a free class").1;
        let taken = |request: RequestId| moves.1.iter().find(|(r, _)| *r == request).expect("an open one").1.clone();
        let Some(model) = fixed(&part, at, taken) else { continue };
        let there = solve(library, &model);
        let is_possible = there.status() == CpSolverStatus::Optimal;
        // What is broken before are requests that could not be met: no class is above its limit.
        assert_eq!(is_possible, score.hard <= before.hard, "{what}: {before}, then {score}: {moves:?}");
        if is_possible && score.unplaced == after.unplaced && score.hard == after.hard {
            let saved = (there.objective_value - answer.objective_value).round() as i64;
            assert_eq!(saved, score.penalty - after.penalty, "{what}: {moves:?}, best {best:?}");
        }
        if score.hard <= after.hard {
            assert!(score >= after, "{what}: {score} is better than {after}");
        }
    }
    best.1 != now.1 && after < before
}

#[test]
fn what_students_are_given_costs_the_model_what_it_costs_the_board() {
    let Some(library) = library() else { return };
    let mut better = 0;
    for seed in seeds(20) {
        better += usize::from(agree(&library, seed, Shape { students: true, ..SLOTS }));
        better += usize::from(agree(&library, seed, Shape { students: true, travel: true, ..TIMES }));
    }
    assert!(better > 30, "students were given better classes in {better} of 40");
}
