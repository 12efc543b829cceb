//! Typed indexes, so that a class is never mistaken for a room.

/// The raw index that stands for "none" wherever an optional index is stored as a plain integer.
pub const NONE: u32 = u32::MAX;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as `usize`, for slices.
            #[inline(always)]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// From the position in a slice.
            #[inline(always)]
            pub const fn new(index: usize) -> Self {
                Self(index as u32)
            }

            /// `None` for the raw value [`NONE`].
            #[inline(always)]
            pub const fn from_raw(raw: u32) -> Option<Self> {
                if raw == NONE { None } else { Some(Self(raw)) }
            }
        }
    };
}

id!(
    /// A class: what is to be placed.
    ClassId
);
id!(
    /// A room.
    RoomId
);
id!(
    /// A distinct time (weeks, days, start, length), shared by all classes that can be held then.
    TimeId
);
id!(
    /// A course, of which students take one configuration.
    CourseId
);
id!(
    /// A configuration of a course.
    ConfigId
);
id!(
    /// A subpart of a configuration.
    SubpartId
);
id!(
    /// A constraint.
    ConstraintId
);
id!(
    /// A student.
    StudentId
);
id!(
    /// One course taken by one student; requests of a student are contiguous.
    RequestId
);
