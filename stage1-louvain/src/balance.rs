//! A cluster that is too small beside neighbours that are full: it shares with one of them anew.

use crate::csr::{Csr, members, renumber};
use crate::louvain::ShouldContinue;
use crate::sizes::{merge_small, split};

/// So many neighbours are tried, those that share most weight first.
const NEIGHBOURS: usize = 4;

/// For every cluster with fewer than `least` nodes: takes it and a neighbour apart and merges the
/// pieces into two or more clusters within the range, if there is a way. What cannot be helped
/// stays as it is.
pub fn balance(graph: &Csr, of: &mut [u32], least: usize, most: usize, seed: u64, should_continue: ShouldContinue<'_>) {
    let count = renumber(of);
    let clusters = members(of, count);
    let merged = graph.merged(of, count);
    let mut changed = vec![false; count];
    let mut next = count as u32;
    for c in (0..count as u32).filter(|&c| clusters.of(c).len() < least) {
        let mut neighbours: Vec<(u32, u64)> = merged.row(c).collect();
        neighbours.sort_unstable_by_key(|&(other, weight)| (std::cmp::Reverse(weight), other));
        for &(other, _) in neighbours.iter().take(NEIGHBOURS) {
            if changed[c as usize] || changed[other as usize] || !should_continue() {
                continue;
            }
            let mut both = [clusters.of(c), clusters.of(other)].concat();
            both.sort_unstable();
            if let Some(shared) = share(graph, &both, least, most, seed, should_continue) {
                both.iter().zip(&shared).for_each(|(&node, &part)| of[node as usize] = next + part);
                next += both.len() as u32;
                changed[c as usize] = true;
                changed[other as usize] = true;
            }
        }
    }
    renumber(of);
}

/// Clusters of these nodes, all within the range.
fn share(
    graph: &Csr,
    nodes: &[u32],
    least: usize,
    most: usize,
    seed: u64,
    should_continue: ShouldContinue<'_>,
) -> Option<Vec<u32>> {
    let part = graph.induced(nodes);
    let all: Vec<u32> = (0..nodes.len() as u32).collect();
    let mut pieces = vec![0u32; nodes.len()];
    for (i, piece) in split(&part, &all, least, seed, should_continue).into_iter().enumerate() {
        piece.into_iter().for_each(|node| pieces[node as usize] = i as u32);
    }
    // Halves first: the best neighbour would otherwise take all that fits.
    let half = nodes.len().div_ceil(2).clamp(least, most);
    for cap in [half, half.midpoint(most), most] {
        let mut of = pieces.clone();
        merge_small(&part, &mut of, least, cap);
        let count = renumber(&mut of);
        let clusters = members(&of, count);
        if (0..count as u32).all(|c| (least..=most).contains(&clusters.of(c).len())) {
            return Some(of);
        }
    }
    None
}
