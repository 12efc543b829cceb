//! What some classes cost at least, whatever all others do: a model of them alone. Whatever is left
//! out of it only makes it cheaper, so the best of such models, of parts that share no class, add
//! up to a lower bound.
//!
//! Left out are students, and constraints that look at classes outside, but for those that more
//! classes can only make dearer. Where times are single slots, classes that are alike are one, and
//! rooms are counted or given by time; otherwise each class has its time and its room.

use super::bundle_rooms::{self, BundleRooms};
use super::domains::{self, Cut, UnaryCosts};
use super::subproblem::{Links, Subproblem};
use super::writer::Writer;
use super::{FreeClass, clashes, groups, occupancy, pairs, rooms};
use cp_sat::builder::CpModelBuilder;
use cp_sat::prost::Message;
use timetable::{Board, ClassId};

/// What is made of rooms where times are single slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rooms {
    /// At each time no more classes than there are rooms that are good enough: smaller, and as a
    /// rule all that rooms cost.
    Counted,
    /// Each class in its room: with what it costs to change the room.
    Given,
}

/// A question: whether the cost can be as small as that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CostTarget {
    /// All of it.
    pub(crate) cost: i64,
    /// What is known to come of all else than changing rooms: so much less is left for that.
    pub(crate) without_changes: i64,
}

/// A model of which nothing but the cost is wanted.
#[derive(Debug)]
pub(crate) struct Relaxed {
    model: CpModelBuilder,
}

impl Relaxed {
    /// The model of `bundles` (see [`bundles`](super::bundles())) on an empty board: what they cost
    /// at least; or, with `target`, whether they can cost no more than that.
    pub(crate) fn build(
        board: &Board<'_>,
        links: &Links,
        bundles: &[&[ClassId]],
        rooms: Rooms,
        target: Option<CostTarget>,
    ) -> Relaxed {
        let first: Vec<ClassId> = bundles.iter().map(|bundle| bundle[0]).collect();
        let by_slots = links.are_slots();
        let subproblem = Subproblem::relaxed(board, links, bundles, &first, !by_slots);
        let mut costs: Vec<UnaryCosts> =
            first.iter().map(|&class| UnaryCosts::of(&subproblem, class, Cut::NONE)).collect();
        let mut writer = Writer::new(usize::MAX);
        let bundle_rooms: Vec<BundleRooms> = costs.iter_mut().map(|costs| BundleRooms::of(costs, by_slots)).collect();
        let declare = |((&class, bundle), costs): ((&ClassId, &&[ClassId]), &UnaryCosts)| {
            domains::one(&subproblem, class, costs, (true, bundle.len()), &mut writer)
        };
        let free: Vec<FreeClass> = first.iter().zip(bundles).zip(&costs).map(declare).collect();
        clashes::write(&subproblem, &free, &mut writer);
        match (by_slots, rooms) {
            (false, _) => rooms::write(&subproblem, &free, &costs, &mut writer),
            (true, Rooms::Counted) => bundle_rooms::count(&subproblem, &free, &bundle_rooms, &mut writer),
            (true, Rooms::Given) => {
                let left = target.map(|target| (target.cost - target.without_changes).max(0));
                bundle_rooms::give(&subproblem, &free, &bundle_rooms, left, &mut writer);
            }
        }
        pairs::write(&subproblem, &free, &mut writer);
        groups::write(&subproblem, &free, &mut writer);
        occupancy::write(&subproblem, &free, &mut writer);
        Relaxed {
            model: match target {
                Some(target) => writer.finish_within(target.cost),
                None => writer.finish(),
            },
        }
    }

    /// The model, serialised.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.model.proto().encode_to_vec()
    }
}
