//! The table `[parameters]` of an arena: what is wrong with it is said with its line.

use super::parameters::{Condition, Domain, Parameter, Range, Space};
use crate::grid::text;
use crate::grid::written::{distinct, json};
use crate::settings::Settings;
use serde::Deserialize;
use serde_json::Value;

/// More than anybody tunes at once.
const MOST: usize = 200;
/// Keys that a tournament sets itself, or on which no result depends.
const NOT_VARIED: [&str; 5] = ["seed", "time", "steps", "memory", "threads"];

/// What may be said of a parameter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    choices: Option<Vec<toml::Value>>,
    integer: Option<(i64, i64)>,
    real: Option<(f64, f64)>,
    #[serde(default)]
    log: bool,
    only_if: Option<String>,
}

/// What is wrong, and on which line.
type Wrong = (usize, String);

/// The parameters of a table, ordered so that conditions are about what comes before.
pub(super) fn parameters(text: &str, table: toml::Table) -> Result<Vec<Parameter>, Wrong> {
    let mut found = Vec::new();
    gather("", table, &mut found).map_err(|(key, why)| (line_of(text, &key), why))?;
    if found.is_empty() || found.len() > MOST {
        return Err((line_of(text, ""), format!("{} parameters, expected 1 to {MOST}", found.len())));
    }
    let mut conditions = Vec::new();
    let mut all = Vec::new();
    for (key, fields) in found {
        let wrong = |why: String| (line_of(text, &key), format!("parameter `{key}`: {why}"));
        if NOT_VARIED.contains(&key.as_str()) {
            return Err(wrong("it is the same for all configurations, so it cannot be varied".into()));
        }
        conditions.push(fields.only_if.clone());
        let domain = domain(fields).map_err(wrong)?;
        all.push(Parameter { key, domain, conditions: Vec::new() });
    }
    for (at, condition) in conditions.iter().enumerate() {
        let Some(condition) = condition else { continue };
        let wrong = |why: String| (line_of(text, &all[at].key), format!("parameter `{}`: only_if: {why}", all[at].key));
        let parsed = condition.split(" and ").map(|one| parse(one.trim(), &all)).collect::<Result<_, _>>();
        all[at].conditions = parsed.map_err(wrong)?;
    }
    ordered(all).map_err(|key| (line_of(text, &key), format!("parameter `{key}`: its conditions lead back to itself")))
}

/// Every value makes a configuration, with whatever makes it count.
pub(super) fn try_all(text: &str, space: &Space) -> Result<(), Wrong> {
    for point in space.corners() {
        let Err(why) = Settings::of(&space.layer(&point)) else { continue };
        // The first that is wrong by itself.
        for (at, parameter) in space.parameters.iter().enumerate() {
            let Some(value) = &point[at] else { continue };
            let mut alone = space.unset();
            alone[at] = Some(value.clone());
            if let Err(why) = Settings::of(&space.layer(&alone)) {
                let value = crate::grid::text(value);
                return Err((
                    line_of(text, &parameter.key),
                    format!("parameter `{}`, value `{value}`: {why}", parameter.key),
                ));
            }
        }
        tracing::debug!("values that make no configuration together: {why}");
    }
    Ok(())
}

/// The parameters of nested tables: a table that says which values there are is one.
fn gather(above: &str, table: toml::Table, found: &mut Vec<(String, Fields)>) -> Result<(), (String, String)> {
    for (name, value) in table {
        let key = if above.is_empty() { name } else { format!("{above}.{name}") };
        let toml::Value::Table(below) = value else {
            let why = format!(
                "parameter `{key}` is {value}, expected {{ choices = [...] }}, {{ integer = [1, 9] }} or {{ real = [0.1, 0.9] }}"
            );
            return Err((key, why));
        };
        let says = |name: &str| below.contains_key(name);
        let is_one = below.is_empty()
            || ["choices", "integer", "real", "log", "only_if"].into_iter().any(says)
            || below.values().any(|value| !value.is_table());
        if !is_one {
            gather(&key, below, found)?;
            continue;
        }
        match Fields::deserialize(below) {
            Ok(fields) => found.push((key, fields)),
            Err(e) => {
                let why = format!("parameter `{key}`: {}", e.message());
                return Err((key, why));
            }
        }
    }
    Ok(())
}

fn domain(fields: Fields) -> Result<Domain, String> {
    let Fields { choices, integer, real, log, .. } = fields;
    match (choices, integer, real) {
        (Some(choices), None, None) => {
            if log {
                return Err("`log` with `choices`, expected it with `integer` or `real`".into());
            }
            let values = choices.into_iter().map(json).collect::<Result<Vec<Value>, _>>()?;
            if values.len() < 2 {
                return Err(format!("{} choices, expected two or more", values.len()));
            }
            match distinct(values.iter().map(text)) {
                Some(twice) => Err(format!("`{twice}` twice, expected each choice once")),
                None => Ok(Domain::Choices(values)),
            }
        }
        (None, Some((low, high)), None) => range(low as f64, high as f64, log).map(Domain::Integer),
        (None, None, Some((low, high))) => range(low, high, log).map(Domain::Real),
        _ => Err("expected one of `choices`, `integer` and `real`".into()),
    }
}

fn range(low: f64, high: f64, log: bool) -> Result<Range, String> {
    let is_finite = low.is_finite() && high.is_finite();
    if !is_finite || low >= high {
        return Err(format!("the range [{low}, {high}] is empty, expected the smallest value and a larger one"));
    }
    if log && low <= 0.0 {
        return Err(format!("a range by logarithms begins at {low}, expected more than 0"));
    }
    Ok(Range { low, high, log })
}

/// `KEY = VALUE`, `KEY != VALUE` or `KEY in (A, B)`.
fn parse(condition: &str, all: &[Parameter]) -> Result<Condition, String> {
    let expected =
        || format!("`{condition}`, expected `KEY = VALUE`, `KEY != VALUE` or `KEY in (A, B)`, joined by `and`");
    let plain = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
    let (key, values, is_one) = if let Some((key, value)) = condition.split_once("!=") {
        (key, vec![plain(value)], false)
    } else if let Some((key, value)) = condition.split_once('=') {
        (key, vec![plain(value.trim_start_matches('='))], true)
    } else {
        let (key, list) = condition.split_once(" in ").ok_or_else(expected)?;
        let list = list.trim().strip_prefix('(').and_then(|list| list.strip_suffix(')')).ok_or_else(expected)?;
        (key, list.split(',').map(plain).collect(), true)
    };
    let key = key.trim();
    let Some(parameter) = all.iter().position(|one| one.key == key) else {
        let keys = all.iter().map(|one| one.key.as_str()).collect::<Vec<_>>().join(", ");
        return Err(format!("`{key}` is no parameter of this arena, expected one of {keys}"));
    };
    if let Domain::Choices(choices) = &all[parameter].domain
        && let Some(value) = values.iter().find(|value| !choices.iter().any(|choice| text(choice) == **value))
    {
        return Err(format!("`{key}` is never `{value}`, expected {}", all[parameter].domain));
    }
    Ok(Condition { parameter, values, is_one })
}

/// Orders parameters so that conditions are about what comes before; the key of one that cannot be.
fn ordered(all: Vec<Parameter>) -> Result<Vec<Parameter>, String> {
    let mut place = vec![None; all.len()];
    let mut order = Vec::new();
    while order.len() < all.len() {
        let is_next = |at: &usize| {
            let one: &Parameter = &all[*at];
            place[*at].is_none() && one.conditions.iter().all(|condition| place[condition.parameter].is_some())
        };
        let Some(next) = (0..all.len()).find(is_next) else {
            let stuck = (0..all.len()).find(|&at| place[at].is_none());
            return Err(stuck.map_or_else(String::new, |at| all[at].key.clone()));
        };
        place[next] = Some(order.len());
        order.push(next);
    }
    let moved = |condition: &Condition| Condition {
        parameter: place[condition.parameter].unwrap_or_default(),
        ..condition.clone()
    };
    Ok(order
        .iter()
        .map(|&at| Parameter { conditions: all[at].conditions.iter().map(moved).collect(), ..all[at].clone() })
        .collect())
}

/// The line of a parameter: its own table, or its key after `[parameters`.
fn line_of(text: &str, key: &str) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let own = format!("[parameters.{key}]");
    if let Some(at) = lines.iter().position(|line| line.starts_with(&own)) {
        return at + 1;
    }
    let Some(begin) = lines.iter().position(|line| line.starts_with("[parameters")) else { return 1 };
    let (above, last) = key.rsplit_once('.').unwrap_or(("", key));
    let stands = |line: &str, key: &str| {
        let rest = line.trim_start_matches('"').strip_prefix(key);
        !key.is_empty() && rest.is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with('='))
    };
    let mut section = "";
    let mut partly = None;
    for (at, line) in lines.iter().enumerate().skip(begin) {
        if let Some(name) = line.strip_prefix('[') {
            let Some(rest) = name.strip_prefix("parameters") else { break };
            section = rest.trim_start_matches('.').split(']').next().unwrap_or_default();
        } else if section.is_empty() && stands(line, key) || section == above && stands(line, last) {
            return at + 1;
        } else if partly.is_none()
            && section.is_empty()
            && key.split('.').next().is_some_and(|first| stands(line, first))
        {
            partly = Some(at + 1);
        }
    }
    partly.unwrap_or(begin + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Parameter>, Wrong> {
        let table: toml::Table = toml::from_str(text).unwrap();
        parameters(text, table["parameters"].as_table().unwrap().clone())
    }

    #[test]
    fn tables_are_read_however_they_are_nested_and_ordered_by_their_conditions() {
        let found = of("[parameters]\npopulation = { integer = [2, 64], log = true, only_if = 'stage2b.use = ga' }\n\
                        [parameters.stage2b]\nshare = { integer = [10, 90] }\n\
                        [parameters.stage2b.use]\nchoices = ['annealing', 'ga']\n")
        .unwrap();
        let keys: Vec<&str> = found.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["stage2b.share", "stage2b.use", "population"]);
        assert_eq!(found[2].conditions, [Condition { parameter: 1, values: vec!["ga".into()], is_one: true }]);
        assert_eq!(found[2].domain, Domain::Integer(Range { low: 2.0, high: 64.0, log: true }));
    }

    #[test]
    fn conditions_are_equal_other_or_one_of_several() {
        let text = |condition: &str| {
            format!(
                "[parameters]\nstage2b.use = {{ choices = ['annealing', 'ga', 'none'] }}\n\
                 population = {{ integer = [2, 64], only_if = \"{condition}\" }}\n"
            )
        };
        let of = |condition| of(&text(condition)).map(|found| found[1].conditions.clone());
        assert_eq!(of("stage2b.use != none").unwrap()[0].values, ["none"]);
        assert!(!of("stage2b.use != none").unwrap()[0].is_one);
        assert_eq!(of("stage2b.use in (ga, 'none')").unwrap()[0].values, ["ga", "none"]);
        assert_eq!(of("stage2b.use = ga and stage2b.use != none").unwrap().len(), 2);
        assert!(
            of("stage2b.use = gaa")
                .unwrap_err()
                .1
                .contains("`stage2b.use` is never `gaa`, expected one of annealing, ga, none")
        );
        assert!(of("stage2b.use ~ ga").unwrap_err().1.contains("expected `KEY = VALUE`"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            ("[parameters]\n\npopulation = { integer = [9, 2] }\n", 3, "the range [9, 2] is empty"),
            ("[parameters]\npopulation = { integer = [0, 2], log = true }\n", 2, "begins at 0, expected more than 0"),
            ("[parameters]\npopulation = { real = [1, 2], integer = [1, 2] }\n", 2, "expected one of `choices`"),
            ("[parameters]\npopulation = 4\n", 2, "parameter `population` is 4, expected {"),
            ("[parameters]\npopulation = { integer = [1, 2], logs = true }\n", 2, "unknown field `logs`"),
            ("[parameters]\npopulation = { choices = [1] }\n", 2, "1 choices, expected two or more"),
            ("[parameters]\npopulation = { choices = [1, 1] }\n", 2, "`1` twice"),
            ("[parameters]\nseed = { integer = [1, 2] }\n", 2, "cannot be varied"),
            (
                "[config]\npopulation = 3\n[parameters]\ngpu = { choices = ['off', 'all'] }\n\
                 population = { integer = [1, 2], only_if = 'stage2b.use = ga' }\n",
                5,
                "`stage2b.use` is no parameter of this arena, expected one of gpu, population",
            ),
            (
                "[parameters]\ngpu = { choices = ['off', 'all'], only_if = 'population = 1' }\n\
                 population = { integer = [1, 2], only_if = 'gpu = off' }\n",
                2,
                "its conditions lead back to itself",
            ),
        ];
        for (text, line, expected) in cases {
            let (found, why) = of(text).unwrap_err();
            assert!(why.contains(expected), "{why}\nexpected {expected}");
            assert_eq!(found, line, "{why}");
        }
    }
}
