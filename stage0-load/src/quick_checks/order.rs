//! Hard precedences that go round in a circle.

use super::{Check, Finding, Findings, Severity};
use timetable::{ClassId, Kind};

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let n = problem.classes().len();
    let mut after: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut before = vec![0u32; n];
    for id in all.hard().filter(|&id| problem.kind_of(id) == Kind::Precedence) {
        // Of a list, each comes before the next, and so before all that follow.
        for pair in problem.classes_of(id).windows(2) {
            after[pair[0] as usize].push(pair[1]);
            before[pair[1] as usize] += 1;
        }
    }
    let mut free: Vec<usize> = (0..n).filter(|&c| before[c] == 0).collect();
    while let Some(c) = free.pop() {
        for &next in &after[c] {
            before[next as usize] -= 1;
            if before[next as usize] == 0 {
                free.push(next as usize);
            }
        }
    }
    // What is left lies on a circle or behind one; going forward within it must come back.
    let Some(start) = (0..n).find(|&c| before[c] > 0) else { return };
    let mut into: Vec<Option<usize>> = vec![None; n];
    for c in (0..n).filter(|&c| before[c] > 0) {
        for &next in &after[c] {
            into[next as usize].get_or_insert(c);
        }
    }
    let mut place = vec![usize::MAX; n];
    let mut path = Vec::new();
    let mut at = start;
    while place[at] == usize::MAX {
        place[at] = path.len();
        path.push(at);
        at = into[at].expect("what is left has a predecessor that is left");
    }
    let circle: Vec<ClassId> = path[place[at]..].iter().rev().map(|&c| ClassId::new(c)).collect();
    let words = all.words;
    all.add(Finding {
        severity: Severity::Error,
        check: Check::Order,
        rule: words.rule(Kind::Precedence).to_owned(),
        text: format!("{} come each before the next in a circle", words.classes(&circle)),
        remedy: "Maybe leave out one of these orders".to_owned(),
        places: words.places_of(&circle),
        classes: circle,
    });
}
