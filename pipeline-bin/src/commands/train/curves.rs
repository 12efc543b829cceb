//! How training went, as a picture: what a repair brought, and the share that was mended.

use stage3_rl::training::Round;
use std::fmt::Write;

const WIDE: f32 = 640.0;
const TALL: f32 = 200.0;
const LEFT: f32 = 64.0;
const TOP: f32 = 40.0;
const BETWEEN: f32 = 60.0;

/// One line of a chart.
struct Curve {
    name: &'static str,
    colour: &'static str,
    /// Round and value.
    points: Vec<(f32, f32)>,
}

/// The picture as an SVG document.
pub(super) fn svg(rounds: &[Round]) -> String {
    let learnt = |of: fn(&Round) -> f32| rounds.iter().map(|r| (r.round as f32, of(r))).collect();
    let held_out = |of: fn(&stage3_rl::training::RoundSummary) -> f32| -> Vec<(f32, f32)> {
        rounds.iter().filter_map(|r| Some((r.round as f32, of(&r.held_out?)))).collect()
    };
    let charts: [(&str, [Curve; 2]); 3] = [
        (
            "reward of a repair",
            [
                Curve { name: "learnt from", colour: "#b8c4d6", points: learnt(|r| r.played.reward) },
                Curve { name: "never learnt from", colour: "#1f5fbf", points: held_out(|p| p.reward) },
            ],
        ),
        (
            "per cent mended",
            [
                Curve { name: "learnt from", colour: "#b8c4d6", points: learnt(|r| 100.0 * r.played.solved) },
                Curve { name: "never learnt from", colour: "#1f5fbf", points: held_out(|p| 100.0 * p.solved) },
            ],
        ),
        (
            "steps until mended",
            [
                Curve { name: "learnt from", colour: "#b8c4d6", points: learnt(|r| r.played.steps) },
                Curve { name: "never learnt from", colour: "#1f5fbf", points: held_out(|p| p.steps) },
            ],
        ),
    ];
    let (width, height) = (LEFT + WIDE + 24.0, TOP + charts.len() as f32 * (TALL + BETWEEN));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (k, (title, curves)) in charts.iter().enumerate() {
        chart(&mut svg, TOP + k as f32 * (TALL + BETWEEN), title, curves);
    }
    svg.push_str("</svg>\n");
    svg
}

fn chart(svg: &mut String, top: f32, title: &str, curves: &[Curve]) {
    let all = || curves.iter().flat_map(|c| &c.points);
    let last = all().map(|p| p.0).fold(1.0, f32::max);
    let (low, high) = all().fold((0.0f32, 0.0f32), |(low, high), p| (low.min(p.1), high.max(p.1)));
    let span = (high - low).max(1e-3);
    let y = |value: f32| top + TALL * (1.0 - (value - low) / span);
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{title}</text>", top - 12.0);
    for k in 0..=4 {
        let value = low + span * k as f32 / 4.0;
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{2:.1}\" y2=\"{2:.1}\" stroke=\"#e4e8ee\"/><text x=\"{}\" y=\"{2:.1}\" text-anchor=\"end\" dy=\"4\">{3:.1}</text>",
            LEFT + WIDE,
            LEFT - 6.0,
            y(value),
            value
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{last} rounds</text>",
        LEFT + WIDE,
        top + TALL + 18.0
    );
    for (k, curve) in curves.iter().enumerate() {
        let points: Vec<String> =
            curve.points.iter().map(|p| format!("{:.1},{:.1}", LEFT + WIDE * p.0 / last, y(p.1))).collect();
        let (x, colour) = (LEFT + 300.0 + 170.0 * k as f32, curve.colour);
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>\n\
             <text x=\"{x}\" y=\"{}\" fill=\"{colour}\">{}</text>",
            points.join(" "),
            top - 12.0,
            curve.name
        );
    }
}
