//! `--where`: conditions on trials, such as `state=done and penalty<100 and instance=comp01`.

use super::Trial;
use crate::error::Error;
use std::{cmp::Ordering, str::FromStr};

/// Conditions that all have to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    column: String,
    operator: Operator,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    Other,
    GreaterOrEqual,
    Greater,
}

/// As they are written; those of two characters come first.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("!=", Operator::Other),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// What every trial has beside the columns of its grid.
const OWN: [&str; 13] = [
    "trial", "state", "seed", "cell", "attempt", "unplaced", "hard", "penalty", "ms", "steps", "peak", "cpu_ms", "cap",
];

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Filter, String> {
        let mut conditions = Vec::new();
        for part in text.split(" and ").flat_map(|part| part.split(',')).map(str::trim).filter(|part| !part.is_empty())
        {
            let found = part.char_indices().find_map(|(at, _)| {
                let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| part[at..].starts_with(sign))?;
                Some((&part[..at], operator, &part[at + sign.len()..]))
            });
            match found {
                Some((column, operator, value)) if !column.trim().is_empty() => conditions.push(Condition {
                    column: column.trim().replace('.', "_"),
                    operator,
                    value: value.trim().trim_matches(['\'', '"']).to_owned(),
                }),
                _ => {
                    return Err(format!(
                        "`{part}` is no condition, expected one such as `penalty<100` or `state=done`"
                    ));
                }
            }
        }
        Ok(Filter { conditions })
    }
}

impl Filter {
    /// Whether every column that it names is there.
    pub(super) fn fits(&self, columns: &[String]) -> Result<(), Error> {
        let is_there = |name: &str| OWN.contains(&name) || columns.iter().any(|column| column == name);
        match self.conditions.iter().find(|condition| !is_there(&condition.column)) {
            Some(condition) => {
                let own = OWN.into_iter().map(str::to_owned);
                let all: Vec<String> = own.chain(columns.iter().cloned()).collect();
                Err(Error::Input(format!(
                    "there is no column `{}`, expected one of {}",
                    condition.column,
                    all.join(", ")
                )))
            }
            None => Ok(()),
        }
    }

    pub(super) fn passes(&self, trial: &Trial, columns: &[String]) -> bool {
        self.conditions.iter().all(|condition| {
            let text = value(trial, columns, &condition.column);
            // What is missing is neither equal to anything, nor less, nor more.
            text.is_some_and(|text| condition.holds(&text))
        })
    }
}

impl Condition {
    fn holds(&self, text: &str) -> bool {
        let order = match (text.parse::<f64>(), self.value.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b),
            _ => Some(text.cmp(&self.value)),
        };
        match self.operator {
            Operator::Less => order == Some(Ordering::Less),
            Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Operator::Equal => order == Some(Ordering::Equal),
            Operator::Other => order != Some(Ordering::Equal),
            Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Operator::Greater => order == Some(Ordering::Greater),
        }
    }
}

/// What a trial has in a column.
fn value(trial: &Trial, columns: &[String], name: &str) -> Option<String> {
    let row = &trial.row;
    let start = &row.start;
    match name {
        "trial" => Some(start.id.to_string()),
        "state" => Some(row.state.to_string()),
        "seed" => Some(start.seed.to_string()),
        "cell" => Some(start.cell.to_string()),
        "attempt" => Some(start.attempt.to_string()),
        "unplaced" => row.score.map(|score| score.unplaced.to_string()),
        "hard" => row.score.map(|score| score.hard.to_string()),
        "penalty" => row.score.map(|score| score.penalty.to_string()),
        "ms" => Some(row.ms.to_string()),
        "steps" => row.steps.map(|steps| steps.to_string()),
        "peak" => Some(row.peak.to_string()),
        "cpu_ms" => Some(row.cpu.to_string()),
        "cap" => Some(start.cap.to_string()),
        name => columns.iter().position(|column| column == name).map(|at| trial.texts[at].clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::Start;
    use crate::{Row, State, TrialId};
    use timetable::Score;

    fn trial() -> Trial {
        let start = Start { id: TrialId([0; 16]), grid: 1, cell: 3, seed: 7, attempt: 1, ooms: 0, cap: 9 };
        let score = Some(Score { unplaced: 0, hard: 0, penalty: 90 });
        let row = Row { score, state: State::Done, ..Row::running(start) };
        Trial { row, texts: vec!["comp01".into(), "40".into()] }
    }

    #[test]
    fn all_conditions_have_to_hold_and_numbers_are_compared_as_numbers() {
        let columns = ["instance".to_owned(), "stage2b_share".to_owned()];
        let passes = |text: &str| text.parse::<Filter>().unwrap().passes(&trial(), &columns);
        for text in [
            "",
            "penalty<100",
            "penalty<=90 and instance=comp01",
            "stage2b.share>5, seed=7",
            "state!=failed",
            "instance='comp01'",
        ] {
            assert!(passes(text), "{text}");
        }
        for text in ["penalty>100", "penalty<=90 and instance=comp02", "stage2b_share<5", "steps<9", "steps!=9"] {
            assert!(!passes(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_or_no_column_is_refused_by_name() {
        assert!("penalty".parse::<Filter>().unwrap_err().contains("`penalty` is no condition"));
        assert!("<5".parse::<Filter>().is_err());
        let why = "penelty<5".parse::<Filter>().unwrap().fits(&[]).unwrap_err().to_string();
        assert!(why.contains("no column `penelty`") && why.contains("penalty"), "{why}");
    }
}
