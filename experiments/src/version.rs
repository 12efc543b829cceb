//! Which program ran a trial.

/// Version and commit of this program; results of another are not taken for its own. The commit is
/// that of the sources at the time of building, where they lay in a git checkout.
pub fn version() -> &'static str {
    match option_env!("STAGECOACH_COMMIT") {
        Some(_) => concat_version(),
        None => env!("CARGO_PKG_VERSION"),
    }
}

/// Both, as one word.
fn concat_version() -> &'static str {
    use std::sync::OnceLock;
    static BOTH: OnceLock<String> = OnceLock::new();
    BOTH.get_or_init(|| {
        format!("{}+{}", env!("CARGO_PKG_VERSION"), option_env!("STAGECOACH_COMMIT").unwrap_or_default())
    })
}
