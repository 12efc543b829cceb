//! Arguments of `serve`.

use clap::Args;
use memguard::Bytes;
use std::path::PathBuf;

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The folder with the runs; uploads go into its folder `uploads`.
    #[arg(default_value = scheduler::DEFAULT_PARENT)]
    pub(crate) folder: PathBuf,
    /// The port on 127.0.0.1 [default: any that is free].
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Memory budget of a run: 500M, 2GiB [default: the smallest limit that `stagecoach doctor`
    /// shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
}
