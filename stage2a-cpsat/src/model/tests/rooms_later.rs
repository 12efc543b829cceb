//! Times first and rooms afterwards: as good as both together, and never a room too few.

use super::*;

/// Classes whose lists of rooms hold each other or have nothing in common; with `crossed`, one that
/// breaks that.
fn nested(seed: u64, crossed: bool) -> Problem {
    let mut d = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: "nested".into(),
        weeks: 1,
        days: 3,
        slots: 3,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 0,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let time = |b: &mut ProblemBuilder, d: &mut Rng| b.time(1, 1 << d.below(3), d.below(3) as u16, 1);
    let mut rooms = Vec::new();
    for r in 0..4 {
        let never: Vec<TimeId> = (0..d.below(4)).map(|_| time(&mut b, &mut d)).collect();
        rooms.push(b.room(&format!("r{r}"), 10, &never, &[]));
    }
    let lists = [&[0, 1, 2, 3][..], &[0, 1], &[1], &[2, 3], &[]];
    b.course("c");
    b.config("g");
    b.subpart("s");
    let mut classes = Vec::new();
    for k in 0..12 {
        let mut times: Vec<(TimeId, u32)> = Vec::new();
        for _ in 0..2 + d.below(5) {
            let t = time(&mut b, &mut d);
            if times.iter().all(|x| x.0 != t) {
                times.push((t, d.below(9) as u32));
            }
        }
        let penalty = d.below(3) as u32;
        let list = if crossed && k == 0 { &[1, 2][..] } else { lists[d.below(lists.len())] };
        let list: Vec<(RoomId, u32)> = list.iter().map(|&r: &usize| (rooms[r], penalty)).collect();
        classes.push(b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &times, rooms: &list }));
    }
    for (kind, penalty) in [(Kind::NotOverlap, None), (Kind::DifferentDays, Some(3)), (Kind::MaxDays, Some(4))] {
        let mine: Vec<ClassId> = classes.iter().copied().filter(|_| d.chance(30)).collect();
        if mine.len() > 1 {
            let params = if kind == Kind::MaxDays { &[1][..] } else { &[] };
            b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes: &mine, times: &[] });
        }
    }
    b.build().expect("a sound problem")
}

#[test]
fn rooms_given_afterwards_are_as_good_as_rooms_in_the_model() {
    let Some(library) = library() else { return };
    let mut gained = 0;
    for seed in seeds(40) {
        let problem = nested(seed, false);
        let mut rng = Rng::new(seed ^ 0x33);
        let mut board = start(&problem, &mut rng);
        let links = Links::new(&problem);
        let mut classes: Vec<ClassId> = problem.class_ids().collect();
        while classes.len() > 8 {
            classes.swap_remove(rng.below(classes.len()));
        }
        let with = |rooms_later: bool| {
            PartialModel::build(&board, &links, ModelSpec { rooms_later, ..spec(&classes, &[]) }).expect("small")
        };
        let (rooms_later, joint) = (with(true), with(false));
        assert!(
            rooms_later.rooms_later.is_some() && joint.rooms_later.is_none() && rooms_later.is_whole(),
            "seed {seed}"
        );
        assert!(rooms_later.variables() < joint.variables(), "seed {seed}");
        let before = board.score();
        let now: Vec<(ClassId, Placement)> =
            rooms_later.classes().map(|class| (class, board.placement(class))).collect();
        let mut best = Vec::new();
        for part in [&rooms_later, &joint] {
            let answer = solve(&library, part.model.proto());
            assert_eq!(answer.status(), CpSolverStatus::Optimal, "seed {seed}");
            best.push(moved(&mut board, &part.read(&answer).expect("a solution of this model").places));
            moved(&mut board, &now);
        }
        assert_eq!(best[0], best[1], "seed {seed}: {before} before");
        assert!(best[0] <= before, "seed {seed}: {before} before");
        gained += u32::from(best[0] < before);
    }
    assert!(gained > 20, "{gained}: too little was free to be told apart");
}

#[test]
fn where_counting_is_not_enough_rooms_are_in_the_model() {
    let problem = nested(1, true);
    let board = start(&problem, &mut Rng::new(1));
    let classes: Vec<ClassId> = problem.class_ids().collect();
    let spec = ModelSpec { rooms_later: true, ..spec(&classes, &[]) };
    assert!(PartialModel::build(&board, &Links::new(&problem), spec).expect("small").rooms_later.is_none());
}
