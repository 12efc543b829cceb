//! The name of a trial, made of its content: whoever asks for the same trial again asks for the
//! same name.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// 16 bytes of a hash, shown as 26 letters and digits (Crockford's base 32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrialId(pub [u8; 16]);

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 26;

impl TrialId {
    /// The name of what is run: the problem by its hash, the effective configuration, what it may
    /// spend, its seed, and the program.
    pub fn of(problem: &[u8; 32], configuration: &[u8; 32], budget: &str, seed: u64, version: &str) -> TrialId {
        let mut hash = blake3::Hasher::new();
        hash.update(b"stagecoach-trial-1").update(problem).update(configuration).update(&seed.to_le_bytes());
        for text in [budget, version] {
            hash.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hash.finalize().as_bytes()[..16]);
        TrialId(id)
    }

    /// From the bytes of a row.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<TrialId> {
        bytes.try_into().ok().map(TrialId)
    }

    /// Which of `n` shards runs it.
    pub fn shard(self, n: u32) -> u32 {
        (u128::from_be_bytes(self.0) % u128::from(n.max(1))) as u32
    }
}

impl fmt::Display for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = u128::from_be_bytes(self.0);
        let digit = |at: usize| DIGITS[(value >> (5 * (LETTERS - 1 - at)) & 31) as usize] as char;
        f.pad(&(0..LETTERS).map(digit).collect::<String>())
    }
}

impl FromStr for TrialId {
    type Err = String;

    fn from_str(text: &str) -> Result<TrialId, String> {
        let refused = || format!("`{text}` is no trial, expected {LETTERS} letters and digits as `results` shows them");
        let mut value: u128 = 0;
        for c in text.bytes() {
            let digit = DIGITS.iter().position(|&digit| digit == c.to_ascii_lowercase()).ok_or_else(refused)?;
            value = value << 5 | digit as u128;
        }
        // The first digit holds three bits.
        if text.len() != LETTERS || text.as_bytes()[0] > b'7' {
            return Err(refused());
        }
        Ok(TrialId(value.to_be_bytes()))
    }
}

impl Serialize for TrialId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrialId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TrialId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_it_is_shown() {
        for bytes in [[0; 16], [0xff; 16], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]] {
            assert_eq!(TrialId(bytes).to_string().parse(), Ok(TrialId(bytes)));
        }
        assert_eq!(TrialId([0xff; 16]).to_string(), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        for text in ["", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "7zzzzzzzzzzzzzzzzzzzzzzzz", "7zzzzzzzzzzzzzzzzzzzzzzzzu"] {
            assert!(text.parse::<TrialId>().is_err(), "{text}");
        }
    }

    #[test]
    fn whatever_a_result_depends_on_is_in_the_name() {
        let of = |problem: u8, configuration: u8, budget: &str, seed: u64, version: &str| {
            TrialId::of(&[problem; 32], &[configuration; 32], budget, seed, version)
        };
        let first = of(1, 1, "steps 9", 1, "v");
        let others = [
            of(2, 1, "steps 9", 1, "v"),
            of(1, 2, "steps 9", 1, "v"),
            of(1, 1, "steps 8", 1, "v"),
            of(1, 1, "steps 9", 2, "v"),
            of(1, 1, "steps 9", 1, "w"),
        ];
        assert!(others.iter().all(|other| *other != first));
        assert_eq!(of(1, 1, "steps 9", 1, "v"), first);
    }

    #[test]
    fn every_trial_belongs_to_exactly_one_shard() {
        for i in 0..200_u8 {
            let id = TrialId::of(&[i; 32], &[0; 32], "", 0, "");
            assert!(id.shard(7) < 7);
            assert_eq!(id.shard(1), 0);
        }
    }
}
