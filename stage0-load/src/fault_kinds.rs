//! Faults as text: those of one kind in one line, with their count and the first places.

use crate::fault::Fault;
use std::{collections::HashMap, fmt};

/// Most lines of text.
const LINES: usize = 40;
/// Most further places of one kind that are named.
const PLACES: usize = 4;

/// Writes faults, one line for each kind.
pub(crate) fn write_kinds(list: &[Fault], dropped: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut kinds: Vec<Vec<&Fault>> = Vec::new();
    // Only asked, never walked through: no result depends on its order.
    let mut known: HashMap<(&std::path::Path, Option<&str>, String, String), usize> = HashMap::new();
    for fault in list {
        let key = (fault.file.as_path(), fault.sheet(), pattern(&fault.found), pattern(&fault.expected));
        let at = *known.entry(key).or_insert(kinds.len());
        if at == kinds.len() {
            kinds.push(Vec::new());
        }
        kinds[at].push(fault);
    }
    for (i, kind) in kinds.iter().take(LINES).enumerate() {
        if i > 0 {
            writeln!(f)?;
        }
        write!(f, "{}", kind[0])?;
        if kind.len() > 1 {
            write!(f, " ({} of this kind, also {})", kind.len(), others(kind))?;
        }
    }
    let untold: usize = dropped + kinds.iter().skip(LINES).map(Vec::len).sum::<usize>();
    if untold > 0 {
        write!(f, "\n... and {untold} more")?;
    }
    Ok(())
}

/// Where the others of a kind are, with their values: `line 4 ("dora"), line 9, ...`.
fn others(kind: &[&Fault]) -> String {
    let value = first_difference;
    let mut places: Vec<String> = Vec::new();
    for fault in kind[1..].iter().take(PLACES) {
        let place = match (&fault.cell, fault.line) {
            (Some(cell), _) => cell.clone(),
            (None, Some(line)) => format!("line {line}"),
            (None, None) => String::new(),
        };
        let differs = value(&kind[0].found, &fault.found);
        places.push(match (place.is_empty(), differs) {
            (true, _) => fault.found.clone(),
            (false, None) => place,
            (false, Some(value)) => format!("{place} ({value})"),
        });
    }
    let mut text = places.join(", ");
    if kind.len() > PLACES + 1 {
        text += ", ...";
    }
    text
}

/// The first quoted value of `other` that differs from the one at the same position in `first`.
fn first_difference<'a>(first: &str, other: &'a str) -> Option<&'a str> {
    quoted_parts(first).zip(quoted_parts(other)).find(|(a, b)| a != b).map(|(_, b)| b)
}

/// The parts of a message in quotes, quotes included.
fn quoted_parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let from = rest.find('"')?;
        let to = from + end_of_quoted(&rest[from..])?;
        let part = &rest[from..to];
        rest = &rest[to..];
        Some(part)
    })
}

/// Where a part in quotes ends, escaped quotes passed over.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(i + 1),
            _ => {}
        }
    }
    None
}

/// A message without its values: what is in quotes, and numbers.
fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => end_of_quoted(rest).unwrap_or(rest.len()),
            '0'..='9' => rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()),
            _ => c.len_utf8(),
        };
        match c {
            '"' => out.push('"'),
            '0'..='9' => out.push('0'),
            _ => out.push(c),
        }
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::fault::FaultLog;
    use std::path::Path;

    fn text(faults: &[(&str, Option<u64>, &str)]) -> String {
        let mut log = FaultLog::default();
        for &(file, line, found) in faults {
            log.add(Path::new(file), line, found, "a teacher of this problem");
        }
        log.into_faults().to_string()
    }

    #[test]
    fn one_kind_is_one_line_with_its_count_its_first_places_and_their_values() {
        let found = |name: &str| format!("unknown teacher {name:?}");
        let names = ["a\"x", "b", "a\"x", "c", "d", "e"].map(found);
        let faults: Vec<_> = names.iter().zip(2..).map(|(name, line)| ("f", Some(line), name.as_str())).collect();
        assert_eq!(
            text(&faults),
            "f:2: unknown teacher \"a\\\"x\", expected a teacher of this problem (6 of this kind, also \
             line 3 (\"b\"), line 4, line 5 (\"c\"), line 6 (\"d\"), ...)"
        );
        let other = [("f", Some(1), "unknown teacher \"a\""), ("g", Some(1), "unknown teacher \"a\"")];
        assert_eq!(text(&other).lines().count(), 2, "two files");
        let other = [("f", Some(1), "unknown teacher \"a\""), ("f", Some(1), "unknown room \"a\"")];
        assert_eq!(text(&other).lines().count(), 2, "two kinds");
    }

    #[test]
    fn what_has_no_line_is_told_as_it_is() {
        let faults = [("f", None, "event 1 without a slot"), ("f", None, "event 12 without a slot")];
        assert_eq!(
            text(&faults),
            "f: event 1 without a slot, expected a teacher of this problem (2 of this kind, also event 12 without a slot)"
        );
    }

    #[test]
    fn there_are_never_more_than_forty_lines_and_a_count() {
        let kinds: Vec<String> = (0..90).map(|i| "x".repeat(i + 1)).collect();
        let faults: Vec<_> = kinds.iter().map(|found| ("f", Some(1), found.as_str())).collect();
        let text = text(&faults);
        assert_eq!((text.lines().count(), text.lines().last()), (41, Some("... and 50 more")));
    }
}
