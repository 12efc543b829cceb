//! How many classes have to change at least.

use crate::repair_state::RepairState;
use timetable::{ClassId, Placement, Timetable};

impl RepairState<'_, '_> {
    /// A number of classes of which every valid timetable has at least so many at another time than
    /// `home`: those that cannot be held at their time in any of their rooms, whatever the others
    /// do.
    pub(crate) fn have_to_change_time(&mut self, home: &Timetable) -> u32 {
        let stays = |class: ClassId| {
            let at = home.placements[class.index()];
            let rooms = self.search.problem.rooms_of(class).len() as u16;
            let mut places = (0..rooms).chain((rooms == 0).then_some(Placement::NO_ROOM));
            at.is_placed() && places.any(|room| !self.search.board.is_forbidden(class, Placement { room, ..at }))
        };
        self.search.problem.class_ids().filter(|&class| !stays(class)).count() as u32
    }

    /// A number of classes of which every valid timetable has at least so many elsewhere than
    /// `home`, which is on the board: those that cannot stay whatever the others do, and of those
    /// that stand in each other's way one of each pair, no class in two pairs.
    pub(crate) fn have_to_change(&mut self, home: &Timetable) -> u32 {
        let mut counted = vec![false; self.search.problem.classes().len()];
        let mut least = 0;
        let mut way = Vec::new();
        let mut pairs: Vec<(ClassId, ClassId)> = Vec::new();
        for class in self.search.problem.class_ids() {
            let at = home.placements[class.index()];
            if !at.is_placed() || self.search.board.is_forbidden(class, at) {
                counted[class.index()] = true;
                least += 1;
            }
        }
        for class in self.search.problem.class_ids().filter(|c| !counted[c.index()]) {
            self.search.board.rivals(class, home.placements[class.index()], &mut way);
            pairs.extend(way.iter().filter(|o| class < **o && !counted[o.index()]).map(|&o| (class, o)));
        }
        // Pairs of classes with few others in their way first: the more of them there are.
        let mut degree = vec![0u32; counted.len()];
        pairs.iter().for_each(|&(a, b)| [a, b].into_iter().for_each(|c| degree[c.index()] += 1));
        pairs.sort_by_key(|&(a, b)| (degree[a.index()] + degree[b.index()], a, b));
        for (a, b) in pairs {
            if !counted[a.index()] && !counted[b.index()] {
                (counted[a.index()], counted[b.index()]) = (true, true);
                least += 1;
            }
        }
        least
    }
}
