//! A value to keep and to show.

use super::Cell;
use std::fmt;

/// A value of a row, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is there.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond those.
    UInt(u64),
    /// A double.
    Float(f64),
    /// A double of single precision, shown with as many digits as that has.
    Single(f32),
    /// Text.
    Text(Box<str>),
    /// A cell of a CSV file, as it stands there: a number where it looks like one.
    Csv(Box<str>),
    /// JSON, as it stands in the file: a number, a list, an object.
    Json(Box<str>),
}

impl Value {
    /// What a cell holds.
    pub fn of(cell: Cell<'_>) -> Value {
        match cell {
            Cell::Null => Value::Null,
            Cell::Bool(x) => Value::Bool(x),
            Cell::Int(x) => Value::Int(x),
            Cell::UInt(x) => Value::UInt(x),
            Cell::Float(x) => Value::Float(x),
            Cell::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into()),
        }
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Text(text) | Value::Csv(text) | Value::Json(text) => text.len(),
                _ => 0,
            }
    }

    /// Whether it is shown like a number.
    pub fn is_number(&self) -> bool {
        match self {
            Value::Int(_) | Value::UInt(_) | Value::Float(_) | Value::Single(_) => true,
            Value::Csv(text) | Value::Json(text) => is_json_number(text),
            Value::Null | Value::Bool(_) | Value::Text(_) => false,
        }
    }

    /// As JSON. What JSON has no number for (NaN, infinities) is text.
    pub fn to_json(&self) -> serde_json::Value {
        let parsed = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(x) => (*x).into(),
            Value::Int(x) => (*x).into(),
            Value::UInt(x) => (*x).into(),
            Value::Float(x) if x.is_finite() => (*x).into(),
            // As many digits as a single has, not those of the double that it becomes.
            Value::Single(x) if x.is_finite() => parsed(&x.to_string()),
            Value::Float(_) | Value::Single(_) => self.to_string().into(),
            Value::Text(text) => (&**text).into(),
            Value::Csv(text) if text.is_empty() => serde_json::Value::Null,
            Value::Csv(text) if !is_json_number(text) => (&**text).into(),
            Value::Csv(text) | Value::Json(text) => parsed(text),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Bool(x) => x.fmt(f),
            Value::Int(x) => x.fmt(f),
            Value::UInt(x) => x.fmt(f),
            Value::Float(x) => x.fmt(f),
            Value::Single(x) => x.fmt(f),
            Value::Text(text) | Value::Csv(text) | Value::Json(text) => f.write_str(text),
        }
    }
}

/// Whether text is a number as JSON writes them.
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(a, b)| (a, Some(b)));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
    let plain = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let signed = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    plain && fraction.is_none_or(digits) && exponent.is_none_or(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json_are_told_from_what_only_looks_like_them() {
        for number in ["0", "-1", "10.25", "1e9", "2.5E-3"] {
            assert!(is_json_number(number), "{number}");
        }
        for other in ["", "-", "01", "1.", ".5", "1e", "+1", "NaN", "0x1", "1 "] {
            assert!(!is_json_number(other), "{other}");
        }
    }

    #[test]
    fn values_become_json_that_says_the_same() {
        let json = |value: Value| value.to_json().to_string();
        assert_eq!(json(Value::Csv("007".into())), "\"007\"");
        assert_eq!(json(Value::Csv("7".into())), "7");
        assert_eq!(json(Value::Json("{\"a\":[1]}".into())), "{\"a\":[1]}");
        assert_eq!(json(Value::Single(0.1)), "0.1");
        assert_eq!(json(Value::Float(f64::NAN)), "\"NaN\"");
        assert_eq!(json(Value::Null), "null");
    }
}
