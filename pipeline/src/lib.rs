//! What stages share: the trait, the plan, the runner, checkpoints.
