//! What a sweep leaves on disk.
//!
//! Segments hold the truth; the index is made from them and can be made again; closed segments
//! become Parquet files. Only who holds the [`Lock`] of a folder changes anything in it.

mod collect;
mod compact;
mod folder;
mod index;
mod lately;
mod rebuild;
mod recover;
mod row;
mod scan;
mod segment;
mod verify;

pub use collect::{Collected, collect};
pub use compact::{Compacted, RESULTS, SERIES, compact, results_columns, series_columns};
pub(crate) use compact::{part_file, take_over};
pub use folder::{Folder, LAYOUT, Lock};
pub(crate) use index::Pending;
pub use index::{Counts, Index, Part};
pub use lately::results_files;
pub use rebuild::rebuild;
pub use recover::recover;
pub(crate) use recover::{next_seq, now};
pub use row::{Row, State};
pub(crate) use scan::scan;
pub(crate) use segment::{Place, Segment};
pub use verify::{Fault, Verified, verify};
