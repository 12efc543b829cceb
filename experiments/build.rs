//! Which commit is built: read from the checkout's own files, so that no git is needed.

use std::{fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let git = Path::new("../.git");
    let head = git.join("HEAD");
    let Ok(text) = fs::read_to_string(&head) else { return };
    println!("cargo::rerun-if-changed={}", head.display());
    let commit = match text.trim().strip_prefix("ref: ") {
        None => Some(text.trim().to_owned()),
        Some(name) => {
            let file = git.join(name);
            println!("cargo::rerun-if-changed={}", file.display());
            fs::read_to_string(file).ok().map(|text| text.trim().to_owned())
        }
    };
    if let Some(commit) = commit.filter(|commit| commit.len() >= 12 && commit.bytes().all(|b| b.is_ascii_hexdigit())) {
        println!("cargo::rustc-env=STAGECOACH_COMMIT={}", &commit[..12]);
    }
}
