//! The group kinds of ITC-2019.

use super::spots::*;
use crate::*;

#[test]
fn max_days_counts_days_of_the_week_beyond_the_limit() {
    // Monday, Wednesday, and Thursday in the second week only: 3 days.
    let spots = [on("10100", 0, 1), on("10000", 5, 1), on("00010", 0, 1).weeks("01")];
    assert_eq!(amount(Kind::MaxDays, &[3], &spots), 0);
    assert_eq!(amount(Kind::MaxDays, &[1], &spots), 2);
}

#[test]
fn max_days_is_not_divided_by_the_weeks() {
    // 2 days beyond 1, penalty 3, weight 5: 30.
    let spots = [on("10100", 0, 1), on("00010", 0, 1)];
    assert_eq!(under(Kind::MaxDays, &[1], Some(3), &[], &spots).score.penalty, 30);
}

#[test]
fn max_day_load_sums_the_excess_over_days_and_weeks() {
    // Mondays: 3 + 4 = 7 slots in week 0, 3 in week 1. Tuesdays: 4 in week 0. Beyond 5: 2. Beyond
    // 3: 4 + 0 + 1 = 5.
    let spots = [mon(0, 3), on("11000", 8, 4).weeks("10")];
    assert_eq!(amount(Kind::MaxDayLoad, &[7], &spots), 0);
    assert_eq!(amount(Kind::MaxDayLoad, &[5], &spots), 2);
    assert_eq!(amount(Kind::MaxDayLoad, &[3], &spots), 5);
}

#[test]
fn max_day_load_counts_overlapping_classes_twice() {
    // 4 + 4 slots in each of two weeks, beyond 6: 2 + 2.
    assert_eq!(amount(Kind::MaxDayLoad, &[6], &[mon(0, 4), mon(2, 4)]), 4);
}

#[test]
fn a_penalty_by_weeks_is_rounded_down_before_the_weight() {
    // Excess 1 in one of two weeks, penalty 3: 3 × 1 / 2 = 1, times 5.
    let report = under(Kind::MaxDayLoad, &[3], Some(3), &[], &[mon(0, 4).weeks("10")]);
    assert_eq!(report.score.penalty, 5);
    assert_eq!(report.class_penalty, [5]);
    // Penalty 1: 1 / 2 = 0. It is still an entry.
    let report = under(Kind::MaxDayLoad, &[3], Some(1), &[], &[mon(0, 4).weeks("10")]);
    assert_eq!(report.tally(Rule::Constraint(Kind::MaxDayLoad)), Tally { entries: 1, hard: 0, penalty: 0 });
}

#[test]
fn max_breaks_counts_only_breaks_longer_than_the_gap_allowed() {
    // 0..2, 3..5, 9..10, 14..15 in both weeks: breaks of 1, 4, 4 slots.
    let spots = [mon(14, 1), mon(0, 2), mon(9, 1), mon(3, 2)];
    // Of more than 1 slot: 2 breaks. Beyond 2: none; beyond 1: 1 in each week; beyond 0: 2 in each
    // week.
    assert_eq!(amount(Kind::MaxBreaks, &[2, 1], &spots), 0);
    assert_eq!(amount(Kind::MaxBreaks, &[1, 1], &spots), 2);
    assert_eq!(amount(Kind::MaxBreaks, &[0, 1], &spots), 4);
    // Of more than 0 slots: 3 breaks. Of more than 4: none.
    assert_eq!(amount(Kind::MaxBreaks, &[0, 0], &spots), 6);
    assert_eq!(amount(Kind::MaxBreaks, &[0, 4], &spots), 0);
}

#[test]
fn max_breaks_looks_past_a_class_inside_a_longer_one() {
    // 0..8 holds 1..2; 9 follows 8 after 1 slot: no break of more than 1.
    assert_eq!(amount(Kind::MaxBreaks, &[0, 1], &[mon(0, 8), mon(1, 1), mon(9, 1)]), 0);
}

#[test]
fn max_block_counts_blocks_that_are_too_long() {
    // 0..2, 3..6, then 10..12, 12..14: with gaps of 1 allowed, blocks 0..6 (6 slots) and 10..14
    // (4), in both weeks.
    let spots = [mon(0, 2), mon(3, 3), mon(10, 2), mon(12, 2)];
    assert_eq!(amount(Kind::MaxBlock, &[6, 1], &spots), 0);
    assert_eq!(amount(Kind::MaxBlock, &[5, 1], &spots), 2);
    assert_eq!(amount(Kind::MaxBlock, &[3, 1], &spots), 4);
    // With gaps of 0: 0..2 and 3..6 stand alone, only 10..14 is a block of two.
    assert_eq!(amount(Kind::MaxBlock, &[2, 0], &spots), 2);
}

#[test]
fn max_block_ignores_a_block_of_one_class() {
    assert_eq!(amount(Kind::MaxBlock, &[3, 1], &[mon(0, 9), mon(12, 1)]), 0);
    // The other one inside it makes it a block of two: 9 slots, in one week.
    assert_eq!(amount(Kind::MaxBlock, &[3, 1], &[mon(0, 9), mon(2, 1).weeks("10")]), 1);
}

#[test]
fn a_group_names_the_classes_of_the_days_that_break_it() {
    // Monday has 2 + 2 slots, Tuesday 2: beyond 3 is only Monday, with classes 0 and 2.
    let spots = [mon(0, 2), on("01000", 0, 2), mon(4, 2)];
    let report = under(Kind::MaxDayLoad, &[3], None, &[], &spots);
    assert_eq!(report.violations.len(), 1);
    assert_eq!(report.violations[0].classes, [ClassId(0), ClassId(2)]);
    assert_eq!(report.violations[0].constraint, Some(ConstraintId(0)));
    // In each of two weeks 1 beyond 3.
    assert_eq!(report.violations[0].amount, 2);
}
