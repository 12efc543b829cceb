//! Arguments: each flag is one item here, with its help.

use crate::clock::Time;
use crate::layer::{Layer, StageLayer};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use memguard::Bytes;
use stage2b_gpu_ga::Gpu;
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
    /// Score a timetable by every rule, and name what it violates.
    Check(Check),
    /// Translate a problem (or with --solution a timetable) into another format.
    Convert(Convert),
    /// Make an instance from a seed.
    Generate(Generate),
    /// Show the memory limits, threads, versions and instances that were found.
    Doctor(Doctor),
    /// Measure how fast a stage is on this machine.
    Bench(Bench),
    /// Fetch OR-Tools for the stages `cpsat` and `bound` into the cache folder, unless it is there.
    Setup,
    /// A worker of the stages `cpsat` and `milp`: solves what comes through standard input.
    #[command(name = crate::ortools::WORKER, hide = true)]
    Worker {
        /// OR-Tools' library, or `milp`.
        engine: OsString,
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
    /// Where the genetic algorithm runs: auto, off (on the processor), or a device's number [default: auto].
    #[arg(long, value_name = "WHERE")]
    pub(crate) gpu: Option<Gpu>,
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
    /// Stage 2B, a better timetable: ga, annealing, none, exec:PROGRAM.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage2b: Option<String>,
    /// On what stage 2B leaves: cpsat or milp on large neighbourhoods by turns with warm annealing, annealing, none, exec:PROGRAM, or auto:
    /// cpsat from five minutes on where times are more than single slots, else none.
    #[arg(long, value_name = "NAME")]
    pub(crate) polish: Option<String>,
    /// Stage 3, repair: min-conflicts, none, exec:PROGRAM.
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
    /// Where results go.
    #[arg(long, value_name = "FOLDER", default_value = "stagecoach-out/demo")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `solve`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Solve {
    /// What to solve: a file (ITC-2019 XML, .ctt, .tim, plain or compressed), a folder of CSV files, or a plan folder to improve.
    #[arg(required_unless_present_any = ["resume", "print_config"])]
    pub(crate) input: Option<PathBuf>,
    /// Where results go [default: stagecoach-out/NAME].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the run in the output folder from its last checkpoint.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Show the configuration in force, each value with where it comes from, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Arguments of `stage`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Stage {
    /// Which implementation: louvain, components, cpsat, greedy, ga, annealing, min-conflicts, exec:PROGRAM.
    pub(crate) name: String,
    /// The plan to begin with: a plan folder, or anything that `solve` takes.
    pub(crate) plan_in: PathBuf,
    /// The folder of the plan that comes out.
    pub(crate) plan_out: PathBuf,
    #[command(flatten)]
    pub(crate) run: RunFlags,
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
}

/// Instances that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generated {
    /// A public university of 2,494 sections (at scale 1).
    Campus,
    /// A small faculty.
    Demo,
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
    /// On which device, too: auto, off, or its number.
    #[arg(long, value_name = "WHERE", default_value = "auto", num_args = 0..=1, default_missing_value = "auto")]
    pub(crate) gpu: Gpu,
}

/// Stages that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benched {
    /// The genetic algorithm: full evaluations and moves a second.
    Ga,
}

/// Arguments of `doctor`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Doctor {
    /// As if this budget were given to a run.
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
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
