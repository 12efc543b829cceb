//! Broken files: each must bring exactly the faults that `broken/faults.txt` lists for it.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// File by file, the faults that loading brings, without the folder's name.
fn found() -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .expect("the folder of broken files")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.is_file() && p.file_name().is_some_and(|n| n != "faults.txt"))
        .collect();
    files.sort();
    let mut out = String::new();
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        writeln!(out, "== {name}").expect("a string takes all");
        match stage0_load::load(&path) {
            Ok(_) => writeln!(out, "loads").expect("a string takes all"),
            Err(faults) => {
                for fault in faults.list() {
                    let text = fault.to_string();
                    let at = text.find(&name).expect("each fault names its file");
                    writeln!(out, "{}", &text[at + name.len()..]).expect("a string takes all");
                }
                assert_eq!(faults.dropped, 0);
            }
        }
    }
    out
}

fn sections(text: &str) -> BTreeMap<&str, &str> {
    text.split("== ").skip(1).map(|s| s.split_once('\n').expect("a name and faults")).collect()
}

#[test]
fn every_broken_file_is_refused_with_all_its_faults_and_their_lines() {
    let found = found();
    let expected = std::fs::read_to_string(folder().join("faults.txt")).unwrap_or_default();
    let (f, e) = (sections(&found), sections(&expected));
    for (file, faults) in &f {
        assert_eq!(e.get(file), Some(faults), "\n{file}:\n{faults}");
    }
    assert_eq!(e.len(), f.len(), "files listed that are not there");
    assert!(f.len() >= 40, "{} broken files", f.len());
}

/// Prints what `faults.txt` should hold, to be read through before it is believed.
#[test]
#[ignore = "prints the table anew"]
fn print_the_table() {
    eprint!("{}", found());
}
