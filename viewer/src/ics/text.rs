//! Lines of iCalendar (RFC 5545).

/// Longest line, in bytes without its end.
const WIDEST: usize = 75;

/// Lines, each folded where it is long.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) String);

impl Lines {
    /// A line as it is: `BEGIN:VEVENT`.
    pub(crate) fn line(&mut self, line: &str) {
        let mut left = line;
        let mut most = WIDEST;
        while left.len() > most {
            let end = (0..=most).rev().find(|&at| left.is_char_boundary(at)).unwrap_or(0);
            self.0 += &left[..end];
            self.0 += "\r\n ";
            left = &left[end..];
            most = WIDEST - 1;
        }
        self.0 += left;
        self.0 += "\r\n";
    }

    /// A line with text from the input.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let mut line = format!("{name}:");
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => line.extend(['\\', c]),
                '\n' => line += "\\n",
                c if c.is_control() => line.push('\u{fffd}'),
                c => line.push(c),
            }
        }
        self.line(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters_and_text_is_escaped() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &format!("a,b;c\\d\n{}\r\u{7}", "ü".repeat(80)));
        assert!(lines.0.split("\r\n").all(|line| line.len() <= WIDEST), "{}", lines.0);
        let whole = lines.0.replace("\r\n ", "");
        assert_eq!(whole, format!("SUMMARY:a\\,b\\;c\\\\d\\n{}\u{fffd}\u{fffd}\r\n", "ü".repeat(80)));
    }
}
