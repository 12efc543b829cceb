//! A report as Markdown, and as one HTML file that needs nothing else.

use super::document::{Document, Part, Table};
use std::fmt::Write;

/// Rows of a folded table that Markdown shows, which cannot fold.
const UNFOLDED: usize = 1_000;

impl Document {
    /// As Markdown. Pictures are files beside it: `NAME.svg`.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", plain(&self.title));
        for part in &self.parts {
            text.push('\n');
            match part {
                Part::Heading(heading) => _ = writeln!(text, "## {}", plain(heading)),
                Part::Subheading(heading) => _ = writeln!(text, "### {}", plain(heading)),
                Part::Text(paragraph) => _ = writeln!(text, "{}", plain(paragraph)),
                Part::Plot { name, caption, .. } => _ = writeln!(text, "![{}]({name}.svg)", plain(caption)),
                Part::Table(table) => markdown_table(&mut text, table),
            }
        }
        text
    }

    /// As HTML, pictures and all.
    pub fn to_html(&self) -> String {
        let title = escape(&self.title);
        let mut text = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        );
        for part in &self.parts {
            match part {
                Part::Heading(heading) => _ = writeln!(text, "<h2>{}</h2>", escape(heading)),
                Part::Subheading(heading) => _ = writeln!(text, "<h3>{}</h3>", escape(heading)),
                Part::Text(paragraph) => _ = writeln!(text, "<p>{}</p>", escape(paragraph)),
                Part::Plot { caption, svg, .. } => {
                    let caption = escape(caption);
                    let _ = writeln!(text, "<figure>{svg}<figcaption>{caption}</figcaption></figure>");
                }
                Part::Table(table) => html_table(&mut text, table),
            }
        }
        text + "</body></html>\n"
    }
}

const STYLE: &str = "body{font:15px/1.45 sans-serif;color:#222;max-width:1100px;margin:2em auto;padding:0 1em}\
h2{margin-top:2em;border-bottom:1px solid #ccc}table{border-collapse:collapse;margin:.2em 0 .8em;font-size:12px;display:block;overflow-x:auto}\
th,td{padding:2px 9px;border-bottom:1px solid #e4e4e4;text-align:left;white-space:nowrap}th{background:#f3f3f3}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1em 0}figcaption,p.c{color:#555;font-size:13px;\
margin:.8em 0 0}svg{max-width:100%;height:auto}summary{cursor:pointer;color:#235}";

fn markdown_table(text: &mut String, table: &Table) {
    let _ = writeln!(text, "{}\n", plain(&table.caption));
    let cells = |row: &[String]| row.iter().map(|cell| plain(cell).replace('|', "\\|")).collect::<Vec<_>>().join(" | ");
    let _ = writeln!(text, "| {} |", cells(&table.names));
    let line: Vec<&str> = table.numbers.iter().map(|&number| if number { "---:" } else { "---" }).collect();
    let _ = writeln!(text, "|{}|", line.join("|"));
    for row in table.rows.iter().take(UNFOLDED) {
        let _ = writeln!(text, "| {} |", cells(row));
    }
}

fn html_table(text: &mut String, table: &Table) {
    let caption = escape(&table.caption);
    let _ = if table.folded {
        write!(text, "<details><summary>{caption}</summary>")
    } else {
        write!(text, "<p class=\"c\">{caption}</p>")
    };
    text.push_str("<table>");
    let mut row = |cells: &[String], tag: &str| {
        text.push_str("<tr>");
        for (cell, number) in cells.iter().zip(&table.numbers) {
            let class = if *number { " class=\"n\"" } else { "" };
            let _ = write!(text, "<{tag}{class}>{}</{tag}>", escape(cell));
        }
        text.push_str("</tr>\n");
    };
    row(&table.names, "th");
    table.rows.iter().for_each(|cells| row(cells, "td"));
    text.push_str("</table>\n");
    if table.folded {
        text.push_str("</details>\n");
    }
}

/// Text from outside on one line, without what Markdown would take for HTML.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('<', "&lt;")
}

/// Text for HTML and SVG.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_say_the_same_and_nothing_from_outside_gets_out_of_its_cell() {
        let mut document = Document { title: "a<b".into(), ..Document::default() };
        document.heading("H");
        let mut table = Table::new("Caption", &["name", "#n"]);
        table.rows.push(vec!["<script>|\n".into(), "3".into()]);
        document.table(table);
        document.plot("p-1", "a plot", "<svg></svg>".into());
        let (markdown, html) = (document.to_markdown(), document.to_html());
        assert!(
            markdown.contains("# a&lt;b\n\n## H\n\nCaption\n\n| name | n |\n|---|---:|\n| &lt;script>\\|  | 3 |"),
            "{markdown}"
        );
        assert!(markdown.contains("![a plot](p-1.svg)"));
        assert!(
            html.contains("<td>&lt;script&gt;|\u{fffd}</td><td class=\"n\">3</td>") && html.contains("<svg></svg>")
        );
        assert!(!html.contains("<script>") && !html.contains("http"));
    }
}
