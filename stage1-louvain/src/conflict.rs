//! The conflict graph: which classes have to do with each other, and how much.

use crate::csr::Csr;
use crate::edges::{GraphError, PairSums};
use crate::gathering::Gathering;
use crate::{groups, students};
use petgraph::{graph::NodeIndex, graph::UnGraph};
use pipeline::{Bytes, Ledger, Reservation};
use timetable::{NONE, Problem, Timetable};

/// A node for each class; an edge weighs the students that two classes share ([`UNIT`](crate::UNIT)
/// each) and the constraints and contested rooms in the same currency. Built without looking at all
/// pairs: groups beyond a size are linked in a ring of the same total weight, and kept as
/// [`ConflictGraph::wide_groups`] for whoever has to know exactly who shares something.
#[derive(Debug)]
pub struct ConflictGraph {
    csr: Csr,
    wide_groups: Vec<Vec<u32>>,
    wide_courses: Vec<Vec<u32>>,
    wide_pairs: Vec<(u32, u32)>,
    /// For its rows.
    _promised: Option<Reservation>,
}

impl ConflictGraph {
    /// Builds the graph. Students count where they are enrolled, if the timetable enrols anyone,
    /// otherwise where they are expected.
    ///
    /// # Errors
    /// Where the ledger has no memory for all its edges, or `stop` said so.
    pub fn build(
        problem: &Problem,
        timetable: Option<&Timetable>,
        ledger: &Ledger,
        stop: &dyn Fn() -> bool,
    ) -> Result<ConflictGraph, GraphError> {
        let mut gathered = Gathering {
            pairs: PairSums::new(ledger.reserve("conflict graph", Bytes::ZERO)?, stop),
            wide_groups: Vec::new(),
            wide_courses: Vec::new(),
            wide_pairs: Vec::new(),
        };
        match timetable.filter(|t| t.enrolment.iter().any(|&class| class != NONE)) {
            Some(timetable) => students::enrolled(problem, timetable, &mut gathered),
            None => students::expected(problem, ledger, stop, &mut gathered)?,
        }
        groups::constraints(problem, &mut gathered);
        groups::contested_rooms(problem, &mut gathered);
        let Gathering { pairs, wide_groups, wide_courses, wide_pairs } = gathered;
        let (edges, mut promised) = pairs.finish()?;
        let rows = Csr::bytes(problem.classes().len(), edges.len());
        promised.try_grow(rows)?;
        let csr = Csr::from_edges(problem.classes().len(), &edges);
        drop(edges);
        promised.resize(rows)?;
        Ok(ConflictGraph { csr, wide_groups, wide_courses, wide_pairs, _promised: Some(promised) })
    }

    /// A graph of these edges alone.
    pub fn of(csr: Csr) -> ConflictGraph {
        ConflictGraph {
            csr,
            wide_groups: Vec::new(),
            wide_courses: Vec::new(),
            wide_pairs: Vec::new(),
            _promised: None,
        }
    }

    /// The graph by rows.
    pub fn csr(&self) -> &Csr {
        &self.csr
    }

    /// Groups of classes, every two of which share something, that are linked with fewer edges than
    /// pairs.
    pub fn wide_groups(&self) -> &[Vec<u32>] {
        &self.wide_groups
    }

    /// The classes of each course, where [`ConflictGraph::wide_pairs`] has any.
    pub(crate) fn wide_courses(&self) -> &[Vec<u32>] {
        &self.wide_courses
    }

    /// Pairs of courses whose classes are linked with fewer edges than pairs.
    pub(crate) fn wide_pairs(&self) -> &[(u32, u32)] {
        &self.wide_pairs
    }

    /// The graph for petgraph's algorithms: class ids at the nodes.
    pub fn petgraph(&self) -> UnGraph<u32, u64> {
        let mut graph = UnGraph::with_capacity(self.csr.len(), self.csr.edge_count());
        for class in 0..self.csr.len() as u32 {
            graph.add_node(class);
        }
        for (a, b, weight) in self.csr.edges() {
            graph.add_edge(NodeIndex::new(a as usize), NodeIndex::new(b as usize), weight);
        }
        graph
    }
}
