//! A sweep without solvers: trials that end as a test says, in a store that is a real one.

#![allow(dead_code, reason = "no test file uses all of it")]

use experiments::lines::{End, Line, Point};
use experiments::{
    Ending, Error, Folder, Grid, Index, Job, Launch, Options, Row, Running, Seeds, State, Sweep, TrialId, Watch,
    Written,
};
use memguard::{Bytes, Exit, Guard, WorkerOutcome};
use pipeline::Cancel;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};
use timetable::Score;

/// How a trial behaves.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    /// How its process ends.
    pub(crate) exit: Exit,
    /// What its last line says; `None`: it writes none.
    pub(crate) says: Option<State>,
    /// Its last line is cut to so many bytes.
    pub(crate) torn: Option<usize>,
    /// The most memory that it takes.
    pub(crate) peak: Bytes,
    /// How often it is looked after before it ends.
    pub(crate) polls: u32,
    /// The penalty that it comes to; its cell where nothing is said.
    pub(crate) penalty: Option<i64>,
}

impl Behaviour {
    /// It ends well at once.
    pub(crate) fn done() -> Behaviour {
        Behaviour {
            exit: Exit::Done,
            says: Some(State::Done),
            torn: None,
            peak: Bytes::mb(20),
            polls: 0,
            penalty: None,
        }
    }

    /// It ends like this without a last line.
    pub(crate) fn ends(exit: Exit) -> Behaviour {
        Behaviour { exit, says: None, ..Behaviour::done() }
    }
}

/// Trials that behave as a function says.
pub(crate) struct Simulated<F>(pub(crate) F);

struct AtWork {
    behaviour: Behaviour,
    polls: u32,
}

impl<F: FnMut(&Job) -> Behaviour> Launch for Simulated<F> {
    fn launch(&mut self, job: &Job, lines: &File, errors: &File) -> io::Result<Box<dyn Running>> {
        let behaviour = (self.0)(job);
        let mut lines = lines.try_clone()?;
        let mut errors = errors.try_clone()?;
        if !matches!(behaviour.exit, Exit::Done) {
            errors.write_all(b"last words")?;
        }
        let point = Point { id: job.start.id, t: 1, u: Some(0), h: Some(0), p: Some(7), rss: 20_000 };
        lines.write_all(&Line::Point(point).encode())?;
        if let Some(state) = behaviour.says {
            let penalty = behaviour.penalty.unwrap_or(job.start.cell as i64);
            let score = Some(Score { unplaced: 0, hard: 0, penalty });
            let bytes = Line::End(End { score, ..end(job, state) }).encode();
            lines.write_all(&bytes[..behaviour.torn.unwrap_or(bytes.len())])?;
        }
        Ok(Box::new(AtWork { polls: behaviour.polls, behaviour }))
    }
}

/// The end that a trial writes.
pub(crate) fn end(job: &Job, state: State) -> End {
    let score = Some(Score { unplaced: 0, hard: 0, penalty: job.start.cell as i64 });
    End {
        start: job.start,
        state,
        score,
        ms: 3,
        steps: Some(10),
        peak: 20_000_000,
        needed: 0,
        cpu: 2,
        why: None,
        version: experiments::version().into(),
        at: 1_700_000_000,
    }
}

impl Running for AtWork {
    fn poll(&mut self) -> io::Result<Option<WorkerOutcome>> {
        if self.polls > 0 {
            self.polls -= 1;
            return Ok(None);
        }
        let Behaviour { exit, peak, .. } = self.behaviour;
        Ok(Some(WorkerOutcome { exit, peak: Some(peak), ran: Duration::from_millis(3) }))
    }

    fn stop(&mut self) {
        self.polls = 0;
        self.behaviour.exit = Exit::Stopped;
    }

    fn kill(&mut self) -> io::Result<WorkerOutcome> {
        self.stop();
        self.poll().map(|ended| ended.expect("it has ended"))
    }

    fn private(&mut self) -> Bytes {
        Bytes::mb(10)
    }
}

/// One course of one lecture.
const TINY: &str = "Name: Tiny\nCourses: 1\nRooms: 1\nDays: 1\nPeriods_per_day: 1\nCurricula: 0\nConstraints: 0\n\n\
COURSES:\na t 1 1 10\n\nROOMS:\nr 20\n\nCURRICULA:\n\nUNAVAILABILITY_CONSTRAINTS:\n\nEND.\n";

/// A folder in memory, where there is such a place: every test waits for many syncs otherwise.
pub(crate) fn temporary() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

/// A place for a sweep, gone at the end of the test.
pub(crate) struct Place {
    place: tempfile::TempDir,
    /// The sweep's folder.
    pub(crate) folder: Folder,
}

impl Place {
    pub(crate) fn new() -> Place {
        let place = temporary();
        let folder = Folder::create(&place.path().join("a.sweep")).expect("a folder");
        Place { place, folder }
    }

    /// The same in a folder that somebody else removes.
    pub(crate) fn at(path: &std::path::Path) -> Place {
        Place { place: temporary(), folder: Folder::create(path).expect("a folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A grid over a tiny problem.
    pub(crate) fn grid(&self, text: &str) -> Grid {
        std::fs::write(self.path("x.ctt"), TINY).expect("a file");
        let written = Written::parse(&self.path("grid.toml"), text.to_owned()).expect("a grid");
        let load = |path: &std::path::Path| {
            let plan = scheduler::load(path).map_err(|e| Error::Input(e.to_string()))?;
            Ok(std::sync::Arc::try_unwrap(plan.problem).expect("nobody else has it"))
        };
        experiments::prepare(&self.folder, &written, load).expect("its instances")
    }

    /// `n` trials that differ in their seed.
    pub(crate) fn seeds(&self, n: u64) -> Grid {
        Grid { seeds: Seeds::Range(1, n), ..self.grid("instances = ['x.ctt']\nsteps = 5\n") }
    }

    pub(crate) fn run(&self, grid: &Grid, behave: impl FnMut(&Job) -> Behaviour) -> Result<Ending, Error> {
        self.run_as(grid, options(), &Cancel::default(), behave, &mut Deaf)
    }

    pub(crate) fn run_as(
        &self,
        grid: &Grid,
        options: Options,
        cancel: &Cancel,
        behave: impl FnMut(&Job) -> Behaviour,
        watch: &mut dyn Watch,
    ) -> Result<Ending, Error> {
        let lock = self.folder.lock()?;
        let number = self.folder.keep_grid(grid)?;
        let guard = Guard::of_this_process(Some(Bytes::gb(1)));
        let (folder, lock, cancel) = (&self.folder, &lock, cancel.clone());
        Sweep { folder, lock, grid, number, options, guard, cancel }.run(&mut Simulated(behave), watch)
    }

    /// Every trial in the index.
    pub(crate) fn rows(&self) -> BTreeMap<TrialId, Row> {
        let mut rows = BTreeMap::new();
        let index = Index::read(&self.folder.index()).expect("an index");
        index
            .trials(|row| {
                assert!(rows.insert(row.id(), row).is_none(), "a trial is there once");
                Ok(true)
            })
            .expect("its rows");
        rows
    }

    /// How many trials are in a state.
    pub(crate) fn count(&self, state: State) -> usize {
        self.rows().values().filter(|row| row.state == state).count()
    }

    /// Nothing is wrong with any file, and the index is what the files say.
    #[track_caller]
    pub(crate) fn is_sound(&self) {
        let verified = experiments::verify(&self.folder, false).expect("verified");
        assert_eq!(verified.faults, []);
    }
}

/// Four at once.
pub(crate) fn options() -> Options {
    Options {
        jobs: 4,
        minimal: false,
        cells: None,
        leave_segments: false,
        profile: None,
        shard: None,
        above: None,
        accept: Vec::new(),
        retry: Vec::new(),
        only_plan: false,
    }
}

/// Shown nothing.
pub(crate) struct Deaf;

impl Watch for Deaf {}

/// Remembers what it was shown.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) ended: Vec<(Row, Option<String>)>,
    pub(crate) told: Vec<String>,
}

impl Watch for Heard {
    fn ended(&mut self, row: &Row, _texts: &[String], why: Option<&str>) {
        self.ended.push((*row, why.map(str::to_owned)));
    }

    fn tells(&mut self, line: &str) {
        self.told.push(line.to_owned());
    }
}
