//! A web server for one person on their own machine: upload an input, see what is wrong with it,
//! solve it, watch the run, compare timetables, download them.
//!
//! It listens on 127.0.0.1 alone and knows one folder. Everything that takes memory is done by
//! child processes, the program itself with the arguments that a terminal would give it: `check`,
//! `solve`, `view`. So the server stays small, one run at a time has the memory budget, and what an
//! input can do to the program it does to a child.
//!
//! Whoever knows the token in the address may use it ([`serve`] gives the address); see `access.rs`
//! for what is refused, `folder.rs` for what may be read, `upload.rs` for what may be written.

mod access;
mod answer;
mod calendars;
mod downloads;
mod folder;
mod inputs;
mod live;
mod pages;
mod program;
mod router;
mod run;
mod runs;
mod unpack;
mod upload;

pub use router::{ServeError, Settings, serve};
