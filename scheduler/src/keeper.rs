//! The program that solvers' workers and the keepers of foreign programs are: `stagecoach` under other commands.

use memguard::Keeper;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says where the program `stagecoach` is, once. Who runs this library in a program of their own and does not say it has no solvers
/// (`cpsat`, `milp`, `bound`), `fewest-changes` without a proof, and foreign programs (`exec:`) without a keeper.
pub fn workers_are(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

/// The program, where it was said.
pub(crate) fn program() -> Option<&'static Path> {
    PROGRAM.get().map(PathBuf::as_path)
}

/// The command under which this program keeps another.
pub const KEEPER: &str = "program-keeper";

/// The command line to keep, where this program was started as a keeper.
pub fn asked_for() -> Option<Vec<OsString>> {
    let mut words = env::args_os().skip(1);
    let is_keeper = words.next().is_some_and(|word| word == KEEPER) && words.next().is_some_and(|word| word == "--");
    is_keeper.then(|| words.collect())
}

/// The keeper for every program behind `exec:`; where the program is not known, there is none, and that is said once.
pub(crate) fn keeper() -> Option<Keeper> {
    static FOUND: OnceLock<Option<Keeper>> = OnceLock::new();
    let find = || {
        let program = program().filter(|path| path.is_file());
        if program.is_none() {
            tracing::warn!(
                "the path of the program `stagecoach` is not known: what a foreign program leaves running may outlive it"
            );
        }
        // What follows `--` is the foreign program's, whatever it looks like.
        program.map(|program| Keeper { program: program.to_owned(), arguments: vec![KEEPER.into(), "--".into()] })
    };
    FOUND.get_or_init(find).clone()
}
