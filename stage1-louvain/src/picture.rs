//! The graph of clusters as a picture: a circle for each cluster, as large as it has classes, in
//! its colour; a line where two share something, as wide as they share much.

use petgraph::graph::UnGraph;
use petgraph::visit::EdgeRef;
use std::fmt::Write;

/// Width and height in pixels.
const SIDE: f64 = 960.0;
const MARGIN: f64 = 48.0;
/// Lines for each cluster, the heaviest: of a graph where all are linked with all nothing else
/// could be seen.
const LINES_EACH: usize = 6;
/// How strongly all are drawn to the middle, so that what is linked with nothing stays in sight.
const HOME: f64 = 1.0;
/// Pairs looked at for the layout, which bounds its time: of very many clusters it is a spiral.
const EFFORT: usize = 40_000_000;

/// The graph of clusters, of which `sizes` and `colours` are given, as an SVG document.
pub fn picture(title: &str, graph: &UnGraph<u32, u64>, sizes: &[usize], colours: &[u32]) -> String {
    let n = graph.node_count();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" viewBox=\"0 0 {SIDE} {SIDE}\" \
         font-family=\"sans-serif\" font-size=\"11\" text-anchor=\"middle\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"26\" font-size=\"15\" fill=\"#222222\">{title}</text>\n",
        SIDE / 2.0
    );
    let at = layout(graph);
    let heaviest = graph.edge_weights().copied().max().unwrap_or(1).max(1) as f64;
    for (a, b, weight) in drawn(graph) {
        // From hardly visible to bold, over six orders of magnitude.
        let share = 1.0 + ((weight as f64 / heaviest).max(1e-6).log10() / 6.0);
        let ([x1, y1], [x2, y2]) = (at[a], at[b]);
        let _ = writeln!(
            svg,
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#777777\" stroke-width=\"{:.2}\" stroke-opacity=\"{:.2}\"/>",
            0.4 + 3.6 * share * share,
            0.15 + 0.6 * share
        );
    }
    let most = sizes.iter().copied().max().unwrap_or(1).max(1) as f64;
    for cluster in 0..n {
        let radius = (26.0 * (sizes[cluster] as f64 / most).sqrt() * (30.0 / n as f64).sqrt().min(1.0)).max(3.0);
        // The golden angle keeps the hues of neighbouring numbers far apart.
        let hue = u64::from(colours[cluster]) * 137_508 / 1000 % 360;
        let [x, y] = at[cluster];
        let _ = writeln!(
            svg,
            "<g><title>cluster {cluster}: {} classes, colour {}</title><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" \
             fill=\"hsl({hue},65%,80%)\" stroke=\"hsl({hue},45%,45%)\"/>",
            sizes[cluster], colours[cluster]
        );
        if radius > 9.0 {
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"#222222\">{}</text>", y + 4.0, sizes[cluster]);
        }
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

/// The heaviest edges of each node, each edge once.
fn drawn(graph: &UnGraph<u32, u64>) -> Vec<(usize, usize, u64)> {
    let mut edges = Vec::new();
    for node in graph.node_indices() {
        let mut own: Vec<(u64, usize)> = graph
            .edges(node)
            .map(|edge| (*edge.weight(), edge.source().index() + edge.target().index() - node.index()))
            .collect();
        own.sort_unstable_by_key(|&(weight, other)| (std::cmp::Reverse(weight), other));
        let ends = |other: usize| (node.index().min(other), node.index().max(other));
        edges.extend(own.into_iter().take(LINES_EACH).map(|(weight, other)| (ends(other).0, ends(other).1, weight)));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Where each node stands: forces between nodes (Fruchterman & Reingold 1991), from a spiral on.
fn layout(graph: &UnGraph<u32, u64>) -> Vec<[f64; 2]> {
    let n = graph.node_count();
    let spiral = |i: usize| {
        let (angle, radius) = (i as f64 * 2.399_963, ((i as f64 + 0.5) / n as f64).sqrt());
        [radius * angle.cos(), radius * angle.sin()]
    };
    let mut at: Vec<[f64; 2]> = (0..n).map(spiral).collect();
    let edges = drawn(graph);
    let ideal = 1.2 / (n as f64).sqrt();
    let rounds = (EFFORT / (n * n).max(1)).min(300);
    for round in 0..rounds {
        let mut force = vec![[0.0; 2]; n];
        for i in 0..n {
            for j in i + 1..n {
                let (d, length) = apart(at[i], at[j]);
                let push = ideal * ideal / (length * length);
                for axis in 0..2 {
                    force[i][axis] += d[axis] * push;
                    force[j][axis] -= d[axis] * push;
                }
            }
        }
        for &(a, b, _) in &edges {
            let (d, length) = apart(at[a], at[b]);
            let pull = length / ideal;
            for axis in 0..2 {
                force[a][axis] -= d[axis] * pull;
                force[b][axis] += d[axis] * pull;
            }
        }
        let most = 0.1 * (1.0 - round as f64 / rounds as f64);
        for i in 0..n {
            // Nobody drifts away.
            let [x, y] = [force[i][0] - at[i][0] * HOME, force[i][1] - at[i][1] * HOME];
            let length = x.hypot(y).max(1e-9);
            let step = length.min(most);
            at[i][0] += x / length * step;
            at[i][1] += y / length * step;
        }
    }
    fit(at)
}

/// The way from `b` to `a`, and its length, never 0.
fn apart(a: [f64; 2], b: [f64; 2]) -> ([f64; 2], f64) {
    let d = [a[0] - b[0], a[1] - b[1]];
    (d, d[0].hypot(d[1]).max(1e-3))
}

/// Onto the picture.
fn fit(mut at: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    for axis in 0..2 {
        let least = at.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
        let most = at.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
        let scale = (SIDE - 2.0 * MARGIN) / (most - least).max(1e-9);
        let one = at.len() == 1;
        at.iter_mut().for_each(|p| p[axis] = if one { SIDE / 2.0 } else { MARGIN + (p[axis] - least) * scale });
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use petgraph::graph::NodeIndex;

    #[test]
    fn every_cluster_is_drawn_inside_the_picture() {
        let mut graph = UnGraph::new_undirected();
        (0..40_u32).for_each(|c| _ = graph.add_node(c));
        for c in 0..40 {
            graph.add_edge(NodeIndex::new(c), NodeIndex::new((c + 1) % 40), 10_u64.pow(c as u32 % 7));
            graph.add_edge(NodeIndex::new(c), NodeIndex::new((c * 7 + 3) % 40), 0);
        }
        let svg = picture("t", &graph, &[12; 40], &(0..40).map(|c| c % 5).collect::<Vec<u32>>());
        assert_eq!(svg.matches("<circle").count(), 40);
        assert!(svg.matches("<path").count() >= 40);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        for [x, y] in layout(&graph) {
            assert!((0.0..=SIDE).contains(&x) && (0.0..=SIDE).contains(&y), "{x} {y}");
        }
    }

    #[test]
    fn one_cluster_and_none_are_pictures_too() {
        let mut graph = UnGraph::new_undirected();
        assert!(picture("t", &graph, &[], &[]).ends_with("</svg>\n"));
        graph.add_node(0);
        let svg = picture("t", &graph, &[3], &[0]);
        assert!(svg.contains("cx=\"480.0\" cy=\"480.0\""), "{svg}");
    }
}
