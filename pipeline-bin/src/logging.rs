//! Log lines on standard error, past the progress bars.

use crate::args::Common;
use crate::output;
use indicatif::MultiProgress;
use serde_json::json;
use std::{
    fmt,
    io::{self, Write},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

/// What is logged without -v: what a stage takes, reserves and counts waits for that.
const SHORT: &str = "info,memguard=warn,pipeline::memory=warn,stage2a_cpsat::exact=warn,\
                     stage2b_gpu_ga::annealing=warn,stage2b_gpu_ga::genetic::stage=warn";

/// Whether more is to be told than what came of it: with -v, or as much by RUST_LOG.
pub(crate) fn is_verbose() -> bool {
    tracing::enabled!(target: "memguard", tracing::Level::INFO)
}

/// Begins logging. `bars` are moved out of the way of each line, where there are any.
pub(crate) fn begin(common: Common, bars: Option<MultiProgress>) {
    let default = match (common.verbose, common.quiet || common.json || bars.is_some()) {
        (0, true) => "warn",
        (0, false) => SHORT,
        (1, _) => "info",
        (2, _) => "debug",
        _ => "trace",
    };
    // What RUST_LOG holds and cannot be read is passed over, as every program does with it.
    let asked = std::env::var("RUST_LOG").ok().filter(|s| !s.is_empty()).and_then(|s| s.parse::<Targets>().ok());
    let filter = asked.unwrap_or_else(|| default.parse().expect("a level is a filter"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(ProgressAwareWriter(bars))
        .without_time()
        .with_target(false)
        .with_ansi(false);
    // What cannot be written is let go, and nothing is said of that where nobody hears it.
    let lines = lines.log_internal_errors(false);
    // A second call in one process (there is none) would change nothing.
    let _ = tracing_subscriber::registry().with(lines).with(common.json.then_some(Warnings)).with(filter).try_init();
}

/// Warnings and errors as events, for programs.
struct Warnings;

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            let mut message = Message(String::new());
            event.record(&mut message);
            output::event(json!({ "event": "warning", "message": message.0 }));
        }
    }
}

/// The text of a line; its fields after it.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}{}", self.0);
        } else {
            self.0 += &format!(" {}={value:?}", field.name());
        }
    }
}

struct ProgressAwareWriter(Option<MultiProgress>);

impl<'a> MakeWriter<'a> for ProgressAwareWriter {
    type Writer = SuspendingWriter<'a>;

    fn make_writer(&'a self) -> SuspendingWriter<'a> {
        SuspendingWriter(self.0.as_ref())
    }
}

struct SuspendingWriter<'a>(Option<&'a MultiProgress>);

impl Write for SuspendingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            Some(bars) => bars.suspend(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
