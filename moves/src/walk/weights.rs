//! What walks weigh, and how often they try what.

use timetable::Delta;

/// What the chain compares: everything weighed into one number.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Of an unplaced class.
    pub unplaced: i64,
    /// Of a hard violation.
    pub hard: i64,
    /// More than a change of the penalty is expected to make up for: new clashes that cost more
    /// than this on top of the acceptance threshold are rejected unseen.
    pub slack: i64,
}

impl Weights {
    /// For going down from anywhere: what is hard comes first.
    pub const DESCENT: Weights = Weights { unplaced: 1 << 40, hard: 1 << 30, slack: 1 << 40 };
    /// For staying where everything hard holds: no penalty makes up for anything hard.
    pub const FIRM: Weights = Weights { unplaced: 1 << 44, hard: 1 << 44, slack: 1 << 43 };

    /// With this weight of a hard violation.
    pub fn of_hard(hard: i64) -> Weights {
        Weights { unplaced: hard * 4, hard, slack: hard / 2 }
    }

    /// What a change costs.
    #[inline(always)]
    pub fn cost(&self, d: &Delta) -> i64 {
        let hard = d.weighted.saturating_mul(self.hard);
        (i64::from(d.unplaced) * self.unplaced).saturating_add(hard).saturating_add(d.penalty)
    }
}

/// How often which neighbourhood is tried, in 65,536ths.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Below this, a student moves,
    pub students: u32,
    /// below this, only the room changes,
    pub room: u32,
    /// below this, only the time changes; both from there on.
    pub time: u32,
    /// Below this, those follow that a class shall be like, where there are any;
    pub follow: u32,
    /// from this on, it is a Kempe chain.
    pub kempe: u32,
    /// Of 256 whose room is taken at the new time, so many look for a room that is free then.
    pub free: u32,
    /// Of 65,536 changes that something hard stands against, so many take along what does.
    pub eject: u32,
    /// Of 65,536 changes of a class that is to have something in common with others, so many are of
    /// them all.
    pub group: u32,
    /// Of 65,536 changes to a time at which no room is free, so many have others go to other rooms.
    pub paths: u32,
}

/// Of 65,536 changes that something hard stands against, and that do not make the class itself
/// cheaper, so many get an ejection chain: more would take the time from the cheap ones.
const EJECT: u32 = 197;
/// Of 65,536 changes of a class with a group, so many are of the whole group, until it is known what
/// that brings.
const GROUP: u32 = 3277;
/// Of 65,536 changes to a time at which no room is free, so many have others go to other rooms.
const PATHS: u32 = 8192;

impl Mix {
    /// The same with ejection chains, for walks among the valid timetables.
    pub fn with_chains(self) -> Mix {
        Mix { eject: EJECT, group: GROUP, paths: PATHS, ..self }
    }
}

/// How much heavier hard violations get when there shall be no more of them.
pub const FIRM: i64 = 50;
