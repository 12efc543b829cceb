//! What guarding costs: `cargo bench -p memguard --bench guard`. Median of five.

#![allow(clippy::print_stdout)] // its table is what it is for

use std::hint::black_box;
use std::time::{Duration, Instant};

use memguard::{Bytes, Guard, Ledger, OnRefusal, Thresholds};

/// Nanoseconds that one of `n` turns takes.
fn median(n: u32, mut turn: impl FnMut()) -> f64 {
    let mut each: Vec<f64> = (0..5)
        .map(|_| {
            let began = Instant::now();
            (0..n).for_each(|_| turn());
            began.elapsed().as_secs_f64() * 1e9 / f64::from(n)
        })
        .collect();
    each.sort_by(f64::total_cmp);
    each[2]
}

/// Processor time of this process so far.
fn processor() -> Duration {
    // SAFETY: all-zero is a valid rusage, a plain C structure, which the call fills in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn main() {
    let ledger = Ledger::new(Bytes::gb(1), Bytes::mb(1));
    let others: Vec<_> = (0..8).map(|i| ledger.reserve(&format!("other {i}"), Bytes::mb(1))).collect();
    let consumer = ledger.consumer("population", OnRefusal::Shrink);
    let mut held = consumer.reserve(Bytes::mb(1)).expect("fits");
    println!(
        "reserve and drop         {:>10.1} ns",
        median(1_000_000, || drop(black_box(consumer.reserve(Bytes::kb(1)))))
    );
    println!(
        "reserve by name and drop {:>10.1} ns",
        median(1_000_000, || drop(black_box(ledger.reserve("graph", Bytes::kb(1)))))
    );
    println!(
        "try_grow and shrink      {:>10.1} ns",
        median(1_000_000, || {
            held.try_grow(Bytes::kb(1)).expect("fits");
            black_box(held.shrink(Bytes::kb(1)));
        })
    );
    println!(
        "refusal                  {:>10.1} ns",
        median(100_000, || {
            black_box(consumer.reserve(Bytes::gb(2)).is_err());
        })
    );
    drop((others, held));

    let guard = Guard::of_this_process(None);
    println!(
        "all gauges               {:>10.1} ns",
        median(2_000, || {
            black_box(guard.readings());
        })
    );
    let before = guard.readings().resident.unwrap_or_default();
    let mut scope = guard.scope("BENCH", Thresholds::default());
    let (began, used, mut looks) = (Instant::now(), processor(), 0);
    while began.elapsed() < Duration::from_secs(5) {
        scope.check();
        looks += 1;
        std::thread::sleep(scope.next_check(2));
    }
    let share = (processor() - used).as_secs_f64() / began.elapsed().as_secs_f64();
    let grew = guard.readings().resident.unwrap_or_default().saturating_sub(before);
    println!("watching for 5 s         {looks:>10} looks, {:.3} % of a core, {grew}", share * 100.0);
    let resident = guard.readings().resident.unwrap_or_default();
    let mut tight =
        Guard::of_this_process(Some(resident.saturating_add(Bytes::mb(1)))).scope("TIGHT", Thresholds::default());
    let (began, used, mut looks) = (Instant::now(), processor(), 0);
    while began.elapsed() < Duration::from_secs(5) {
        black_box(tight.check());
        looks += 1;
        std::thread::sleep(tight.next_check(2));
    }
    let share = (processor() - used).as_secs_f64() / began.elapsed().as_secs_f64();
    println!("the same, nothing free   {looks:>10} looks, {:.3} % of a core", share * 100.0);
}
