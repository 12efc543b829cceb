//! Louvain on graphs whose answer is known, and held against definitions.

use stage1_louvain::*;
use std::collections::BTreeSet;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Groups of `size` nodes; every pair within a group is linked with `inside` %, any other with
/// `outside` per 10,000.
fn planted(groups: u32, size: u32, inside: u64, outside: u64, seed: u64) -> Csr {
    let mut random = Random(seed);
    let n = groups * size;
    let mut edges = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            let linked = if a / size == b / size { random.below(100) < inside } else { random.below(10_000) < outside };
            if linked {
                edges.push((a, b, 1 + random.below(3)));
            }
        }
    }
    Csr::from_edges(n as usize, &edges)
}

fn sizes(of: &[u32]) -> Vec<usize> {
    let mut sizes = vec![0; of.iter().max().map_or(0, |&c| c as usize + 1)];
    of.iter().for_each(|&c| sizes[c as usize] += 1);
    sizes
}

#[test]
fn a_planted_partition_is_recovered() {
    for seed in 0..5 {
        let graph = planted(12, 40, 40, 50, seed);
        let planted: Vec<u32> = (0..480).map(|i| i / 40).collect();
        for method in [louvain, leiden] {
            let of = method(&graph, Resolution::ONE, seed, &|| true);
            assert_eq!(of, planted, "communities are numbered by their first nodes, as the groups are");
        }
    }
}

#[test]
fn two_triangles_with_a_bridge_have_the_modularity_of_the_textbook() {
    let edges = [(0, 1, 1), (0, 2, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1), (3, 5, 1), (4, 5, 1)];
    let graph = Csr::from_edges(6, &edges);
    let of = louvain(&graph, Resolution::ONE, 3, &|| true);
    assert_eq!(of, [0, 0, 0, 1, 1, 1]);
    // 6/7 of the weight within, (7/14)² + (7/14)² expected.
    assert!((modularity(&graph, &of) - (6.0 / 7.0 - 0.5)).abs() < 1e-12);
    assert_eq!(cut_weight(&graph, &of), 1);
}

#[test]
fn the_same_seed_gives_the_same_clusters_on_any_number_of_threads() {
    let graph = ConflictGraph::of(planted(10, 30, 20, 200, 9));
    for method in [Method::Louvain, Method::Leiden] {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| cluster(&graph, method, (5, 25), 77, &|| true))
        };
        assert_eq!(with(1), with(4));
    }
}

/// The modularity that another implementation of the Leiden method reaches.
fn by_leiden_rs(graph: &Csr, seed: u64) -> f64 {
    let mut builder = leiden_rs::GraphDataBuilder::new(graph.len());
    for (a, b, weight) in graph.edges() {
        builder.add_edge(a as usize, b as usize, weight as f64).unwrap();
    }
    let config = leiden_rs::LeidenConfig { seed: Some(seed), ..Default::default() };
    let found = leiden_rs::Leiden::new(config).run(&builder.build().unwrap()).unwrap();
    let of: Vec<u32> = (0..graph.len()).map(|node| found.partition.community_of(node) as u32).collect();
    modularity(graph, &of)
}

#[test]
fn the_modularity_is_that_of_another_implementation_or_better() {
    let mut sums = [0.0; 3];
    for seed in 0..10 {
        // Groups that can be told apart, and a graph where they hardly can.
        for graph in [planted(12, 40, 40, 100, seed), planted(10, 25, 12, 300, seed)] {
            sums[0] += modularity(&graph, &louvain(&graph, Resolution::ONE, seed, &|| true));
            sums[1] += modularity(&graph, &leiden(&graph, Resolution::ONE, seed, &|| true));
            sums[2] += by_leiden_rs(&graph, seed);
        }
    }
    assert!(
        sums[0] > sums[2] - 0.01 && sums[1] > sums[2] - 0.01,
        "louvain, leiden, leiden-rs, summed over 20: {sums:?}"
    );
}

#[test]
fn communities_are_connected() {
    for seed in 0..40 {
        let graph = planted(6, 15, 15, 150, seed / 2);
        let method = [louvain, leiden][seed as usize % 2];
        let of = method(&graph, Resolution::ONE, seed, &|| true);
        for c in 0..sizes(&of).len() as u32 {
            let nodes: Vec<u32> = (0..of.len() as u32).filter(|&i| of[i as usize] == c).collect();
            let (mut reached, mut stack) = (BTreeSet::from([nodes[0]]), vec![nodes[0]]);
            while let Some(node) = stack.pop() {
                let ends = graph.row(node).map(|(end, _)| end).filter(|&end| of[end as usize] == c);
                stack.extend(ends.filter(|&end| reached.insert(end)));
            }
            assert_eq!(reached.len(), nodes.len(), "seed {seed}, community {c}");
        }
    }
}

#[test]
fn no_partition_of_a_small_graph_is_much_better() {
    // All partitions of seven nodes (877 of them), by restricted growth strings.
    fn best(graph: &Csr, of: &mut Vec<u32>, most: &mut f64) {
        if of.len() == graph.len() {
            *most = most.max(modularity(graph, of));
            return;
        }
        for c in 0..=of.iter().max().map_or(0, |&c| c + 1) {
            of.push(c);
            best(graph, of, most);
            of.pop();
        }
    }
    for seed in 0..10 {
        let graph = planted(2, 4, 70, 2_000, seed).induced(&[0, 1, 2, 3, 4, 5, 6]);
        let mut most = -1.0;
        best(&graph, &mut Vec::new(), &mut most);
        let found = modularity(&graph, &louvain(&graph, Resolution::ONE, seed, &|| true));
        assert!(found >= most - 0.03, "seed {seed}: {found}, best {most}");
    }
}

#[test]
fn a_range_of_sizes_is_held_by_clustering_again_and_merging() {
    // Groups of 40 in which groups of 10 stick closer together.
    let mut random = Random(5);
    let mut edges = Vec::new();
    for a in 0..400u32 {
        for b in a + 1..400 {
            let percent = if a / 10 == b / 10 {
                90
            } else if a / 40 == b / 40 {
                40
            } else {
                1
            };
            if random.below(100) < percent {
                edges.push((a, b, 1));
            }
        }
    }
    let graph = ConflictGraph::of(Csr::from_edges(400, &edges));
    for (min, max) in [(8, 20), (5, 30), (20, 60), (50, 130)] {
        let of = cluster(&graph, Method::Louvain, (min, max), 1, &|| true);
        let sizes = sizes(&of);
        assert!(sizes.iter().all(|n| (min..=max).contains(n)), "{min} to {max}: {sizes:?}");
    }
}

#[test]
fn a_clique_is_not_cut_and_is_reported() {
    let edges: Vec<_> = (0..30u32).flat_map(|a| (a + 1..30).map(move |b| (a, b, 5))).collect();
    let graph = ConflictGraph::of(Csr::from_edges(30, &edges));
    let of = cluster(&graph, Method::Louvain, (2, 10), 1, &|| true);
    assert_eq!(sizes(&of), [30]);
    let notes = describe(&graph, &finish(&graph, of), 2, 10);
    assert!(notes.iter().any(|n| n == "larger than 10 and not divisible: 30 classes"), "{notes:?}");
}

#[test]
fn classes_that_share_nothing_are_put_together_up_to_the_least_size() {
    let graph = ConflictGraph::of(Csr::from_edges(25, &[(3, 4, 1)]));
    let sizes = sizes(&cluster(&graph, Method::Louvain, (5, 8), 1, &|| true));
    assert_eq!(sizes.iter().sum::<usize>(), 25);
    assert!(sizes.iter().all(|n| (5..=8).contains(n)), "{sizes:?}");
}

#[test]
fn neighbouring_clusters_have_different_colours() {
    for seed in 0..10 {
        let graph = ConflictGraph::of(planted(15, 12, 50, 60, seed));
        let of = cluster(&graph, Method::Louvain, (4, 20), seed, &|| true);
        let clusters = finish(&graph, of);
        for (a, b, _) in graph.csr().edges() {
            let (a, b) = (clusters.of[a as usize], clusters.of[b as usize]);
            assert!(a == b || clusters.colour[a as usize] != clusters.colour[b as usize]);
        }
        assert!(clusters.colour.iter().all(|&c| c < clusters.count));
    }
}

#[test]
fn empty_graphs_and_single_nodes_are_no_special_case() {
    for n in [0, 1, 2] {
        let graph = ConflictGraph::of(Csr::from_edges(n, &[]));
        let clusters = finish(&graph, cluster(&graph, Method::Louvain, (1, 10), 1, &|| true));
        assert_eq!((clusters.of.len(), clusters.count as usize), (n, n));
        describe(&graph, &clusters, 1, 10);
    }
}
