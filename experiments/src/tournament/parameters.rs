//! What may be varied: parameters, what values they take, and when they count.

use crate::error::Error;
use crate::grid::{get, lay, put, text};
use crate::settings::Settings;
use serde_json::Value;

/// A key of `stagecoach.toml` that is varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The key: `stage2b.share`.
    pub key: String,
    /// Its values.
    pub domain: Domain,
    /// It counts only where all of this holds.
    pub conditions: Vec<Condition>,
}

/// The values of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// One of these, without an order.
    Choices(Vec<Value>),
    /// A whole number of a range, both ends included.
    Integer(Range),
    /// A number of a range.
    Real(Range),
}

/// From the smallest to the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// Whether twice as much is as far anywhere: drawn by logarithms.
    pub log: bool,
}

/// What another parameter has to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The other parameter, by its position; it comes before.
    pub parameter: usize,
    /// Values, as text.
    pub values: Vec<String>,
    /// Whether it has to be one of these, or none of them.
    pub is_one: bool,
}

/// A value for each parameter; `None` where it does not count, or is left as it is by default.
pub type Point = Vec<Option<Value>>;

impl Range {
    /// A value on the scale on which it is drawn.
    pub(super) fn scaled(self, x: f64) -> f64 {
        if self.log { x.ln() } else { x }
    }

    /// Both ends on that scale. Whole numbers reach half a step beyond, so that the ends are drawn
    /// as often as others.
    pub(super) fn ends(self, half: f64) -> (f64, f64) {
        (self.scaled(self.low - half), self.scaled(self.high + half))
    }

    /// Back from that scale, within the range.
    pub(super) fn unscaled(self, x: f64) -> f64 {
        (if self.log { x.exp() } else { x }).clamp(self.low, self.high)
    }
}

impl Domain {
    /// The range of numbers, and half a step of them.
    pub(super) fn range(&self) -> Option<(Range, f64)> {
        match self {
            Domain::Choices(_) => None,
            Domain::Integer(range) => Some((*range, 0.5)),
            Domain::Real(range) => Some((*range, 0.0)),
        }
    }

    /// A number as a value: whole, or with four digits that count.
    pub(super) fn value(&self, x: f64) -> Value {
        match self {
            Domain::Integer(_) => Value::from(x.round() as i64),
            _ => Value::from(four_digits(x)),
        }
    }

    /// Whether a value is one of these.
    pub(super) fn has(&self, value: &Value) -> bool {
        match self {
            Domain::Choices(values) => values.iter().any(|one| text(one) == text(value)),
            Domain::Integer(range) => value.as_i64().is_some_and(|x| (range.low..=range.high).contains(&(x as f64))),
            Domain::Real(range) => value.as_f64().is_some_and(|x| (range.low..=range.high).contains(&x)),
        }
    }

    /// The largest of each kind of value: what memory may depend on.
    fn extremes(&self) -> Vec<Value> {
        match self {
            Domain::Choices(values) => values.clone(),
            Domain::Integer(range) | Domain::Real(range) => vec![self.value(range.low), self.value(range.high)],
        }
    }
}

/// Rounded to four digits that count, as it is written.
fn four_digits(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}

/// All parameters, those that conditions are about before those that have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// What all configurations have in common.
    pub base: Value,
    /// What is varied.
    pub parameters: Vec<Parameter>,
    /// The value that each parameter has where it is left open.
    defaults: Vec<Option<Value>>,
}

impl Space {
    /// The parameters over what is common.
    ///
    /// # Errors
    /// Why what is common makes no configuration.
    pub(super) fn new(base: Value, parameters: Vec<Parameter>) -> Result<Space, Error> {
        let settings = Settings::of(&base).map_err(Error::Input)?;
        let written: toml::Table =
            toml::from_str(&settings.config.to_toml()).map_err(|e| Error::Input(format!("the defaults: {e}")))?;
        let written = serde_json::to_value(written).unwrap_or_default();
        let defaults = parameters.iter().map(|parameter| get(&written, &parameter.key).cloned()).collect();
        Ok(Space { base, parameters, defaults })
    }

    /// The configuration that leaves everything as it is by default.
    pub(super) fn unset(&self) -> Point {
        vec![None; self.parameters.len()]
    }

    /// What a parameter is at a point: its default where it counts and is left open.
    pub(super) fn at(&self, point: &Point, parameter: usize) -> Option<Value> {
        if !self.counts(point, parameter) {
            return None;
        }
        point[parameter].clone().or_else(|| self.defaults[parameter].clone())
    }

    /// Whether a parameter counts at a point; what comes before it in the point is settled.
    pub(super) fn counts(&self, point: &Point, parameter: usize) -> bool {
        self.parameters[parameter].conditions.iter().all(|condition| {
            let other = self.at(point, condition.parameter);
            other.is_some_and(|value| condition.values.contains(&text(&value)) == condition.is_one)
        })
    }

    /// A point as it is in `stagecoach.toml`, without what is common.
    pub(super) fn over(&self, point: &Point) -> Value {
        let mut layer = Value::Object(serde_json::Map::new());
        for (parameter, value) in self.parameters.iter().zip(point) {
            if let Some(value) = value {
                put(&mut layer, &parameter.key, value.clone());
            }
        }
        layer
    }

    /// A point with what is common.
    pub(super) fn layer(&self, point: &Point) -> Value {
        let mut layer = self.base.clone();
        lay(&mut layer, &self.over(point));
        layer
    }

    /// A point from a table of keys; `Err`: the key that is none of the parameters, or whose value
    /// is none of its, and why.
    pub(super) fn point(&self, table: &Value) -> Result<Point, (String, String)> {
        let mut rest = table.clone();
        let mut point = self.unset();
        for (at, parameter) in self.parameters.iter().enumerate() {
            let Some(value) = get(table, &parameter.key) else { continue };
            if !parameter.domain.has(value) {
                let why = format!("`{}` is {}, expected {}", parameter.key, text(value), parameter.domain);
                return Err((parameter.key.clone(), why));
            }
            point[at] = Some(value.clone());
            put(&mut rest, &parameter.key, Value::Null);
        }
        if let Some(key) = first_left("", &rest) {
            let why = format!("`{key}` is no parameter of this arena, expected one of {}", self.keys());
            return Err((key, why));
        }
        for (at, parameter) in self.parameters.iter().enumerate() {
            if point[at].is_some() && !self.counts(&point, at) {
                let why = format!("`{}` does not count here: its `only_if` does not hold", parameter.key);
                return Err((parameter.key.clone(), why));
            }
        }
        Ok(point)
    }

    /// The keys, in words.
    pub(super) fn keys(&self) -> String {
        self.parameters.iter().map(|parameter| parameter.key.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Points that hold both ends of every range and every choice once, with whatever makes them
    /// count: what memory is tried on before a race. Ends of ranges are together, so the largest
    /// values meet.
    pub(super) fn corners(&self) -> Vec<Point> {
        let mut corners = vec![self.unset()];
        for at in 0..self.parameters.len() {
            for value in self.parameters[at].domain.extremes() {
                let mut point = self.unset();
                self.demand(&mut point, at, value);
                // Everything else that counts then is as large as it gets.
                for other in 0..self.parameters.len() {
                    let is_open = point[other].is_none() && self.counts(&point, other);
                    if let (true, Some((range, _))) = (is_open, self.parameters[other].domain.range()) {
                        point[other] = Some(self.parameters[other].domain.value(range.high));
                    }
                }
                if !corners.contains(&point) {
                    corners.push(point);
                }
            }
        }
        corners
    }

    /// Sets a value, and others so that it counts.
    fn demand(&self, point: &mut Point, at: usize, value: Value) {
        point[at] = Some(value);
        for condition in &self.parameters[at].conditions {
            let other = condition.parameter;
            let holds = |value: &Value| condition.values.contains(&text(value)) == condition.is_one;
            if self.at(point, other).is_some_and(|value| holds(&value)) {
                continue;
            }
            let values = self.parameters[other].domain.extremes();
            if let Some(value) = values.into_iter().find(holds) {
                self.demand(point, other, value);
            }
        }
    }
}

/// The first key of a table, in the order of their names, that has a value.
fn first_left(above: &str, table: &Value) -> Option<String> {
    match table {
        Value::Null => None,
        Value::Object(below) => below.iter().find_map(|(name, value)| {
            let key = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            first_left(&key, value)
        }),
        _ => Some(above.to_owned()),
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Domain::Choices(values) => {
                write!(f, "one of {}", values.iter().map(text).collect::<Vec<_>>().join(", "))
            }
            Domain::Integer(range) => write!(f, "a whole number from {} to {}", range.low, range.high),
            Domain::Real(range) => write!(f, "a number from {} to {}", range.low, range.high),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub(in crate::tournament) fn space() -> Space {
        let range = |low, high, log| Range { low, high, log };
        let choices = |values: &[&str]| Domain::Choices(values.iter().map(|value| json!(value)).collect());
        let parameter = |key: &str, domain, conditions| Parameter { key: key.into(), domain, conditions };
        let is_ga = Condition { parameter: 0, values: vec!["ga".into()], is_one: true };
        Space::new(
            json!({}),
            vec![
                parameter("stage2b.use", choices(&["annealing", "ga", "none"]), vec![]),
                parameter("population", Domain::Integer(range(2.0, 64.0, true)), vec![is_ga]),
                parameter("stage2b.share", Domain::Integer(range(10.0, 90.0, false)), vec![]),
                parameter("stage2b.elevated", Domain::Real(range(0.5, 0.7, false)), vec![]),
            ],
        )
        .unwrap()
    }

    #[test]
    fn a_parameter_counts_only_where_its_conditions_hold() {
        let space = space();
        let ga = space.point(&json!({"stage2b": {"use": "ga"}, "population": 8})).unwrap();
        assert!(space.counts(&ga, 1));
        assert_eq!(space.layer(&ga), json!({"stage2b": {"use": "ga"}, "population": 8}));
        // By default it is not `ga`.
        assert!(!space.counts(&space.unset(), 1));
        assert_eq!(space.at(&space.unset(), 2), Some(json!(60)));
        let (_, why) = space.point(&json!({"population": 8})).unwrap_err();
        assert_eq!(why, "`population` does not count here: its `only_if` does not hold");
        let (_, why) = space.point(&json!({"stage2b": {"use": "ga"}, "population": 65})).unwrap_err();
        assert_eq!(why, "`population` is 65, expected a whole number from 2 to 64");
        let (_, why) = space.point(&json!({"stage2a": {"share": 3}})).unwrap_err();
        assert!(why.starts_with("`stage2a.share` is no parameter of this arena"), "{why}");
    }

    #[test]
    fn corners_hold_every_choice_and_both_ends_with_what_makes_them_count() {
        let corners: Vec<Value> = space().corners().iter().map(|point| space().over(point)).collect();
        let has = |expected: Value| assert!(corners.contains(&expected), "{expected}\n{corners:?}");
        has(json!({}));
        has(json!({"population": 64, "stage2b": {"use": "ga", "share": 90, "elevated": 0.7}}));
        has(json!({"population": 2, "stage2b": {"use": "ga", "share": 90, "elevated": 0.7}}));
        has(json!({"stage2b": {"use": "none", "share": 90, "elevated": 0.7}}));
        has(json!({"stage2b": {"share": 10, "elevated": 0.7}}));
    }

    #[test]
    fn numbers_have_four_digits_that_count() {
        let real = Domain::Real(Range { low: 0.0, high: 1e6, log: false });
        assert_eq!(real.value(0.123_456), json!(0.1235));
        assert_eq!(real.value(123_456.0), json!(123_500.0));
        let whole = Domain::Integer(Range { low: 0.0, high: 10.0, log: false });
        assert_eq!(whole.value(3.5), json!(4));
    }
}
