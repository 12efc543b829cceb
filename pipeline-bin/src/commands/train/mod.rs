//! `stagecoach train`: the policy of the stage `rl`, trained on problems drawn by chance.

#[cfg(feature = "train")]
mod at_work;
#[cfg(feature = "train")]
mod curves;

#[cfg(feature = "train")]
pub(super) use at_work::run;

/// Training is not part of every build: candle takes longer to build than all the rest.
#[cfg(not(feature = "train"))]
pub(super) fn run(_args: &crate::args::Train, _common: crate::args::Common) -> anyhow::Result<crate::exit::Exit> {
    anyhow::bail!(
        "this stagecoach was built without training\nTry: cargo run --release --features train -- train (candle takes minutes to build)"
    )
}
