//! An input that asks for what cannot be: said before a run begins.

use crate::inputs::Input;
use stage0_load::{Finding, findings};
use std::fmt;

/// Why a run does not begin: what of its input cannot be.
#[derive(Clone, Debug)]
pub struct Impossible(pub Vec<Finding>);

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        let things = if n == 1 { "thing" } else { "things" };
        write!(f, "{n} {things} in the input cannot work, so nothing was searched")?;
        for finding in &self.0 {
            write!(f, "\n  {finding}")?;
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
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        if anyway {
            for error in errors {
                tracing::warn!("cannot work: {error}");
            }
            return Ok(());
        }
        if errors.is_empty() { Ok(()) } else { Err(Impossible(errors)) }
    }
}
