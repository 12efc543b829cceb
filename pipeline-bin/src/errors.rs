//! What is said when something cannot be done, and the exit code that goes with it.

use crate::exit::Exit;
use crate::{findings, output, space};
use memguard::Guard;
use scheduler::BudgetTooSmall;

/// An error and what it comes of; nothing twice, as many errors tell their cause themselves.
fn in_words(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// Whether more memory would have helped.
fn is_budget(error: &anyhow::Error) -> bool {
    error.is::<BudgetTooSmall>() || error.downcast_ref::<scheduler::Error>().is_some_and(scheduler::Error::is_memory)
}

/// Says what is wrong with the arguments, or what was asked for in place of a command: help, the
/// version.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    let is_error = error.use_stderr();
    // The arguments were not understood, so this one is looked for as it stands.
    if is_error && std::env::args_os().any(|word| word == "--json") {
        let text = error.render().to_string();
        let message = text.strip_prefix("error: ").unwrap_or(&text).split("\n\nUsage:").next().unwrap_or_default();
        let exit = Exit::BadInput;
        output::event(serde_json::json!({ "event": "error", "message": message.trim(), "exit": exit as i32 }));
    }
    let _ = error.print();
    if is_error { Exit::BadInput } else { Exit::Done }
}

/// Says what went wrong, on standard error and as an event for machines.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> Exit {
    let lacking = space::is_lacking(error);
    let exit = if lacking || is_budget(error) { Exit::TooSmall } else { Exit::BadInput };
    let mut message = in_words(error);
    if lacking {
        let in_use = pipeline::in_use(&Guard::of_this_process(None));
        message = format!("the memory budget is too small: {message} ({in_use})");
    }
    output::aside(format!("error: {message}"));
    if json {
        let mut event = serde_json::json!({ "event": "error", "message": message, "exit": exit as i32 });
        if let Some(scheduler::Error::Impossible(why)) = error.downcast_ref() {
            event["findings"] = findings::json(&why.0, None);
        } else if let Some(why) = error.downcast_ref::<scheduler::Impossible>() {
            event["findings"] = findings::json(&why.0, None);
        }
        output::event(event);
    }
    exit
}
