//! The series of a trial as a picture: penalty and memory over time.

use crate::lines::Point;
use crate::report::escape;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 90.0;
const TOP: f64 = 40.0;

/// An SVG document with two panels. `title`: what the trial is.
pub fn picture(title: &str, points: &[Point]) -> String {
    let (wide, tall) = (LEFT + WIDTH + 20.0, TOP + 2.0 * (HEIGHT + 50.0));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{tall}\" viewBox=\"0 0 {wide} {tall}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let _ = writeln!(svg, "<text x=\"12\" y=\"24\" font-size=\"15\" fill=\"#222222\">{}</text>", escape(title));
    // A timetable that is not valid has no penalty worth comparing.
    let is_valid = |point: &&Point| point.u == Some(0) && point.h == Some(0);
    let time = |point: &Point| point.t as f64 / 1e3;
    let penalty: Vec<(f64, f64)> =
        points.iter().filter(is_valid).filter_map(|point| Some((time(point), point.p? as f64))).collect();
    let memory: Vec<(f64, f64)> = points.iter().map(|point| (time(point), point.rss as f64 * 1024.0 / 1e6)).collect();
    let last = points.last().map_or(1.0, time).max(0.001);
    panel(&mut svg, TOP, "penalty of the best valid timetable", &penalty, last, "#1f5fa8");
    panel(&mut svg, TOP + HEIGHT + 50.0, "resident memory, MB", &memory, last, "#a8471f");
    svg + "</svg>\n"
}

fn panel(svg: &mut String, top: f64, label: &str, values: &[(f64, f64)], last: f64, colour: &str) {
    let (top, bottom) = (top + 20.0, top + 20.0 + HEIGHT);
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" fill=\"#444444\">{label}</text>", top - 6.0);
    let _ = writeln!(svg, "<path d=\"M{LEFT} {top}V{bottom}H{}\" fill=\"none\" stroke=\"#999999\"/>", LEFT + WIDTH);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#666666\">{last:.1} s</text>",
        LEFT + WIDTH,
        bottom + 16.0
    );
    let fold = |start: f64, of: fn(f64, f64) -> f64| values.iter().map(|&(_, y)| y).fold(start, of);
    let (low, high) = (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max));
    if values.is_empty() {
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{}\" fill=\"#999999\">nothing recorded</text>", LEFT + 12.0, top + 24.0);
        return;
    }
    let span = if high > low { high - low } else { 1.0 };
    let place = |&(x, y): &(f64, f64)| (LEFT + x / last * WIDTH, bottom - (y - low) / span * HEIGHT);
    for (value, y) in [(high, top + 12.0), (low, bottom)] {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\" fill=\"#666666\">{value:.0}</text>",
            LEFT - 6.0
        );
    }
    // What was reached stays until something better is: steps, not slopes.
    let mut path = String::new();
    for (i, value) in values.iter().enumerate() {
        let (x, y) = place(value);
        let _ = if i == 0 { write!(path, "M{x:.1} {y:.1}") } else { write!(path, "H{x:.1}V{y:.1}") };
    }
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TrialId;

    fn point(t: u64, p: i64) -> Point {
        Point { id: TrialId([0; 16]), t, u: Some(0), h: Some(0), p: Some(p), rss: 20_000 }
    }

    #[test]
    fn a_picture_has_both_panels_and_its_figures() {
        let svg = picture("a < b", &[point(0, 90), point(500, 40), point(2000, 12)]);
        assert!(svg.contains("a &lt; b") && svg.contains(">90<") && svg.contains(">12<") && svg.contains("2.0 s"));
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn nothing_recorded_is_said_and_nothing_divides_by_zero() {
        let svg = picture("", &[]);
        assert_eq!(svg.matches("nothing recorded").count(), 2);
        assert!(!picture("", &[point(0, 5)]).contains("NaN"));
    }
}
