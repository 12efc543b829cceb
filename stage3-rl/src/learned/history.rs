//! What was done so far, and how things stand.

use super::candidates::Facts;
use timetable::ClassId;

/// The memory of a walk.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// By class: how often it was moved.
    moved: Vec<u16>,
    /// What every candidate of this step has in common.
    pub(crate) state: Facts,
}

impl History {
    pub(crate) fn new(classes: usize) -> History {
        History { moved: vec![0; classes], state: Facts::default() }
    }

    pub(crate) fn moved(&self, class: ClassId) -> u32 {
        u32::from(self.moved[class.index()])
    }

    pub(crate) fn note(&mut self, class: ClassId) {
        let n = &mut self.moved[class.index()];
        *n = n.saturating_add(1);
    }
}
