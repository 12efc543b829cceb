//! Ejection chains: classes go where they are wanted, what stands in their way is taken out and
//! placed again, each at its best place. All or nothing, as one move: a timetable in which
//! everything hard holds stays one.

use super::chain::Chain;
use timetable::{ClassId, Delta, Placement};

/// Classes that one move may take along beside those that it is about.
const OTHERS: usize = 5;
/// Places at which a class that finds none may take the place of another.
const LOOKS: usize = 12;

impl Chain<'_> {
    /// The listed classes go where they are listed to go. Accepted if everything hard holds then,
    /// and it costs no more than `threshold`.
    pub(super) fn eject(&mut self, threshold: i64) -> Option<i64> {
        self.incumbent.store(&self.board);
        self.journal.clear();
        self.out.clear();
        let sum = self.all_placed();
        let cost = sum.filter(|sum| sum.unplaced <= 0 && sum.hard <= 0).map(|sum| self.weights.cost(&sum));
        match cost {
            Some(cost) => self.judge(cost, threshold),
            None => self.journal.take_back(&mut self.board),
        }
        cost
    }

    fn change(&mut self, class: ClassId, to: Placement) -> Delta {
        self.evaluated += 1;
        self.journal.put(&mut self.board, class, to)
    }

    /// Places the listed classes, and all whom that takes out; none where somebody finds no place.
    fn all_placed(&mut self) -> Option<Delta> {
        let wanted = self.chain.len();
        let most = wanted + OTHERS;
        let mut sum = Delta::default();
        for i in 0..wanted {
            sum += self.change(self.chain[i].0, Placement::NOWHERE);
        }
        // How many have been taken out.
        let mut taken = wanted;
        for i in 0..wanted {
            let (class, to) = self.chain[i];
            taken += self.take_out(class, to, most - taken, &mut sum)?;
            sum += self.change(class, to);
        }
        let mut next = 0;
        while let Some(&class) = self.out.get(next) {
            next += 1;
            let to = match self.best_place(class) {
                Some(to) => to,
                None if taken < most => {
                    let to = self.place_of_another(class)?;
                    taken += self.take_out(class, to, 1, &mut sum)?;
                    to
                }
                None => return None,
            };
            sum += self.change(class, to);
            self.chain.push((class, to));
        }
        Some(sum)
    }

    /// Takes out whoever is in the way of a class there, if they are no more than that, and none of
    /// them has come in by this move.
    fn take_out(&mut self, class: ClassId, to: Placement, most: usize, sum: &mut Delta) -> Option<usize> {
        let mut way = std::mem::take(&mut self.way);
        let fits = self.board.conflicting_classes(class, to, &mut way)
            && way.len() <= most
            && !way.iter().any(|other| self.chain.iter().any(|link| link.0 == *other));
        if fits {
            for &other in &way {
                *sum += self.change(other, Placement::NOWHERE);
                self.out.push(other);
            }
        }
        let taken = way.len();
        self.way = way;
        fits.then_some(taken)
    }

    /// The cheapest place that breaks nothing, give or take what the temperature allows.
    pub(super) fn best_place(&mut self, class: ClassId) -> Option<Placement> {
        let mut best: Option<(i64, Placement)> = None;
        let (draws, temperature) = (&mut self.draws, self.temperature);
        let looked = self.board.for_each_free_place(class, |to, penalty| {
            let cost = penalty - temperature.threshold(draws.word()) / 2;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, to));
            }
        });
        // What depends on the time alone is found once for all rooms: four such looks count as one.
        self.evaluated += looked / 4 + 1;
        best.map(|(_, to)| to)
    }

    /// Of some places by chance one where a single other class would have to go, and which costs
    /// least.
    fn place_of_another(&mut self, class: ClassId) -> Option<Placement> {
        let row = &self.board.problem().classes()[class.index()];
        let (times, rooms) = (row.times.len as usize, row.rooms.len as usize);
        let mut way = std::mem::take(&mut self.way);
        let mut best: Option<(i64, Placement)> = None;
        for _ in 0..LOOKS {
            let time = self.draws.below(times) as u16;
            let room = if rooms == 0 { Placement::NO_ROOM } else { self.draws.below(rooms) as u16 };
            let to = Placement { time, room };
            self.evaluated += 1;
            if self.board.conflicting_classes(class, to, &mut way)
                && way.len() == 1
                && !self.chain.iter().any(|link| link.0 == way[0])
            {
                let penalty = self.board.delta(class, to).penalty;
                if best.is_none_or(|(least, _)| penalty < least) {
                    best = Some((penalty, to));
                }
            }
        }
        self.way = way;
        best.map(|(_, to)| to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Domains, Settings, Weights};
    use super::*;
    use crate::{Draws, Temperature};
    use stage0_load::generate;
    use std::sync::Arc;
    use timetable::{Board, BoardIndex, Problem, Timetable, check};

    /// A timetable in which everything hard holds, with as many classes as come in by chance.
    fn beginning<'p>(problem: &'p Problem, domains: &'p Domains) -> Chain<'p> {
        let board = Board::with(problem, Arc::new(BoardIndex::new(problem)), &Timetable::empty(problem));
        let mix = Settings::default().mix(domains);
        let mut chain = Chain::new(board, domains, Draws::new(5, [0, 0]), Weights::DESCENT, mix);
        chain.run(400_000, Temperature::ZERO);
        assert_eq!((chain.board.score().unplaced, chain.board.score().hard), (0, 0), "a beginning");
        chain
    }

    #[test]
    fn the_valid_is_never_left_and_the_score_is_the_checkers() {
        for problem in [1, 2, 3].map(generate::demo) {
            let domains = Domains::new(&problem);
            let mut chain = beginning(&problem, &domains);
            chain.weights = Weights::FIRM;
            chain.mix.eject = 1 << 15;
            let mut moved = 0;
            for step in 0..600 {
                let before = chain.board.timetable();
                chain.run(1, Temperature::new(if step < 300 { 1e4 } else { 5.0 }));
                let after = chain.board.timetable();
                assert_eq!(check(&problem, &after).score, chain.board.score(), "step {step}");
                assert!(chain.board.score().is_valid(), "step {step}");
                let others = before.placements.iter().zip(&after.placements).filter(|(a, b)| a != b).count();
                moved += usize::from(others > 2);
            }
            assert!(moved > 5, "{moved} moves of more than two classes");
            chain.settle();
            assert_eq!(check(&problem, chain.incumbent.best()).score, chain.incumbent.score());
        }
    }
}
