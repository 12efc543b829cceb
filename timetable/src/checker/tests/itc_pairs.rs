//! The kinds that hold between two classes.

use super::spots::*;
use crate::*;

/// Whether the kind holds between two classes in this order: then its amount is 0, otherwise 1.
fn holds(kind: Kind, params: &[u32], a: Spot, b: Spot) -> bool {
    let found = amount(kind, params, &[a, b]);
    assert!(found == 0 || found == 1);
    found == 0
}

/// As [`holds`], for kinds in which the order does not matter.
fn both(kind: Kind, params: &[u32], a: Spot, b: Spot) -> bool {
    let there = holds(kind, params, a, b);
    assert_eq!(there, holds(kind, params, b, a), "{kind} is symmetric");
    there
}

#[test]
fn every_pair_of_the_list_counts_once_and_unplaced_classes_not_at_all() {
    // Starts 0, 0, 4, 8: of 6 pairs only (0, 0) agrees. Without the one at 8: (0, 0), (0, 4), (0,
    // 4).
    let starts = [mon(0, 2), mon(0, 2), mon(4, 2), mon(8, 2)];
    assert_eq!(amount(Kind::SameStart, &[], &starts), 5);
    let mut missing = starts;
    missing[3] = missing[3].unplaced();
    assert_eq!(amount(Kind::SameStart, &[], &missing), 2);
    let report = under(Kind::SameStart, &[], None, &[], &missing);
    assert_eq!(report.score, Score { unplaced: 1, hard: 2, penalty: 0 });
    assert_eq!(report.violations.iter().filter(|v| v.classes == [ClassId(0), ClassId(2)]).count(), 1);
}

#[test]
fn same_start_asks_for_the_same_first_slot_whatever_the_days() {
    assert!(both(Kind::SameStart, &[], mon(4, 2), on("01000", 4, 3)));
    assert!(!both(Kind::SameStart, &[], mon(4, 2), mon(5, 2)));
}

#[test]
fn same_time_asks_that_the_shorter_lies_within_the_longer() {
    // 4..10 holds 6..8; 4..10 and 8..12 reach out of each other; equal slots hold each other.
    assert!(both(Kind::SameTime, &[], mon(4, 6), on("01000", 6, 2)));
    assert!(!both(Kind::SameTime, &[], mon(4, 6), mon(8, 4)));
    assert!(both(Kind::SameTime, &[], mon(4, 6), mon(4, 6)));
}

#[test]
fn different_time_asks_for_disjoint_slots_even_on_different_days() {
    assert!(both(Kind::DifferentTime, &[], mon(4, 2), mon(6, 2)));
    assert!(!both(Kind::DifferentTime, &[], mon(4, 3), on("01000", 6, 2).weeks("01")));
}

#[test]
fn same_days_asks_that_one_set_of_days_holds_the_other() {
    assert!(both(Kind::SameDays, &[], on("10100", 0, 1), on("10000", 5, 1)));
    assert!(!both(Kind::SameDays, &[], on("10100", 0, 1), on("11000", 5, 1)));
}

#[test]
fn different_days_asks_for_no_day_in_common() {
    assert!(both(Kind::DifferentDays, &[], on("10100", 0, 1), on("01010", 0, 1)));
    assert!(!both(Kind::DifferentDays, &[], on("10100", 0, 1).weeks("10"), on("00100", 9, 1).weeks("01")));
}

#[test]
fn same_weeks_asks_that_one_set_of_weeks_holds_the_other() {
    assert!(both(Kind::SameWeeks, &[], mon(0, 1), mon(5, 1).weeks("01")));
    assert!(!both(Kind::SameWeeks, &[], mon(0, 1).weeks("10"), mon(5, 1).weeks("01")));
}

#[test]
fn different_weeks_asks_for_no_week_in_common() {
    assert!(both(Kind::DifferentWeeks, &[], mon(0, 1).weeks("10"), mon(0, 1).weeks("01")));
    assert!(!both(Kind::DifferentWeeks, &[], mon(0, 1), on("01000", 5, 1).weeks("01")));
}

#[test]
fn same_room_holds_between_two_classes_without_a_room() {
    assert!(both(Kind::SameRoom, &[], mon(0, 1).room(1), mon(5, 1).room(1)));
    assert!(!both(Kind::SameRoom, &[], mon(0, 1).room(1), mon(5, 1).room(2)));
    assert!(both(Kind::SameRoom, &[], mon(0, 1), mon(5, 1)));
    assert!(!both(Kind::SameRoom, &[], mon(0, 1), mon(5, 1).room(0)));
}

#[test]
fn different_room_is_broken_by_two_classes_without_a_room() {
    assert!(both(Kind::DifferentRoom, &[], mon(0, 1).room(1), mon(5, 1).room(2)));
    assert!(!both(Kind::DifferentRoom, &[], mon(0, 1).room(1), mon(5, 1).room(1)));
    assert!(!both(Kind::DifferentRoom, &[], mon(0, 1), mon(5, 1)));
    assert!(both(Kind::DifferentRoom, &[], mon(0, 1), mon(5, 1).room(0)));
}

#[test]
fn overlap_asks_for_a_week_a_day_and_a_slot_in_common() {
    assert!(both(Kind::Overlap, &[], on("11000", 4, 2), on("01000", 5, 2).weeks("01")));
    assert!(!both(Kind::Overlap, &[], mon(4, 2), mon(6, 2)), "4..6 and 6..8 only touch");
    assert!(!both(Kind::Overlap, &[], mon(4, 2), on("01000", 4, 2)), "no day");
    assert!(!both(Kind::Overlap, &[], mon(4, 2).weeks("10"), mon(4, 2).weeks("01")), "no week");
}

#[test]
fn not_overlap_and_the_clashes_of_teachers_and_curricula_are_broken_by_an_overlap() {
    for kind in [Kind::NotOverlap, Kind::TeacherClash, Kind::CurriculumClash] {
        assert!(!both(kind, &[], on("11000", 4, 2), on("01000", 5, 2).weeks("01")));
        assert!(both(kind, &[], mon(4, 2), mon(6, 2)));
        assert!(both(kind, &[], mon(4, 2), on("01000", 4, 2)));
        assert!(both(kind, &[], mon(4, 2).weeks("10"), mon(4, 2).weeks("01")));
    }
}

#[test]
fn same_attendees_asks_for_time_to_walk() {
    let kind = Kind::SameAttendees;
    // The walk between r0 and r1 takes 3 slots: 4..6, then 9 is in time and 8 is not, there as
    // back.
    for (here, there) in [(0, 1), (1, 0)] {
        assert!(both(kind, &[], mon(4, 2).room(here), mon(9, 1).room(there)));
        assert!(!both(kind, &[], mon(4, 2).room(here), mon(8, 1).room(there)));
    }
}

#[test]
fn same_attendees_asks_for_no_walk_within_a_room_without_one_or_on_another_day() {
    let kind = Kind::SameAttendees;
    assert!(both(kind, &[], mon(4, 2).room(0), mon(6, 1).room(0)));
    assert!(both(kind, &[], mon(4, 2).room(0), mon(6, 1)));
    assert!(both(kind, &[], mon(4, 2).room(0), on("01000", 6, 1).room(1)));
    assert!(both(kind, &[], mon(4, 2).room(0).weeks("10"), mon(4, 2).room(1).weeks("01")));
    assert!(!both(kind, &[], mon(4, 2), mon(5, 2)), "an overlap");
}

#[test]
fn precedence_compares_the_first_week_then_the_first_day_then_the_slots() {
    let kind = Kind::Precedence;
    // Same first week, Monday before Tuesday, though it also meets on Friday.
    assert!(holds(kind, &[], on("10001", 9, 2), on("01000", 0, 2)));
    assert!(!holds(kind, &[], on("01000", 0, 2), on("10001", 9, 2)));
    // Week 0 before week 1, whatever the days.
    assert!(holds(kind, &[], on("00001", 9, 2).weeks("10"), mon(0, 2).weeks("01")));
    assert!(!holds(kind, &[], mon(0, 2).weeks("01"), on("00001", 9, 2).weeks("11")));
    // Same first day: 4..6 ends when 6 starts; 4..7 does not.
    assert!(holds(kind, &[], mon(4, 2), mon(6, 2)));
    assert!(!holds(kind, &[], mon(4, 3), mon(6, 2)));
    assert!(!holds(kind, &[], mon(6, 2), mon(4, 2)));
}

#[test]
fn precedence_looks_at_every_pair_in_the_order_of_the_list() {
    // Fri, Wed, Mon: all three pairs are the wrong way round.
    assert_eq!(amount(Kind::Precedence, &[], &[on("00001", 0, 1), on("00100", 0, 1), on("10000", 0, 1)]), 3);
}

#[test]
fn work_day_limits_the_slots_from_first_start_to_last_end() {
    // 2..4 and 9..12: from 2 to 12 are 10 slots.
    assert!(both(Kind::WorkDay, &[10], mon(2, 2), mon(9, 3)));
    assert!(!both(Kind::WorkDay, &[9], mon(2, 2), mon(9, 3)));
    assert!(both(Kind::WorkDay, &[9], mon(2, 2), on("01000", 9, 3)));
    assert!(both(Kind::WorkDay, &[9], mon(2, 2).weeks("10"), mon(9, 3).weeks("01")));
}

#[test]
fn min_gap_asks_for_free_slots_between_classes_of_a_day() {
    // From the end at 4 to the start at 9 are 5 slots.
    assert!(both(Kind::MinGap, &[5], mon(2, 2), mon(9, 3)));
    assert!(!both(Kind::MinGap, &[6], mon(2, 2), mon(9, 3)));
    assert!(!both(Kind::MinGap, &[0], mon(2, 2), mon(3, 3)), "an overlap is no gap at all");
    assert!(both(Kind::MinGap, &[6], mon(2, 2), on("01000", 9, 3)));
    assert!(both(Kind::MinGap, &[6], mon(2, 2).weeks("10"), mon(9, 3).weeks("01")));
}
