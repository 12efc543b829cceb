//! An input that asks for what cannot be: said before a run begins.

use crate::inputs::Input;
use stage0_load::{Finding, findings};
use std::fmt;

/// Why a run does not begin: what of its input cannot be.
#[derive(Clone, Debug)]
pub struct Impossible(pub Vec<Finding>);

/// So many things are told before a run: more fill the screen.
const MOST: usize = 15;
/// So many warnings are told beside what cannot work.
const FEW: usize = 3;

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        let things = if n == 1 { "thing" } else { "things" };
        write!(f, "{n} {things} in the input cannot work, so nothing was searched")?;
        for finding in self.0.iter().take(MOST) {
            write!(f, "\n  {finding}")?;
        }
        if n > MOST {
            write!(f, "\n  ... and {} more, which `stagecoach check` with the input and `--most {n}` lists", n - MOST)?;
        }
        f.write_str("\n(with `--anyway` it is searched all the same, and what does not fit is left out)")
    }
}

impl std::error::Error for Impossible {}

impl Input {
    /// What is wrong with it before anything is searched, errors first.
    pub fn findings(&self) -> Vec<Finding> {
        findings(&self.plan.problem, self.origin.as_ref())
    }

    /// Logs what is doubtful.
    ///
    /// # Errors
    /// What cannot be, unless it is to be run `anyway`: then that is logged, too.
    pub fn is_possible(&self, anyway: bool) -> Result<(), Impossible> {
        let (errors, warnings): (Vec<Finding>, Vec<Finding>) = self.findings().into_iter().partition(Finding::is_error);
        warn("", &warnings, if errors.is_empty() { MOST } else { FEW });
        if anyway {
            warn("cannot work: ", &errors, MOST);
            return Ok(());
        }
        if errors.is_empty() { Ok(()) } else { Err(Impossible(errors)) }
    }
}

fn warn(what: &str, findings: &[Finding], most: usize) {
    for finding in findings.iter().take(most) {
        tracing::warn!("{what}{finding}");
    }
    if findings.len() > most {
        tracing::warn!("{what}{} things more, which `stagecoach check` with the input lists", findings.len() - most);
    }
}
