//! What happens to timetables in use: disruptions drawn by chance, for measuring and for training.

use moves::Rng;
use std::sync::Arc;
use timetable::{
    Absence, Amendments, Attendance, Board, BoardIndex, ClassId, ConstraintId, Kind, NewClass, Placement, Problem,
    RoomId, SubpartId, TimeRow, Timetable,
};

/// Kinds of disruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disruption {
    /// A room that is in use is closed on one day, on two, or for good.
    RoomClosed,
    /// A teacher is away on one day or on two; where the problem names no teachers, somebody
    /// without whom two classes cannot be held.
    TeacherAway,
    /// No room can be used in one slot of one day.
    SlotBlocked,
    /// One to three classes are added, each like one that there is.
    ClassesAdded,
    /// Some classes find themselves elsewhere, wherever that may be.
    ClassesMisplaced,
    /// Two to four rooms that are in use are closed on one day, or on two; every second time most
    /// classes have to stay where they are.
    RoomsClosed,
    /// Two or three teachers are away on two days; every second time most classes have to stay
    /// where they are.
    TeachersAway,
}

/// Of five classes that are not hit, so many have to stay where most have to.
const STAY: usize = 4;

impl Disruption {
    /// What happens every week.
    pub const EASY: [Disruption; 5] = [
        Disruption::RoomClosed,
        Disruption::TeacherAway,
        Disruption::SlotBlocked,
        Disruption::ClassesAdded,
        Disruption::ClassesMisplaced,
    ];

    /// What leaves little choice.
    pub const HARD: [Disruption; 2] = [Disruption::RoomsClosed, Disruption::TeachersAway];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Disruption::RoomClosed => "room closed",
            Disruption::TeacherAway => "teacher away",
            Disruption::SlotBlocked => "slot blocked",
            Disruption::ClassesAdded => "classes added",
            Disruption::ClassesMisplaced => "classes misplaced",
            Disruption::RoomsClosed => "rooms closed",
            Disruption::TeachersAway => "teachers away",
        }
    }

    /// What changes, drawn by `seed`; misplaced classes are moved in the timetable itself.
    ///
    /// # Panics
    /// Where no class is placed.
    pub fn draw(self, problem: &Problem, timetable: &mut Timetable, seed: u64) -> Amendments {
        let mut rng = crate::rng(seed);
        let placed: Vec<ClassId> =
            problem.class_ids().filter(|c| timetable.placements[c.index()].is_placed()).collect();
        let class = placed[rng.below(placed.len())];
        let mut changes = Amendments::default();
        match self {
            Disruption::RoomClosed => {
                let roomed: Vec<RoomId> = placed.iter().filter_map(|&c| timetable.room(problem, c)).collect();
                if let Some(&room) = roomed.get(rng.below(roomed.len().max(1))) {
                    let days = rng.below(3);
                    changes.closed.push((room, on_days(problem, days, &mut rng)));
                }
            }
            Disruption::TeacherAway => {
                let days = 1 + rng.below(2);
                let classes = taught_with(problem, class, &placed, &mut rng);
                let when = on_days(problem, days, &mut rng);
                changes.away.push(Absence { name: "away".into(), classes, constraints: Vec::new(), when });
            }
            Disruption::SlotBlocked => {
                let time = timetable.time(problem, class).expect("it is placed");
                let row = problem.times()[time.index()];
                let day = row.days & row.days.wrapping_neg();
                let when = TimeRow { days: day, start: row.start, end: row.start + 1, ..row };
                changes.closed.extend((0..problem.rooms().len()).map(|r| (RoomId::new(r), when)));
            }
            Disruption::ClassesAdded => {
                for k in 0..1 + rng.below(3) {
                    let like = placed[rng.below(placed.len())];
                    let subpart = SubpartId(problem.classes()[like.index()].subpart);
                    let alone = problem.classes_in(subpart).len() == 1;
                    let joins = if alone {
                        Attendance::Everyone(problem.config_of(like))
                    } else {
                        Attendance::Section(subpart)
                    };
                    changes.added.push(NewClass::like(problem, like, &format!("added {k}"), joins));
                }
            }
            Disruption::ClassesMisplaced => {
                for _ in 0..1 + rng.below(8) {
                    let class = placed[rng.below(placed.len())];
                    timetable.placements[class.index()] = anywhere(problem, class, &mut rng);
                }
            }
            Disruption::RoomsClosed => {
                let roomed: Vec<RoomId> = placed.iter().filter_map(|&c| timetable.room(problem, c)).collect();
                let count = if roomed.is_empty() { 0 } else { 2 + rng.below(3) };
                let days = 1 + rng.below(2);
                let when = on_days(problem, days, &mut rng);
                changes.closed.extend((0..count).map(|_| (roomed[rng.below(roomed.len())], when)));
                most_stay(problem, timetable, &mut changes, &mut rng);
            }
            Disruption::TeachersAway => {
                for _ in 0..2 + rng.below(2) {
                    let class = placed[rng.below(placed.len())];
                    let classes = taught_with(problem, class, &placed, &mut rng);
                    let when = on_days(problem, 2, &mut rng);
                    changes.away.push(Absence { name: "away".into(), classes, constraints: Vec::new(), when });
                }
                most_stay(problem, timetable, &mut changes, &mut rng);
            }
        }
        changes
    }
}

/// The classes of a class's teacher; where the problem names none, the class and another.
fn taught_with(problem: &Problem, class: ClassId, placed: &[ClassId], rng: &mut Rng) -> Vec<ClassId> {
    match teacher_of(problem, class) {
        Some(teacher) => problem.classes_of(teacher).iter().map(|&c| ClassId(c)).collect(),
        None => {
            let mut two = vec![class, placed[rng.below(placed.len())]];
            two.dedup();
            two
        }
    }
}

/// Every second time: of the classes that are not hit, four of five are pinned.
fn most_stay(problem: &Problem, timetable: &Timetable, changes: &mut Amendments, rng: &mut Rng) {
    if rng.below(2) == 0 {
        return;
    }
    for class in problem.class_ids() {
        let at = timetable.placements[class.index()];
        let Some(time) = timetable.time(problem, class) else { continue };
        let (row, room) = (&problem.times()[time.index()], timetable.room(problem, class));
        let closed = changes.closed.iter().any(|(closed, when)| Some(*closed) == room && when.overlaps(row));
        let away = changes.away.iter().any(|away| away.classes.contains(&class) && away.when.overlaps(row));
        if !closed && !away && rng.below(5) < STAY {
            changes.pinned.push((class, at));
        }
    }
}

/// The whole of so many days drawn by chance, in every week; 0: of every day.
fn on_days(problem: &Problem, days: usize, rng: &mut Rng) -> TimeRow {
    let always = TimeRow::always(problem.meta());
    let drawn = (0..days).fold(0u16, |sum, _| sum | 1 << rng.below(problem.meta().days as usize));
    TimeRow { days: if days == 0 { always.days } else { drawn }, ..always }
}

fn teacher_of(problem: &Problem, class: ClassId) -> Option<ConstraintId> {
    let teachers = (0..problem.constraints().len()).map(ConstraintId::new);
    let mut mine = teachers.filter(|&c| problem.kind_of(c) == Kind::TeacherClash);
    mine.find(|&c| problem.classes_of(c).contains(&class.0))
}

/// Moves classes anywhere until at least so many hard violations are there; `None` where that many
/// are not reached.
pub fn inject(problem: &Problem, timetable: &Timetable, violations: u64, seed: u64) -> Option<Timetable> {
    let mut rng = crate::rng(seed);
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), timetable);
    let classes = problem.classes().len();
    for _ in 0..20 * classes {
        if board.score().hard >= violations as i64 {
            return Some(board.timetable());
        }
        let class = ClassId::new(rng.below(classes));
        let to = anywhere(problem, class, &mut rng);
        let delta = board.delta(class, to);
        if delta.hard > 0 {
            board.commit(class, to, delta);
        }
    }
    None
}

/// Any of the placements of a class.
fn anywhere(problem: &Problem, class: ClassId, rng: &mut Rng) -> Placement {
    let rooms = problem.rooms_of(class).len();
    let time = rng.below(problem.times_of(class).len()) as u16;
    let room = if rooms == 0 { Placement::NO_ROOM } else { rng.below(rooms) as u16 };
    Placement { time, room }
}
