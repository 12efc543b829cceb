//! The program `stagecoach`.

fn main() {}
