//! Names for people: of days, slots and times, and of what comes from the input.

use std::time::Duration;
use timetable::{Problem, TimeId};

/// `Mon` to `Sun`, `D1` ... in a week of more days.
pub fn day_name(problem: &Problem, day: u32) -> String {
    let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    match week.get(day as usize) {
        Some(name) if problem.meta().days <= 7 => (*name).to_owned(),
        _ => format!("D{}", day + 1),
    }
}

/// A slot's name: a clock time where slots are five, ten, fifteen or thirty minutes of a whole day,
/// otherwise its number from 1.
pub fn slot_name(problem: &Problem, slot: u32) -> String {
    match problem.meta().slots {
        slots @ (48 | 96 | 144 | 288) => {
            let minute = slot * (1440 / slots);
            format!("{:02}:{:02}", minute / 60, minute % 60)
        }
        _ => (slot + 1).to_string(),
    }
}

/// A time for people: `Mon Wed 3`.
pub fn time_name(problem: &Problem, time: TimeId) -> String {
    let row = problem.times()[time.index()];
    let days: Vec<String> =
        (0..problem.meta().days).filter(|d| row.days >> d & 1 == 1).map(|d| day_name(problem, d)).collect();
    format!("{} {}", days.join(" "), slot_name(problem, u32::from(row.start)))
}

/// `1234567` as `1,234,567`.
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Names come from the input: control characters in them are replaced.
pub fn clean(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

/// `0.4 s`, `12 s`, `3:05`, `1:02:03`.
pub fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, -1_234_567].map(thousands), ["0", "999", "1,000", "-1,234,567"]);
    }

    #[test]
    fn short_times_have_one_decimal_and_long_ones_have_hours() {
        let shown = [400, 12_000, 185_000, 3_723_000].map(|ms| short(Duration::from_millis(ms)));
        assert_eq!(shown, ["0.4 s", "12 s", "3:05", "1:02:03"]);
    }
}
