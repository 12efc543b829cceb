//! Values of JSON objects, cut out without reading the rest of the line.

use crate::columns::Value;
use memchr::memmem;
use serde_json::value::RawValue;
use std::{borrow::Cow, ops::Range};

/// The names of an object, in their order.
pub(super) fn names(line: &[u8]) -> Result<Vec<String>, String> {
    Ok(row(line)?.into_iter().map(|(name, _)| name).collect())
}

/// Names and values of an object, in their order. Of a name that stands twice the first counts.
pub(super) fn row(line: &[u8]) -> Result<Vec<(String, Value)>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "bytes that are not UTF-8".to_owned())?;
    // Checks the whole line, and its depth.
    serde_json::from_str::<&RawValue>(text).map_err(|e| format!("no JSON ({e})"))?;
    let mut row: Vec<(String, Value)> = Vec::new();
    for (name, value) in Fields::of(line) {
        let name = unescaped(&line[name]);
        if row.iter().all(|(known, _)| *known != *name) {
            row.push((name.into_owned(), owned(&line[value])));
        }
    }
    Ok(row)
}

fn owned(value: &[u8]) -> Value {
    match value {
        b"null" => Value::Null,
        b"true" => Value::Bool(true),
        b"false" => Value::Bool(false),
        [b'"', inner @ .., b'"'] => Value::Text(unescaped(inner).into()),
        other => Value::Json(String::from_utf8_lossy(other).into()),
    }
}

/// What stands between the quotes of a string, with its escapes resolved.
pub(super) fn unescaped(inner: &[u8]) -> Cow<'_, str> {
    if !inner.contains(&b'\\') {
        return String::from_utf8_lossy(inner);
    }
    let quoted = [b"\"", inner, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text),
        Err(_) => String::from_utf8_lossy(inner),
    }
}

/// Looks for one name in many lines.
#[derive(Debug)]
pub(super) struct Finder {
    name: String,
    /// The name in quotes.
    quoted: memmem::Finder<'static>,
    length: usize,
    /// Whether the quote before the name cannot be one that ends another string: what may follow
    /// such a quote does not begin the name.
    is_plain: bool,
}

impl Finder {
    pub(super) fn new(name: &str) -> Finder {
        let quoted = serde_json::Value::from(name).to_string();
        let is_plain = !name.starts_with(|c: char| c.is_whitespace() || ":,{}[]".contains(c));
        let finder = memmem::Finder::new(quoted.as_bytes()).into_owned();
        Finder { name: name.to_owned(), length: quoted.len(), quoted: finder, is_plain }
    }

    /// The value of the name, as it stands in the line. `flat` says that the line holds no object
    /// or list within the object.
    pub(super) fn find<'a>(&self, line: &'a [u8], flat: bool) -> Option<&'a [u8]> {
        if flat && self.is_plain {
            let mut from = 0;
            while let Some(at) = self.quoted.find(&line[from..]) {
                let (at, end) = (from + at, from + at + self.length);
                // Behind a backslash it is part of a string; without a colon it is a value.
                if line[..at].last() != Some(&b'\\')
                    && let Some(value) = after_colon(line, end)
                {
                    return Some(&line[value]);
                }
                from = end;
            }
            if !line.contains(&b'\\') {
                return None;
            }
        }
        let mut fields = Fields::of(line);
        fields.find(|(name, _)| unescaped(&line[name.clone()]) == self.name).map(|(_, value)| &line[value])
    }
}

/// Whether an object has neither objects nor lists in it, as far as can be told at a glance.
pub(super) fn is_flat(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && memchr::memchr2(b'{', b'[', &line[1..]).is_none()
}

/// Whether a line looks like a whole object.
pub(super) fn is_object(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.first() == Some(&b'{') && line.last() == Some(&b'}')
}

fn after_colon(line: &[u8], at: usize) -> Option<Range<usize>> {
    let at = space(line, at);
    (line.get(at) == Some(&b':')).then(|| value(line, space(line, at + 1)))
}

fn space(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// Where the value that begins here ends.
fn value(line: &[u8], from: usize) -> Range<usize> {
    match line.get(from) {
        Some(b'"') => from..string(line, from),
        Some(b'{' | b'[') => {
            let (mut depth, mut at) = (0_usize, from);
            while let Some(&byte) = line.get(at) {
                match byte {
                    b'"' => {
                        at = string(line, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    break;
                }
            }
            from..at
        }
        _ => {
            let rest = line.get(from..).unwrap_or_default();
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
            from..from + rest.iter().position(ends).unwrap_or(rest.len())
        }
    }
}

/// The end of the string whose quote stands here.
fn string(line: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(found) = line.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if line[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    line.len()
}

/// The fields of an object, one after the other: the names without their quotes, the values as they
/// are.
struct Fields<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn of(line: &'a [u8]) -> Fields<'a> {
        Fields { line, at: space(line, 0) + 1 }
    }
}

impl Iterator for Fields<'_> {
    type Item = (Range<usize>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut at = space(self.line, self.at);
        if self.line.get(at) == Some(&b',') {
            at = space(self.line, at + 1);
        }
        if self.line.get(at) != Some(&b'"') {
            return None;
        }
        let end = string(self.line, at);
        let value = after_colon(self.line, end)?;
        self.at = value.end;
        Some((at + 1..(end - 1).max(at + 1), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find<'a>(name: &str, line: &'a str) -> Option<&'a str> {
        let line = line.as_bytes();
        Finder::new(name).find(line, is_flat(line)).map(|value| std::str::from_utf8(value).unwrap())
    }

    #[test]
    fn a_name_is_found_wherever_it_stands_and_only_at_the_top() {
        assert_eq!(find("b", r#"{"a": 1, "b" : 2.5 ,"c":3}"#), Some("2.5"));
        assert_eq!(find("b", r#"{"a":{"b":1},"b":2}"#), Some("2"));
        assert_eq!(find("b", r#"{"a":"\"b\":1","b":2}"#), Some("2"));
        assert_eq!(find("b", r#"{"a":"b","b":null}"#), Some("null"));
        assert_eq!(find("b", r#"{"a":"}{\\","b":[1,"]"]}"#), Some(r#"[1,"]"]"#));
        assert_eq!(find("b", r#"{"\u0062":7}"#), Some("7"));
        assert_eq!(find("b", r#"{"a":1}"#), None);
        assert_eq!(find("b", r#"{"b"#), None);
        assert_eq!(find("b", r#"{"b":"#), Some(""));
        assert_eq!(find(":", r#"{"":":"}"#), None);
    }

    #[test]
    fn a_row_keeps_the_order_of_its_names_and_the_first_of_two() {
        let row = row(br#"{"z":1.50,"a":"x\ny","z":2,"l":[1, 2],"n":null}"#).unwrap();
        let text: Vec<String> = row.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["z=1.50", "a=x\ny", "l=[1, 2]", "n="]);
        assert!(super::row(b"{\"a\":1").is_err() && super::row(b"{\"a\":\xff}").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_searched_without_a_panic(line in proptest::collection::vec(any::<u8>(), 0..60)) {
            let line = [b"{\"", &line[..]].concat();
            Finder::new("a").find(&line, is_flat(&line));
            Fields::of(&line).for_each(drop);
            let _ = row(&line);
        }

        #[test]
        fn what_is_found_is_what_a_parser_finds(
            fields in proptest::collection::vec(("[ab\"\\\\{\\[:,é]{0,3}", prop_oneof![
                any::<i64>().prop_map(serde_json::Value::from),
                "[ab\"\\\\{\\[:,é]{0,4}".prop_map(serde_json::Value::from),
                proptest::collection::vec("[ab\"]{0,2}", 0..3).prop_map(serde_json::Value::from),
            ]), 0..6),
            name in "[ab\"\\\\{\\[:,é]{0,3}",
        ) {
            let texts: Vec<String> = fields.iter().map(|(k, v)| format!("{}:{v}", serde_json::Value::from(k.as_str()))).collect();
            let line = format!("{{{}}}", texts.join(","));
            let expected = fields.iter().find(|(k, _)| *k == name).map(|(_, v)| v.to_string());
            prop_assert_eq!(find(&name, &line).map(str::to_owned), expected);
        }
    }
}
