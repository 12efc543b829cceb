//! The data of the page: lists of numbers and names, each thing once. `page/data.js` reads it.

use crate::changes::Changes;
use crate::directory::{Directory, taken};
use crate::view::View;
use crate::words::Words;
use pipeline::{Event, Outcome};
use rustc_hash::FxHashMap;
use scheduler::names::clean;
use serde::{Serialize, Serializer, ser::SerializeSeq};
use timetable::{ClassId, Problem, RoomId, Rule, Score, StudentId, TimeId, Timetable};

/// Violations in the page; the rest is counted.
const MOST_VIOLATIONS: usize = 5_000;

/// All of it. Names are as in the script; a number of -1 stands for none.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    name: String,
    weeks: u32,
    days: Vec<String>,
    slots: Vec<(String, String)>,
    clock: bool,
    /// Different sets of weeks, each a list of weeks from 0.
    weeksets: Vec<Vec<u32>>,
    /// The times in use: number of the set of weeks, bits of days, first slot, slot after the last.
    times: Vec<(u32, u16, u16, u16)>,
    rooms: Rooms,
    teachers: Names,
    groups: Groups,
    courses: Courses,
    students: Students,
    classes: Classes,
    taken: Taken<'a>,
    score: Verdict,
    bound: i64,
    /// Rule, how often, its part of the hard violations and of the penalty.
    rules: Vec<(&'static str, u64, i64, i64)>,
    /// Rule, text, classes, student, room.
    violations: Vec<(&'static str, String, Vec<u32>, i64, i64)>,
    left_out: u64,
    /// Class, reason.
    unplaced: Vec<(u32, &'a str)>,
    events: Vec<StageEnd<'a>>,
    changes: Option<Changes<'a>>,
}

#[derive(Serialize)]
struct Names {
    id: Vec<String>,
    name: Vec<String>,
}

#[derive(Serialize)]
struct Rooms {
    id: Vec<String>,
    seats: Vec<u32>,
    features: Vec<String>,
    closed: Vec<Vec<u32>>,
}

#[derive(Serialize)]
struct Groups {
    id: Vec<String>,
    classes: Vec<Option<Vec<u32>>>,
}

#[derive(Serialize)]
struct Courses {
    id: Vec<String>,
    name: Vec<String>,
    department: Vec<String>,
}

#[derive(Serialize)]
struct Students {
    id: Vec<String>,
    name: Vec<String>,
    group: Vec<i64>,
}

#[derive(Serialize)]
struct Classes {
    name: Vec<String>,
    course: Vec<u32>,
    section: Vec<u32>,
    session: Vec<u32>,
    time: Vec<i64>,
    room: Vec<i64>,
    teachers: Vec<Vec<u32>>,
    students: Vec<u32>,
    limit: Vec<i64>,
    cost: Vec<i64>,
}

#[derive(Serialize)]
struct Verdict {
    #[serde(flatten)]
    score: Score,
    valid: bool,
}

#[derive(Serialize)]
struct StageEnd<'a> {
    stage: &'a str,
    implementation: String,
    seconds: f64,
    after: Option<Score>,
    memory: Memory,
    outcome: String,
}

#[derive(Serialize)]
struct Memory {
    peak: Option<u64>,
}

impl<'a> Data<'a> {
    pub(crate) fn of(view: &View<'a>) -> Data<'a> {
        let (problem, report) = (view.problem, view.report);
        let (words, directory) = (Words::of(problem, view.labels), Directory::of(view));
        let mut times = Times::default();
        let rooms = rooms(problem, &mut times);
        let classes = classes(view, &directory, &mut times);
        let left = report.violations.iter().filter(|v| v.rule != Rule::Unplaced);
        let listed = left.clone().take(MOST_VIOLATIONS);
        let violations = listed.map(|v| {
            let classes = v.classes.iter().map(|class| class.0).collect();
            let student = v.student.map_or(-1, |student| i64::from(student.0));
            let room = v.room.map_or(-1, |room| i64::from(room.0));
            (v.rule.name(), v.describe(problem), classes, student, room)
        });
        Data {
            name: clean(problem.name(problem.meta().name)),
            weeks: words.weeks,
            days: words.days,
            slots: words.slots,
            clock: words.has_clock,
            rooms,
            teachers: teachers(view, &directory),
            groups: groups(&directory),
            courses: courses(view),
            students: students(view, &directory),
            classes,
            taken: Taken { problem, timetable: view.timetable },
            score: Verdict { score: report.score, valid: report.score.is_valid() },
            bound: view.bound.unwrap_or(0),
            rules: report.tallies.iter().map(|(rule, t)| (rule.name(), t.entries, t.hard, t.penalty)).collect(),
            violations: violations.collect(),
            left_out: report.left_out + (left.count().saturating_sub(MOST_VIOLATIONS)) as u64,
            unplaced: view.unplaced.iter().map(|one| (one.class.0, one.reason.as_str())).collect(),
            events: view.events.iter().map(stage_end).collect(),
            changes: view.before.as_ref().map(|before| Changes::of(view, before)),
            weeksets: times.weeksets,
            times: times.rows,
        }
    }
}

/// The times in use, numbered as they come.
#[derive(Default)]
struct Times {
    rows: Vec<(u32, u16, u16, u16)>,
    numbers: FxHashMap<u32, u32>,
    weeksets: Vec<Vec<u32>>,
    of_weeks: FxHashMap<u64, u32>,
}

impl Times {
    fn number(&mut self, problem: &Problem, time: TimeId) -> u32 {
        if let Some(&number) = self.numbers.get(&time.0) {
            return number;
        }
        let row = problem.times()[time.index()];
        let weeks = *self.of_weeks.entry(row.weeks).or_insert_with(|| {
            self.weeksets.push((0..problem.meta().weeks).filter(|week| row.weeks >> week & 1 == 1).collect());
            self.weeksets.len() as u32 - 1
        });
        self.rows.push((weeks, row.days, row.start, row.end));
        let number = self.rows.len() as u32 - 1;
        self.numbers.insert(time.0, number);
        number
    }
}

fn rooms(problem: &Problem, times: &mut Times) -> Rooms {
    let all = || (0..problem.rooms().len()).map(RoomId::new);
    let features = |room: RoomId| {
        let spans = &problem.room_features()[problem.rooms()[room.index()].features.range()];
        spans.iter().map(|&span| clean(problem.name(span))).collect::<Vec<_>>().join(", ")
    };
    Rooms {
        id: all().map(|room| clean(problem.room_name(room))).collect(),
        seats: problem.rooms().iter().map(|room| room.capacity).collect(),
        features: all().map(features).collect(),
        closed: all()
            .map(|room| problem.unavailable_of(room).iter().map(|&t| times.number(problem, TimeId(t))).collect())
            .collect(),
    }
}

fn classes(view: &View<'_>, directory: &Directory<'_>, times: &mut Times) -> Classes {
    let (problem, timetable) = (view.problem, view.timetable);
    let all = || problem.class_ids();
    Classes {
        name: all().map(|class| clean(problem.class_name(class))).collect(),
        course: all().map(|class| problem.course_of(class).0).collect(),
        section: directory.numbers.iter().map(|numbers| numbers.0).collect(),
        session: directory.numbers.iter().map(|numbers| numbers.1).collect(),
        time: all()
            .map(|c| timetable.time(problem, c).map_or(-1, |time| i64::from(times.number(problem, time))))
            .collect(),
        room: all().map(|class| timetable.room(problem, class).map_or(-1, |room| i64::from(room.0))).collect(),
        teachers: directory.taught_by.clone(),
        students: directory.students.clone(),
        limit: problem.classes().iter().map(|class| class.limit().map_or(-1, i64::from)).collect(),
        cost: view.report.class_penalty.clone(),
    }
}

fn teachers(view: &View<'_>, directory: &Directory<'_>) -> Names {
    let called =
        |id: &&str| view.labels.and_then(|labels| labels.teachers.get(*id)).map_or(String::new(), |n| clean(n));
    Names {
        id: directory.teachers.iter().map(|id| clean(id)).collect(),
        name: directory.teachers.iter().map(called).collect(),
    }
}

fn groups(directory: &Directory<'_>) -> Groups {
    Groups {
        id: directory.groups.iter().map(|group| clean(group.name)).collect(),
        classes: directory.groups.iter().map(|group| group.classes.map(<[u32]>::to_vec)).collect(),
    }
}

fn courses(view: &View<'_>) -> Courses {
    let ids: Vec<&str> = view.problem.courses().iter().map(|course| view.problem.name(course.name)).collect();
    let label = |id: &&str| view.labels.and_then(|labels| labels.courses.get(*id));
    Courses {
        id: ids.iter().map(|id| clean(id)).collect(),
        name: ids.iter().map(|id| label(id).map_or(String::new(), |course| clean(&course.name))).collect(),
        department: ids.iter().map(|id| label(id).map_or(String::new(), |course| clean(&course.department))).collect(),
    }
}

fn students(view: &View<'_>, directory: &Directory<'_>) -> Students {
    let problem = view.problem;
    let ids: Vec<&str> =
        (0..problem.students().len()).map(|student| problem.student_name(StudentId::new(student))).collect();
    let called = |id: &&str| {
        view.labels.and_then(|labels| labels.students.get(*id)).map_or(String::new(), |student| clean(&student.name))
    };
    Students {
        id: ids.iter().map(|id| clean(id)).collect(),
        name: ids.iter().map(called).collect(),
        group: directory.group_of.iter().map(|group| group.map_or(-1, i64::from)).collect(),
    }
}

fn stage_end(event: &Event) -> StageEnd<'_> {
    let outcome = match &event.outcome {
        Outcome::Taken if event.before == event.after && event.after.is_some() => "unchanged".to_owned(),
        Outcome::Taken => "done".to_owned(),
        Outcome::Refused(why) => format!("refused: {}", clean(why)),
        Outcome::Failed(why) => format!("failed: {}", clean(why)),
    };
    StageEnd {
        stage: &event.stage,
        implementation: clean(&event.implementation),
        seconds: event.seconds.max(0.0),
        after: event.after,
        memory: Memory { peak: event.memory.peak },
        outcome: if event.interrupted { format!("{outcome} (interrupted)") } else { outcome },
    }
}

/// By student the classes taken: the number of the first, then steps to the next.
struct Taken<'a> {
    problem: &'a Problem,
    timetable: &'a Timetable,
}

impl Serialize for Taken<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.problem.students().len();
        let mut students = serializer.serialize_seq(Some(count))?;
        for student in 0..count {
            let mut at = 0;
            let step = |ClassId(class)| class - std::mem::replace(&mut at, class);
            let steps: Vec<u32> =
                taken(self.problem, self.timetable, StudentId::new(student)).into_iter().map(step).collect();
            students.serialize_element(&steps)?;
        }
        students.end()
    }
}
