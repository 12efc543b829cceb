//! Amounts: as text, from text, and their arithmetic.

use memguard::{ByteDelta, Bytes, ParseBytesError};
use proptest::prelude::*;

fn parsed(text: &str) -> Result<u64, ParseBytesError> {
    text.parse::<Bytes>().map(Bytes::get)
}

#[test]
fn decimal_and_binary_units_are_told_apart() {
    let table = [
        ("0", 0),
        ("1073741824", 1_073_741_824),
        ("512B", 512),
        ("500M", 500_000_000),
        ("500 mb", 500_000_000),
        ("  1.5GB ", 1_500_000_000),
        ("2GiB", 2_147_483_648),
        ("2gi", 2_147_483_648),
        ("0.5KiB", 512),
        ("1T", 1_000_000_000_000),
        ("1.0 PB", 1_000_000_000_000_000),
        ("18.4 EB", 18_400_000_000_000_000_000),
        ("2pi", 2 << 50),
        ("0.0000000000000000009EiB", 1),
        ("1.0000000000000000000001k", 1000),
        ("3.000", 3),
        ("18446744073709551615", u64::MAX),
    ];
    for (text, bytes) in table {
        assert_eq!(parsed(text), Ok(bytes), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_what_is_wrong() {
    let text = |text: &str| text.to_owned();
    assert_eq!(parsed("  "), Err(ParseBytesError::Empty));
    for no_number in ["GB", "-5M", ".5G", "5.G", "1.2.3G", "+1"] {
        assert_eq!(parsed(no_number), Err(ParseBytesError::NotANumber { text: text(no_number) }));
    }
    assert_eq!(parsed("5 apples"), Err(ParseBytesError::UnknownUnit { text: text("5 apples"), unit: text("apples") }));
    assert_eq!(parsed("1,5GB"), Err(ParseBytesError::UnknownUnit { text: text("1,5GB"), unit: text(",5GB") }));
    assert_eq!(parsed("1.5"), Err(ParseBytesError::FractionOfAByte { text: text("1.5") }));
    for large in ["18446744073709551616", "18446745TB", "18.5EB", "16EiB", "99999999999999999999999999G"] {
        assert_eq!(parsed(large), Err(ParseBytesError::TooLarge { text: text(large) }));
    }
}

#[test]
fn the_message_names_the_text_and_says_what_to_write() {
    let message = parsed("12 GX").expect_err("no unit").to_string();
    assert_eq!(message, "`GX` in `12 GX` is not a unit of memory\nMaybe use B, kB, MB, GB, TB or KiB, MiB, GiB, TiB");
}

#[test]
fn amounts_are_shown_in_decimal_units_with_one_decimal() {
    let table = [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (412_345_678, "412.3 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
        (2_147_483_648, "2.1 GB"),
        (u64::MAX, "18.4 EB"),
    ];
    for (bytes, text) in table {
        assert_eq!(Bytes::new(bytes).to_string(), text);
    }
    assert_eq!(format!("{:>10}", Bytes::mb(1)), "    1.0 MB");
}

#[test]
fn what_came_on_top_is_shown_as_negative() {
    assert_eq!(ByteDelta::freed(Bytes::mb(400), Bytes::mb(100)).to_string(), "300.0 MB");
    assert_eq!(ByteDelta::freed(Bytes::mb(1), Bytes::mb(3)).to_string(), "-2.0 MB");
    assert_eq!(ByteDelta::freed(Bytes::ZERO, Bytes::MAX).get(), i64::MIN);
}

#[test]
fn arithmetic_saturates() {
    assert_eq!(Bytes::MAX.saturating_add(Bytes::new(1)), Bytes::MAX);
    assert_eq!(Bytes::ZERO.saturating_sub(Bytes::new(1)), Bytes::ZERO);
    assert_eq!(Bytes::MAX.checked_add(Bytes::new(1)), None);
    assert_eq!([Bytes::MAX, Bytes::MAX].into_iter().sum::<Bytes>(), Bytes::MAX);
    assert_eq!(Bytes::of::<u64>(usize::MAX), Bytes::MAX);
    assert_eq!(Bytes::gb(u64::MAX), Bytes::MAX);
    assert_eq!(Bytes::gb(1).scaled(-1.0), Bytes::ZERO);
}

#[cfg(feature = "serde")]
#[test]
fn a_configuration_can_give_a_number_or_a_text() {
    assert_eq!(serde_json::from_str::<Bytes>("2000").expect("a number"), Bytes::kb(2));
    assert_eq!(serde_json::from_str::<Bytes>("\"2GiB\"").expect("a text"), Bytes::gib(2));
    let refused = serde_json::from_str::<Bytes>("\"2 apples\"").expect_err("no unit").to_string();
    assert!(refused.contains("`apples`"), "{refused}");
    assert!(serde_json::from_str::<Bytes>("-2").is_err());
    assert_eq!(serde_json::to_string(&Bytes::kb(2)).expect("written"), "2000");
}

proptest! {
    #[test]
    fn any_number_of_bytes_is_read_back(bytes: u64) {
        prop_assert_eq!(parsed(&bytes.to_string()), Ok(bytes));
    }

    #[test]
    fn what_is_shown_reads_as_nearly_the_same(bytes: u64, shift in 0_u32..64) {
        let bytes = bytes >> shift;
        let read = parsed(&Bytes::new(bytes).to_string()).expect("own text");
        prop_assert!(read.abs_diff(bytes) <= bytes / 19 + 1);
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC*") {
        let _ = parsed(&text);
    }
}
