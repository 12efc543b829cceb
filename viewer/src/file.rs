//! Files: each whole or not at all.

use crate::page::write_page;
use crate::view::View;
use std::{io, path::Path};

/// Writes the page to a file, in the place of one that the caller may replace.
///
/// # Errors
/// Why it cannot be written.
pub fn write_page_file(view: &View<'_>, path: &Path) -> io::Result<()> {
    stage0_load::write_file(path, |out| write_page(view, out))
}
