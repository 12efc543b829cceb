//! The keeper of foreign programs: this program under another command.

use memguard::Keeper;
use std::{env, ffi::OsString, sync::OnceLock};

/// The command under which this program keeps another.
pub(crate) const KEEPER: &str = "program-keeper";

/// The command line to keep, where this program was started as a keeper.
pub(crate) fn asked_for() -> Option<Vec<OsString>> {
    let mut words = env::args_os().skip(1);
    let is_keeper = words.next().is_some_and(|word| word == KEEPER) && words.next().is_some_and(|word| word == "--");
    is_keeper.then(|| words.collect())
}

/// The keeper for every program behind `exec:`; where this program does not know its own path, there is none, and that is said once.
pub(crate) fn keeper() -> Option<Keeper> {
    static FOUND: OnceLock<Option<Keeper>> = OnceLock::new();
    let find = || {
        let program = env::current_exe().ok().filter(|path| path.is_file());
        if program.is_none() {
            tracing::warn!(
                "the path of this program is not known: what a foreign program leaves running may outlive it"
            );
        }
        // What follows `--` is the foreign program's, whatever it looks like.
        program.map(|program| Keeper { program, arguments: vec![KEEPER.into(), "--".into()] })
    };
    FOUND.get_or_init(find).clone()
}
