//! Blocks with a right checksum and numbers that somebody wrote over: refused, or problems on which
//! board and checker agree.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let changes = data.get(2..).unwrap_or_default();
    if let Some(problem) = fuzz::forged(&fuzz::random(data), changes).filter(fuzz::is_small) {
        fuzz::agree(&problem, data.len() as u64);
    }
});
