//! The ledger: promises, refusals, and that nothing is ever lost between them.

use memguard::{Bytes, Ledger, OnRefusal, Reservation};
use proptest::prelude::*;

const MB: fn(u64) -> Bytes = Bytes::mb;

#[test]
fn the_reserve_is_never_promised() {
    let ledger = Ledger::new(MB(100), MB(30));
    assert_eq!(ledger.capacity(), MB(70));
    assert!(ledger.reserve("board", MB(71)).is_err());
    let all = ledger.reserve("board", MB(70)).expect("just fits");
    assert_eq!((ledger.free(), all.bytes(), &*all.consumer()), (Bytes::ZERO, MB(70), "board"));
}

#[test]
fn a_reserve_larger_than_the_limit_leaves_nothing() {
    let ledger = Ledger::new(MB(10), MB(30));
    assert!(ledger.reserve("board", Bytes::new(1)).is_err());
    assert!(ledger.reserve("board", Bytes::ZERO).is_ok());
}

#[test]
fn a_dropped_reservation_gives_its_bytes_back() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    drop(ledger.reserve("board", MB(60)).expect("fits"));
    assert_eq!((ledger.held(), ledger.peak()), (Bytes::ZERO, MB(60)));
    assert_eq!(ledger.holders(), []);
}

#[test]
fn a_reservation_may_outlive_the_ledger() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    let mut board = ledger.reserve("board", MB(60)).expect("fits");
    drop(ledger);
    assert_eq!(board.shrink(MB(70)), MB(60));
}

#[test]
fn a_refused_growth_changes_nothing() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    let mut board = ledger.reserve("board", MB(60)).expect("fits");
    let refused = board.try_grow(MB(41)).expect_err("one too many");
    assert_eq!((refused.asked, refused.free), (MB(41), MB(40)));
    assert_eq!((board.bytes(), ledger.held()), (MB(60), MB(60)));
    board.try_grow(MB(40)).expect("just fits");
    board.resize(MB(10)).expect("shrinking always works");
    assert_eq!((board.bytes(), ledger.held()), (MB(10), MB(10)));
    board.resize(MB(20)).expect("fits");
    assert_eq!(ledger.held(), MB(20));
}

#[test]
fn a_refusal_says_what_was_asked_what_is_free_and_who_holds_what() {
    let ledger = Ledger::new(MB(1000), MB(100));
    let names = ["a", "b", "c", "d", "e", "f"];
    let held: Vec<Reservation> =
        (1..).zip(names).map(|(size, name)| ledger.reserve(name, MB(10 * size)).expect("fits")).collect();
    let second = ledger.reserve("a", MB(600)).expect("fits");
    let refused = ledger.reserve("population", MB(100)).expect_err("90 are left");
    // The six hold 210, and `a` 600 more: of 900 there are 90 left. The smallest holder is not
    // listed.
    assert_eq!(
        refused.to_string(),
        "population asked for 100.0 MB of memory, but 90.0 MB of 900.0 MB are free; \
         held by a 610.0 MB, f 60.0 MB, e 50.0 MB, d 40.0 MB, c 30.0 MB"
    );
    drop((held, second));
    assert_eq!(ledger.held(), Bytes::ZERO);
}

#[test]
fn the_cap_of_a_consumer_counts_all_its_reservations_together() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    ledger.cap("population", MB(50));
    let first = ledger.reserve("population", MB(30)).expect("fits");
    let refused = ledger.reserve("population", MB(30)).expect_err("60 are over the cap");
    assert_eq!((refused.free, refused.cap), (MB(20), Some(MB(50))));
    assert!(refused.to_string().contains("20.0 MB of 100.0 MB are free for it, which may hold 50.0 MB"), "{refused}");
    assert!(ledger.reserve("board", MB(70)).is_ok());
    drop(first);
    // The cap stays when nothing is held.
    assert!(ledger.reserve("population", MB(51)).is_err());
}

#[test]
fn a_consumer_says_what_it_does_when_refused() {
    let disk = Ledger::of("disk", MB(100), MB(10));
    let population = disk.consumer("population", OnRefusal::Spill);
    let first = population.reserve(MB(60)).expect("fits");
    let refused = population.reserve(MB(40)).expect_err("30 are left");
    assert_eq!((refused.then, &*refused.of), (OnRefusal::Spill, "disk"));
    assert_eq!(
        refused.to_string(),
        "population asked for 40.0 MB of disk, but 30.0 MB of 90.0 MB are free; held by population 60.0 MB"
    );
    drop(population);
    // What it holds outlives it, under its name.
    assert_eq!((&*first.consumer(), disk.held()), ("population", MB(60)));
}

#[test]
fn as_many_are_reserved_as_there_is_room_for() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    ledger.cap("chains", MB(50));
    let chains = ledger.consumer("chains", OnRefusal::Shrink);
    let (few, promised) = chains.reserve_up_to(2, MB(12));
    assert_eq!((few, promised.bytes()), (2, MB(24)));
    let (more, rest) = chains.reserve_up_to(9, MB(12));
    assert_eq!((more, rest.bytes(), ledger.held()), (2, MB(24), MB(48)));
    let (none, nothing) = chains.reserve_up_to(9, MB(12));
    assert_eq!((none, nothing.bytes()), (0, Bytes::ZERO));
    let (all, empty) = chains.reserve_up_to(9, Bytes::ZERO);
    assert_eq!((all, empty.bytes()), (9, Bytes::ZERO));
}

#[test]
fn the_places_of_consumers_that_are_gone_are_taken_again() {
    let ledger = Ledger::new(MB(100), Bytes::ZERO);
    for round in 0..1000 {
        let name = format!("worker {round}");
        let mine = ledger.reserve(&name, MB(60)).expect("the last one has gone");
        assert_eq!(*mine.consumer(), *name);
        assert_eq!(ledger.holders().len(), 1);
    }
}

#[test]
fn the_largest_amounts_do_not_overflow() {
    let ledger = Ledger::new(Bytes::MAX, Bytes::ZERO);
    let mut all = ledger.reserve("a", Bytes::MAX).expect("fits");
    assert!(all.try_grow(Bytes::new(1)).is_err());
    assert!(ledger.reserve("b", Bytes::MAX).is_err());
}

#[test]
fn threads_never_get_more_than_there_is() {
    let ledger = Ledger::new(MB(10), Bytes::ZERO);
    std::thread::scope(|threads| {
        for thread in 0..8 {
            let ledger = ledger.clone();
            threads.spawn(move || {
                for _ in 0..500 {
                    let one = ledger.reserve(&format!("thread {thread}"), MB(3));
                    assert!(ledger.held() <= MB(10));
                    drop(one);
                }
            });
        }
    });
    assert_eq!(ledger.held(), Bytes::ZERO);
    assert!(ledger.peak() <= MB(9), "three of 3 MB fit into 10 MB, not four");
}

proptest! {
    /// Long walks of reserving, growing, shrinking and dropping, against plain sums.
    #[test]
    fn the_ledger_is_the_sum_of_its_reservations(
        steps in prop::collection::vec((0_u8..4, 0_usize..6, 0_u64..60), 1..200),
    ) {
        let ledger = Ledger::new(Bytes::new(120), Bytes::new(20));
        ledger.cap("two", Bytes::new(40));
        let mut open: Vec<Reservation> = Vec::new();
        for (action, which, size) in steps {
            let bytes = Bytes::new(size);
            let of = |name: &str, open: &[Reservation]| -> u64 {
                open.iter().filter(|r| *r.consumer() == *name).map(|r| r.bytes().get()).sum()
            };
            let sum: u64 = open.iter().map(|r| r.bytes().get()).sum();
            let fits = |name: &str, open: &[Reservation]| sum + size <= 100 && (name != "two" || of(name, open) + size <= 40);
            if action == 0 || open.is_empty() {
                let name = ["one", "two", "three"][which % 3];
                let expected = fits(name, &open);
                let got = ledger.reserve(name, bytes);
                prop_assert_eq!(got.is_ok(), expected);
                open.extend(got);
            } else {
                let index = which % open.len();
                match action {
                    1 => {
                        let expected = fits(&open[index].consumer(), &open);
                        prop_assert_eq!(open[index].try_grow(bytes).is_ok(), expected);
                    }
                    2 => { open[index].shrink(bytes); }
                    _ => drop(open.swap_remove(index)),
                }
            }
            prop_assert_eq!(ledger.held(), open.iter().map(Reservation::bytes).sum::<Bytes>());
            prop_assert_eq!(ledger.holders().iter().map(|h| h.held).sum::<Bytes>(), ledger.held());
            prop_assert!(ledger.held() <= ledger.capacity());
        }
    }
}
