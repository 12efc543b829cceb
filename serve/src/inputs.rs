//! What is wrong with an input, at its place: what `check` says, with the lines that it names.

use crate::answer::{Refused, beside, json_answer};
use crate::router::Server;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde_json::{Value, json};
use stage0_load::csv_folder::PROBLEM_FILES;
use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path,
    sync::Arc,
};

/// Most findings that are shown.
const MOST: usize = 200;
/// Most bytes of a line that is shown.
const MOST_BYTES: usize = 500;

/// Checks an input.
pub(crate) async fn check(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    let input = server.folder.input(&name).ok_or_else(|| Refused::Unknown(name.clone(), "input"))?;
    let said = server.program.ask([std::ffi::OsStr::new("check"), input.as_ref()]).await?;
    let mut problems = Vec::new();
    if let (true, Some(message)) = (said["event"] == "error", said["message"].as_str()) {
        problems.extend(message.lines().map(|line| json!({ "severity": "error", "text": plain(line, &input) })));
    }
    for finding in said["findings"].as_array().into_iter().flatten() {
        let text = plain(finding["text"].as_str().unwrap_or_default(), &input);
        problems.push(json!({ "severity": finding["severity"], "text": text, "remedy": finding["remedy"] }));
    }
    let in_all = problems.len();
    problems.truncate(MOST);
    let mut places = BTreeSet::new();
    for problem in &problems {
        places.extend(named(problem["text"].as_str().unwrap_or_default()));
    }
    let lines = beside(move || Ok(lines(&input, &places))).await?;
    Ok(json_answer(&json!({
        "name": name, "can_run": said["event"] == "check", "possible": said["possible"] == true, "problem": said["problem"],
        "input": said["input"], "problems": problems, "problems_in_all": in_all, "lines": lines,
    })))
}

/// Without the folder on this machine.
fn plain(text: &str, input: &path::Path) -> String {
    let folder = if input.is_dir() { Some(input) } else { input.parent() };
    folder.map_or(text.to_owned(), |folder| text.replace(&format!("{}/", folder.display()), ""))
}

/// The files and lines that a text names: `courses.csv:7`.
fn named(text: &str) -> Vec<(&'static str, usize)> {
    let mut found = Vec::new();
    for file in PROBLEM_FILES {
        for (at, _) in text.match_indices(file) {
            let rest = text[at + file.len()..].strip_prefix(':').unwrap_or_default();
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            found.extend(digits.parse().ok().filter(|&line| line > 0).map(|line: usize| (file, line)));
        }
    }
    found
}

/// Those lines, each with the first line of its file, which names the columns.
fn lines(folder: &path::Path, places: &BTreeSet<(&'static str, usize)>) -> Vec<Value> {
    let mut found = Vec::new();
    for file in PROBLEM_FILES {
        let wanted: BTreeSet<usize> = places.iter().filter(|place| place.0 == file).map(|place| place.1).collect();
        let (Some(&last), Ok(text)) = (wanted.last(), File::open(folder.join(file))) else { continue };
        let (mut reader, mut head) = (BufReader::new(text), String::new());
        for number in 1..=last {
            let Some(line) = next_line(&mut reader) else { break };
            if number == 1 {
                head.clone_from(&line);
            }
            if wanted.contains(&number) {
                let head = if file.ends_with(".csv") && number > 1 { head.as_str() } else { "" };
                found.push(json!({ "file": file, "line": number, "head": head, "text": line }));
            }
        }
    }
    found
}

/// The beginning of the next line.
fn next_line(reader: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    reader.take(MOST_BYTES as u64).read_until(b'\n', &mut bytes).ok().filter(|&read| read > 0)?;
    if bytes.len() == MOST_BYTES && bytes.last() != Some(&b'\n') {
        reader.skip_until(b'\n').ok()?;
    }
    Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_named_are_shown_with_the_names_of_their_columns() {
        let text = "teacher kim (teachers.csv:3) is not in courses.csv:12, see rules.toml";
        assert_eq!(named(text), [("teachers.csv", 3), ("courses.csv", 12)]);
        let place = tempfile::tempdir().expect("a folder");
        let long = "x".repeat(3 * MOST_BYTES);
        std::fs::write(place.path().join("teachers.csv"), format!("id,name\r\n{long}\r\nkim,Kim\r\n")).expect("a file");
        let found = lines(place.path(), &named(text).into_iter().collect());
        assert_eq!(found, [json!({ "file": "teachers.csv", "line": 3, "head": "id,name", "text": "kim,Kim" })]);
    }
}
