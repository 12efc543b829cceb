//! A timetable: where each class is, and which classes each student takes.

use crate::ids::*;
use crate::problem::Problem;

/// Where one class is: positions in the class's own lists of times and rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Placement {
    /// Position in [`Problem::times_of`], or [`Placement::NOWHERE`]'s.
    pub time: u16,
    /// Position in [`Problem::rooms_of`], or [`Placement::NO_ROOM`] for a class that needs none.
    pub room: u16,
}

impl Placement {
    /// The `room` of a class that needs no room.
    pub const NO_ROOM: u16 = u16::MAX;
    /// Not placed.
    pub const NOWHERE: Placement = Placement { time: u16::MAX, room: u16::MAX };

    /// Whether it names a time.
    #[inline(always)]
    pub fn is_placed(self) -> bool {
        self.time != u16::MAX
    }
}

/// Why a timetable is not one of a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Not one placement for each class.
    #[error("{found} placements for {classes} classes")]
    Placements {
        /// How many there are.
        found: usize,
        /// How many classes the problem has.
        classes: usize,
    },
    /// Not as many places of enrolment as the requests have.
    #[error("{found} places of enrolment, expected {expected}")]
    Places {
        /// How many there are.
        found: usize,
        /// How many the requests have.
        expected: usize,
    },
    /// A time or a room that the class does not have.
    #[error("class {class}: placement {found:?}, expected below {times}, {rooms}")]
    Placement {
        /// The class, by name.
        class: String,
        /// Where it is.
        found: Placement,
        /// How many times it has.
        times: u32,
        /// How many rooms it has.
        rooms: u32,
    },
    /// A place of enrolment with a class that does not exist.
    #[error("enrolment names class {class}, expected below {classes}")]
    NoSuchClass {
        /// The class, by number.
        class: u32,
        /// How many there are.
        classes: usize,
    },
    /// A class in a place that is not for it.
    #[error("enrolment of student {student} in course {course}: class {class}, {why}")]
    Enrolment {
        /// The student, by name.
        student: String,
        /// The course, by name.
        course: String,
        /// The class, by name.
        class: String,
        /// Why it is not for it.
        why: &'static str,
    },
}

/// A timetable for a problem: one placement a class, and the classes that students take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// By class.
    pub placements: Vec<Placement>,
    /// By place, see [`RequestRow::slots`](crate::RequestRow): place `k` of a request holds the
    /// class taken of the `k`-th subpart of the chosen configuration; [`NONE`] in all places of a
    /// request that is not enrolled, and in places beyond the configuration's subparts.
    pub enrolment: Vec<u32>,
}

impl Timetable {
    /// Nothing placed, nobody enrolled.
    pub fn empty(problem: &Problem) -> Timetable {
        Timetable {
            placements: vec![Placement::NOWHERE; problem.classes().len()],
            enrolment: vec![NONE; problem.enrolment_slots()],
        }
    }

    /// The time of a class.
    #[inline]
    pub fn time(&self, problem: &Problem, class: ClassId) -> Option<TimeId> {
        let p = self.placements[class.index()];
        p.is_placed().then(|| problem.times_of(class)[p.time as usize].time())
    }

    /// The room of a class, `None` where it is not placed or needs none.
    #[inline]
    pub fn room(&self, problem: &Problem, class: ClassId) -> Option<RoomId> {
        let p = self.placements[class.index()];
        (p.is_placed() && p.room != Placement::NO_ROOM).then(|| RoomId(problem.rooms_of(class)[p.room as usize].room))
    }

    /// The classes that a request holds places in.
    pub fn taken<'a>(&'a self, problem: &Problem, request: RequestId) -> impl Iterator<Item = ClassId> + use<'a> {
        let slots = problem.requests()[request.index()].slots.range();
        self.enrolment[slots].iter().filter(|&&c| c != NONE).map(|&c| ClassId(c))
    }

    /// Whether it fits the problem: as many classes and places, every position in range, a room
    /// exactly where one is needed (a placed class), every class taken in its place: of the course
    /// and of one configuration, in its subpart's.
    ///
    /// # Errors
    /// What does not fit.
    pub fn fits(&self, problem: &Problem) -> Result<(), FitError> {
        let (n, slots) = (problem.classes().len(), problem.enrolment_slots());
        if self.placements.len() != n {
            return Err(FitError::Placements { found: self.placements.len(), classes: n });
        }
        if self.enrolment.len() != slots {
            return Err(FitError::Places { found: self.enrolment.len(), expected: slots });
        }
        for (i, (p, c)) in self.placements.iter().zip(problem.classes()).enumerate() {
            let room_ok = if c.needs_room() { u32::from(p.room) < c.rooms.len } else { p.room == Placement::NO_ROOM };
            if *p != Placement::NOWHERE && (u32::from(p.time) >= c.times.len || !room_ok) {
                let class = problem.class_name(ClassId::new(i)).to_owned();
                return Err(FitError::Placement { class, found: *p, times: c.times.len, rooms: c.rooms.len });
            }
        }
        for (i, r) in problem.requests().iter().enumerate() {
            let places = &self.enrolment[r.slots.range()];
            let mut config = None;
            for (k, &class) in places.iter().enumerate().filter(|&(_, &class)| class != NONE) {
                if class as usize >= n {
                    return Err(FitError::NoSuchClass { class, classes: n });
                }
                let of = *config.get_or_insert(problem.config_of(ClassId(class)));
                if let Some(why) = misplaced(problem, RequestId::new(i), k, ClassId(class), of) {
                    return Err(FitError::Enrolment {
                        student: problem.student_name(StudentId(r.student)).to_owned(),
                        course: problem.name(problem.courses()[r.course as usize].name).to_owned(),
                        class: problem.class_name(ClassId(class)).to_owned(),
                        why,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Why a class cannot be in a place of a request that takes a configuration, if it cannot.
fn misplaced(
    problem: &Problem,
    request: RequestId,
    place: usize,
    class: ClassId,
    config: ConfigId,
) -> Option<&'static str> {
    if problem.course_of(class).0 != problem.requests()[request.index()].course {
        return Some("which is another's");
    }
    if problem.config_of(class) != config {
        return Some("which is of another configuration than the classes before it");
    }
    let subpart = problem.configs()[config.index()].subparts.first as usize + place;
    (problem.classes()[class.index()].subpart as usize != subpart).then_some("which is of another subpart")
}
