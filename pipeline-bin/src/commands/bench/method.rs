//! Ways to repair a timetable, as they are compared.

use anyhow::{Result, bail};
use pipeline::{Context, Plan, Stage, StageError};
use stage3_rl::{MinConflicts, Moves, Rl};
use std::path::{Path, PathBuf};

/// What others are compared with.
pub(super) const MIN_CONFLICTS: &str = "min-conflicts";
pub(super) const LOOK_AHEAD: &str = "look-ahead 1";

type Repair = Box<dyn Fn(Plan, &Context) -> Result<(Plan, Option<Moves>), StageError>>;

/// A way to repair a timetable.
pub(super) struct RepairMethod {
    pub(super) name: String,
    pub(super) run: Repair,
}

impl RepairMethod {
    /// A stage that does not count what it moves.
    pub(super) fn stage(stage: impl Stage + 'static) -> RepairMethod {
        let name = stage.name().to_owned();
        RepairMethod { name, run: Box::new(move |plan, ctx| Ok((stage.run(plan, ctx)?, None))) }
    }

    fn policy(name: String, policy: Rl) -> RepairMethod {
        let counted = |(plan, moves)| (plan, Some(moves));
        RepairMethod { name, run: Box::new(move |plan, ctx| policy.repair(plan, ctx).map(counted)) }
    }
}

/// The policy, others with weights from files, and what it has to beat; with `further` those, too,
/// that look ahead or prefer where classes were.
///
/// # Errors
/// Weights that cannot be read: without them a policy would do what `min-conflicts` does.
pub(super) fn methods(weights: &[PathBuf], further: bool) -> Result<Vec<RepairMethod>> {
    let counted = |(plan, moves)| (plan, Some(moves));
    let mut methods = vec![RepairMethod::policy("rl".into(), Rl::default().in_use())];
    for path in weights {
        let policy = Rl::with_weights(path).in_use();
        if let Some(why) = policy.missing() {
            bail!("--weights {why}");
        }
        methods.push(RepairMethod::policy(name_of(path, weights), policy));
    }
    methods.push(RepairMethod {
        name: MIN_CONFLICTS.into(),
        run: Box::new(move |plan, ctx| MinConflicts.repair(plan, ctx).map(counted)),
    });
    methods.push(RepairMethod::policy("untrained".into(), Rl::untrained(1).in_use()));
    methods.push(RepairMethod::policy(LOOK_AHEAD.into(), Rl::look_ahead().in_use()));
    methods.push(RepairMethod::policy("random".into(), Rl::random().in_use()));
    if further {
        methods.insert(1, RepairMethod::policy("rl, looks at 3".into(), Rl::default().looking_at(3).in_use()));
        methods.push(RepairMethod {
            name: "min-conflicts, home".into(),
            run: Box::new(move |plan, ctx| MinConflicts.repair_homeward(plan, ctx).map(counted)),
        });
        methods.push(RepairMethod::policy("best at once".into(), Rl::at_once().in_use()));
        methods.push(RepairMethod::policy("look-ahead 2".into(), Rl::look_further().in_use()));
        methods.push(RepairMethod::policy("untrained, looks at 3".into(), Rl::untrained(1).looking_at(3).in_use()));
    }
    Ok(methods)
}

/// What weights are called: their file's name, or all of its path where another has the same.
fn name_of(path: &Path, all: &[PathBuf]) -> String {
    let alike = all.iter().filter(|other| other.file_stem() == path.file_stem()).count();
    let name = if alike > 1 { path.as_os_str() } else { path.file_stem().unwrap_or_default() };
    name.to_string_lossy().into_owned()
}
