//! What is said (warnings) while something is done.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What came of something, and the lines that were said meanwhile, without `folder`.
pub(crate) fn said<T>(folder: &std::path::Path, what: impl FnOnce() -> T) -> (T, Vec<String>) {
    let heard = Heard::default();
    let writer = heard.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .without_time()
        .with_target(false)
        .with_level(false)
        .with_ansi(false)
        .finish();
    let done = tracing::subscriber::with_default(subscriber, what);
    let text = String::from_utf8(heard.0.lock().expect("nobody panicked").clone()).expect("text");
    let folder = format!("{}/", folder.display());
    (done, text.lines().map(|line| line.trim().replace(&folder, "")).collect())
}
