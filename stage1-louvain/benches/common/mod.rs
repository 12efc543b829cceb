//! Methods side by side on one graph.

use stage1_louvain::{Csr, Resolution, leiden, louvain, modularity};
use std::{fmt::Write, fs, path::Path, time::Instant};

const TIMES: usize = 9;

/// Runs each method on a graph and says how long it took and what it reached. With
/// `STAGECOACH_EDGES=FOLDER` the graph is written there, one edge a line, for `others.py` beside
/// these files.
pub(crate) fn compare(name: &str, graph: &Csr) {
    if let Ok(folder) = std::env::var("STAGECOACH_EDGES") {
        let mut text = String::new();
        graph.edges().for_each(|(a, b, weight)| _ = writeln!(text, "{a} {b} {weight}"));
        fs::write(Path::new(&folder).join(format!("{name}.txt")), text).expect("the folder can be written");
    }
    eprintln!("{name}: {} nodes, {} edges", graph.len(), graph.edge_count());
    timed(graph, "louvain", || louvain(graph, Resolution::ONE, 1, &|| true));
    timed(graph, "leiden", || leiden(graph, Resolution::ONE, 1, &|| true));

    let mut builder = leiden_rs::GraphDataBuilder::new(graph.len());
    for (a, b, weight) in graph.edges() {
        builder.add_edge(a as usize, b as usize, weight as f64).expect("an edge");
    }
    let theirs = builder.build().expect("a graph");
    timed(graph, "leiden-rs", || {
        let config = leiden_rs::LeidenConfig { seed: Some(1), ..Default::default() };
        let found = leiden_rs::Leiden::new(config).run(&theirs).expect("communities");
        (0..graph.len()).map(|node| found.partition.community_of(node) as u32).collect()
    });
}

fn timed(graph: &Csr, name: &str, run: impl Fn() -> Vec<u32>) {
    let mut took = Vec::new();
    let mut of = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        of = run();
        took.push(began.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    let (median, least, worth) = (took[TIMES / 2], took[0], modularity(graph, &of));
    eprintln!("  {name}: median {median:.3} s, least {least:.3} s, modularity {worth:.4}");
}
