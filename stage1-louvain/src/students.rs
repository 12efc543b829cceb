//! Classes linked by the students that they share: those enrolled, or, before anyone is, those
//! expected.

use crate::edges::{GraphError, PairSums};
use crate::gathering::{Gathering, UNIT};
use crate::groups::link;
use pipeline::{Bytes, Ledger};
use timetable::*;

/// Two courses with more pairs of classes than this are linked class by class instead.
pub(crate) const FULL: usize = 64;

/// A unit for each student enrolled in both classes.
pub(crate) fn enrolled(problem: &Problem, timetable: &Timetable, to: &mut Gathering<'_>) {
    let mut classes = Vec::new();
    for student in problem.students() {
        classes.clear();
        for request in student.requests.indexes() {
            classes.extend(timetable.taken(problem, RequestId(request)).map(|class| class.0));
        }
        classes.sort_unstable();
        classes.dedup();
        link(&classes, UNIT, to);
    }
}

/// What a course offers.
struct CourseChoices {
    /// Its classes, each with the number of alternatives that a student has to it: classes of its
    /// subpart × configurations.
    classes: Vec<(u32, u64)>,
}

fn offers(problem: &Problem) -> Vec<CourseChoices> {
    let offer = |course: &CourseRow| {
        let configs = &problem.configs()[course.configs.range()];
        let subparts = configs.iter().flat_map(|config| &problem.subparts()[config.subparts.range()]);
        let alternatives = |subpart: &SubpartRow| u64::from(subpart.classes.len) * configs.len() as u64;
        let classes = subparts.flat_map(|s| s.classes.indexes().map(move |class| (class, alternatives(s))));
        CourseChoices { classes: classes.collect() }
    };
    problem.courses().iter().map(offer).collect()
}

/// A unit for each student expected in both classes, where every student takes each alternative
/// equally likely and chooses in different courses independently. Courses are paired first, so the
/// work does not grow with students × classes².
pub(crate) fn expected(
    problem: &Problem,
    ledger: &Ledger,
    stop: &dyn Fn() -> bool,
    to: &mut Gathering<'_>,
) -> Result<(), GraphError> {
    let mut pairs = PairSums::new(ledger.reserve("pairs of courses", Bytes::ZERO)?, stop);
    let mut taking = vec![0u64; problem.courses().len()];
    let mut courses = Vec::new();
    for student in problem.students() {
        courses.clear();
        courses.extend(problem.requests()[student.requests.range()].iter().map(|request| request.course));
        courses.sort_unstable();
        courses.dedup();
        for (i, &a) in courses.iter().enumerate() {
            taking[a as usize] += 1;
            courses[i + 1..].iter().for_each(|&b| pairs.add(a, b, 1));
        }
    }
    let offers = offers(problem);
    for (course, &students) in taking.iter().enumerate().filter(|&(_, &n)| n > 0) {
        within(problem, CourseId::new(course), students, to);
    }
    let (pairs, _promised) = pairs.finish()?;
    for (a, b, students) in pairs {
        across(&offers, (a, b), students, to);
    }
    if !to.wide_pairs.is_empty() {
        to.wide_courses = offers.iter().map(|offer| offer.classes.iter().map(|&(class, _)| class).collect()).collect();
    }
    Ok(())
}

/// Links the classes of two courses that so many students take both of.
fn across(offers: &[CourseChoices], (a, b): (u32, u32), students: u64, to: &mut Gathering<'_>) {
    let (mut a_offer, mut b_offer) = (&offers[a as usize].classes, &offers[b as usize].classes);
    if a_offer.len() < b_offer.len() {
        std::mem::swap(&mut a_offer, &mut b_offer);
    }
    if b_offer.is_empty() {
        return;
    }
    if a_offer.len() * b_offer.len() <= FULL {
        for &(x, others_x) in a_offer {
            for &(y, others_y) in b_offer {
                to.pairs.add(x, y, (students * UNIT / (others_x * others_y)).max(1));
            }
        }
        return;
    }
    // Each class of the larger course with the few that stand at the same place in the smaller one,
    // with all the weight that it has to that course: how many of its classes a student takes, in
    // 2¹⁶ths.
    let taken: u64 = b_offer.iter().map(|&(_, others)| (1 << 16) / others).sum();
    let links = (FULL / a_offer.len()).clamp(1, b_offer.len());
    for (i, &(x, others_x)) in a_offer.iter().enumerate() {
        let first = i * b_offer.len() / a_offer.len();
        let weight = (students * UNIT * taken / (others_x * links as u64)) >> 16;
        for step in 0..links {
            to.pairs.add(x, b_offer[(first + step) % b_offer.len()].0, weight.max(1));
        }
    }
    to.wide_pairs.push((a, b));
}

/// Links the classes of one course that a student takes together: of different subparts of a
/// configuration, parents with their children.
fn within(problem: &Problem, course: CourseId, students: u64, to: &mut Gathering<'_>) {
    let configs = &problem.configs()[problem.courses()[course.index()].configs.range()];
    for config in configs {
        let subparts = &problem.subparts()[config.subparts.range()];
        let expected = students * UNIT / configs.len() as u64;
        let mut wide = false;
        for (i, s) in subparts.iter().enumerate() {
            for t in &subparts[i + 1..] {
                let pairs = u64::from(s.classes.len) * u64::from(t.classes.len);
                if pairs > (FULL * FULL) as u64 {
                    wide = true;
                    aligned(s.classes, t.classes, expected, to);
                    continue;
                }
                for a in s.classes.indexes() {
                    for b in t.classes.indexes() {
                        let alternatives = match can_attend_both(problem, a, b) {
                            CanAttendBoth::Never => continue,
                            CanAttendBoth::Chain { below } => alternatives_of(problem, below),
                            CanAttendBoth::Maybe => pairs,
                        };
                        to.pairs.add(a, b, (expected / alternatives).max(1));
                    }
                }
            }
        }
        if wide {
            to.wide_groups.push(subparts.iter().flat_map(|s| s.classes.indexes()).collect());
        }
    }
}

/// Links each class of the larger subpart with the one at the same place in the smaller one.
fn aligned(s: Span, t: Span, expected: u64, to: &mut Gathering<'_>) {
    let (large, small) = if s.len >= t.len { (s, t) } else { (t, s) };
    for i in 0..large.len {
        let at = (u64::from(i) * u64::from(small.len) / u64::from(large.len)) as u32;
        to.pairs.add(large.first + i, small.first + at, (expected / u64::from(large.len)).max(1));
    }
}

fn alternatives_of(problem: &Problem, class: u32) -> u64 {
    u64::from(problem.subparts()[problem.classes()[class as usize].subpart as usize].classes.len)
}

/// Whether a student can take two classes of a configuration.
enum CanAttendBoth {
    /// Their ancestors, or they themselves, are alternatives of each other.
    Never,
    /// If they choose so.
    Maybe,
    /// One is below the other: who takes that one takes both.
    Chain { below: u32 },
}

fn can_attend_both(problem: &Problem, a: u32, b: u32) -> CanAttendBoth {
    let chain = |class: u32| {
        std::iter::successors(Some(class), |&c| Some(problem.classes()[c as usize].parent).filter(|&p| p != NONE))
    };
    if chain(a).any(|up| up == b) {
        return CanAttendBoth::Chain { below: a };
    }
    if chain(b).any(|up| up == a) {
        return CanAttendBoth::Chain { below: b };
    }
    let subpart = |class: u32| problem.classes()[class as usize].subpart;
    let alternatives = chain(a).any(|x| chain(b).any(|y| x != y && subpart(x) == subpart(y)));
    if alternatives { CanAttendBoth::Never } else { CanAttendBoth::Maybe }
}
