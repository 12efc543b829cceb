//! Pictures as SVG: points with a front, ranges with their middle, tables of colours. Text stays
//! text.

use super::write::escape;
use std::fmt::Write;

const WIDE: f64 = 760.0;
/// A letter's width at 11 px, about.
const LETTER: f64 = 6.4;

/// A point: where, how large, what it is, whether it stands out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) title: String,
    pub(super) front: bool,
}

fn begin(wide: f64, tall: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{tall:.0}\" viewBox=\"0 0 {wide:.0} {tall:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    )
}

fn label(svg: &mut String, x: f64, y: f64, style: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{}</text>", escape(text));
}

/// A scale from values to pixels with a few round marks; a logarithmic one where the values span
/// more than a hundredfold.
struct Scale {
    low: f64,
    high: f64,
    log: bool,
    from: f64,
    to: f64,
}

impl Scale {
    fn new(values: impl Iterator<Item = f64> + Clone, log: bool, from: f64, to: f64) -> Scale {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let log = log && low > 0.0 && high > low * 100.0;
        if low > high {
            return Scale { low: 0.0, high: 1.0, log: false, from, to };
        }
        let pad = if high > low { (high - low) * 0.04 } else { low.abs().max(1.0) * 0.05 };
        if log {
            Scale { low: low / 1.2, high: high * 1.2, log, from, to }
        } else {
            Scale { low: low - pad, high: high + pad, log, from, to }
        }
    }

    fn at(&self, x: f64) -> f64 {
        let share = if self.log {
            (x / self.low).ln() / (self.high / self.low).ln()
        } else {
            (x - self.low) / (self.high - self.low)
        };
        self.from + share * (self.to - self.from)
    }

    fn marks(&self) -> Vec<f64> {
        if self.log {
            let (from, to) = (self.low.log10().ceil() as i32, self.high.log10().floor() as i32);
            return (from..=to).map(|power| 10_f64.powi(power)).collect();
        }
        let step = 10_f64.powf(((self.high - self.low) / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * step)
            .into_iter()
            .find(|s| (self.high - self.low) / s <= 7.0)
            .unwrap_or(step);
        let first = (self.low / step).ceil() as i64;
        (0..12).map(|i| (first + i) as f64 * step).take_while(|mark| *mark <= self.high).collect()
    }
}

/// A number as short as it can be read.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        "0".into()
    } else if !(1e-3..1e9).contains(&size) {
        format!("{x:.1e}")
    } else if size >= 1e6 {
        let text = format!("{:.4}", x / 1e6);
        format!("{}M", text.trim_end_matches('0').trim_end_matches('.'))
    } else if size >= 1_000.0 || x.fract() == 0.0 {
        format!("{x:.0}")
    } else {
        let digits = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
        let text = format!("{x:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

/// Points; those of the front are joined by a line. Right is dear, up is good.
pub(super) fn scatter(points: &[Point], x_name: &str, y_name: &str) -> String {
    let (tall, left, bottom) = (380.0, 62.0, 44.0);
    let mut svg = begin(WIDE, tall);
    let x = Scale::new(points.iter().map(|point| point.x), true, left, WIDE - 16.0);
    let y = Scale::new(points.iter().map(|point| point.y), false, tall - bottom, 14.0);
    for mark in x.marks() {
        let at = x.at(mark);
        let _ = writeln!(svg, "<path d=\"M{at:.1} 14V{:.1}\" stroke=\"#e6e6e6\"/>", tall - bottom);
        label(&mut svg, at, tall - bottom + 15.0, "text-anchor=\"middle\" fill=\"#666\"", &short(mark));
    }
    for mark in y.marks() {
        let at = y.at(mark);
        let _ = writeln!(svg, "<path d=\"M{left} {at:.1}H{:.1}\" stroke=\"#e6e6e6\"/>", WIDE - 16.0);
        label(&mut svg, left - 6.0, at + 4.0, "text-anchor=\"end\" fill=\"#666\"", &short(mark));
    }
    label(&mut svg, (left + WIDE) / 2.0, tall - 10.0, "text-anchor=\"middle\" fill=\"#222\"", x_name);
    let turned = format!("text-anchor=\"middle\" fill=\"#222\" transform=\"rotate(-90 14 {:.0})\"", tall / 2.0 - 15.0);
    label(&mut svg, 14.0, tall / 2.0 - 15.0, &turned, y_name);
    let mut front: Vec<&Point> = points.iter().filter(|point| point.front).collect();
    front.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let path: Vec<String> = front.iter().map(|p| format!("{:.1},{:.1}", x.at(p.x), y.at(p.y))).collect();
    for point in points.iter().filter(|point| !point.front) {
        dot(&mut svg, x.at(point.x), y.at(point.y), 3.0, "#7a9cc6", &point.title);
    }
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#c0392b\" stroke-width=\"1.5\"/>",
        path.join(" ")
    );
    for point in front {
        dot(&mut svg, x.at(point.x), y.at(point.y), 4.5, "#c0392b", &point.title);
    }
    svg + "</svg>"
}

fn dot(svg: &mut String, x: f64, y: f64, r: f64, fill: &str, title: &str) {
    let title = escape(title);
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" fill=\"{fill}\" fill-opacity=\"0.75\"><title>{title}</title></circle>"
    );
}

/// Rows with a middle and a range; `zero` draws a line there.
pub(crate) fn intervals(rows: &[(String, f64, f64, f64)], name: &str, zero: Option<f64>) -> String {
    let letters = rows.iter().map(|row| row.0.chars().count().min(48)).max().unwrap_or(0) as f64;
    let (left, row) = (letters * LETTER + 20.0, 18.0);
    let tall = rows.len() as f64 * row + 52.0;
    let mut svg = begin(WIDE, tall);
    let values = rows.iter().flat_map(|row| [row.2, row.3]).chain(zero);
    let x = Scale::new(values, false, left, WIDE - 16.0);
    for mark in x.marks() {
        let at = x.at(mark);
        let _ = writeln!(svg, "<path d=\"M{at:.1} 8V{:.1}\" stroke=\"#e6e6e6\"/>", tall - 40.0);
        label(&mut svg, at, tall - 26.0, "text-anchor=\"middle\" fill=\"#666\"", &short(mark));
    }
    if let Some(zero) = zero {
        let _ = writeln!(svg, "<path d=\"M{0:.1} 8V{1:.1}\" stroke=\"#999\"/>", x.at(zero), tall - 40.0);
    }
    label(&mut svg, (left + WIDE) / 2.0, tall - 8.0, "text-anchor=\"middle\" fill=\"#222\"", name);
    for (i, (text, middle, low, high)) in rows.iter().enumerate() {
        let y = i as f64 * row + 20.0;
        label(&mut svg, left - 8.0, y + 4.0, "text-anchor=\"end\" fill=\"#222\"", &cut(text, 48));
        let (low, high) = (x.at(*low), x.at(*high));
        let _ = writeln!(svg, "<path d=\"M{low:.1} {y:.1}H{high:.1}\" stroke=\"#7a9cc6\" stroke-width=\"3\"/>");
        dot(&mut svg, x.at(*middle), y, 4.0, "#27496d", &format!("{text}: {}", short(*middle)));
    }
    svg + "</svg>"
}

/// A table of colours: red below zero, blue above, white where nothing is known. Colours are full
/// from `full` on, or at the largest.
pub(super) fn heat(rows: &[String], columns: &[String], values: &[Vec<Option<f64>>], full: f64) -> String {
    let longest = |names: &[String]| names.iter().map(|name| name.chars().count().min(24)).max().unwrap_or(0) as f64;
    let (left, top) = (longest(rows) * LETTER + 16.0, longest(columns) * LETTER * 0.75 + 22.0);
    let cell = ((WIDE - left - 40.0) / columns.len().max(1) as f64).clamp(14.0, 64.0);
    let height = 20.0;
    let (wide, tall) = (left + cell * columns.len() as f64 + top, top + height * rows.len() as f64 + 12.0);
    let mut svg = begin(wide.max(200.0), tall);
    let most = values.iter().flatten().flatten().fold(full, |most, x| most.max(x.abs()));
    for (i, name) in columns.iter().enumerate() {
        let x = left + (i as f64 + 0.5) * cell;
        let style = format!("fill=\"#222\" transform=\"rotate(-45 {x:.1} {:.1})\"", top - 6.0);
        label(&mut svg, x, top - 6.0, &style, &cut(name, 24));
    }
    for (r, name) in rows.iter().enumerate() {
        let y = top + r as f64 * height;
        label(&mut svg, left - 6.0, y + 14.0, "text-anchor=\"end\" fill=\"#222\"", &cut(name, 24));
        for (c, value) in values[r].iter().enumerate() {
            let Some(value) = value else { continue };
            let share = (value / most).clamp(-1.0, 1.0);
            let fade = |full: f64| (255.0 - (255.0 - full) * share.abs()).round();
            let [red, green, blue] = if share >= 0.0 { [39.0, 110.0, 179.0] } else { [192.0, 57.0, 43.0] }.map(fade);
            let x = left + c as f64 * cell;
            let title = escape(&format!("{name}, {}: {}", columns[c], short(*value)));
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"rgb({red},{green},{blue})\"><title>{title}</title></rect>",
                cell - 1.0,
                height - 1.0
            );
            if cell >= 40.0 {
                let ink = if share.abs() > 0.6 { "#fff" } else { "#222" };
                let style = format!("text-anchor=\"middle\" font-size=\"10\" fill=\"{ink}\" pointer-events=\"none\"");
                label(&mut svg, x + cell / 2.0, y + 14.0, &style, &short(*value));
            }
        }
    }
    svg + "</svg>"
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_short_as_they_can_be_read() {
        let cases = [
            (0.0, "0"),
            (12.0, "12"),
            (0.1234, "0.123"),
            (1234.5, "1234"),
            (2_500_000.0, "2.5M"),
            (0.00012, "1.2e-4"),
            (-0.5, "-0.5"),
            (100.0, "100"),
        ];
        for (x, text) in cases {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn pictures_of_nothing_and_of_one_thing_are_pictures() {
        let point = |title: &str| Point { x: 3.0, y: 0.5, title: title.into(), front: true };
        for svg in [
            scatter(&[], "x", "y"),
            scatter(&[point("<b>")], "x", "y"),
            intervals(&[], "x", None),
            intervals(&[("a".into(), 0.0, 0.0, 0.0)], "x", Some(0.0)),
            heat(&["a".into()], &["b".into()], &[vec![None]], 1.0),
        ] {
            assert!(
                svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("NaN") && !svg.contains("<b>"),
                "{svg}"
            );
        }
    }
}
