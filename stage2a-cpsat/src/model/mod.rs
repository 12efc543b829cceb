//! A few classes of a timetable as a CP-SAT model, all others staying where they are.
//!
//! A class has a Boolean for each of its times and one for each of its rooms; what the classes that
//! stay rule out or make dearer is worked out before the model is built, so that only what is
//! undecided gets into it. What is not modelled exactly (the days of students who may be given
//! other classes) is counted as it is now: the answer is put on the board, and is taken back where
//! it is worse.

mod amounts;
mod blocks;
mod bundle_rooms;
mod bundles;
mod clashes;
mod days;
mod domains;
mod fixed;
mod groups;
mod occupancy;
mod pairs;
mod relaxed;
mod rooms;
mod rooms_later;
mod seats;
mod stay_costs;
mod student_days;
mod students;
mod subproblem;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use bundles::bundles;
pub(crate) use domains::Cut;
pub(crate) use relaxed::{CostTarget, Relaxed, Rooms};
pub(crate) use stay_costs::StayCosts;
pub(crate) use subproblem::Links;

use cp_sat::builder::{BoolVar, CpModelBuilder};
use cp_sat::prost::Message;
use cp_sat::proto::CpSolverResponse;
use domains::UnaryCosts;
use rooms_later::RoomsLater;
use subproblem::Subproblem;
use timetable::{Board, ClassId, Placement, RequestId};
use writer::Writer;

/// With more constraints, or longer ones than usual, a model is not worth its memory: some 300
/// bytes each.
const MOST_CONSTRAINTS: usize = 150_000;

/// A position in a class's list of times or rooms, what stands there, and its variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    position: u16,
    id: u32,
    var: BoolVar,
}

/// A class whose place is to be found.
#[derive(Debug)]
pub(crate) struct FreeClass {
    class: ClassId,
    at: Placement,
    times: Vec<Choice>,
    rooms: Vec<Choice>,
    unplaced: Option<BoolVar>,
    /// It stands for so many classes that are alike, none of which meet.
    count: usize,
}

/// What a solution of a model says.
#[derive(Debug)]
pub(crate) struct Solution {
    /// Where the classes are.
    pub(crate) places: Vec<(ClassId, Placement)>,
    /// What students take, one class a place of the request.
    pub(crate) taken: Vec<(RequestId, Vec<u32>)>,
}

/// What a model is to be of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelSpec<'a> {
    /// Classes to be placed anew, each once.
    pub(crate) classes: &'a [ClassId],
    /// Requests of students who may be given other classes: ascending, each properly met now.
    pub(crate) requests: &'a [RequestId],
    /// How much of what they can choose.
    pub(crate) cut: Cut,
    /// Where to begin; otherwise with what is on the board.
    pub(crate) hint: Option<&'a Solution>,
    /// Times first and rooms afterwards, where the one does not depend on the other.
    pub(crate) rooms_later: bool,
    /// Where classes were, where it counts that they are elsewhere.
    pub(crate) stay: Option<StayCosts<'a>>,
}

/// Part of a timetable as a model.
#[derive(Debug)]
pub(crate) struct PartialModel {
    model: CpModelBuilder,
    free: Vec<FreeClass>,
    /// Rooms, where they are given afterwards.
    rooms_later: Option<RoomsLater>,
    /// What students may be given.
    open: Vec<seats::Open>,
    /// Whether all choices are in it that the classes have, and all that counts.
    is_whole: bool,
}

impl PartialModel {
    /// The model of what is wanted, given all else on the board; `None` where it would be too
    /// large.
    pub(crate) fn build(board: &Board<'_>, links: &Links, spec: ModelSpec<'_>) -> Option<PartialModel> {
        let ModelSpec { classes, requests, cut, hint, rooms_later, stay } = spec;
        let subproblem = Subproblem::new(board, links, classes, requests);
        let costs = |cut: Cut| {
            classes.iter().map(|&class| UnaryCosts::of(&subproblem, class, cut)).collect::<Vec<UnaryCosts>>()
        };
        let may_give_rooms_later = rooms_later && rooms_later::may_be(&subproblem);
        let mut chosen = costs(if may_give_rooms_later { cut.of_times() } else { cut });
        let mut all_stay = domains::all_stay(&subproblem, &chosen);
        let rooms_later = if may_give_rooms_later { RoomsLater::of(&subproblem, &mut chosen) } else { None };
        if may_give_rooms_later && rooms_later.is_none() {
            chosen = costs(cut);
            all_stay = domains::all_stay(&subproblem, &chosen);
        }
        let costs = chosen;
        let mut writer = Writer::new(MOST_CONSTRAINTS);
        let free = domains::declare(&subproblem, &costs, all_stay, &mut writer);
        clashes::write(&subproblem, &free, &mut writer);
        match &rooms_later {
            Some(rooms_later) => rooms_later.count(&free, &mut writer),
            None => rooms::write(&subproblem, &free, &costs, &mut writer),
        }
        pairs::write(&subproblem, &free, &mut writer);
        students::write(&subproblem, &free, &mut writer);
        groups::write(&subproblem, &free, &mut writer);
        occupancy::write(&subproblem, &free, &mut writer);
        student_days::write(&subproblem, &free, &mut writer);
        let open = seats::write(&subproblem, &free, &mut writer);
        if let Some(stay) = stay {
            stay_costs::write(&free, stay, &mut writer);
        }
        if writer.is_full() {
            return None;
        }
        let mut model = writer.finish();
        for class in &free {
            let hinted = hint.and_then(|hint| hint.places.iter().find(|(hinted, _)| *hinted == class.class));
            let at = hinted.map_or(class.at, |&(_, at)| at);
            for (choices, position) in [(&class.times, at.time), (&class.rooms, at.room)] {
                for choice in choices {
                    model.add_hint(choice.var, i64::from(at.is_placed() && choice.position == position));
                }
            }
            if let Some(unplaced) = class.unplaced {
                model.add_hint(unplaced, i64::from(!at.is_placed()));
            }
        }
        for open in &open {
            let hinted = hint.and_then(|hint| hint.taken.iter().find(|(request, _)| *request == open.request));
            let taken = hinted.map_or(board.taken(open.request), |(_, taken)| taken.as_slice());
            open.hint(taken, &mut model);
        }
        Some(PartialModel {
            model,
            free,
            rooms_later,
            open,
            is_whole: !subproblem.is_rough() && costs.iter().all(|costs| !costs.is_cut),
        })
    }

    /// The model, serialised.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.model.proto().encode_to_vec()
    }

    /// Whether its best is the best that these classes can have: no times or rooms are left out,
    /// and no constraint.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many constraints it has.
    pub(crate) fn constraints(&self) -> usize {
        self.model.proto().constraints.len()
    }

    /// How many variables it has.
    pub(crate) fn variables(&self) -> usize {
        self.model.proto().variables.len()
    }

    /// The classes whose place is to be found.
    pub(crate) fn classes(&self) -> impl Iterator<Item = ClassId> + '_ {
        self.free.iter().map(|class| class.class)
    }

    /// The requests for which students may be given other classes.
    pub(crate) fn requests(&self) -> impl Iterator<Item = RequestId> + '_ {
        self.open.iter().map(|open| open.request)
    }

    /// What a solution says; `None` where it is none of this model.
    pub(crate) fn read(&self, response: &CpSolverResponse) -> Option<Solution> {
        if response.solution.len() != self.model.proto().variables.len() {
            return None;
        }
        let chosen = |choices: &[Choice]| {
            let mut hits = choices.iter().filter(|choice| choice.var.solution_value(response));
            hits.next().map(|choice| choice.position)
        };
        let place = |class: &FreeClass| match (chosen(&class.times), chosen(&class.rooms)) {
            (None, _) => Placement::NOWHERE,
            (Some(time), _) if self.rooms_later.is_some() => Placement { time, room: Placement::NO_ROOM },
            (Some(time), None) if class.rooms.is_empty() => Placement { time, room: Placement::NO_ROOM },
            (Some(_), None) => Placement::NOWHERE,
            (Some(time), Some(room)) => Placement { time, room },
        };
        let mut places: Vec<Placement> = self.free.iter().map(place).collect();
        if let Some(rooms_later) = &self.rooms_later {
            rooms_later.give(&self.free, &mut places);
        }
        Some(Solution {
            places: self.free.iter().map(|class| class.class).zip(places).collect(),
            taken: self.open.iter().map(|open| (open.request, open.read(response))).collect(),
        })
    }
}
