//! How high the counts of boards and kernels can get. They are kept in small integers: what would
//! not fit is refused when a block is opened, or counted without the table that it does not fit
//! into.

use crate::block::BlockError;
use crate::ids::*;
use crate::kind::{Kind, Shape};
use crate::problem::Problem;
use crate::validate::wrong_row;

/// The most hard violations that moving one class may change, of its constraints and, once more, of
/// students.
pub const MAX_HARD: u64 = 1 << 30;
/// The most classes of a constraint that counts lectures by slot: the counts have two bytes.
pub const MAX_TALLIED: u32 = u16::MAX as u32;
/// The most places of a student whose days are counted: a byte holds the classes of a slot.
pub const MAX_DAY_PLACES: u64 = u8::MAX as u64;
/// The most places of enrolment, and the greatest limit of a class.
pub const MAX_PLACES: u32 = i32::MAX as u32;

/// Refuses what boards could not count.
pub(crate) fn check(p: &Problem) -> Result<(), BlockError> {
    for (i, c) in p.classes().iter().enumerate() {
        if c.limit != NONE && c.limit > MAX_PLACES {
            return Err(wrong_row("classes", i, format!("limit {} is above {MAX_PLACES}", c.limit)));
        }
    }
    tallied(p)?;
    shared(p)?;
    violations(p)
}

/// Lectures by slot.
fn tallied(p: &Problem) -> Result<(), BlockError> {
    for (i, c) in p.constraints().iter().enumerate() {
        let (kind, classes) = (p.kind_of(ConstraintId::new(i)), c.classes.len);
        if kind == Kind::IsolatedLectures && classes > MAX_TALLIED {
            return Err(wrong_row("constraints", i, format!("{kind} lists {classes} classes, above {MAX_TALLIED}")));
        }
    }
    Ok(())
}

/// What students have in common: classes with each other, and slots of a day.
fn shared(p: &Problem) -> Result<(), BlockError> {
    let of_students = |i: &usize| p.kind_of(ConstraintId::new(*i)).shape() == Shape::Students;
    let days = (0..p.constraints().len()).find(of_students).map(|i| p.kind_of(ConstraintId::new(i)));
    let mut pairs = 0;
    for (i, s) in p.students().iter().enumerate() {
        let places: u64 = p.requests()[s.requests.range()].iter().map(|r| u64::from(r.slots.len)).sum();
        if let Some(kind) = days.filter(|_| places > MAX_DAY_PLACES) {
            return Err(wrong_row("students", i, format!("{kind} with {places} places, above {MAX_DAY_PLACES}")));
        }
        pairs += places * places.saturating_sub(1);
        if pairs > MAX_HARD {
            return Err(wrong_row("students", i, format!("pairs of places of one student exceed {MAX_HARD}")));
        }
    }
    Ok(())
}

/// Hard violations that one class can take part in.
fn violations(p: &Problem) -> Result<(), BlockError> {
    let meta = p.meta();
    let calendar = u64::from(meta.weeks) * u64::from(meta.days) * u64::from(meta.slots);
    let mut most = vec![0u64; p.classes().len()];
    let mut of_student = 0;
    for (i, c) in p.constraints().iter().enumerate().filter(|(_, c)| c.hard == 1) {
        let (kind, classes) = (p.kind_of(ConstraintId::new(i)), u64::from(c.classes.len));
        let each = match kind.shape() {
            Shape::Pair => classes.saturating_sub(1),
            Shape::Group => calendar + u64::from(meta.days) * classes,
            Shape::Each => 1,
            Shape::Students => {
                of_student += u64::from(meta.days) * u64::from(meta.slots);
                continue;
            }
        };
        p.classes_of(ConstraintId::new(i)).iter().for_each(|&class| most[class as usize] += each);
    }
    let mut taken = vec![0u64; p.courses().len()];
    p.requests().iter().for_each(|r| taken[r.course as usize] += of_student);
    for (class, most) in p.class_ids().zip(most) {
        let most = most + taken[p.course_of(class).index()];
        if most > MAX_HARD {
            let class = class.0;
            return Err(wrong_row(
                "classes",
                class as usize,
                format!("{most} hard violations are possible, above {MAX_HARD}"),
            ));
        }
    }
    Ok(())
}

/// Whether a hard constraint of this kind says that its classes must not overlap.
pub(crate) fn is_clash(kind: Kind, no_travel: bool) -> bool {
    matches!(kind, Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash)
        || (kind == Kind::SameAttendees && no_travel)
}

/// The most clashes that a class can be in at one time, of all classes; hard constraints of more
/// than `listed` classes are not counted.
pub(crate) fn most_clashes(p: &Problem, listed: usize, students: bool) -> u64 {
    let mut most = vec![0u64; p.classes().len()];
    for (i, c) in p.constraints().iter().enumerate().filter(|(_, c)| c.hard == 1) {
        let classes = p.classes_of(ConstraintId::new(i));
        if classes.len() <= listed && is_clash(p.kind_of(ConstraintId::new(i)), true) {
            let others = u64::from(c.classes.len).saturating_sub(1);
            classes.iter().for_each(|&class| most[class as usize] += others);
        }
    }
    if students {
        let mut mine = Vec::new();
        for s in p.students() {
            classes_of_student(p, s, &mut mine);
            let others = (mine.len() as u64).saturating_sub(1);
            mine.iter().for_each(|&class| most[class as usize] += others);
        }
    }
    most.into_iter().max().unwrap_or(0)
}

/// The most that the students of a class can have in other classes at one time, of all classes,
/// with every place of a student for a course in a class of that course.
pub(crate) fn most_shared(p: &Problem) -> u64 {
    let mut most = vec![0u64; p.courses().len()];
    for s in p.students() {
        let requests = &p.requests()[s.requests.range()];
        let others = requests.iter().map(|r| u64::from(r.slots.len)).sum::<u64>().saturating_sub(1);
        requests.iter().for_each(|r| most[r.course as usize] += u64::from(r.slots.len) * others);
    }
    most.into_iter().max().unwrap_or(0)
}

/// Counts in two bytes each, or in four.
#[derive(Clone, Debug)]
pub(crate) enum Counts {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Counts {
    /// So many, none of which gets higher than `most`.
    pub(crate) fn new(n: usize, most: u64) -> Counts {
        if most <= u64::from(u16::MAX) { Counts::Narrow(vec![0; n]) } else { Counts::Wide(vec![0; n]) }
    }

    /// Bytes of one.
    pub(crate) fn width(most: u64) -> usize {
        if most <= u64::from(u16::MAX) { 2 } else { 4 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Counts::Narrow(counts) => counts.is_empty(),
            Counts::Wide(counts) => counts.is_empty(),
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, i: usize) -> i64 {
        match self {
            Counts::Narrow(counts) => counts[i].into(),
            Counts::Wide(counts) => counts[i].into(),
        }
    }

    /// One more, or one less.
    #[inline(always)]
    pub(crate) fn shift(&mut self, i: usize, up: bool) {
        match (self, up) {
            (Counts::Narrow(counts), true) => counts[i] += 1,
            (Counts::Narrow(counts), false) => counts[i] -= 1,
            (Counts::Wide(counts), true) => counts[i] += 1,
            (Counts::Wide(counts), false) => counts[i] -= 1,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Counts::Narrow(counts) => counts.capacity() * 2,
            Counts::Wide(counts) => counts.capacity() * 4,
        }
    }
}

/// All classes of the courses that a student takes.
pub(crate) fn classes_of_student(p: &Problem, student: &crate::rows::StudentRow, mine: &mut Vec<u32>) {
    mine.clear();
    for r in &p.requests()[student.requests.range()] {
        for g in &p.configs()[p.courses()[r.course as usize].configs.range()] {
            for sp in &p.subparts()[g.subparts.range()] {
                mine.extend(sp.classes.indexes());
            }
        }
    }
}
