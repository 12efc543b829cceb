//! Clusters within a size range: the too large are clustered again, the too small are merged.

use crate::csr::{Csr, members, renumber};
use crate::louvain::{ShouldContinue, louvain};
use crate::quality::Resolution;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Beyond this resolution a cluster that has not come apart is one that cannot.
const FINEST: u32 = 16;
/// How often the resolution between "one piece" and "dust" is halved in search of something
/// between.
const BISECTIONS: u32 = 8;

/// Divides clusters with more than `most` nodes by clustering them again at higher resolutions,
/// never by cutting a list: a cluster that comes apart only into dust, such as a clique, stays as
/// it is.
pub fn split_large(graph: &Csr, of: &mut [u32], most: usize, seed: u64, should_continue: ShouldContinue<'_>) {
    let count = renumber(of);
    let clusters = members(of, count);
    let large: Vec<u32> = (0..count as u32).filter(|&c| clusters.of(c).len() > most).collect();
    let parts: Vec<Vec<Vec<u32>>> =
        large.par_iter().map(|&c| split(graph, clusters.of(c), most, seed, should_continue)).collect();
    for (number, part) in (count as u32..).zip(parts.into_iter().flatten()) {
        part.iter().for_each(|&node| of[node as usize] = number);
    }
    renumber(of);
}

/// The parts of one cluster, each of at most `most` nodes or irreducible.
pub(crate) fn split(
    graph: &Csr,
    cluster: &[u32],
    most: usize,
    seed: u64,
    should_continue: ShouldContinue<'_>,
) -> Vec<Vec<u32>> {
    let (mut whole, mut parts) = (vec![cluster.to_vec()], Vec::new());
    while let Some(nodes) = whole.pop() {
        let divide = nodes.len() > most && should_continue();
        let pieces = if divide { come_apart(&graph.induced(&nodes), seed, should_continue) } else { None };
        match pieces {
            None => parts.push(nodes),
            Some(of) => {
                let count = of.iter().max().map_or(0, |&c| c as usize + 1);
                let pieces = members(&of, count);
                let nodes_of = |c| pieces.of(c).iter().map(|&i| nodes[i as usize]).collect();
                whole.extend((0..count as u32).rev().map(nodes_of));
            }
        }
    }
    parts
}

/// The partition at the lowest resolution (of those tried) at which a graph comes apart; `None`
/// where it falls to dust at once.
fn come_apart(graph: &Csr, seed: u64, should_continue: ShouldContinue<'_>) -> Option<Vec<u32>> {
    let pieces = |of: &[u32]| of.iter().max().map_or(0, |&c| c as usize + 1);
    let is_dust = |of: &[u32]| pieces(of) * 2 > graph.len();
    let mut whole = Resolution::ONE;
    let mut resolution = Resolution::ONE;
    for _ in 0..FINEST {
        let of = louvain(graph, resolution, seed, should_continue);
        if pieces(&of) > 1 && !is_dust(&of) {
            return Some(of);
        }
        if pieces(&of) > 1 {
            return between(graph, whole, resolution, seed, should_continue, pieces);
        }
        whole = resolution;
        resolution = resolution.doubled();
    }
    None
}

/// Looks between a resolution that leaves one piece and one that leaves dust.
fn between(
    graph: &Csr,
    mut whole: Resolution,
    mut dust: Resolution,
    seed: u64,
    should_continue: ShouldContinue<'_>,
    pieces: impl Fn(&[u32]) -> usize,
) -> Option<Vec<u32>> {
    for _ in 0..BISECTIONS {
        let middle = whole.between(dust);
        if middle == whole || middle == dust {
            return None;
        }
        let of = louvain(graph, middle, seed, should_continue);
        match pieces(&of) {
            0 | 1 => whole = middle,
            n if n * 2 > graph.len() => dust = middle,
            _ => return Some(of),
        }
    }
    None
}

/// Merges clusters with fewer than `least` nodes into the neighbour that they share most weight
/// with, as long as that does not get more than `most` nodes; those that share nothing with anyone
/// are put together.
pub fn merge_small(graph: &Csr, of: &mut [u32], least: usize, most: usize) {
    let count = renumber(of);
    let merged = graph.merged(of, count);
    let mut size = vec![0usize; count];
    of.iter().for_each(|&c| size[c as usize] += 1);
    let mut weights: Vec<BTreeMap<u32, u64>> = (0..count as u32).map(|c| merged.row(c).collect()).collect();
    // Where each cluster has gone; itself at first.
    let mut into: Vec<u32> = (0..count as u32).collect();
    let mut small: BTreeSet<(usize, u32)> =
        (0..count as u32).map(|c| (size[c as usize], c)).filter(|&(n, _)| n < least).collect();
    let mut lonely: Option<u32> = None;
    while let Some((n, c)) = small.pop_first() {
        let fits = |other: u32| size[other as usize] + n <= most;
        let neighbours = weights[c as usize].iter().filter(|&(&other, _)| fits(other));
        let best =
            neighbours.max_by_key(|&(&other, &weight)| (weight, std::cmp::Reverse(other))).map(|(&other, _)| other);
        let target = match best {
            Some(best) => best,
            // A cluster with neighbours that are all full stays small.
            None if !weights[c as usize].is_empty() => continue,
            None => match lonely.filter(|&other| fits(other) && size[other as usize] < least) {
                Some(other) => other,
                None => {
                    lonely = Some(c);
                    continue;
                }
            },
        };
        small.remove(&(size[target as usize], target));
        into[c as usize] = target;
        size[target as usize] += n;
        for (other, weight) in std::mem::take(&mut weights[c as usize]) {
            weights[other as usize].remove(&c);
            if other != target {
                *weights[target as usize].entry(other).or_default() += weight;
                *weights[other as usize].entry(target).or_default() += weight;
            }
        }
        if size[target as usize] < least && lonely != Some(target) {
            small.insert((size[target as usize], target));
        }
    }
    for c in of.iter_mut() {
        while into[*c as usize] != *c {
            *c = into[*c as usize];
        }
    }
    renumber(of);
}
