//! Who goes back to the best that was seen, and walks warm again from there.

use super::evolve::Evolution;
use moves::fixed::{ONE, Share};
use moves::walk::FIRM;

/// Who stays at one score for this share of the budget begins anew.
const STALE: Share = ONE / 20;
/// But not when less than this share is left: there would be no time to cool down.
const COOLING: Share = ONE / 10;

impl Evolution<'_> {
    /// Who is in violation goes back to the best that was seen, if that is not, and from now on
    /// violations cost so much that it stays so.
    pub(crate) fn turn_back(&mut self, used: Share) {
        let (best, score) = self.best();
        if !score.is_valid() {
            return;
        }
        for i in 0..self.individuals.len() {
            if self.individuals[i].score.hard > 0 {
                let from = if self.individuals[i].best.is_valid() { i } else { best };
                self.begin_anew(i, from, used);
                self.individuals[i].hard *= FIRM;
            }
        }
    }

    /// Who stays at one score for long, or has the same timetable as another, begins anew: warm,
    /// from the best that was seen in its place. Tells how many that are.
    pub(crate) fn restart(&mut self, used: Share) -> usize {
        if ONE.saturating_sub(used) < COOLING {
            return 0;
        }
        let timetable = self.common.shape.weights().start;
        let of = |i: usize| (self.individuals[i].score, &self.now.row(i)[..timetable]);
        let mut order: Vec<usize> = (0..self.individuals.len()).collect();
        order.sort_by(|&a, &b| of(a).cmp(&of(b)));
        let mut again = vec![false; order.len()];
        order.windows(2).for_each(|pair| again[pair[1]] = of(pair[0]) == of(pair[1]));
        for (individual, again) in self.individuals.iter_mut().zip(&mut again) {
            let (score, since) = individual.stays;
            if score != individual.score {
                individual.stays = (individual.score, used);
            } else if used.saturating_sub(since) >= STALE {
                *again = true;
            }
        }
        let again: Vec<usize> = (0..again.len()).filter(|&i| again[i]).collect();
        again.iter().for_each(|&i| self.begin_anew(i, i, used));
        again.len()
    }

    /// Individual `i` goes on, warm, from the best that was seen in place `from`.
    fn begin_anew(&mut self, i: usize, from: usize, used: Share) {
        let (row, timetable) = (self.common.shape.row(), self.common.shape.weights().start);
        self.sent = false;
        self.now.bytes[i * row..][..timetable].copy_from_slice(&self.best.row(from)[..timetable]);
        let best = self.individuals[from].best;
        let individual = &mut self.individuals[i];
        (individual.score, individual.stays) = (best, (best, used));
        individual.warmed = Some(used);
    }
}

#[cfg(test)]
mod tests {
    use super::super::evolve::Common;
    use super::super::{Parts, Shape};
    use super::*;
    use moves::Schedule;
    use moves::fixed::share;
    use timetable::{ClassSpec, Format, Meta, Placement, Problem, ProblemBuilder, Score, Timetable};

    /// One class, one time, many rooms.
    fn problem() -> Problem {
        let mut b = ProblemBuilder::new(Meta {
            name: "one class".into(),
            weeks: 1,
            days: 1,
            slots: 1,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Itc2019,
        });
        let time = b.time(1, 1, 0, 1);
        let rooms: Vec<_> = (0..10).map(|r| (b.room(&r.to_string(), 1, &[], &[]), r)).collect();
        b.course("c");
        b.config("c");
        b.subpart("c");
        b.class(ClassSpec { name: "c", limit: None, times: &[(time, 0)], rooms: &rooms });
        b.build().unwrap()
    }

    /// Individuals with the class in these rooms; each costs what its number says.
    fn evolution<'a>(problem: &Problem, parts: &'a Parts, rooms: &[u16]) -> Evolution<'a> {
        let shape = Shape::new(problem, false);
        let rows: Vec<u8> = rooms.iter().flat_map(|&room| shape.of(&in_room(problem, room))).collect();
        let scores: Vec<Score> = rooms.iter().map(|&room| score(room)).collect();
        let common = Common { shape, parts, schedule: Schedule::new(60.0, 0.3), seed: 1 };
        Evolution::of(common, &rows, &scores, 1)
    }

    fn in_room(problem: &Problem, room: u16) -> Timetable {
        let mut timetable = Timetable::empty(problem);
        timetable.placements[0] = Placement { time: 0, room };
        timetable
    }

    fn score(room: u16) -> Score {
        Score { penalty: room.into(), ..Score::default() }
    }

    fn warm(evolution: &Evolution<'_>) -> Vec<bool> {
        evolution.individuals.iter().map(|i| i.warmed.is_some()).collect()
    }

    #[test]
    fn of_those_with_the_same_timetable_one_goes_on() {
        let problem = problem();
        let parts = Parts::new(&problem, None);
        let mut evolution = evolution(&problem, &parts, &[5, 3, 5, 5, 7, 3]);
        assert_eq!(evolution.restart(share(0.01)), 3);
        assert_eq!(warm(&evolution), [false, false, true, true, false, true]);
    }

    #[test]
    fn who_stays_at_one_score_begins_anew_from_its_best() {
        let problem = problem();
        let parts = Parts::new(&problem, None);
        let mut evolution = evolution(&problem, &parts, &[5, 3]);
        evolution.individuals[0].best = score(1);
        let row = evolution.common.shape.row();
        evolution.best.bytes[..row].copy_from_slice(&evolution.common.shape.of(&in_room(&problem, 1)));
        assert_eq!(evolution.restart(share(0.04)), 0, "too early");
        evolution.individuals[1].score = score(4);
        assert_eq!(evolution.restart(share(0.06)), 1, "the other one has moved");
        assert_eq!(warm(&evolution), [true, false]);
        assert_eq!(evolution.individuals[0].score, score(1));
        let mut now = in_room(&problem, 0);
        evolution.common.shape.get(evolution.now.row(0), &mut now);
        assert_eq!(now.placements[0].room, 1);
        assert_eq!(evolution.restart(share(0.07)), 0, "both have just begun");
    }

    #[test]
    fn nobody_begins_anew_when_there_is_no_time_to_cool_down() {
        let problem = problem();
        let parts = Parts::new(&problem, None);
        let mut evolution = evolution(&problem, &parts, &[5, 5]);
        assert_eq!(evolution.restart(share(0.95)), 0);
        assert_eq!(warm(&evolution), [false, false]);
    }
}
