//! Students whose courses clash whichever of their classes they take: an error where students'
//! conflicts are hard, otherwise a warning. And, where they are hard, students whose classes do not
//! fit into the week.

use super::clashes::can_be_apart;
use super::grid::Grid;
use super::slots::crowded;
use super::{Check, Finding, Findings, Severity, WORK_MAX};
use crate::words::{clean, only_time, some_of};
use rustc_hash::FxHashMap;
use timetable::{ClassId, CourseId, NONE, Problem, StudentId, SubpartId, Timetable};

/// With more ways to take a course than this, nothing is said of it.
const MOST_WAYS: usize = 32;

/// Two courses (or one, twice) that nobody can take both: two of their classes that clash, and who
/// takes both.
struct Clashing {
    courses: (CourseId, CourseId),
    classes: (ClassId, ClassId),
    who: Vec<StudentId>,
}

/// All ways to take a course; `None` where there are too many.
type Ways = Option<Vec<Vec<ClassId>>>;

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let meta = problem.meta();
    let hard = meta.student_conflicts_hard == 1;
    if !hard && meta.student_weight == 0 {
        return;
    }
    let mut search =
        Search { problem, ways: vec![None; problem.courses().len()], known: FxHashMap::default(), work: 0 };
    let mut clashing: Vec<Clashing> = Vec::new();
    let mut place: FxHashMap<(CourseId, CourseId), usize> = FxHashMap::default();
    for (i, student) in problem.students().iter().enumerate() {
        let courses: Vec<CourseId> =
            problem.requests()[student.requests.range()].iter().map(|r| CourseId(r.course)).collect();
        for (k, &a) in courses.iter().enumerate() {
            for &b in &courses[k..] {
                let pair = (a.min(b), a.max(b));
                let Some(classes) = search.must_clash(pair) else { continue };
                let at = *place.entry(pair).or_insert_with(|| {
                    clashing.push(Clashing { courses: pair, classes, who: Vec::new() });
                    clashing.len() - 1
                });
                clashing[at].who.push(StudentId::new(i));
            }
        }
    }
    clashing.sort_by_key(|c| (std::cmp::Reverse(c.who.len()), c.courses));
    for one in clashing {
        let choice = [one.courses.0, one.courses.1]
            .iter()
            .any(|c| search.ways[c.index()].iter().flatten().any(|ways| ways.len() > 1));
        let finding = told(all, &one, hard, choice);
        all.add(finding);
    }
    if hard {
        crowded_students(all);
    }
}

struct Search<'p> {
    problem: &'p Problem,
    ways: Vec<Option<Ways>>,
    known: FxHashMap<(CourseId, CourseId), Option<(ClassId, ClassId)>>,
    work: u64,
}

impl Search<'_> {
    /// Two classes of these courses (or of one, where they are the same) that clash, where every
    /// way to take both has a clash.
    fn must_clash(&mut self, pair: (CourseId, CourseId)) -> Option<(ClassId, ClassId)> {
        if let Some(&known) = self.known.get(&pair) {
            return known;
        }
        let found = self.search(pair);
        self.known.insert(pair, found);
        found
    }

    fn search(&mut self, (a, b): (CourseId, CourseId)) -> Option<(ClassId, ClassId)> {
        let (problem, mut work) = (self.problem, self.work);
        if work > WORK_MAX {
            return None; // not known
        }
        for course in [a, b] {
            self.ways[course.index()].get_or_insert_with(|| ways(problem, course));
        }
        let of = |course: CourseId| self.ways[course.index()].as_ref().and_then(Option::as_ref);
        let mut clash = |some: &[ClassId], others: &[ClassId]| {
            let pairs = some.iter().flat_map(|&x| others.iter().map(move |&y| (x, y)));
            pairs.filter(|(x, y)| x != y).find(|&(x, y)| work < WORK_MAX && !can_be_apart(problem, x, y, &mut work))
        };
        let mut first = None;
        if a == b {
            for way in of(a)? {
                first = first.or(Some(clash(way, way)?));
            }
        } else {
            for way in of(a)? {
                for other in of(b)? {
                    first = first.or(Some(clash(way, other)?));
                }
            }
        }
        self.work = work;
        first
    }
}

/// All ways to take a course, each class with its parent.
fn ways(problem: &Problem, course: CourseId) -> Ways {
    let mut all = Vec::new();
    for config in problem.courses()[course.index()].configs.indexes() {
        let mut some: Vec<Vec<ClassId>> = vec![Vec::new()];
        for subpart in problem.configs()[config as usize].subparts.indexes() {
            let classes = problem.classes_in(SubpartId(subpart));
            let parent = |c: u32| problem.classes()[c as usize].parent;
            let is_before = |p: u32| problem.classes()[p as usize].subpart < subpart;
            some = some
                .iter()
                .flat_map(|way| {
                    let fits = |c: &u32| {
                        let p = parent(*c);
                        p == NONE || !is_before(p) || way.contains(&ClassId(p))
                    };
                    let classes = classes.clone().filter(fits).collect::<Vec<_>>();
                    classes.into_iter().map(|c| [way.as_slice(), &[ClassId(c)]].concat())
                })
                .take(MOST_WAYS + 1)
                .collect();
            if some.len() > MOST_WAYS {
                return None;
            }
        }
        let has_parents = |way: &Vec<ClassId>| {
            way.iter().all(|c| {
                let parent = problem.classes()[c.index()].parent;
                parent == NONE || way.contains(&ClassId(parent))
            })
        };
        all.extend(some.into_iter().filter(has_parents));
    }
    (!all.is_empty() && all.len() <= MOST_WAYS).then_some(all)
}

fn told(all: &Findings<'_>, clashing: &Clashing, hard: bool, choice: bool) -> Finding {
    let Clashing { courses: (a, b), classes: (x, y), who } = clashing;
    let ((a, b), (x, y)) = ((*a, *b), (*x, *y));
    let (words, problem) = (all.words, all.problem());
    let course = |course: CourseId| clean(problem.name(problem.courses()[course.index()].name));
    let n = who.len();
    let students = if n == 1 { "1 student takes" } else { &format!("{n} students take") };
    let names = some_of(who.iter().map(|&s| clean(problem.student_name(s))));
    let courses = if a == b { course(a) } else { format!("{} and {}", course(a), course(b)) };
    let when = match (only_time(problem, x), only_time(problem, y)) {
        (Some(t), Some(u)) if t == u => format!("are both on {}", words.time(t)),
        (Some(t), Some(u)) => format!("are on {} and {}", words.time(t), words.time(u)),
        _ => "overlap whenever they are held".to_owned(),
    };
    let sections = if words.is_tables() { "sections" } else { "classes" };
    let otherwise = if choice { format!(", and the other {sections} clash as well") } else { String::new() };
    Finding {
        severity: if hard { Severity::Error } else { Severity::Warning },
        check: Check::Student,
        rule: if words.is_tables() { "student_conflicts" } else { "StudentConflict" }.to_owned(),
        classes: vec![x, y],
        places: words.places_of(&[x, y]),
        text: format!(
            "{students} {courses} and cannot attend both ({names}): {} and {} {when}{otherwise}",
            words.class_with_line(x),
            words.class_with_line(y)
        ),
        remedy: if words.is_fixed(x).0 || words.is_fixed(y).0 {
            format!("Maybe fix one of {} and {} at another time", words.class(x), words.class(y))
        } else {
            "Maybe give one of the courses other times, or one section more".to_owned()
        },
    }
}

/// Students who must attend classes that do not fit into the week, of courses that leave no choice.
fn crowded_students(all: &mut Findings<'_>) {
    let (words, problem) = (all.words, all.problem());
    let grid = Grid::new(problem);
    let mut chosen = Timetable::empty(problem);
    crate::enrol_where_there_is_no_choice(problem, &mut chosen);
    let mut work = 0;
    for (i, student) in problem.students().iter().enumerate() {
        if work > WORK_MAX {
            return;
        }
        let places = problem.requests()[student.requests.range()].iter().flat_map(|r| r.slots.range());
        let mut classes: Vec<u32> = places.map(|k| chosen.enrolment[k]).filter(|&c| c != NONE).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() < 2 || all.has_within(Check::Student, &classes) {
            continue;
        }
        let Some((week, found)) = crowded(problem, &grid, &classes, &mut work) else { continue };
        let inside: Vec<ClassId> = found.items.iter().map(|&i| ClassId(classes[i])).collect();
        let (n, there) = (inside.len() as u64, found.cells.count_ones(..) as u64);
        let takes = if n == found.needed { String::new() } else { format!(" that take {} slots", found.needed) };
        all.add(Finding {
            severity: Severity::Error,
            check: Check::Student,
            rule: if words.is_tables() { "student_conflicts" } else { "StudentConflict" }.to_owned(),
            text: format!(
                "student {} has {n} {}{}{takes} ({}), and there {} in which they can be held",
                words.student(StudentId::new(i)),
                words.sessions(n),
                words.every(&inside, week.one),
                words.classes(&inside),
                if there == 1 { "is 1 slot".to_owned() } else { format!("are {there} slots") }
            ),
            remedy: "Maybe allow more times for them, or let students' conflicts cost something instead of being hard"
                .to_owned(),
            places: words.places_of(&inside),
            classes: inside,
        });
    }
}
