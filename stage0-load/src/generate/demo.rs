//! The demo: a small faculty in which every rule of a folder is asked for, solved in seconds. Not
//! everybody can have what they want:
//!
//! * The sciences compete for the laboratory. LAB2 is being rebuilt, and open on Monday mornings
//!   only; hours before 10:00 and after 15:00 are unpopular. In popular hours there is room for two
//!   of their sessions a day in LAB1, and one a week in LAB2: eleven, and they have twelve.
//! * Music 6 is hard to place. It needs the studio, and can be held on Tuesday and Thursday from
//!   13:00 to 15:00 only. Who teaches its first section would rather teach at neither of these.
//!
//! Five programmes of two years, 30 students in each, 300 in all. A programme has three courses a
//! year; each is taken by its own students and by those of the programme before it, 60 in all, in
//! two sections: 30 courses, 60 sections. A few students take a course from elsewhere instead.

use super::rng::Rng;
use crate::csv_folder::*;
use jiff::civil::date;

const PROGRAMMES: [&str; 5] = ["Biology", "Chemistry", "History", "Music", "Physics"];
const COHORT: u32 = 30;
const TEACHERS: u32 = 24;
const ALL_DAYS: u16 = 0b11111;
const MONDAY: u16 = 1;
const FRIDAY: u16 = 1 << 4;
/// The course of the visiting musicians (Music 6), and when they are there.
const ENSEMBLE: u32 = 23;
const VISITS: Window = Window { days: 0b01010, from: 4, to: 6 };

pub(super) fn tables(seed: u64) -> Tables {
    let mut rng = Rng::new(seed, 1);
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"].map(str::to_owned).to_vec();
    let slots = Calendar::hourly(9 * 60, 50, 10, 8);
    let term = Term {
        starts: date(2026, 9, 7),
        holidays: vec![(date(2026, 10, 19), date(2026, 10, 23))],
        time_zone: Some("Europe/London".to_owned()),
    };
    let calendar = Calendar { name: format!("demo-{seed}"), weeks: 12, days, slots, term: Some(term) };
    let rules = Rules {
        different_days: Hold::Hard,
        same_room: Hold::Costs(1),
        availability: Hold::Costs(20),
        fixed: Hold::Costs(50),
        max_daily_load: Hold::Hard,
        max_consecutive: Hold::Costs(3),
        lunch: Hold::Costs(5),
        max_gaps: Hold::Costs(1),
        avoid: vec![
            (Window { days: ALL_DAYS, from: 0, to: 1 }, 1),
            (Window { days: ALL_DAYS & !FRIDAY, from: 6, to: 8 }, 1),
            (Window { days: FRIDAY, from: 6, to: 8 }, 3),
        ],
        teachers: TeacherDefaults {
            max_daily_load: Some(4),
            max_consecutive: Some(3),
            max_gaps: Some(2),
            lunch: Some((3, 6)),
            lunch_slots: Some(1),
        },
        ..Rules::default()
    };
    Tables {
        calendar,
        rules,
        rooms: rooms(),
        teachers: teachers(&mut rng),
        students: students(),
        courses: courses(),
        enrolments: enrolments(&mut rng),
        fixed: vec![
            Fixed { course: 0, section: 1, session: 1, time: Some((0, 0)), room: Some(10), line: 0 },
            Fixed { course: 7, section: 2, session: 1, time: Some((2, 4)), room: None, line: 0 },
            Fixed { course: 12, section: 1, session: 2, time: None, room: Some(3), line: 0 },
        ],
    }
}

/// Eight rooms of 40, one of them closed on Fridays, two laboratories, a lecture hall, a studio.
fn rooms() -> Vec<Room> {
    let mut list = Vec::new();
    for i in 0..12u32 {
        let (id, capacity, features): (String, u32, &[&str]) = match i {
            0..8 => (format!("R{}", i + 1), 40, &["projector"]),
            8 | 9 => (format!("LAB{}", i - 7), 36, &["lab", "projector"]),
            10 => ("HALL".into(), 80, &["projector"]),
            _ => ("STUDIO".into(), 40, &["piano"]),
        };
        let features = features.iter().map(|&f| f.to_owned()).collect();
        let unavailable = match i {
            7 => vec![Window { days: FRIDAY, from: 0, to: 8 }],
            9 => vec![Window { days: ALL_DAYS & !MONDAY, from: 0, to: 8 }, Window { days: MONDAY, from: 4, to: 8 }],
            _ => Vec::new(),
        };
        list.push(Room { id, capacity, features, unavailable, line: 0 });
    }
    list
}

/// Everybody has two slots in a row at which they would rather not teach, one of them more.
fn teachers(rng: &mut Rng) -> Vec<Teacher> {
    let teacher = |i| {
        let (day, from) = (rng.below(5), rng.below(7) as u16);
        Teacher {
            id: format!("t{:02}", i + 1),
            name: format!("Teacher {}", i + 1),
            unavailable: if i == ENSEMBLE * 2 % TEACHERS {
                vec![VISITS]
            } else {
                vec![Window { days: 1 << day, from, to: from + 2 }]
            },
            ..Teacher::default()
        }
    };
    (0..TEACHERS).map(teacher).collect()
}

fn students() -> Vec<Student> {
    let student = |i: u32| {
        let (programme, year) = ((i / COHORT / 2) as usize, i / COHORT % 2 + 1);
        Student {
            id: format!("s{:03}", i + 1),
            name: format!("Student {}", i + 1),
            group: format!("{} {year}", PROGRAMMES[programme]),
            line: 0,
        }
    };
    (0..PROGRAMMES.len() as u32 * 2 * COHORT).map(student).collect()
}

/// The course of a programme, year (from 0) and number (of 3).
fn course(programme: u32, year: u32, k: u32) -> u32 {
    (programme % PROGRAMMES.len() as u32 * 2 + year) * 3 + k
}

fn courses() -> Vec<Course> {
    let mut list = Vec::new();
    for (p, programme) in PROGRAMMES.into_iter().enumerate() {
        for k in 0..6u32 {
            let at = p as u32 * 6 + k;
            // The third course of a year is practical: two slots in a row, in a laboratory in the
            // sciences.
            let practical = k % 3 == 2;
            let features: &[&str] = match (programme, practical) {
                ("Biology" | "Chemistry" | "Physics", true) => &["lab"],
                ("Music", true) => &["piano"],
                _ => &["projector"],
            };
            let teacher = at * 2 % TEACHERS;
            list.push(Course {
                id: format!("{}{}", &programme[..3].to_uppercase(), 101 + k / 3 * 100 + k % 3),
                name: format!("{programme} {}", k + 1),
                department: programme.into(),
                teachers: vec![vec![teacher], vec![teacher + 1]],
                sections: None,
                section_size: Some(33),
                sessions: if practical { 1 } else { 2 + at % 2 },
                length: if practical { 2 } else { 1 },
                features: features.iter().map(|&f| f.to_owned()).collect(),
                times: if at == ENSEMBLE { vec![VISITS] } else { Vec::new() },
                ..Course::default()
            });
        }
    }
    list
}

/// Each student takes the three courses of their own programme and year and the three of the next
/// programme's; one in ten has one of the latter exchanged, if the other course has a place left.
fn enrolments(rng: &mut Rng) -> Vec<(u32, u32)> {
    let programmes = PROGRAMMES.len() as u32;
    let mut taking = vec![2 * COHORT; programmes as usize * 6];
    let mut list = Vec::new();
    for p in 0..programmes {
        for year in 0..2 {
            for i in 0..COHORT {
                let student = (p * 2 + year) * COHORT + i;
                let mut courses: Vec<u32> = (0..3).flat_map(|k| [course(p, year, k), course(p + 1, year, k)]).collect();
                if rng.below(10) == 0 {
                    let (out, other) = (1 + 2 * rng.below(3), course(p + 2, year, rng.between(0, 2)));
                    if taking[other as usize] < 64 {
                        taking[other as usize] += 1;
                        taking[courses[out] as usize] -= 1;
                        courses[out] = other;
                    }
                }
                courses.sort_unstable();
                list.extend(courses.into_iter().map(|c| (student, c)));
            }
        }
    }
    list
}
