//! References of cells in the XML of sheets. The library that reads them adds up letters and digits
//! without asking how many there are, and would take a cell far out for another one.

/// Letters of a column, and digits of a row, that its numbers hold. The last cell is `XFD1048576`.
const LETTERS: u32 = 6;
const DIGITS: u32 = 9;
/// No name that counts is longer.
const NAME: usize = 16;

/// Goes through the bytes of a part, piece by piece.
#[derive(Default)]
pub(super) struct References {
    place: Place,
    /// The name of the element, without its prefix, and of the attribute.
    element: Vec<u8>,
    attribute: Vec<u8>,
    /// The next byte of a name begins another one.
    is_over: bool,
    letters: u32,
    digits: u32,
}

#[derive(Clone, Copy, Default)]
enum Place {
    #[default]
    Text,
    Element,
    Attributes,
    /// Between quotes of this kind.
    Value(u8),
}

impl References {
    /// Whether every cell that is named so far can be read.
    pub(super) fn are_sound(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| self.next(byte))
    }

    fn next(&mut self, byte: u8) -> bool {
        match (self.place, byte) {
            (Place::Text, b'<') => {
                self.element.clear();
                self.place = Place::Element;
            }
            (Place::Text, _) => {}
            (Place::Element | Place::Attributes, b'>') => self.place = Place::Text,
            (Place::Element, b':') => self.element.clear(),
            (Place::Element, _) if byte.is_ascii_whitespace() => {
                self.is_over = true;
                self.place = Place::Attributes;
            }
            (Place::Element, _) => push(&mut self.element, byte),
            (Place::Attributes, b'"' | b'\'') => {
                (self.letters, self.digits, self.is_over) = (0, 0, true);
                self.place = Place::Value(byte);
            }
            (Place::Attributes, b'=') => self.is_over = true,
            (Place::Attributes, _) if byte.is_ascii_whitespace() => self.is_over = true,
            (Place::Attributes, _) => {
                if std::mem::take(&mut self.is_over) {
                    self.attribute.clear();
                }
                push(&mut self.attribute, byte);
            }
            (Place::Value(quote), _) if byte == quote => self.place = Place::Attributes,
            (Place::Value(_), b':') => (self.letters, self.digits) = (0, 0),
            (Place::Value(_), _) => {
                self.letters += u32::from(byte.is_ascii_alphabetic());
                self.digits += u32::from(byte.is_ascii_digit());
                return !self.is_reference() || (self.letters <= LETTERS && self.digits <= DIGITS);
            }
        }
        true
    }

    fn is_reference(&self) -> bool {
        let element = self.element.as_slice();
        let is_cell = [b"c".as_slice(), b"row", b"dimension", b"mergeCell", b"f"].contains(&element);
        is_cell && [b"r".as_slice(), b"ref"].contains(&self.attribute.as_slice())
    }
}

fn push(name: &mut Vec<u8>, byte: u8) {
    if name.len() < NAME {
        name.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sound(text: &str) -> bool {
        // In whatever pieces it comes.
        let whole = References::default().are_sound(text.as_bytes());
        let mut references = References::default();
        assert_eq!(whole, text.as_bytes().chunks(3).all(|piece| references.are_sound(piece)), "{text}");
        whole
    }

    #[test]
    fn cells_of_a_sheet_are_told_from_those_that_no_sheet_has() {
        for sound in [
            "<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"><v>99999999999999999999</v></c></row>",
            "<dimension ref=\"A1:XFD1048576\"/>",
            "<c:pageMargins b=\"0.750000000000\" r=\"0.70000000000000007\"/>",
            "<c s='12345678901234567890' r='A1'>AAAAAAAAAAAAAAAAA</c>",
        ] {
            assert!(is_sound(sound), "{sound}");
        }
        for wrong in [
            "<row r=\"4294967296\">",
            "<x:c t=\"s\" r = 'AAAAAAA1'>",
            "<c\nr=\"A10000000000\"/>",
            "<dimension ref=\"A1:ZZZZZZZZ9\"/>",
        ] {
            assert!(!is_sound(wrong), "{wrong}");
        }
    }
}
