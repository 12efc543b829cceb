//! Standard output. Whoever reads it may stop reading (`| head`): that is no error; a full disk is.
//! What cannot be written to standard error is let go: a run is not lost with its log.

use serde_json::Value;
use std::{
    fmt::Display,
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::AsFd,
    sync::OnceLock,
    thread,
    time::Duration,
};

/// Why something could not be written, the first time.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Between two tries where a pipe that does not block is full.
const FULL: Duration = Duration::from_millis(5);

/// Writes a line.
pub(crate) fn line(text: impl Display) {
    self::text(format_args!("{text}\n"));
}

/// The version of what `--json` prints: `docs/schema.json`. A field may be added within one; what is
/// there keeps its name and meaning.
pub(crate) const SCHEMA: u32 = 1;

/// Writes an event for programs: an object in a line, with the version of its schema.
pub(crate) fn event(mut event: Value) {
    event["schema"] = SCHEMA.into();
    line(event);
}

/// Writes a line to standard error, where somebody reads it.
pub(crate) fn aside(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes text that ends its own lines.
pub(crate) fn text(text: impl Display) {
    // One after the other, and past the buffer of the standard library: what that holds when a pipe
    // is full cannot be told.
    let out = io::stdout().lock();
    keep(out.as_fd().try_clone_to_owned().and_then(|fd| whole(&mut File::from(fd), text.to_string().as_bytes())));
}

/// Writes all of it; who has a pipe that does not block is waited for.
fn whole(out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(why) if why.kind() == ErrorKind::WouldBlock => thread::sleep(FULL),
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe that is full every second time, takes three bytes at a time, and then fails for good.
    struct Full {
        held: Vec<u8>,
        tries: usize,
        most: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.tries += 1;
            match self.tries % 3 {
                0 => Err(ErrorKind::WouldBlock.into()),
                1 => Err(ErrorKind::Interrupted.into()),
                _ if self.held.len() >= self.most => Err(ErrorKind::StorageFull.into()),
                _ => {
                    let n = bytes.len().min(3);
                    self.held.extend(&bytes[..n]);
                    Ok(n)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_pipe_is_waited_for_and_gets_every_byte_once() {
        let text = b"every byte once, in order";
        let mut out = Full { held: Vec::new(), tries: 0, most: 100 };
        whole(&mut out, text).unwrap();
        assert_eq!(out.held, text);
        let mut out = Full { held: Vec::new(), tries: 0, most: 6 };
        assert_eq!(whole(&mut out, text).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(out.held, text[..6]);
    }
}
