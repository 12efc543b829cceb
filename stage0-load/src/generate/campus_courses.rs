//! What the campus offers: departments, their courses, how many take each, sections, sessions a
//! week.

use super::campus_counts::Counts;
use super::rng::{Rng, apportion};

/// Seats of a full section.
const FULL: u32 = 60;
/// Fewest students of a course.
const FEWEST: u32 = 30;

/// A course offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offering {
    /// Of 0 to `departments - 1`, ascending.
    pub(crate) department: u32,
    /// 0: for the first half of the studies, 1: for the second.
    pub(crate) stage: u32,
    /// Sections.
    pub(crate) sections: u32,
    /// Students, as many as cut into this number of sections: more than 60 for each section but
    /// one, at least 30.
    pub(crate) enrolled: u32,
    /// Sessions a week of each section.
    pub(crate) sessions: u32,
}

/// Least and most students of a course with this many sections.
fn range(sections: u32) -> (u32, u32) {
    (if sections == 1 { FEWEST } else { FULL * (sections - 1) + 1 }, FULL * sections)
}

/// All courses, department by department.
pub(crate) fn offerings(seed: u64, counts: &Counts) -> Vec<Offering> {
    let n = counts.offerings as usize;
    let mut rng = Rng::new(seed, 1);
    let weights: Vec<u32> = (0..counts.departments).map(|_| rng.between(40, 160)).collect();
    let of_department = apportion(counts.offerings, &weights, 1);
    let sections = section_counts(seed, counts, n);
    let enrolled = enrolments(seed, counts, &sections);
    let sessions = session_counts(seed, counts, &sections);
    let mut list = Vec::with_capacity(n);
    for (department, &courses) in of_department.iter().enumerate() {
        for k in 0..courses {
            let (i, department) = (list.len(), department as u32);
            let stage = u32::from(k >= courses.div_ceil(2));
            let (sections, enrolled, sessions) = (sections[i], enrolled[i], sessions[i]);
            list.push(Offering { department, stage, sections, enrolled, sessions });
        }
    }
    list
}

/// Half of the courses have one section, few have six; corrected until they add up.
fn section_counts(seed: u64, counts: &Counts, n: usize) -> Vec<u32> {
    let mut rng = Rng::new(seed, 2);
    // No course may need more students than four fifths of all.
    let most = (counts.students * 4 / 5 / FULL).clamp(2, 6);
    let mut list: Vec<u32> = (0..n).map(|_| (1 + rng.weighted(&[50, 27, 13, 6, 3, 1]) as u32).min(most)).collect();
    let mut sum: u32 = list.iter().sum();
    while sum != counts.sections {
        let i = rng.below(n);
        if sum < counts.sections && list[i] < most {
            list[i] += 1;
            sum += 1;
        } else if sum > counts.sections && list[i] > 1 {
            list[i] -= 1;
            sum -= 1;
        }
    }
    list
}

/// Students of each course, anywhere in its range; corrected until they add up.
fn enrolments(seed: u64, counts: &Counts, sections: &[u32]) -> Vec<u32> {
    let mut rng = Rng::new(seed, 3);
    let mut list: Vec<u32> = sections.iter().map(|&s| rng.between(range(s).0, range(s).1)).collect();
    let mut sum: u32 = list.iter().sum();
    while sum != counts.enrolments {
        let i = rng.below(list.len());
        let (least, most) = range(sections[i]);
        let step = rng.between(1, 8);
        if sum < counts.enrolments {
            let step = step.min(most - list[i]).min(counts.enrolments - sum);
            list[i] += step;
            sum += step;
        } else {
            let step = step.min(list[i] - least).min(sum - counts.enrolments);
            list[i] -= step;
            sum -= step;
        }
    }
    list
}

/// Sessions a week: of all sections 11 % have two, 48 % three, 40 % four, 2 % five or six, and all
/// add up. Courses with many sections choose first among the shares that still have room for them;
/// those with one fill what is left.
fn session_counts(seed: u64, counts: &Counts, sections: &[u32]) -> Vec<u32> {
    let mut rng = Rng::new(seed, 4);
    let total: i64 = i64::from(counts.sections);
    let (two, five, six) = (total * 11 / 100, total * 12 / 1000, total * 6 / 1000);
    // Three and four share the rest: 3 a + 4 b = sessions left, a + b = sections left.
    let rest = total - two - five - six;
    let four = (i64::from(counts.sessions) - 2 * two - 5 * five - 6 * six - 3 * rest).clamp(0, rest);
    let mut left = [two, rest - four, four, five, six];
    let mut order = rng.order(sections.len());
    order.sort_by_key(|&i| std::cmp::Reverse(sections[i]));
    let mut list = vec![3; sections.len()];
    for i in order {
        let need = i64::from(sections[i]);
        let weights = left.map(|l| if l >= need { l as u32 } else { 0 });
        let share = if weights == [0; 5] { largest(&left) } else { rng.weighted(&weights) };
        left[share] -= need;
        list[i] = share as u32 + 2;
    }
    list
}

fn largest(left: &[i64; 5]) -> usize {
    (0..5).rev().max_by_key(|&k| left[k]).unwrap_or(1)
}
