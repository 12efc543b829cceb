//! Ways to repair a timetable, as they are compared.

use pipeline::{Context, Plan, Stage, StageError};
use stage3_rl::{MinConflicts, Moves, Rl};
use std::path::PathBuf;

/// What others are compared with.
pub(super) const MIN_CONFLICTS: &str = "min-conflicts";
pub(super) const LOOK_AHEAD: &str = "look-ahead 1";

type Repair = Box<dyn Fn(Plan, &Context) -> Result<(Plan, Option<Moves>), StageError>>;

/// A way to repair a timetable.
pub(super) struct Way {
    pub(super) name: String,
    pub(super) run: Repair,
}

impl Way {
    /// A stage that does not count what it moves.
    pub(super) fn stage(stage: impl Stage + 'static) -> Way {
        let name = stage.name().to_owned();
        Way { name, run: Box::new(move |plan, ctx| Ok((stage.run(plan, ctx)?, None))) }
    }

    fn policy(name: String, policy: Rl) -> Way {
        let counted = |(plan, moves)| (plan, Some(moves));
        Way { name, run: Box::new(move |plan, ctx| policy.repair(plan, ctx).map(counted)) }
    }
}

/// The policy, others with weights from files, and what it has to beat; with `further` those, too, that look ahead or prefer where classes were.
pub(super) fn ways(weights: &[PathBuf], further: bool) -> Vec<Way> {
    let counted = |(plan, moves)| (plan, Some(moves));
    let mut ways = vec![Way::policy("rl".into(), Rl::default().in_use())];
    for path in weights {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        ways.push(Way::policy(name, Rl::with_weights(path).in_use()));
    }
    ways.push(Way {
        name: MIN_CONFLICTS.into(),
        run: Box::new(move |plan, ctx| MinConflicts.repair(plan, ctx).map(counted)),
    });
    ways.push(Way::policy("untrained".into(), Rl::untrained(1).in_use()));
    ways.push(Way::policy(LOOK_AHEAD.into(), Rl::look_ahead().in_use()));
    ways.push(Way::policy("random".into(), Rl::random().in_use()));
    if further {
        ways.insert(1, Way::policy("rl, looks at 3".into(), Rl::default().looking_at(3).in_use()));
        ways.push(Way {
            name: "min-conflicts, home".into(),
            run: Box::new(move |plan, ctx| MinConflicts.repair_homeward(plan, ctx).map(counted)),
        });
        ways.push(Way::policy("best at once".into(), Rl::at_once().in_use()));
        ways.push(Way::policy("look-ahead 2".into(), Rl::look_further().in_use()));
        ways.push(Way::policy("untrained, looks at 3".into(), Rl::untrained(1).looking_at(3).in_use()));
    }
    ways
}
