//! Weeks and days as strings of 0 and 1: the leftmost is the first week or day, and becomes bit 0.

/// The bits of a string of exactly `count` (at most 64) characters, at least one of them 1.
pub(super) fn parse(text: &str, count: u32) -> Option<u64> {
    if text.len() != count as usize {
        return None;
    }
    let mut bits = 0u64;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'1' => bits |= 1 << i,
            b'0' => {}
            _ => return None,
        }
    }
    (bits != 0).then_some(bits)
}

/// The string of `count` characters for some bits.
pub(super) fn text(bits: u64, count: u32) -> String {
    (0..count).map(|i| if bits >> i & 1 == 1 { '1' } else { '0' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leftmost_character_is_bit_0() {
        assert_eq!(parse("1000000", 7), Some(1));
        assert_eq!(parse("0010100", 7), Some(0b10100));
        assert_eq!(text(0b10100, 7), "0010100");
    }

    #[test]
    fn wrong_lengths_other_characters_and_nothing_set_are_refused() {
        for bad in ["", "101", "10100000", "10x0000", "0000000"] {
            assert_eq!(parse(bad, 7), None, "{bad}");
        }
        assert_eq!(parse(&"1".repeat(64), 64), Some(u64::MAX));
    }
}
