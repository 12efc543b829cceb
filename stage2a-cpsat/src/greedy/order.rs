//! Which class first: cluster by cluster, the hardest first, and in each the class with the fewest
//! ways for the most that it has to do with others.

use pipeline::Clusters;
use timetable::{ClassId, Problem};

/// How hard each class looks before anything is placed: the higher, the harder.
fn hardness(problem: &Problem) -> Vec<u64> {
    let mut degree = vec![1u64; problem.classes().len()];
    for (i, c) in problem.constraints().iter().enumerate() {
        if c.hard == 1 {
            let classes = problem.classes_of(timetable::ConstraintId::new(i));
            classes.iter().for_each(|&k| degree[k as usize] += classes.len() as u64);
        }
    }
    if problem.meta().student_conflicts_hard == 1 {
        for r in problem.requests() {
            let n = u64::from(problem.students()[r.student as usize].requests.len);
            for g in &problem.configs()[problem.courses()[r.course as usize].configs.range()] {
                for s in &problem.subparts()[g.subparts.range()] {
                    s.classes.range().for_each(|k| degree[k] += n / u64::from(s.classes.len).max(1));
                }
            }
        }
    }
    let ways = |c: &timetable::ClassRow| u64::from(c.times.len) * u64::from(c.rooms.len.max(1)).isqrt();
    problem.classes().iter().zip(degree).map(|(c, d)| d * 1_000_000 / ways(c).max(1)).collect()
}

/// All classes, in the order of placing.
pub(super) fn hardest_first(problem: &Problem, clusters: Option<&Clusters>) -> Vec<Vec<ClassId>> {
    let hard = hardness(problem);
    let sorted = |mut classes: Vec<ClassId>| {
        classes.sort_by_key(|c| (std::cmp::Reverse(hard[c.index()]), c.0));
        classes
    };
    let fits = clusters.filter(|c| c.of.len() == problem.classes().len() && c.of.iter().all(|&k| k < c.count));
    let Some(clusters) = fits else {
        return vec![sorted(problem.class_ids().collect())];
    };
    let mut groups: Vec<Vec<ClassId>> =
        clusters.members().into_iter().map(|m| sorted(m.into_iter().map(ClassId).collect())).collect();
    let mean = |g: &Vec<ClassId>| g.iter().map(|c| hard[c.index()]).sum::<u64>() / (g.len() as u64).max(1);
    groups.sort_by_key(|g| (std::cmp::Reverse(mean(g)), g.first().map_or(0, |c| c.0)));
    groups
}
