//! A time zone as a `VTIMEZONE`: the offsets that hold in a term, and when they change.

use super::text::Lines;
use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{Offset, TimeZone},
};

/// Writes the zone for everything between these days.
pub(crate) fn write(zone: &TimeZone, name: &str, from: Date, to: Date, lines: &mut Lines) {
    // What holds at the beginning has begun before.
    let at = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
    let begin = at(from.saturating_sub(2.days()));
    let end = at(to.saturating_add(2.days()));
    lines.line("BEGIN:VTIMEZONE");
    lines.text("TZID", name);
    let first = zone.to_offset_info(begin);
    observance(lines, first.dst().is_dst(), begin, first.offset(), first.offset(), first.abbreviation());
    let mut before = first.offset();
    for change in zone.following(begin).take_while(|change| change.timestamp() < end) {
        observance(lines, change.dst().is_dst(), change.timestamp(), before, change.offset(), change.abbreviation());
        before = change.offset();
    }
    lines.line("END:VTIMEZONE");
}

fn observance(lines: &mut Lines, is_summer: bool, at: Timestamp, before: Offset, after: Offset, name: &str) {
    let kind = if is_summer { "DAYLIGHT" } else { "STANDARD" };
    lines.line(&format!("BEGIN:{kind}"));
    lines.line(&format!("DTSTART:{}", before.to_datetime(at).strftime("%Y%m%dT%H%M%S")));
    lines.line(&format!("TZOFFSETFROM:{}", offset(before)));
    lines.line(&format!("TZOFFSETTO:{}", offset(after)));
    lines.text("TZNAME", name);
    lines.line(&format!("END:{kind}"));
}

/// `+0100`, with seconds where there are any.
fn offset(offset: Offset) -> String {
    let (sign, all) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().abs());
    let seconds = if all % 60 == 0 { String::new() } else { format!("{:02}", all % 60) };
    format!("{sign}{:02}{:02}{seconds}", all / 3600, all / 60 % 60)
}
