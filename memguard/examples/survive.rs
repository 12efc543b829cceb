//! Makes four times as much as fits into memory, and survives: `cargo run --release -p memguard
//! --example survive -- 64MB`, or without an amount inside a container with a limit.
//!
//! Blocks are reserved before they are made. Where the ledger refuses, the older half is spilled to
//! a file. A cache is dropped whenever memory is short, and whatever the ledger does not know of is
//! seen by the gauges.

#![allow(clippy::print_stdout)] // it shows what it does

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use memguard::{Bytes, Guard, Ledger, Level, OnRefusal, Reservation, Thresholds};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: memguard::Allocator = memguard::Allocator;

const BLOCK: usize = 1 << 20;

/// A block in memory, with the promise of its memory.
struct Held {
    bytes: Vec<u8>,
    _promised: Reservation,
}

/// What block `i` holds.
fn content(i: usize) -> u8 {
    (i % 251) as u8
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = std::env::args().nth(1).map(|text| text.parse()).transpose()?;
    let guard = Guard::of_this_process(asked);
    println!("limit: {}", guard.limits().holding());
    // Not more than 70 % is promised: the rest is for what is not booked.
    let ledger = Ledger::new(guard.limit().scaled(0.7), guard.readings().resident.unwrap_or_default());
    let blocks = ledger.consumer("blocks", OnRefusal::Spill);
    let wanted = (guard.limit().min(Bytes::gb(1)).get() as usize / BLOCK).max(1) * 4;

    // Something that is nice to have and can be made again.
    let cache: Arc<Mutex<Vec<u8>>> = Arc::default();
    let dropped = Arc::clone(&cache);
    let _registered = guard.register_cache("squares", move || {
        *dropped.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Vec::new();
    });

    let mut scope = guard.scope("FILL", Thresholds::default());
    let mut next_check = Instant::now();
    let mut highest = Bytes::ZERO;
    let mut shrunk = 0;
    let mut disk = tempfile::tempfile()?;
    let mut held: Vec<Held> = Vec::new();
    let mut spilled = 0;
    for i in 0..wanted {
        let promised = match blocks.reserve(Bytes::of::<u8>(BLOCK)) {
            Ok(promised) => promised,
            Err(refused) => {
                if spilled == 0 {
                    println!("{refused}: it {}", refused.then);
                }
                spilled += spill(&mut held, &mut disk)?;
                blocks.reserve(Bytes::of::<u8>(BLOCK))?
            }
        };
        held.push(Held { bytes: vec![content(i); BLOCK], _promised: promised });
        cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(&[1; BLOCK / 8]);
        if Instant::now() >= next_check {
            // The cache was never reserved; the gauges see it all the same, and an emergency drops
            // it.
            if scope.check() >= Level::Elevated {
                guard.cleanup().drop_caches();
                shrunk += 1;
            }
            next_check = Instant::now() + scope.next_check(1);
        }
        highest = highest.max(guard.readings().resident.unwrap_or_default());
    }

    // Nothing was lost on the way.
    disk.seek(SeekFrom::Start(0))?;
    let mut block = vec![0; BLOCK];
    for i in 0..spilled {
        disk.read_exact(&mut block)?;
        assert!(block.iter().all(|&byte| byte == content(i)), "block {i} is another");
    }
    for (i, kept) in (spilled..).zip(&held) {
        assert!(kept.bytes.iter().all(|&byte| byte == content(i)), "block {i} is another");
    }
    println!(
        "{wanted} blocks of 1 MiB made: {spilled} on disk, {} in memory, the cache dropped {shrunk} times",
        held.len()
    );
    println!("at most {highest} of {} in use", guard.limit());
    drop(scope.finish(true));
    Ok(())
}

/// Writes the older half of the blocks to disk, and all of them where there is but one.
fn spill(held: &mut Vec<Held>, disk: &mut File) -> std::io::Result<usize> {
    let count = held.len().div_ceil(2);
    for old in held.drain(..count) {
        disk.write_all(&old.bytes)?;
    }
    Ok(count)
}
