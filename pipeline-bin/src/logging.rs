//! Log lines on standard error, past the progress bars.

use crate::args::Common;
use indicatif::MultiProgress;
use std::io::{self, Write};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Begins logging. `bars` are moved out of the way of each line, where there are any.
pub(crate) fn begin(common: Common, bars: Option<MultiProgress>) {
    // The `[STAGE2A] memory before: ...` lines are information; where bars show the memory, they wait for -v.
    let default = match (common.verbose, common.quiet || common.json || bars.is_some()) {
        (0, true) => "warn",
        (0, false) | (1, _) => "info",
        (2, _) => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    // A second call in one process (there is none) would change nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Past(bars))
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .try_init();
}

struct Past(Option<MultiProgress>);

impl<'a> MakeWriter<'a> for Past {
    type Writer = PastWriter<'a>;

    fn make_writer(&'a self) -> PastWriter<'a> {
        PastWriter(self.0.as_ref())
    }
}

struct PastWriter<'a>(Option<&'a MultiProgress>);

impl Write for PastWriter<'_> {
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
