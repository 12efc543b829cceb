//! What stages share: the trait, the plan, the runner, checkpoints; none of what they do.
//!
//! * [`Stage`], [`Plan`], [`Context`], [`Stop`]: what a stage is, gets and gives.
//! * [`Runner`]: runs [`Step`]s, confirms what they claim, keeps the better plan.
//! * [`Portfolio`]: stages that take turns, as one. [`Fallback`]: one for the case that another
//!   fails. [`ExecStage`]: any program as a stage.
//! * [`save_plan`], [`load_plan`]: a plan as a folder. [`Checkpoint`]: a run as a folder that it
//!   can be resumed from.

mod best;
mod checkpoint;
mod clock;
mod command_line;
mod confirm;
mod context;
mod disk;
mod events;
mod exec;
mod fallback;
mod files;
mod folder;
mod memory;
mod owned;
mod plan;
mod portfolio;
mod run_file;
mod runner;
mod shares;
mod stage;
mod stop;
mod text;
mod threads;
mod watch;

pub use atomic_files::{PART, write_whole};
pub use best::BEST_FILE;
pub use checkpoint::{Checkpoint, Resumed};
pub use clock::Clock;
pub use command_line::CommandLineError;
pub use confirm::{ConfirmError, Judge, checker, confirm};
pub use context::{BestSink, Context, NoProgress, Progress, ProgressSink};
pub use events::{EVENTS_FILE, Event, EventLog, read_events};
pub use exec::ExecStage;
pub use fallback::Fallback;
pub use folder::{
    FolderError, PLAN_FILE, PROBLEM_FILE, load_plan, load_plan_for, plan_bytes, plan_files, problem_hash, save_plan,
};
pub use memguard::{Bytes, Ledger, OnRefusal, Refused, Reservation};
pub use memory::{GuardedMemory, Headroom, Memory, MemoryScope, MemoryUse, UnwatchedMemory, in_use};
pub use owned::{OWNED_FILE, Owned};
pub use plan::{Clusters, Outcome, Plan, StageRecord};
pub use portfolio::Portfolio;
pub use run_file::{RUN_FILE, RunInfo};
pub use runner::{Observer, Run, RunError, Runner, Step};
pub use shares::Shares;
pub use stage::{MemoryRequirement, Stage, StageError};
pub use stop::{Budget, Cancel, Stop};
pub use threads::pool;
