//! Holds what `--json` prints to `docs/schema.json`.
//!
//! Knows the part of JSON Schema that this file uses, and refuses any other keyword, so that nothing
//! in it is passed over. `tests/json.rs` has another library look at the same.

use serde_json::{Map, Value};
use std::sync::LazyLock;

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../docs/schema.json")).expect("docs/schema.json"));

/// Whether a line is as the schema says.
///
/// # Panics
/// With the line and what is wrong with it, where it is not.
#[track_caller]
pub(crate) fn holds(line: &str) {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("no JSON ({e}): {line}"));
    // Told where the event is known; "none of these" would help nobody.
    let event = value["event"].as_str().unwrap_or_else(|| panic!("a line without an event: {line}"));
    let by_name = SCHEMA["$defs"].get(event).unwrap_or_else(|| panic!("docs/schema.json has no event {event}: {line}"));
    if let Err(why) = check(by_name, &value, event).and_then(|()| check(&SCHEMA, &value, "")) {
        panic!("{why}, other than docs/schema.json says\n{line}");
    }
}

fn check(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Value::Bool(allowed) = schema {
        return if *allowed { Ok(()) } else { Err(format!("{at} is not there in the schema")) };
    }
    let schema = schema.as_object().expect("a schema is an object");
    for (keyword, wanted) in schema {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name = wanted.as_str().and_then(|name| name.strip_prefix("#/$defs/")).expect("a definition");
                check(SCHEMA["$defs"].get(name).unwrap_or_else(|| panic!("no definition {name}")), value, at)?;
            }
            "type" => {
                let names = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
                if !names.iter().any(|name| is(name.as_str().expect("a type"), value)) {
                    return Err(format!("{at} is {value}, expected {wanted}"));
                }
            }
            "const" if wanted != value => return Err(format!("{at} is {value}, expected {wanted}")),
            "enum" if !wanted.as_array().expect("a list").contains(value) => {
                return Err(format!("{at} is {value}, expected one of {wanted}"));
            }
            "const" | "enum" => {}
            "required" => {
                let missing = wanted
                    .as_array()
                    .expect("a list")
                    .iter()
                    .find(|name| value.get(name.as_str().expect("a name")).is_none());
                if let Some(name) = missing {
                    return Err(format!("{at} has no {name}"));
                }
            }
            "properties" | "additionalProperties" => properties(schema, value, at)?,
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(wanted, item, &format!("{at}[{i}]"))?;
                }
            }
            "anyOf" | "oneOf" => {
                let tries: Vec<_> =
                    wanted.as_array().expect("a list").iter().map(|one| check(one, value, at)).collect();
                let fits = tries.iter().filter(|tried| tried.is_ok()).count();
                if fits == 0 {
                    return Err(tries.into_iter().filter_map(Result::err).collect::<Vec<_>>().join("; or "));
                }
                if fits > 1 && keyword == "oneOf" {
                    return Err(format!("{at} fits {fits} schemas, expected one"));
                }
            }
            other => panic!("docs/schema.json uses {other}, which this test does not know"),
        }
    }
    Ok(())
}

fn properties(schema: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let known = schema.get("properties").and_then(|known| known.get(name));
        if let Some(wanted) = known.or_else(|| schema.get("additionalProperties")) {
            check(wanted, inner, &format!("{at}.{name}"))?;
        }
    }
    Ok(())
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("docs/schema.json has the type {other}, which this test does not know"),
    }
}
