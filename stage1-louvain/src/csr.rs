//! A weighted undirected graph, stored row by row (compressed sparse rows).

use pipeline::Bytes;

/// A weighted undirected graph on the nodes `0..len`; every edge stands in the rows of both its
/// ends, loops stand apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csr {
    /// Where each node's row begins; one entry more than nodes.
    offsets: Vec<usize>,
    /// The other ends.
    ends: Vec<u32>,
    /// The weights, beside `ends`.
    weights: Vec<u64>,
    /// Weight of the loop at each node: what has been merged into it.
    loops: Vec<u64>,
}

impl Csr {
    /// From edges `(a, b, weight)` with `a < b`, each pair once. Rows are ordered by the other end
    /// where the edges are ordered.
    pub fn from_edges(nodes: usize, edges: &[(u32, u32, u64)]) -> Csr {
        let mut offsets = vec![0usize; nodes + 1];
        for &(a, b, _) in edges {
            offsets[a as usize + 1] += 1;
            offsets[b as usize + 1] += 1;
        }
        for i in 0..nodes {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut ends = vec![0u32; 2 * edges.len()];
        let mut weights = vec![0u64; 2 * edges.len()];
        for &(a, b, weight) in edges {
            for (from, to) in [(a, b), (b, a)] {
                let at = next[from as usize];
                ends[at] = to;
                weights[at] = weight;
                next[from as usize] += 1;
            }
        }
        Csr { offsets, ends, weights, loops: vec![0; nodes] }
    }

    /// What a graph takes, and for a moment while it is made.
    pub(crate) fn bytes(nodes: usize, edges: usize) -> Bytes {
        Bytes::of::<usize>(3 * nodes).saturating_add(Bytes::of::<(u32, u64)>(2 * edges))
    }

    /// What this one takes.
    pub(crate) fn held(&self) -> Bytes {
        Csr::bytes(self.len(), self.edge_count())
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.loops.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.loops.is_empty()
    }

    /// How many edges there are, without loops.
    pub fn edge_count(&self) -> usize {
        self.ends.len() / 2
    }

    /// The other ends of a node's edges, with their weights.
    #[inline]
    pub fn row(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let range = self.offsets[node as usize]..self.offsets[node as usize + 1];
        self.ends[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }

    /// The weight of a node's loop.
    #[inline]
    pub fn loop_of(&self, node: u32) -> u64 {
        self.loops[node as usize]
    }

    /// Each edge once, `(a, b, weight)` with `a < b`.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32, u64)> + '_ {
        (0..self.len() as u32).flat_map(move |a| self.row(a).filter(move |&(b, _)| a < b).map(move |(b, w)| (a, b, w)))
    }

    /// Weight at each node; a loop counts twice, as both its ends are there.
    pub fn strengths(&self) -> Vec<u64> {
        (0..self.len() as u32).map(|i| 2 * self.loop_of(i) + self.row(i).map(|(_, w)| w).sum::<u64>()).collect()
    }

    /// The sum of all weights, each edge and loop once.
    pub fn total(&self) -> u64 {
        self.loops.iter().sum::<u64>() + self.weights.iter().sum::<u64>() / 2
    }

    /// The graph of groups, numbered `0..count`: an edge weighs what the edges between the two
    /// groups weigh together, a loop what lies within.
    pub fn merged(&self, group: &[u32], count: usize) -> Csr {
        let members = members(group, count);
        let mut merged = Csr {
            offsets: Vec::with_capacity(count + 1),
            ends: Vec::new(),
            weights: Vec::new(),
            loops: vec![0; count],
        };
        merged.offsets.push(0);
        let mut sums = vec![0u64; count];
        let mut touched: Vec<u32> = Vec::new();
        for here in 0..count as u32 {
            let mut within_twice = 0;
            for &node in members.of(here) {
                merged.loops[here as usize] += self.loop_of(node);
                for (end, weight) in self.row(node) {
                    let there = group[end as usize];
                    if there == here {
                        within_twice += weight;
                    } else {
                        if sums[there as usize] == 0 {
                            touched.push(there);
                        }
                        sums[there as usize] += weight;
                    }
                }
            }
            merged.loops[here as usize] += within_twice / 2;
            touched.sort_unstable();
            for there in touched.drain(..) {
                merged.ends.push(there);
                merged.weights.push(std::mem::take(&mut sums[there as usize]));
            }
            merged.offsets.push(merged.ends.len());
        }
        merged
    }

    /// The part of the graph on these nodes (in ascending order), renumbered in their order.
    pub fn induced(&self, nodes: &[u32]) -> Csr {
        let mut part = Csr { offsets: vec![0], ends: Vec::new(), weights: Vec::new(), loops: Vec::new() };
        for &node in nodes {
            for (end, weight) in self.row(node) {
                if let Ok(at) = nodes.binary_search(&end) {
                    part.ends.push(at as u32);
                    part.weights.push(weight);
                }
            }
            part.offsets.push(part.ends.len());
            part.loops.push(self.loop_of(node));
        }
        part
    }
}

/// The nodes of every group, ascending, one group after the other.
pub(crate) struct Members {
    offsets: Vec<usize>,
    nodes: Vec<u32>,
}

impl Members {
    pub(crate) fn of(&self, group: u32) -> &[u32] {
        &self.nodes[self.offsets[group as usize]..self.offsets[group as usize + 1]]
    }
}

pub(crate) fn members(group: &[u32], count: usize) -> Members {
    let mut offsets = vec![0usize; count + 1];
    for &g in group {
        offsets[g as usize + 1] += 1;
    }
    for i in 0..count {
        offsets[i + 1] += offsets[i];
    }
    let mut next = offsets.clone();
    let mut nodes = vec![0u32; group.len()];
    for (node, &g) in group.iter().enumerate() {
        nodes[next[g as usize]] = node as u32;
        next[g as usize] += 1;
    }
    Members { offsets, nodes }
}

/// Numbers groups in the order in which nodes first belong to them. Returns how many there are.
pub(crate) fn renumber(group: &mut [u32]) -> usize {
    const UNSEEN: u32 = u32::MAX;
    let largest = group.iter().max().map_or(0, |&g| g as usize + 1);
    let mut number = vec![UNSEEN; largest];
    let mut count = 0;
    for g in group {
        let slot = &mut number[*g as usize];
        if *slot == UNSEEN {
            *slot = count;
            count += 1;
        }
        *g = *slot;
    }
    count as usize
}
