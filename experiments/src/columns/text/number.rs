//! Numbers out of text.

use crate::columns::Cell;

/// What stands for no value in results of other programs.
const NOTHING: [&str; 7] = ["", "null", "none", "na", "n/a", "nil", "\\n"];

/// The number that a text is. `None` where it is none.
pub(crate) fn number(text: &[u8]) -> Option<Cell<'static>> {
    if let Some(whole) = integer(text) {
        return Some(Cell::Int(whole));
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    if let Ok(large) = text.parse::<u64>() {
        return Some(Cell::UInt(large));
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Cell::Int(whole));
    }
    if let Ok(x) = text.parse::<f64>() {
        return Some(Cell::Float(x));
    }
    let small = text.to_ascii_lowercase();
    match small.as_str() {
        "true" => Some(Cell::Bool(true)),
        "false" => Some(Cell::Bool(false)),
        _ => NOTHING.contains(&small.as_str()).then_some(Cell::Null),
    }
}

/// An integer of at most 18 digits, the usual case.
fn integer(text: &[u8]) -> Option<i64> {
    let (digits, negative) = match text {
        [b'-', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut whole = 0_i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        whole = whole * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -whole } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_nothing_and_what_is_neither_are_told_apart() {
        assert_eq!(number(b"-12"), Some(Cell::Int(-12)));
        assert_eq!(number(b" 1.5 "), Some(Cell::Float(1.5)));
        assert_eq!(number(b"18446744073709551615"), Some(Cell::UInt(u64::MAX)));
        assert_eq!(number(b"-9223372036854775808"), Some(Cell::Int(i64::MIN)));
        assert!(matches!(number(b"NaN"), Some(Cell::Float(x)) if x.is_nan()));
        assert_eq!(number(b"-inf"), Some(Cell::Float(f64::NEG_INFINITY)));
        assert_eq!(number(b""), Some(Cell::Null));
        assert_eq!(number(b"N/A"), Some(Cell::Null));
        assert_eq!(number(b"twelve"), None);
        assert_eq!(number(b"1,5"), None);
        assert_eq!(number(b"\xff"), None);
    }
}
