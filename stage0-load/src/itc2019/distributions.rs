//! Distribution constraints: the nineteen kinds, hard or with a penalty.

use super::courses::KEPT_BY_ROW;
use super::load::{Loader, State};
use super::xml::Element;
use crate::log::{Log, quoted};
use timetable::{ClassId, ConstraintSpec, Kind, MAX_PENALTY};

/// The kinds of ITC-2019 are the first of [`Kind::ALL`].
pub(crate) const KINDS: usize = 19;

/// The constraint that is open.
#[derive(Default)]
pub(super) struct OpenDistribution {
    kind: Option<(Kind, Vec<u32>)>,
    penalty: Option<u32>,
    classes: Vec<ClassId>,
}

impl Loader {
    pub(super) fn distribution(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["type", "required", "penalty"], &mut self.log);
        let log = &mut self.log;
        let d = &mut self.distribution;
        d.kind = f.need(0, log).and_then(|text| parse_kind(log, f.line(), text));
        let required = match f.get(1) {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                log.fault(f.line(), format!("<distribution> required {}", quoted(other)), "true or false");
                true
            }
        };
        d.penalty = f.number_or(2, MAX_PENALTY, None, log).flatten();
        match (required, f.get(2)) {
            (true, Some(_)) => log.fault(f.line(), "a <distribution> both required and with a penalty", "one of them"),
            (false, None) => log.fault(f.line(), "a <distribution> neither required nor with a penalty", "one of them"),
            _ => {}
        }
        d.classes.clear();
        self.seen.next_round();
        State::Distribution
    }

    pub(super) fn distribution_class(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let log = &mut self.log;
        let Some(id) = f.need(0, log) else { return State::Leaf };
        let Some(class) = self.courses.class_names.find(log, f.line(), id, " in a <distribution>") else {
            return State::Leaf;
        };
        if self.seen.first(class) {
            log.keep(16);
            self.distribution.classes.push(ClassId(class));
        } else {
            log.note(f.line(), "a class that is twice in a <distribution> counts once");
        }
        State::Leaf
    }

    pub(super) fn close_distribution(&mut self) {
        let d = &self.distribution;
        self.log.keep(KEPT_BY_ROW);
        if let Some((kind, params)) = &d.kind {
            let (kind, classes) = (*kind, &d.classes);
            self.builder.constraint(ConstraintSpec { kind, name: "", penalty: d.penalty, params, classes, times: &[] });
        }
    }
}

/// `SameStart` or `MaxBreaks(1,6)`.
fn parse_kind(log: &mut Log, line: u64, text: &str) -> Option<(Kind, Vec<u32>)> {
    let (name, arguments) = match text.split_once('(') {
        None => (text, Some("")),
        Some((name, rest)) => (name, rest.strip_suffix(')')),
    };
    let kind = Kind::from_name(name.trim()).filter(|&k| (k as usize) < KINDS);
    let Some(kind) = kind else {
        log.fault(line, format!("distribution type {}", quoted(text)), "one of the 19 types of ITC-2019");
        return None;
    };
    let params: Option<Vec<u32>> = arguments.and_then(|a| {
        let given = a.split(',').map(str::trim).filter(|_| !a.trim().is_empty());
        given.take(4).map(|v| v.parse().ok().filter(|&v: &u32| v <= i32::MAX as u32)).collect()
    });
    match params {
        Some(params) if params.len() == kind.arity() => Some((kind, params)),
        _ => {
            let expected = match kind.arity() {
                0 => format!("{kind} without parameters"),
                1 => format!("{kind} with one whole number"),
                n => format!("{kind} with {n} whole numbers"),
            };
            log.fault(line, format!("distribution type {}", quoted(text)), expected);
            None
        }
    }
}
