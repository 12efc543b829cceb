//! `stagecoach setup`: OR-Tools, for the stage `cpsat`.

use crate::exit::Exit;
use crate::output;
use anyhow::{Context, Result};
use serde_json::json;
use stage2a_cpsat::ortools::{self, Finding};

pub(super) fn run(json: bool) -> Result<Exit> {
    let library = match ortools::find() {
        Finding::Found(path) => path,
        Finding::NotWhereNamed(path) => {
            anyhow::bail!("{} names {}, where there is no such file", ortools::VARIABLE, path.display())
        }
        Finding::Nowhere => {
            output::aside(format!("Fetching OR-Tools {} (30 MB) by pip", ortools::VERSION));
            ortools::setup().context("OR-Tools cannot be fetched")?
        }
    };
    if json {
        output::event(json!({ "event": "setup", "ortools": ortools::VERSION, "library": library }));
    } else {
        output::line(format!("OR-Tools {}: {}", ortools::VERSION, library.display()));
    }
    Ok(Exit::Done)
}
