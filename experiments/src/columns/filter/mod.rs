//! Which rows count: `state = done and (penalty < 100 or seed in (1, 2))`.
//!
//! As in SQL, a comparison with something that is missing is neither true nor false, and a row
//! counts where the whole is true. NaN is missing. Numbers compare as numbers whatever their kind,
//! and text as bytes; text that is a number compares with numbers as one.

mod parse;

use super::{Cell, ColumnRange, Rank, Refused};
use std::cmp::Ordering;

/// An expression over columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The columns that it asks for, each once.
    pub columns: Vec<String>,
    all: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Compare(usize, Op, Literal),
    In(usize, Vec<Literal>),
    IsNull(usize),
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
enum Literal {
    Number(Rank),
    Text(String),
}

impl Op {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Op::Equal => order.is_eq(),
            Op::Unequal => order.is_ne(),
            Op::Less => order.is_lt(),
            Op::LessOrEqual => order.is_le(),
            Op::Greater => order.is_gt(),
            Op::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Filter {
    /// Reads expressions, all of which have to hold.
    ///
    /// # Errors
    /// One of them is none; says at which character.
    pub fn parse(texts: &[String]) -> Result<Filter, Refused> {
        let mut filter = Filter { columns: Vec::new(), all: Vec::new() };
        for text in texts {
            let test = parse::expression(text, &mut filter.columns)?;
            filter.all.push(test);
        }
        Ok(filter)
    }

    /// Whether every row counts.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a row counts; `cell` gives the value of a column by its place in
    /// [`Filter::columns`].
    pub fn holds<'a>(&self, cell: &mut dyn FnMut(usize) -> Cell<'a>) -> bool {
        self.all.iter().all(|test| test.of(cell) == Some(true))
    }

    /// Whether a row may count among many whose values lie within these ranges; `None` where
    /// nothing is known.
    pub fn may_hold(&self, range: &dyn Fn(usize) -> Option<ColumnRange>) -> bool {
        self.all.iter().all(|test| test.reach(range).0)
    }

    /// The columns that are compared with text.
    pub fn compared_with_text(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.all.iter().for_each(|test| test.texts(&mut columns));
        columns.into_iter().map(|column| self.columns[column].as_str()).collect()
    }
}

impl Test {
    /// True, false, or neither.
    fn of<'a>(&self, cell: &mut dyn FnMut(usize) -> Cell<'a>) -> Option<bool> {
        match self {
            Test::Compare(column, op, literal) => Some(op.holds(literal.compare(cell(*column))?)),
            Test::In(column, literals) => {
                let cell = cell(*column);
                let mut unknown = false;
                for literal in literals {
                    match literal.compare(cell) {
                        Some(Ordering::Equal) => return Some(true),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Test::IsNull(column) => Some(match cell(*column) {
                Cell::Null => true,
                Cell::Float(x) => x.is_nan(),
                _ => false,
            }),
            Test::And(tests) => {
                let mut all = Some(true);
                for test in tests {
                    match test.of(cell) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Test::Or(tests) => {
                let mut any = Some(false);
                for test in tests {
                    match test.of(cell) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Test::Not(test) => test.of(cell).map(|is| !is),
        }
    }

    /// Whether it may be true, and whether it may be false.
    fn reach(&self, range: &dyn Fn(usize) -> Option<ColumnRange>) -> (bool, bool) {
        match self {
            Test::Compare(column, op, literal) => {
                range(*column).map_or((true, true), |range| literal.reach(*op, &range))
            }
            Test::In(column, literals) => match range(*column) {
                Some(range) => (literals.iter().any(|literal| literal.reach(Op::Equal, &range).0), true),
                None => (true, true),
            },
            Test::IsNull(_) => (true, true),
            Test::And(tests) => tests.iter().fold((true, false), |(all, none), test| {
                let (may, may_not) = test.reach(range);
                (all && may, none || may_not)
            }),
            Test::Or(tests) => tests.iter().fold((false, true), |(any, all), test| {
                let (may, may_not) = test.reach(range);
                (any || may, all && may_not)
            }),
            Test::Not(test) => {
                let (may, may_not) = test.reach(range);
                (may_not, may)
            }
        }
    }

    fn texts(&self, columns: &mut Vec<usize>) {
        match self {
            Test::Compare(column, _, Literal::Text(_)) => columns.push(*column),
            Test::In(column, literals) if literals.iter().any(|l| matches!(l, Literal::Text(_))) => {
                columns.push(*column)
            }
            Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| test.texts(columns)),
            Test::Not(test) => test.texts(columns),
            _ => {}
        }
    }
}

impl Literal {
    /// How a value compares with it; `None` where it does not.
    fn compare(&self, cell: Cell<'_>) -> Option<Ordering> {
        match (self, cell) {
            (Literal::Number(literal), Cell::Text(text)) => {
                let rank = Rank::of(super::text::parse_number(text)?, true)?;
                (rank != super::MISSING).then(|| rank.cmp(literal))
            }
            (Literal::Number(literal), cell) => {
                let rank = Rank::of(cell, true)?;
                (rank != super::MISSING).then(|| rank.cmp(literal))
            }
            (Literal::Text(literal), Cell::Text(text)) => Some(text.cmp(literal.as_bytes())),
            (Literal::Text(literal), Cell::Bool(is)) => Some(if is { "true" } else { "false" }.cmp(literal)),
            (Literal::Text(_), _) => None,
        }
    }

    /// Whether a comparison may be true, and false, of values between two.
    fn reach(&self, op: Op, range: &ColumnRange) -> (bool, bool) {
        // Text that is a number compares as one, whatever its order as text.
        if matches!((self, range.min()), (Literal::Number(_), Cell::Text(_))) {
            return (true, true);
        }
        let (Some(min), Some(max)) = (self.compare(range.min()), self.compare(range.max())) else {
            return (true, true);
        };
        let inside = min.is_le() && max.is_ge();
        let only = min.is_eq() && max.is_eq();
        match op {
            Op::Equal => (inside, !only),
            Op::Unequal => (!only, inside),
            Op::Less => (min.is_lt(), max.is_ge()),
            Op::LessOrEqual => (min.is_le(), max.is_gt()),
            Op::Greater => (max.is_gt(), min.is_le()),
            Op::GreaterOrEqual => (max.is_ge(), min.is_lt()),
        }
    }
}

#[cfg(test)]
mod tests;
