//! The table `[annealing]` of the configuration: what can be set about annealing's walks.

use crate::config::{ConfigError, Origin, Setting};
use crate::features::Condition;
use serde::Deserialize as FromTable;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use stage2b_gpu_ga::Settings;
use std::fmt::{self, Write};
use timetable::Problem;

/// A key of `[annealing]`.
#[derive(Debug)]
pub struct AnnealingKey {
    /// Its name: `hot`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub help: &'static str,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    field: fn(&mut Settings) -> &mut f64,
}

/// How many keys there are.
const KEYS: usize = 10;

/// Every key, in the order in which they are printed.
pub static ANNEALING_KEYS: [AnnealingKey; KEYS] = [
    key("hot", "first temperature, in means of what a change costs", 0.01, 1000.0, |s| &mut s.hot),
    key("cold", "last temperature, in units of penalty", 0.001, 1000.0, |s| &mut s.cold),
    key("race", "share of the budget in which temperatures to begin at race", 0.0, 0.95, |s| &mut s.race),
    key("even", "share of a measured cooling that is spread evenly", 0.0, 1.0, |s| &mut s.even),
    key("students", "share of moves of students, where they can choose", 0.0, 1.0, |s| &mut s.students),
    key("room", "share of changes of the room alone", 0.0, 1.0, |s| &mut s.room),
    key("time", "of the others, share of changes of the time alone", 0.0, 1.0, |s| &mut s.time),
    key("follow", "of changes of the time, share that linked classes follow", 0.0, 1.0, |s| &mut s.follow),
    key("kempe", "of changes of the time, share of Kempe chains", 0.0, 1.0, |s| &mut s.kempe),
    key("free", "of changes to a room that is taken, share that look for a free one", 0.0, 1.0, |s| &mut s.free),
];

const fn key(
    name: &'static str,
    help: &'static str,
    least: f64,
    most: f64,
    field: fn(&mut Settings) -> &mut f64,
) -> AnnealingKey {
    AnnealingKey { name, help, least, most, field }
}

impl AnnealingKey {
    /// The value, where it makes sense.
    fn checked(&self, value: f64) -> Result<f64, String> {
        if (self.least..=self.most).contains(&value) {
            return Ok(value);
        }
        Err(format!("annealing.{} is {value}, expected a number from {} to {}", self.name, self.least, self.most))
    }
}

/// What one layer says of annealing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnnealingLayer([Option<f64>; KEYS]);

impl AnnealingLayer {
    /// From variables `STAGECOACH_ANNEALING_HOT` and so on, asked for by name.
    pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<AnnealingLayer, ConfigError> {
        let mut layer = AnnealingLayer::default();
        for (value, key) in layer.0.iter_mut().zip(&ANNEALING_KEYS) {
            let name = format!("STAGECOACH_ANNEALING_{}", key.name.to_uppercase());
            let Some(text) = variable(&name).filter(|text| !text.is_empty()) else { continue };
            let number = text.parse::<f64>().map_err(|e| e.to_string()).and_then(|number| key.checked(number));
            *value = Some(number.map_err(|problem| ConfigError::Environment { name, text, problem })?);
        }
        Ok(layer)
    }
}

impl<'de> Deserialize<'de> for AnnealingLayer {
    fn deserialize<D: Deserializer<'de>>(table: D) -> Result<AnnealingLayer, D::Error> {
        table.deserialize_map(Table)
    }
}

/// What annealing is set to where a problem meets a condition, as far as nobody says anything else.
#[derive(Clone, Debug, PartialEq, FromTable)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The condition.
    #[serde(rename = "if")]
    pub condition: Condition,
    /// What holds then.
    pub annealing: AnnealingLayer,
}

impl When {
    /// Whether it says anything of a key.
    pub(crate) fn sets(&self, key: &AnnealingKey) -> bool {
        let mut keys = ANNEALING_KEYS.iter().zip(self.annealing.0);
        keys.any(|(one, value)| one.name == key.name && value.is_some())
    }
}

impl fmt::Display for When {
    /// As in a configuration file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[when]]\nif = \"{}\"", self.condition)?;
        for (key, value) in ANNEALING_KEYS.iter().zip(self.annealing.0) {
            let Some(value) = value else { continue };
            writeln!(f, "annealing.{} = {}", key.name, toml::Value::Float(value))?;
        }
        Ok(())
    }
}

struct Table;

impl<'de> Visitor<'de> for Table {
    type Value = AnnealingLayer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<AnnealingLayer, A::Error> {
        let mut layer = AnnealingLayer::default();
        while let Some(at) = table.next_key_seed(Name)? {
            layer.0[at] = Some(table.next_value_seed(Number(&ANNEALING_KEYS[at]))?);
        }
        Ok(layer)
    }
}

/// The name of a key; its place among them all.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<usize, D::Error> {
        let name = String::deserialize(name)?;
        let known = || ANNEALING_KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join("`, `");
        let wrong = || D::Error::custom(format!("unknown field `{name}`, expected one of `{}`", known()));
        ANNEALING_KEYS.iter().position(|key| key.name == name).ok_or_else(wrong)
    }
}

/// The value of a key.
struct Number(&'static AnnealingKey);

impl<'de> DeserializeSeed<'de> for Number {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, number: D) -> Result<f64, D::Error> {
        self.0.checked(f64::deserialize(number)?).map_err(D::Error::custom)
    }
}

/// What annealing is set to, each value with its origin.
#[derive(Clone, Debug)]
pub struct AnnealingConfig([Setting<f64>; KEYS]);

impl AnnealingConfig {
    /// What holds where nobody says anything.
    pub(crate) fn defaults() -> AnnealingConfig {
        let mut settings = Settings::default();
        AnnealingConfig(ANNEALING_KEYS.each_ref().map(|key| Setting::default(*(key.field)(&mut settings))))
    }

    pub(crate) fn apply(&mut self, layer: AnnealingLayer, origin: &Origin) {
        self.0.iter_mut().zip(layer.0).for_each(|(setting, value)| setting.put(value, origin));
    }

    /// Lays what holds for a problem over what nobody has said anything of. Returns what was set,
    /// and why, in a line.
    pub(crate) fn settle(&mut self, whens: &[When], problem: &Problem) -> Option<String> {
        let mut said = String::new();
        for When { condition, annealing } in whens.iter().filter(|when| when.condition.holds(problem)) {
            let before = said.len();
            for ((setting, value), key) in self.0.iter_mut().zip(annealing.0).zip(&ANNEALING_KEYS) {
                let Some(value) = value.filter(|_| setting.origin == Origin::Default) else { continue };
                *setting = Setting { value, origin: Origin::Feature(*condition) };
                let _ = write!(said, "{}annealing.{} {value}", if said.is_empty() { "" } else { ", " }, key.name);
            }
            if said.len() > before {
                let _ = write!(said, " (as {condition})");
            }
        }
        (!said.is_empty()).then_some(said)
    }

    /// As annealing takes it.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for (key, setting) in self.iter() {
            *(key.field)(&mut settings) = setting.value;
        }
        settings
    }

    /// Every key with its value and where that comes from.
    pub fn iter(&self) -> impl Iterator<Item = (&'static AnnealingKey, &Setting<f64>)> {
        ANNEALING_KEYS.iter().zip(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_annealing_takes() {
        let layer: AnnealingLayer = toml::from_str("cold = 0.2\nhot = 3\nfree = 0").unwrap();
        let mut config = AnnealingConfig::defaults();
        config.apply(layer, &Origin::Flag);
        let expected = Settings { cold: 0.2, hot: 3.0, free: 0.0, ..Settings::default() };
        assert_eq!(config.settings(), expected);
        assert_eq!(config.iter().filter(|(_, setting)| setting.origin == Origin::Flag).count(), 3);
        assert_eq!(AnnealingConfig::defaults().settings(), Settings::default());
    }

    #[test]
    fn what_is_left_open_follows_from_the_problem() {
        let text = "[[when]]\nif = \"classes < 2\"\nannealing.cold = 0.5\n[[when]]\nif = \"classes >= 0\"\nannealing = { hot = 3, room = 0.25, cold = 0.25 }";
        let layer: crate::layer::Layer = toml::from_str(text).unwrap();
        let whens = layer.when.unwrap();
        let mut b = timetable::ProblemBuilder::new(timetable::Meta {
            name: "one class".into(),
            weeks: 1,
            days: 1,
            slots: 1,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: timetable::Format::Csv,
        });
        let time = b.time(1, 1, 0, 1);
        b.course("c");
        b.config("c");
        b.subpart("c");
        b.class(timetable::ClassSpec { name: "c", limit: None, times: &[(time, 0)], rooms: &[] });
        let problem = b.build().unwrap();
        let mut config = AnnealingConfig::defaults();
        config.apply(toml::from_str("room = 0.75").unwrap(), &Origin::Flag);
        let said = config.settle(&whens, &problem).unwrap();
        assert_eq!(said, "annealing.cold 0.5 (as classes < 2), annealing.hot 3 (as classes >= 0)");
        let expected = Settings { cold: 0.5, hot: 3.0, room: 0.75, ..Settings::default() };
        assert_eq!(config.settings(), expected);
        assert_eq!(config.settle(&whens, &problem), None, "it is settled");
        let printed = whens.iter().map(ToString::to_string).collect::<String>();
        let again: crate::layer::Layer = toml::from_str(&printed).unwrap();
        assert_eq!(again.when.unwrap(), whens);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        let wrong = |text: &str| {
            let e = toml::from_str::<crate::layer::Layer>(text).unwrap_err();
            (text[..e.span().unwrap().start].matches('\n').count() + 1, e.message().to_owned())
        };
        let (line, why) = wrong("seed = 1\n[annealing]\nhot = 2\ncold = -1");
        assert_eq!((line, why.as_str()), (4, "annealing.cold is -1, expected a number from 0.001 to 1000"));
        let (line, why) = wrong("[annealing]\nhot = 2\nwarm = 0.5");
        assert!(line == 3 && why.starts_with("unknown field `warm`, expected one of `hot`, `cold`"), "{line} {why}");
        assert!(wrong("[annealing]\nroom = nan").1.contains("annealing.room is NaN"));
        let variable = |name: &str| (name == "STAGECOACH_ANNEALING_KEMPE").then(|| "2".to_owned());
        let refused = AnnealingLayer::from_environment(variable).unwrap_err().to_string();
        assert!(refused.contains("STAGECOACH_ANNEALING_KEMPE=`2`"), "{refused}");
    }
}
