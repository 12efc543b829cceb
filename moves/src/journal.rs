//! What a search has changed and may take back: an undo journal.

use timetable::{Board, ClassId, Delta, Placement, RequestId};

/// A timetable that is being changed: a board, or a board with what has to follow each change.
pub trait Changeable<'p> {
    /// The board.
    fn board(&mut self) -> &mut Board<'p>;

    /// Puts a class where it makes that difference, as [`Board::commit`].
    fn commit(&mut self, class: ClassId, to: Placement, delta: Delta);

    /// Has a request taken in a way that makes that difference, as [`Board::commit_enrol`].
    fn commit_enrol(&mut self, request: RequestId, to: &[u32], delta: Delta);

    /// Places, moves or takes away a class, and tells the difference.
    fn put(&mut self, class: ClassId, to: Placement) -> Delta {
        let delta = self.board().delta(class, to);
        self.commit(class, to, delta);
        delta
    }
}

impl<'p> Changeable<'p> for Board<'p> {
    fn board(&mut self) -> &mut Board<'p> {
        self
    }

    fn commit(&mut self, class: ClassId, to: Placement, delta: Delta) {
        Board::commit(self, class, to, delta);
    }

    fn commit_enrol(&mut self, request: RequestId, to: &[u32], delta: Delta) {
        Board::commit_enrol(self, request, to, delta);
    }
}

/// What one entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A class was placed, moved or taken away; here it was.
    Class(ClassId, Placement),
    /// A request is taken in another way.
    Request(RequestId),
}

/// Changes in the order in which they were made, each with the difference that it made, so that
/// taking it back computes nothing.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    changes: Vec<(Changed, Delta)>,
    /// What changed requests took before, one after the other.
    places: Vec<u32>,
}

impl Journal {
    /// Changes that can be taken back.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there is nothing to take back.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// There is no way back from here.
    pub fn clear(&mut self) {
        self.changes.clear();
        self.places.clear();
    }

    /// What was changed, in that order.
    pub fn changes(&self) -> impl Iterator<Item = Changed> + '_ {
        self.changes.iter().map(|change| change.0)
    }

    /// The classes that were changed, with where they were before, in that order.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, Placement)> + '_ {
        self.changes().filter_map(|change| match change {
            Changed::Class(class, was) => Some((class, was)),
            Changed::Request(_) => None,
        })
    }

    /// Puts a class somewhere, notes it, and tells the difference.
    pub fn put<'p>(&mut self, on: &mut impl Changeable<'p>, class: ClassId, to: Placement) -> Delta {
        let delta = on.board().delta(class, to);
        self.commit(on, class, to, delta);
        delta
    }

    /// The same where the difference is known.
    pub fn commit<'p>(&mut self, on: &mut impl Changeable<'p>, class: ClassId, to: Placement, delta: Delta) {
        let was = on.board().placement(class);
        on.commit(class, to, delta);
        self.changes.push((Changed::Class(class, was), delta));
    }

    /// Has a request taken in another way, notes it, and tells the difference.
    pub fn enrol<'p>(&mut self, on: &mut impl Changeable<'p>, request: RequestId, to: &[u32]) -> Delta {
        let delta = on.board().enrol_delta(request, to);
        self.note_request(on.board(), request, delta);
        on.commit_enrol(request, to, delta);
        delta
    }

    /// Notes that a request will now be taken in a way that makes that difference.
    pub fn note_request(&mut self, board: &Board<'_>, request: RequestId, delta: Delta) {
        self.places.extend_from_slice(board.taken(request));
        self.changes.push((Changed::Request(request), delta));
    }

    /// Takes the last change back, and tells what it was.
    pub fn take_back_one<'p>(&mut self, on: &mut impl Changeable<'p>) -> Option<Changed> {
        let (changed, delta) = self.changes.pop()?;
        match changed {
            Changed::Class(class, was) => on.commit(class, was, -delta),
            Changed::Request(request) => {
                let width = on.board().problem().requests()[request.index()].slots.len as usize;
                let first = self.places.len() - width;
                on.commit_enrol(request, &self.places[first..], -delta);
                self.places.truncate(first);
            }
        }
        Some(changed)
    }

    /// Takes back all but the first `kept` changes, the last first.
    pub fn take_back_to<'p>(&mut self, kept: usize, on: &mut impl Changeable<'p>) {
        while self.len() > kept {
            self.take_back_one(on);
        }
    }

    /// Takes all changes back, the last first.
    pub fn take_back<'p>(&mut self, on: &mut impl Changeable<'p>) {
        self.take_back_to(0, on);
    }
}
