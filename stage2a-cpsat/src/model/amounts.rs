//! What a group counts on a day beyond what it may, and what all its days cost together.

use super::subproblem::Subproblem;
use super::writer::Writer;
use cp_sat::builder::{IntVar, LinearExpr};
use timetable::{ConstraintRow, Kind};

/// A sum on a day, of which all beyond the limit counts.
#[derive(Debug, Default)]
pub(super) struct Amount {
    /// Factors, at least 0, and variables that are never larger than they have to be.
    pub(super) terms: Vec<(i64, IntVar)>,
    /// What comes whatever is chosen.
    pub(super) certain: i64,
    pub(super) limit: i64,
    /// Where the rule is hard: what comes of those who stay by themselves. So much may stay, where
    /// it is beyond the limit; dearly.
    pub(super) held: i64,
    /// No more than this in all.
    pub(super) most: i64,
}

impl Amount {
    fn sum(&self) -> LinearExpr {
        let mut sum = LinearExpr::from(self.certain);
        self.terms.iter().for_each(|&(factor, var)| sum += (factor, var));
        sum
    }

    /// What there is beyond the limit, as terms and a constant.
    fn excess(self, writer: &mut Writer) -> (Vec<(i64, IntVar)>, i64) {
        if self.limit <= self.certain {
            return (self.terms, self.certain - self.limit);
        }
        let excess = writer.number(self.most - self.limit);
        writer.at_most(self.sum(), LinearExpr::from((1, excess)) + self.limit);
        (vec![(1, excess)], 0)
    }
}

/// A hard rule: what those who stay have broken is mended where it can be, and nothing is added to
/// it.
fn keep(many: i64, day: &Amount, writer: &mut Writer) {
    let most = day.limit.max(day.held);
    if most <= day.limit.max(day.certain) {
        return writer.at_most(day.sum(), most);
    }
    let broken = writer.number(most - day.limit);
    writer.violation(broken, many, most - day.limit);
    writer.at_most(day.sum(), LinearExpr::from((1, broken)) + day.limit);
}

/// Writes what the days of a group cost: with a factor for how many days each stands for.
pub(super) fn charge(
    subproblem: &Subproblem<'_, '_>,
    (kind, row): (Kind, &ConstraintRow),
    days: Vec<(i64, Amount)>,
    writer: &mut Writer,
) {
    let meta = subproblem.problem.meta();
    let days = days.into_iter().filter(|(_, day)| day.most > day.limit);
    if row.hard == 1 {
        return days.for_each(|(many, day)| keep(many, &day, writer));
    }
    let by_week = kind.per_week() && meta.weeks > 1;
    // Divided by the weeks and rounded down once for the whole constraint, and then weighted.
    let (mut all, mut most) = (LinearExpr::default(), 0);
    for (many, day) in days {
        let largest = day.most - day.limit;
        let (terms, certain) = day.excess(writer);
        if by_week {
            let each = many * i64::from(row.penalty);
            terms.into_iter().for_each(|(factor, var)| all += (each * factor, var));
            all += each * certain;
            most += each * largest;
        } else {
            let each = many * subproblem.cost(row);
            terms.into_iter().for_each(|(factor, var)| writer.charge(var, each * factor, 0));
            writer.charge_at_most(each * largest);
            writer.certain(each * certain);
        }
    }
    if by_week && most > 0 {
        let weeks = i64::from(meta.weeks);
        let cost = writer.number(most / weeks);
        writer.charge(cost, i64::from(meta.distribution_weight), most / weeks);
        writer.at_most(all, LinearExpr::from((weeks, cost)) + (weeks - 1));
    }
}
