//! Every bound of a block, checked once on opening, so that no view is out of bounds later.

use crate::block::BlockError;
use crate::counts;
use crate::ids::NONE;
use crate::kind::{Kind, Shape};
use crate::problem::{Format, Problem};
use crate::rows::Span;

/// The greatest penalty of a time, a room or a constraint.
pub const MAX_PENALTY: u32 = 1_000_000;
/// The greatest weight of a part of the penalty.
pub const MAX_WEIGHT: u32 = 2_000;
/// The most slots of a day where lectures that stand alone, or the days of students, are counted.
pub const MAX_COUNTED_SLOTS: u32 = 64;

/// What all violations together may cost: far enough from where 64 bits end that no sum of costs
/// gets there.
const MAX_TOTAL: u128 = 1 << 61;

fn wrong(section: &'static str, problem: String) -> BlockError {
    BlockError::Section { section, row: None, problem }
}

pub(crate) fn wrong_row(section: &'static str, row: usize, problem: impl Into<String>) -> BlockError {
    BlockError::Section { section, row: Some(row), problem: problem.into() }
}

fn span(section: &'static str, row: usize, what: &str, s: Span, len: usize) -> Result<(), BlockError> {
    if u64::from(s.first) + u64::from(s.len) > len as u64 {
        return Err(wrong_row(section, row, format!("{what} {}+{} lie beyond {len}", s.first, s.len)));
    }
    Ok(())
}

fn below(section: &'static str, row: usize, what: &str, value: u32, len: usize) -> Result<(), BlockError> {
    if value as usize >= len {
        return Err(wrong_row(section, row, format!("{what} {value} is not below {len}")));
    }
    Ok(())
}

fn all_below(section: &'static str, what: &str, values: &[u32], len: usize) -> Result<(), BlockError> {
    values.iter().enumerate().try_for_each(|(i, &v)| below(section, i, what, v, len))
}

pub(crate) fn validate(p: &Problem) -> Result<(), BlockError> {
    if p.meta_rows().len() != 1 {
        return Err(wrong("meta_rows", format!("has {} rows, expected 1", p.meta_rows().len())));
    }
    calendar(p)?;
    if std::str::from_utf8(p.name_bytes()).is_err() {
        return Err(wrong("name_bytes", "is not UTF-8".into()));
    }
    rooms(p)?;
    courses(p)?;
    classes(p)?;
    constraints(p)?;
    students(p)?;
    counts::check(p)?;
    total(p)
}

fn at_most(section: &'static str, row: usize, what: &str, value: u32, most: u32) -> Result<(), BlockError> {
    if value > most {
        return Err(wrong_row(section, row, format!("{what} {value} is above {most}")));
    }
    Ok(())
}

fn name(p: &Problem, section: &'static str, row: usize, s: Span) -> Result<(), BlockError> {
    span(section, row, "name", s, p.name_bytes().len())?;
    if std::str::from_utf8(&p.name_bytes()[s.range()]).is_err() {
        return Err(wrong_row(section, row, "its name is not UTF-8"));
    }
    Ok(())
}

fn calendar(p: &Problem) -> Result<(), BlockError> {
    let m = p.meta();
    name(p, "meta_rows", 0, m.name)?;
    if !(1..=64).contains(&m.weeks) || !(1..=16).contains(&m.days) || !(1..=65_535).contains(&m.slots) {
        return Err(wrong("meta_rows", format!("calendar {}×{}×{} is out of range", m.weeks, m.days, m.slots)));
    }
    if Format::from_raw(m.format).is_none() {
        return Err(wrong("meta_rows", format!("unknown format {}", m.format)));
    }
    at_most("meta_rows", 0, "student_conflicts_hard", m.student_conflicts_hard, 1)?;
    at_most("meta_rows", 0, "reserved", m.reserved, 0)?;
    for weight in [m.time_weight, m.room_weight, m.distribution_weight, m.student_weight] {
        at_most("meta_rows", 0, "weight", weight, MAX_WEIGHT)?;
    }
    for (i, t) in p.times().iter().enumerate() {
        let weeks_ok = t.weeks != 0 && (m.weeks == 64 || t.weeks >> m.weeks == 0);
        let days_ok = t.days != 0 && (m.days == 16 || t.days >> m.days == 0);
        if !weeks_ok || !days_ok || t.start >= t.end || u32::from(t.end) > m.slots || t.pad != 0 {
            return Err(wrong_row("times", i, format!("does not fit the calendar: {t:?}")));
        }
    }
    Ok(())
}

fn rooms(p: &Problem) -> Result<(), BlockError> {
    let n = p.rooms().len();
    for (i, r) in p.rooms().iter().enumerate() {
        name(p, "rooms", i, r.name)?;
        span("rooms", i, "unavailable times", r.unavailable, p.room_unavailable().len())?;
        span("rooms", i, "features", r.features, p.room_features().len())?;
    }
    all_below("room_unavailable", "time", p.room_unavailable(), p.times().len())?;
    for (i, &f) in p.room_features().iter().enumerate() {
        name(p, "room_features", i, f)?;
    }
    if !p.travel().is_empty() && p.travel().len() != n * n {
        return Err(wrong("travel", format!("has {} rows, expected {}", p.travel().len(), n * n)));
    }
    for (at, &slots) in p.travel().iter().enumerate() {
        let (a, b) = (at / n, at % n);
        if slots != if a == b { 0 } else { p.travel()[b * n + a] } {
            return Err(wrong_row("travel", at, format!("room {a} to {b} is not as far as back")));
        }
    }
    Ok(())
}

fn courses(p: &Problem) -> Result<(), BlockError> {
    for (i, c) in p.courses().iter().enumerate() {
        name(p, "courses", i, c.name)?;
        span("courses", i, "configurations", c.configs, p.configs().len())?;
        if p.configs()[c.configs.range()].iter().any(|g| g.course as usize != i) {
            return Err(wrong_row("courses", i, "its configurations name another course"));
        }
    }
    for (i, c) in p.configs().iter().enumerate() {
        name(p, "configs", i, c.name)?;
        below("configs", i, "course", c.course, p.courses().len())?;
        if !p.courses()[c.course as usize].configs.range().contains(&i) {
            return Err(wrong_row("configs", i, "its course does not hold it"));
        }
        span("configs", i, "subparts", c.subparts, p.subparts().len())?;
        if c.subparts.len == 0 {
            return Err(wrong_row("configs", i, "no subpart, expected at least one"));
        }
        if p.subparts()[c.subparts.range()].iter().any(|s| s.config as usize != i) {
            return Err(wrong_row("configs", i, "its subparts name another configuration"));
        }
    }
    for (i, s) in p.subparts().iter().enumerate() {
        name(p, "subparts", i, s.name)?;
        below("subparts", i, "configuration", s.config, p.configs().len())?;
        if !p.configs()[s.config as usize].subparts.range().contains(&i) {
            return Err(wrong_row("subparts", i, "its configuration does not hold it"));
        }
        span("subparts", i, "classes", s.classes, p.classes().len())?;
        if p.classes()[s.classes.range()].iter().any(|c| c.subpart as usize != i) {
            return Err(wrong_row("subparts", i, "its classes name another subpart"));
        }
    }
    Ok(())
}

fn classes(p: &Problem) -> Result<(), BlockError> {
    let (mut next_time, mut next_room) = (0, 0);
    for (i, c) in p.classes().iter().enumerate() {
        name(p, "classes", i, c.name)?;
        below("classes", i, "subpart", c.subpart, p.subparts().len())?;
        if !p.subparts()[c.subpart as usize].classes.range().contains(&i) {
            return Err(wrong_row("classes", i, "its subpart does not hold it"));
        }
        span("classes", i, "times", c.times, p.class_times().len())?;
        span("classes", i, "rooms", c.rooms, p.class_rooms().len())?;
        if c.times.first != next_time || c.rooms.first != next_room {
            return Err(wrong_row("classes", i, "its times or rooms do not follow those of the class before"));
        }
        (next_time, next_room) = (next_time + c.times.len, next_room + c.rooms.len);
        if c.times.len == 0 || c.times.len >= u32::from(u16::MAX) || c.rooms.len >= u32::from(u16::MAX) {
            return Err(wrong_row("classes", i, format!("{} times and {} rooms", c.times.len, c.rooms.len)));
        }
        // A chain of parents longer than there are classes is a circle.
        let (mut up, mut steps) = (c.parent, 0);
        while up != NONE {
            below("classes", i, "parent", up, p.classes().len())?;
            steps += 1;
            if steps > 64 {
                return Err(wrong_row("classes", i, "its chain of parents is a circle or longer than 64"));
            }
            up = p.classes()[up as usize].parent;
        }
    }
    for (i, t) in p.class_times().iter().enumerate() {
        below("class_times", i, "time", t.time, p.times().len())?;
        at_most("class_times", i, "penalty", t.penalty, MAX_PENALTY)?;
    }
    for (i, r) in p.class_rooms().iter().enumerate() {
        below("class_rooms", i, "room", r.room, p.rooms().len())?;
        at_most("class_rooms", i, "penalty", r.penalty, MAX_PENALTY)?;
    }
    Ok(())
}

fn constraints(p: &Problem) -> Result<(), BlockError> {
    all_below("constraint_classes", "class", p.constraint_classes(), p.classes().len())?;
    all_below("constraint_times", "time", p.constraint_times(), p.times().len())?;
    let mut listed_by = vec![NONE; p.classes().len()];
    let mut long_runs = 0;
    for (i, c) in p.constraints().iter().enumerate() {
        name(p, "constraints", i, c.name)?;
        let Some(kind) = Kind::from_raw(c.kind) else {
            return Err(wrong_row("constraints", i, format!("unknown kind {}", c.kind)));
        };
        span("constraints", i, "classes", c.classes, p.constraint_classes().len())?;
        span("constraints", i, "times", c.times, p.constraint_times().len())?;
        if c.hard > 1 || (c.hard == 1 && c.penalty != 0) {
            return Err(wrong_row("constraints", i, format!("hard {} with penalty {}", c.hard, c.penalty)));
        }
        at_most("constraints", i, "penalty", c.penalty, MAX_PENALTY)?;
        for &class in &p.constraint_classes()[c.classes.range()] {
            if std::mem::replace(&mut listed_by[class as usize], i as u32) == i as u32 {
                return Err(wrong_row("constraints", i, format!("{kind} lists class {class} twice")));
            }
        }
        let counts_slots = kind == Kind::IsolatedLectures || kind.shape() == Shape::Students;
        if counts_slots && p.meta().slots > MAX_COUNTED_SLOTS {
            let slots = p.meta().slots;
            return Err(wrong_row(
                "constraints",
                i,
                format!("{kind} with {slots} slots a day, above {MAX_COUNTED_SLOTS}"),
            ));
        }
        if kind == Kind::StudentLongRun && c.params[0] >= MAX_COUNTED_SLOTS {
            let (run, most) = (c.params[0], MAX_COUNTED_SLOTS - 1);
            return Err(wrong_row("constraints", i, format!("{kind} with runs of {run} slots, above {most}")));
        }
        long_runs += u32::from(kind == Kind::StudentLongRun);
        if long_runs > 1 {
            return Err(wrong_row("constraints", i, format!("{kind} again, expected once")));
        }
        if kind.shape() == Shape::Students && c.classes.len != 0 {
            return Err(wrong_row("constraints", i, format!("{kind} lists classes")));
        }
        if kind == Kind::FixedPlacement {
            for (what, v, len) in [("time", c.params[0], p.times().len()), ("room", c.params[1], p.rooms().len())] {
                if v != NONE {
                    below("constraints", i, what, v, len)?;
                }
            }
        } else if c.params.iter().any(|&v| v > i32::MAX as u32) {
            return Err(wrong_row("constraints", i, format!("parameters {:?} out of range", c.params)));
        }
    }
    Ok(())
}

fn students(p: &Problem) -> Result<(), BlockError> {
    let mut next_request = 0;
    let mut taken_by = vec![NONE; p.courses().len()];
    for (i, s) in p.students().iter().enumerate() {
        name(p, "students", i, s.name)?;
        span("students", i, "requests", s.requests, p.requests().len())?;
        if s.requests.first != next_request {
            return Err(wrong_row("students", i, "its requests do not follow those of the student before"));
        }
        next_request += s.requests.len;
        if p.requests()[s.requests.range()].iter().any(|r| r.student as usize != i) {
            return Err(wrong_row("students", i, "its requests name another student"));
        }
        for (k, r) in s.requests.range().zip(&p.requests()[s.requests.range()]) {
            below("requests", k, "course", r.course, p.courses().len())?;
            if std::mem::replace(&mut taken_by[r.course as usize], i as u32) == i as u32 {
                return Err(wrong_row("students", i, format!("takes course {} twice", r.course)));
            }
        }
    }
    if next_request as usize != p.requests().len() {
        return Err(wrong("requests", "has rows that belong to no student".into()));
    }
    let mut next = 0u64;
    for (i, r) in p.requests().iter().enumerate() {
        let configs = &p.configs()[p.courses()[r.course as usize].configs.range()];
        let width = configs.iter().map(|g| g.subparts.len).max().unwrap_or(0);
        if width == 0 {
            return Err(wrong_row("requests", i, format!("course {} has no configuration", r.course)));
        }
        if u64::from(r.slots.first) != next || r.slots.len != width {
            return Err(wrong_row("requests", i, format!("{:?}, expected {width} places from {next}", r.slots)));
        }
        next += u64::from(width);
        if next > u64::from(counts::MAX_PLACES) {
            return Err(wrong_row("requests", i, format!("{next} places so far, above {}", counts::MAX_PLACES)));
        }
    }
    Ok(())
}

/// Bounds the greatest sum of costs from above, coarsely.
fn total(p: &Problem) -> Result<(), BlockError> {
    let m = p.meta();
    let calendar = u128::from(m.weeks) * u128::from(m.days) * u128::from(m.slots);
    let cost = |penalty: u32, weight: u32| u128::from(penalty) * u128::from(weight);
    let chosen = p.classes().len() as u128 * (cost(MAX_PENALTY, m.time_weight) + cost(MAX_PENALTY, m.room_weight));
    let places = |requests: Span| p.requests()[requests.range()].iter().map(|r| u128::from(r.slots.len)).sum::<u128>();
    let conflicts: u128 = p.students().iter().map(|s| places(s.requests).pow(2) * u128::from(m.student_weight)).sum();
    let held_to = p.constraints().iter().map(|c| {
        let listed = if c.classes.len == 0 { p.students().len() as u128 } else { u128::from(c.classes.len) };
        // Of `MinWorkingDays` as many days can be missing as it asks for; a class can overlap with
        // each time of `Availability`.
        let asked = if c.kind == Kind::MinWorkingDays as u32 { u128::from(c.params[0]) } else { 0 };
        let each = listed.max(calendar).max(u128::from(c.times.len)).max(2);
        (listed * each + asked) * cost(c.penalty, m.distribution_weight)
    });
    if chosen + conflicts + held_to.sum::<u128>() > MAX_TOTAL {
        return Err(wrong("meta_rows", "its penalties and weights could add up to more than 64 bits hold".into()));
    }
    Ok(())
}
