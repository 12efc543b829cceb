//! Louvain on a planted partition: 20,000 nodes in 200 groups, 668,587 edges, most of them within a group.

use stage1_louvain::{Csr, Resolution, louvain, modularity};
use std::collections::BTreeMap;

fn main() {
    let graph = planted(20_000, 200, 668_587, 70);
    let of = louvain(&graph, Resolution::ONE, 1, &|| true);
    let communities = of.iter().max().map_or(0, |c| c + 1);
    eprintln!(
        "{} nodes, {} edges: {communities} communities, modularity {:.4}",
        graph.len(),
        graph.edge_count(),
        modularity(&graph, &of)
    );
    divan::main();
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

#[divan::bench(sample_count = 20)]
fn louvain_20_000_nodes_668_587_edges(bencher: divan::Bencher<'_, '_>) {
    let graph = planted(20_000, 200, 668_587, 70);
    bencher.bench_local(|| louvain(&graph, Resolution::ONE, divan::black_box(1), &|| true));
}
