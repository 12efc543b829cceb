//! What can be set about walks.

use super::chain::Chain;
use super::domains::Domains;
use super::schedule::costs;
use super::weights::{Mix, Weights};
use crate::Schedule;
use crate::fixed::share;

/// Temperatures, weights, and what is tried how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Among the valid timetables: first temperature, in means of what a change costs, up or down,
    /// where all are accepted.
    pub hot: f64,
    /// Among the valid timetables: last temperature, in units of penalty.
    pub cold: f64,
    /// Share of the budget in which temperatures to begin at race.
    pub race: f64,
    /// Share of a measured cooling that is spread evenly over its temperatures.
    pub even: f64,
    /// Elsewhere: first temperature, in medians of what a worsening change costs.
    pub start: f64,
    /// Elsewhere: last temperature, in small costs of a worsening change.
    pub end: f64,
    /// Share of the way from the first temperature to the last that is left out, for a timetable
    /// that is good already.
    pub from: f64,
    /// Weight of a hard violation at first, in medians of what a worsening change costs.
    pub hard: f64,
    /// Share of student moves, where students can choose.
    pub students: f64,
    /// Share of changes of the room alone.
    pub room: f64,
    /// Share of changes of the time alone, of those that change the time.
    pub time: f64,
    /// Share, of changes of the time of a class that others shall be like, in which these follow
    /// it.
    pub follow: f64,
    /// Share of Kempe chains, of those that change the time.
    pub kempe: f64,
    /// Share, of those whose new room is taken at the new time, that look for a free room instead
    /// of trading places.
    pub free: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            hot: 12.0,
            cold: 0.12,
            race: 0.45,
            even: 0.25,
            start: 0.5,
            end: 0.05,
            from: 0.0,
            hard: 5.0,
            students: 0.3,
            room: 0.3,
            time: 0.5,
            follow: 0.1,
            kempe: 0.1,
            free: 0.5,
        }
    }
}

/// Proposals that are looked at to find what changes cost.
const PROPOSALS: usize = 20_000;

impl Settings {
    /// What is tried how often.
    pub fn mix(&self, domains: &Domains) -> Mix {
        let of_all = |x: f64| (x.clamp(0.0, 1.0) * 65_536.0) as u32;
        let students = if domains.choosable.is_empty() { 0.0 } else { self.students };
        let room = students + (1.0 - students) * self.room;
        let time = room + (1.0 - room) * self.time;
        let follow = of_all(self.follow);
        Mix {
            students: of_all(students),
            room: of_all(room),
            time: of_all(time),
            follow,
            kempe: 65_536 - of_all(self.kempe).min(65_536 - follow),
            free: of_all(self.free) >> 8,
            eject: 0,
            group: 0,
            paths: 0,
        }
    }

    /// Weights and temperatures that suit what changes cost on a board where only small steps are
    /// left.
    pub fn tempers(&self, chain: &mut Chain<'_>) -> (Weights, Schedule) {
        let (low, median) = costs(chain.worsening(PROPOSALS));
        let hard = (median * self.hard) as i64 + 1;
        let schedule = Schedule::new((median * self.start).max(0.5), (low * self.end).max(0.05)).from(share(self.from));
        tracing::debug!(low, median, ?schedule, hard, "temperatures");
        (Weights::of_hard(hard), schedule)
    }
}
