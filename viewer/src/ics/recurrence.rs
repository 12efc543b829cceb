//! Dates a week or several apart, as a rule with exceptions.

use jiff::{ToSpan, civil::Date};

/// Every `interval` weeks, `count` times from `first` on, less the exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recurrence {
    pub(crate) first: Date,
    pub(crate) interval: u32,
    pub(crate) count: u32,
    pub(crate) except: Vec<Date>,
}

impl Recurrence {
    /// For ascending dates of one weekday; `None` where there are none.
    pub(crate) fn of(dates: &[Date]) -> Option<Recurrence> {
        let (first, last) = (*dates.first()?, *dates.last()?);
        let weeks = |date: Date| (date - first).get_days().unsigned_abs() / 7;
        let interval = dates.iter().fold(0, |common, &date| divisor(common, weeks(date))).max(1);
        let count = weeks(last) / interval + 1;
        let all = (0..count).map(|k| first.saturating_add((i64::from(k * interval) * 7).days()));
        let except = all.filter(|date| dates.binary_search(date).is_err()).collect();
        Some(Recurrence { first, interval, count, except })
    }
}

/// The greatest common divisor.
fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn weeks(numbers: &[i64]) -> Vec<Date> {
        numbers.iter().map(|week| date(2026, 9, 7).saturating_add((week * 7).days())).collect()
    }

    #[test]
    fn a_rule_less_its_exceptions_gives_the_dates_again() {
        for numbers in [&[0i64][..], &[0, 1, 2, 3], &[0, 2, 4, 8], &[3, 6, 9, 13], &[0, 5], &[1, 2, 4, 5, 11]] {
            let dates = weeks(numbers);
            let rule = Recurrence::of(&dates).unwrap();
            let all = (0..rule.count).map(|k| rule.first.saturating_add((i64::from(k * rule.interval) * 7).days()));
            let back: Vec<Date> = all.filter(|date| !rule.except.contains(date)).collect();
            assert_eq!(back, dates, "{rule:?}");
        }
        assert_eq!(Recurrence::of(&[]), None);
    }

    #[test]
    fn every_second_week_needs_no_exception() {
        let rule = Recurrence::of(&weeks(&[1, 3, 5, 7])).unwrap();
        assert_eq!((rule.interval, rule.count, rule.except), (2, 4, vec![]));
    }
}
