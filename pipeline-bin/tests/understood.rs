//! What cannot work, what was left out and what costs: said in the user's words.

mod common;

use common::{Place, Ran, TOY};
use serde_json::{Value, json};

/// One day of two slots. Ann teaches A and B, Bob B and C, Cem A and C: each two of them need slots
/// of their own, and there are two.
fn triangle(place: &Place) {
    ["school", "t"].iter().for_each(|folder| std::fs::create_dir_all(place.path(folder)).unwrap());
    place.write("school/calendar.toml", "weeks = 15\ndays = [\"Tue\"]\nslots = [\"09:00-09:50\", \"10:00-10:50\"]\n");
    place.write("school/rooms.csv", "id,capacity,features,unavailable\nR1,9,,\nR2,9,,\nR3,9,lab,\n");
    place.write("school/courses.csv", "id,teachers,sessions\nA,ann+cem,1\nB,ann+bob,1\nC,bob+cem,1\n");
    place.write("school/teachers.csv", "id,unavailable\nann,\nbob,\ncem,\n");
    place.write("school/students.csv", "id\ns1\ns2\n");
    place.write("school/enrolments.csv", "student,course\ns1,A\n");
}

#[test]
fn classes_and_rules_that_cannot_hold_together_are_named() {
    let place = Place::new();
    triangle(&place);
    place.run("check school").ends_with(0);
    let ran = place.run("solve school --steps 3000 --offline --out out").ends_with(1);
    let proof = "proven: A-1.1, B-1.1 and C-1.1 cannot all be held with `teacher_clash` of ann (teachers.csv:2), \
                 `teacher_clash` of bob (teachers.csv:3), `teacher_clash` of cem (teachers.csv:4); \
                 one of the sessions needs other times or rooms, or one of the rules has to give";
    assert!(ran.out.contains(proof), "{}", ran.out);
}

#[test]
fn what_stands_against_the_best_places_of_a_class_is_named_with_who_and_when() {
    let place = Place::new();
    triangle(&place);
    place.write(
        "t/timetable.csv",
        "course,section,session,days,start,end,room,teacher,weeks\nA,1,1,Tue,09:00,09:50,R1,ann;cem,all\nB,1,1,Tue,10:00,10:50,R2,,all\nC,1,1,,,,,,\n",
    );
    place.write("t/enrolment.csv", "student,course,section\ns1,A,1\n");
    let out = place.run("check school t").ends_with(1).out;
    assert!(out.contains("C-1.1: all of its 6 places are taken"), "{out}");
    assert!(out.contains("Tue 09:00 in R1: room R1 is taken by A-1.1; cem teaches A-1.1\n"), "{out}");
    assert!(out.contains("Tue 09:00 in R2: cem teaches A-1.1\n"), "{out}");
    assert!(out.contains("proven: A-1.1, B-1.1 and C-1.1 cannot all be held"), "{out}");
    let event = place.run("check school t --json").ends_with(1).last_event();
    let unplaced = &event["unplaced"][0];
    assert_eq!(unplaced["class"], "C-1.1");
    assert_eq!(unplaced["against"][1], json!({ "place": "Tue 09:00 in R2", "why": ["cem teaches A-1.1"] }));
    let together = &unplaced["proof"]["cannot_hold_together"];
    assert_eq!(together["classes"], json!(["A-1.1", "B-1.1", "C-1.1"]));
    assert_eq!(together["rules"][0], json!({ "rule": "TeacherClash", "of": "ann" }));
}

/// Two courses that both students take, one room too small for them, rules that cost.
fn college(place: &Place) {
    ["college", "t"].iter().for_each(|folder| std::fs::create_dir_all(place.path(folder)).unwrap());
    place.write(
        "college/calendar.toml",
        "days = [\"Mon\", \"Tue\"]\nslots = [\"09:00-09:50\", \"10:00-10:50\", \"11:00-11:50\"]\n",
    );
    place.write("college/rooms.csv", "id,capacity,features,unavailable\nBIG,9,,Mon 11:00-12:00\nHALL,9,,\nTINY,1,,\n");
    place.write("college/courses.csv", "id,teachers,sessions\nBIO,ann,2\nCHE,bob,1\n");
    place.write("college/teachers.csv", "id,unavailable\nann,Tue 11:00-12:00\nbob,\n");
    place.write("college/students.csv", "id\ns1\ns2\n");
    place.write("college/enrolments.csv", "student,course\ns1,BIO\ns2,BIO\ns1,CHE\ns2,CHE\n");
    place.write(
        "college/rules.toml",
        "[rules]\nsame_room = 4\nstudent_conflicts = 3\n[[avoid]]\nwhen = \"Mon 09:00-10:00\"\npenalty = 2\n",
    );
    place.write("t/enrolment.csv", "student,course,section\ns1,BIO,1\ns2,BIO,1\ns1,CHE,1\ns2,CHE,1\n");
}

fn timetable(place: &Place, rows: [&str; 3]) {
    let head = "course,section,session,days,start,end,room,teacher,weeks";
    let lines = ["BIO,1,1", "BIO,1,2", "CHE,1,1"].iter().zip(rows).map(|(class, row)| format!("{class},{row}\n"));
    place.write("t/timetable.csv", &format!("{head}\n{}", lines.collect::<String>()));
}

fn checked(place: &Place, code: i32) -> (Ran, Value) {
    let event = place.run("check college t --json").ends_with(code).last_event();
    (place.run("check college t").ends_with(code), event)
}

#[test]
fn every_cost_is_named_with_who_when_and_where() {
    let place = Place::new();
    college(&place);
    // Without a calendar beside it: that of the input.
    timetable(&place, ["Mon,09:00,09:50,BIG,ann,all", "Tue,09:00,09:50,HALL,ann,all", "Mon,09:00,09:50,HALL,bob,all"]);
    let (ran, event) = checked(&place, 0);
    let costs = "What costs (5)\n     4  `same_room` of BIO-1: BIO-1.1 (Mon 09:00, BIG), BIO-1.2 (Tue 09:00, HALL)\n     3  student s1 (students.csv:2) cannot attend both BIO-1.1 (Mon 09:00, BIG) and CHE-1.1 (Mon 09:00, HALL)\n";
    assert!(ran.out.contains(costs), "{}", ran.out);
    assert!(ran.out.contains("     2  `avoid`: CHE-1.1 (Mon 09:00, HALL)\n"), "{}", ran.out);
    assert_eq!((&event["score"]["penalty"], &event["costs_in_all"]), (&14.into(), &5.into()));
    let first = &event["costs"][0];
    assert_eq!(
        (&first["rule"], &first["name"], &first["of"]),
        (&"SameRoom".into(), &"same_room".into(), &"BIO-1".into())
    );
    assert_eq!(first["places"][0], json!({ "class": "BIO-1.1", "time": "Mon 09:00", "room": "BIG" }));
    let sum: i64 = event["costs"].as_array().unwrap().iter().map(|cost| cost["cost"].as_i64().unwrap()).sum();
    assert_eq!(sum, 14);
    let out = place.run("check college t --most 1").ends_with(0).out;
    assert!(out.contains("... and 4 more"), "{out}");
}

#[test]
fn a_timetable_that_uses_what_it_may_not_is_scored_and_told_why() {
    let place = Place::new();
    college(&place);
    timetable(&place, ["Mon,10:00,10:50,HALL,ann,all", "Tue,11:00,11:50,HALL,,all", "Tue,10:00,10:50,TINY,bob,all"]);
    let (ran, event) = checked(&place, 1);
    let when = "BIO-1.2 (Tue 11:00, HALL) is held when it may not be: ann is not available then (teachers.csv:2)";
    let seats = "CHE-1.1 (Tue 10:00, TINY) is held where it may not be: the room has 1 seat, 2 are needed";
    assert!(
        ran.out.contains("Hard violations (2)") && ran.out.contains(when) && ran.out.contains(seats),
        "{}",
        ran.out
    );
    assert_eq!(
        (&event["score"]["hard"], &event["score"]["unplaced"], &event["score"]["penalty"]),
        (&2.into(), &0.into(), &0.into())
    );
    assert_eq!(event["by_kind"]["TimeNotAllowed"]["hard"], 1);
    // It clashes there like anywhere else, and a closed room is closed.
    timetable(&place, ["Mon,11:00,11:50,BIG,ann,all", "Tue,11:00,11:50,HALL,ann,all", "Tue,11:00,11:50,HALL,bob,all"]);
    let (ran, event) = checked(&place, 1);
    assert!(
        ran.out.contains("in a room that is closed then") && ran.out.contains("in one room at one time"),
        "{}",
        ran.out
    );
    assert_eq!((&event["score"]["hard"], &event["score"]["penalty"]), (&3.into(), &10.into()));
}

#[test]
fn another_teacher_in_a_timetable_is_a_fault_with_its_line() {
    let place = Place::new();
    college(&place);
    timetable(&place, ["Mon,10:00,10:50,HALL,bob,all", "Tue,10:00,10:50,HALL,ann,all", "Tue,10:00,10:50,BIG,,all"]);
    let err = place.run("check college t").ends_with(2).err;
    assert!(err.contains("timetable.csv:2: teacher \"bob\", expected ann, who teaches it by the problem"), "{err}");
}

#[test]
fn a_closed_room_is_not_used_for_want_of_others() {
    let place = Place::new();
    triangle(&place);
    // One room that is open for one of the two slots, and three sessions.
    place.write("school/rooms.csv", "id,capacity,unavailable\nR1,9,Tue 10:00-11:00\n");
    place.write("school/courses.csv", "id,teachers,sessions\nA,ann,1\nB,bob,1\nC,cem,1\n");
    place.run("check school").ends_with(2);
    let ran = place.run("solve school --anyway --steps 3000 --offline --out out").ends_with(1);
    assert!(ran.out.contains("Unplaced classes (") && !ran.out.contains("RoomUnavailable"), "{}", ran.out);
    assert!(ran.out.contains("3 sessions a week can only be held in room R1 (rooms.csv:2)"), "{}", ran.out);
    // The same timetable wherever it is looked at.
    let (solution, plan) =
        (place.run("check school out/solution").ends_with(1), place.run("check school out").ends_with(1));
    assert_eq!(solution.out, plan.out);
    assert!(!solution.out.contains("RoomUnavailable"), "{}", solution.out);
}

#[test]
fn a_problem_without_a_name_is_called_by_its_file() {
    let place = Place::new();
    let all = vec!["1"; 45].join(" ");
    place.write("evening.tim", &format!("1 1 0 1\n5\n1\n{all}\n0\n"));
    let out = place.run("solve evening.tim --steps 1000 --offline --out out").ends_with(0).out;
    assert!(out.starts_with("\nevening: valid, penalty "), "{out}");
}

/// The hard violations by kind, and the text of a check that ends with 1.
fn scored(place: &Place, arguments: &str) -> (String, Value) {
    let event = place.run(&format!("check {arguments} --json")).ends_with(1).last_event();
    (place.run(&format!("check {arguments}")).ends_with(1).out, event)
}

#[test]
fn a_lecture_of_cb_ctt_in_a_period_that_is_ruled_out_is_scored() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("s.sol", "physics large 2 0\nphysics small 3 0\nmusic small 3 1\n");
    let (out, event) = scored(&place, "toy.ctt s.sol");
    let why = "is held when it may not be: the file rules that out (UNAVAILABILITY_CONSTRAINTS)";
    assert!(out.contains("physics-1 (") && out.contains(why), "{out}");
    assert_eq!((&event["by_kind"]["TimeNotAllowed"]["hard"], &event["score"]["hard"]), (&1.into(), &1.into()));
    // What is not in the file at all is a fault as before.
    place.write("s.sol", "physics large 5 0\n");
    place.run("check toy.ctt s.sol").ends_with(2);
}

#[test]
fn an_event_of_pe_ctt_when_and_where_it_may_not_be_is_scored() {
    let place = Place::new();
    // Two students attend the first event, one of them the second, which needs what room 0 has. The
    // first event cannot be held in slot 8, the last of the first day.
    let can: String = (0..90).map(|i| if i == 8 { "0\n" } else { "1\n" }).collect();
    place.write("two.tim", &format!("2 2 1 2\n1\n5\n1\n0\n1\n1\n1\n0\n0\n1\n{can}0\n0\n0\n0\n"));
    place.write("s.sln", "8 0\n7 1\n");
    let (out, event) = scored(&place, "two.tim s.sln");
    assert!(out.contains("is held when it may not be: the file says that the event is not available then"), "{out}");
    assert!(out.contains("is held where it may not be: the room has 1 seat, 2 are needed"), "{out}");
    assert!(out.contains("is held where it may not be: the room lacks a feature that the event needs"), "{out}");
    // Two students have the last slot of the day, and one has nothing else on it.
    assert_eq!((&event["score"]["hard"], &event["score"]["penalty"]), (&3.into(), &3.into()));
}

#[test]
fn a_class_of_itc_2019_at_a_time_and_in_a_room_that_are_none_of_its_own_is_scored() {
    let place = Place::new();
    place.write(
        "one.xml",
        "<problem name=\"one\" nrDays=\"2\" slotsPerDay=\"4\" nrWeeks=\"1\">\n\
         <optimization time=\"1\" room=\"1\" distribution=\"1\" student=\"1\"/>\n\
         <rooms><room id=\"A\" capacity=\"9\"/><room id=\"B\" capacity=\"9\"/></rooms>\n\
         <courses><course id=\"X\"><config id=\"1\"><subpart id=\"1\"><class id=\"1\" limit=\"9\">\n\
         <room id=\"A\" penalty=\"0\"/><time days=\"10\" start=\"0\" length=\"2\" weeks=\"1\" penalty=\"0\"/>\n\
         </class></subpart></config></course></courses>\n</problem>\n",
    );
    let solution = |class: &str| {
        place.write("s.xml", &format!("<solution name=\"one\"><class id=\"1\" {class} weeks=\"1\"/></solution>"));
    };
    solution("days=\"01\" start=\"1\" room=\"B\"");
    let (out, event) = scored(&place, "one.xml s.xml");
    assert!(out.contains("is held when it may not be: it is none of the times that the file lists for it"), "{out}");
    assert!(out.contains("is held where it may not be: it is none of the rooms that the file lists for it"), "{out}");
    assert_eq!((&event["score"]["hard"], &event["score"]["unplaced"]), (&2.into(), &0.into()));
    solution("days=\"01\" start=\"3\" room=\"A\"");
    let err = place.run("check one.xml s.xml").ends_with(2).err;
    assert!(err.contains("expected a time within the 4 slots of a day"), "{err}");
    solution("days=\"010\" start=\"1\" room=\"A\"");
    let err = place.run("check one.xml s.xml").ends_with(2).err;
    assert!(err.contains("expected 2 days and 1 weeks of 0 and 1, one of them 1 at least"), "{err}");
}

#[test]
fn a_fixed_room_that_does_not_fit_is_refused_with_its_lines() {
    let place = Place::new();
    college(&place);
    place.write("college/courses.csv", "id,teachers,sessions,features\nBIO,ann,2,lab\nCHE,bob,1,\n");
    place.write("college/rooms.csv", "id,capacity,features\nBIG,9,lab\nHALL,9,\nTINY,1,\n");
    place.write("college/fixed.csv", "course,section,session,room\nBIO,1,1,TINY\n");
    let err = place.run("solve college --steps 3000 --offline --out out").ends_with(2).err;
    let why = "BIO-1.1 (courses.csv:2) is fixed (fixed.csv:2) in room TINY (rooms.csv:4), which has 1 seat, 2 are needed, and no lab\n";
    assert!(err.contains(why) && err.contains("Maybe fix it in a room that has what BIO needs"), "{err}");
    let out = place.run("solve college --anyway --steps 3000 --offline --out out").ends_with(0).out;
    assert!(out.contains("valid"), "{out}");
    assert!(place.read("out/solution/timetable.csv").contains(",TINY,"));
    // Where it only costs, it is a warning.
    place.write("college/rules.toml", "[rules]\nfixed = 5\n");
    let out = place.run("check college").ends_with(0).out;
    assert!(out.contains("`fixed` cannot be kept, and costs"), "{out}");
}
