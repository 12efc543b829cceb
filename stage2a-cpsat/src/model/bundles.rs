//! Classes that are alike: the lectures of a course, told apart by nothing but their names.

use super::subproblem::{Links, is_clash};
use rustc_hash::FxHashMap;
use timetable::{ClassId, ConstraintId, Kind, Problem};

/// All classes, those together that have the same times, rooms and constraints and may not meet.
/// Where times are more than single slots each stands alone.
pub(crate) fn bundles(problem: &Problem, links: &Links) -> Vec<Vec<ClassId>> {
    let mut bundles: Vec<Vec<ClassId>> = Vec::new();
    let mut known: FxHashMap<BundleKey, usize> = FxHashMap::default();
    for class in problem.class_ids() {
        let alike = links.are_slots() && may_be_bundled(problem, links, class);
        let place = if alike {
            *known.entry(BundleKey::of(problem, links, class)).or_insert(bundles.len())
        } else {
            bundles.len()
        };
        match bundles.get_mut(place) {
            Some(bundle) => bundle.push(class),
            None => bundles.push(vec![class]),
        }
    }
    bundles
}

/// Whether its constraints say nothing of which of several classes is where, and one of them that
/// no two meet.
fn may_be_bundled(problem: &Problem, links: &Links, class: ClassId) -> bool {
    let kinds =
        || links.of(class).iter().map(|&id| (problem.kind_of(ConstraintId(id)), &problem.constraints()[id as usize]));
    let is_indifferent = |kind: Kind, hard: bool| match kind {
        Kind::Availability | Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::RoomStability | Kind::MaxDayLoad => {
            true
        }
        kind => is_clash(kind) && hard,
    };
    kinds().all(|(kind, row)| is_indifferent(kind, row.hard == 1))
        && kinds().any(|(kind, row)| is_clash(kind) && row.hard == 1)
}

/// What classes have in common that are alike.
#[derive(PartialEq, Eq, Hash)]
struct BundleKey {
    times: Vec<(u32, u32)>,
    rooms: Vec<(u32, u32)>,
    constraints: Vec<u32>,
}

impl BundleKey {
    fn of(problem: &Problem, links: &Links, class: ClassId) -> BundleKey {
        BundleKey {
            times: problem.times_of(class).iter().map(|t| (t.time, t.penalty)).collect(),
            rooms: problem.rooms_of(class).iter().map(|r| (r.room, r.penalty)).collect(),
            constraints: links.of(class).to_vec(),
        }
    }
}
