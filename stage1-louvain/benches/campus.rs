//! The conflict graph and clusters of a campus: 1,332 courses, 2,494 sections, about 8,300 classes,
//! 19,058 students, 2,320 teachers.

mod common;

use pipeline::{Bytes, Ledger};
use stage1_louvain::{ConflictGraph, Method, cluster, describe, finish};
use timetable::*;

/// Memory enough for any of these graphs.
fn roomy() -> Ledger {
    Ledger::new(Bytes::gb(1), Bytes::ZERO)
}

fn main() {
    let problem = campus();
    let graph = ConflictGraph::build(&problem, None, &roomy(), &|| false).expect("there is enough");
    let clusters = finish(&graph, cluster(&graph, Method::Louvain, (60, 250), 1, &|| true));
    eprintln!("{} classes", problem.classes().len());
    describe(&graph, &clusters, 60, 250).iter().for_each(|note| eprintln!("{note}"));
    common::compare("campus", graph.csr());
    divan::main();
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

/// Sections are the first subpart; each further session is a subpart whose classes have the section
/// as parent.
fn campus() -> Problem {
    let r = &mut Random(1);
    let mut b = ProblemBuilder::new(Meta {
        name: "campus".into(),
        weeks: 1,
        days: 6,
        slots: 9,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let times: Vec<_> = (0..54).map(|t| (b.time(1, 1 << (t / 9), t % 9, 1), 0)).collect();
    let rooms: Vec<_> = (0..1_147).map(|i| (b.room(&format!("r{i}"), 60, &[], &[]), 0)).collect();
    let (mut courses, mut sections) = (Vec::new(), Vec::new());
    for c in 0..1_332u32 {
        courses.push(b.course(""));
        b.config("");
        let (count, sessions) = (if c % 8 == 0 { 2 + r.below(9) } else { 1 + r.below(2) }, 2 + r.below(3));
        let mut of_course: Vec<Vec<ClassId>> = vec![Vec::new(); count as usize];
        for session in 0..sessions {
            b.subpart("");
            for section in of_course.iter_mut() {
                let class = b.class(ClassSpec { name: "", limit: Some(60), times: &times, rooms: &rooms[..40] });
                if session > 0 {
                    b.set_parent(class, section[0]);
                }
                section.push(class);
            }
        }
        sections.extend(of_course.into_iter().map(|classes| (c / 11, classes)));
    }
    // Each teacher has a section or two, of one department.
    for pair in sections.chunks(1 + usize::from(sections.len() > 2_320)) {
        let classes: Vec<ClassId> = pair.iter().flat_map(|(_, classes)| classes.clone()).collect();
        let kind = Kind::TeacherClash;
        b.constraint(ConstraintSpec { kind, name: "", penalty: None, params: &[], classes: &classes, times: &[] });
    }
    for _ in 0..19_058 {
        let department = r.below(122);
        let mut taken: Vec<CourseId> = (0..6)
            .map(|_| {
                let own = r.below(100) < 72;
                let course = if own { department * 11 + r.below(11) } else { r.below(1_332) };
                courses[course.min(1_331) as usize]
            })
            .collect();
        taken.sort_unstable();
        taken.dedup();
        b.student("", &taken);
    }
    b.build().expect("a sound problem")
}

#[divan::bench(sample_count = 10)]
fn conflict_graph(bencher: divan::Bencher<'_, '_>) {
    let problem = campus();
    bencher.bench_local(|| ConflictGraph::build(&problem, None, &roomy(), &|| false).expect("there is enough"));
}

#[divan::bench(sample_count = 10)]
fn clusters_of_60_to_250(bencher: divan::Bencher<'_, '_>) {
    let graph = ConflictGraph::build(&campus(), None, &roomy(), &|| false).expect("there is enough");
    bencher.bench_local(|| finish(&graph, cluster(&graph, Method::Louvain, (60, 250), 1, &|| true)));
}
