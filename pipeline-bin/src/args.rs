//! Arguments: each flag is one item here, with its help.

mod report;
mod top;

pub(crate) use report::Report;
pub(crate) use top::{RowFormat, Top};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use memguard::Bytes;
use scheduler::Time;
use scheduler::{Layer, StageLayer};
use stage2b_gpu_ga::Gpu;
use stage3_rl::Order;
use std::{ffi::OsString, path::PathBuf};

/// A university's timetable, found by a pipeline of stages that stays inside its memory budget.
#[derive(Parser, Debug)]
#[command(name = "stagecoach", version, about, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const EXIT_CODES: &str = "Exit codes: 0 valid timetable, 1 best effort with violations or unplaced classes, \
2 bad input or usage, 3 memory budget too small, 130 interrupted (the best so far is written).";

/// Flags that every command takes.
#[derive(ClapArgs, Debug, Clone, Copy)]
pub(crate) struct Common {
    /// Write one JSON object a line to standard output instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more (twice: much more); RUST_LOG says exactly what.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No progress.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Generate a small faculty, solve it in ten seconds, draw a picture of the week.
    Demo(Demo),
    /// Find a timetable.
    Solve(Solve),
    /// Run one stage alone.
    Stage(Stage),
    /// Mend a timetable in use after a change (a room closed, a teacher away, a class added), moving as few classes as possible.
    Repair(Repair),
    /// Score a timetable by every rule, and name what it violates.
    Check(Check),
    /// Translate a problem (or with --solution a timetable) into another format.
    Convert(Convert),
    /// Make an instance from a seed.
    Generate(Generate),
    /// Find the best rows of any number of result files, in a bounded amount of memory.
    Top(Top),
    /// Say what the results of a sweep, or any others, have in common: the best, which choices pay, what they cost.
    Report(Report),
    /// Show the memory limits, threads, versions and instances that were found.
    Doctor(Doctor),
    /// Measure how fast a stage is on this machine.
    Bench(Bench),
    /// Train the policy of the stage `rl` on problems drawn by chance (needs a build with `--features train`).
    Train(Train),
    /// Fetch OR-Tools for the stages `cpsat` and `bound` into the cache folder, unless it is there.
    Setup,
    /// A worker of the stages `cpsat` and `milp`: solves what comes through standard input.
    #[command(name = scheduler::ortools::WORKER, hide = true)]
    Worker {
        /// OR-Tools' library, or `milp`.
        engine: OsString,
    },
    /// Runs a foreign program, and ends when nothing of what it has started is left.
    #[command(name = scheduler::KEEPER, hide = true)]
    Keeper {
        /// The program and its arguments.
        #[arg(required = true, last = true)]
        words: Vec<OsString>,
    },
}

/// Settings of a run; those not given come from the environment, `stagecoach.toml`, or are the defaults.
#[derive(ClapArgs, Debug, Default)]
pub(crate) struct RunFlags {
    /// Time for everything, loading included: 60, 90s, 1.5m, 2h [default: 60].
    #[arg(long, value_name = "TIME", conflicts_with = "steps")]
    pub(crate) time: Option<Time>,
    /// Steps (evaluated moves) instead of time: the same seed gives the same result on every machine.
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u64>,
    /// Where all randomness comes from [default: 1].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Threads that a stage may use [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Individuals of the genetic algorithm (stage `ga`) [default: as many as pay].
    #[arg(long, value_name = "N")]
    pub(crate) population: Option<usize>,
    /// Where the genetic algorithm runs: auto (the device with the most memory free), all, off (on the processor), or a device's number [default: auto].
    #[arg(long, value_name = "WHERE")]
    pub(crate) gpu: Option<Gpu>,
    /// Weights of the policy (stage `rl`), as `stagecoach train` writes them [default: those that it comes with].
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// Configuration file [default: stagecoach.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Fetch nothing: without OR-Tools on this machine the stage `cpsat` is greedy, and `bound` proves nothing.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Stage 1, clusters: louvain, leiden, components, none.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage1: Option<String>,
    /// Stage 2A, a valid timetable: cpsat, milp, greedy, exec:PROGRAM.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage2a: Option<String>,
    /// Stage 2B, a better timetable: annealing, ga, none, exec:PROGRAM, or auto: ga where a population or a device is asked for, else annealing.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage2b: Option<String>,
    /// On what stage 2B leaves: cpsat or milp on large neighbourhoods by turns with warm annealing, annealing, none, exec:PROGRAM, or auto:
    /// cpsat from five minutes on where times are more than single slots, else none.
    #[arg(long, value_name = "NAME")]
    pub(crate) polish: Option<String>,
    /// Stage 3, repair: rl, min-conflicts, fewest-changes, cpsat, none, exec:PROGRAM.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage3: Option<String>,
    /// What no timetable can cost less than: bound, none.
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
    /// What to solve: a file (ITC-2019 XML, .ctt, .tim, plain or compressed), a folder of CSV files, or a plan folder to improve.
    #[arg(required_unless_present_any = ["resume", "print_config"])]
    pub(crate) input: Option<PathBuf>,
    /// Where results go [default: a new folder, stagecoach-out/NAME or NAME-2 and so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the run in the output folder from its last checkpoint [default folder: the newest of stagecoach-out/NAME, NAME-2 and so on].
    #[arg(long, conflicts_with = "force")]
    pub(crate) resume: bool,
    /// Replace the results of an earlier run in the output folder.
    #[arg(long)]
    pub(crate) force: bool,
    /// Show the configuration in force, each value with where it comes from, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `stage`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Stage {
    #[arg(help = format!("Which implementation: {}, exec:PROGRAM", scheduler::alone().join(", ")), long_help = all_stages())]
    pub(crate) name: String,
    /// The plan to begin with: a plan folder, or anything that `solve` takes.
    pub(crate) plan_in: PathBuf,
    /// The folder of the plan that comes out.
    pub(crate) plan_out: PathBuf,
    /// Replace the plan of an earlier run in that folder.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `repair`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Repair {
    /// The timetable in use: a plan folder or the output folder of a run; or, with --solution, the problem: anything that `solve` takes.
    pub(crate) input: PathBuf,
    /// The timetable in use: a solution file in the problem's format, or a plan folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) solution: Option<PathBuf>,
    /// A room that cannot be used (--when).
    #[arg(long, value_name = "ROOM")]
    pub(crate) close_room: Vec<String>,
    /// A teacher who cannot teach (--when).
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher_away: Vec<String>,
    /// When the rooms are closed and the teachers away: days, slots, weeks, such as "Mon-Wed 2-3", "weeks 2-4 Fri 08:00-10:00" [default: always].
    #[arg(long, value_name = "WHEN")]
    pub(crate) when: Option<String>,
    /// A class (or all of a course) that is not held any more.
    #[arg(long, value_name = "CLASS")]
    pub(crate) cancel: Vec<String>,
    /// A class that is held from now on: like another, when and where that one can be held and with its people. Where students choose among
    /// classes like it, it is one more to choose; otherwise all who take that one take it, too.
    #[arg(long, value_name = "NAME=LIKE", value_parser = name_and_like)]
    pub(crate) add_class: Vec<(String, String)>,
    /// A class that is to be held at another time: the day and the slot at which it begins, such as "Tue 3".
    #[arg(long = "move", num_args = 2, value_names = ["CLASS", "WHEN"], action = clap::ArgAction::Append)]
    pub(crate) moves: Vec<String>,
    /// A class (or all of a course) that has to stay where it is.
    #[arg(long, value_name = "CLASS")]
    pub(crate) pin: Vec<String>,
    /// A file with changes such as these (docs/formats.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) changes: Option<PathBuf>,
    /// Where results go [default: a new folder, stagecoach-out/NAME-repaired or NAME-repaired-2 and so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Show what would change, and write nothing. So it is, too, with --solution and without --out.
    #[arg(long, conflicts_with = "out")]
    pub(crate) dry_run: bool,
    /// What counts first: `classes`, as few as possible are elsewhere; `published`, as few as possible are held at other times, and then as few as
    /// possible elsewhere.
    #[arg(long, value_enum, default_value = "classes")]
    pub(crate) order: FirstOf,
    /// Show up to so many other repairs, too: 0 to 3.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(crate) alternatives: u8,
    /// Replace the results of an earlier run in the output folder.
    #[arg(long)]
    pub(crate) force: bool,
    /// Time for everything at most; it ends earlier where nothing more is found [default: 10].
    #[arg(long, value_name = "TIME", conflicts_with = "steps")]
    pub(crate) time: Option<Time>,
    /// Steps (evaluated moves) instead of time: the same seed gives the same result on every machine.
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u64>,
    /// Where all randomness comes from [default: 1].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// How it is mended: fewest-changes (with CP-SAT's proof, where OR-Tools is at hand), rl, min-conflicts, cpsat, exec:PROGRAM.
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
    /// The timetable: a solution file in the problem's format, or a plan folder.
    pub(crate) solution: PathBuf,
    /// Show at most so many violations.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) most: usize,
}

/// Arguments of `convert`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Convert {
    /// A problem: anything that `solve` takes.
    pub(crate) input: PathBuf,
    /// The file or folder to write; .gz and .zst compress.
    pub(crate) output: PathBuf,
    /// Write this timetable of the problem instead of the problem: a solution file or a plan folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) solution: Option<PathBuf>,
    /// Into which format [default: the one that the output's name says].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Replace what exists.
    #[arg(long)]
    pub(crate) force: bool,
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
    /// Where weights, events and curves go; a training that is there goes on.
    #[arg(long, value_name = "FOLDER", default_value = "stagecoach-out/train")]
    pub(crate) out: PathBuf,
    /// Rounds in all.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) rounds: u64,
    /// Where all randomness comes from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Time after which it pauses; the same command goes on [default: none].
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<Time>,
    /// Actors that play at the same time; the policy is the same whatever their number [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Memory budget: 500M, 2GiB [default: the smallest limit that `stagecoach doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// So many rounds, the first, are lessons: what looking ahead two steps would choose is imitated [default: a third of them].
    #[arg(long, value_name = "N")]
    pub(crate) lessons: Option<u64>,
    /// In lessons imitate any candidate instead, from which nothing can be learnt: a control.
    #[arg(long)]
    pub(crate) any_label: bool,
    /// Features that the policy does not see: violations, changes, penalty, freedom, history, state.
    #[arg(long, value_name = "GROUP")]
    pub(crate) without: Option<String>,
}

/// Arguments of `bench`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Bench {
    /// What to measure.
    pub(crate) what: Benched,
    /// Problems: anything that `solve` takes [default: every CB-CTT and ITC-2019 instance at hand, and the campus].
    pub(crate) inputs: Vec<PathBuf>,
    /// Threads [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Disruptions, in all (`repair`).
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) cases: usize,
    /// Time for each way on each disruption (`repair`), or on each timetable with conflicts (`conflicts`).
    #[arg(long, value_name = "TIME", default_value = "2")]
    pub(crate) time: Time,
    /// Time for CP-SAT alone on each disruption (`repair`) [default: as for the others].
    #[arg(long, value_name = "TIME")]
    pub(crate) exact: Option<Time>,
    /// Conflicts that are put in, each number in turn (`conflicts`).
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000,10000")]
    pub(crate) injected: Vec<u64>,
    /// Seeds from 1 up to this, for each of which everything is done again (`conflicts`).
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seeds: u64,
    /// Weights of other policies, which are compared, too (`repair`, `conflicts`).
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Vec<PathBuf>,
    /// On which device, too: auto, all, off, or its number (`ga`).
    #[arg(long, value_name = "WHERE", default_value = "auto", num_args = 0..=1, default_missing_value = "auto")]
    pub(crate) gpu: Gpu,
}

/// Stages that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benched {
    /// The genetic algorithm: full evaluations and moves a second.
    Ga,
    /// Ways to mend a timetable in use, side by side on the same disruptions, at equal time.
    Repair,
    /// Ways to resolve conflicts, side by side on timetables that many were put into.
    Conflicts,
}

/// Arguments of `doctor`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Doctor {
    /// As if this budget were given to a run.
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
}
