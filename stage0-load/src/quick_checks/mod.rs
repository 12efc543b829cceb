//! Lower bounds that tell at once why an input cannot be solved. Silence proves nothing; a message
//! does.

mod cliques;
mod grid;
mod precedence;
mod rooms;

use timetable::Problem;

/// More steps than this no check takes: on a problem larger than that it says less.
const WORK_MAX: u64 = 300_000_000;
/// More messages of one sort are not made.
const SHOWN: usize = 20;

/// Why no timetable can place every class without breaking a hard rule; empty where no reason was
/// found.
///
/// * a class whose rooms are all unavailable whenever it can be held;
/// * classes that need more room-slots than their rooms have;
/// * a teacher, a curriculum, a student or a group that may not overlap with more slots of classes
///   than there are slots;
/// * classes that would all have to come before each other.
pub fn hopeless(problem: &Problem) -> Vec<String> {
    let mut reasons = rooms::blocked_classes(problem);
    reasons.extend(rooms::crowded_rooms(problem));
    reasons.extend(cliques::crowded_groups(problem));
    reasons.extend(precedence::circles(problem));
    reasons
}

/// The first messages, and how many more there are.
fn first_ones(mut reasons: Vec<String>, what: &str) -> Vec<String> {
    if reasons.len() > SHOWN {
        let more = reasons.len() - SHOWN;
        reasons.truncate(SHOWN);
        reasons.push(format!("... and {more} more {what}"));
    }
    reasons
}
