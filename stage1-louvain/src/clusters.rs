//! From the conflict graph to clusters within a size range, coloured and described.

use crate::balance::balance;
use crate::colour::{cluster_graph, colours};
use crate::conflict::ConflictGraph;
use crate::csr::renumber;
use crate::leiden::leiden;
use crate::louvain::{ShouldContinue, louvain};
use crate::quality::{Resolution, cut_weight, modularity};
use crate::sizes::{merge_small, split_large};
use pipeline::Clusters;

/// How communities are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// [`louvain`].
    Louvain,
    /// [`leiden`].
    Leiden,
}

/// The cluster of each class: communities, then the too large clustered again and the too small
/// merged. Told not to go on, it ends with what it has, whatever the sizes.
pub fn cluster(
    graph: &ConflictGraph,
    method: Method,
    (min, max): (usize, usize),
    seed: u64,
    should_continue: ShouldContinue<'_>,
) -> Vec<u32> {
    let csr = graph.csr();
    let mut of = match method {
        Method::Louvain => louvain(csr, Resolution::ONE, seed, should_continue),
        Method::Leiden => leiden(csr, Resolution::ONE, seed, should_continue),
    };
    split_large(csr, &mut of, max, seed, should_continue);
    merge_small(csr, &mut of, min, max);
    balance(csr, &mut of, min, max, seed, should_continue);
    of
}

/// Numbers and colours clusters.
pub fn finish(graph: &ConflictGraph, mut of: Vec<u32>) -> Clusters {
    let count = renumber(&mut of);
    let colour = colours(&cluster_graph(graph, &of, count));
    Clusters { of, count: count as u32, colour }
}

/// What people want to know of clusters, a line each; numbers are exact to the digits shown, so
/// they are the same everywhere.
pub fn describe(graph: &ConflictGraph, clusters: &Clusters, min: usize, max: usize) -> Vec<String> {
    let csr = graph.csr();
    let mut sizes: Vec<usize> = clusters.members().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else { return vec!["no classes".into()] };
    let colours = clusters.colour.iter().max().map_or(0, |&c| c + 1);
    let (cut, total) = (cut_weight(csr, &clusters.of), csr.total());
    let percent = if total == 0 { 0.0 } else { 100.0 * cut as f64 / total as f64 };
    let mut notes = vec![
        format!("{} clusters of {least} to {most} classes, median {}", sizes.len(), sizes[sizes.len() / 2]),
        format!("conflict graph: {} edges, weight {total}", csr.edge_count()),
        format!("modularity {:.3}, {percent:.1} % of the weight cut ({cut})", modularity(csr, &clusters.of)),
        format!("{colours} colours"),
    ];
    let large: Vec<String> = sizes.iter().filter(|&&n| n > max).map(usize::to_string).collect();
    if !large.is_empty() {
        notes.push(format!("larger than {max} and not divisible: {} classes", large.join(", ")));
    }
    let small = sizes.iter().filter(|&&n| n < min).count();
    if small > 0 {
        notes.push(format!("smaller than {min}, with neighbours that are full: {small}"));
    }
    notes
}
