//! Reads an expression.

use super::{Literal, Op, Test};
use crate::columns::{Cell, Rank, Refused, text::parse_number};

/// How deep parentheses may go.
const DEPTH: usize = 64;
/// Most columns, values and comparisons together.
const MOST: usize = 10_000;

/// Reads one expression; the columns that it names are added to `columns`.
pub(super) fn expression(text: &str, columns: &mut Vec<String>) -> Result<Test, Refused> {
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, next: 0, depth: 0, columns };
    let test = parser.or()?;
    match parser.peek() {
        None => Ok(test),
        Some(_) => Err(parser.wrong("and, or, or the end")),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A word, a number, a value in single quotes, a column in double quotes.
    Word(String),
    Quoted(String),
    Column(String),
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["<=", ">=", "==", "!=", "<>", "=", "<", ">", "(", ")", ","];

/// Tokens with the places at which they begin.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Refused> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if tokens.len() == MOST {
            return Err(refused(text, at, "more than 10,000 words and signs", "a shorter expression"));
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push((at, Token::Sign(sign)));
            rest = &rest[sign.len()..];
        } else if first == '\'' || first == '"' {
            let (mut inner, mut length) = (String::new(), 1);
            loop {
                let Some(c) = rest[length..].chars().next() else {
                    return Err(refused(text, at, "a quote that is never closed", "its end"));
                };
                length += c.len_utf8();
                if c != first {
                    inner.push(c);
                } else if rest[length..].starts_with(first) {
                    inner.push(c); // two stand for one
                    length += 1;
                } else {
                    break;
                }
            }
            tokens.push((at, if first == '\'' { Token::Quoted(inner) } else { Token::Column(inner) }));
            rest = &rest[length..];
        } else {
            let ends = |c: char| c.is_whitespace() || "<>=!(),'\"".contains(c);
            let length = rest.find(ends).unwrap_or(rest.len()).max(first.len_utf8());
            tokens.push((at, Token::Word(rest[..length].to_owned())));
            rest = &rest[length..];
        }
    }
}

fn refused(text: &str, at: usize, found: &str, expected: &str) -> Refused {
    let at = text[..at].chars().count() + 1;
    Refused::Expression { text: text.to_owned(), at, found: found.to_owned(), expected: expected.to_owned() }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [(usize, Token)],
    next: usize,
    depth: usize,
    columns: &'a mut Vec<String>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn wrong(&self, expected: &str) -> Refused {
        let (at, found) = match self.tokens.get(self.next) {
            None => (self.text.len(), "the end".to_owned()),
            Some((at, Token::Word(word) | Token::Column(word))) => (*at, word.clone()),
            Some((at, Token::Quoted(text))) => (*at, format!("'{text}'")),
            Some((at, Token::Sign(sign))) => (*at, (*sign).to_owned()),
        };
        refused(self.text, at, &found, expected)
    }

    /// Whether a word of the language stands here; then it is taken.
    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(here)) if here.eq_ignore_ascii_case(word));
        self.next += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Sign(here)) if *here == sign);
        self.next += usize::from(is);
        is
    }

    fn or(&mut self) -> Result<Test, Refused> {
        let mut tests = vec![self.and()?];
        while self.word("or") {
            tests.push(self.and()?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::Or(tests) })
    }

    fn and(&mut self) -> Result<Test, Refused> {
        let mut tests = vec![self.not()?];
        while self.word("and") {
            tests.push(self.not()?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::And(tests) })
    }

    fn not(&mut self) -> Result<Test, Refused> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong("fewer parentheses"));
        }
        let test = if self.word("not") {
            Test::Not(Box::new(self.not()?))
        } else if self.sign("(") {
            let test = self.or()?;
            if !self.sign(")") {
                return Err(self.wrong(")"));
            }
            test
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(test)
    }

    fn comparison(&mut self) -> Result<Test, Refused> {
        let name = match self.peek() {
            Some(Token::Word(name) | Token::Column(name)) => name.clone(),
            _ => return Err(self.wrong("a column")),
        };
        self.next += 1;
        let column = self.columns.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.columns.push(name);
            self.columns.len() - 1
        });
        if self.word("is") {
            let not = self.word("not");
            if !self.word("null") {
                return Err(self.wrong("null"));
            }
            let test = Test::IsNull(column);
            return Ok(if not { Test::Not(Box::new(test)) } else { test });
        }
        let not = self.word("not");
        if self.word("in") {
            let test = Test::In(column, self.list()?);
            return Ok(if not { Test::Not(Box::new(test)) } else { test });
        }
        let ops = [
            ("=", Op::Equal),
            ("==", Op::Equal),
            ("!=", Op::Unequal),
            ("<>", Op::Unequal),
            ("<", Op::Less),
            ("<=", Op::LessOrEqual),
            (">", Op::Greater),
            (">=", Op::GreaterOrEqual),
        ];
        match ops.into_iter().find(|(sign, _)| !not && self.sign(sign)) {
            Some((_, op)) => Ok(Test::Compare(column, op, self.literal()?)),
            None if not => Err(self.wrong("in")),
            None => Err(self.wrong("=, !=, <, <=, >, >=, in or is")),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, Refused> {
        if !self.sign("(") {
            return Err(self.wrong("("));
        }
        let mut literals = vec![self.literal()?];
        while self.sign(",") {
            literals.push(self.literal()?);
        }
        if self.sign(")") { Ok(literals) } else { Err(self.wrong(", or )")) }
    }

    fn literal(&mut self) -> Result<Literal, Refused> {
        let literal = match self.peek() {
            Some(Token::Quoted(text)) => Literal::Text(text.clone()),
            Some(Token::Word(word)) => match parse_number(word.as_bytes()) {
                Some(Cell::Null) if word.eq_ignore_ascii_case("null") => {
                    return Err(self.wrong("a value; what is missing is asked for by is null"));
                }
                // What other programs write for nothing, such as `none`, is text here: it may be a name.
                Some(Cell::Null) => Literal::Text(word.clone()),
                Some(Cell::Float(x)) if x.is_nan() => {
                    return Err(self.wrong("a number; NaN is missing, and asked for by is null"));
                }
                // Truth compares with columns of truth, and with text.
                Some(Cell::Bool(is)) => Literal::Text(is.to_string()),
                Some(number) => Literal::Number(Rank::of(number, true).unwrap_or(Rank::BEST)),
                None => Literal::Text(word.clone()),
            },
            _ => return Err(self.wrong("a number, a word, or text in single quotes")),
        };
        self.next += 1;
        Ok(literal)
    }
}
