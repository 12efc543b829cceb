//! A command line split into words, as a shell would, with nothing else that a shell does.

/// Why a command line has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Nothing but blanks.
    #[error("the command line is empty")]
    Empty,
    /// A quote without its other half.
    #[error("the command line ends inside quotes ({0})")]
    Quote(char),
    /// A backslash at the end.
    #[error("the command line ends with a backslash")]
    Backslash,
    /// A program cannot be given this.
    #[error("the command line holds a NUL character")]
    Nul,
}

/// Splits at blanks. `'…'` is taken as it stands; in `"…"` a backslash takes `"` and `\` as they
/// stand; outside of quotes it takes any character. No variables, no patterns, no pipes: those
/// characters stand for themselves.
///
/// # Errors
/// Where a quote is not closed, or there is no word.
pub fn split_words(line: &str) -> Result<Vec<String>, WordsError> {
    if line.contains('\0') {
        return Err(WordsError::Nul);
    }
    let mut words = Vec::new();
    // `None` between words: '' is a word, too.
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => quoted(c, &mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or(WordsError::Backslash)?),
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() { Err(WordsError::Empty) } else { Ok(words) }
}

/// Takes what stands up to the closing quote.
fn quoted(quote: char, chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), WordsError> {
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match chars.next().ok_or(WordsError::Quote(quote))? {
                c @ ('"' | '\\') => word.push(c),
                other => word.extend(['\\', other]),
            },
            c => word.push(c),
        }
    }
    Err(WordsError::Quote(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_would() {
        let cases: [(&str, &[&str]); 8] = [
            ("./my-stage --flag", &["./my-stage", "--flag"]),
            ("  a \t b\n", &["a", "b"]),
            (r#"a 'b c' "d e""#, &["a", "b c", "d e"]),
            (r"'my stage'/bin\ dir", &["my stage/bin dir"]),
            (r#"a '' "" b"#, &["a", "", "", "b"]),
            (r#""a\"b\\c\d""#, &[r#"a"b\c\d"#]),
            (r"'a\b'", &[r"a\b"]),
            ("echo $HOME; rm * | x > y", &["echo", "$HOME;", "rm", "*", "|", "x", ">", "y"]),
        ];
        for (line, words) in cases {
            assert_eq!(split_words(line).as_deref().unwrap(), words, "{line}");
        }
    }

    #[test]
    fn what_is_not_closed_is_an_error() {
        assert_eq!(split_words("a 'b"), Err(WordsError::Quote('\'')));
        assert_eq!(split_words("a \"b\\"), Err(WordsError::Quote('"')));
        assert_eq!(split_words("a \\"), Err(WordsError::Backslash));
        assert_eq!(split_words(" \t"), Err(WordsError::Empty));
        assert_eq!(split_words("a\0b"), Err(WordsError::Nul));
    }
}
