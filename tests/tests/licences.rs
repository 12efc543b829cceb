//! Every dependency may be used under a licence that `deny.toml` allows, and comes from crates.io.
//! `cargo deny check` says more (advisories, duplicates), where it is installed.

use serde_json::Value;
use std::{collections::BTreeSet, path::Path, process::Command};

/// Whether an SPDX expression can be met with these licences: `OR` is a choice, `AND` wants both.
fn can_be_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Older packages write a choice as `MIT/Apache-2.0`.
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    let met = choice(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "{expression}");
    met
}

fn choice(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = licence(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= licence(words, at, allowed);
    }
    met
}

fn licence(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let word = words.get(*at).expect("a licence");
    *at += 1;
    if *word == "(" {
        let met = choice(words, at, allowed);
        assert_eq!(words.get(*at), Some(&")"), "a closing parenthesis");
        *at += 1;
        return met;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name += &format!(" WITH {}", words[*at + 1]);
        *at += 2;
    }
    allowed.contains(&name)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

fn allowed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(workspace().join("deny.toml")).expect("deny.toml");
    let deny: toml::Value = toml::from_str(&text).expect("TOML");
    let list = deny["licenses"]["allow"].as_array().expect("a list").iter();
    list.map(|name| name.as_str().expect("a name").to_owned()).collect()
}

#[test]
fn expressions_are_met_as_they_say() {
    let allowed: BTreeSet<String> = ["MIT", "X WITH Y"].map(str::to_owned).into();
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND X WITH Y", true),
        ("GPL-3.0 OR MIT AND X", false),
        ("X", false),
    ] {
        assert_eq!(can_be_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed_and_comes_from_the_registry() {
    let features = "stage3-rl/train,pipeline-bin/train";
    // What other systems need is not at hand everywhere.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let metadata = |more: &[&str]| {
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
        cargo.args(["metadata", "--format-version", "1", "--locked", "--features", features]);
        cargo.args(["--filter-platform", &platform]).args(more).current_dir(workspace()).output().expect("cargo runs")
    };
    // What training needs is fetched where nothing was built with it.
    let mut done = metadata(&["--offline"]);
    if !done.status.success() {
        done = metadata(&[]);
    }
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let metadata: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let allowed = allowed();
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 200, "{} packages", packages.len());
    let mut wrong = Vec::new();
    for package in packages {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let licence = package["license"].as_str().unwrap_or_default();
        if licence.is_empty() || !can_be_met(licence, &allowed) {
            wrong.push(format!("{name} {version}: licence `{licence}`"));
        }
        let source = package["source"].as_str();
        if source.is_some_and(|source| source != "registry+https://github.com/rust-lang/crates.io-index") {
            wrong.push(format!("{name} {version}: from {source:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
