//! What people look at: a timetable as one HTML page that needs no network.
//!
//! [`View`] is what there is to show: a problem, its timetable, what the checker says, what people
//! call things. [`write_page`] makes a page of it, [`Calendars`] what calendar programs read,
//! [`spreadsheet()`] a workbook. [`qualities()`] says what timetables are better and worse at. All of it comes from the same sessions as `timetable.csv` ([`stage0_load::csv_folder::sessions`]).

mod changes;
mod data;
mod directory;
mod file;
mod ics;
mod page;
mod qualities;
mod spreadsheet;
mod view;
mod whose;
mod words;

pub use file::{FilesError, write_calendars, write_page_file};
pub use ics::{CalendarError, Calendars};
pub use jiff::Timestamp;
pub use page::write_page;
pub use qualities::{Quality, qualities, share_that_differs};
pub use spreadsheet::{SpreadsheetError, spreadsheet};
pub use view::{Before, View};
pub use whose::Kind;
pub use words::{Words, time_in_full};
