//! The graph of clusters and its colours: clusters of one colour share nothing, so they can be
//! worked on at the same time.

use crate::conflict::ConflictGraph;
use petgraph::{graph::NodeIndex, graph::UnGraph};
use std::collections::BTreeMap;

/// The graph of clusters: an edge weighs what the edges between two clusters weigh together. Groups
/// that the conflict graph links with fewer edges than pairs have all their clusters linked here,
/// with weight 0 where nothing else links them.
pub fn cluster_graph(graph: &ConflictGraph, of: &[u32], count: usize) -> UnGraph<u32, u64> {
    let mut edges: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let merged = graph.csr().merged(of, count);
    edges.extend(merged.edges().map(|(a, b, weight)| ((a, b), weight)));
    let clusters_of = |classes: &[u32]| {
        let mut clusters: Vec<u32> = classes.iter().map(|&class| of[class as usize]).collect();
        clusters.sort_unstable();
        clusters.dedup();
        clusters
    };
    for group in graph.wide_groups() {
        let clusters = clusters_of(group);
        for (i, &a) in clusters.iter().enumerate() {
            for &b in &clusters[i + 1..] {
                edges.entry((a, b)).or_default();
            }
        }
    }
    let wide: Vec<Vec<u32>> = graph.wide_courses().iter().map(|classes| clusters_of(classes)).collect();
    for &(a, b) in graph.wide_pairs() {
        for &x in &wide[a as usize] {
            for &y in wide[b as usize].iter().filter(|&&y| y != x) {
                edges.entry((x.min(y), x.max(y))).or_default();
            }
        }
    }
    let mut clusters = UnGraph::with_capacity(count, edges.len());
    for c in 0..count as u32 {
        clusters.add_node(c);
    }
    for ((a, b), weight) in edges {
        clusters.add_edge(NodeIndex::new(a as usize), NodeIndex::new(b as usize), weight);
    }
    clusters
}

/// A colour for each node so that neighbours differ: DSATUR (Brélaz 1979), greedy by how many
/// colours a node already sees. Of equals the one with most neighbours, then the first, so the
/// result depends on the graph alone (petgraph's own depends on hashing).
pub fn colours(graph: &UnGraph<u32, u64>) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let n = graph.node_count();
    let mut colour = vec![NONE; n];
    let mut seen: Vec<std::collections::BTreeSet<u32>> = vec![Default::default(); n];
    let degree: Vec<usize> = graph.node_indices().map(|node| graph.neighbors(node).count()).collect();
    for _ in 0..n {
        let waiting = (0..n).filter(|&i| colour[i] == NONE);
        let next =
            waiting.max_by_key(|&i| (seen[i].len(), degree[i], std::cmp::Reverse(i))).expect("n nodes, one a turn");
        let lowest = (0..).find(|c| !seen[next].contains(c)).expect("more numbers than neighbours");
        colour[next] = lowest;
        for neighbour in graph.neighbors(NodeIndex::new(next)) {
            seen[neighbour.index()].insert(lowest);
        }
    }
    colour
}
