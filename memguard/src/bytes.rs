//! An amount of memory, and the difference between two.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

/// An amount of memory in bytes.
///
/// Shown in decimal units with one decimal (`412.3 MB`); read from text in decimal (`k`, `MB`, `G`)
/// or binary (`KiB`, `MiB`, `Gi`) units, upper or lower case. Arithmetic saturates: an amount can
/// neither wrap nor go negative.
///
/// ```
/// use memguard::Bytes;
///
/// assert_eq!("1.5GB".parse::<Bytes>()?, Bytes::mb(1500));
/// assert_eq!("2GiB".parse::<Bytes>()?, Bytes::new(2 << 30));
/// assert_eq!(Bytes::new(412_345_678).to_string(), "412.3 MB");
/// # Ok::<(), memguard::ParseBytesError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

impl Bytes {
    /// No memory at all.
    pub const ZERO: Bytes = Bytes(0);
    /// The largest amount that can be said.
    pub const MAX: Bytes = Bytes(u64::MAX);

    /// So many bytes.
    pub const fn new(bytes: u64) -> Bytes {
        Bytes(bytes)
    }

    /// So many decimal kilobytes (1000 bytes).
    pub const fn kb(kilobytes: u64) -> Bytes {
        Bytes(kilobytes.saturating_mul(1000))
    }

    /// So many decimal megabytes (1000² bytes).
    pub const fn mb(megabytes: u64) -> Bytes {
        Bytes(megabytes.saturating_mul(1_000_000))
    }

    /// So many decimal gigabytes (1000³ bytes).
    pub const fn gb(gigabytes: u64) -> Bytes {
        Bytes(gigabytes.saturating_mul(1_000_000_000))
    }

    /// So many binary kilobytes (1024 bytes), the unit of `/proc`.
    pub const fn kib(kibibytes: u64) -> Bytes {
        Bytes(kibibytes.saturating_mul(1 << 10))
    }

    /// So many binary megabytes (1024² bytes).
    pub const fn mib(mebibytes: u64) -> Bytes {
        Bytes(mebibytes.saturating_mul(1 << 20))
    }

    /// So many binary gigabytes (1024³ bytes).
    pub const fn gib(gibibytes: u64) -> Bytes {
        Bytes(gibibytes.saturating_mul(1 << 30))
    }

    /// What `count` values of type `T` take, without what an allocator adds.
    pub const fn of<T>(count: usize) -> Bytes {
        Bytes((count as u64).saturating_mul(size_of::<T>() as u64))
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sum, at most [`Bytes::MAX`].
    pub const fn saturating_add(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_add(other.0))
    }

    /// This amount so many times.
    pub const fn times(self, count: usize) -> Bytes {
        Bytes(self.0.saturating_mul(count as u64))
    }

    /// The difference, at least zero.
    pub const fn saturating_sub(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_sub(other.0))
    }

    /// The sum, or `None` where it can't be said.
    pub const fn checked_add(self, other: Bytes) -> Option<Bytes> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Bytes(sum)),
            None => None,
        }
    }

    /// This amount as a fraction of `limit`: 0.0 is nothing, 1.0 all of it. Of a limit of zero
    /// everything is all.
    pub fn fraction_of(self, limit: Bytes) -> f64 {
        if limit.0 == 0 { 1.0 } else { self.0 as f64 / limit.0 as f64 }
    }

    /// `fraction` of this amount, rounded down; a fraction below zero or not a number gives zero.
    pub fn scaled(self, fraction: f64) -> Bytes {
        Bytes((self.0 as f64 * fraction) as u64)
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(amounts: I) -> Bytes {
        amounts.fold(Bytes::ZERO, Bytes::saturating_add)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
        if self.0 < 1000 {
            return f.pad(&format!("{} B", self.0));
        }
        let mut value = self.0 as f64 / 1000.0;
        let mut unit = 0;
        // 999.95 would be shown as 1000.0.
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        f.pad(&format!("{value:.1} {}", UNITS[unit]))
    }
}

/// Why a text is not an amount of memory. Each message names the text that was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBytesError {
    /// Nothing was given.
    #[error("no amount of memory was given\nMaybe write it like 500M, 2GiB or 1073741824")]
    Empty,
    /// The text does not start with a number such as `500` or `1.5`.
    #[error("`{text}` does not start with a number\nMaybe write the amount like 500M, 2GiB or 1073741824")]
    NotANumber {
        /// What was given.
        text: String,
    },
    /// What follows the number is not a unit.
    #[error("`{unit}` in `{text}` is not a unit of memory\nMaybe use B, kB, MB, GB, TB or KiB, MiB, GiB, TiB")]
    UnknownUnit {
        /// What was given.
        text: String,
        /// The part of it that is not understood.
        unit: String,
    },
    /// A part of a byte, such as `1.5` without a unit.
    #[error("`{text}` is a fraction of a byte\nMaybe the unit is missing: {text}G?")]
    FractionOfAByte {
        /// What was given.
        text: String,
    },
    /// More than 2⁶⁴ − 1 bytes.
    #[error("`{text}` is more than can be counted (18.4 EB)")]
    TooLarge {
        /// What was given.
        text: String,
    },
}

impl FromStr for Bytes {
    type Err = ParseBytesError;

    fn from_str(given: &str) -> Result<Bytes, ParseBytesError> {
        let text = given.trim();
        if text.is_empty() {
            return Err(ParseBytesError::Empty);
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim_start());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let point_without_digits = number.contains('.') && fraction.is_empty();
        if whole.is_empty() || point_without_digits || fraction.contains('.') {
            return Err(ParseBytesError::NotANumber { text: text.to_owned() });
        }
        let factor = unit_factor(unit)
            .ok_or_else(|| ParseBytesError::UnknownUnit { text: text.to_owned(), unit: unit.to_owned() })?;
        if factor == 1 && fraction.bytes().any(|digit| digit != b'0') {
            return Err(ParseBytesError::FractionOfAByte { text: text.to_owned() });
        }
        exact_product(whole, fraction, factor)
            .map(Bytes)
            .ok_or_else(|| ParseBytesError::TooLarge { text: text.to_owned() })
    }
}

/// The bytes in one unit, or `None` where it is no unit.
fn unit_factor(unit: &str) -> Option<u64> {
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1000_u64.pow(2),
        "g" | "gb" => 1000_u64.pow(3),
        "t" | "tb" => 1000_u64.pow(4),
        "p" | "pb" => 1000_u64.pow(5),
        "e" | "eb" => 1000_u64.pow(6),
        "ki" | "kib" => 1 << 10,
        "mi" | "mib" => 1 << 20,
        "gi" | "gib" => 1 << 30,
        "ti" | "tib" => 1 << 40,
        "pi" | "pib" => 1 << 50,
        "ei" | "eib" => 1 << 60,
        _ => return None,
    };
    Some(factor)
}

/// `whole.fraction × factor` in integers, rounded down; `None` where it does not fit.
fn exact_product(whole: &str, fraction: &str, factor: u64) -> Option<u64> {
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    // Digits beyond the nineteenth are below a byte in every unit.
    let digits = &fraction[..fraction.len().min(19)];
    let numerator = if digits.is_empty() { 0 } else { digits.parse::<u128>().ok()? };
    let part = numerator * u128::from(factor) / 10_u128.pow(digits.len() as u32);
    whole.checked_add(part as u64)
}

/// A difference of two amounts in bytes: what was freed is positive, what came on top negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteDelta(i64);

impl ByteDelta {
    /// What went away between two readings: `before - after`, negative where it became more.
    pub fn freed(before: Bytes, after: Bytes) -> ByteDelta {
        let difference = i128::from(before.0) - i128::from(after.0);
        ByteDelta(difference.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// The difference in bytes.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Both differences together, saturating.
    pub const fn saturating_add(self, other: ByteDelta) -> ByteDelta {
        ByteDelta(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for ByteDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{}", Bytes(self.0.unsigned_abs())))
    }
}
