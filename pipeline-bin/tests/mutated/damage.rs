//! Random damage to a file: in bytes, lines, sections, encodings.

/// Pseudo-random numbers (splitmix64).
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Damages a file once.
pub(crate) fn damage(text: &mut Vec<u8>, draws: &mut Draws) {
    let at = draws.below(text.len());
    match draws.below(10) {
        // Bytes.
        0 => text.splice(at..(at + 1).min(text.len()), [draws.below(256) as u8]).for_each(drop),
        1 => text.truncate(at),
        2 => text.splice(at..at, vec![b"0-9,;\"<>/ \n\0"[draws.below(12)]; 1 + draws.below(4)]).for_each(drop),
        3 => {
            let numbers: [&[u8]; 6] = [b"-1", b"99999999999999999999", b"0", b"1e9", b"NaN", b"4294967296"];
            let digit = (0..text.len()).map(|i| (at + i) % text.len()).find(|&i| text[i].is_ascii_digit());
            let digit = digit.unwrap_or(at);
            text.splice(digit..(digit + 1).min(text.len()), numbers[draws.below(6)].iter().copied()).for_each(drop);
        }
        // Lines, and sections of lines.
        kind @ 4..=7 => {
            let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
            if lines.is_empty() {
                return;
            }
            let (from, to) = (draws.below(lines.len()), draws.below(lines.len()));
            let long = 1 + draws.below(if kind % 2 == 0 { 1 } else { 12 });
            let end = (from + long).min(lines.len());
            match kind {
                4 | 5 => lines.drain(from..end).for_each(drop),
                6 => lines.swap(from, to),
                _ => {
                    let again: Vec<Vec<u8>> = lines[from..end].to_vec();
                    lines.splice(to..to, again).for_each(drop);
                }
            }
            *text = lines.concat();
        }
        // Encodings.
        8 => {
            let units: Vec<u16> = String::from_utf8_lossy(text).encode_utf16().collect();
            *text = [0xff, 0xfe].into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect();
        }
        _ => {
            let newline: &[u8] = if draws.below(2) == 0 { b"\r" } else { b"\r\n" };
            let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
            *text = lines.join(newline);
        }
    }
}
