//! Workers: processes of the own binary that solve models, one after the other. A crash, a hang or
//! a lie in there costs one attempt.
//!
//! A worker gets models, not the problem: it has nothing else to know, and what it is asked can be
//! built in milliseconds beside the board that the answer is for.

mod client;
mod engine;
mod frames;
mod pool;
mod self_test;
mod serve;

pub use client::{Answer, Solver, Status, WorkerError, WorkerProgram};
pub use engine::Engine;
pub(crate) use pool::{PoolError, WorkerPool};
pub use self_test::{SelfTestError, self_test};
pub use serve::serve;
