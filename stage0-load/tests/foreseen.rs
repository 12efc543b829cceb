//! What cannot work is said before a search, with the lines of the tables and what would change it:
//! two small folders of each kind, and one beside it that just works.

mod csv_support;

use csv_support::Folder;
use stage0_load::{Check, Finding, findings, load_with_origin};

/// Three days of three slots; two rooms, two teachers, three students who take both courses.
fn found(changed: &[(&str, &str)]) -> Vec<Finding> {
    let folder = Folder::new();
    let base = [
        (
            "calendar.toml",
            "name = \"Night school\"\nweeks = 10\ndays = [\"Mon\", \"Tue\", \"Wed\"]\nslots = [\"08:00-08:45\", \"08:50-09:35\", \"09:45-10:30\"]\n",
        ),
        ("rooms.csv", "id,capacity,features\nA,12,\nB,6,sink\n"),
        ("teachers.csv", "id,unavailable\nkim,\nlee,\n"),
        ("students.csv", "id\np1\np2\np3\n"),
        ("courses.csv", "id,teachers,sessions,length\nGEO,kim,1,1\nART,lee,1,1\n"),
        ("enrolments.csv", "student,course\np1,GEO\np2,GEO\np3,GEO\np1,ART\np2,ART\np3,ART\n"),
    ];
    for (name, text) in base.iter().chain(changed) {
        folder.write(name, text.as_bytes());
    }
    let loaded = load_with_origin(folder.path(), false).unwrap_or_else(|e| panic!("{e}"));
    findings(&loaded.problem, loaded.origin.as_ref())
}

fn errors(changed: &[(&str, &str)]) -> Vec<String> {
    found(changed).into_iter().filter(Finding::is_error).map(|f| f.text).collect()
}

fn warnings(changed: &[(&str, &str)]) -> Vec<String> {
    found(changed).into_iter().filter(|f| !f.is_error()).map(|f| f.text).collect()
}

const FIXED: &str = "course,section,session,days,start,room\n";

fn fixed(lines: &str) -> String {
    format!("{FIXED}{lines}")
}

#[test]
fn nothing_is_said_of_a_folder_that_works() {
    assert_eq!(found(&[]), []);
    assert_eq!(found(&[("fixed.csv", &fixed("GEO,1,1,Mon,08:00,A\nART,1,1,Mon,08:50,A\n"))]), []);
}

#[test]
fn two_fixed_sessions_in_one_room_at_one_time() {
    let lines = fixed("GEO,1,1,Tue,08:50,A\nART,1,1,Tue,08:50,A\n");
    let nobody = ("enrolments.csv", "student,course\np1,GEO\n");
    let all = found(&[("fixed.csv", &lines), nobody]);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(
        all[0].text,
        "GEO-1.1 (fixed.csv:2) and ART-1.1 (fixed.csv:3) are both to be held on Tue 08:50: both have room A (rooms.csv:2) only"
    );
    assert_eq!(all[0].remedy, "Maybe fix ART-1.1 at another time or in another room");
    assert_eq!(all[0].places, ["fixed.csv:2", "fixed.csv:3", "rooms.csv:2"]);
    // Longer ones that overlap in one slot.
    let long = ("courses.csv", "id,teachers,sessions,length\nGEO,kim,1,2\nART,lee,1,2\n");
    let lines = fixed("GEO,1,1,Tue,08:00,A\nART,1,1,Tue,08:50,A\n");
    assert_eq!(
        errors(&[("fixed.csv", &lines), nobody, long]),
        [
            "GEO-1.1 (fixed.csv:2) and ART-1.1 (fixed.csv:3) are to be held on Tue 08:00 and Tue 08:50: both have room A (rooms.csv:2) only"
        ]
    );
    // In weeks of their own they may.
    let weeks = ("courses.csv", "id,teachers,sessions,length,weeks\nGEO,kim,1,2,1-5\nART,lee,1,2,6-10\n");
    assert_eq!(found(&[("fixed.csv", &lines), nobody, weeks]), []);
}

#[test]
fn two_fixed_sessions_of_one_teacher() {
    let one = ("courses.csv", "id,teachers,sessions\nGEO,kim,1\nART,lee+kim,1\n");
    let lines = fixed("GEO,1,1,Wed,09:45,A\nART,1,1,Wed,09:45,B\n");
    let nobody = ("enrolments.csv", "student,course\np1,GEO\n");
    assert_eq!(
        errors(&[("fixed.csv", &lines), one, nobody]),
        [
            "GEO-1.1 (fixed.csv:2) and ART-1.1 (fixed.csv:3) are both to be held on Wed 09:45: kim (teachers.csv:2) teaches both (`teacher_clash`)"
        ]
    );
    // Two sections, and the two sessions of one section on one day.
    let sections = ("courses.csv", "id,teachers,sections,sessions\nGEO,kim,2,2\nART,lee,1,1\n");
    let lines = fixed("GEO,1,1,Wed,09:45,A\nGEO,2,2,Wed,09:45,B\nGEO,1,2,Wed,08:00,A\n");
    assert_eq!(
        errors(&[("fixed.csv", &lines), sections, nobody]),
        [
            "GEO-1.1 (fixed.csv:2) and GEO-1.2 (fixed.csv:4) are to be held on Wed 09:45 and Wed 08:00: they must be on different days (`different_days` of GEO-1)",
            "GEO-1.1 (fixed.csv:2) and GEO-2.2 (fixed.csv:3) are both to be held on Wed 09:45: kim (teachers.csv:2) teaches both (`teacher_clash`)",
        ]
    );
    let costs = ("rules.toml", "[rules]\nteacher_clash = 5\ndifferent_days = 2\n");
    assert_eq!(errors(&[("fixed.csv", &lines), sections, nobody, costs]), [""; 0]);
}

#[test]
fn two_fixed_sessions_of_the_same_students() {
    let lines = fixed("GEO,1,1,Mon,08:00,\nART,1,1,Mon,08:00,\n");
    let text = "3 students take GEO and ART and cannot attend both (p1, p2 and p3): GEO-1.1 (fixed.csv:2) and ART-1.1 (fixed.csv:3) are both on Mon 08:00";
    assert_eq!(warnings(&[("fixed.csv", &lines)]), [text]);
    let hard = ("rules.toml", "[rules]\nstudent_conflicts = \"hard\"\n");
    assert_eq!(errors(&[("fixed.csv", &lines), hard]), [text]);
    let off = ("rules.toml", "[rules]\nstudent_conflicts = \"off\"\n");
    assert_eq!(found(&[("fixed.csv", &lines), off]), []);
    // Whoever can take another section of the one is in no conflict.
    let sections = ("courses.csv", "id,teachers,sections,sessions\nGEO,kim,2,1\nART,lee,1,1\n");
    assert_eq!(found(&[("fixed.csv", &lines), sections, hard]), []);
    let both = fixed("GEO,1,1,Mon,08:00,\nART,1,1,Mon,08:00,\nGEO,2,1,Mon,08:00,\n");
    let off_teacher = ("rules.toml", "[rules]\nstudent_conflicts = \"hard\"\nteacher_clash = \"off\"\n");
    let mut all = found(&[("fixed.csv", &both), sections, off_teacher]);
    all.retain(|f| f.check == Check::Student && f.is_error());
    assert!(all.len() == 1 && all[0].text.starts_with("3 students take GEO and ART"), "{all:#?}");
}

#[test]
fn a_fixed_room_that_is_closed_or_does_not_do() {
    let closed = ("rooms.csv", "id,capacity,features,unavailable\nA,12,,Tue 08:00-09:00\nB,6,sink,\n");
    let lines = fixed("GEO,1,1,Tue,08:00,A\n");
    assert_eq!(
        errors(&[("fixed.csv", &lines), closed]),
        ["GEO-1.1 (fixed.csv:2) is to be held on Tue 08:00 in room A (rooms.csv:2), which is closed then"]
    );
    let always = ("rooms.csv", "id,capacity,features,unavailable\nA,12,,daily\nB,6,sink,\n");
    let lines = fixed("GEO,1,1,,,A\n");
    assert!(
        errors(&[("fixed.csv", &lines), always])[0]
            .contains("room A (rooms.csv:2) only, which is closed at each of its 9 times")
    );
    let small = ("rooms.csv", "id,capacity,features\nA,1,\nB,6,sink\n");
    let lacks = ("courses.csv", "id,teachers,sessions,features\nGEO,kim,1,\nART,lee,1,sink\n");
    let lines = fixed("GEO,1,1,,,A\nART,1,1,,,A\n");
    let said = errors(&[("fixed.csv", &lines), small, lacks]);
    assert!(said[0].contains(
        "GEO-1.1 (courses.csv:2) is fixed (fixed.csv:2) in room A (rooms.csv:2), which has 1 seat, 3 are needed"
    ));
    assert!(
        said[1].contains("ART-1.1 (courses.csv:3) is fixed (fixed.csv:3) in room A (rooms.csv:2), which has 1 seat, 3 are needed, and no sink")
    );
    let costs = ("rules.toml", "[rules]\nfixed = 3\n");
    let all = found(&[("fixed.csv", &lines), small, lacks, costs]);
    assert!(
        all.iter().all(|f| !f.is_error()) && all[0].text.ends_with("`fixed` cannot be kept, and costs"),
        "{all:#?}"
    );
}

#[test]
fn one_cause_is_said_once_however_many_sections_it_has() {
    let closed = ("rooms.csv", "id,capacity,features,unavailable\nA,12,,\nB,6,sink,daily\n");
    let many = ("courses.csv", "id,teachers,sections,sessions,features\nGEO,kim,2,2,sink\nART,lee,1,1,\n");
    assert_eq!(
        errors(&[closed, many]),
        [
            "GEO-1.1 (courses.csv:2) has room B (rooms.csv:3) only, which is closed at each of its 9 times, and so with 3 more sessions of GEO"
        ]
    );
    let narrow = ("courses.csv", "id,teachers,sections,sessions,times\nGEO,kim,2,2,Tue\nART,lee,1,1,\n");
    let said = errors(&[narrow]);
    assert!(
        said.iter().any(|text| text.ends_with("can only be held on Tue, and so with 1 more section of GEO")),
        "{said:?}"
    );
    assert_eq!(said.iter().filter(|text| text.contains("different")).count(), 1, "{said:?}");
    // Three fixed in one room at one time: two by two, and not once more as too few slots.
    let lines = fixed("GEO,1,1,Tue,08:00,A\nART,1,1,Tue,08:00,A\nMUS,1,1,Tue,08:00,A\n");
    let nobody = ("enrolments.csv", "student,course\np1,GEO\n");
    let three = ("courses.csv", "id,sections,sessions\nGEO,1,1\nART,1,1\nMUS,1,1\n");
    assert_eq!(errors(&[three, nobody, ("fixed.csv", &lines)]).len(), 3);
}

#[test]
fn a_room_that_a_course_lists_and_that_is_too_small() {
    let listed = |rooms: &str| format!("id,teachers,sessions,rooms\nGEO,kim,1,{rooms}\nART,lee,1,\n");
    let small = ("rooms.csv", "id,capacity,features\nA,2,\nB,6,sink\nC,1,\n");
    let said = warnings(&[small, ("courses.csv", &listed("A;C"))]);
    assert_eq!(
        said,
        [
            "GEO needs 3 seats, and of the rooms that it lists (`rooms`, courses.csv:2) the largest, A (rooms.csv:2), has 2 seats; it is held there as it is said"
        ]
    );
    assert_eq!(warnings(&[small, ("courses.csv", &listed("A;B"))]), [""; 0]);
}

#[test]
fn a_teacher_with_more_sessions_than_free_slots() {
    let away = ("teachers.csv", "id,unavailable\nkim,Mon; Tue 08:00-10:30\nlee,\n");
    let many = |sections: u32| format!("id,teachers,sections,sessions\nGEO,kim,{sections},1\nART,lee,1,1\n");
    assert_eq!(errors(&[away, ("courses.csv", &many(3))]), [""; 0]);
    let all = found(&[away, ("courses.csv", &many(5))]);
    assert_eq!(
        all[0].text,
        "teacher kim (teachers.csv:2) has 5 sessions a week, and there are 3 slots in which they can be held: Wed 08:00, Wed 08:50 and Wed 09:45"
    );
    assert!(all[0].remedy.starts_with("Maybe let somebody else teach what takes 2 slots"), "{}", all[0].remedy);
    // Half of the weeks: as many of them are free, and counts are those of one.
    let weeks = ("courses.csv", "id,teachers,sections,sessions,length,weeks\nGEO,kim,2,1,2,1-5\nART,lee,1,1,1,\n");
    assert_eq!(
        errors(&[away, weeks]),
        [
            "teacher kim (teachers.csv:2) has 2 sessions that take 4 slots in each of weeks 1-5, and there are 3 slots in which they can be held: Wed 08:00, Wed 08:50 and Wed 09:45"
        ]
    );
    // Some of the sessions have too little room, though all together would have enough.
    let times = ("courses.csv", "id,teachers,sections,sessions,times\nGEO,kim,2,1,Tue 09:45-10:30\nART,kim,2,1,\n");
    assert!(errors(&[times])[0].contains("Tue 09:45"), "{:?}", errors(&[times]));
    // What is allowed a day counts, too.
    let load = ("teachers.csv", "id,unavailable,max_daily_load\nkim,Mon,2\nlee,,\n");
    assert_eq!(
        errors(&[load, ("courses.csv", &many(5))]),
        ["teacher kim (teachers.csv:2) has 5 sessions a week, and `max_daily_load` = 2 allows 4 on 2 days"]
    );
    assert_eq!(errors(&[load, ("courses.csv", &many(4))]), [""; 0]);
}

#[test]
fn rooms_of_a_kind_with_too_few_slots() {
    let sinks = ("courses.csv", "id,teachers,sections,sessions,features\nGEO,,4,3,sink\nART,lee,1,1,\n");
    assert_eq!(
        errors(&[sinks]),
        [
            "12 sessions a week can only be held in room B (rooms.csv:3) (GEO-1.1, GEO-2.1, GEO-3.1, GEO-4.1, GEO-1.2, GEO-2.2 and 6 more), and there are 9 slots in which they are free"
        ]
    );
    // Six slots would be enough for three sessions of two, but each day has room for one.
    let long = ("courses.csv", "id,teachers,sections,sessions,length,features\nGEO,,4,1,2,sink\nART,lee,1,1,1,\n");
    let said = errors(&[long]);
    assert!(
        said[0].contains("they take 4 times 2 slots in a row or more, for which there is room 3 times"),
        "{said:?}"
    );
    let three = ("courses.csv", "id,teachers,sections,sessions,length,features\nGEO,,3,1,2,sink\nART,lee,1,1,1,\n");
    assert_eq!(errors(&[three]), [""; 0]);
}

#[test]
fn sessions_on_different_days_with_times_on_one() {
    let narrow = ("courses.csv", "id,teachers,sessions,times\nGEO,kim,2,Tue\nART,lee,1,\n");
    let all = found(&[narrow]);
    assert_eq!(
        all[0].text,
        "GEO-1.1 and GEO-1.2 (courses.csv:2) must be on 2 different days (`different_days` of GEO-1) and can only be held on Tue"
    );
    assert!(all[0].remedy.contains("`times`") && all[0].remedy.contains("`different_days` cost something"));
    let away = ("teachers.csv", "id,unavailable\nkim,Wed\nlee,\n");
    let three = ("courses.csv", "id,teachers,sessions\nGEO,kim,3\nART,lee,1\n");
    assert!(errors(&[away, three])[0].contains("must be on 3 different days") && errors(&[three]).is_empty());
    let costs = ("rules.toml", "[rules]\ndifferent_days = 1\n");
    assert_eq!(errors(&[narrow, costs]), [""; 0]);
    // More sessions than days is allowed; that the rule is not asked of them is said.
    let four = ("courses.csv", "id,teachers,sessions\nGEO,kim,4\nART,lee,1\n");
    assert!(errors(&[four]).is_empty() && warnings(&[four])[0].contains("GEO (courses.csv:2) has 4"));
}

#[test]
fn limits_shorter_than_a_session() {
    let long = ("courses.csv", "id,teachers,sessions,length\nGEO,kim,1,2\nART,lee,1,1\n");
    let own = ("teachers.csv", "id,max_daily_load,max_consecutive\nkim,1,\nlee,1,\n");
    // Once: that the days do not suffice either follows from it.
    let twice = ("courses.csv", "id,teachers,sessions,length\nGEO,kim,3,2\nART,lee,1,1\n");
    assert_eq!(errors(&[twice, own]).len(), 1);
    assert_eq!(
        errors(&[long, own])[0],
        "`max_daily_load` of kim is 1 slot a day (teachers.csv:2), and a session of GEO (courses.csv:2) takes 2"
    );
    let defaults = ("rules.toml", "[teachers]\nmax_consecutive = 1\n");
    let all = found(&[long, defaults]);
    assert_eq!(
        (all.len(), all[0].text.as_str(), all[0].check),
        (
            1,
            "`max_consecutive` of kim is 1 slot in a row (rules.toml), and a session of GEO (courses.csv:2) takes 2",
            Check::Limit
        )
    );
    assert!(all[0].check.is_about_the_rule());
    let costs = ("rules.toml", "[rules]\nmax_consecutive = 3\n[teachers]\nmax_consecutive = 1\n");
    assert!(errors(&[long, costs]).is_empty() && warnings(&[long, costs]).len() == 1);
    let off = ("rules.toml", "[rules]\nmax_consecutive = \"off\"\n[teachers]\nmax_consecutive = 1\n");
    assert_eq!(found(&[long, off]), []);
    let enough = ("rules.toml", "[teachers]\nmax_consecutive = 2\nmax_daily_load = 2\n");
    assert_eq!(found(&[long, enough]), []);
}

#[test]
fn a_lunch_longer_than_its_hours() {
    let rules = ("rules.toml", "[teachers]\nlunch = \"08:50-10:30\"\nlunch_slots = 3\n");
    assert_eq!(
        errors(&[rules]),
        [
            "`lunch` (rules.toml) is to be 3 free slots in a row (`lunch_slots`, rules.toml) within 08:50-10:30, which are 2 slots"
        ]
    );
    let own = ("teachers.csv", "id,lunch\nkim,08:50-09:00\nlee,\n");
    let two = ("rules.toml", "[teachers]\nlunch_slots = 2\nlunch = \"08:00-10:00\"\n");
    assert_eq!(
        errors(&[own, two]),
        [
            "`lunch` of kim (teachers.csv:2) is to be 2 free slots in a row (`lunch_slots`, rules.toml) within 08:50-09:35, which are 1 slot"
        ]
    );
    // All of the hours taken by what is fixed.
    let lines = fixed("GEO,1,1,Mon,08:50,\nART,1,1,Mon,09:45,\n");
    let one = ("courses.csv", "id,teachers,sessions\nGEO,kim,1\nART,kim,1\n");
    let lunch = ("rules.toml", "[teachers]\nlunch = \"08:50-10:30\"\n");
    assert_eq!(
        errors(&[lunch, one, ("fixed.csv", &lines)]),
        [
            "`lunch` of kim (teachers.csv:2) does not hold with what is fixed: GEO-1.1 (fixed.csv:2) on Mon 08:50 and ART-1.1 (fixed.csv:3) on Mon 09:45"
        ]
    );
    assert_eq!(errors(&[lunch, one]), [""; 0]);
}
