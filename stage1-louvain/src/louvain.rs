//! The Louvain method (Blondel et al. 2008), with the queue and the connected communities of its
//! successor (Traag et al. 2019).

use crate::csr::{Csr, renumber};
use crate::quality::Resolution;
use crate::random::SplitMix;
use std::collections::VecDeque;

/// After the coarsest level, single nodes are moved once more and all levels climbed again, this
/// often at most.
const ROUNDS: usize = 3;
/// Nodes moved between two questions whether to go on.
const ASK_EVERY: u32 = 256;

/// Asked now and then whether to go on: work that is told not to ends at once with what it has.
pub type ShouldContinue<'a> = &'a (dyn Fn() -> bool + Sync);

/// A partition of a graph's nodes into connected communities of high modularity; the same for the
/// same seed on every machine. Returns the community of each node, numbered from 0 in the order of
/// their first nodes. Told not to go on, it ends with what it has.
pub fn louvain(graph: &Csr, resolution: Resolution, seed: u64, should_continue: ShouldContinue<'_>) -> Vec<u32> {
    let mut random = SplitMix::new(seed);
    let mut of: Vec<u32> = (0..graph.len() as u32).collect();
    for round in 0..ROUNDS {
        if !should_continue() {
            break;
        }
        if move_nodes(graph, resolution, &mut random, &mut of, should_continue) == 0 && round > 0 {
            break;
        }
        connect(graph, &mut of);
        climb(graph, resolution, &mut random, &mut of, should_continue);
    }
    connect(graph, &mut of);
    of
}

/// Merges communities, then communities of communities, until nothing improves. `of` must be
/// numbered from 0.
fn climb(
    graph: &Csr,
    resolution: Resolution,
    random: &mut SplitMix,
    of: &mut [u32],
    should_continue: ShouldContinue<'_>,
) {
    let mut count = renumber(of);
    let mut level = graph.merged(of, count);
    while should_continue() {
        let mut up: Vec<u32> = (0..count as u32).collect();
        if move_nodes(&level, resolution, random, &mut up, should_continue) == 0 {
            return;
        }
        connect(&level, &mut up);
        let merged = renumber(&mut up);
        of.iter_mut().for_each(|c| *c = up[*c as usize]);
        if merged == count {
            return;
        }
        level = level.merged(&up, merged);
        count = merged;
    }
}

/// Local moving: every node goes to the community that gains most, until none gains. `of[i]` must
/// be below the number of nodes.
///
/// Returns by how much [`Resolution::modularity_scaled`] has grown.
pub(crate) fn move_nodes(
    graph: &Csr,
    resolution: Resolution,
    random: &mut SplitMix,
    of: &mut [u32],
    should_continue: ShouldContinue<'_>,
) -> i128 {
    let strengths = graph.strengths();
    let total: u64 = strengths.iter().sum();
    // Most of the time goes into these products; they fit into 64 bits but for very heavy graphs.
    if resolution.is_narrow(total) {
        let pull = |into, strength, community| resolution.narrow_pull(into, strength, community, total);
        move_by(graph, &strengths, pull, random, of, should_continue)
    } else {
        let pull = |into, strength, community| resolution.pull(into, strength, community, total);
        move_by(graph, &strengths, pull, random, of, should_continue)
    }
}

fn move_by<T: Copy + Default + Ord + Into<i128>>(
    graph: &Csr,
    strengths: &[u64],
    pull: impl Fn(u64, u64, u64) -> T,
    random: &mut SplitMix,
    of: &mut [u32],
    should_continue: ShouldContinue<'_>,
) -> i128 {
    let n = graph.len();
    let (mut strength_of, mut size_of) = (vec![0u64; n], vec![0u32; n]);
    for (i, &c) in of.iter().enumerate() {
        strength_of[c as usize] += strengths[i];
        size_of[c as usize] += 1;
    }
    let mut empty: Vec<u32> = (0..n as u32).filter(|&c| size_of[c as usize] == 0).collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    random.shuffle(&mut order);
    let mut queue = VecDeque::from(order);
    let mut queued = vec![true; n];
    // The weight of this node's edges into each community; zero but for those touched.
    let mut into = vec![0u64; n];
    let mut touched: Vec<u32> = Vec::new();
    let mut gained = 0;
    let mut until_asked = ASK_EVERY;
    while let Some(node) = queue.pop_front() {
        until_asked -= 1;
        if until_asked == 0 {
            if !should_continue() {
                break;
            }
            until_asked = ASK_EVERY;
        }
        queued[node as usize] = false;
        let (old, strength) = (of[node as usize], strengths[node as usize]);
        for (end, weight) in graph.row(node) {
            let c = of[end as usize];
            if into[c as usize] == 0 {
                touched.push(c);
            }
            into[c as usize] += weight;
        }
        strength_of[old as usize] -= strength;
        size_of[old as usize] -= 1;
        let pull = |c: u32| pull(into[c as usize], strength, strength_of[c as usize]);
        let stay = pull(old);
        let (mut best, mut most) = (old, stay);
        for &c in &touched {
            let here = pull(c);
            // Of equals, the old community, then the lowest number: nothing depends on the order of
            // edges.
            if here > most || (here == most && best != old && c < best) {
                (best, most) = (c, here);
            }
        }
        if most < T::default() {
            // Better alone. The old community is not empty, or it would have pulled with 0, so a
            // number is free.
            (best, most) = (empty.pop().expect("fewer communities than nodes"), T::default());
        }
        strength_of[best as usize] += strength;
        size_of[best as usize] += 1;
        if best != old {
            gained += 2 * (most.into() - stay.into());
            of[node as usize] = best;
            if size_of[old as usize] == 0 {
                empty.push(old);
            }
            for (end, _) in graph.row(node) {
                if of[end as usize] != best && !queued[end as usize] {
                    queued[end as usize] = true;
                    queue.push_back(end);
                }
            }
        }
        touched.drain(..).for_each(|c| into[c as usize] = 0);
    }
    gained
}

/// Splits communities that have fallen apart into their connected components, which never lowers
/// modularity; renumbers all.
pub(crate) fn connect(graph: &Csr, of: &mut [u32]) {
    const UNSEEN: u32 = u32::MAX;
    let mut component = vec![UNSEEN; of.len()];
    let mut stack = Vec::new();
    let mut count = 0;
    for start in 0..of.len() as u32 {
        if component[start as usize] != UNSEEN {
            continue;
        }
        component[start as usize] = count;
        stack.push(start);
        while let Some(node) = stack.pop() {
            for (end, _) in graph.row(node) {
                if component[end as usize] == UNSEEN && of[end as usize] == of[node as usize] {
                    component[end as usize] = count;
                    stack.push(end);
                }
            }
        }
        count += 1;
    }
    of.copy_from_slice(&component);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_graph(random: &mut SplitMix, nodes: usize) -> Csr {
        let mut edges = Vec::new();
        for a in 0..nodes as u32 {
            for b in a + 1..nodes as u32 {
                if random.below(4) == 0 {
                    edges.push((a, b, 1 + random.below(9) as u64));
                }
            }
        }
        Csr::from_edges(nodes, &edges)
    }

    #[test]
    fn the_modularity_gained_move_by_move_is_that_of_the_definition() {
        let mut random = SplitMix::new(11);
        for round in 0..50 {
            // Some graphs have loops: merged ones.
            let mut graph = random_graph(&mut random, 30);
            if round % 2 == 1 {
                let mut groups: Vec<u32> = (0..30).map(|_| random.below(14) as u32).collect();
                let count = renumber(&mut groups);
                graph = graph.merged(&groups, count);
            }
            for resolution in
                [Resolution::ONE, Resolution::ONE.doubled(), Resolution::ONE.between(Resolution::ONE.doubled())]
            {
                let mut of: Vec<u32> = (0..graph.len() as u32).map(|i| i / 3).collect();
                let before = resolution.modularity_scaled(&graph, &of);
                let gained = move_nodes(&graph, resolution, &mut random, &mut of, &|| true);
                assert_eq!(resolution.modularity_scaled(&graph, &of), before + gained);
                assert!(gained >= 0);
            }
        }
    }

    #[test]
    fn merging_keeps_the_modularity() {
        let mut random = SplitMix::new(12);
        for _ in 0..20 {
            let graph = random_graph(&mut random, 25);
            let mut groups: Vec<u32> = (0..25).map(|_| random.below(8) as u32).collect();
            let count = renumber(&mut groups);
            let merged = graph.merged(&groups, count);
            let alone: Vec<u32> = (0..count as u32).collect();
            assert_eq!(merged.total(), graph.total());
            let worth = |graph: &Csr, of: &[u32]| Resolution::ONE.modularity_scaled(graph, of);
            assert_eq!(worth(&merged, &alone), worth(&graph, &groups));
        }
    }

    #[test]
    fn splitting_what_has_fallen_apart_never_lowers_the_modularity() {
        let mut random = SplitMix::new(13);
        for _ in 0..30 {
            let graph = random_graph(&mut random, 12).induced(&[0, 2, 3, 5, 7, 8, 11]);
            let mut of: Vec<u32> = (0..7).map(|_| random.below(3) as u32).collect();
            let before = Resolution::ONE.modularity_scaled(&graph, &of);
            connect(&graph, &mut of);
            assert!(Resolution::ONE.modularity_scaled(&graph, &of) >= before);
        }
    }
}
