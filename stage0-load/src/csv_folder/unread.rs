//! Files of a folder that look as if they were meant to be read, and are not: named once.

use super::{PROBLEM_FILES, TIMETABLE_FILES, files::stem};
use crate::fault::Faults;
use crate::source::cannot_open;
use std::{fs, path::Path};

/// Most files that are named.
const NAMED: usize = 8;

/// Names what is there and is not read.
///
/// # Errors
/// The folder cannot be looked into.
pub(crate) fn say(folder: &Path) -> Result<(), Faults> {
    let names = unread(folder)?;
    if names.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| with_hint(name)).collect();
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    let files = PROBLEM_FILES.join(", ");
    tracing::warn!("{}: not read: {}{more}\nMaybe rename: what is read is {files}", folder.display(), shown.join(", "));
    Ok(())
}

/// The names, in their order.
fn unread(folder: &Path) -> Result<Vec<String>, Faults> {
    let entries = fs::read_dir(folder).map_err(|e| {
        let (found, expected) = cannot_open(&e, "folder");
        Faults::one(folder, found, expected)
    })?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| !entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !is_read(name) && is_meant(name))
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// The name without what tells that a file is compressed.
fn unpacked(name: &str) -> &str {
    name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(name)
}

fn is_read(name: &str) -> bool {
    PROBLEM_FILES.contains(&unpacked(name))
}

/// Whether somebody may think that a file is read: it is called like one that is, or is a table.
fn is_meant(name: &str) -> bool {
    let name = unpacked(name);
    let ours = TIMETABLE_FILES.contains(&name) || name.starts_with("stagecoach") || name.starts_with('.');
    let lower = name.to_lowercase();
    let is_table = [".csv", ".tsv", ".xlsx", ".xls", ".ods"].iter().any(|end| lower.ends_with(end));
    !ours && (is_table || meant(&lower).is_some())
}

/// The file that is read and has the same name but for its ending, case or one letter.
fn meant(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let given = stem(&lower);
    PROBLEM_FILES.into_iter().find(|file| stem(file) == given || is_one_letter_off(stem(file), given))
}

fn with_hint(name: &str) -> String {
    match meant(unpacked(name)) {
        Some(file) => format!("{name} (is it {file}?)"),
        None => name.to_owned(),
    }
}

/// Whether two words differ by one letter added, left out or exchanged.
fn is_one_letter_off(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(&long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => same < short.len() && short[same + 1..] == long[same + 1..],
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_like_a_file_or_is_a_table_is_named_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = ["courses.csv", "teachers.csv.gz", "calendar.toml", "rules.toml.zst"];
        let ours = ["timetable.csv", "enrolment.csv", "stagecoach.toml", ".hidden.csv", "notes.md", "timetable.html"];
        let unknown = ["Fixed.csv", "rules.txt", "enrollments.csv", "course.csv.gz", "clubs.csv", "college.xlsx"];
        for name in read.iter().chain(&ours).chain(&unknown) {
            fs::write(folder.path().join(name), "").expect("written");
        }
        fs::create_dir(folder.path().join("rooms.old.csv")).expect("a folder");
        let mut expected = unknown.map(str::to_owned);
        expected.sort_unstable();
        assert_eq!(unread(folder.path()).expect("a folder"), expected);
        let hints = ["Fixed.csv (is it fixed.csv?)", "rules.txt (is it rules.toml?)", "clubs.csv"];
        assert_eq!(["Fixed.csv", "rules.txt", "clubs.csv"].map(with_hint), hints);
        assert_eq!(with_hint("enrollments.csv"), "enrollments.csv (is it enrolments.csv?)");
    }
}
