//! Tournaments without solvers: what a configuration costs is a made-up function of it.

mod common;

use common::{Behaviour, Simulated, temporary};
use experiments::columns::filter::Filter;
use experiments::tournament::{
    CONFIGURATION, Ending, News, Options, Outcome, Spectator, Tournament, Verdict, WrittenArena, prepare,
};
use experiments::{Error, Folder, Job, Row, Watch};
use memguard::{Bytes, Exit, Guard};
use pipeline::Cancel;
use serde_json::Value;
use std::{fs, path::Path};
use timetable::Problem;

/// One course of one lecture, in a room of so many seats.
fn tiny(seats: usize) -> String {
    of_classes(1, seats)
}

/// The same with so many lectures.
fn of_classes(n: usize, seats: usize) -> String {
    format!(
        "Name: Tiny\nCourses: 1\nRooms: 1\nDays: 1\nPeriods_per_day: {n}\nCurricula: 0\nConstraints: 0\n\n\
         COURSES:\na t {n} 1 10\n\nROOMS:\nr {seats}\n\nCURRICULA:\n\nUNAVAILABILITY_CONSTRAINTS:\n\nEND.\n"
    )
}

const ARENA: &str = "instances = ['race*.ctt']\nheld_out = ['held*.ctt']\nsteps = 5\ntrials = 260\nseed = 7\n\
[parameters]\nstage2b.use = { choices = ['annealing', 'ga', 'none'] }\nstage2b.share = { integer = [10, 90] }\n\
population = { integer = [2, 64], log = true, only_if = 'stage2b.use = ga' }\n";

struct Place {
    place: tempfile::TempDir,
}

/// Everything that was told, but memory.
#[derive(Default)]
struct Heard {
    news: Vec<String>,
    ended: u64,
    /// Told to end after so many trials.
    end_after: Option<(u64, Cancel)>,
}

impl Watch for Heard {
    fn ended(&mut self, _row: &Row, _texts: &[String], _why: Option<&str>) {
        self.ended += 1;
        if let Some((after, cancel)) = &self.end_after
            && self.ended >= *after
        {
            cancel.cancel();
        }
    }
}

impl Spectator for Heard {
    fn sees(&mut self, news: &News) {
        let mut news = serde_json::to_value(news).expect("JSON");
        if news["event"] != "plan" {
            news.as_object_mut().expect("an object").remove("memory");
            self.news.push(news.to_string());
        }
    }
}

impl Place {
    fn new(raced: usize, held_out: usize) -> Place {
        let place = temporary();
        for n in 0..raced {
            fs::write(place.path().join(format!("race{n}.ctt")), tiny(20 + n)).expect("a file");
        }
        for n in 0..held_out {
            fs::write(place.path().join(format!("held{n:02}.ctt")), tiny(200 + n)).expect("a file");
        }
        Place { place }
    }

    fn folder(&self, name: &str) -> Folder {
        Folder::create(&self.place.path().join(name)).expect("a folder")
    }

    fn parse(&self, text: &str) -> Result<WrittenArena, Error> {
        WrittenArena::parse(&self.place.path().join("arena.toml"), text.to_owned())
    }

    fn run(
        &self,
        (name, text): (&str, &str),
        jobs: usize,
        heard: &mut Heard,
        behave: impl FnMut(&Job) -> Behaviour,
    ) -> Result<Ending, Error> {
        let cancel = Cancel::default();
        if let Some((_, told)) = &mut heard.end_after {
            *told = cancel.clone();
        }
        self.run_within(Bytes::gb(1), (name, text), jobs, cancel, heard, behave)
    }

    fn run_within(
        &self,
        limit: Bytes,
        (name, text): (&str, &str),
        jobs: usize,
        cancel: Cancel,
        heard: &mut Heard,
        behave: impl FnMut(&Job) -> Behaviour,
    ) -> Result<Ending, Error> {
        let folder = self.folder(name);
        let lock = folder.lock()?;
        let load = |path: &Path| {
            let plan = scheduler::load(path).map_err(|e| Error::Input(e.to_string()))?;
            Ok(std::sync::Arc::try_unwrap(plan.problem).expect("nobody else has it"))
        };
        let arena = prepare(&folder, &self.parse(text)?, load)?;
        let guard = Guard::of_this_process(Some(limit));
        let options = Options { jobs, ..Options::default() };
        let (folder, lock, arena) = (&folder, &lock, &arena);
        Tournament { folder, lock, arena, options, guard, cancel }.run(&mut Simulated(behave), heard)
    }

    fn verdict(
        &self,
        name: &str,
        text: &str,
        jobs: usize,
        behave: impl FnMut(&Job) -> Behaviour,
    ) -> (Verdict, Heard, u64) {
        let mut heard = Heard::default();
        let ending = self.run((name, text), jobs, &mut heard, behave).expect("a tournament");
        match ending.outcome {
            Outcome::Decided(verdict) => (*verdict, heard, ending.ran),
            other => panic!("{other:?}"),
        }
    }
}

/// A number from 0 to 99 that depends on all of this.
fn noise(job: &Job) -> i64 {
    let text = format!("{} {} {}", job.block.file_name().expect("a name").display(), job.start.seed, job.layer);
    i64::from(text.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte)) % 100)
}

fn comes_to(penalty: i64) -> Behaviour {
    Behaviour { penalty: Some(penalty), ..Behaviour::done() }
}

/// The best is `none` with a share of 30; the defaults are `annealing` with one of 60.
fn surface(job: &Job) -> Behaviour {
    let share = job.layer["stage2b"]["share"].as_i64().unwrap_or(60);
    let kind = match job.layer["stage2b"]["use"].as_str() {
        Some("none") => 0,
        Some("ga") => 400 + job.layer["population"].as_i64().unwrap_or(8),
        _ => 200,
    };
    comes_to(1_000 + kind + 10 * (share - 30).abs() + noise(job))
}

#[test]
fn the_best_of_a_made_up_surface_is_found_proven_and_written() {
    let place = Place::new(6, 20);
    let (verdict, heard, ran) = place.verdict("t", ARENA, 4, surface);
    assert!(verdict.is_better && verdict.winner != 0, "{verdict:?}");
    assert_eq!(verdict.configuration["stage2b"]["use"], "none");
    let share = verdict.configuration["stage2b"]["share"].as_i64().expect("a share");
    assert!((20..=40).contains(&share), "{share}");
    let proof = verdict.proof.as_ref().expect("a proof");
    assert_eq!((proof.better, proof.worse, proof.seeds), (20, 0, 3));
    assert!(proof.ratio < 0.9 && proof.p < 1e-4);
    assert!(verdict.trials <= 260 && ran >= verdict.trials as u64 && heard.ended == ran);
    // What is written is a configuration, and says on what evidence.
    let path = place.place.path().join("t").join(CONFIGURATION);
    let text = fs::read_to_string(&path).expect("a configuration");
    let layer: Value = toml::from_str(&text).expect("TOML");
    assert_eq!(layer, verdict.configuration);
    assert!(text.contains("better on 20 of 20 instances, worse on 0") && text.contains("held07"), "{text}");
    scheduler::Layer::from_file(&path).expect("a configuration");
    let verified = experiments::verify(&place.folder("t"), false).expect("verified");
    assert_eq!(verified.faults, []);
    // Each parameter is a column of the results, for `results` and `report`.
    let results = experiments::results::Results::open(&place.folder("t")).expect("results");
    let columns = results.columns();
    let expected = ["instance", "configuration", "stage2b_share", "stage2b_use", "population", "budget"];
    assert_eq!(columns, expected);
    assert_eq!(fs::read_dir(place.folder("t").wal()).expect("segments").count(), 0, "everything is in parts");
}

#[test]
fn where_nothing_differs_no_configuration_is_better_than_the_defaults() {
    let place = Place::new(3, 8);
    let (verdict, ..) = place.verdict("same", ARENA, 4, |_| comes_to(500));
    assert_eq!((verdict.winner, verdict.is_better), (0, false));
    // Nor where there is nothing but chance.
    let (verdict, ..) = place.verdict("chance", ARENA, 4, |job| comes_to(500 + noise(job)));
    assert!(!verdict.is_better, "{verdict:?}");
    assert!(verdict.in_words().starts_with("no configuration is better than the defaults"));
    for name in ["same", "chance"] {
        assert!(!place.place.path().join(name).join(CONFIGURATION).exists());
    }
}

#[test]
fn the_same_arena_is_the_same_race_however_many_jobs_there_are() {
    let place = Place::new(4, 6);
    let (one, heard_one, ran_one) = place.verdict("one", ARENA, 1, surface);
    let (four, heard_four, ran_four) = place.verdict("four", ARENA, 4, surface);
    assert_eq!(one, four);
    assert_eq!((heard_one.news, ran_one), (heard_four.news, ran_four));
    // Another seed is another race.
    let (other, ..) = place.verdict("other", &ARENA.replace("seed = 7", "seed = 8"), 4, surface);
    assert_ne!(one.configuration, other.configuration);
}

#[test]
fn killed_at_ten_moments_it_ends_with_the_same_winner_and_runs_nothing_twice() {
    let place = Place::new(4, 6);
    let (whole, heard, ran) = place.verdict("whole", ARENA, 2, surface);
    let mut moments = 12_345_u64;
    let (mut kills, mut done) = (0, 0);
    let verdict = loop {
        moments = moments.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let end_after = (kills < 10).then(|| (1 + (moments >> 33) % (ran / 11), Cancel::default()));
        let mut again = Heard { end_after, ..Heard::default() };
        let ending = place.run(("cut", ARENA), 2, &mut again, surface).expect("a tournament");
        done += ending.ran;
        match ending.outcome {
            Outcome::Decided(verdict) => {
                assert_eq!(again.news, heard.news, "it goes through everything as before");
                break *verdict;
            }
            Outcome::Stopped => kills += 1,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((kills, verdict, done), (10, whole, ran));
    // And once more from the store alone.
    let (_, _, ran) = place.verdict("cut", ARENA, 2, |job| panic!("{job:?} was done"));
    assert_eq!(ran, 0);
}

#[test]
fn configurations_that_fail_or_run_out_of_memory_are_last() {
    let place = Place::new(3, 6);
    let behave = |job: &Job| match job.layer["stage2b"]["use"].as_str() {
        Some("ga") => Behaviour::ends(Exit::Crashed(11)),
        Some("none") if job.layer["stage2b"]["share"].as_i64() > Some(50) => Behaviour::ends(Exit::OverCap),
        // Those that fail would be the best.
        _ => surface(job),
    };
    let (verdict, ..) = place.verdict("t", ARENA, 4, behave);
    let (name, share) = (&verdict.configuration["stage2b"]["use"], verdict.configuration["stage2b"]["share"].as_i64());
    assert!(name != "ga" && (name != "none" || share <= Some(50)), "{verdict:?}");
    let results = experiments::results::Results::open(&place.folder("t")).expect("results");
    let filter = Filter::parse(&["state in (crashed, oom)".to_owned()]).expect("a filter");
    let mut failed = 0;
    let count = |_: &experiments::results::Trial| {
        failed += 1;
        Ok(true)
    };
    results.each(&filter, count).expect("trials");
    assert!(failed > 0);
}

#[test]
fn a_winner_by_steps_that_loses_by_time_is_not_written() {
    let place = Place::new(3, 8);
    let text = format!("confirm = '2s'\n{ARENA}");
    let behave = |job: &Job| match job.budget {
        experiments::Budget::Steps(_) => surface(job),
        experiments::Budget::Time(_) => comes_to(if job.layer["stage2b"]["use"].is_null() { 100 } else { 200 }),
    };
    let (verdict, ..) = place.verdict("slow", &text, 4, behave);
    assert!(!verdict.is_better && verdict.confirmed.is_some());
    assert!(verdict.in_words().contains("with 2 s"), "{}", verdict.in_words());
    // Confirmed, it is.
    let (verdict, ..) = place.verdict("fast", &text, 4, surface);
    assert!(verdict.is_better && verdict.confirmed.is_some_and(|proof| proof.budget == "2 s"));
}

/// Parameters of annealing alone; small problems want it cold, large ones hot.
const BY_FEATURES: &str = "instances = ['race*.ctt']\nheld_out = ['held*.ctt']\nsteps = 5\ntrials = 400\nseed = 7\n\
by_features = true\n[parameters]\nannealing.cold = { real = [0.01, 1.0], log = true }\nannealing.room = { real = [0, 1] }\n\
[race]\nsurvivors = 8\n";

fn by_size(job: &Job) -> Behaviour {
    // SAFETY: the block is one that the tournament keeps.
    let classes = unsafe { Problem::map(&job.block) }.expect("a problem").classes().len();
    let cold = job.layer["annealing"]["cold"].as_f64().unwrap_or(0.12);
    let wanted = if classes < 3 { 0.02 } else { 0.6 };
    let away = (cold / wanted).ln().abs();
    comes_to(1_000 + (100.0 * away) as i64 + noise(job) / 10)
}

#[test]
fn settings_by_features_are_learnt_proven_and_written() {
    let place = Place::new(0, 0);
    for n in 0..6 {
        let text = of_classes(1 + 2 * (n % 2), 20 + n);
        fs::write(place.place.path().join(format!("race{n}.ctt")), text).expect("a file");
    }
    for n in 0..12 {
        let text = of_classes(1 + 2 * (n % 2), 200 + n);
        fs::write(place.place.path().join(format!("held{n:02}.ctt")), text).expect("a file");
    }
    let (verdict, heard, _) = place.verdict("t", BY_FEATURES, 4, by_size);
    let table = verdict.by_features.as_ref().expect("a split");
    assert!(table.is_better, "{}", table.in_words());
    assert!(heard.news.iter().any(|news| news.contains("\"event\":\"by-features\"")));
    let folder = place.place.path().join("t");
    let text = fs::read_to_string(folder.join("by-features.toml")).expect("a table");
    let layer = scheduler::Layer::from_file(&folder.join("by-features.toml")).expect("a configuration");
    let whens = layer.when.expect("conditions");
    assert!(!whens.is_empty() && text.contains("annealing.cold"), "{text}");
    assert!(text.contains("worse on 0"), "{text}");
    // What is no key of annealing follows from no feature.
    let other = BY_FEATURES.replace("annealing.room = { real = [0, 1] }", "stage2b.share = { integer = [10, 90] }");
    let why = place.parse(&other).expect_err("another key").to_string();
    assert!(why.contains(":6: `by_features` with the parameter `stage2b.share`"), "{why}");
}

#[test]
fn given_configurations_are_in_the_first_race() {
    let place = Place::new(2, 6);
    let text = format!("{ARENA}[[configurations]]\nstage2b.use = 'none'\nstage2b.share = 30\n");
    let (verdict, heard, _) = place.verdict("t", &text, 4, surface);
    assert!(heard.news[0].contains("\"from\":\"given\""), "{}", heard.news[0]);
    assert_eq!(verdict.configuration["stage2b"]["use"], "none");
}

#[test]
fn what_cannot_fit_is_refused_before_anything_is_run() {
    let place = Place::new(2, 6);
    let refused = place
        .run_within(Bytes::mb(60), ("t", ARENA), 2, Cancel::default(), &mut Heard::default(), |job| panic!("{job:?}"));
    assert!(matches!(refused, Err(Error::TooSmall(_))), "{refused:?}");
}

#[test]
fn what_is_wrong_with_an_arena_is_said_with_its_line_its_value_and_what_was_expected() {
    let place = Place::new(3, 2);
    let with = |from: &str, to: &str| ARENA.replacen(from, to, 1);
    let cases = [
        (with("seed = 7", "sede = 7"), ":5: unknown field `sede`, expected one of"),
        (with("['race*.ctt']", "['race1.ctt']"), ":1: only one instance, `race1`, expected at least 2"),
        (with("['race*.ctt']", "['held*.ctt']"), ":2: `"),
        (with("held_out = ['held*.ctt']\n", ""), "missing field `held_out`"),
        (with("steps = 5", "steps = 0"), ":3: `steps` is 0, expected 1 or more"),
        (with("trials = 260", "trials = 20"), ":4: 20 trials, expected at least 72: 3 races"),
        (with("[10, 90]", "[90, 10]"), ":8: parameter `stage2b.share`: the range [90, 10] is empty"),
        (with("= ga'", "= gaa'"), ":9: parameter `population`: only_if: `stage2b.use` is never `gaa`, expected one of"),
        (
            with("'stage2b.use = ga'", "'stage3.use = rl'"),
            ":9: parameter `population`: only_if: `stage3.use` is no parameter",
        ),
        (with("'none'", "'nothing'"), ":7: parameter `stage2b.use`, value `nothing`: stage2b has no implementation"),
        (with("[parameters]", "[race]\nfirst_test = 1\n[parameters]"), ":7: `first_test` is 1, expected 2 to 1000"),
        (with("[parameters]", "[race]\nconfidence = 1.5\n[parameters]"), ":7: `confidence` is 1.5, expected 0.5"),
        (with("[parameters]", "[config]\nseed = 4\n[parameters]"), ":6: [config]: `seed` is not set here"),
        (
            format!("{ARENA}{}", "[[configurations]]\nstage2b.use = 'none'\n".repeat(15)),
            ":10: 15 configurations, expected at most 12: with 260 trials the first race has 14",
        ),
        (
            format!("{ARENA}[[configurations]]\nstage2b.share = 95\n"),
            ":10: configuration 1: `stage2b.share` is 95, expected a whole number from 10 to 90",
        ),
    ];
    for (text, expected) in cases {
        let why = place.parse(&text).expect_err(&text).to_string();
        assert!(why.contains("arena.toml") && why.contains(expected), "{why}\nexpected {expected}");
    }
}

#[test]
fn the_same_problem_is_not_raced_on_and_held_out() {
    let place = Place::new(2, 6);
    fs::copy(place.place.path().join("race0.ctt"), place.place.path().join("held99.ctt")).expect("a copy");
    let refused = place.run(("t", ARENA), 1, &mut Heard::default(), surface);
    let why = refused.expect_err("it is refused").to_string();
    assert!(why.contains("held99.ctt` holds a problem that is raced on"), "{why}");
}
