//! What is said when something cannot be done, and the exit code that goes with it.

use crate::exit::Exit;
use crate::output;
use std::fmt;

/// The memory budget is too small; the text has the figures.
#[derive(Debug)]
pub(crate) struct BudgetTooSmall(pub(crate) String);

impl fmt::Display for BudgetTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BudgetTooSmall {}

/// Says what went wrong, on standard error and as an event for machines.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> Exit {
    let exit = if error.is::<BudgetTooSmall>() { Exit::TooSmall } else { Exit::BadInput };
    eprintln!("error: {error:#}");
    if json {
        let event = serde_json::json!({ "event": "error", "message": format!("{error:#}"), "exit": exit as i32 });
        output::line(event);
    }
    exit
}
