//! End-to-end tests over the program and real instances; here is what they, and the tests of stages,
//! share.

mod planted;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};
use timetable::*;

pub use needs::{folder, instances, is_slow, slow};
pub use planted::{Xorshift, anywhere, builder, context, lone_class, plan_of, planted, run};

/// Loads an instance.
///
/// # Panics
/// Where it cannot be loaded, with the message.
pub fn load(path: &Path) -> Problem {
    stage0_load::load(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The name of an instance: its file's, without what comes after the first point.
pub fn name(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    file.split('.').next().unwrap_or_default().to_owned()
}

/// Random numbers that depend on nothing: a Weyl sequence and the finaliser of SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// From a seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}

/// Any placement of a class out of its times and rooms.
pub fn random_placement(problem: &Problem, class: ClassId, rng: &mut Rng) -> Placement {
    let rooms = problem.rooms_of(class).len();
    let room = if rooms == 0 { Placement::NO_ROOM } else { rng.below(rooms) as u16 };
    Placement { time: rng.below(problem.times_of(class).len()) as u16, room }
}

/// Any proper way to meet a request, one class a place; where two hundred tries find none, nothing
/// taken.
pub fn random_enrolment(problem: &Problem, request: RequestId, rng: &mut Rng) -> Vec<u32> {
    let row = problem.requests()[request.index()];
    let configs = problem.courses()[row.course as usize].configs.range();
    let mut places = vec![NONE; row.slots.len as usize];
    for _ in 0..200 {
        let config = problem.configs()[configs.start + rng.below(configs.len())];
        let subparts = &problem.subparts()[config.subparts.range()];
        let taken: Vec<u32> =
            subparts.iter().map(|s| s.classes.first + rng.below(s.classes.len as usize) as u32).collect();
        let mut parents = taken.iter().map(|&c| problem.classes()[c as usize].parent);
        if parents.all(|parent| parent == NONE || taken.contains(&parent)) {
            places[..taken.len()].copy_from_slice(&taken);
            break;
        }
    }
    places
}

/// Classes anywhere that they can be, students in any classes that they can take.
pub fn random_timetable(problem: &Problem, rng: &mut Rng) -> Timetable {
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids() {
        timetable.placements[class.index()] = random_placement(problem, class, rng);
    }
    for (i, request) in problem.requests().iter().enumerate() {
        let places = random_enrolment(problem, RequestId::new(i), rng);
        timetable.enrolment[request.slots.range()].copy_from_slice(&places);
    }
    timetable
}

/// An evaluator in Python that shares no code with the project, kept running over many solutions of
/// one instance.
#[derive(Debug)]
pub struct Evaluator {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Evaluator {
    /// Starts `evaluator`, a file in `STAGECOACH_TOOLS` or `../shared/tools`; `None` where there is
    /// no such folder, which is a skip.
    ///
    /// # Panics
    /// Where there is no `python3`.
    #[track_caller]
    pub fn start(evaluator: &str, instance: &Path) -> Option<Evaluator> {
        let Some(tools) = folder("STAGECOACH_TOOLS", "tools") else {
            needs::skip(needs::Need::Tools, format!("no {evaluator} here"));
            return None;
        };
        let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/evaluate_many.py");
        let mut python = Command::new("python3");
        python.arg(runner).arg(tools.join(evaluator)).arg(instance);
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3 runs");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Some(Evaluator { child, answers })
    }

    /// What it says about a solution file.
    ///
    /// # Panics
    /// Where it fails; its own message is on standard error.
    pub fn verdict(&mut self, solution: &Path) -> serde_json::Value {
        let questions = self.child.stdin.as_mut().expect("a pipe");
        writeln!(questions, "{}", solution.display()).expect("the evaluator listens");
        questions.flush().expect("the evaluator listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{}: {e} in {line:?}", solution.display()))
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
