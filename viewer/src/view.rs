//! What there is to show.

use pipeline::Event;
use scheduler::Unplaced;
use stage0_load::csv_folder::Labels;
use timetable::{Problem, Report, Timetable};

/// A timetable with all that is known about it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What was to be solved.
    pub problem: &'a Problem,
    /// The timetable; it fits the problem.
    pub timetable: &'a Timetable,
    /// What people call things, where that is known.
    pub labels: Option<&'a Labels>,
    /// What the checker says.
    pub report: &'a Report,
    /// Which classes are not placed, and why.
    pub unplaced: &'a [Unplaced],
    /// How the stages of the run ended, where there was one.
    pub events: &'a [Event],
    /// No valid timetable has a smaller penalty, where that is proven.
    pub bound: Option<i64>,
    /// The timetable to compare with.
    pub before: Option<Before<'a>>,
}

impl View<'_> {
    /// Bytes that making a page takes at most, besides what is shown.
    pub fn max_bytes(&self) -> u64 {
        let p = self.problem;
        let (classes, names) = (p.classes().len(), p.rooms().len() + p.courses().len() + p.students().len());
        let before = self.before.map_or(0, |before| before.problem.classes().len() + before.problem.students().len());
        (2 << 20) + 400 * (classes + names + before) as u64 + 4 * p.name_bytes().len() as u64
    }
}

/// An earlier timetable, maybe of a problem with other classes.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its problem.
    pub problem: &'a Problem,
    /// The timetable; it fits its problem.
    pub timetable: &'a Timetable,
}
