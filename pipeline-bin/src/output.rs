//! Standard output. Whoever reads it may stop reading (`| head`): that is no error; a full disk is. What cannot be written to standard error is
//! let go: a run is not lost with its log.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// Why something could not be written, the first time.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Writes a line.
pub(crate) fn line(text: impl Display) {
    keep(writeln!(io::stdout().lock(), "{text}"));
}

/// Writes a line to standard error, where somebody reads it.
pub(crate) fn aside(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes text that ends its own lines.
pub(crate) fn text(text: impl Display) {
    let mut out = io::stdout().lock();
    keep(write!(out, "{text}").and_then(|()| out.flush()));
}

/// Why not everything could be written.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}

fn keep(written: io::Result<()>) {
    if let Err(why) = written
        && why.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(why);
    }
}
