//! A report before it is Markdown or HTML: one structure for both.

/// A report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Above everything.
    pub title: String,
    /// Everything, in its order.
    pub parts: Vec<Part>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The heading of a section.
    Heading(String),
    /// The heading of a part of a section.
    Subheading(String),
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// A picture: its name, what it shows, and the SVG.
    Plot {
        /// Letters, digits and hyphens: the name of its file.
        name: String,
        /// What it shows.
        caption: String,
        /// The picture.
        svg: String,
    },
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The first row.
    pub names: Vec<String>,
    /// Whether a column holds numbers, and stands to the right.
    pub numbers: Vec<bool>,
    /// The other rows.
    pub rows: Vec<Vec<String>>,
    /// Whether it is long, and shown only where somebody asks for it.
    pub folded: bool,
}

impl Table {
    /// A table without rows. Names that begin with `#` are those of columns with numbers.
    pub fn new(caption: impl Into<String>, names: &[&str]) -> Table {
        let numbers = names.iter().map(|name| name.starts_with('#')).collect();
        let names = names.iter().map(|name| name.trim_start_matches('#').to_owned()).collect();
        Table { caption: caption.into(), names, numbers, ..Table::default() }
    }
}

impl Document {
    /// A heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Heading(text.into()));
    }

    /// A heading within a section.
    pub fn subheading(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Subheading(text.into()));
    }

    /// A paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Text(text.into()));
    }

    /// A table, if it has rows.
    pub fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.parts.push(Part::Table(table));
        }
    }

    /// A picture.
    pub fn plot(&mut self, name: impl Into<String>, caption: impl Into<String>, svg: String) {
        self.parts.push(Part::Plot { name: name.into(), caption: caption.into(), svg });
    }

    /// The pictures: names and SVG.
    pub fn plots(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Plot { name, svg, .. } => Some((name.as_str(), svg.as_str())),
            _ => None,
        })
    }
}
