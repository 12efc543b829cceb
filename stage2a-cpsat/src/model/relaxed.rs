//! What some classes cost at least, whatever all others do: a model of them alone. Whatever is left out of it only makes it cheaper, so the
//! best of such models, of parts that share no class, add up to a lower bound.
//!
//! Left out are students, and constraints that look at classes outside, but for those that more classes can only make dearer. Where times
//! are single slots, classes that are alike are one, and rooms are counted or given by time; otherwise each class has its time and its room.

use super::domains::{self, Cut, Own};
use super::inside::{self, Inside};
use super::scene::{Links, Scene};
use super::writer::Writer;
use super::{Free, clashes, groups, occupancy, pairs, rooms};
use cp_sat::builder::CpModelBuilder;
use cp_sat::prost::Message;
use timetable::{Board, ClassId};

/// What is made of rooms where times are single slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rooms {
    /// At each time no more classes than there are rooms that are good enough: smaller, and as a rule all that rooms cost.
    Counted,
    /// Each class in its room: with what it costs to change the room.
    Given,
}

/// A question: whether the cost can be as small as that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
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
    /// The model of `bundles` (see [`bundles`](super::bundles())) on an empty board: what they cost at least; or, with `within`, whether
    /// they can cost no more than that.
    pub(crate) fn build(
        board: &Board<'_>,
        links: &Links,
        bundles: &[&[ClassId]],
        rooms: Rooms,
        within: Option<Within>,
    ) -> Relaxed {
        let first: Vec<ClassId> = bundles.iter().map(|bundle| bundle[0]).collect();
        let by_slots = links.are_slots();
        let scene = Scene::relaxed(board, links, bundles, &first, !by_slots);
        let mut own: Vec<Own> = first.iter().map(|&class| Own::of(&scene, class, Cut::NONE)).collect();
        let mut writer = Writer::new(usize::MAX);
        let inside: Vec<Inside> = own.iter_mut().map(|own| Inside::of(own, by_slots)).collect();
        let declare = |((&class, bundle), own): ((&ClassId, &&[ClassId]), &Own)| {
            domains::one(&scene, class, own, (true, bundle.len()), &mut writer)
        };
        let free: Vec<Free> = first.iter().zip(bundles).zip(&own).map(declare).collect();
        clashes::write(&scene, &free, &mut writer);
        match (by_slots, rooms) {
            (false, _) => rooms::write(&scene, &free, &own, &mut writer),
            (true, Rooms::Counted) => inside::count(&scene, &free, &inside, &mut writer),
            (true, Rooms::Given) => {
                let left = within.map(|within| (within.cost - within.without_changes).max(0));
                inside::give(&scene, &free, &inside, left, &mut writer);
            }
        }
        pairs::write(&scene, &free, &mut writer);
        groups::write(&scene, &free, &mut writer);
        occupancy::write(&scene, &free, &mut writer);
        Relaxed {
            model: match within {
                Some(within) => writer.finish_within(within.cost),
                None => writer.finish(),
            },
        }
    }

    /// The model, serialised.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.model.proto().encode_to_vec()
    }
}
