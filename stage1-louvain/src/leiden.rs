//! The Leiden method (Traag, Waltman & van Eck 2019): Louvain whose communities are merged from
//! parts that belong together by themselves.
//!
//! Between local moving and merging, each community is built up anew from single nodes; what is
//! merged into the nodes of the next level are these parts, not the communities, so that what was
//! put together too early can come apart again. Where the paper draws the part that a node joins at
//! random, among those that gain, the best is taken: the same for the same seed on every machine.

use crate::csr::{Csr, members, renumber};
use crate::louvain::{ShouldContinue, connect, move_nodes};
use crate::quality::Resolution;
use crate::random::SplitMix;

/// Runs, each beginning with what the one before ended with, unless one gains nothing.
const ROUNDS: usize = 4;

/// A partition of a graph's nodes into well-connected communities of high modularity; the same for
/// the same seed on every machine. Returns the community of each node, numbered from 0 in the order
/// of their first nodes. Told not to go on, it ends with what it has.
pub fn leiden(graph: &Csr, resolution: Resolution, seed: u64, should_continue: ShouldContinue<'_>) -> Vec<u32> {
    let mut random = SplitMix::new(seed);
    let mut of: Vec<u32> = (0..graph.len() as u32).collect();
    for _ in 0..ROUNDS {
        if !should_continue() || run(graph, resolution, &mut random, &mut of, should_continue) == 0 {
            break;
        }
    }
    connect(graph, &mut of);
    of
}

/// Climbs all levels once; by how much [`Resolution::modularity_scaled`] has grown.
fn run(
    graph: &Csr,
    resolution: Resolution,
    random: &mut SplitMix,
    of: &mut [u32],
    should_continue: ShouldContinue<'_>,
) -> i128 {
    let mut gained = 0;
    // The part of each node of the graph, and the community of each part.
    let mut part_of: Vec<u32> = (0..graph.len() as u32).collect();
    let mut level = None;
    let mut communities = of.to_vec();
    loop {
        let here = level.as_ref().unwrap_or(graph);
        gained += move_nodes(here, resolution, random, &mut communities, should_continue);
        let count = renumber(&mut communities);
        if count == here.len() || !should_continue() {
            break;
        }
        let mut parts = refine(here, resolution, random, &communities, count);
        let merged = renumber(&mut parts);
        if merged == here.len() {
            break;
        }
        let mut community_of_part = vec![0; merged];
        parts.iter().zip(&communities).for_each(|(&part, &c)| community_of_part[part as usize] = c);
        part_of.iter_mut().for_each(|part| *part = parts[*part as usize]);
        level = Some(here.merged(&parts, merged));
        communities = community_of_part;
    }
    of.iter_mut().zip(&part_of).for_each(|(c, &part)| *c = communities[part as usize]);
    gained
}

/// Parts of communities: every node that is well connected to its community joins the part of it
/// that gains most, if it is still alone.
fn refine(graph: &Csr, resolution: Resolution, random: &mut SplitMix, communities: &[u32], count: usize) -> Vec<u32> {
    let n = graph.len();
    let strengths = graph.strengths();
    let total: u64 = strengths.iter().sum();
    let groups = members(communities, count);
    let mut part: Vec<u32> = (0..n as u32).collect();
    let mut size = vec![1_u32; n];
    let mut strength_of = strengths.clone();
    // Weight between a part and the rest of its community.
    let mut outside = vec![0_u64; n];
    let mut into = vec![0_u64; n];
    let mut touched = Vec::new();
    for community in 0..count as u32 {
        let mut nodes = groups.of(community).to_vec();
        let all: u64 = nodes.iter().map(|&node| strengths[node as usize]).sum();
        for &node in &nodes {
            let inside = graph.row(node).filter(|&(end, _)| communities[end as usize] == community);
            outside[node as usize] = inside.map(|(_, weight)| weight).sum();
        }
        // A part is well connected where what it shares with the rest is worth more than chance.
        let is_well = |out: u64, strength: u64| resolution.pull(out, strength, all - strength, total) >= 0;
        random.shuffle(&mut nodes);
        for &node in &nodes {
            let (own, strength) = (part[node as usize], strengths[node as usize]);
            if size[own as usize] > 1 || !is_well(outside[node as usize], strength) {
                continue;
            }
            for (end, weight) in graph.row(node).filter(|&(end, _)| communities[end as usize] == community) {
                let there = part[end as usize];
                if into[there as usize] == 0 {
                    touched.push(there);
                }
                into[there as usize] += weight;
            }
            let (mut best, mut most) = (own, 0);
            for &there in touched.iter().filter(|&&there| there != own) {
                if !is_well(outside[there as usize], strength_of[there as usize]) {
                    continue;
                }
                let gain = resolution.pull(into[there as usize], strength, strength_of[there as usize], total);
                if gain > most || (gain == most && best != own && there < best) {
                    (best, most) = (there, gain);
                }
            }
            if best != own {
                let shared = into[best as usize];
                outside[best as usize] = outside[best as usize] + outside[node as usize] - 2 * shared;
                strength_of[best as usize] += strength;
                strength_of[own as usize] = 0;
                size[best as usize] += 1;
                size[own as usize] = 0;
                part[node as usize] = best;
            }
            touched.drain(..).for_each(|there| into[there as usize] = 0);
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_graph(random: &mut SplitMix, nodes: usize) -> Csr {
        let mut edges = Vec::new();
        for a in 0..nodes as u32 {
            for b in a + 1..nodes as u32 {
                if random.below(5) == 0 {
                    edges.push((a, b, 1 + random.below(9) as u64));
                }
            }
        }
        Csr::from_edges(nodes, &edges)
    }

    #[test]
    fn parts_lie_within_communities_and_are_connected() {
        let mut random = SplitMix::new(3);
        for _ in 0..40 {
            let graph = random_graph(&mut random, 40);
            let mut communities: Vec<u32> = (0..40).map(|_| random.below(6) as u32).collect();
            let count = renumber(&mut communities);
            let mut parts = refine(&graph, Resolution::ONE, &mut random, &communities, count);
            let found = renumber(&mut parts);
            let groups = members(&parts, found);
            for part in 0..found as u32 {
                let nodes = groups.of(part);
                assert!(nodes.iter().all(|&node| communities[node as usize] == communities[nodes[0] as usize]));
            }
            let mut apart = parts.clone();
            connect(&graph, &mut apart);
            assert_eq!(apart, parts);
        }
    }

    #[test]
    fn what_a_run_gains_is_what_the_definition_says() {
        let mut random = SplitMix::new(4);
        for _ in 0..40 {
            let graph = random_graph(&mut random, 40);
            let mut of: Vec<u32> = (0..40).map(|_| random.below(12) as u32).collect();
            let before = Resolution::ONE.modularity_scaled(&graph, &of);
            let gained = run(&graph, Resolution::ONE, &mut random, &mut of, &|| true);
            assert_eq!(Resolution::ONE.modularity_scaled(&graph, &of), before + gained);
        }
    }
}
