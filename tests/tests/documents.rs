//! The documents: their lines are short enough to read, and their links lead somewhere.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Columns of a line of prose.
const WIDEST: usize = 100;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

fn documents() -> Vec<PathBuf> {
    let of = |folder: PathBuf| fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let all = of(workspace().to_owned()).chain(of(workspace().join("docs"))).chain(of(workspace().join("fuzz")));
    let documents: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert!(documents.len() >= 9, "{documents:?}");
    documents
}

/// The lines of prose with their numbers: no code, no tables, no headings.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let start = line.trim_start();
        if start.starts_with("```") {
            is_code = !is_code;
        } else if !is_code && !start.starts_with(['|', '#']) && !line.starts_with("    ") {
            lines.push((number, line));
        }
    }
    lines
}

#[test]
fn lines_of_prose_are_at_most_a_hundred_columns_wide() {
    let mut wide = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a text");
        // A link is not broken.
        let is_wide = |line: &&(usize, &str)| line.1.chars().count() > WIDEST && !line.1.contains("](");
        wide.extend(prose(&text).iter().filter(is_wide).map(|(number, _)| format!("{}:{number}", document.display())));
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn links_lead_to_files_that_are_there() {
    let (mut lost, mut followed) = (Vec::new(), 0);
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if link.is_empty() || link.contains("://") {
                continue;
            }
            followed += 1;
            if !document.parent().expect("a folder").join(link).exists() {
                lost.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(followed > 50, "{followed} links");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
