//! What becomes of trials: every one once, whatever happens to some of them.

mod common;

use common::{Behaviour, Deaf, Heard, Place, options};
use experiments::{Options, Outcome, State};
use memguard::{Bytes, Exit};
use pipeline::Cancel;
use std::{cell::RefCell, collections::BTreeMap};

#[test]
fn starting_again_is_going_on_and_nothing_is_run_twice() {
    let place = Place::new();
    let grid = place.seeds(10);
    let ending = place.run(&grid, |_| Behaviour::done()).unwrap();
    assert_eq!((ending.outcome, ending.ran, ending.progress.done), (Outcome::Done, 10, 10));
    let ending = place.run(&grid, |job| panic!("{job:?} was done")).unwrap();
    assert_eq!((ending.outcome, ending.ran, ending.progress.done), (Outcome::Done, 0, 10));
    place.is_sound();
}

#[test]
fn of_a_changed_grid_only_what_is_new_is_run() {
    let place = Place::new();
    place.run(&place.seeds(10), |_| Behaviour::done()).unwrap();
    let wider = place.grid("instances = ['x.ctt']\nseeds = '5-12'\nsteps = [5, 6]\n[axes]\npopulation = [0, 8]\n");
    let mut ran = 0;
    let ending = place.run(&wider, |_| {
        ran += 1;
        Behaviour::done()
    });
    // 8 seeds × 2 × 2, of which seeds 5 to 10 with 5 steps and the default population are done.
    assert_eq!((ran, ending.unwrap().progress.done), (32 - 6, 32));
    assert_eq!(place.rows().len(), 10 + 26);
    place.is_sound();
}

#[test]
fn a_trial_that_fails_never_ends_the_sweep_and_says_why_at_once() {
    let place = Place::new();
    let mut heard = Heard::default();
    let ends = [Exit::Failed(2), Exit::Crashed(11), Exit::Deadline, Exit::Done];
    let behave = |job: &experiments::Job| match job.start.cell {
        cell @ 0..4 => Behaviour::ends(ends[cell as usize]),
        _ => Behaviour::done(),
    };
    let ending = place.run_as(&place.seeds(20), options(), &Cancel::default(), behave, &mut heard).unwrap();
    assert_eq!((ending.outcome, ending.progress.done, ending.progress.failed), (Outcome::SomeFailed, 16, 4));
    let states: Vec<State> =
        heard.ended.iter().filter(|(row, _)| row.start.cell < 4).map(|(row, _)| row.state).collect();
    assert_eq!(states, [State::Failed, State::Crashed, State::Deadline, State::Failed]);
    let whys: Vec<&str> = heard.ended.iter().filter_map(|(_, why)| why.as_deref()).collect();
    assert!(whys[0].contains("exit code 2: last words") && whys[1].contains("signal 11"), "{whys:?}");
    // None of it is a want of memory, so nothing is tried again.
    let ending = place.run(&place.seeds(20), |job| panic!("{job:?} has ended")).unwrap();
    assert_eq!((ending.outcome, ending.ran), (Outcome::SomeFailed, 0));
    // Unless somebody asks for it.
    let options = Options { retry: vec![State::Crashed, State::Deadline], ..options() };
    let behave = |_: &experiments::Job| Behaviour::done();
    let ending = place.run_as(&place.seeds(20), options, &Cancel::default(), behave, &mut Deaf).unwrap();
    assert_eq!((ending.ran, place.count(State::Failed), place.count(State::Done)), (2, 2, 18));
    place.is_sound();
}

#[test]
fn what_ran_out_of_memory_is_run_alone_with_half_as_much_more_and_twice_at_most() {
    let place = Place::new();
    let caps: RefCell<BTreeMap<u64, Vec<u64>>> = RefCell::default();
    let behave = |job: &experiments::Job| {
        caps.borrow_mut().entry(job.start.cell).or_default().push(job.start.cap);
        match (job.start.cell, job.start.ooms) {
            // One of them with the next attempt, one with the one after that, one never.
            (3, 0) | (4, 0..2) => Behaviour::ends(Exit::OverCap),
            (5, _) => Behaviour::ends(Exit::OutOfMemory),
            _ => Behaviour::done(),
        }
    };
    let ending = place.run(&place.seeds(12), behave).unwrap();
    assert_eq!((ending.progress.done, ending.progress.failed), (11, 1));
    assert_eq!(place.count(State::Oom), 1);
    let caps = caps.into_inner();
    let counts: Vec<usize> = [2, 3, 4, 5].map(|cell| caps[&cell].len()).to_vec();
    assert_eq!(counts, [1, 2, 3, 3]);
    for cell in [3, 4, 5] {
        for pair in caps[&cell].windows(2) {
            assert_eq!(Bytes::new(pair[1]), Bytes::new(pair[0]).scaled(1.5), "{cell}");
        }
    }
    place.is_sound();
    // Nor is it tried again by the next sweep.
    assert_eq!(place.run(&place.seeds(12), |job| panic!("{job:?}")).unwrap().ran, 0);
}

#[test]
fn a_sweep_that_is_stopped_ends_its_trials_and_runs_them_again_later() {
    let place = Place::new();
    let cancel = Cancel::default();
    let behave = |job: &experiments::Job| {
        if job.start.cell == 5 {
            cancel.cancel();
        }
        Behaviour {
            polls: if job.start.cell == 5 { 1_000_000 } else { 0 },
            says: (job.start.cell != 5).then_some(State::Done),
            ..Behaviour::done()
        }
    };
    let ending = place.run_as(&place.seeds(10), options(), &cancel, behave, &mut Deaf).unwrap();
    assert_eq!(ending.outcome, Outcome::Stopped);
    assert_eq!(place.count(State::Stopped), 1);
    place.is_sound();
    let ending = place.run(&place.seeds(10), |_| Behaviour::done()).unwrap();
    assert_eq!((ending.outcome, ending.progress.done), (Outcome::Done, 10));
    place.is_sound();
}

#[test]
fn values_that_make_no_configuration_together_are_told_apart_from_trials_that_fail() {
    let place = Place::new();
    // Each value is one by itself; elevated must not be above emergency.
    let grid = place.grid("instances = ['x.ctt']\nsteps = 5\n[axes]\nstage2b.elevated = [0.7, 0.85]\nstage2b.emergency = [0.86, 0.8]\nstage2b.critical = [0.9]\n");
    let ending = place.run(&grid, |_| Behaviour::done()).unwrap();
    assert_eq!((ending.progress.done, ending.progress.failed), (3, 1));
    assert_eq!(place.count(State::BadConfig), 1);
    place.is_sound();
}

#[test]
fn shards_share_all_trials_out_among_themselves() {
    let all: usize = (0..3)
        .map(|k| {
            let place = Place::new();
            let options = Options { shard: Some((k, 3)), ..options() };
            place.run_as(&place.seeds(50), options, &Cancel::default(), |_| Behaviour::done(), &mut Deaf).unwrap();
            let rows = place.rows();
            assert!(rows.len() > 5 && rows.keys().all(|id| id.shard(3) == k));
            rows.len()
        })
        .sum();
    assert_eq!(all, 50);
}

#[test]
fn the_minimal_cells_come_first() {
    let place = Place::new();
    let grid = place.grid(
        "instances = ['x.ctt']\nseeds = '1-5'\nsteps = 5\n[axes]\npopulation = [0, 1, 2]\nstage2b.share = [40, 60]\n",
    );
    let mut first = Vec::new();
    let behave = |job: &experiments::Job| {
        first.push(job.start.cell);
        Behaviour::done()
    };
    let options = Options { minimal: true, jobs: 1, ..options() };
    place.run_as(&grid, options, &Cancel::default(), behave, &mut Deaf).unwrap();
    assert_eq!(first.len(), 30);
    first.truncate(4);
    assert_eq!(first, grid.minimal());
}

#[test]
fn what_cannot_fit_is_refused_before_anything_is_run() {
    let place = Place::new();
    let mut grid = place.seeds(3);
    grid.base["memory"] = 5_000_000_000_u64.into();
    let lock = place.folder.lock().unwrap();
    let number = place.folder.keep_grid(&grid).unwrap();
    let guard = memguard::Guard::of_this_process(Some(Bytes::mb(60)));
    let (folder, lock, cancel) = (&place.folder, &lock, Cancel::default());
    let sweep = experiments::Sweep { folder, lock, grid: &grid, number, options: options(), guard, cancel };
    let refused = sweep.run(&mut common::Simulated(|_: &experiments::Job| panic!("it cannot fit")), &mut Deaf);
    let why = refused.unwrap_err();
    assert!(
        matches!(why, experiments::Error::TooSmall(_)) && why.to_string().contains("It takes a limit of at least"),
        "{why}"
    );
}

#[test]
fn a_kind_that_wants_more_than_there_is_gets_what_there_is() {
    let place = Place::new();
    // Every one of them runs out of its cap the first time, so that the next ones get more and
    // more.
    let behave = |job: &experiments::Job| match job.start.ooms {
        0 => Behaviour::ends(Exit::OverCap),
        _ => Behaviour::done(),
    };
    let ending = place.run(&place.seeds(30), behave).unwrap();
    assert_eq!(ending.progress.done + ending.progress.failed, 30);
    assert!(place.rows().values().all(|row| row.start.cap < 1_000_000_000));
    place.is_sound();
}

/// Looks for the results of a sweep each time that a trial has ended.
struct Asks {
    folder: std::path::PathBuf,
    ended: u64,
    found: Vec<u64>,
}

impl experiments::Watch for Asks {
    fn ended(&mut self, _row: &experiments::Row, _texts: &[String], _why: Option<&str>) {
        self.ended += 1;
        let found = results_of(&self.folder);
        assert!((self.ended..=20).contains(&found), "{found} after {} have ended", self.ended);
        self.found.push(found);
    }
}

/// How many different trials there are in the results of a sweep.
fn results_of(folder: &std::path::Path) -> u64 {
    use experiments::{columns, top};
    let inputs = columns::find(&[folder.to_owned()]).expect("results");
    let query = top::Query {
        by: vec!["penalty".into()],
        descending: false,
        n: 1_000,
        filter: columns::filter::Filter::parse(&[]).expect("no filter"),
        threads: 1,
        memory: Bytes::mb(64),
    };
    let found = top::find(&query, &inputs.files, &top::Unwatched).expect("rows");
    let trial = found.columns.iter().position(|name| name == "trial").expect("a column");
    let trials: std::collections::BTreeSet<String> =
        found.rows.iter().map(|row| format!("{:?}", row.values[trial])).collect();
    assert_eq!(trials.len(), found.rows.len(), "each once");
    trials.len() as u64
}

#[test]
fn results_can_be_asked_for_while_a_sweep_runs() {
    let place = Place::new();
    let mut asks = Asks { folder: place.folder.path().to_owned(), ended: 0, found: Vec::new() };
    let behave = |job: &experiments::Job| Behaviour { polls: 3 + 5 * job.start.cell as u32, ..Behaviour::done() };
    place.run_as(&place.seeds(20), options(), &Cancel::default(), behave, &mut asks).unwrap();
    assert_eq!(asks.ended, 20);
    assert!(asks.found.iter().any(|found| *found < 20), "asked while it ran: {:?}", asks.found);
    assert_eq!(results_of(place.folder.path()), 20, "all of it is in parts at the end");
}
