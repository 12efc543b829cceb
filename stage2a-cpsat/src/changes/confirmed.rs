//! A question to CP-SAT, and where it matters the same once more, with another seed and without
//! presolve: what it proves has been wrong at times.

use super::solver::{Solver, SolverReply};
use super::{Fewest, bound, timetable};
use pipeline::StageError;
use timetable::{Board, ClassId, Problem, Timetable};

/// What the first of two questions may use of what both have.
const FIRST: f64 = 0.75;

/// How few of these classes have to be elsewhere than at `home`, all others staying where they are
/// on the board, and the best timetable that was found; with a share of what is left to spend.
/// `None` where that is too large for a model.
///
/// # Errors
/// Where there is not enough memory.
pub(super) fn fewest_moves(
    solver: &mut Solver<'_>,
    problem: &Problem,
    board: &Board<'_>,
    classes: &[ClassId],
    home: &Timetable,
    share: f64,
) -> Result<Option<Fewest>, StageError> {
    let begin = board.timetable();
    let times_first = solver.times_first;
    let fewest = |reply: SolverReply| match reply {
        SolverReply::TooLarge => None,
        SolverReply::Nothing(why) => Some(Fewest { least: Some(0), notes: vec![why], ..Fewest::default() }),
        SolverReply::Answer(reply) => {
            let found = timetable(problem, &reply, &begin);
            Some(Fewest { timetable: found, ..bound(problem, &reply, classes.len(), times_first) })
        }
    };
    let first_share = if solver.twice { share * FIRST } else { share };
    let Some(first) = fewest(solver.fewest_moves(board, classes, home, first_share, false)?) else { return Ok(None) };
    if !solver.twice || first.least == Some(0) {
        return Ok(Some(first));
    }
    // Of what is left, the rest of its share.
    let share = (share - first_share) / (1.0 - first_share);
    let second = fewest(solver.fewest_moves(board, classes, home, share, true)?);
    Ok(Some(both(first, second.unwrap_or(Fewest { least: Some(0), ..Fewest::default() }))))
}

/// What both answers say.
fn both(first: Fewest, second: Fewest) -> Fewest {
    let mut notes = first.notes;
    let found = first.timetable.is_some() || second.timetable.is_some();
    let none = |why: String| (Some(0), vec![why]);
    let (least, more) = match (first.least, second.least) {
        (None, None) if !found => (None, Vec::new()),
        (None, None) => none("CP-SAT says that no timetable is valid, and there is one: nothing is proven".to_owned()),
        (None, Some(0)) => none(
            "CP-SAT says that no timetable is valid; asked again, without presolve, it had no answer in time: that is no proof".to_owned(),
        ),
        (None, Some(least)) => (Some(least), vec!["two answers of CP-SAT differ: the weaker one is taken".to_owned()]),
        (Some(_), None) => none("two answers of CP-SAT contradict each other: nothing is proven".to_owned()),
        (Some(least), Some(again)) if again < least => (
            Some(again),
            vec![format!("CP-SAT proves {least}, but only {again}, in time, without presolve: that is taken")],
        ),
        (Some(least), Some(_)) => (Some(least), Vec::new()),
    };
    if least.is_some() && first.least.is_none() {
        notes.clear();
    }
    notes.extend(more);
    Fewest {
        least,
        least_times: first.least_times.min(second.least_times),
        timetable: first.timetable.or(second.timetable),
        notes,
        steps: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::both;
    use crate::Fewest;
    use timetable::{Placement, Timetable};

    fn says(least: Option<u32>) -> Fewest {
        Fewest { least, ..Fewest::default() }
    }

    fn and_found(least: Option<u32>) -> Fewest {
        let timetable = Timetable { placements: vec![Placement::NOWHERE], enrolment: Vec::new() };
        Fewest { timetable: Some(timetable), ..says(least) }
    }

    #[test]
    fn only_what_two_answers_agree_on_is_proven() {
        let least = |first: Fewest, second: Fewest| both(first, second).least;
        assert_eq!(least(says(Some(3)), says(Some(3))), Some(3));
        assert_eq!(least(says(Some(3)), says(Some(2))), Some(2));
        assert_eq!(least(says(Some(3)), says(Some(5))), Some(3));
        assert_eq!(least(says(None), says(None)), None);
        assert_eq!(least(says(None), says(Some(0))), Some(0));
        assert_eq!(least(says(None), says(Some(4))), Some(4));
        assert_eq!(least(says(Some(3)), says(None)), Some(0));
        assert_eq!(least(and_found(None), says(None)), Some(0), "a timetable is there");
        assert!(both(says(Some(3)), says(Some(2))).notes[0].contains("proves 3, but only 2"));
        assert!(both(says(Some(3)), says(Some(3))).notes.is_empty());
    }
}
