//! Standard output. Whoever reads it may stop reading (`| head`): that is no error.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes a line.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes text that ends its own lines.
pub(crate) fn text(text: impl Display) {
    let mut out = io::stdout().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}
