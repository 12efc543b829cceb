//! Ways to repair a timetable, as they are compared.

use pipeline::{Context, Plan, Stage, StageError};
use stage3_rl::{MinConflicts, Moves, Rl};
use std::path::PathBuf;

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

/// The policy, others with weights from files, and what it has to beat.
pub(super) fn ways(weights: &[PathBuf], in_use: bool) -> Vec<Way> {
    let counted = |(plan, moves)| (plan, Some(moves));
    let as_asked = |policy: Rl| if in_use { policy.in_use() } else { policy };
    let mut ways = vec![Way::policy("rl".into(), as_asked(Rl::default()))];
    for path in weights {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        ways.push(Way::policy(name, as_asked(Rl::with_weights(path))));
    }
    ways.push(Way {
        name: "min-conflicts".into(),
        run: Box::new(move |plan, ctx| MinConflicts.repair(plan, ctx).map(counted)),
    });
    ways.push(Way::policy("untrained".into(), as_asked(Rl::untrained(1))));
    ways.push(Way::policy("best-gain".into(), as_asked(Rl::best_gain())));
    ways.push(Way::policy("random".into(), as_asked(Rl::random())));
    ways
}
