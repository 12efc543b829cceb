//! Workbooks, as openpyxl and LibreOffice read them.

mod common;

use common::{Place, Ran, python};
use needs::{Need, skip};
use std::process::Command;

/// Sheets against `timetable.csv`; grids and free rooms against the lines of it.
const READ: &str = r#"
import csv, openpyxl
rows = list(csv.DictReader(open('out/solution/timetable.csv')))
book = openpyxl.load_workbook('demo.xlsx')
assert book.sheetnames == ['Score', 'Sessions', 'Rooms', 'Teachers', 'Groups', 'Free rooms', 'Not placed', 'Violations'], book.sheetnames
def table(name):
    head, *body = [[('' if cell is None else str(cell)) for cell in row] for row in book[name].iter_rows(values_only=True)]
    return [dict(zip(head, row)) for row in body]
assert all(cell.data_type != 'f' for sheet in book for row in sheet.iter_rows() for cell in row), 'a formula'
sessions = table('Sessions')
columns = {'Course': 'course', 'Section': 'section', 'Session': 'session', 'Days': 'days', 'Start': 'start', 'End': 'end', 'Room': 'room', 'Teacher': 'teacher', 'Name': 'course_name', 'Department': 'department', "Teacher's name": 'teacher_name', 'Weeks': 'weeks'}
assert len(sessions) == len(rows) > 100
for line, row in zip(sessions, rows):
    assert {key: line[key] for key in columns} == {key: row[column] for key, column in columns.items()}, (line, row)
days, starts = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], [f'{hour:02}:00' for hour in range(9, 17)]
def held(row):
    return [(row['days'], start) for start in starts if row['start'] <= start < row['end']] if row['days'] else []
# Every class stands in the week of its room and of its teacher, in each of its slots, and nowhere else.
name = {row['teacher']: f"{row['teacher_name']} ({row['teacher']})" for row in rows}
for sheet, of in (('Rooms', lambda row: row['room']), ('Teachers', lambda row: name[row['teacher']])):
    expected, found, whose = set(), set(), None
    for row in rows:
        expected |= {(of(row), day, start, f"{row['course']}-{row['section']}.{row['session']}") for day, start in held(row)}
    for row in book[sheet].iter_rows(values_only=True):
        if row[0] and row[0][:5] in starts:
            for day, cell in zip(days, row[1:]):
                found |= {(whose, day, row[0][:5], part.split('\n')[0]) for part in (cell or '').split('\n\n') if part}
        elif row[0]:
            whose = row[0]
    assert found == expected, sheet
# Rooms are free when nothing is in them; R8 is closed on Friday, LAB2 but for Monday until 13:00.
free = set()
for row in table('Free rooms'):
    assert row['Weeks'] == 'all'
    free |= {(row['Room'], row['Day'], start) for start in starts if row['From'] <= start < row['To']}
busy = {(row['room'], day, start) for row in rows for day, start in held(row)} | {('R8', 'Fri', start) for start in starts}
busy |= {('LAB2', day, start) for day in days for start in starts if day != 'Mon' or start >= '13:00'}
rooms = ['HALL', 'STUDIO', 'LAB1', 'LAB2'] + [f'R{n}' for n in range(1, 9)]
assert free == {(room, day, start) for room in rooms for day in days for start in starts} - busy
print(len(table('Not placed')), len(table('Violations')))
"#;

#[test]
fn a_workbook_holds_the_sessions_the_weeks_and_the_free_rooms() {
    let Some(python) = python("openpyxl") else { return };
    let place = Place::new();
    place.run("demo --steps 20000 --out out -q").ends_with(0);
    let said = place.run("view out --xlsx demo.xlsx").ends_with(0);
    assert_eq!(said.out, "Workbook: demo.xlsx\n");
    place.run("view out --xlsx demo.xlsx").ends_with(2);
    place.write("read.py", READ);
    let done = Command::new(&python).arg("read.py").current_dir(place.path("")).output().expect("Python");
    assert_eq!(Ran::of(done).ends_with(0).out, "0 0\n", "the demo's timetable is valid");
}

#[test]
fn libreoffice_reads_the_workbook() {
    let Some(office) = ["soffice", "libreoffice"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success()))
    else {
        skip(Need::Office, "no soffice");
        return;
    };
    let place = Place::new();
    place.run("demo --steps 20000 --out out -q").ends_with(0);
    place.run("view out --xlsx demo.xlsx").ends_with(0);
    let home = format!("-env:UserInstallation=file://{}", place.path("home").display());
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2";
    let done = Command::new(office)
        .args([&home, "--headless", "--convert-to", filter, "demo.xlsx"])
        .current_dir(place.path(""))
        .output()
        .expect("LibreOffice");
    Ran::of(done).ends_with(0);
    let sheet = place.read("demo-Sessions.csv");
    let lines = place.read("out/solution/timetable.csv").lines().count();
    assert_eq!(sheet.lines().count(), lines);
    assert!(
        sheet.starts_with("Course,Name,Department,Section,Session,Class,Days,Start,End,Room,Teacher"),
        "{sheet:.200}"
    );
}

#[test]
fn names_that_look_like_formulas_stay_text_and_long_lists_fit_into_their_cells() {
    let Some(python) = python("openpyxl") else { return };
    let place = Place::new();
    let wide = "x".repeat(200);
    let courses: String = (0..12).map(|n| format!("=1+{n},\"=HYPERLINK(\"\"a\"\")\",@ann,1,{wide}\n")).collect();
    std::fs::create_dir(place.path("f")).unwrap();
    for (name, text) in [
        ("calendar.toml", "weeks = 1\ndays = [\"Mon\"]\nslots = 12\n".to_owned()),
        ("courses.csv", format!("id,name,teachers,sessions,rooms\n{courses}")),
        ("teachers.csv", "id,name\n@ann,+1-1\n".to_owned()),
        ("rooms.csv", format!("id,capacity\n{wide},10\n")),
        ("students.csv", "id\n".to_owned()),
        ("enrolments.csv", "student,course\n".to_owned()),
    ] {
        place.write(&format!("f/{name}"), &text);
    }
    place.run("solve f --steps 2000 --out out -q").ends_with(0);
    place.run("view out --xlsx x.xlsx").ends_with(0);
    place.write(
        "read.py",
        "import openpyxl\nbook = openpyxl.load_workbook('x.xlsx')\n\
         cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]\n\
         assert all(cell.data_type in 'sn' for cell in cells)\n\
         print(sum(cell.value == '=HYPERLINK(\"a\")' for cell in cells), sum(cell.value == '@ann' for cell in cells))\n",
    );
    let done = Command::new(&python).arg("read.py").current_dir(place.path("")).output().expect("Python");
    assert_eq!(Ran::of(done).ends_with(0).out, "12 12\n");
}
