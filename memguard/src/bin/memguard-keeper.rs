//! A keeper of its own, for tests, and for programs that cannot start themselves again as one (see `memguard::Keeper`).

fn main() {
    #[cfg(unix)]
    memguard::keep(&std::env::args_os().skip(1).collect::<Vec<_>>());
}
