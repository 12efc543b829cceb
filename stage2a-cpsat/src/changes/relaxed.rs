//! A problem with only some of its classes: whatever is valid with all of them is valid with these.

use timetable::{Amended, Amendments, BlockError, ClassId, ConstraintId, Kind, Problem, amend};

/// Whether a rule that holds for some classes may be broken when one of them is gone.
fn may_break(kind: Kind) -> bool {
    use Kind::{Gaps, IsolatedLectures, MaxBreaks, MinWorkingDays, StudentSingleClassDay};
    matches!(kind, Gaps | IsolatedLectures | MaxBreaks | MinWorkingDays | StudentSingleClassDay)
}

/// The problem with these classes and its hard rules, but for those that could be broken for want
/// of the others.
pub(super) fn with_only(problem: &Problem, classes: &[ClassId]) -> Result<Amended, BlockError> {
    let mut kept = vec![false; problem.classes().len()];
    classes.iter().for_each(|class| kept[class.index()] = true);
    let cancelled = problem.class_ids().filter(|class| !kept[class.index()]).collect();
    let lifted = (0..problem.constraints().len()).map(ConstraintId::new).filter(|&id| may_break(problem.kind_of(id)));
    amend(problem, &Amendments { cancelled, lifted: lifted.collect(), costless: true, ..Amendments::default() })
}

#[cfg(test)]
mod tests {
    use super::with_only;
    use crate::common::{Rng, Shape, placement, places, problem};
    use std::collections::BTreeMap;
    use timetable::{ClassId, Problem, RequestId, Rule, Timetable, check};

    /// Hard violations of where classes are, by rule.
    fn hard(problem: &Problem, timetable: &Timetable) -> BTreeMap<Rule, i64> {
        let tallies = check(problem, timetable).tallies.into_iter();
        let of = tallies.filter(|(rule, tally)| tally.hard > 0 && !matches!(rule, Rule::Enrolment | Rule::ClassLimit));
        of.map(|(rule, tally)| (rule, tally.hard)).collect()
    }

    #[test]
    fn no_hard_rule_is_broken_for_want_of_other_classes() {
        for seed in 0..3_000 {
            let mut d = Rng::new(seed);
            let (units, travel) = (d.chance(50), d.chance(50));
            let all = problem(seed, Shape { units, travel, students: d.chance(70), post_enrolment: d.chance(20) });
            let mut timetable = Timetable::empty(&all);
            for class in all.class_ids() {
                timetable.placements[class.index()] = placement(&all, class, &mut d);
            }
            for (i, r) in all.requests().iter().enumerate() {
                timetable.enrolment[r.slots.range()].copy_from_slice(&places(&all, RequestId::new(i), &mut d));
            }
            let share = 1 + d.below(99);
            let some: Vec<ClassId> = all.class_ids().filter(|_| d.chance(share)).collect();
            let relaxed = with_only(&all, &some).unwrap();
            assert_eq!(relaxed.problem.classes().len(), some.len());
            let before = hard(&all, &timetable);
            for (rule, left) in hard(&relaxed.problem, &relaxed.carry(&all, &timetable)) {
                assert!(left <= before.get(&rule).copied().unwrap_or(0), "seed {seed}: {rule}");
            }
        }
    }
}
