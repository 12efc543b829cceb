//! The last of what a worker prints.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;

/// The last bytes of what a program prints; the rest is read and forgotten. A thread reads.
#[derive(Debug)]
pub struct Tail {
    last: Arc<Mutex<Vec<u8>>>,
    /// Disconnected when everything is read.
    done: Receiver<()>,
}

impl Tail {
    /// What a program left running elsewhere may hold the pipe open; it is not waited for longer
    /// than this.
    const WAIT: Duration = Duration::from_millis(100);

    /// Begins to read, and keeps the last `most` bytes.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    pub fn of(mut said: impl Read + Send + 'static, most: usize) -> io::Result<Tail> {
        let last: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&last);
        let (open, done) = crossbeam_channel::bounded::<()>(0);
        thread::Builder::new().stack_size(crate::stack_size()).spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = said.read(&mut buffer) {
                let mut last = kept.lock().unwrap_or_else(PoisonError::into_inner);
                last.extend_from_slice(&buffer[..n]);
                let more = last.len().saturating_sub(most);
                last.drain(..more);
            }
            drop(open);
        })?;
        Ok(Tail { last, done })
    }

    /// The text, once the program has ended, without white space around it.
    pub fn text(&self) -> String {
        let _ = self.done.recv_timeout(Self::WAIT);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&last).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;

    #[test]
    fn the_last_bytes_are_kept_and_the_rest_forgotten() {
        let tail = |text: &str, most| Tail::of(std::io::Cursor::new(text.to_owned()), most).expect("a thread").text();
        assert_eq!(tail("one\ntwo\nthree\n", 6), "three");
        assert_eq!(tail("", 6), "");
        assert_eq!(tail(&"x".repeat(10_000), 3), "xxx");
    }
}
