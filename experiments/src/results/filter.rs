//! `--where` on trials: the [expressions over columns](crate::columns::filter) that `top` and
//! `report` have.

use super::Trial;
use crate::columns::{Cell, filter::Filter};
use crate::error::Error;

/// What every trial has beside the columns of its grid.
const OWN: [&str; 13] = [
    "trial", "state", "seed", "cell", "attempt", "unplaced", "hard", "penalty", "ms", "steps", "peak", "cpu_ms", "cap",
];

/// A filter whose columns were found.
pub(super) struct Fitted<'a> {
    filter: &'a Filter,
    columns: Vec<Column>,
}

/// Where a column's values are.
enum Column {
    Own(&'static str),
    /// The column of the grid at this place.
    Grid(usize),
}

/// What a trial has in a column.
enum Value {
    Missing,
    Integer(i64),
    Text(String),
}

impl<'a> Fitted<'a> {
    /// Finds the columns; those of the grid may be written as keys are (`stage2b.share`).
    ///
    /// # Errors
    /// There is no such column.
    pub(super) fn new(filter: &'a Filter, columns: &[String]) -> Result<Fitted<'a>, Error> {
        let find = |name: &String| {
            let key = name.replace('.', "_");
            let own = OWN.into_iter().find(|own| *own == key).map(Column::Own);
            own.or_else(|| columns.iter().position(|column| *column == key).map(Column::Grid)).ok_or_else(|| {
                let all: Vec<&str> = OWN.into_iter().chain(columns.iter().map(String::as_str)).collect();
                Error::Input(format!("there is no column `{name}`, expected one of {}", all.join(", ")))
            })
        };
        Ok(Fitted { filter, columns: filter.columns.iter().map(find).collect::<Result<_, _>>()? })
    }

    pub(super) fn passes(&self, trial: &Trial) -> bool {
        let values: Vec<Value> = self.columns.iter().map(|column| column.of(trial)).collect();
        self.filter.holds(&mut |at| match &values[at] {
            Value::Missing => Cell::Null,
            Value::Integer(x) => Cell::Int(*x),
            Value::Text(text) => Cell::Text(text.as_bytes()),
        })
    }
}

impl Column {
    fn of(&self, trial: &Trial) -> Value {
        let row = &trial.row;
        let start = &row.start;
        let integer = |x: u64| Value::Integer(i64::try_from(x).unwrap_or(i64::MAX));
        let name = match self {
            // The texts of a cell are empty where its grid has no such column.
            Column::Grid(at) if trial.texts[*at].is_empty() => return Value::Missing,
            Column::Grid(at) => return Value::Text(trial.texts[*at].clone()),
            Column::Own(name) => *name,
        };
        match name {
            "trial" => Value::Text(start.id.to_string()),
            "state" => Value::Text(row.state.to_string()),
            "seed" => integer(start.seed),
            "cell" => integer(start.cell),
            "attempt" => integer(start.attempt.into()),
            "unplaced" => row.score.map_or(Value::Missing, |score| integer(score.unplaced.into())),
            "hard" => row.score.map_or(Value::Missing, |score| Value::Integer(score.hard)),
            "penalty" => row.score.map_or(Value::Missing, |score| Value::Integer(score.penalty)),
            "ms" => integer(row.ms),
            "steps" => row.steps.map_or(Value::Missing, integer),
            "peak" => integer(row.peak),
            "cpu_ms" => integer(row.cpu),
            "cap" => integer(start.cap),
            _ => Value::Missing,
        }
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
        Trial { row, texts: vec!["comp01".into(), "40".into(), String::new()] }
    }

    fn read(text: &str) -> Filter {
        Filter::parse(&[text.to_owned()]).unwrap()
    }

    #[test]
    fn columns_of_trials_and_of_their_grid_are_found() {
        let columns = ["instance", "stage2b_share", "budget"].map(str::to_owned);
        let passes = |text: &str| Fitted::new(&read(text), &columns).unwrap().passes(&trial());
        for text in [
            "penalty<100",
            "penalty<=90 and instance=comp01",
            "stage2b.share>5 and seed=7",
            "state!=failed or seed=8",
            "instance in (comp01, comp02) and steps is null and budget is null",
        ] {
            assert!(passes(text), "{text}");
        }
        for text in ["penalty>100", "penalty<=90 and instance=comp02", "stage2b_share<5", "steps<9", "steps!=9"] {
            assert!(!passes(text), "{text}");
        }
        for own in OWN {
            assert!(passes(&format!("{own} is not null")) || own == "steps", "{own}");
        }
    }

    #[test]
    fn a_column_that_there_is_not_is_refused_by_name() {
        let why = Fitted::new(&read("penelty<5"), &[]).err().unwrap().to_string();
        assert!(why.contains("no column `penelty`") && why.contains("penalty"), "{why}");
    }
}
