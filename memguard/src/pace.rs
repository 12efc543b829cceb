//! When to look again: soon where memory can fill up soon, never so often that looking costs.

use std::time::Duration;

use crate::Bytes;

/// Memory that is written to fills at most so fast: about what one core achieves with fresh pages,
/// a second.
const FILL: Bytes = Bytes::gb(2);
/// Looking may take a hundredth of a core.
const SHARE: u32 = 100;
/// Never longer than this, so that a change of the limit or of other programs is seen.
const LONGEST: Duration = Duration::from_millis(500);
/// Never shorter than this: the timer of the system is no finer.
const SHORTEST: Duration = Duration::from_millis(1);

/// How long to wait until the next look at the gauges, when there are `free` bytes left until
/// something has to be done, `threads` can fill them, and the last look took `cost`.
pub fn pace(free: Option<Bytes>, threads: usize, cost: Duration) -> Duration {
    let rate = FILL.get() as f64 * threads.max(1) as f64;
    // Half the time in which it could be full: of two looks one is early enough.
    let until_full = free.map_or(LONGEST.as_secs_f64(), |free| free.get() as f64 / rate / 2.0);
    let soon = Duration::from_secs_f64(until_full.min(LONGEST.as_secs_f64())).max(SHORTEST);
    soon.max(cost.saturating_mul(SHARE)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Duration = Duration::from_micros(5);

    #[test]
    fn the_less_is_free_the_sooner() {
        let ms = Duration::from_millis;
        assert_eq!(pace(Some(Bytes::mb(40)), 1, CHEAP), ms(10));
        assert_eq!(pace(Some(Bytes::mb(40)), 2, CHEAP), ms(5));
        assert_eq!(pace(Some(Bytes::ZERO), 1, CHEAP), ms(1));
        assert_eq!(pace(Some(Bytes::gb(100)), 1, CHEAP), ms(500));
        assert_eq!(pace(None, 1, CHEAP), ms(500));
    }

    #[test]
    fn looking_costs_no_more_than_a_hundredth() {
        let cost = Duration::from_micros(80);
        assert_eq!(pace(Some(Bytes::ZERO), 1, cost), Duration::from_millis(8));
        // But a change is seen in half a second however dear a look is.
        assert_eq!(pace(Some(Bytes::ZERO), 1, Duration::from_secs(1)), Duration::from_millis(500));
    }
}
