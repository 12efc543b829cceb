//! A week as a picture: days across, slots down, coloured by course.

use std::fmt::Write;

/// What is to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WeekGrid {
    /// Above the grid.
    pub(crate) title: String,
    /// Names of the days.
    pub(crate) days: Vec<String>,
    /// Names of the slots.
    pub(crate) slots: Vec<String>,
    /// What is held.
    pub(crate) entries: Vec<Entry>,
}

/// Something held on one day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Position of the day.
    pub(crate) day: usize,
    /// First slot.
    pub(crate) start: usize,
    /// The slot after the last.
    pub(crate) end: usize,
    /// Text, the first line bold.
    pub(crate) lines: Vec<String>,
    /// Entries of one number have one colour.
    pub(crate) colour: u32,
}

const LEFT: usize = 64;
const TOP: usize = 64;
const DAY: usize = 132;
const MARGIN: usize = 12;
/// A letter's width in a label of 11 px, about.
const LETTER: usize = 7;

impl WeekGrid {
    /// The picture as an SVG document.
    pub(crate) fn to_svg(&self) -> String {
        let (first, last) = self.shown();
        let rows = last - first;
        // Few slots: room for two lines of text in each; many: a day of 288 slots shall fit on a
        // page.
        let height = (640 / rows.max(1)).clamp(3, 44);
        let (width, bottom) = (LEFT + DAY * self.days.len() + MARGIN, TOP + rows * height);
        let total = bottom + MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{total}\" viewBox=\"0 0 {width} {total}\" \
             font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        );
        text(&mut svg, MARGIN, 26, "font-size=\"16\" font-weight=\"bold\" fill=\"#222222\"", &self.title);
        self.lines(&mut svg, first, rows, height);
        for (entry, lane, lanes) in self.lanes() {
            let (start, end) = (entry.start.clamp(first, last), entry.end.clamp(first, last));
            if entry.day >= self.days.len() || start >= end {
                continue;
            }
            let wide = (DAY - 4) / lanes;
            let x = LEFT + entry.day * DAY + 2 + lane * wide;
            let (y, tall) = (TOP + (start - first) * height + 1, (end - start) * height - 2);
            draw(&mut svg, entry, [x, y, wide.saturating_sub(2), tall]);
        }
        svg + "</svg>\n"
    }

    /// The slots from the first to the last that is used, all of them where there are few.
    fn shown(&self) -> (usize, usize) {
        if self.slots.len() <= 16 || self.entries.is_empty() {
            return (0, self.slots.len());
        }
        let first = self.entries.iter().map(|e| e.start).min().unwrap_or(0);
        let last = self.entries.iter().map(|e| e.end).max().unwrap_or(0).min(self.slots.len());
        (first.min(last), last)
    }

    fn lines(&self, svg: &mut String, first: usize, rows: usize, height: usize) {
        let bottom = TOP + rows * height;
        let right = LEFT + DAY * self.days.len();
        // A label wants 14 pixels.
        let every = 14usize.div_ceil(height);
        for row in 0..=rows {
            if row % every == 0 || row == rows {
                let y = TOP + row * height;
                let _ = writeln!(svg, "<path d=\"M{LEFT} {y}H{right}\" stroke=\"#dddddd\"/>");
            }
            if row % every == 0 && row < rows {
                let y = TOP + row * height + 13;
                text(svg, MARGIN, y, "fill=\"#666666\"", &cut(&self.slots[first + row], LEFT - MARGIN));
            }
        }
        for (day, name) in self.days.iter().enumerate() {
            let x = LEFT + day * DAY;
            text(svg, x + 6, TOP - 10, "font-size=\"13\" font-weight=\"bold\" fill=\"#444444\"", &cut(name, DAY));
            let _ = writeln!(svg, "<path d=\"M{x} {TOP}V{bottom}\" stroke=\"#bbbbbb\"/>");
        }
        let _ = writeln!(svg, "<path d=\"M{right} {TOP}V{bottom}\" stroke=\"#bbbbbb\"/>");
    }

    /// Entries that overlap stand side by side: each with its lane and how many lanes its group
    /// has.
    fn lanes(&self) -> Vec<(&Entry, usize, usize)> {
        let mut sorted: Vec<&Entry> = self.entries.iter().collect();
        sorted.sort_by_key(|e| (e.day, e.start, e.end));
        let mut placed: Vec<(&Entry, usize, usize)> = Vec::new();
        let (mut group, mut ends): (usize, Vec<usize>) = (0, Vec::new());
        for entry in sorted {
            let apart = placed.last().is_none_or(|(last, ..)| last.day != entry.day);
            if apart || ends.iter().all(|&end| end <= entry.start) {
                placed[group..].iter_mut().for_each(|p| p.2 = ends.len());
                group = placed.len();
                ends.clear();
            }
            let lane = ends.iter().position(|&end| end <= entry.start).unwrap_or(ends.len());
            if lane == ends.len() {
                ends.push(entry.end);
            } else {
                ends[lane] = entry.end;
            }
            placed.push((entry, lane, 0));
        }
        placed[group..].iter_mut().for_each(|p| p.2 = ends.len());
        placed
    }
}

fn draw(svg: &mut String, entry: &Entry, [x, y, wide, tall]: [usize; 4]) {
    // The golden angle keeps the hues of neighbouring numbers far apart.
    let hue = u64::from(entry.colour) * 137_508 / 1000 % 360;
    let _ = writeln!(svg, "<g><title>{}</title>", escape(&entry.lines.join(", ")));
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\" rx=\"3\" fill=\"hsl({hue},65%,86%)\" stroke=\"hsl({hue},45%,55%)\"/>"
    );
    for (i, line) in entry.lines.iter().take(tall.saturating_sub(2) / 13).enumerate() {
        let style = if i == 0 { "font-weight=\"bold\" fill=\"#222222\"" } else { "fill=\"#444444\"" };
        text(svg, x + 5, y + 13 + i * 13, style, &cut(line, wide.saturating_sub(6)));
    }
    *svg += "</g>\n";
}

fn text(svg: &mut String, x: usize, y: usize, style: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {style}>{}</text>", escape(text));
}

/// As much of a text as about `wide` pixels hold.
fn cut(text: &str, wide: usize) -> String {
    let most = (wide / LETTER).max(1);
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Text for XML: what marks it up is escaped, what XML cannot hold is replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(day: usize, start: usize, end: usize) -> Entry {
        Entry { day, start, end, lines: vec![format!("{day}.{start}")], colour: 1 }
    }

    fn grid(entries: Vec<Entry>) -> WeekGrid {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
        WeekGrid { title: "t".into(), days: names(2), slots: names(6), entries }
    }

    #[test]
    fn what_overlaps_stands_side_by_side_and_what_does_not_has_the_whole_width() {
        let grid = grid(vec![entry(0, 0, 2), entry(0, 1, 3), entry(0, 2, 4), entry(0, 4, 5), entry(1, 0, 1)]);
        let lanes: Vec<(usize, usize)> = grid.lanes().into_iter().map(|(_, lane, lanes)| (lane, lanes)).collect();
        assert_eq!(lanes, [(0, 2), (1, 2), (0, 2), (0, 1), (0, 1)]);
    }

    #[test]
    fn text_from_outside_cannot_leave_its_element() {
        let mut hostile = entry(0, 0, 1);
        hostile.lines = vec!["</text><script>\"'&\u{0}".into()];
        let svg = WeekGrid { title: "<b>".into(), ..grid(vec![hostile]) }.to_svg();
        assert!(!svg.contains("<script>") && !svg.contains("<b>") && !svg.contains('\u{0}'));
        assert!(svg.contains("&lt;b&gt;"));
    }

    #[test]
    fn entries_outside_the_grid_are_left_out_without_a_panic() {
        let svg = grid(vec![entry(5, 0, 1), entry(0, 9, 12), entry(0, 2, 2)]).to_svg();
        assert!(!svg.contains("<g>"));
        assert!(WeekGrid::default().to_svg().ends_with("</svg>\n"));
    }

    #[test]
    fn long_names_are_cut_to_their_box() {
        assert_eq!(cut("abcdefgh", 35), "abcd…");
        assert_eq!(cut("abc", 35), "abc");
    }
}
