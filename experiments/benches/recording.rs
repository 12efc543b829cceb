//! How fast trials are recorded, and whether the driver grows with them: trials that end at once,
//! in a store that is a real one.
//!
//! `cargo bench -p experiments --bench recording -- TRIALS [FOLDER]`, with a million trials where
//! nothing is said.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use experiments::lines::{End, Line, Point};
use experiments::{
    Folder, Grid, Instance, Job, Launch, Options, Progress, Running, Seeds, State, Sweep, Watch, Written, trial,
};
use memguard::{Bytes, Exit, Guard, WorkerOutcome};
use pipeline::Cancel;
use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};
use timetable::Score;

#[global_allocator]
static ALLOCATOR: memguard::Allocator = memguard::Allocator;

/// What compacts: this program under another name.
const COMPACT: &str = "compact-as-told";

struct AtOnce;

impl Launch for AtOnce {
    fn launch(&mut self, job: &Job, mut lines: &File, _errors: &File) -> io::Result<Box<dyn Running>> {
        let score = Some(Score { unplaced: 0, hard: 0, penalty: (job.start.seed * 7919 % 1000) as i64 });
        let point =
            |t| Point { id: job.start.id, t, u: Some(0), h: Some(0), p: score.map(|score| score.penalty), rss: 30_000 };
        let end = End {
            start: job.start,
            state: State::Done,
            score,
            ms: 1500,
            steps: Some(100_000),
            peak: 30_000_000,
            needed: 0,
            cpu: 1400,
            why: None,
            version: experiments::version().into(),
            at: 1_700_000_000,
        };
        let text =
            [Line::Point(point(250)).encode(), Line::Point(point(1500)).encode(), Line::End(end).encode()].concat();
        lines.write_all(&text)?;
        Ok(Box::new(Gone))
    }

    fn compactor(&self) -> Option<Command> {
        let mut command = Command::new(env::current_exe().ok()?);
        command.arg(COMPACT);
        Some(command)
    }
}

struct Gone;

impl Running for Gone {
    fn poll(&mut self) -> io::Result<Option<WorkerOutcome>> {
        Ok(Some(WorkerOutcome { exit: Exit::Done, peak: Some(Bytes::mb(30)), ran: Duration::from_millis(1500) }))
    }

    fn stop(&mut self) {}

    fn kill(&mut self) -> io::Result<WorkerOutcome> {
        self.poll().and_then(|ended| ended.ok_or_else(|| io::ErrorKind::Other.into()))
    }

    fn private(&mut self) -> Bytes {
        Bytes::ZERO
    }
}

/// Resident memory in kB, now.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Prints a line at 100 trials, 1,000 and so on.
struct Shown {
    next: u64,
    began: Instant,
}

impl Watch for Shown {
    fn progress(&mut self, _progress: &Progress) {}

    fn ended(&mut self, _row: &experiments::Row, _texts: &[String], _why: Option<&str>) {
        self.next -= 1;
        if self.next.is_multiple_of(100_000) {
            eprintln!(
                "{} left: {:.1} MB resident, {:.1} s",
                self.next,
                resident() as f64 / 976.6,
                self.began.elapsed().as_secs_f64()
            );
        }
    }

    fn tells(&mut self, line: &str) {
        eprintln!("{line}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.first().is_some_and(|word| word == COMPACT) {
        let text = serde_json::to_string(&trial::compact_as_told()?)?;
        return Ok(io::stdout().write_all(text.as_bytes())?);
    }
    let trials: u64 = words.first().map_or(Ok(1_000_000), |n| n.parse())?;
    let scratch = tempfile::tempdir()?;
    let path = words.get(1).map_or_else(|| scratch.path().join("bench.sweep"), PathBuf::from);
    fs::write(scratch.path().join("x.ctt"), "")?;
    let written = Written::parse(&scratch.path().join("grid.toml"), "instances = ['x.ctt']\nsteps = 100000\n".into())?;
    let instance =
        Instance { name: "x".into(), path: "x.ctt".into(), hash: blake3::hash(b"x").to_hex().to_string(), bytes: 1 };
    let whole = written.with(vec![instance]);
    let folder = Folder::create(&path)?;
    let lock = folder.lock()?;
    let mut before = None;
    for n in [100, trials] {
        let grid = Grid { seeds: Seeds::Range(1, n), ..whole.clone() };
        let number = folder.keep_grid(&grid)?;
        let options = Options {
            jobs: 8,
            minimal: false,
            cells: None,
            leave_segments: false,
            profile: None,
            shard: None,
            above: None,
            accept: Vec::new(),
            retry: Vec::new(),
            only_plan: false,
        };
        let guard = Guard::of_this_process(None);
        let cancel = Cancel::default();
        let began = Instant::now();
        let sweep = Sweep { folder: &folder, lock: &lock, grid: &grid, number, options, guard, cancel };
        let ending = sweep.run(&mut AtOnce, &mut Shown { next: n, began })?;
        let (now, took) = (resident(), began.elapsed().as_secs_f64());
        let grew = before.map_or(0, |before: u64| now as i64 - before as i64);
        before = before.or(Some(now));
        println!(
            "{} trials recorded in {took:.1} s, {:.0} a second; {:.1} MB resident, {:+.1} MB since 100 trials",
            ending.ran,
            ending.ran as f64 / took,
            now as f64 / 976.6,
            grew as f64 / 976.6
        );
    }
    let bytes: u64 = walk(&path)?;
    println!("{:.0} bytes a trial on the disk", bytes as f64 / trials as f64);
    Ok(())
}

fn walk(folder: &std::path::Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += if entry.file_type()?.is_dir() { walk(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(sum)
}
