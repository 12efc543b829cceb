//! The program that solvers' workers and the supervisors of foreign programs are: `stagecoach`
//! under other commands.

use memguard::Supervisor;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says where the program `stagecoach` is, once. Who runs this library in a program of their own
/// and does not say it has no solvers (`cpsat`, `milp`, `bound`), `fewest-changes` without a proof,
/// and foreign programs (`exec:`) without a supervisor.
pub fn workers_are(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

/// The program, where it was said.
pub(crate) fn program() -> Option<&'static Path> {
    PROGRAM.get().map(PathBuf::as_path)
}

/// The command under which this program keeps another.
pub const SUPERVISOR: &str = "program-supervisor";

/// The command line to keep, where this program was started as a supervisor.
pub fn asked_for() -> Option<Vec<OsString>> {
    let mut words = env::args_os().skip(1);
    let is_supervisor =
        words.next().is_some_and(|word| word == SUPERVISOR) && words.next().is_some_and(|word| word == "--");
    is_supervisor.then(|| words.collect())
}

/// The supervisor for every program behind `exec:`; where the program is not known, there is none,
/// and that is said once.
pub(crate) fn supervisor() -> Option<Supervisor> {
    static FOUND: OnceLock<Option<Supervisor>> = OnceLock::new();
    let find = || {
        let program = program().filter(|path| path.is_file());
        if program.is_none() {
            tracing::warn!(
                "the path of the program `stagecoach` is not known: what a foreign program leaves running may outlive it"
            );
        }
        // What follows `--` is the foreign program's, whatever it looks like.
        program
            .map(|program| Supervisor { program: program.to_owned(), arguments: vec![SUPERVISOR.into(), "--".into()] })
    };
    FOUND.get_or_init(find).clone()
}
