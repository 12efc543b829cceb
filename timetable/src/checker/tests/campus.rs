//! The group kinds of CB-CTT and those that a campus asks for.

use super::spots::*;
use crate::*;

#[test]
fn min_working_days_counts_the_days_missing() {
    // Monday twice and Wednesday: 2 days.
    let spots = [mon(0, 1), mon(5, 1), on("00100", 0, 1)];
    assert_eq!(amount(Kind::MinWorkingDays, &[2], &spots), 0);
    assert_eq!(amount(Kind::MinWorkingDays, &[4], &spots), 2);
}

#[test]
fn min_working_days_of_a_group_without_placed_classes_misses_all_of_them() {
    assert_eq!(amount(Kind::MinWorkingDays, &[4], &[mon(0, 1).unplaced()]), 4);
    assert_eq!(amount(Kind::MinWorkingDays, &[4], &[]), 4);
}

#[test]
fn isolated_lectures_are_those_without_a_neighbour_on_the_day() {
    // Monday 0, 1 and 3; Tuesday 2: the ones at 3 and on Tuesday are alone.
    let spots = [mon(0, 1), mon(1, 1), mon(3, 1), on("01000", 2, 1)];
    assert_eq!(amount(Kind::IsolatedLectures, &[], &spots), 2);
    assert_eq!(amount(Kind::IsolatedLectures, &[], &spots[..2]), 0);
    assert_eq!(amount(Kind::IsolatedLectures, &[], &[]), 0);
}

#[test]
fn isolated_lectures_count_each_class_of_a_slot_and_each_of_its_days() {
    // Two classes at Monday 3: 2. The one on Tuesday and Wednesday: 2 more.
    let spots = [mon(3, 1), mon(3, 1), on("01100", 7, 1)];
    assert_eq!(amount(Kind::IsolatedLectures, &[], &spots), 4);
}

#[test]
fn isolated_lectures_take_longer_classes_and_other_weeks_for_neighbours() {
    // Slots 3 and 4 of one class are neighbours; 7 in week 0 and 8 in week 1 are, too.
    let spots = [mon(3, 2), mon(7, 1).weeks("10"), mon(8, 1).weeks("01")];
    assert_eq!(amount(Kind::IsolatedLectures, &[], &spots), 0);
}

#[test]
fn room_stability_counts_rooms_beyond_the_first() {
    // Rooms 0, 1, 0, 2, and a class without one: 3 rooms.
    let spots = [mon(0, 1).room(0), mon(1, 1).room(1), mon(2, 1).room(0), mon(3, 1).room(2), mon(4, 1)];
    assert_eq!(amount(Kind::RoomStability, &[], &spots), 2);
    assert_eq!(amount(Kind::RoomStability, &[], &[spots[0], spots[2], spots[4]]), 0);
    assert_eq!(amount(Kind::RoomStability, &[], &[spots[4]]), 0);
}

#[test]
fn lunch_break_asks_for_free_slots_in_a_row_within_the_window() {
    // Window 8..12. Mondays 6..9 and 11..12 leave 9, 10: 2 in a row, in both weeks.
    let spots = [mon(11, 1), mon(6, 3)];
    assert_eq!(amount(Kind::LunchBreak, &[8, 12, 2], &spots), 0);
    assert_eq!(amount(Kind::LunchBreak, &[8, 12, 3], &spots), 2);
}

#[test]
fn lunch_break_does_not_add_up_separate_free_slots() {
    // Window 8..13, held 9..10 and 11..12 in week 1: free are 8, 10, 12, one at a time.
    let spots = [mon(9, 1).weeks("01"), mon(11, 1).weeks("01")];
    assert_eq!(amount(Kind::LunchBreak, &[8, 13, 1], &spots), 0);
    assert_eq!(amount(Kind::LunchBreak, &[8, 13, 2], &spots), 1);
}

#[test]
fn lunch_break_ignores_days_without_a_class_in_the_window() {
    // 6..8 ends where the window 8..12 begins, 12..14 begins where it ends; then even 9 free slots
    // of 4 are not missed.
    assert_eq!(amount(Kind::LunchBreak, &[8, 12, 9], &[mon(6, 2), mon(12, 2)]), 0);
    // With 11..12 held on Tuesdays, 3 slots are free: 9 are missed in both weeks.
    assert_eq!(amount(Kind::LunchBreak, &[8, 12, 9], &[mon(6, 2), on("01000", 11, 1)]), 2);
    // A window the wrong way round holds nothing.
    assert_eq!(amount(Kind::LunchBreak, &[12, 8, 1], &[mon(6, 9)]), 0);
}

#[test]
fn lunch_break_sees_a_class_that_fills_the_whole_window() {
    assert_eq!(amount(Kind::LunchBreak, &[8, 12, 1], &[mon(6, 9).weeks("10")]), 1);
}

#[test]
fn gaps_counts_idle_slots_of_a_day_beyond_the_limit() {
    // 0..2, 1..4, 6..7, 10..12: from 0 to 12 are 12 slots, 4 + 1 + 2 = 7 held: 5 idle, in both
    // weeks.
    let spots = [mon(10, 2), mon(0, 2), mon(1, 3), mon(6, 1)];
    assert_eq!(amount(Kind::Gaps, &[5], &spots), 0);
    assert_eq!(amount(Kind::Gaps, &[3], &spots), 4);
    assert_eq!(amount(Kind::Gaps, &[0], &spots), 10);
}

#[test]
fn gaps_are_counted_day_by_day_and_week_by_week() {
    // Monday 0..1 in both weeks, 3..4 in week 0: 2 idle. Tuesday 5..6 in week 1 alone: none.
    let spots = [mon(0, 1), mon(3, 1).weeks("10"), on("01000", 5, 1).weeks("01")];
    assert_eq!(amount(Kind::Gaps, &[0], &spots), 2);
    assert_eq!(amount(Kind::Gaps, &[1], &spots), 1);
}
