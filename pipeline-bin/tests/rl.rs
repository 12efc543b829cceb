//! Stage 3's `rl`, and `train`.

mod common;

use common::{Place, TOY};

#[test]
fn the_policy_is_a_stage_like_any_other() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --stage3 rl --steps 300000 --out toy -q").ends_with(0);
    place.run("check toy.ctt toy/solution.sol").ends_with(0);
    place.run("stage rl toy/plan again --steps 100000 -q").ends_with(0);
    place.run("repair toy --close-room large --when Mon --stage3 rl --out mended --steps 100000 -q").ends_with(0);
    place.run("check mended mended").ends_with(0);
}

#[test]
fn weights_that_cannot_be_read_cost_one_line() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("bad.safetensors", "nothing of the kind");
    for (file, why) in [("bad.safetensors", "not safetensors"), ("none.safetensors", "No such file")] {
        let run = format!("solve toy.ctt --stage3 rl --weights {file} --steps 300000 --out toy --force");
        let ran = place.run(&run).ends_with(0);
        let said = format!("{}{}", ran.out, ran.err);
        let lines: Vec<&str> = said.lines().filter(|line| line.contains("min-conflicts instead of rl")).collect();
        assert!(lines.len() == 1 && lines[0].contains(file) && lines[0].contains(why), "{said}");
    }
}

#[test]
fn a_comparison_with_weights_that_cannot_be_read_is_none() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("bad.safetensors", "nothing of the kind");
    for what in ["repair", "conflicts"] {
        let ran = place.run(&format!("bench {what} toy.ctt --weights bad.safetensors")).ends_with(2);
        assert!(ran.err.contains("bad.safetensors: ") && ran.err.contains("not safetensors"), "{}", ran.err);
    }
}

#[cfg(not(feature = "train"))]
#[test]
fn a_build_without_training_says_how_to_get_one() {
    let ran = Place::new().run("train").ends_with(2);
    assert!(ran.err.contains("--features train"), "{}", ran.err);
}

#[cfg(feature = "train")]
mod train {
    use super::common::{Place, bytes};

    #[test]
    fn goes_on_where_it_was_and_ends_with_the_same_weights() {
        let place = Place::new();
        place.run("train --out whole --rounds 4 --threads 2 -q").ends_with(0);
        place.run("train --out parts --rounds 4 --threads 1 --time 0.5 -q").ends_with(0);
        // As often as it takes, each time longer: where a round takes longer than that, nothing
        // comes of it.
        for time in 8..200 {
            let events = place.read("parts/events.jsonl");
            if events.lines().count() == 4 {
                break;
            }
            place.run(&format!("train --out parts --rounds 4 --threads 1 --time {time} -q")).ends_with(0);
        }
        let weights = |of: &str| bytes(&place.path(&format!("{of}/policy.safetensors")));
        assert!(weights("whole") == weights("parts"));
        // Rounds are the same but for the time that they took.
        let rounds = |of: &str| -> Vec<String> {
            let events = place.read(&format!("{of}/events.jsonl"));
            events.lines().map(|line| line.split(",\"seconds\"").next().unwrap().to_owned()).collect()
        };
        assert_eq!(rounds("whole"), rounds("parts"));
        assert!(place.read("whole/curves.svg").contains("never learnt from"));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let place = Place::new();
        let ran = place.run("train --without everything").ends_with(2);
        assert!(ran.err.contains("violations, changes, penalty"), "{}", ran.err);
        let ran = place.run("train --labels nothing").ends_with(2);
        assert!(ran.err.contains("Maybe use one of look-ahead, minimum, any"), "{}", ran.err);
        let ran = place.run("train --memory 20MB").ends_with(3);
        assert!(ran.err.contains("--threads 1"), "{}", ran.err);
        place.run("train --out t --rounds 1 --threads 2 -q").ends_with(0);
        let minimum = "train --out m --rounds 1 --lessons 1 --labels minimum --snapshots 1 --threads 2 -q";
        place.run(minimum).ends_with(0);
        let ran = place.run(&minimum.replace("minimum", "look-ahead")).ends_with(2);
        assert!(ran.err.contains("it was begun with labels minimum, not look-ahead"), "{}", ran.err);
        let size = |file: &str| std::fs::metadata(place.path(file)).expect(file).len();
        assert_eq!(size("m/policy-1.safetensors"), size("m/policy.safetensors"));
        let ran = place.run("train --out t --rounds 2 -q").ends_with(2);
        assert!(ran.err.contains("it was begun with rounds 1, not 2"), "{}", ran.err);
        place.write("t/training.safetensors", "damaged");
        place.run("train --out t --rounds 1 -q").ends_with(2);
    }
}
