//! Arguments: each flag is one item here, with its help.

mod reading;
#[cfg(feature = "experiments")]
mod report;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "experiments")]
mod top;
#[cfg(feature = "experiments")]
mod tournament;
mod view;

pub(crate) use reading::ReadingFlags;
#[cfg(feature = "experiments")]
pub(crate) use report::Report;
#[cfg(feature = "serve")]
pub(crate) use serve::Serve;
#[cfg(feature = "experiments")]
pub(crate) use top::{RowFormat, Top};
#[cfg(feature = "experiments")]
pub(crate) use tournament::Tournament;
pub(crate) use view::View;

use clap::error::{ContextKind, ContextValue};
use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};
use memguard::Bytes;
use scheduler::Time;
use scheduler::{Layer, StageLayer};
use stage2b_gpu_ga::Gpu;
use stage3_rl::Order;
use std::{ffi::OsString, path::PathBuf};

/// Builds university timetables within a memory limit that you set.
#[derive(Parser, Debug)]
#[command(name = "stagecoach", version, about, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The arguments. Whoever mistypes a command is not pointed to one that is hidden.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    Args::try_parse().map_err(without_hidden)
}

fn without_hidden(mut error: clap::Error) -> clap::Error {
    let command = Args::command();
    let is_hidden = |name: &String| command.get_subcommands().any(|c| c.is_hide_set() && c.get_name() == name.as_str());
    let suggested = match error.remove(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(name)) => vec![name],
        Some(ContextValue::Strings(names)) => names,
        _ => Vec::new(),
    };
    let shown: Vec<String> = suggested.into_iter().filter(|name| !is_hidden(name)).collect();
    if !shown.is_empty() {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(shown));
    }
    error
}

const EXIT_CODES: &str = "Exit codes: 0 valid timetable, 1 best effort with violations or unplaced classes, \
2 bad input or usage, 3 memory budget too small, 75 a sweep or a tournament was stopped (the same command goes on), \
86 a sweep needs more memory, 130 interrupted (the best so far is written).";

/// Flags that every command takes.
#[derive(ClapArgs, Debug, Clone, Copy)]
pub(crate) struct Common {
    /// Write one JSON object a line to standard output instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more (-vv: much more); RUST_LOG selects what exactly.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No progress.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Generate a small faculty, solve it in five seconds, and make a page to look at.
    Demo(Demo),
    /// Find a timetable.
    Solve(Solve),
    /// Run one stage alone.
    Stage(Stage),
    /// Repair a timetable in use after a change (a room closed, a teacher away, a class added) with
    /// as few changes as possible.
    Repair(Repair),
    /// Score a timetable by every rule, and list what it violates and what costs; or, without one,
    /// list what of an input cannot work.
    Check(Check),
    /// Show a timetable: one HTML page with the weeks of rooms, teachers, groups and students.
    View(View),
    /// Serve a page on this machine: upload an input, see what is wrong with it, solve it, watch the
    /// run, compare timetables, download them.
    #[cfg(feature = "serve")]
    Serve(Serve),
    /// Convert a problem (or with --solution a timetable) to another format.
    Convert(Convert),
    /// Generate an instance from a seed.
    Generate(Generate),
    /// Find the best rows of any number of result files, in a bounded amount of memory.
    #[cfg(feature = "experiments")]
    Top(Top),
    /// Say what the results of a sweep, or any others, have in common: the best, which choices pay,
    /// what they cost.
    #[cfg(feature = "experiments")]
    Report(Report),
    /// Show the memory limits, threads, versions and instances that were found.
    Doctor(Doctor),
    /// Measure how fast a stage is on this machine.
    Bench(Bench),
    /// Train the policy of the stage `rl` on random problems (needs a build with
    /// `--features train`).
    Train(Train),
    /// Run a grid: instances, configurations, seeds and budgets, as many at once as memory allows.
    /// The same command goes on.
    #[cfg(feature = "experiments")]
    Sweep(Sweep),
    /// Race configurations against each other over instances and seeds, and prove the winner on
    /// instances that it has not seen. The same command goes on.
    #[cfg(feature = "experiments")]
    Tournament(Tournament),
    /// Show the results of a sweep, also while it runs.
    #[cfg(feature = "experiments")]
    Results(Results),
    /// Fetch OR-Tools for the stages `cpsat` and `bound` into the cache folder, unless it is there.
    Setup,
    /// A worker of the stages `cpsat` and `milp`: solves the models that it reads from standard
    /// input.
    #[command(name = scheduler::ortools::WORKER, hide = true)]
    Worker {
        /// OR-Tools' library, or `milp`.
        engine: OsString,
    },
    /// A trial of a sweep: what it is comes through standard input.
    #[cfg(feature = "experiments")]
    #[command(name = TRIAL, hide = true)]
    Trial,
    /// Makes segments of a sweep into Parquet: which comes through standard input.
    #[cfg(feature = "experiments")]
    #[command(name = COMPACT, hide = true)]
    Compact,
    /// Supervises a foreign program: ends when all processes that it started have ended.
    #[command(name = scheduler::SUPERVISOR, hide = true)]
    Supervisor {
        /// The program and its arguments.
        #[arg(required = true, last = true)]
        words: Vec<OsString>,
    },
}

/// Settings of a run; those not given come from the environment, `stagecoach.toml`, or are the
/// defaults.
#[derive(ClapArgs, Debug, Default)]
pub(crate) struct RunFlags {
    /// Time for everything, loading included: 60, 90s, 1.5m, 2h [default: 60].
    #[arg(long, value_name = "TIME", conflicts_with = "steps")]
    pub(crate) time: Option<Time>,
    /// Steps (evaluated moves) instead of time: the same seed gives the same result on every
    /// machine.
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u64>,
    /// Seed of all random numbers [default: 1].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Threads that a stage may use [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Individuals of the genetic algorithm (stage `ga`) [default: chosen from the time and the
    /// size of the problem].
    #[arg(long, value_name = "N")]
    pub(crate) population: Option<usize>,
    /// Where the genetic algorithm runs: auto (the device with the most memory free), all, off (on
    /// the CPU), or a device's number [default: auto].
    #[arg(long, value_name = "WHERE")]
    pub(crate) gpu: Option<Gpu>,
    /// Weights of the policy (stage `rl`), as `stagecoach train` writes them [default: those that
    /// it comes with].
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// Configuration file [default: stagecoach.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Fetch nothing: without OR-Tools on this machine the stage `cpsat` is greedy, and `bound`
    /// proves nothing.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Stage 1, clusters: louvain, leiden, components, none.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage1: Option<String>,
    /// Stage 2A, construction of a valid timetable: cpsat, milp, greedy, exec:PROGRAM.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage2a: Option<String>,
    /// Stage 2B, improvement: annealing, ga, none, exec:PROGRAM, or auto: ga with --population or a
    /// device, else annealing.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage2b: Option<String>,
    /// Polishing after stage 2B: cpsat or milp on large neighbourhoods in turns with warm
    /// annealing, annealing, none, exec:PROGRAM, or auto: cpsat in runs of five minutes and more if
    /// times are longer than single slots, else none.
    #[arg(long, value_name = "NAME")]
    pub(crate) polish: Option<String>,
    /// Stage 3, repair: rl, min-conflicts, fewest-changes, cpsat, none, exec:PROGRAM.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage3: Option<String>,
    /// Proof of a lower bound of the penalty: bound, none.
    #[arg(long, value_name = "NAME")]
    pub(crate) proof: Option<String>,
}

impl RunFlags {
    /// The flags as a layer of the configuration.
    pub(crate) fn layer(&self) -> Layer {
        let stage = |name: &Option<String>| StageLayer { name: name.clone(), ..StageLayer::default() };
        Layer {
            seed: self.seed,
            time: self.time,
            steps: self.steps,
            threads: self.threads,
            memory: self.memory,
            population: self.population,
            gpu: self.gpu,
            weights: self.weights.clone(),
            stage1: stage(&self.stage1),
            stage2a: stage(&self.stage2a),
            stage2b: stage(&self.stage2b),
            polish: stage(&self.polish),
            stage3: stage(&self.stage3),
            proof: stage(&self.proof),
            ..Layer::default()
        }
    }
}

/// Arguments of `demo`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Demo {
    /// Where results go [default: a new folder, stagecoach-out/demo or demo-2 and so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the results of an earlier run in the output folder.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `solve`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Solve {
    /// What to solve: a file (ITC-2019 XML, .ctt, .ectt, .tim, plain or compressed), a folder of
    /// CSV files, a workbook (.xlsx, .ods) with such tables, or a plan folder to improve.
    #[arg(required_unless_present_any = ["resume", "print_config"])]
    pub(crate) input: Option<PathBuf>,
    /// Where results go [default: a new folder, stagecoach-out/NAME or NAME-2 and so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Continue the run in the output folder from its last checkpoint [default folder: the newest
    /// of stagecoach-out/NAME, NAME-2 and so on].
    #[arg(long, conflicts_with = "force")]
    pub(crate) resume: bool,
    /// Replace the results of an earlier run in the output folder.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
    /// Search although the input asks for what cannot be: what does not fit is left out.
    #[arg(long)]
    pub(crate) anyway: bool,
    /// Print the configuration with the source of each value, then exit.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Find so many timetables that differ (2 to 20), each in a part of the time, and show what each
    /// is better at. They go into the folders variant-1, variant-2 and so on of the output folder.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=20))]
    #[arg(conflicts_with_all = ["resume", "print_config"])]
    pub(crate) variants: Option<u32>,
    /// With --variants: the share of the classes, 0 to 1, that are held at another time or in another
    /// room in any two of them, at least.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share, requires = "variants")]
    pub(crate) differ: f64,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// A share, 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    parsed.ok_or_else(|| "expected a number from 0 to 1, such as 0.2".to_owned())
}

/// Arguments of `stage`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Stage {
    #[arg(help = format!("Which implementation: {}, exec:PROGRAM", scheduler::alone().join(", ")), long_help = all_stages())]
    pub(crate) name: String,
    /// The plan to start from: a plan folder, or anything that `solve` takes.
    pub(crate) plan_in: PathBuf,
    /// The folder for the resulting plan.
    pub(crate) plan_out: PathBuf,
    /// Replace the plan of an earlier run in that folder.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
    /// Make a timetable although the input asks for what cannot be: what does not fit is left out.
    #[arg(long)]
    pub(crate) anyway: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `repair`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Repair {
    /// The timetable in use: a plan folder or the output folder of a run; or, with --solution, the
    /// problem: anything that `solve` takes.
    pub(crate) input: PathBuf,
    /// The timetable in use: a solution file in the problem's format, or a plan folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) solution: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
    /// A room that cannot be used (--when).
    #[arg(long, value_name = "ROOM")]
    pub(crate) close_room: Vec<String>,
    /// A teacher who cannot teach (--when).
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher_away: Vec<String>,
    /// When the rooms are closed and the teachers away: days, slots, weeks, such as "Mon-Wed 2-3",
    /// "weeks 2-4 Fri 08:00-10:00" [default: always].
    #[arg(long, value_name = "WHEN")]
    pub(crate) when: Option<String>,
    /// A class (or all classes of a course) to cancel.
    #[arg(long, value_name = "CLASS")]
    pub(crate) cancel: Vec<String>,
    /// A class to add, like an existing one: same possible times, rooms, teachers. If students
    /// choose among such classes, they get one more to choose from; otherwise everybody in the
    /// existing class attends the new one, too.
    #[arg(long, value_name = "NAME=LIKE", value_parser = name_and_like)]
    pub(crate) add_class: Vec<(String, String)>,
    /// A class to move to another time: the day and the first slot, such as "Tue 3".
    #[arg(long = "move", num_args = 2, value_names = ["CLASS", "WHEN"], action = clap::ArgAction::Append)]
    pub(crate) moves: Vec<String>,
    /// A class (or all classes of a course) that must keep its time and room.
    #[arg(long, value_name = "CLASS")]
    pub(crate) pin: Vec<String>,
    /// A file with changes such as these (docs/formats.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) changes: Option<PathBuf>,
    /// Where results go [default: a new folder, stagecoach-out/NAME-repaired or NAME-repaired-2 and
    /// so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Show what would change and write nothing (the default with --solution without --out).
    #[arg(long, conflicts_with = "out")]
    pub(crate) dry_run: bool,
    /// What counts first: `classes`, as few as possible are elsewhere; `published`, as few as
    /// possible are held at other times, and then as few as possible elsewhere.
    #[arg(long, value_enum, default_value = "classes")]
    pub(crate) order: FirstOf,
    /// How many alternative repairs to show: 0 to 3.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(crate) alternatives: u8,
    /// Replace the results of an earlier run in the output folder.
    #[arg(long)]
    pub(crate) force: bool,
    /// Time limit for everything; it ends earlier when no fewer changes are possible [default: 10].
    #[arg(long, value_name = "TIME", conflicts_with = "steps")]
    pub(crate) time: Option<Time>,
    /// Steps (evaluated moves) instead of time: the same seed gives the same result on every
    /// machine.
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u64>,
    /// Seed of all random numbers [default: 1].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Method: fewest-changes (with a proof by CP-SAT if OR-Tools is available), rl, min-conflicts,
    /// cpsat, exec:PROGRAM.
    #[arg(long, value_name = "NAME", default_value = "fewest-changes")]
    pub(crate) stage3: String,
}

/// What counts first in a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FirstOf {
    Classes,
    Published,
}

impl From<FirstOf> for Order {
    fn from(order: FirstOf) -> Order {
        match order {
            FirstOf::Classes => Order::Classes,
            FirstOf::Published => Order::Published,
        }
    }
}

/// `NAME=LIKE`.
fn name_and_like(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, like)) if !name.is_empty() && !like.is_empty() => Ok((name.into(), like.into())),
        _ => Err("expected NAME=LIKE, the name of the new class and that of the class that it is like".into()),
    }
}

impl Repair {
    /// The flags as a layer of the configuration.
    pub(crate) fn layer(&self) -> Layer {
        let ten = Time(std::time::Duration::from_secs(10));
        Layer {
            seed: self.seed,
            time: self.steps.is_none().then(|| self.time.unwrap_or(ten)),
            steps: self.steps,
            memory: self.memory,
            stage3: StageLayer { name: Some(self.stage3.clone()), ..StageLayer::default() },
            ..Layer::default()
        }
    }
}

/// Arguments of `check`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Check {
    /// The problem: anything that `solve` takes.
    pub(crate) input: PathBuf,
    /// The timetable: a solution file in the problem's format, or a plan folder. Without one, what
    /// is wrong with the input is listed before anything is searched.
    pub(crate) solution: Option<PathBuf>,
    /// How many violations, costs or errors to list at most [default: as many as a screen has, 20
    /// at most; with --json all].
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<usize>,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
}

/// Arguments of `convert`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Convert {
    /// A problem: anything that `solve` takes.
    pub(crate) input: PathBuf,
    /// The file or folder to write; .gz and .zst compress.
    pub(crate) output: PathBuf,
    /// Write this timetable of the problem instead of the problem: a solution file or a plan
    /// folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) solution: Option<PathBuf>,
    /// Into which format [default: the one that the output's name says].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Replace what exists.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
}

/// Formats that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// A folder of CSV files.
    Csv,
    /// ITC-2019 XML.
    Itc2019,
    /// Curriculum-based (ITC-2007 track 3), `.ctt`.
    CbCtt,
    /// Post-enrolment (ITC-2007 track 2), `.tim`.
    PeCtt,
}

/// Arguments of `generate`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Generate {
    /// What to make.
    pub(crate) what: Generated,
    /// The file or folder to write.
    pub(crate) output: PathBuf,
    /// Another seed, another instance.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Factor of all counts of a campus, 0.01 to 10.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) scale: f64,
    /// Slots of a campus's week of six days.
    #[arg(long, default_value = "54", value_parser = ["54", "48"])]
    pub(crate) slots: String,
    /// Seats of a campus's rooms.
    #[arg(long, default_value = "60", value_parser = ["60", "30-100"])]
    pub(crate) rooms: String,
    /// Into which format.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub(crate) format: FileFormat,
    /// Replace what exists.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Instances that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generated {
    /// A public university of 2,494 sections (at scale 1).
    Campus,
    /// A small faculty.
    Demo,
}

/// Arguments of `train`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Train {
    /// Folder for weights, events and curves; a training that it holds is continued.
    #[arg(long, value_name = "FOLDER", default_value = "stagecoach-out/train")]
    pub(crate) out: PathBuf,
    /// Rounds in all.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) rounds: u64,
    /// Seed of all random numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Time after which training pauses; the same command continues it [default: none].
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<Time>,
    /// Episodes played in parallel; the policy is the same whatever their number [default: as many
    /// as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Number of initial rounds that imitate a teacher [default: a third of them].
    #[arg(long, value_name = "N")]
    pub(crate) lessons: Option<u64>,
    /// What is imitated: look-ahead (two steps), minimum (what leads to a repair with provably fewest
    /// changes, where one is known), or any (random candidates, as a control).
    #[arg(long, value_name = "WHICH", default_value = "look-ahead")]
    pub(crate) labels: String,
    /// Keep the weights after these rounds, too: 3,30.
    #[arg(long, value_name = "ROUNDS", value_delimiter = ',')]
    pub(crate) snapshots: Vec<u64>,
    /// Features that the policy does not see: violations, changes, penalty, freedom, history,
    /// state.
    #[arg(long, value_name = "GROUP")]
    pub(crate) without: Option<String>,
}

/// The command that runs a trial of a sweep.
#[cfg(feature = "experiments")]
pub(crate) const TRIAL: &str = "sweep-trial";
/// The command that makes segments into Parquet.
#[cfg(feature = "experiments")]
pub(crate) const COMPACT: &str = "sweep-compact";

/// Arguments of `sweep`.
#[cfg(feature = "experiments")]
#[derive(ClapArgs, Debug)]
pub(crate) struct Sweep {
    /// The grid: instances, axes, seeds, budgets (docs/experiments.md).
    pub(crate) grid: PathBuf,
    /// Where results go [default: NAME.sweep for NAME.toml, in the current folder]. A sweep that is
    /// there goes on.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Trials at once at most; memory may allow fewer [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Memory budget for everything: 500M, 2GiB [default: the smallest limit that `stagecoach
    /// doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Run one trial for each value of each axis first.
    #[arg(long)]
    pub(crate) minimal: bool,
    /// Show what would be run, with memory, hours and disk, and end.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Only go on: there must be a sweep in the folder.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Run one part of the trials, K of 0 to N-1, in a folder of its own below the sweep's;
    /// --collect brings the parts together.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub(crate) shard: Option<(u32, u32)>,
    /// Take over what the shards have found so far, and end.
    #[arg(long, conflicts_with_all = ["shard", "plan", "minimal", "print_slurm"])]
    pub(crate) collect: bool,
    /// Print the script of a job array for Slurm, one task a shard, and end; N tasks, at most 1,000
    /// [default: by the number of trials].
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "0", conflicts_with = "shard")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) print_slurm: Option<u32>,
    /// Run again once what ended in this state: failed, crashed, deadline, oom, badconfig; can be
    /// given more than once.
    #[arg(long, value_name = "STATE")]
    pub(crate) retry: Vec<experiments::State>,
    /// Take results of this version of the program as done (`results --json` shows versions); can
    /// be given more than once.
    #[arg(long, value_name = "VERSION")]
    pub(crate) accept_version: Vec<String>,
}

/// `K/N`.
#[cfg(feature = "experiments")]
fn shard(text: &str) -> Result<(u32, u32), String> {
    let parsed = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match parsed {
        Some((k, n)) if k < n => Ok((k, n)),
        _ => Err("expected K/N with K of 0 to N-1, such as 0/8".into()),
    }
}

/// Arguments of `results`.
#[cfg(feature = "experiments")]
#[derive(ClapArgs, Debug)]
pub(crate) struct Results {
    /// The folder of a sweep.
    pub(crate) folder: PathBuf,
    /// One trial: the beginning of its name. Shows its attempts and its series.
    #[arg(conflicts_with_all = ["filter", "limit", "csv", "verify", "rebuild"])]
    pub(crate) trial: Option<String>,
    /// Only trials for which this is true: "state = done and (penalty < 100 or seed in (1, 2))";
    /// given twice, both have to be.
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub(crate) filter: Vec<String>,
    /// At most so many trials [default: all of them, 100 on a terminal].
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// As CSV (--json: one object a line).
    #[arg(long)]
    pub(crate) csv: bool,
    /// Write the picture of the trial's series to this file.
    #[arg(long, value_name = "FILE", requires = "trial")]
    pub(crate) svg: Option<PathBuf>,
    /// Replace the picture where it exists.
    #[arg(long, requires = "svg")]
    pub(crate) force: bool,
    /// Check every file against its checksum and the index against the files.
    #[arg(long, conflicts_with = "rebuild")]
    pub(crate) verify: bool,
    /// Make the index again from the files.
    #[arg(long)]
    pub(crate) rebuild: bool,
}

/// Arguments of `bench`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Bench {
    /// What to measure.
    pub(crate) what: Benched,
    /// Problems: anything that `solve` takes [default: every CB-CTT and ITC-2019 instance at hand,
    /// and the campus].
    pub(crate) inputs: Vec<PathBuf>,
    /// Threads [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Total number of disruptions (`repair`).
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) cases: usize,
    /// Time for each method on each disruption (`repair`), or on each timetable with conflicts
    /// (`conflicts`).
    #[arg(long, value_name = "TIME", default_value = "2")]
    pub(crate) time: Time,
    /// Time for CP-SAT alone on each disruption (`repair`) [default: as for the others].
    #[arg(long, value_name = "TIME")]
    pub(crate) exact: Option<Time>,
    /// Numbers of conflicts to inject, one run for each (`conflicts`).
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000,10000")]
    pub(crate) injected: Vec<u64>,
    /// Number of seeds; everything is repeated for each (`conflicts`).
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seeds: u64,
    /// Weights of further policies to compare (`repair`, `conflicts`).
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Vec<PathBuf>,
    /// Also measure on a device: auto, all, off, or its number (`ga`).
    #[arg(long, value_name = "WHERE", default_value = "auto", num_args = 0..=1, default_missing_value = "auto")]
    pub(crate) gpu: Gpu,
}

/// Stages that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benched {
    /// The genetic algorithm: full evaluations and moves a second.
    Ga,
    /// Repair methods compared on the same disruptions, at equal time.
    Repair,
    /// Methods of resolving conflicts compared on timetables with injected conflicts.
    Conflicts,
}

/// Arguments of `doctor`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Doctor {
    /// Show the limits for a run with this budget.
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
}

/// The implementations with what they do, a line each.
fn all_stages() -> String {
    let alone = scheduler::REGISTRY.iter().filter(|entry| entry.alone);
    let lines = alone.map(|entry| format!("\n  {:<15} {}", entry.name, entry.help));
    format!("Which implementation:{}\n  {:<15} a program of your own", lines.collect::<String>(), "exec:PROGRAM")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_of_each_slot_names_all_its_implementations() {
        let command = Args::command();
        let solve = command.find_subcommand("solve").expect("the command `solve`");
        for entry in scheduler::REGISTRY {
            let flag = solve.get_arguments().find(|flag| flag.get_id() == entry.slot).expect("a flag for each slot");
            let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
            let mut names = help.split(|c: char| !c.is_alphanumeric() && c != '-');
            assert!(names.any(|name| name == entry.name), "--{}: `{}` is missing in: {help}", entry.slot, entry.name);
        }
    }
}
