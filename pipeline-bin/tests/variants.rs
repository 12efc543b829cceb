//! `solve --variants`: timetables that differ, or a word on why there are fewer.

mod common;

use common::{Place, bytes, is_whole, tree};
use serde_json::Value;

/// Places of the sessions of a run: everything before the teachers.
fn places(place: &Place, variant: &str) -> Vec<String> {
    let text = place.read(&format!("{variant}/solution/timetable.csv"));
    text.lines().skip(1).map(|line| line.split(',').take(7).collect::<Vec<_>>().join(",")).collect()
}

#[test]
fn all_variants_are_valid_and_differ_as_much_as_is_said() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    let command = "solve faculty --variants 3 --differ 0.3 --steps 150000 --threads 1 --json";
    let ran = place.run(&format!("{command} --out out")).ends_with(0);
    let event = ran.last_event();
    assert_eq!(
        (&event["event"], &event["found"], &event["asked"]),
        (&"variants".into(), &3.into(), &3.into()),
        "{event}"
    );
    let names = ["variant-1", "variant-2", "variant-3"];
    let variants = event["variants"].as_array().unwrap();
    for (at, (variant, name)) in variants.iter().zip(names).enumerate() {
        assert_eq!(variant["name"], name);
        place.run(&format!("check faculty out/{name}")).ends_with(0);
        let checked = place.run(&format!("check faculty out/{name}/solution --json")).ends_with(0).last_event();
        assert_eq!(checked["score"], variant["score"]);
        assert_eq!(checked["qualities"], variant["qualities"]);
        assert_eq!(variant["qualities"]["penalty"].as_f64(), variant["score"]["penalty"].as_i64().map(|p| p as f64));
        assert!(variant["qualities"]["teachers' free slots between classes"].as_f64() > Some(0.0), "{variant}");
        let mine = places(&place, &format!("out/{name}"));
        let share = |other: &&str| {
            let theirs = places(&place, &format!("out/{other}"));
            assert_eq!(mine.len(), theirs.len());
            mine.iter().zip(&theirs).filter(|(a, b)| a != b).count() as f64 / mine.len() as f64
        };
        let nearest = names[..at].iter().map(share).min_by(f64::total_cmp);
        let thousandths = |share: f64| (share * 1000.0).round();
        assert_eq!(variant["differs"].as_f64().map(thousandths), nearest.map(thousandths), "{variant}");
        assert!(nearest.is_none_or(|share| share >= 0.3), "{nearest:?}");
    }
    // The first one is what a run by itself would be; pages of others say what differs from it.
    place.run("solve faculty --steps 50000 --threads 1 --out alone -q").ends_with(0);
    assert_eq!(places(&place, "alone"), places(&place, "out/variant-1"));
    let page = |name: &str| bytes(&place.path(&format!("out/{name}/timetable.html"))).len();
    assert!(page("variant-2") > page("variant-1"), "it holds the changes");
    // The same seed, the same variants.
    let again = place.run(&format!("{command} --out again")).ends_with(0).last_event();
    let scores = |event: &Value| -> Vec<Value> {
        event["variants"].as_array().unwrap().iter().map(|v| v["qualities"].clone()).collect()
    };
    assert_eq!(scores(&event), scores(&again));
}

#[test]
fn where_there_is_only_one_timetable_that_is_said() {
    let place = Place::new();
    let one = "Name: One\nCourses: 1\nRooms: 1\nDays: 1\nPeriods_per_day: 1\nCurricula: 0\nConstraints: 0\n\n\
        COURSES:\na t 1 1 10\n\nROOMS:\nr 20\n\nCURRICULA:\n\nUNAVAILABILITY_CONSTRAINTS:\n\nEND.\n";
    place.write("one.ctt", one);
    let ran = place.run("solve one.ctt --variants 2 --steps 2000 --out out").ends_with(1);
    assert!(ran.out.contains("1 of 2 timetables are valid and differ from each other in at least 20 %"), "{}", ran.out);
    assert!(
        ran.err.contains("variant-2: penalty 0, 0 % of the classes differ from variant-1; it does not count"),
        "{}",
        ran.err
    );
}

#[test]
fn what_an_earlier_run_has_left_stays_unless_told_otherwise() {
    let place = Place::new();
    place.write("toy.ctt", common::TOY);
    place.run("solve toy.ctt --steps 2000 --out out/variant-2 -q").ends_with(0);
    let before = tree(&place.path("out"));
    let ran = place.run("solve toy.ctt --variants 2 --steps 2000 --out out").ends_with(2);
    assert!(ran.err.contains("out/variant-2: it holds") && ran.err.contains("--force replaces it"), "{}", ran.err);
    is_whole(&before, &place.path("out"), "refused");
    assert_eq!(before.len(), tree(&place.path("out")).len(), "nothing was written");
    place.run("solve toy.ctt --variants 2 --differ 0 --steps 2000 --out out --force -q").ends_with(0);
    // One more than are made now would pass for one of them.
    place.run("solve toy.ctt --steps 2000 --out out/variant-3 -q").ends_with(0);
    let err = place.run("solve toy.ctt --variants 2 --differ 0 --steps 2000 --out out --force").ends_with(2).err;
    assert!(err.contains("out/variant-3: it is there already"), "{err}");
    for (arguments, why) in [
        ("--variants 1", "1 is not in 2..=20"),
        ("--variants 2 --differ 20", "expected a number from 0 to 1"),
        ("--differ 0.5", "--variants"),
    ] {
        let err = place.run(&format!("solve toy.ctt {arguments}")).ends_with(2).err;
        assert!(err.contains(why), "{arguments}: {err}");
    }
}
