//! Inputs as people have them: what a path means, what is said of it, and what is left out.

mod common;

use common::{Place, TOY};
use std::{fs, os::unix::fs::PermissionsExt, os::unix::process::CommandExt, process::Command};

#[test]
fn a_file_of_a_folder_means_the_folder_and_the_folder_is_never_written_to() {
    let place = Place::new();
    place.run("generate demo school").ends_with(0);
    place.run("solve school/courses.csv --steps 20000 -q").ends_with(0);
    assert!(place.path("stagecoach-out/school/solution/timetable.csv").is_file());
    place.run("check school/rooms.csv stagecoach-out/school/solution").ends_with(0);
    place.run("convert school/courses.csv school --format csv --force").ends_with(2);
}

#[test]
fn files_that_are_not_read_are_named_before_the_search() {
    let place = Place::new();
    place.run("generate demo school").ends_with(0);
    place.write("school/Fixed.csv", "course,section,session\n");
    let err = place.run("solve school --steps 20000 -q").ends_with(0).err;
    assert!(err.contains("not read: Fixed.csv (is it fixed.csv?)"), "{err}");
}

#[test]
fn the_extended_format_of_udine_is_solved_and_said() {
    let place = Place::new();
    let text =
        TOY.replace("Constraints: 3", "Min_Max_Daily_Lectures: 1 3\nUnavailabilityConstraints: 3\nRoomConstraints: 0");
    place.write("toy.ectt", &text);
    let err = place.run("solve toy.ectt --steps 20000 -q").ends_with(0).err;
    assert!(err.contains("the extended format of Udine (.ectt)"), "{err}");
    assert!(place.path("stagecoach-out/toy/solution.sol").is_file(), "named without the ending");
}

#[test]
fn what_is_no_timetabling_file_gets_one_line() {
    let place = Place::new();
    for (name, text) in [("notes.txt", "Dear all,\n"), ("page.xml", "<html/>"), ("table.csv", "id,name\n")] {
        place.write(name, text);
        let err = place.run(&format!("solve {name}")).ends_with(2).err;
        assert!(err.lines().count() == 1 && err.contains("a folder of CSV files, or a workbook"), "{err}");
    }
}

#[test]
fn leniently_a_class_without_a_time_is_left_out_and_listed() {
    let place = Place::new();
    let time = "<time days=\"10\" start=\"0\" length=\"1\" weeks=\"1\"/>";
    place.write(
        "two.xml",
        &format!(
            "<problem name=\"two\" nrDays=\"2\" slotsPerDay=\"2\" nrWeeks=\"1\">\n\
             <optimization time=\"1\" room=\"1\" distribution=\"1\" student=\"1\"/>\n<rooms/>\n<courses>\n\
             <course id=\"A\"><config id=\"1\"><subpart id=\"1\"><class id=\"1\" room=\"false\"/></subpart></config></course>\n\
             <course id=\"B\"><config id=\"2\"><subpart id=\"2\"><class id=\"2\" room=\"false\">{time}</class></subpart></config></course>\n\
             </courses>\n<students><student id=\"s\"><course id=\"A\"/></student></students>\n</problem>\n"
        ),
    );
    let err = place.run("solve two.xml --steps 1000").ends_with(2).err;
    assert!(err.contains("two.xml:5: class \"1\" without a time") && err.lines().count() == 1, "{err}");
    let err = place.run("solve two.xml --steps 1000 --lenient -q").ends_with(0).err;
    assert!(err.contains("left out: class \"1\" without a time (line 5)"), "{err}");
    place.run("check two.xml stagecoach-out/two/solution.xml --lenient").ends_with(0);
    place.run("convert two.xml out.xml --lenient").ends_with(0);
    place.run("view two.xml stagecoach-out/two/solution.xml --lenient").ends_with(0);
    // What reads an input for a stage, a repair, a sweep does so, too.
    place.run("stage greedy two.xml plan --steps 1000").ends_with(2);
    let err = place.run("stage greedy two.xml plan --steps 1000 --lenient").ends_with(0).err;
    assert!(err.contains("left out: class \"1\" without a time (line 5)"), "{err}");
    let repair = "repair two.xml --solution stagecoach-out/two/solution.xml --steps 1000 --cancel 2";
    place.run(repair).ends_with(2);
    let err = place.run(&format!("{repair} --lenient")).ends_with(0).err;
    assert!(err.contains("left out: class \"1\" without a time (line 5)"), "{err}");
    place.run("check out.xml stagecoach-out/two/solution.xml").ends_with(0);
}

#[test]
fn no_permission_is_told_from_not_there() {
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        needs::skip(needs::Need::Root, "nobody else to be refused");
        return;
    }
    let place = Place::new();
    let program = place.path("stagecoach");
    assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_stagecoach")).arg(&program).status().expect("cp").success());
    place.run("generate demo school").ends_with(0);
    fs::set_permissions(place.path("."), fs::Permissions::from_mode(0o755)).expect("ours");
    let close = |name: &str| fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o700)).expect("ours");
    let check = |input: &str| {
        let mut command = Command::new(&program);
        command.args(["check", input, "x"]).current_dir(place.path(".")).uid(65_534).gid(65_534);
        String::from_utf8(command.output().expect("the program runs").stderr).expect("text")
    };
    assert!(check("nowhere").contains("nowhere: the file cannot be opened: there is nothing of this name"));
    close("school/rooms.csv");
    assert!(check("school").contains("school/rooms.csv: the file cannot be opened: no permission"));
    close("school");
    assert!(check("school").contains("school: the folder cannot be opened: no permission"));
}
