//! How much memory trials may take together: a pure function of limits and readings.

use memguard::{Bytes, Level, Limits, Readings, Thresholds, decide};

/// Trials are planned to stay below this share of each limit.
const PLANNED: f64 = 0.70;
/// A runaway is ended at this share.
const CRITICAL: f64 = 0.85;
/// What the driver takes.
pub(crate) const DRIVER: Bytes = Bytes::mb(24);
/// What is left for the page cache: the program itself, Parquet files, the index.
const CACHE: Bytes = Bytes::mb(64);

/// Memory for trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// For all of them together, by what they are expected to need.
    pub(crate) planned: Bytes,
    /// For one that runs alone.
    pub(crate) most: Bytes,
    /// What counts against the limit that is closest, and that limit.
    pub(crate) used: (Bytes, Bytes),
}

/// The room, where trials have `trials` for themselves alone now, and share `problems` that are
/// mapped.
pub(crate) fn room(readings: &Readings, limits: &Limits, trials: Bytes, problems: Bytes) -> Room {
    let ours = readings.resident.unwrap_or(DRIVER).saturating_add(trials);
    let shared = problems.saturating_add(CACHE);
    // Each limit, and what of it others have. What trials share is counted for us once, by
    // `shared`.
    let own = (limits.bytes(), Bytes::ZERO);
    let group = readings.cgroup.map(|group| (group.limit, group.used.saturating_sub(ours).saturating_sub(shared)));
    let machine = readings.available.map(|available| (ours.saturating_add(available), Bytes::ZERO));
    let all = || [Some(own), group, machine].into_iter().flatten();
    let least = |share: f64, reserved: Bytes| {
        let left = all().map(|(limit, others)| limit.scaled(share).saturating_sub(others).saturating_sub(reserved));
        left.min().unwrap_or_default()
    };
    let fixed = DRIVER.saturating_add(problems);
    let used = |(limit, others): (Bytes, Bytes)| (others.saturating_add(ours), limit);
    let closest = all().map(used).max_by(|a, b| a.0.fraction_of(a.1).total_cmp(&b.0.fraction_of(b.1)));
    Room {
        planned: least(PLANNED, fixed.saturating_add(CACHE)),
        most: least(CRITICAL, fixed),
        used: closest.unwrap_or_default(),
    }
}

/// The smallest limit with which a trial of this cap may run alone.
pub(crate) fn limit_alone(cap: Bytes) -> Bytes {
    cap.saturating_add(DRIVER).scaled(1.0 / CRITICAL)
}

/// The smallest limit with which trials run at once that are expected to need so much together.
pub(crate) fn limit_together(expected: Bytes) -> Bytes {
    expected.saturating_add(DRIVER).saturating_add(CACHE).scaled(1.0 / PLANNED)
}

/// How serious it is. Pages that trials share count once: their own memory stands in the place of
/// what the kernel adds up for children.
pub(crate) fn level(readings: &Readings, limits: &Limits, trials: Bytes, before: Level) -> Level {
    let readings = Readings { children: Some(trials), ..*readings };
    let thresholds = Thresholds::new(PLANNED, 0.80, CRITICAL).unwrap_or_default();
    decide(&readings, limits, &thresholds, before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use memguard::{CgroupUsage, Roots};

    fn limits(explicit: Bytes) -> Limits {
        let nowhere = Roots { proc: "/nowhere".into(), system: "/nowhere".into() };
        Limits::detect(&nowhere, Some(explicit))
    }

    fn readings(group: (u64, u64)) -> Readings {
        let (used, limit) = (Bytes::mb(group.0), Bytes::mb(group.1));
        let cgroup = Some(CgroupUsage { used, limit });
        Readings { resident: Some(Bytes::mb(20)), cgroup, available: Some(Bytes::gb(20)), ..Readings::default() }
    }

    #[test]
    fn trials_get_seven_tenths_less_the_driver_the_problems_once_and_the_cache() {
        let room = room(&readings((20, 1000)), &limits(Bytes::gb(1)), Bytes::ZERO, Bytes::mb(12));
        assert_eq!(room.planned, Bytes::mb(700 - 24 - 12 - 64));
        assert_eq!(room.most, Bytes::mb(850 - 24 - 12));
    }

    #[test]
    fn what_others_take_of_the_container_is_not_there_for_trials() {
        // 520 MB: 20 ours, 100 of trials, 76 shared, the rest somebody else's.
        let room = room(&readings((520, 1000)), &limits(Bytes::gb(1)), Bytes::mb(100), Bytes::mb(12));
        assert_eq!(room.planned, Bytes::mb(700 - (520 - 120 - 76) - 24 - 12 - 64));
        assert_eq!(room.used, (Bytes::mb(444), Bytes::mb(1000)));
    }

    #[test]
    fn the_smallest_limit_holds_wherever_it_comes_from() {
        let asked = room(&readings((20, 8000)), &limits(Bytes::mb(500)), Bytes::ZERO, Bytes::ZERO);
        assert_eq!(asked.planned, Bytes::mb(350 - 88));
        let full = Readings { available: Some(Bytes::mb(180)), ..readings((20, 8000)) };
        assert_eq!(room(&full, &limits(Bytes::gb(8)), Bytes::ZERO, Bytes::ZERO).planned, Bytes::mb(140 - 88));
        assert_eq!(room(&full, &limits(Bytes::mb(50)), Bytes::ZERO, Bytes::ZERO).planned, Bytes::ZERO);
    }

    #[test]
    fn shared_pages_do_not_make_it_serious() {
        let mut readings = readings((300, 1000));
        // The kernel adds up the pages that 16 trials share.
        readings.children = Some(Bytes::mb(2000));
        assert_eq!(level(&readings, &limits(Bytes::gb(1)), Bytes::mb(200), Level::Calm), Level::Calm);
        assert_eq!(level(&readings, &limits(Bytes::gb(1)), Bytes::mb(840), Level::Calm), Level::Critical);
    }
}
