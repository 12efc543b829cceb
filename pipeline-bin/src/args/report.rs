//! Arguments of `report`.

use clap::Args as ClapArgs;
use memguard::Bytes;
use std::path::PathBuf;

/// Arguments of `report`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Report {
    /// The folder of a sweep, or results: Parquet, CSV or JSON lines, plain, .gz or .zst, and
    /// folders with such files.
    #[arg(required = true)]
    pub(crate) results: Vec<PathBuf>,
    /// The column that rows are judged by; several (KEY,KEY2) where the first counts most [default:
    /// a sweep's unplaced,hard,penalty].
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// The largest is the best, and not the smallest.
    #[arg(long)]
    pub(crate) desc: bool,
    /// Columns whose values are compared: parameters [default: a sweep's axes; elsewhere columns of
    /// text].
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) axes: Option<Vec<String>>,
    /// Rows are judged among those with the same value of this column; "" for all of them [default:
    /// instance, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub(crate) within: Option<String>,
    /// What makes blocks, together with --within, for tests of significance; "" for nothing
    /// [default: seed, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub(crate) seed: Option<String>,
    /// Columns that say what a row cost [default: those called ms, seconds, time, cpu_ms, peak,
    /// memory].
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) cost: Option<Vec<String>>,
    /// Only rows for which this is true, as in `top` [default: a sweep's "state = done"].
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub(crate) filter: Vec<String>,
    /// Where the report goes [default: the folder `report` in that of a sweep, else a new one,
    /// stagecoach-out/report or report-2 and so on].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Threads [default: as many as there are cores]; the report is the same whatever their number.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Most memory of the whole program.
    #[arg(long, value_name = "BYTES", default_value = "256M")]
    pub(crate) memory: Bytes,
}
