//! Stage 0: files to a problem, a timetable to files, generated instances.
//!
//! * [`load`]: a problem from any file that is known by its content; [`load_as`] where the format
//!   is given.
//! * [`read_solution`], [`write_solution`]: a timetable in the problem's own format.
//! * Whatever is wrong with an input comes back as [`Faults`]: all of them, each with file, line,
//!   what was found and what was expected. Inputs are untrusted: how much is read and kept is
//!   bounded ([`Limits`]).

mod atomic;
mod cb_ctt;
mod convert;
pub mod csv_folder;
mod elsewhere;
mod encoding;
mod enrol;
mod fault;
mod fault_kinds;
pub mod generate;
mod info;
mod itc2019;
mod load;
mod log;
mod names;
mod notes;
mod pe_ctt;
mod quick_checks;
mod solution;
mod source;
mod unfinished;
mod words;
mod workbook;
mod write_error;
mod xml_text;

pub use atomic::write_file;
pub use convert::{write_cb_ctt, write_itc2019, write_pe_ctt, write_problem};
pub use elsewhere::Elsewhere;
pub use enrol::enrol_where_there_is_no_choice;
pub use fault::{Fault, FaultLog, Faults};
pub use info::SolutionInfo;
pub use load::{Loaded, load, load_as, load_from, load_leniently, load_with_origin, load_within};
pub use quick_checks::{Check, Finding, Severity, findings};
pub use solution::{read_any_solution, read_solution, write_solution};
pub use source::{Limits, Source};
pub use unfinished::Unfinished;
pub use words::{Words, implied_calendar};
pub use write_error::WriteError;
