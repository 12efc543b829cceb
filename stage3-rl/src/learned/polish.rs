//! With nothing in conflict the same policy lowers the penalty, as long as that pays.

use super::candidates::{Act, Candidate, Facts, finish};
use super::chooser::Choose;
use super::features::COUNT;
use super::walk::Walk;
use timetable::{ClassId, Delta, Placement};

/// Steps without anything better, after which it is over, and for each class as many.
const PATIENCE: u64 = 500;
/// The penalty may rise by this many classes' worth above the least so far, for so many steps.
const SLACK: f32 = 2.0;
const LONGEST: u32 = 12;

/// The penalty while it is lowered.
pub(crate) struct Polish {
    pub(crate) least: i64,
    away: u32,
    /// Steps since it last fell.
    pub(crate) idle: u64,
}

impl Walk<'_, '_> {
    /// Lowers the penalty of a valid timetable until that does not pay any more, or the budget is
    /// spent.
    pub(crate) fn polish(&mut self, chooser: &mut dyn Choose) {
        let mut polish = self.begin_polish();
        let ctx = self.repair.state.clock.ctx();
        let shrink = || ctx.stop.steps().is_none() && ctx.stop.should_shrink();
        while polish.idle < PATIENCE && !shrink() && self.offer_better(&mut polish) {
            let i = chooser.choose(&self.candidates, 1.0, &mut self.repair.state.search.rng);
            self.take_better(&mut polish, i);
        }
        self.roll_back();
    }

    /// Nothing is in conflict.
    pub(crate) fn begin_polish(&mut self) -> Polish {
        let state = &mut self.history.state;
        (state.polishing, state.conflicts, state.share_left, state.stale) = (true, 0, 0.0, 0);
        Polish { least: self.repair.state.search.board.score().penalty, away: 0, idle: 0 }
    }

    /// Draws a class that costs something, and lists what can be done about it; `false` where it is
    /// over.
    pub(crate) fn offer_better(&mut self, polish: &mut Polish) -> bool {
        let classes = self.repair.state.search.problem.classes().len();
        while polish.idle < PATIENCE && !self.repair.state.clock.is_over() && classes > 0 {
            self.repair.state.clock.count(1);
            let class = ClassId::new(self.repair.state.search.rng.below(classes));
            let placed = self.repair.state.search.board.placement(class);
            polish.idle += 1;
            if !placed.is_placed() || self.costs_nothing(class) {
                continue;
            }
            self.candidates.clear();
            self.repair.candidates(class, false, &self.history, &mut self.candidates);
            let slack = (SLACK * self.history.state.scale) as i64;
            let most = polish.least + slack - self.repair.state.search.board.score().penalty;
            self.candidates.retain(|c| c.trouble() <= 0 && c.delta.penalty <= most);
            if self.candidates.is_empty() {
                continue;
            }
            let facts = Facts { goes_home: true, ..self.history.state };
            let stay = Act::Move(vec![(class, placed)]);
            self.candidates.push(Candidate { act: stay, delta: Delta::default(), facts, features: [0.0; COUNT] });
            finish(&mut self.candidates);
            return true;
        }
        false
    }

    /// Whether the penalty would be no less without the class.
    fn costs_nothing(&mut self, class: ClassId) -> bool {
        self.repair.state.search.board.delta(class, Placement::NOWHERE).penalty >= 0
    }

    /// Does one of the candidates, and undoes what did not lead to anything better in time.
    pub(crate) fn take_better(&mut self, polish: &mut Polish, i: usize) {
        self.history.state.stale += 1;
        self.steps += 1;
        let chosen = self.candidates.swap_remove(i);
        if let Act::Move(chain) = &chosen.act {
            if self.repair.state.search.board.placement(chain[0].0) == chain[0].1 {
                return;
            }
            self.shift(chain, &chosen);
        }
        let now = self.repair.state.search.board.score().penalty;
        if now > polish.least {
            polish.away += 1;
            if polish.away > LONGEST {
                polish.away = 0;
                self.roll_back();
            }
            return;
        }
        polish.away = 0;
        self.stay();
        if now < polish.least {
            (polish.least, polish.idle, self.history.state.stale) = (now, 0, 0);
            self.tell();
        }
    }
}
