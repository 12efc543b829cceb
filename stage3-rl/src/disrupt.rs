//! What happens to timetables in use: disruptions drawn by chance, for measuring and for training.

use crate::luck::Luck;
use std::sync::Arc;
use timetable::{
    Absence, Amendments, Board, BoardIndex, ClassId, ConstraintId, Joins, Kind, NewClass, Placement, Problem, RoomId,
    SubpartId, TimeRow, Timetable,
};

/// Five kinds of disruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disruption {
    /// A room that is in use is closed on one day, on two, or for good.
    RoomClosed,
    /// A teacher is away on one day or on two; where the problem names no teachers, somebody without whom two classes cannot be held.
    TeacherAway,
    /// No room can be used in one slot of one day.
    SlotBlocked,
    /// One to three classes are added, each like one that there is.
    ClassesAdded,
    /// Some classes find themselves elsewhere, wherever that may be.
    ClassesMisplaced,
}

impl Disruption {
    /// All of them.
    pub const ALL: [Disruption; 5] = [
        Disruption::RoomClosed,
        Disruption::TeacherAway,
        Disruption::SlotBlocked,
        Disruption::ClassesAdded,
        Disruption::ClassesMisplaced,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Disruption::RoomClosed => "room closed",
            Disruption::TeacherAway => "teacher away",
            Disruption::SlotBlocked => "slot blocked",
            Disruption::ClassesAdded => "classes added",
            Disruption::ClassesMisplaced => "classes misplaced",
        }
    }

    /// What changes, drawn by `seed`; misplaced classes are moved in the timetable itself.
    ///
    /// # Panics
    /// Where no class is placed.
    pub fn draw(self, problem: &Problem, timetable: &mut Timetable, seed: u64) -> Amendments {
        let mut luck = Luck::new(seed);
        let placed: Vec<ClassId> =
            problem.class_ids().filter(|c| timetable.placements[c.index()].is_placed()).collect();
        let class = placed[luck.below(placed.len())];
        let mut changes = Amendments::default();
        match self {
            Disruption::RoomClosed => {
                let roomed: Vec<RoomId> = placed.iter().filter_map(|&c| timetable.room(problem, c)).collect();
                if let Some(&room) = roomed.get(luck.below(roomed.len().max(1))) {
                    let days = luck.below(3);
                    changes.closed.push((room, on_days(problem, days, &mut luck)));
                }
            }
            Disruption::TeacherAway => {
                let days = 1 + luck.below(2);
                let classes = match teacher_of(problem, class) {
                    Some(teacher) => problem.classes_of(teacher).iter().map(|&c| ClassId(c)).collect(),
                    None => {
                        let mut two = vec![class, placed[luck.below(placed.len())]];
                        two.dedup();
                        two
                    }
                };
                let when = on_days(problem, days, &mut luck);
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
                for k in 0..1 + luck.below(3) {
                    let like = placed[luck.below(placed.len())];
                    let subpart = SubpartId(problem.classes()[like.index()].subpart);
                    let alone = problem.classes_in(subpart).len() == 1;
                    let joins = if alone { Joins::Everyone(problem.config_of(like)) } else { Joins::Section(subpart) };
                    changes.added.push(NewClass::like(problem, like, &format!("added {k}"), joins));
                }
            }
            Disruption::ClassesMisplaced => {
                for _ in 0..1 + luck.below(8) {
                    let class = placed[luck.below(placed.len())];
                    timetable.placements[class.index()] = anywhere(problem, class, &mut luck);
                }
            }
        }
        changes
    }
}

/// The whole of so many days drawn by chance, in every week; 0: of every day.
fn on_days(problem: &Problem, days: usize, luck: &mut Luck) -> TimeRow {
    let always = TimeRow::always(problem.meta());
    let drawn = (0..days).fold(0u16, |sum, _| sum | 1 << luck.below(problem.meta().days as usize));
    TimeRow { days: if days == 0 { always.days } else { drawn }, ..always }
}

fn teacher_of(problem: &Problem, class: ClassId) -> Option<ConstraintId> {
    let teachers = (0..problem.constraints().len()).map(ConstraintId::new);
    let mut mine = teachers.filter(|&c| problem.kind_of(c) == Kind::TeacherClash);
    mine.find(|&c| problem.classes_of(c).contains(&class.0))
}

/// Moves classes anywhere until at least so many hard violations are there; `None` where that many are not reached.
pub fn inject(problem: &Problem, timetable: &Timetable, violations: u64, seed: u64) -> Option<Timetable> {
    let mut luck = Luck::new(seed);
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), timetable);
    let classes = problem.classes().len();
    for _ in 0..20 * classes {
        if board.score().hard >= violations as i64 {
            return Some(board.timetable());
        }
        let class = ClassId::new(luck.below(classes));
        let to = anywhere(problem, class, &mut luck);
        let delta = board.delta(class, to);
        if delta.hard > 0 {
            board.commit(class, to, delta);
        }
    }
    None
}

/// Any of the placements of a class.
fn anywhere(problem: &Problem, class: ClassId, luck: &mut Luck) -> Placement {
    let rooms = problem.rooms_of(class).len();
    let time = luck.below(problem.times_of(class).len()) as u16;
    let room = if rooms == 0 { Placement::NO_ROOM } else { luck.below(rooms) as u16 };
    Placement { time, room }
}
