//! The page beside a solution.

use memguard::Bytes;
use scheduler::{PAGE, RunOutcome, Session, Unplaced};
use std::{
    fmt::Write,
    os::unix::ffi::OsStrExt,
    path::{self, Path, PathBuf},
};
use viewer::{Before, View, write_page_file};

/// Writes the page of what came of a run; `None` where it cannot be written, which is said: the
/// solution is there in any case.
pub(crate) fn write(
    session: &Session,
    solved: &RunOutcome,
    unplaced: &[Unplaced],
    before: Option<Before<'_>>,
) -> Option<PathBuf> {
    let view = View {
        problem: &solved.plan.problem,
        timetable: &solved.timetable,
        labels: solved.labels.as_ref(),
        report: &solved.report,
        unplaced,
        events: &solved.events,
        bound: solved.plan.bound,
        before,
    };
    let path = solved.folder.join(PAGE);
    let needed = Bytes::new(view.max_bytes());
    if session.guard.usage().is_some_and(|usage| usage.used.get() + needed.get() > usage.limit.get()) {
        tracing::warn!("{} is not written: it takes up to {needed} of memory, and less is free", path.display());
        return None;
    }
    match write_page_file(&view, &path) {
        Ok(()) => Some(path),
        Err(why) => {
            tracing::warn!("{} cannot be written: {why}", path.display());
            None
        }
    }
}

/// A page's address for a browser: terminals open it by a click.
pub(crate) fn address(page: &Path) -> String {
    let page = path::absolute(page).unwrap_or_else(|_| page.to_owned());
    page.as_os_str().as_bytes().iter().fold("file://".to_owned(), |mut address, &byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            address.push(byte.into());
        } else {
            // A String takes whatever is written.
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_whole_and_holds_nothing_that_ends_it() {
        assert_eq!(address(Path::new("/a b/\u{fc}#?/timetable.html")), "file:///a%20b/%C3%BC%23%3F/timetable.html");
        assert!(address(Path::new("out/timetable.html")).ends_with("/out/timetable.html"));
        assert!(address(Path::new("out/timetable.html")).starts_with("file:///"));
    }
}
