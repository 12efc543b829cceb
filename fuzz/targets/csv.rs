//! A folder of CSV files: read, and written in every format that can hold it.
#![no_main]

use stage0_load::csv_folder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match csv_folder::load(fuzz::folder(data).path()) {
        Ok(problem) if fuzz::is_small(&problem) => fuzz::written_back(&problem),
        Ok(_) => {}
        Err(faults) => assert!(!faults.list().is_empty() && !faults.to_string().is_empty()),
    }
});
