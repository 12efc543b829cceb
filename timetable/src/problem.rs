//! The problem: typed, checked views onto one [`Block`].

use crate::block::{Block, BlockError};
use crate::ids::*;
use crate::kind::Kind;
use crate::rows::*;
use crate::validate;
use std::{fmt, ops::Range, path::Path};
use zerocopy::{FromBytes, Immutable, KnownLayout};

macro_rules! sections {
    ($($index:literal $field:ident: $ty:ty, $doc:literal;)*) => {
        pub(crate) const SECTIONS: &[&str] = &[$(stringify!($field)),*];

        impl Problem {
            $(
                #[doc = $doc]
                #[inline]
                pub fn $field(&self) -> &[$ty] {
                    self.rows($index)
                }
            )*
        }

        /// Checks that every section holds whole rows.
        fn whole_rows(block: &Block) -> Result<(), BlockError> {
            $(
                if block.rows::<$ty>($index).is_none() {
                    return Err(BlockError::Section {
                        row: None,
                        section: stringify!($field),
                        problem: "does not hold a whole number of rows".into(),
                    });
                }
            )*
            Ok(())
        }
    };
}

sections! {
    0 meta_rows: MetaRow, "The section of the one [`MetaRow`]; see [`Problem::meta`].";
    1 name_bytes: u8, "All names, UTF-8, one after the other; see [`Problem::name`].";
    2 times: TimeRow, "Distinct times, by [`TimeId`].";
    3 rooms: RoomRow, "Rooms, by [`RoomId`].";
    4 room_unavailable: u32, "Time ids, spans of which belong to rooms.";
    5 room_features: Span, "Names of features, spans of which belong to rooms.";
    6 travel: u16, "Slots of travel from room to room, row-major, rooms × rooms, symmetric, none within a room; empty where there is none.";
    7 courses: CourseRow, "Courses, by [`CourseId`].";
    8 configs: ConfigRow, "Configurations, by [`ConfigId`].";
    9 subparts: SubpartRow, "Subparts, by [`SubpartId`].";
    10 classes: ClassRow, "Classes, by [`ClassId`].";
    11 class_times: TimeOption, "Times of classes, spans of which belong to classes.";
    12 class_rooms: RoomOption, "Rooms of classes, spans of which belong to classes.";
    13 constraints: ConstraintRow, "Constraints, by [`ConstraintId`].";
    14 constraint_classes: u32, "Class ids, spans of which belong to constraints.";
    15 constraint_times: u32, "Time ids, spans of which belong to constraints.";
    16 students: StudentRow, "Students, by [`StudentId`].";
    17 requests: RequestRow, "Courses taken by students, by [`RequestId`].";
}

/// The format that a problem was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u32)]
pub enum Format {
    /// ITC-2019 XML.
    Itc2019 = 0,
    /// Curriculum-based course timetabling, `.ctt` (ITC-2007 track 3, UD2).
    CbCtt = 1,
    /// Post-enrolment course timetabling, `.tim` (ITC-2007 track 2).
    PeCtt = 2,
    /// A folder of CSV files.
    Csv = 3,
}

impl fmt::Display for Format {
    /// As people write it: `CB-CTT`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Itc2019 => "ITC-2019",
            Format::CbCtt => "CB-CTT",
            Format::PeCtt => "PE-CTT",
            Format::Csv => "a folder of CSV files",
        })
    }
}

impl Format {
    pub(crate) fn from_raw(raw: u32) -> Option<Format> {
        [Format::Itc2019, Format::CbCtt, Format::PeCtt, Format::Csv].get(raw as usize).copied()
    }
}

/// A problem, opened: every index in it is in range, so its views never fail.
#[derive(Debug)]
pub struct Problem {
    block: Block,
}

impl Problem {
    /// Checks every bound of a block.
    ///
    /// # Errors
    /// The first section found wrong, and how.
    pub fn new(block: Block) -> Result<Problem, BlockError> {
        whole_rows(&block)?;
        let problem = Problem { block };
        validate::validate(&problem)?;
        Ok(problem)
    }

    /// Reads a block file into memory, as [`Block::read`].
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(path: &Path) -> Result<Problem, BlockError> {
        Problem::new(Block::read(path, SECTIONS)?)
    }

    /// Maps a block file, as [`Block::map`].
    ///
    /// # Errors
    /// What is wrong with the file.
    ///
    /// # Safety
    /// Nobody may change or shorten the file while the problem is in use.
    pub unsafe fn map(path: &Path) -> Result<Problem, BlockError> {
        // SAFETY: the caller vouches for the file.
        Problem::new(unsafe { Block::map(path, SECTIONS)? })
    }

    /// From the bytes of a block (copied).
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Problem, BlockError> {
        Problem::new(Block::from_bytes(bytes, SECTIONS)?)
    }

    /// The block: bytes to write, and the checksum that identifies the problem.
    pub fn block(&self) -> &Block {
        &self.block
    }

    #[inline]
    fn rows<T: FromBytes + Immutable + KnownLayout>(&self, i: usize) -> &[T] {
        self.block.rows(i).expect("whole rows were checked on opening")
    }

    /// Calendar and weights.
    pub fn meta(&self) -> &MetaRow {
        &self.meta_rows()[0]
    }

    /// The input's format.
    pub fn format(&self) -> Format {
        Format::from_raw(self.meta().format).expect("checked on opening")
    }

    /// A name by its span.
    pub fn name(&self, span: Span) -> &str {
        std::str::from_utf8(&self.name_bytes()[span.range()]).expect("names were checked on opening")
    }

    /// A class's name.
    pub fn class_name(&self, class: ClassId) -> &str {
        self.name(self.classes()[class.index()].name)
    }

    /// A room's name.
    pub fn room_name(&self, room: RoomId) -> &str {
        self.name(self.rooms()[room.index()].name)
    }

    /// A student's name.
    pub fn student_name(&self, student: StudentId) -> &str {
        self.name(self.students()[student.index()].name)
    }

    /// The times at which some class can be held, in the order of their ids.
    pub fn held_times(&self) -> Vec<&TimeRow> {
        let mut held = vec![false; self.times().len()];
        self.class_times().iter().for_each(|option| held[option.time as usize] = true);
        self.times().iter().zip(held).filter(|(_, held)| *held).map(|(time, _)| time).collect()
    }

    /// When a class can be held.
    #[inline]
    pub fn times_of(&self, class: ClassId) -> &[TimeOption] {
        &self.class_times()[self.classes()[class.index()].times.range()]
    }

    /// Where a class can be held; empty where it needs no room.
    #[inline]
    pub fn rooms_of(&self, class: ClassId) -> &[RoomOption] {
        &self.class_rooms()[self.classes()[class.index()].rooms.range()]
    }

    /// Time ids when a room cannot be used.
    pub fn unavailable_of(&self, room: RoomId) -> &[u32] {
        &self.room_unavailable()[self.rooms()[room.index()].unavailable.range()]
    }

    /// Class ids of a constraint, in its order.
    #[inline]
    pub fn classes_of(&self, constraint: ConstraintId) -> &[u32] {
        &self.constraint_classes()[self.constraints()[constraint.index()].classes.range()]
    }

    /// Kind of a constraint.
    #[inline]
    pub fn kind_of(&self, constraint: ConstraintId) -> Kind {
        Kind::from_raw(self.constraints()[constraint.index()].kind).expect("checked on opening")
    }

    /// Slots of travel between two rooms.
    #[inline]
    pub fn travel_between(&self, a: RoomId, b: RoomId) -> u16 {
        self.travel().get(a.index() * self.rooms().len() + b.index()).copied().unwrap_or(0)
    }

    /// The course of a class.
    pub fn course_of(&self, class: ClassId) -> CourseId {
        CourseId(self.configs()[self.config_of(class).index()].course)
    }

    /// The configuration of a class.
    pub fn config_of(&self, class: ClassId) -> ConfigId {
        ConfigId(self.subparts()[self.classes()[class.index()].subpart as usize].config)
    }

    /// Class indexes of a subpart.
    pub fn classes_in(&self, subpart: SubpartId) -> Range<u32> {
        self.subparts()[subpart.index()].classes.indexes()
    }

    /// How many places the enrolment of a whole timetable has.
    pub fn enrolment_slots(&self) -> usize {
        self.requests().last().map_or(0, |r| r.slots.range().end)
    }

    /// All class ids.
    pub fn class_ids(&self) -> impl ExactSizeIterator<Item = ClassId> + use<> {
        (0..self.classes().len() as u32).map(ClassId)
    }
}
