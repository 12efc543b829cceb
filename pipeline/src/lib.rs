//! What stages share: the trait, the plan, the runner, checkpoints; none of what they do.

mod context;
mod plan;
mod stage;
mod stop;

pub use context::{BestSink, Context, Progress, ProgressSink, Silent};
pub use plan::{Clusters, Outcome, Plan, StageRecord};
pub use stage::{MemoryAsk, Stage, StageError};
pub use stop::{Budget, Cancel, Stop};
