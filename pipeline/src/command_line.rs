//! Command lines, split into words as a shell would, but with nothing expanded.

/// Why a command line cannot be split into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// There are no words.
    #[error("the command line is empty")]
    Empty,
    /// The line ends too early.
    #[error("the command line ends inside quotes or with a backslash")]
    Unfinished,
    /// No program can be given such a word.
    #[error("the command line holds a NUL character")]
    Nul,
}

/// Splits a command line at white space. Quotes and backslashes work as in a POSIX shell, and `#`
/// begins a comment; variables, wildcards and operators stay as they are.
///
/// # Errors
/// Where a quote is not closed, or there are no words.
pub(crate) fn split_words(line: &str) -> Result<Vec<String>, CommandLineError> {
    if line.contains('\0') {
        return Err(CommandLineError::Nul);
    }
    let words = shlex::split(line).ok_or(CommandLineError::Unfinished)?;
    if words.is_empty() { Err(CommandLineError::Empty) } else { Ok(words) }
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
        for line in ["a 'b", "a \"b\\", "a \\"] {
            assert_eq!(split_words(line), Err(CommandLineError::Unfinished), "{line}");
        }
        assert_eq!(split_words(" \t"), Err(CommandLineError::Empty));
        assert_eq!(split_words("a\0b"), Err(CommandLineError::Nul));
    }
}
