//! The conflict graph held against all pairs, and the stages over it.

use pipeline::*;
use stage1_louvain::*;
use std::{collections::BTreeMap, sync::Arc};
use timetable::*;

/// Memory enough for any of these graphs.
fn roomy() -> Ledger {
    Ledger::new(Bytes::gb(1), Bytes::ZERO)
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

/// A few courses of every structure (at most `most` subparts, as many classes in each), students,
/// constraints hard and soft, rooms that are contested.
fn random_problem(seed: u64, size: u32, most: u32) -> Problem {
    let r = &mut Random(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: "random".into(),
        weeks: 1,
        days: 5,
        slots: 10,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1 + r.below(3),
        student_weight: 1 + r.below(3),
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let time = b.time(1, 1, 0, 1);
    let rooms: Vec<RoomId> = (0..6).map(|i| b.room(&format!("r{i}"), 9, &[], &[])).collect();
    let (mut classes, mut courses) = (Vec::new(), Vec::new());
    for c in 0..size {
        courses.push(b.course(&format!("course {c}")));
        for _ in 0..1 + r.below(2) {
            b.config("");
            let mut above: Vec<ClassId> = Vec::new();
            for _ in 0..1 + r.below(most) {
                b.subpart("");
                let here: Vec<ClassId> = (0..1 + r.below(most))
                    .map(|_| {
                        let first = r.below(6) as usize;
                        let few: Vec<_> = (0..r.below(5) as usize).map(|k| (rooms[(first + k) % 6], 0)).collect();
                        let class = b.class(ClassSpec { name: "c", limit: None, times: &[(time, 0)], rooms: &few });
                        if !above.is_empty() && r.below(2) == 0 {
                            b.set_parent(class, above[r.below(above.len() as u32) as usize]);
                        }
                        class
                    })
                    .collect();
                classes.extend(&here);
                above = here;
            }
        }
    }
    for _ in 0..size {
        let kinds = [Kind::TeacherClash, Kind::SameRoom, Kind::MaxDays, Kind::CurriculumClash, Kind::Availability];
        let kind = kinds[r.below(5) as usize];
        let mut some: Vec<ClassId> =
            (0..2 + r.below(4)).map(|_| classes[r.below(classes.len() as u32) as usize]).collect();
        some.sort_unstable();
        some.dedup();
        let penalty = (r.below(2) == 0).then(|| r.below(60));
        let params: &[u32] = if kind == Kind::MaxDays { &[2] } else { &[] };
        b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes: &some, times: &[] });
    }
    for _ in 0..3 * size {
        let mut taken: Vec<CourseId> = courses.iter().copied().filter(|_| r.below(3) == 0).collect();
        taken.dedup();
        b.student("", &taken);
    }
    b.build().expect("a sound problem")
}

/// Everyone enrolled somewhere, proper or not.
fn random_timetable(problem: &Problem, seed: u64) -> Timetable {
    let r = &mut Random(seed);
    let mut timetable = Timetable::empty(problem);
    let n = problem.classes().len() as u32;
    timetable.enrolment.iter_mut().for_each(|class| *class = if r.below(4) == 0 { NONE } else { r.below(n) });
    timetable
}

/// Weight between two classes by looking at everything.
fn slow_weight(p: &Problem, timetable: Option<&Timetable>, a: u32, b: u32) -> u64 {
    let mut weight = 0;
    for (i, row) in p.constraints().iter().enumerate() {
        let whole = if row.hard == 1 {
            HARD
        } else {
            let cost = u64::from(row.penalty) * u64::from(p.meta().distribution_weight);
            (UNIT * cost / u64::from(p.meta().student_weight)).clamp(UNIT / 4, HARD)
        };
        let each = match p.kind_of(ConstraintId::new(i)).shape() {
            Shape::Pair => whole,
            Shape::Group => whole / 2,
            _ => 0,
        };
        let count = |class: u32| p.classes_of(ConstraintId::new(i)).iter().filter(|&&c| c == class).count() as u64;
        weight += each * count(a) * count(b);
    }
    let rooms = |class: u32| p.rooms_of(ClassId(class)).iter().map(|option| option.room).collect::<Vec<_>>();
    let (ra, rb) = (rooms(a), rooms(b));
    if ra.len() <= 3 && rb.len() <= 3 {
        weight += UNIT / 2 * ra.iter().filter(|room| rb.contains(room)).count() as u64;
    }
    weight + slow_students(p, timetable, a, b)
}

fn slow_students(p: &Problem, timetable: Option<&Timetable>, a: u32, b: u32) -> u64 {
    if let Some(timetable) = timetable {
        let takes = |student: &StudentRow, class: u32| {
            student.requests.indexes().any(|q| timetable.taken(p, RequestId(q)).any(|c| c.0 == class))
        };
        return UNIT * p.students().iter().filter(|s| takes(s, a) && takes(s, b)).count() as u64;
    }
    let (ca, cb) = (p.course_of(ClassId(a)).0, p.course_of(ClassId(b)).0);
    let wants = |s: &&StudentRow, course: u32| p.requests()[s.requests.range()].iter().any(|q| q.course == course);
    let students = p.students().iter().filter(|s| wants(s, ca) && wants(s, cb)).count() as u64;
    let subpart = |class: u32| p.classes()[class as usize].subpart;
    let alternatives = |class: u32| u64::from(p.subparts()[subpart(class) as usize].classes.len);
    let configs = |course: u32| u64::from(p.courses()[course as usize].configs.len);
    if students == 0 {
        return 0;
    }
    if ca != cb {
        return (students * UNIT / (alternatives(a) * configs(ca) * alternatives(b) * configs(cb))).max(1);
    }
    if p.config_of(ClassId(a)) != p.config_of(ClassId(b)) || subpart(a) == subpart(b) {
        return 0;
    }
    let mut chains = [vec![a], vec![b]];
    for chain in &mut chains {
        while let Some(up) = Some(p.classes()[chain[chain.len() - 1] as usize].parent).filter(|&up| up != NONE) {
            chain.push(up);
        }
    }
    let expected = students * UNIT / configs(ca);
    if chains[0].contains(&b) {
        return (expected / alternatives(a)).max(1);
    }
    if chains[1].contains(&a) {
        return (expected / alternatives(b)).max(1);
    }
    let never = chains[0].iter().any(|&x| chains[1].iter().any(|&y| x != y && subpart(x) == subpart(y)));
    if never { 0 } else { (expected / (alternatives(a) * alternatives(b))).max(1) }
}

#[test]
fn the_graph_is_that_of_looking_at_all_pairs() {
    let mut edges = 0;
    for seed in 0..60 {
        let problem = random_problem(seed, 4, 2);
        let enrolled = random_timetable(&problem, seed);
        for timetable in [None, Some(&enrolled)] {
            let graph = ConflictGraph::build(&problem, timetable, &roomy(), &|| false).expect("there is enough");
            let found: BTreeMap<(u32, u32), u64> = graph.csr().edges().map(|(a, b, w)| ((a, b), w)).collect();
            for a in 0..problem.classes().len() as u32 {
                for b in a + 1..problem.classes().len() as u32 {
                    let expected = slow_weight(&problem, timetable, a, b);
                    assert_eq!(found.get(&(a, b)).copied().unwrap_or(0), expected, "seed {seed}: {a}, {b}");
                }
            }
            edges += found.len();
        }
    }
    assert!(edges > 1_000, "{edges}");
}

#[test]
fn two_large_courses_are_linked_class_by_class_with_the_weight_of_all_their_pairs() {
    let mut b = ProblemBuilder::new(Meta {
        name: "large".into(),
        weeks: 1,
        days: 5,
        slots: 10,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let time = b.time(1, 1, 0, 1);
    let courses = [24u32, 16].map(|classes| {
        let course = b.course("");
        b.config("");
        b.subpart("");
        for _ in 0..classes {
            b.class(ClassSpec { name: "", limit: None, times: &[(time, 0)], rooms: &[] });
        }
        course
    });
    for _ in 0..1_000 {
        b.student("", &courses);
    }
    let problem = b.build().expect("a sound problem");
    let csr = ConflictGraph::build(&problem, None, &roomy(), &|| false).expect("there is enough").csr().clone();
    assert_eq!(csr.edge_count(), 24 * 2);
    // 1,000 students, each in one class of either.
    let share = csr.total() as f64 / (1_000 * UNIT) as f64;
    assert!((share - 1.0).abs() < 0.01, "{share}");
}

/// One course for each class; `groups` are teachers.
fn with_teachers(classes: u32, groups: &[Vec<u32>]) -> Problem {
    let mut b = ProblemBuilder::new(Meta {
        name: "teachers".into(),
        weeks: 1,
        days: 5,
        slots: 10,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::CbCtt,
    });
    let time = b.time(1, 1, 0, 1);
    for _ in 0..classes {
        b.course("");
        b.config("");
        b.subpart("");
        b.class(ClassSpec { name: "", limit: None, times: &[(time, 0)], rooms: &[] });
    }
    for group in groups {
        let classes: Vec<ClassId> = group.iter().map(|&c| ClassId(c)).collect();
        let kind = Kind::TeacherClash;
        b.constraint(ConstraintSpec { kind, name: "", penalty: None, params: &[], classes: &classes, times: &[] });
    }
    b.build().expect("a sound problem")
}

#[test]
fn a_large_group_is_linked_in_a_ring_that_weighs_as_much_as_all_its_pairs() {
    let n = 500u64;
    let problem = with_teachers(500, &[(0..500).collect()]);
    let graph = ConflictGraph::build(&problem, None, &roomy(), &|| false).expect("there is enough");
    assert_eq!(graph.csr().edge_count(), 500 * 24);
    let (ring, pairs) = (graph.csr().total() as f64, (HARD * n * (n - 1) / 2) as f64);
    assert!((ring / pairs - 1.0).abs() < 0.001, "{ring} {pairs}");
    assert_eq!(graph.wide_groups().len(), 1);
}

#[test]
fn clusters_that_share_a_large_group_have_different_colours_even_where_no_edge_links_them() {
    let problem = with_teachers(500, &[(0..500).collect()]);
    let graph = ConflictGraph::build(&problem, None, &roomy(), &|| false).expect("there is enough");
    // Ten pieces of the ring: pieces that are not neighbours have no edge.
    let clusters = finish(&graph, (0..500).map(|class| class / 50).collect());
    let mut colours = clusters.colour.clone();
    colours.sort_unstable();
    assert_eq!(colours, (0..10).collect::<Vec<u32>>());
}

fn run(stage: Box<dyn Stage>, problem: &Arc<Problem>, threads: usize) -> Plan {
    let mut runner = Runner::new(5, Budget::Steps(100));
    runner.threads = threads;
    let steps = [Step { slot: "stage1".into(), stage, share: 0 }];
    let run = runner.run(Plan::new(problem.clone()), &steps, 0, None).expect("a sound plan");
    assert_eq!(run.plan.history[0].outcome, Outcome::Taken);
    run.plan
}

#[test]
fn the_plan_is_the_same_to_the_byte_on_any_number_of_threads() {
    let problem = Arc::new(random_problem(3, 60, 3));
    let plan = |threads| plan_bytes(&run(Box::new(Louvain { min: 10, max: 60 }), &problem, threads));
    assert_eq!(plan(1), plan(3));
}

#[test]
fn the_louvain_stage_says_what_it_found() {
    let problem = Arc::new(random_problem(3, 60, 3));
    let plan = run(Box::new(Louvain { min: 10, max: 60 }), &problem, 2);
    let notes = plan.history[0].notes.join("\n");
    for word in ["clusters of", "modularity", "colours", "edges"] {
        assert!(notes.contains(word), "{notes}");
    }
    assert_eq!(plan.history[0].steps, Some(0), "it leaves the steps to those after it");
}

#[test]
fn components_are_what_shares_nothing() {
    let groups = [vec![0, 1, 2], vec![2, 3], vec![5, 6], (10..110).collect()];
    let problem = Arc::new(with_teachers(120, &groups));
    let clusters = run(Box::new(Components), &problem, 1).clusters.expect("made");
    // {0..3}, {5, 6}, {10..109}, and 4, 7, 8, 9, 110..119 alone.
    assert_eq!(clusters.count, 3 + 4 + 10);
    assert_eq!(clusters.of[..7], [0, 0, 0, 0, 1, 2, 2]);
    assert!(clusters.of[10..110].iter().all(|&c| c == clusters.of[10]));
    assert!(clusters.colour.iter().all(|&c| c == 0));
}

#[test]
fn none_is_one_cluster() {
    let problem = Arc::new(with_teachers(9, &[]));
    let clusters = run(Box::new(NoClusters), &problem, 1).clusters.expect("made");
    assert_eq!((clusters.count, &clusters.of[..], &clusters.colour[..]), (1, &[0; 9][..], &[0][..]));
}

#[test]
fn a_size_range_that_cannot_be_is_an_error() {
    let problem = Arc::new(with_teachers(9, &[]));
    let steps = [Step { slot: "stage1".into(), stage: Box::new(Louvain { min: 9, max: 3 }), share: 0 }];
    let run = Runner::new(5, Budget::Steps(1)).run(Plan::new(problem), &steps, 0, None).expect("a sound plan");
    assert!(matches!(run.plan.history[0].outcome, Outcome::Failed(_)));
}

#[test]
fn a_graph_is_given_up_when_told_to_stop_or_when_there_is_no_memory() {
    let problem = random_problem(5, 40, 6);
    let stopped = ConflictGraph::build(&problem, None, &roomy(), &|| true);
    assert!(matches!(stopped, Err(GraphError::Stopped)));
    let ledger = Ledger::new(Bytes::kb(20), Bytes::ZERO);
    let refused = ConflictGraph::build(&problem, None, &ledger, &|| false);
    assert!(matches!(refused, Err(GraphError::Refused(_))));
    assert_eq!(ledger.held(), Bytes::ZERO, "what was promised is given back");
}
