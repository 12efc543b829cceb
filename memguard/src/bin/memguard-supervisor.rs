//! A supervisor of its own, for tests, and for programs that cannot start themselves again as one
//! (see `memguard::Supervisor`).

fn main() {
    #[cfg(unix)]
    memguard::supervise(&std::env::args_os().skip(1).collect::<Vec<_>>());
}
