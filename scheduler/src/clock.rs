//! Lengths of time, as people write them and as they are shown.

use serde::{Deserialize, Deserializer, de};
use std::{fmt, str::FromStr, time::Duration};

/// A length of time: `60`, `90s`, `1.5m`, `2h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time(pub Duration);

/// A year: nobody waits longer, and sums of times cannot overflow.
const MOST_SECONDS: f64 = 366.0 * 86_400.0;

/// A text that is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time above 0 and up to a year\nMaybe write it like 60, 90s, 1.5m or 2h")]
pub struct TimeError(pub String);

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(given: &str) -> Result<Time, TimeError> {
        let text = given.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let factor = match text[digits..].trim() {
            "" | "s" => 1.0,
            "ms" => 0.001,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let seconds = text[..digits].parse::<f64>().unwrap_or(f64::NAN) * factor;
        // Not a number is above nothing; what rounds to nothing is no time.
        if seconds > 0.0 && seconds <= MOST_SECONDS && !Duration::from_secs_f64(seconds).is_zero() {
            return Ok(Time(Duration::from_secs_f64(seconds)));
        }
        Err(TimeError(given.to_owned()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of seconds or a length of time such as \"90s\"")]
        enum Written {
            Whole(u64),
            Seconds(f64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(n) => n.to_string(),
            Written::Seconds(s) => s.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_unit() {
        for (text, millis) in [("60", 60_000), ("90s", 90_000), ("1.5m", 90_000), ("2h", 7_200_000), ("250 ms", 250)] {
            assert_eq!(text.parse::<Time>().map(|t| t.0), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        for text in
            ["", "x", "-1", "0", "1e9", "5 days", "nan", "inf", "1.2.3", "99999999999h", ".00000000000000000001"]
        {
            let refused = text.parse::<Time>();
            assert!(refused.is_err_and(|e| e.to_string().contains(&format!("`{text}`"))), "{text}");
        }
    }
}
