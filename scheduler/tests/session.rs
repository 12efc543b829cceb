//! A run from another crate: from an input to its files, with what came of it.

use pipeline::{Event, Observer, Plan};
use scheduler::{Config, Host, Layer, OutputFolder, Session, SilentHost, Target};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

fn session(out: &Path, layer: Layer, host: Arc<dyn Host>) -> Session {
    let config = Config::gather(None, Layer { threads: Some(1), ..layer }).expect("a configuration");
    let folder = OutputFolder::Named(out.to_owned());
    let target = Target { folder, about: "a test".to_owned(), more: Vec::new(), replace: false };
    Session::new(config, target, host)
}

fn faculty(place: &Path) -> PathBuf {
    let folder = place.join("faculty");
    stage0_load::generate::demo_tables(1).write(&folder).expect("written");
    folder
}

fn by_steps() -> Layer {
    Layer { steps: Some(100_000), ..Layer::default() }
}

/// Remembers what it is shown and asked.
#[derive(Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Host for Seen {
    fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(Seen(self.0.clone()))
    }

    fn begins(&self) {
        self.0.lock().expect("not poisoned").push("begins".to_owned());
    }
}

impl Observer for Seen {
    fn ends(&self, event: &Event, _plan: &Plan) {
        self.0.lock().expect("not poisoned").push(event.stage.clone());
    }
}

#[test]
fn a_run_says_what_came_of_it_and_where_it_is() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, out) = (faculty(place.path()), place.path().join("out"));
    let host = Seen::default();
    let seen = host.0.clone();
    let solved = session(&out, by_steps(), Arc::new(host)).solve(Some(&input), false, true).expect("solved");
    assert!(solved.report.score.is_valid() && !solved.interrupted);
    assert_eq!(solved.plan.score, Some(solved.report.score));
    assert_eq!((solved.solution.as_path(), solved.folder.as_path()), (out.join("solution").as_path(), out.as_path()));
    assert!(solved.solution.join("timetable.csv").is_file());
    let slots: Vec<&str> = solved.events.iter().map(|event| event.stage.as_str()).collect();
    assert_eq!(slots, ["stage1", "stage2a", "stage2b", "stage3"]);
    let seen = seen.lock().expect("not poisoned").clone();
    assert_eq!(seen, ["begins", "stage1", "stage2a", "stage2b", "stage3"]);
    assert!(scheduler::unplaced(&solved.timetable, &solved.words()).is_empty());
}

#[test]
fn a_run_that_was_cancelled_says_so_and_has_its_files() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, out) = (faculty(place.path()), place.path().join("out"));
    let mut session = session(&out, Layer { steps: Some(u64::MAX / 2), ..Layer::default() }, Arc::new(SilentHost));
    let cancel = session.cancel.clone();
    let wait = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        cancel.cancel();
    });
    let solved = session.solve(Some(&input), false, true).expect("the best so far");
    wait.join().expect("it ended");
    assert!(solved.interrupted && solved.solution.join("timetable.csv").is_file());
}

#[test]
fn a_program_that_is_not_stagecoach_is_never_its_own_worker() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, out) = (faculty(place.path()), place.path().join("out"));
    let mut layer = by_steps();
    layer.stage2a.name = Some("cpsat".to_owned());
    let why = session(&out, layer, Arc::new(SilentHost)).solve(Some(&input), false, true).err().expect("an error");
    assert!(why.to_string().contains("the path of the program `stagecoach`"), "{why}");
    assert!(!out.exists());
}

#[test]
fn a_budget_that_is_too_small_is_told_apart_from_other_errors() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, out) = (faculty(place.path()), place.path().join("out"));
    let layer = Layer { memory: Some(memguard::Bytes::mb(1)), ..by_steps() };
    let why = session(&out, layer, Arc::new(SilentHost)).solve(Some(&input), false, true).err().expect("an error");
    assert!(why.is_memory(), "{why}");
}
