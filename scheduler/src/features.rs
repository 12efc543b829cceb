//! What tells problems apart, in a few numbers; and conditions on these.

use serde::{Deserialize, Deserializer, de::Error};
use std::{fmt, str::FromStr};
use timetable::{Problem, TimeRow};

/// A number that tells problems apart.
#[derive(Debug)]
pub struct Feature {
    /// Its name in conditions: `students`.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    of: fn(&Problem) -> f64,
}

/// Every feature.
pub static FEATURES: [Feature; 8] = [
    feature("classes", "classes", |p| p.classes().len() as f64),
    feature("students", "students", |p| p.students().len() as f64),
    feature("rooms", "rooms", |p| p.rooms().len() as f64),
    feature("times", "times at which a class can be held, in the mean", |p| {
        mean(p.class_times().len() as f64, p.classes().len())
    }),
    feature("length", "slots of such a time on one of its days, in the mean", |p| {
        mean(sum(p, |time| f64::from(time.length())), p.class_times().len())
    }),
    feature("meetings", "days of such a time in a week, in the mean", |p| {
        mean(sum(p, |time| f64::from(time.days.count_ones())), p.class_times().len())
    }),
    feature("density", "share of all rooms' slots that classes take", density),
    feature("constraints", "constraints for each class", |p| mean(p.constraints().len() as f64, p.classes().len())),
];

const fn feature(name: &'static str, help: &'static str, of: fn(&Problem) -> f64) -> Feature {
    Feature { name, help, of }
}

impl Feature {
    /// Of a problem.
    pub fn of(&self, problem: &Problem) -> f64 {
        (self.of)(problem)
    }
}

fn mean(sum: f64, of: usize) -> f64 {
    sum / of.max(1) as f64
}

/// Over all times of all classes.
fn sum(problem: &Problem, of: impl Fn(&TimeRow) -> f64) -> f64 {
    problem.class_times().iter().map(|option| of(&problem.times()[option.time as usize])).sum()
}

fn density(problem: &Problem) -> f64 {
    let taken = |time: &TimeRow| {
        f64::from(time.length()) * f64::from(time.days.count_ones()) * f64::from(time.weeks.count_ones())
    };
    let of_class = |class| {
        let options = problem.times_of(class);
        mean(options.iter().map(|option| taken(&problem.times()[option.time as usize])).sum(), options.len())
    };
    let in_rooms = |class: &timetable::ClassId| problem.classes()[class.index()].needs_room();
    let meta = problem.meta();
    let all = problem.rooms().len() as f64 * f64::from(meta.weeks) * f64::from(meta.days) * f64::from(meta.slots);
    problem.class_ids().filter(in_rooms).map(of_class).sum::<f64>() / all.max(1.0)
}

/// A condition on a feature: `students >= 1000`, `length < 1.5`.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    feature: &'static Feature,
    is_below: bool,
    bound: f64,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        (self.feature.name, self.is_below, self.bound) == (other.feature.name, other.is_below, other.bound)
    }
}

/// Bounds are numbers.
impl Eq for Condition {}

impl Condition {
    /// Below a bound, or from it on.
    pub fn new(feature: &'static Feature, is_below: bool, bound: f64) -> Condition {
        Condition { feature, is_below, bound }
    }

    /// Whether a problem meets it.
    pub fn holds(&self, problem: &Problem) -> bool {
        (self.feature.of(problem) < self.bound) == self.is_below
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.feature.name, if self.is_below { "<" } else { ">=" }, self.bound)
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wrong = || format!("`{text}` is no condition, expected one such as `students >= 1000` or `length < 1.5`");
        let &[name, sign, bound] = &words[..] else { return Err(wrong()) };
        let known = || FEATURES.iter().map(|feature| feature.name).collect::<Vec<_>>().join(", ");
        let Some(feature) = FEATURES.iter().find(|feature| feature.name == name) else {
            return Err(format!("`{name}` in `{text}` is no feature, expected one of {}", known()));
        };
        let is_below = match sign {
            "<" => true,
            ">=" => false,
            _ => return Err(wrong()),
        };
        let bound: f64 = bound.parse().map_err(|_| wrong())?;
        if !bound.is_finite() {
            return Err(wrong());
        }
        Ok(Condition { feature, is_below, bound })
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Condition, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::{ClassSpec, Format, Meta, ProblemBuilder};

    fn problem() -> Problem {
        let mut b = ProblemBuilder::new(Meta {
            name: "two classes".into(),
            weeks: 2,
            days: 5,
            slots: 10,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        let room = b.room("r", 10, &[], &[]);
        // Twice a week, two slots, both weeks; once a week, four slots, one week.
        let (long, short) = (b.time(3, 0b11, 0, 2), b.time(1, 1, 4, 4));
        b.course("c");
        b.config("g");
        b.subpart("s");
        b.class(ClassSpec { name: "a", limit: None, times: &[(long, 0)], rooms: &[(room, 0)] });
        b.class(ClassSpec { name: "b", limit: None, times: &[(long, 0), (short, 0)], rooms: &[] });
        b.build().unwrap()
    }

    #[test]
    fn features_are_what_they_say() {
        let problem = problem();
        let of = |name: &str| FEATURES.iter().find(|feature| feature.name == name).unwrap().of(&problem);
        assert_eq!((of("classes"), of("students"), of("rooms"), of("constraints")), (2.0, 0.0, 1.0, 0.0));
        assert_eq!(of("times"), 1.5);
        assert_eq!(of("length"), (2.0 + 2.0 + 4.0) / 3.0);
        assert_eq!(of("meetings"), (2.0 + 2.0 + 1.0) / 3.0);
        assert_eq!(of("density"), 8.0 / 100.0);
    }

    #[test]
    fn conditions_are_read_as_they_are_written() {
        let problem = problem();
        for (text, holds) in [("classes >= 2", true), ("classes < 2", false), ("length < 2.7", true)] {
            let condition: Condition = text.parse().unwrap();
            assert_eq!(condition.to_string(), text);
            assert_eq!(condition.holds(&problem), holds, "{text}");
        }
        for (text, why) in [
            ("classes > 2", "is no condition"),
            ("classes", "is no condition"),
            ("classes < many", "is no condition"),
            ("classes < NaN", "is no condition"),
            ("teachers < 2", "`teachers` in `teachers < 2` is no feature, expected one of classes, students"),
        ] {
            let refused = text.parse::<Condition>().unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
