//! Placements that classes do not go back to for a while (tabu).

use timetable::{ClassId, Placement};

/// By class: the placement that it was last moved from, and the round until which it does not go
/// back.
#[derive(Clone, Debug)]
pub struct Tabu(Vec<(Placement, u64)>);

impl Tabu {
    /// Nothing is barred.
    pub fn new(classes: usize) -> Tabu {
        Tabu(vec![(Placement::NOWHERE, 0); classes])
    }

    /// The class does not go back there before that round.
    pub fn bar(&mut self, class: ClassId, from: Placement, until: u64) {
        self.0[class.index()] = (from, until);
    }

    /// The class may go anywhere again; tells whether anything was barred in that round.
    pub fn lift(&mut self, class: ClassId, round: u64) -> bool {
        let until = &mut self.0[class.index()].1;
        let was_barred = round < *until;
        if was_barred {
            *until = 0;
        }
        was_barred
    }

    /// The placement that the class does not go back to in that round.
    #[inline]
    pub fn barred(&self, class: ClassId, round: u64) -> Option<Placement> {
        let (at, until) = self.0[class.index()];
        (round < until).then_some(at)
    }
}
