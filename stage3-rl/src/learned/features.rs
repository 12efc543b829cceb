//! What is known of a candidate: numbers between -1 and 1, or so, that do not grow with the
//! problem.

use super::candidates::Facts;

/// Groups of features, for leaving one out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What it breaks, and what it mends.
    Violations,
    /// How far it is from the timetable in use.
    Changes,
    /// What it costs.
    Penalty,
    /// Where else those who move could go.
    Freedom,
    /// What was done before.
    History,
    /// How things stand.
    State,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 6] =
        [Group::Violations, Group::Changes, Group::Penalty, Group::Freedom, Group::History, Group::State];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Group::Violations => "violations",
            Group::Changes => "changes",
            Group::Penalty => "penalty",
            Group::Freedom => "freedom",
            Group::History => "history",
            Group::State => "state",
        }
    }
}

/// How many features a candidate has.
pub const COUNT: usize = 24;

/// The group of each feature, in the order of [`Facts::features`].
#[cfg(feature = "train")]
pub(crate) const GROUPS: [Group; COUNT] = [
    Group::Violations,
    Group::Violations,
    Group::Violations,
    Group::Violations,
    Group::Violations,
    Group::Violations,
    Group::Changes,
    Group::Changes,
    Group::Changes,
    Group::Penalty,
    Group::Penalty,
    Group::Penalty,
    Group::Freedom,
    Group::Freedom,
    Group::Freedom,
    Group::Freedom,
    Group::Freedom,
    Group::History,
    Group::History,
    Group::History,
    Group::History,
    Group::State,
    Group::State,
    Group::State,
];

/// A number of any size as one between -1 and 1. (No logarithm: those differ from machine to
/// machine.)
fn squashed(x: f32) -> f32 {
    x / (1.0 + x.abs())
}

fn share(n: u32, unit: f32) -> f32 {
    squashed(n as f32 / unit)
}

fn flag(b: bool) -> f32 {
    f32::from(u8::from(b))
}

impl Facts {
    /// As features. Squashed is x / (1 + |x|).
    pub(crate) fn features(&self) -> [f32; COUNT] {
        let trouble = self.hard + self.unplaced;
        [
            // Violations: more hard violations and unplaced classes than before; whether none is
            // left; unplaced classes; classes in the way, those of them left in conflict, how often
            // they were before.
            squashed(trouble as f32),
            flag(trouble < 0),
            squashed(self.unplaced as f32),
            share(self.way, 1.0),
            share(self.left, 1.0),
            share(self.weight.saturating_sub(self.way), 2.0),
            // Changes: classes more that are not at home, whether the class goes home, students
            // more who notice.
            squashed(self.changed as f32),
            flag(self.goes_home),
            squashed(self.students as f32 / 50.0),
            // Penalty: more than before, in classes' worth; more or less; the rank among the
            // candidates.
            squashed(self.penalty as f32 / self.scale),
            flag(self.penalty > 0),
            self.rank,
            // Freedom: free placements of the class, of the one that moves with it and has the
            // fewest; nobody in the way; how many others move; placed anew together.
            share(self.free, 16.0),
            share(self.tightest, 16.0),
            flag(self.way == 0),
            share(self.others, 2.0),
            flag(self.resolved),
            // History: moves of the class, and of the others, so far; back to where it was lately;
            // steps since things last got better.
            share(self.moved, 4.0),
            share(self.others_moved, 4.0),
            flag(self.back),
            share(self.stale, 50.0),
            // State: who is in conflict; share of the trouble that is left; whether there is none,
            // and the penalty counts.
            share(self.conflicts, 20.0),
            self.share_left,
            flag(self.polishing),
        ]
    }
}
