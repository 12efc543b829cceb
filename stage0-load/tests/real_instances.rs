//! The public benchmark instances load, and what is written of them is read back. Skipped, saying
//! so, where they are absent.

use needs::instances;
use timetable::{Format, Placement, Problem, Timetable};

fn counts(p: &Problem) -> [usize; 3] {
    [p.classes().len(), p.rooms().len(), p.students().len()]
}

/// Each class at its first time, in its first room; the first class of each subpart of the first
/// configuration.
fn first_choices(p: &Problem) -> Timetable {
    let mut t = Timetable::empty(p);
    for class in p.class_ids() {
        let room = if p.rooms_of(class).is_empty() { Placement::NO_ROOM } else { 0 };
        t.placements[class.index()] = Placement { time: 0, room };
    }
    for request in p.requests() {
        let config = p.configs()[p.courses()[request.course as usize].configs.first as usize];
        for (k, s) in config.subparts.range().enumerate() {
            t.enrolment[request.slots.first as usize + k] = p.subparts()[s].classes.first;
        }
    }
    t
}

#[test]
fn every_instance_loads_and_a_timetable_of_it_is_read_back_as_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for (family, format, ending) in [
        ("itc2019", Format::Itc2019, "solution.xml.gz"),
        ("cb-ctt", Format::CbCtt, "solution.sol"),
        ("pe-ctt", Format::PeCtt, "solution.sln.zst"),
    ] {
        for file in instances(family) {
            let started = std::time::Instant::now();
            let p = stage0_load::load(&file).unwrap_or_else(|e| panic!("{e}"));
            eprintln!("{}: {:?} in {:?}", file.display(), counts(&p), started.elapsed());
            assert_eq!(p.format(), format);
            let t = first_choices(&p);
            let path = folder.path().join(ending);
            stage0_load::write_solution(&p, &t, &path, &Default::default()).expect("written");
            let back = stage0_load::read_solution(&p, &path).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            assert!(back == t, "{}", file.display());
        }
    }
}

#[test]
fn every_instance_written_in_its_own_format_is_read_back_as_the_same_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    for family in ["itc2019", "cb-ctt", "pe-ctt"] {
        for file in instances(family) {
            let p = stage0_load::load(&file).unwrap_or_else(|e| panic!("{e}"));
            let path = folder.path().join("problem.zst");
            stage0_load::write_problem(&p, p.format(), &path).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let back = stage0_load::load(&path).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            assert_eq!(back.block().hash(), p.block().hash(), "{}", file.display());
        }
    }
}

#[test]
fn no_instance_is_refused() {
    for family in ["itc2019", "cb-ctt", "pe-ctt"] {
        for file in instances(family) {
            let p = stage0_load::load(&file).unwrap_or_else(|e| panic!("{e}"));
            let errors: Vec<_> = stage0_load::findings(&p, None).into_iter().filter(|f| f.is_error()).collect();
            assert_eq!(errors, [], "{}", file.display());
        }
    }
}
