//! Classes that constraints want at the same time, on the same days or in the same weeks: where one
//! goes, the others follow.

use timetable::{ClassId, ConstraintId, Kind, Problem, TimeRow};

/// What two classes shall have in common: bits.
type Common = u8;
const START: Common = 1;
const TIME: Common = 2;
const DAYS: Common = 4;
const WEEKS: Common = 8;

/// Constraints of more classes are left out: that many never move together.
pub(super) const WIDEST: usize = 32;

/// By class, those that shall be like it.
#[derive(Debug)]
pub struct LinkedClasses {
    ends: Vec<u32>,
    partners: Vec<(ClassId, Common)>,
}

impl LinkedClasses {
    /// Bytes that it takes at most, for a moment, while it is made.
    pub(super) fn max_bytes(problem: &Problem) -> u64 {
        let pairs: usize = groups(problem).map(|(classes, _)| classes.len() * classes.len()).sum();
        (pairs * (3 * size_of::<(ClassId, ClassId, Common)>() + 8) + problem.classes().len() * 4) as u64
    }

    pub(super) fn new(problem: &Problem) -> LinkedClasses {
        let mut pairs: Vec<(ClassId, ClassId, Common)> = Vec::new();
        for (classes, common) in groups(problem) {
            for &a in classes {
                pairs.extend(classes.iter().filter(|&&b| b != a).map(|&b| (ClassId(a), ClassId(b), common)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 |= next.2;
            }
            same
        });
        let mut ends = vec![0; problem.classes().len() + 1];
        pairs.iter().for_each(|p| ends[p.0.index() + 1] += 1);
        (1..ends.len()).for_each(|i| ends[i] += ends[i - 1]);
        LinkedClasses { ends, partners: pairs.into_iter().map(|(_, b, common)| (b, common)).collect() }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        (self.ends.capacity() * 4 + self.partners.capacity() * size_of::<(ClassId, Common)>()) as u64
    }

    /// As words: where each class's partners begin, and each partner with what they shall have in
    /// common.
    pub fn words(&self) -> (&[u32], Vec<u32>) {
        (&self.ends, self.partners.iter().flat_map(|&(class, common)| [class.0, common.into()]).collect())
    }

    /// Those that shall be like the class, and in what.
    #[inline]
    pub(super) fn partners(&self, class: ClassId) -> &[(ClassId, Common)] {
        &self.partners[self.ends[class.index()] as usize..self.ends[class.index() + 1] as usize]
    }
}

/// The classes of each constraint that wants some alike, and in what.
fn groups(problem: &Problem) -> impl Iterator<Item = (&[u32], Common)> {
    (0..problem.constraints().len()).map(ConstraintId::new).filter_map(|id| {
        let common = match problem.kind_of(id) {
            Kind::SameStart => START,
            Kind::SameTime => TIME,
            Kind::SameDays => DAYS,
            Kind::SameWeeks => WEEKS,
            _ => return None,
        };
        let classes = problem.classes_of(id);
        (classes.len() <= WIDEST).then_some((classes, common))
    })
}

/// Whether two times have that in common.
pub(super) fn linked(common: Common, a: &TimeRow, b: &TimeRow) -> bool {
    let within = |x: u64, y: u64| x & y == x || x & y == y;
    let same_time = || (a.start >= b.start && a.end <= b.end) || (b.start >= a.start && b.end <= a.end);
    (common & START == 0 || a.start == b.start)
        && (common & TIME == 0 || same_time())
        && (common & DAYS == 0 || within(a.days.into(), b.days.into()))
        && (common & WEEKS == 0 || within(a.weeks, b.weeks))
}
