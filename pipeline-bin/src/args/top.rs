//! Arguments of `top`.

use clap::{Args as ClapArgs, ValueEnum};
use memguard::Bytes;
use std::path::PathBuf;

/// Arguments of `top`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Top {
    /// Results: Parquet, CSV or JSON lines, plain, .gz or .zst; folders with such files, folders of
    /// sweeps.
    #[arg(required = true)]
    pub(crate) results: Vec<PathBuf>,
    /// The column that rows are ordered by; several (KEY,KEY2) where equal values of the first
    /// leave it open.
    #[arg(long, value_name = "KEY", required = true, value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// How many rows.
    #[arg(short, long, value_name = "N", default_value_t = 10)]
    pub(crate) n: usize,
    /// The largest is the best, and not the smallest.
    #[arg(long)]
    pub(crate) desc: bool,
    /// Only rows for which this is true: "state = done and (penalty < 100 or seed in (1, 2))";
    /// given twice, both have to be.
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub(crate) filter: Vec<String>,
    /// How rows are printed [default: table on a terminal, csv elsewhere].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<RowFormat>,
    /// Write the rows to this file instead, in the format that its name says: .csv or .jsonl,
    /// plain, .gz or .zst.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file that --out names.
    #[arg(long)]
    pub(crate) force: bool,
    /// Threads [default: as many as there are cores]; the rows are the same whatever their number.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Most memory of the whole program.
    #[arg(long, value_name = "BYTES", default_value = "64M")]
    pub(crate) memory: Bytes,
}

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Columns for people.
    Table,
    /// CSV.
    Csv,
    /// JSON, one object a line.
    Jsonl,
}
