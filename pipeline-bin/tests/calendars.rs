//! Calendars, as a library that shares no code with ours reads them.

mod common;

use common::{Place, Ran, python};
use std::{fs, process::Command};

/// A term with summer time's end, a holiday on a Tuesday and a week off; courses in some weeks.
const FILES: [(&str, &str); 7] = [
    (
        "calendar.toml",
        "name = \"Night school\"\nweeks = 12\ndays = [\"Mon\", \"Tue\", \"Thu\"]\n\
         slots = [\"09:00-09:50\", \"10:00-10:50\", \"11:00-12:30\", \"23:00-24:00\"]\n\
         term_starts = 2026-09-07\nholidays = [\"2026-09-15\", \"2026-10-12 to 2026-10-16\"]\n\
         time_zone = \"Europe/Berlin\"\n",
    ),
    (
        "courses.csv",
        "id;name;teachers;sessions;length;rooms;weeks;times\n\
         ALL;\"Every week, \"\"so\"\" it is\";ann;2;1;R1,X;all;\n\
         ODD;Odd weeks;ann+bob;1;2;;1+3+5+7+9+11;\n\
         FEW;Some weeks;bob;2;1;;2-4+7+12;\n\
         LATE;Until midnight;bob;1;1;;1-11;Thu 23:00-24:00\n\
         ONCE;\u{fc}ber alles;ann;1;3;;5;\n",
    ),
    ("teachers.csv", "id;name\nann;Ann Archer\nbob;\"Bob; Baker\"\n"),
    ("rooms.csv", "id;capacity\n\"R1,X\";30\nR/2;30\n"),
    ("students.csv", "id;name;group\ns1;Eva;evening\n"),
    ("enrolments.csv", "student;course\ns1;ALL\ns1;ODD\n"),
    ("rules.toml", "[rules]\nsame_room = 1\n"),
];

/// Expands the lines of `timetable.csv` by hand, and the calendars by their rules.
const READ: &str = r#"
import csv, datetime as dt, glob, json, sys, tomllib, zoneinfo
from dateutil.rrule import rrulestr
from icalendar import Calendar
calendar = tomllib.load(open('faculty/calendar.toml', 'rb'))
zone = zoneinfo.ZoneInfo(calendar['time_zone'])
offset = {'Mon': 0, 'Tue': 1, 'Thu': 3}
def off(day):
    for text in calendar['holidays']:
        first, *last = text.split(' to ')
        if dt.date.fromisoformat(first) <= day <= dt.date.fromisoformat((last or [first])[0]):
            return True
def weeks(text):
    if text == 'all': return range(calendar['weeks'])
    parts = [part.split('-') for part in text.split('+')]
    return [w for part in parts for w in range(int(part[0]) - 1, int(part[-1]))]
def moment(day, clock):
    hour, minute = map(int, clock.split(':'))
    at = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hour, minutes=minute)
    return at.replace(tzinfo=zone).isoformat()
expected = {}
for row in csv.DictReader(open('out/solution/timetable.csv'), delimiter=';'):
    for name in row['days'].split('+'):
        for week in weeks(row['weeks']):
            day = calendar['term_starts'] + dt.timedelta(days=7 * week + offset[name])
            if off(day): continue
            meeting = (moment(day, row['start']), moment(day, row['end']), row['room'])
            for kind, names in (('teachers', row['teacher'].split(';')), ('rooms', [row['room']])):
                for one in names:
                    expected.setdefault((kind, one), set()).add(meeting)
def read(path):
    whole, uids, sequences = set(), [], []
    cal = Calendar.from_ical(open(path, 'rb').read())
    zones = [z for z in cal.walk('VTIMEZONE')]
    assert [str(z['TZID']) for z in zones] == [calendar['time_zone']]
    own = zones[0].to_tz()
    for event in cal.walk('VEVENT'):
        start, end = event['DTSTART'].dt, event['DTEND'].dt
        assert event['DTSTART'].params['TZID'] == calendar['time_zone']
        length = end.replace(tzinfo=None) - start.replace(tzinfo=None)
        first = start.replace(tzinfo=None)
        starts = [first]
        if 'RRULE' in event:
            starts = list(rrulestr(event['RRULE'].to_ical().decode(), dtstart=first))
        except_for = event.get('EXDATE', [])
        except_for = except_for if isinstance(except_for, list) else [except_for]
        left_out = {x.dt.replace(tzinfo=None) for one in except_for for x in one.dts}
        assert left_out <= set(starts)
        for at in starts:
            if at in left_out: continue
            # The zone in the file agrees with that of the system.
            assert at.replace(tzinfo=own).utcoffset() == at.replace(tzinfo=zone).utcoffset(), at
            whole.add((at.replace(tzinfo=zone).isoformat(), (at + length).replace(tzinfo=zone).isoformat(), str(event.get('LOCATION', ''))))
        uids.append(str(event['UID']))
        sequences.append(int(event['SEQUENCE']))
    assert len(set(uids)) == len(uids)
    return whole, sorted(uids), sequences, sorted(str(e['SUMMARY']) for e in cal.walk('VEVENT'))
got = {}
for path in glob.glob('calendars/teachers/*.ics') + glob.glob('calendars/rooms/*.ics'):
    kind, name = path.split('/')[1], path.split('/')[2][:-4]
    name = {'R1_X': 'R1,X', 'R_2': 'R/2'}.get(name, name)
    got[(kind, name)] = read(path)[0]
assert got == expected, (got, expected)
print(json.dumps(read('ann.ics')[1:]))
"#;

#[test]
fn calendars_have_the_meetings_of_timetable_csv_in_every_week_but_not_on_holidays() {
    let Some(python) = python("icalendar, dateutil") else { return };
    let place = Place::new();
    fs::create_dir(place.path("faculty")).unwrap();
    FILES.iter().for_each(|(name, text)| drop(place.write(&format!("faculty/{name}"), text)));
    place.write("read.py", READ);
    let mut earlier: Option<(Vec<String>, i64)> = None;
    for seed in 1..3 {
        place.run(&format!("solve faculty --steps 20000 --seed {seed} --out out --force -q")).ends_with(0);
        let said = place.run("view out --ics calendars --force").ends_with(0);
        assert!(said.out.starts_with("Calendars (") && !place.path("timetable.html").exists(), "{}", said.out);
        place.run("view out --ics ann.ics --of teacher=ann --force").ends_with(0);
        let done = Command::new(&python).arg("read.py").current_dir(place.path("")).output().expect("Python");
        let ran = Ran::of(done).ends_with(0);
        let (uids, sequences, names): (Vec<String>, Vec<i64>, Vec<String>) =
            serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names.contains(&"Every week, \"so\" it is (ALL-1.1)".to_owned()) && names[3].starts_with("\u{fc}ber"));
        // Wherever the classes are now: the same events, none of them older.
        let least = *sequences.iter().min().expect("events");
        if let Some((before, most)) = earlier.replace((uids.clone(), least)) {
            assert_eq!(before, uids);
            assert!(least >= most);
        }
    }
    let files: Vec<_> =
        fs::read_dir(place.path("calendars/groups")).unwrap().flatten().map(|f| f.file_name()).collect();
    assert_eq!(files, ["evening.ics"]);
}

#[test]
fn what_calendars_lack_is_said_and_nothing_is_written() {
    let place = Place::new();
    fs::create_dir(place.path("faculty")).unwrap();
    FILES.iter().for_each(|(name, text)| drop(place.write(&format!("faculty/{name}"), text)));
    place.run("solve faculty --steps 2000 --out out -q");
    let ran = place.run("view out --ics x.ics --of teacher=zoe").ends_with(2);
    assert!(ran.err.contains("there is no teacher \"zoe\""), "{}", ran.err);
    let ran = place.run("view out --ics x.ics --of wizard=zoe").ends_with(2);
    assert!(ran.err.contains("expected KIND=NAME, of room, teacher, group, course, student"), "{}", ran.err);
    let without = FILES[0].1.split("term_starts").next().unwrap();
    place.write("faculty/calendar.toml", without);
    place.run("solve faculty --steps 2000 --out plain -q");
    let ran = place.run("view plain --ics calendars").ends_with(2);
    assert!(ran.err.contains("term_starts = 2026-09-07"), "{}", ran.err);
    place.write(
        "faculty/calendar.toml",
        "weeks = 12\ndays = [\"Mon\", \"Tue\", \"Thu\"]\nslots = 4\nterm_starts = 2026-09-07\n",
    );
    place.write("faculty/courses.csv", "id;teachers;sessions\nALL;ann;2\nODD;bob;1\n");
    place.run("solve faculty --steps 2000 --out numbered -q");
    let ran = place.run("view numbered --ics calendars").ends_with(2);
    assert!(ran.err.contains("clock times"), "{}", ran.err);
    assert!(!place.path("calendars").exists() && !place.path("x.ics").exists());
    // A folder with files of somebody else stays as it is.
    fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/notes.txt", "my own");
    place.run("view out --ics mine").ends_with(2);
    place.run("view out --ics mine --force").ends_with(0);
    assert_eq!(place.read("mine/notes.txt"), "my own");
    assert!(place.path("mine/teachers/bob.ics").is_file());
}
