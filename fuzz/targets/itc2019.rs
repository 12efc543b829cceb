//! A problem of ITC-2019: read, and written in every format that can hold it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::text(data, timetable::Format::Itc2019));
