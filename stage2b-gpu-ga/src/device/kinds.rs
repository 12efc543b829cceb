//! `kernels/kinds.h`, which is made from the one table of kinds ([`Kind`]).

use timetable::Kind;

/// What the file has to hold.
fn generated() -> String {
    let upper = |name: &str| {
        let mut text = String::new();
        for (i, letter) in name.chars().enumerate() {
            if i > 0 && letter.is_ascii_uppercase() {
                text.push('_');
            }
            text.push(letter.to_ascii_uppercase());
        }
        text
    };
    let names: String = Kind::ALL.iter().map(|kind| format!("    {},\n", upper(kind.name()))).collect();
    format!(
        "// The kinds, by their numbers in a problem. Made from the table in timetable/src/kind.rs: do not change it by hand.\n\
         #pragma once\n\nenum Kind {{\n{names}}};\n"
    )
}

#[test]
fn the_kernels_have_the_kinds_of_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/kernels/kinds.h");
    if std::env::var_os("STAGECOACH_GENERATE").is_some() {
        std::fs::write(path, generated()).expect("the file can be written");
    }
    let there = std::fs::read_to_string(path).expect("the file is there");
    assert!(there == generated(), "{path} is not made from the table: run this test with STAGECOACH_GENERATE=1");
}
