//! Louvain and Leiden on planted partitions: 20,000 nodes in 200 groups with 668,587 edges, and
//! 50,000 nodes in 500 groups with a million, most edges within a group.

mod common;

use stage1_louvain::Csr;
use std::collections::BTreeMap;

fn main() {
    common::compare("planted-668587", &planted(20_000, 200, 668_587, 62));
    common::compare("planted-1000000", &planted(50_000, 500, 1_000_000, 62));
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// `edges` distinct edges, `percent` of them tried within a group.
fn planted(nodes: u64, groups: u64, edges: usize, percent: u64) -> Csr {
    let mut state = 42;
    let mut found = BTreeMap::new();
    while found.len() < edges {
        let a = next(&mut state) % nodes;
        let b = if next(&mut state) % 100 < percent {
            // Groups are the residues.
            (next(&mut state) % (nodes / groups)) * groups + a % groups
        } else {
            next(&mut state) % nodes
        };
        if a != b {
            found.insert((a.min(b) as u32, a.max(b) as u32), ());
        }
    }
    let edges: Vec<_> = found.into_keys().map(|(a, b)| (a, b, 1)).collect();
    Csr::from_edges(nodes as usize, &edges)
}
