//! The decision: a pure function of readings, limits, thresholds and the level before.

mod common;

use std::sync::LazyLock;

use common::Tree;
use memguard::{BadThresholds, Bytes, Level, Limits, Pressure, Readings, STALLED, Thresholds, decide};

/// The level at so many percent of a limit of 1 GB.
fn at(percent: f64, thresholds: &Thresholds, before: Level) -> Level {
    static LIMITS: LazyLock<Limits> = LazyLock::new(|| Tree::new().limits(Some(Bytes::gb(1))));
    let readings = Readings { resident: Some(Bytes::gb(1).scaled(percent / 100.0)), ..Readings::default() };
    decide(&readings, &LIMITS, thresholds, before)
}

#[test]
fn each_level_begins_at_its_threshold() {
    let thresholds = Thresholds::default();
    let table = [
        (0.0, Level::Calm),
        (69.9, Level::Calm),
        (70.0, Level::Elevated),
        (79.9, Level::Elevated),
        (80.0, Level::Emergency),
        (89.9, Level::Emergency),
        (90.0, Level::Critical),
        (150.0, Level::Critical),
    ];
    for (percent, level) in table {
        assert_eq!(at(percent, &thresholds, Level::Calm), level, "{percent} %");
    }
}

#[test]
fn a_stage_can_have_an_emergency_of_its_own() {
    let cp_sat = Thresholds::default().with_emergency(0.75).expect("it lies between the others");
    assert_eq!(at(76.0, &cp_sat, Level::Calm), Level::Emergency);
    assert_eq!(at(76.0, &Thresholds::default(), Level::Calm), Level::Elevated);
}

#[test]
fn a_level_is_left_only_below_its_margin() {
    let thresholds = Thresholds::default();
    assert_eq!(at(79.0, &thresholds, Level::Emergency), Level::Emergency);
    assert_eq!(at(77.9, &thresholds, Level::Emergency), Level::Elevated);
    assert_eq!(at(79.0, &thresholds, Level::Elevated), Level::Elevated);
    assert_eq!(at(69.0, &thresholds, Level::Critical), Level::Elevated);
    assert_eq!(at(67.9, &thresholds, Level::Critical), Level::Calm);
}

#[test]
fn from_calm_it_can_become_critical_at_once() {
    assert_eq!(at(95.0, &Thresholds::default(), Level::Calm), Level::Critical);
}

#[test]
fn where_nothing_can_be_read_the_level_stays() {
    let limits = Tree::new().limits(None);
    for before in [Level::Calm, Level::Elevated, Level::Emergency, Level::Critical] {
        assert_eq!(decide(&Readings::default(), &limits, &Thresholds::default(), before), before);
    }
}

#[test]
fn of_a_limit_of_zero_everything_is_critical() {
    let limits = Tree::new().limits(Some(Bytes::ZERO));
    let readings = Readings { resident: Some(Bytes::new(1)), ..Readings::default() };
    assert_eq!(decide(&readings, &limits, &Thresholds::default(), Level::Calm), Level::Critical);
}

#[test]
fn a_worse_reading_never_gives_a_better_level() {
    let thresholds = Thresholds::default();
    for before in [Level::Calm, Level::Elevated, Level::Emergency, Level::Critical] {
        let levels: Vec<Level> =
            (0..=1000).map(|permille| at(f64::from(permille) / 10.0, &thresholds, before)).collect();
        assert!(levels.is_sorted(), "from {before}");
    }
}

#[test]
fn thresholds_that_do_not_rise_are_refused() {
    for (elevated, emergency, critical) in
        [(0.8, 0.7, 0.9), (0.7, 0.95, 0.9), (0.0, 0.8, 0.9), (0.7, 0.8, 1.1), (f64::NAN, 0.8, 0.9)]
    {
        assert!(Thresholds::new(elevated, emergency, critical).is_err(), "{elevated} {emergency} {critical}");
    }
    let refused = Thresholds::default().with_emergency(0.6).expect_err("below elevated");
    assert_eq!(refused, BadThresholds { elevated: 0.7, emergency: 0.6, critical: 0.9 });
    assert!(refused.to_string().contains("emergency 0.6"), "{refused}");
}

#[test]
fn an_elevated_level_is_an_emergency_while_nothing_gets_done_for_want_of_memory() {
    let limits = Tree::new().limits(Some(Bytes::gb(1)));
    let at = |percent: f64, full| {
        let resident = Some(Bytes::gb(1).scaled(percent / 100.0));
        let readings = Readings { resident, pressure: Some(Pressure { some: 10_000, full }), ..Readings::default() };
        decide(&readings, &limits, &Thresholds::default(), Level::Calm)
    };
    assert_eq!(at(71.0, STALLED), Level::Emergency);
    assert_eq!(at(71.0, STALLED - 1), Level::Elevated);
    // With enough free it is other programs that stand still.
    assert_eq!(at(69.0, 10_000), Level::Calm);
    assert_eq!(at(95.0, 10_000), Level::Critical);
}
