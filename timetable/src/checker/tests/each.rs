//! The kinds that ask something of each class by itself.

use super::spots::*;
use crate::*;

#[test]
fn availability_counts_every_forbidden_time_that_a_class_overlaps() {
    let forbidden = [mon(0, 4), mon(3, 4), on("01000", 0, 20), mon(10, 2).weeks("10")];
    // Monday 2..5 meets 0..4 and 3..7; 7..10 meets none; 11..12 in week 1 none, in both weeks the
    // last.
    let at = |spot| amount_at(Kind::Availability, &[], &forbidden, &[spot]);
    assert_eq!(at(mon(2, 3)), 2);
    assert_eq!(at(mon(7, 3)), 0);
    assert_eq!(at(mon(11, 1).weeks("01")), 0);
    assert_eq!(at(mon(11, 1)), 1);
    // Two classes, 2 and 1, one entry each; the unplaced one has none.
    let spots = [mon(2, 3), mon(11, 1), mon(0, 1).unplaced()];
    assert_eq!(amount_at(Kind::Availability, &[], &forbidden, &spots), 3);
    assert_eq!(under(Kind::Availability, &[], None, &forbidden, &spots).violations.len(), 1 + 2);
}

/// The amount of one class at (Monday 4..6, room 1) that is asked to be at one of these times and
/// rooms.
fn moved(time: u32, room: u32, at: Spot) -> i64 {
    // The class's own time is the first added: id 0. The other, added for the constraint, is id 1.
    amount_at(Kind::FixedPlacement, &[time, room], &[on("00001", 0, 1)], &[at])
}

#[test]
fn fixed_placement_counts_another_time_and_another_room() {
    let here = mon(4, 2).room(1);
    assert_eq!(moved(0, 1, here), 0);
    assert_eq!(moved(1, 1, here), 1);
    assert_eq!(moved(0, 2, here), 1);
    assert_eq!(moved(1, 2, here), 2);
    assert_eq!(moved(1, 2, here.unplaced()), 0);
}

#[test]
fn fixed_placement_leaves_free_what_it_does_not_name() {
    let here = mon(4, 2).room(1);
    assert_eq!(moved(NONE, 1, here), 0);
    assert_eq!(moved(NONE, 2, here), 1);
    assert_eq!(moved(1, NONE, here), 1);
    assert_eq!(moved(NONE, NONE, here), 0);
}

#[test]
fn fixed_placement_in_a_room_is_broken_by_a_class_without_one() {
    assert_eq!(moved(0, 1, mon(4, 2)), 1);
}
