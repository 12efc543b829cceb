//! Classes of which no two may overlap: together they need as many slots as they have.

use super::grid::{Grid, least_slots, meetings};
use super::{WORK_MAX, first_ones};
use fixedbitset::FixedBitSet;
use timetable::{ClassId, ConstraintId, Kind, NONE, Problem};

struct Counter<'p> {
    problem: &'p Problem,
    grid: Grid,
    least: Vec<u64>,
    cells: FixedBitSet,
    marked: Vec<u32>,
    round: u32,
    work: u64,
}

impl Counter<'_> {
    /// Slots needed and slots there are, where the first are more.
    fn too_many(&mut self, classes: &[u32]) -> Option<(u64, u64)> {
        let needed: u64 = classes.iter().map(|&c| self.least[c as usize]).sum();
        // A single class's own slots are enough most of the time: stop marking as soon as there are
        // as many as needed.
        self.cells.clear();
        self.round += 1;
        self.work += self.cells.len() as u64 / 64;
        let (mut there, mut new) = (0, 0u64);
        for &class in classes {
            for o in self.problem.times_of(ClassId(class)) {
                self.work += 1;
                if std::mem::replace(&mut self.marked[o.time as usize], self.round) != self.round {
                    let t = &self.problem.times()[o.time as usize];
                    self.grid.set(&mut self.cells, t, true);
                    self.work += meetings(t);
                    new += meetings(t) * u64::from(t.length());
                }
            }
            if new >= needed {
                there = self.cells.count_ones(..) as u64;
                self.work += self.cells.len() as u64 / 64;
                if there >= needed || self.work > WORK_MAX {
                    return None;
                }
            }
        }
        there = there.max(self.cells.count_ones(..) as u64);
        (there < needed).then_some((needed, there))
    }
}

pub(super) fn crowded_groups(problem: &Problem) -> Vec<String> {
    let Some(grid) = Grid::new(problem) else { return Vec::new() };
    let mut counter = Counter {
        problem,
        grid,
        least: problem.class_ids().map(|c| least_slots(problem, c)).collect(),
        cells: grid.empty(),
        marked: vec![0; problem.times().len()],
        round: 0,
        work: 0,
    };
    let mut reasons = Vec::new();
    for (i, row) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let kind = problem.kind_of(id);
        let apart = matches!(
            kind,
            Kind::TeacherClash | Kind::CurriculumClash | Kind::NotOverlap | Kind::SameAttendees | Kind::DifferentTime
        );
        if row.hard == 0 || !apart || counter.work > WORK_MAX {
            continue;
        }
        let mut classes = problem.classes_of(id).to_vec();
        classes.sort_unstable();
        classes.dedup();
        if let Some((needed, there)) = counter.too_many(&classes) {
            let whom = match (kind, problem.name(row.name)) {
                (Kind::TeacherClash, name) => format!("teacher {name}"),
                (Kind::CurriculumClash, name) => format!("curriculum {name}"),
                (kind, "") => format!("constraint {} ({kind})", i + 1),
                (kind, name) => format!("constraint {name} ({kind})"),
            };
            reasons.push(format!(
                "{whom}: {} classes that may not overlap need {needed} slots, there are {there}",
                classes.len()
            ));
        }
    }
    if problem.meta().student_conflicts_hard == 1 {
        reasons.extend(crowded_students(&mut counter));
    }
    first_ones(reasons, "groups with too few slots")
}

/// Students who must attend classes that do not fit into the week: courses that leave no choice of
/// a class.
fn crowded_students(counter: &mut Counter<'_>) -> Vec<String> {
    let problem = counter.problem;
    let mut reasons = Vec::new();
    let mut chosen = timetable::Timetable::empty(problem);
    crate::enrol_where_there_is_no_choice(problem, &mut chosen);
    for student in problem.students() {
        if counter.work > WORK_MAX {
            break;
        }
        let places = problem.requests()[student.requests.range()].iter().flat_map(|r| r.slots.range());
        let classes: Vec<u32> = places.map(|i| chosen.enrolment[i]).filter(|&c| c != NONE).collect();
        if let Some((needed, there)) = counter.too_many(&classes) {
            let name = problem.name(student.name);
            reasons.push(format!("student {name}: {} classes need {needed} slots, there are {there}", classes.len()));
        }
    }
    reasons
}
