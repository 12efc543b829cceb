//! Reads ahead on a thread of its own, so that unpacking and searching go on at the same time.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

/// Bytes of a block.
const BLOCK: usize = 1 << 18;
/// Blocks that are read ahead.
const BLOCKS: usize = 3;

/// What a reader gives, read ahead.
pub(super) struct Ahead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
}

impl Ahead {
    /// Begins to read. The thread ends with the data, or soon after whoever reads is gone.
    pub(super) fn new(mut reader: Box<dyn Read + Send>) -> io::Result<Ahead> {
        let (send, blocks) = sync_channel(BLOCKS);
        thread::Builder::new().name("unpack".into()).spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let mut n = 0;
                let ended = loop {
                    match reader.read(&mut block[n..]) {
                        Ok(0) => break Ok(n < block.len()),
                        Ok(more) => n += more,
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        Err(e) => break Err(e),
                    }
                };
                block.truncate(n);
                let done = match ended {
                    Ok(ended) => send.send(Ok(block)).is_err() || ended,
                    Err(e) => {
                        // What came before it is whole.
                        let _ = send.send(Ok(block)).and_then(|()| send.send(Err(e)));
                        true
                    }
                };
                if done {
                    return;
                }
            }
        })?;
        Ok(Ahead { blocks, block: Vec::new(), at: 0 })
    }
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            match self.blocks.recv() {
                Ok(block) => (self.block, self.at) = (block?, 0),
                Err(_) => return Ok(0),
            }
        }
        let n = out.len().min(self.block.len() - self.at);
        out[..n].copy_from_slice(&self.block[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
