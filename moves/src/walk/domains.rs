//! Positions of times and rooms in the lists of each class, and which requests leave a choice.

use super::linked::{LinkedClasses, WIDEST};
use timetable::{ClassId, ConstraintId, Kind, Problem};

const ABSENT: u16 = u16::MAX;

/// Answers "which of this class's times (rooms) is that time (room)?".
#[derive(Debug)]
pub struct Domains {
    times: Positions,
    rooms: Positions,
    /// Who shall be like whom.
    pub linked: LinkedClasses,
    /// Constraints that want a class to have its time, its days or its room in common with others,
    /// those of class `c` from `group_ends[c]` to `group_ends[c + 1]`.
    groups: Vec<u32>,
    group_ends: Vec<u32>,
    /// Classes with more than one placement.
    pub movable: Vec<u32>,
    /// Requests that can be met in more than one way.
    pub choosable: Vec<u32>,
    /// Requests by course, those of course `c` from `courses[c]` to `courses[c + 1]`.
    requests: Vec<u32>,
    courses: Vec<u32>,
}

/// Positions of keys in many short lists: a table where that is small, sorted lists otherwise.
#[derive(Debug)]
enum Positions {
    Table { width: usize, at: Vec<u16> },
    Sorted { ends: Vec<u32>, pairs: Vec<(u32, u16)> },
}

impl Positions {
    /// Entries that a table may have.
    const TABLE: usize = 4 << 20;

    /// Bytes that `keys` keys in `n` lists take at most, for a moment, while they are listed.
    fn max_bytes(keys: usize, n: usize, width: usize) -> usize {
        if n * width <= Self::TABLE { n * width * 2 } else { 3 * (keys * size_of::<(u32, u16)>() + n * 4) }
    }

    fn new<'a>(lists: impl Iterator<Item = Vec<u32>> + 'a, n: usize, width: usize) -> Positions {
        if n * width <= Self::TABLE {
            let mut at = vec![ABSENT; n * width];
            for (i, list) in lists.enumerate() {
                for (k, key) in list.into_iter().enumerate() {
                    at[i * width + key as usize] = k as u16;
                }
            }
            return Positions::Table { width, at };
        }
        let (mut ends, mut pairs) = (vec![0], Vec::new());
        for list in lists {
            let from = pairs.len();
            pairs.extend(list.into_iter().enumerate().map(|(k, key)| (key, k as u16)));
            pairs[from..].sort_unstable();
            ends.push(pairs.len() as u32);
        }
        Positions::Sorted { ends, pairs }
    }

    fn bytes(&self) -> usize {
        match self {
            Positions::Table { at, .. } => at.capacity() * 2,
            Positions::Sorted { ends, pairs } => ends.capacity() * 4 + pairs.capacity() * size_of::<(u32, u16)>(),
        }
    }

    #[inline]
    fn get(&self, i: usize, key: u32) -> Option<u16> {
        match self {
            Positions::Table { width, at } => Some(at[i * width + key as usize]).filter(|&k| k != ABSENT),
            Positions::Sorted { ends, pairs } => {
                let list = &pairs[ends[i] as usize..ends[i + 1] as usize];
                list.binary_search_by_key(&key, |p| p.0).ok().map(|k| list[k].1)
            }
        }
    }
}

impl Domains {
    /// Bytes that they take at most.
    pub fn max_bytes(problem: &Problem) -> u64 {
        let n = problem.classes().len();
        let times = Positions::max_bytes(problem.class_times().len(), n, problem.times().len());
        let rooms = Positions::max_bytes(problem.class_rooms().len(), n, problem.rooms().len());
        let members: usize = groups(problem).map(|id| problem.classes_of(id).len()).sum();
        (times + rooms + 4 * members + 16 * (n + problem.courses().len() + 2 * problem.requests().len())) as u64
            + LinkedClasses::max_bytes(problem)
    }

    /// Those of a problem.
    pub fn new(problem: &Problem) -> Domains {
        let n = problem.classes().len();
        let times = problem.class_ids().map(|c| problem.times_of(c).iter().map(|t| t.time).collect());
        let rooms = problem.class_ids().map(|c| problem.rooms_of(c).iter().map(|r| r.room).collect());
        let (requests, courses) = by_course(problem);
        let (group_ends, groups) = groups_by_class(problem);
        let several = |c: &ClassId| problem.times_of(*c).len() > 1 || problem.rooms_of(*c).len() > 1;
        Domains {
            times: Positions::new(times, n, problem.times().len()),
            rooms: Positions::new(rooms, n, problem.rooms().len()),
            linked: LinkedClasses::new(problem),
            groups,
            group_ends,
            movable: problem.class_ids().filter(several).map(|c| c.0).collect(),
            choosable: (0..problem.requests().len() as u32).filter(|&r| has_choice(problem, r)).collect(),
            requests,
            courses,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let lists = [&self.movable, &self.choosable, &self.requests, &self.courses, &self.groups, &self.group_ends];
        let lists: usize = lists.iter().map(|l| l.capacity() * 4).sum();
        (self.times.bytes() + self.rooms.bytes() + lists) as u64 + self.linked.bytes()
    }

    /// Where each course's requests begin, and the requests.
    pub fn all_takers(&self) -> (&[u32], &[u32]) {
        (&self.courses, &self.requests)
    }

    /// The constraints that want the class to have something in common with others.
    #[inline]
    pub fn groups_of(&self, class: ClassId) -> &[u32] {
        &self.groups[self.group_ends[class.index()] as usize..self.group_ends[class.index() + 1] as usize]
    }

    /// The requests for a course.
    #[inline]
    pub fn takers(&self, course: u32) -> &[u32] {
        &self.requests[self.courses[course as usize] as usize..self.courses[course as usize + 1] as usize]
    }

    /// Position of a time among the class's times.
    #[inline]
    pub fn time(&self, class: ClassId, time: u32) -> Option<u16> {
        self.times.get(class.index(), time)
    }

    /// Position of a room among the class's rooms.
    #[inline]
    pub fn room(&self, class: ClassId, room: u32) -> Option<u16> {
        self.rooms.get(class.index(), room)
    }
}

/// Constraints that want classes to have something in common; those of too many classes to move at
/// once are left out.
fn groups(problem: &Problem) -> impl Iterator<Item = ConstraintId> {
    (0..problem.constraints().len()).map(ConstraintId::new).filter(|&id| {
        matches!(problem.kind_of(id), Kind::SameStart | Kind::SameTime | Kind::SameDays | Kind::SameRoom)
            && (2..=WIDEST).contains(&problem.classes_of(id).len())
    })
}

/// Where each class's groups begin, and the groups.
fn groups_by_class(problem: &Problem) -> (Vec<u32>, Vec<u32>) {
    let mut ends = vec![0; problem.classes().len() + 1];
    let members = || groups(problem).flat_map(|id| problem.classes_of(id).iter().map(move |&class| (class, id)));
    members().for_each(|(class, _)| ends[class as usize + 1] += 1);
    (1..ends.len()).for_each(|c| ends[c] += ends[c - 1]);
    let (mut at, mut all) = (ends.clone(), vec![0; ends[ends.len() - 1] as usize]);
    for (class, id) in members() {
        all[at[class as usize] as usize] = id.0;
        at[class as usize] += 1;
    }
    (ends, all)
}

/// Requests sorted by course, and where each course's begin.
fn by_course(problem: &Problem) -> (Vec<u32>, Vec<u32>) {
    let course = |r: u32| problem.requests()[r as usize].course as usize;
    let mut ends = vec![0; problem.courses().len() + 1];
    let mut requests: Vec<u32> = (0..problem.requests().len() as u32).collect();
    requests.iter().for_each(|&r| ends[course(r) + 1] += 1);
    (1..ends.len()).for_each(|c| ends[c] += ends[c - 1]);
    requests.sort_by_key(|&r| course(r));
    (requests, ends)
}

fn has_choice(problem: &Problem, request: u32) -> bool {
    let course = problem.requests()[request as usize].course as usize;
    let configs = problem.courses()[course].configs;
    configs.len > 1
        || problem.configs()[configs.range()]
            .iter()
            .any(|g| problem.subparts()[g.subparts.range()].iter().any(|s| s.classes.len > 1))
}
