//! The names of `kernels/sections.h`: what is where in the words that kernels work on.

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($item:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($item),* }

        impl $name {
            /// As many as there are.
            pub(crate) const COUNT: usize = [$($name::$item),*].len();
            #[cfg(test)]
            const NAMES: &[&str] = &[$(stringify!($item)),*];
        }
    };
}

names!(
    /// What never changes.
    ModelSection {
        Numbers, Times, Classes, TimeOptions, RoomOptions, Blocked, UnavailableEnds, Unavailable, Travel, ClashEnds, Clashes, ClashSources, RunEnds,
        Runs, Pairs, Groups, Members, GroupsOfEnds, GroupsOf, OtherGroupsEnds, OtherGroups, IsolatedEnds, Isolated, Courses, Configs,
        Subparts, Requests, StudentPlaces, PlaceStudents, FixedPlaces, AlikeEnds, Alike, TimePositionEnds, TimePositions,
        RoomPositionEnds, RoomPositions, Movable, Choosable, TakerEnds, Takers, Log2, PartClassEnds, PartClasses, PartRequestEnds,
        PartRequests, Firsts,
    }
);

names!(
    /// The numbers of the first section.
    Number {
        NClasses, NRooms, NHard, NCells, NSlots, NWeeks, NGroups, NTallies, ClashBytes, TallyBytes, WeekIsWord, StudentsInClashes, StudentConflictsHard,
        StudentWeight, DistributionWeight, LongestWay, NRequests, NStudents, NPlaces, NRowPlaces, NMovable, NChoosable, NParts,
        SingleDayLow, SingleDayHigh, SingleDayHard, LongRunLow, LongRunHigh, LongRunHard, LongRunLength, EmptyHardLow, EmptyHardHigh,
        EmptyPenaltyLow, EmptyPenaltyHigh, RowBytes, RowRooms, RowPlaces, RowWeights, TimeBytes, RoomBytes, PlaceBytes, MixStudents, MixRoom,
        MixTime, MixFollow, MixKempe, MixFree,
    }
);

names!(
    /// A timetable that a warp works on.
    StateSection {
        Counts, Weights, Spots, TimeIds, RoomIds, RoomHeads, RoomNext, ClashTable, Held, Shared, TallyCounts, Totals, Enrolment, StudentHeads,
        PlaceNext, PlaceBefore, Sizes, Unplaced, BestSpots, BestPlaces, ChangedClasses, ChangedRequests, Verdicts, Links, OldPlaces,
        Enrolled,
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    /// The names between `enum NAME {` and `}` of the kernels' file, as Rust would write them,
    /// without the last, which counts them.
    fn of_kernels(name: &str) -> Vec<String> {
        let file = include_str!("../../kernels/sections.h");
        let list =
            file.split(&format!("enum {name} {{")).nth(1).and_then(|rest| rest.split('}').next()).expect("an enum");
        let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
        let camel = |word: &str| {
            let parts = word.split('_').map(|p| p[..1].to_owned() + &p[1..].to_lowercase());
            parts.collect::<String>()
        };
        let mut names: Vec<String> = words.map(camel).collect();
        names.pop();
        names
    }

    #[test]
    fn kernels_know_the_same_sections() {
        assert_eq!(of_kernels("ModelSection"), ModelSection::NAMES);
        assert_eq!(of_kernels("Number"), Number::NAMES);
        assert_eq!(of_kernels("StateSection"), StateSection::NAMES);
    }
}
