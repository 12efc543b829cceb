//! Who takes what: students of a department and stage take mostly the same courses, the rest comes
//! from their faculty.

use super::campus_counts::Counts;
use super::campus_courses::Offering;
use super::rng::{Rng, apportion};
use std::cmp::Reverse;

/// Departments of one faculty.
const FACULTY: u32 = 10;
/// Of a thousand enrolments in a course, those wished for from its own department; large courses
/// get fewer, 72 % in all.
const INSIDE: u32 = 790;

/// Students of one department and stage; their numbers follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cohort {
    pub(crate) department: u32,
    pub(crate) stage: u32,
    /// Number of the first.
    pub(crate) first: u32,
    /// How many.
    pub(crate) size: u32,
}

impl Cohort {
    fn students(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.size
    }
}

/// Two for each department, as large as the demand for its courses is.
pub(crate) fn cohorts(seed: u64, counts: &Counts, offerings: &[Offering]) -> Vec<Cohort> {
    let mut rng = Rng::new(seed, 5);
    let mut demand = vec![0u32; counts.departments as usize * 2];
    for o in offerings {
        demand[(o.department * 2 + o.stage) as usize] += o.enrolled;
    }
    // Half of a department's demand is shared evenly by its cohorts: large courses are taken in
    // both stages.
    for pair in demand.chunks_mut(2) {
        let even = (pair[0] + pair[1]) / 4;
        for d in pair {
            *d = *d / 2 + even + rng.between(0, 20);
        }
    }
    let sizes = apportion(counts.students, &demand, 1);
    let mut first = 0;
    let mut list = Vec::with_capacity(sizes.len());
    for (i, size) in sizes.into_iter().enumerate() {
        list.push(Cohort { department: i as u32 / 2, stage: i as u32 % 2, first, size });
        first += size;
    }
    list
}

struct Enroller<'a> {
    rng: Rng,
    cohorts: &'a [Cohort],
    /// By student: how many courses so far, how many they want, which.
    taken: Vec<Vec<u32>>,
    wanted: Vec<u32>,
}

impl Enroller<'_> {
    /// Enrols up to `n` of these students who have the fewest courses for what they want; how many
    /// it was.
    fn take(&mut self, course: u32, students: impl Iterator<Item = u32>, n: u32, only_wanting: bool) -> u32 {
        let mut list: Vec<(u32, usize, u32)> = Vec::new();
        for s in students {
            let (have, want) = (self.taken[s as usize].len() as u32, self.wanted[s as usize]);
            if (!only_wanting || have < want) && !self.taken[s as usize].contains(&course) {
                list.push(((have + 16).saturating_sub(want), self.rng.below(1 << 30), s));
            }
        }
        list.sort_unstable();
        list.truncate(n as usize);
        for &(.., s) in &list {
            self.taken[s as usize].push(course);
        }
        list.len() as u32
    }

    /// Students of the own department: those of the stage first, but never all of them.
    fn inside(&mut self, course: u32, o: &Offering) -> u32 {
        let mut left = o.enrolled * INSIDE / 1000;
        let own = (o.department * 2 + o.stage) as usize;
        for (cohort, most) in [(own, 960), (own ^ 1, 850)] {
            let cohort = self.cohorts[cohort];
            left -= self.take(course, cohort.students(), left.min(cohort.size * most / 1000), true);
        }
        o.enrolled * INSIDE / 1000 - left
    }

    /// Students of other departments, groups of one cohort at a time: three groups of four from the
    /// own faculty.
    fn outside(&mut self, course: u32, o: &Offering, mut left: u32) {
        let departments = self.cohorts.len() as u32 / 2;
        let faculty = o.department / FACULTY * FACULTY..((o.department / FACULTY + 1) * FACULTY).min(departments);
        for _ in 0..40 {
            let near = self.rng.below(4) < 3 && faculty.len() > 1;
            let department = if near {
                self.rng.between(faculty.start, faculty.end - 1)
            } else {
                self.rng.between(0, departments - 1)
            };
            if left == 0 || (department == o.department && departments > 1) {
                continue;
            }
            let cohort = self.cohorts[(department * 2) as usize + self.rng.below(2)];
            left -= self.take(course, cohort.students(), left.min(cohort.size.div_ceil(4)), true);
        }
        // Rarely needed: whoever wants another course; then anybody.
        for only_wanting in [true, false] {
            if left > 0 {
                let all = 0..self.taken.len() as u32;
                let (from, to) =
                    (self.cohorts[(o.department * 2) as usize], self.cohorts[(o.department * 2 + 1) as usize]);
                let own = if departments > 1 { from.first..to.first + to.size } else { 0..0 };
                left -= self.take(course, all.filter(|s| !own.contains(s)), left, only_wanting);
            }
        }
    }
}

/// All enrolments, student by student, each student's courses in ascending order.
pub(crate) fn enrol(seed: u64, counts: &Counts, offerings: &[Offering], cohorts: &[Cohort]) -> Vec<(u32, u32)> {
    let mut rng = Rng::new(seed, 6);
    let n = counts.students as usize;
    // As many as there are enrolments: everybody wants the mean, rounded down or up; some one more
    // and others one less.
    let mut wanted = apportion(counts.enrolments, &vec![1; n], 0);
    rng.shuffle(&mut wanted);
    for pair in wanted.chunks_exact_mut(2) {
        if rng.below(4) == 0 {
            pair[0] += 1;
            pair[1] -= 1;
        }
    }
    let mut e = Enroller { rng, cohorts, taken: vec![Vec::new(); n], wanted };
    let mut inside = vec![0; offerings.len()];
    let mut order = e.rng.order(offerings.len());
    order.sort_by_key(|&i| Reverse(offerings[i].sections));
    for &i in &order {
        inside[i] = e.inside(i as u32, &offerings[i]);
    }
    for &i in &order {
        e.outside(i as u32, &offerings[i], offerings[i].enrolled - inside[i]);
    }
    let mut list = Vec::with_capacity(counts.enrolments as usize);
    for (s, courses) in e.taken.iter_mut().enumerate() {
        courses.sort_unstable();
        list.extend(courses.iter().map(|&c| (s as u32, c)));
    }
    list
}
