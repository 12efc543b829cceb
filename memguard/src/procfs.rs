//! Reading the small text files of the kernel into a buffer that is used again.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::Bytes;

/// Files larger than this are not the kernel's; reading stops here.
const MOST: u64 = 1 << 20;

/// Reads a file into `buffer`, or nothing where it can't be read.
pub(crate) fn read_into<'b>(path: &Path, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    buffer.clear();
    let file = File::open(path).ok()?;
    file.take(MOST).read_to_end(buffer).ok()?;
    Some(buffer)
}

/// The text that follows `key` at the start of a line, without the spaces around it.
fn after_key<'t>(text: &'t [u8], key: &str) -> Option<&'t str> {
    let line = text.split(|&byte| byte == b'\n').find(|line| {
        let next = line.get(key.len());
        line.starts_with(key.as_bytes()) && next.is_none_or(|next| next.is_ascii_whitespace() || *next == b':')
    })?;
    let rest = str::from_utf8(&line[key.len()..]).ok()?;
    Some(rest.trim_start_matches(':').trim())
}

/// A line such as `VmRSS: 123 kB` of `status` or `meminfo`. The kernel says kB and means 1024
/// bytes.
pub(crate) fn kib_line(text: &[u8], key: &str) -> Option<Bytes> {
    after_key(text, key)?.strip_suffix("kB")?.trim().parse().ok().map(Bytes::kib)
}

/// A line such as `inactive_file 4096` of `memory.stat`, in bytes.
pub(crate) fn stat_line(text: &[u8], key: &str) -> Option<Bytes> {
    after_key(text, key)?.parse().ok().map(Bytes::new)
}

/// A file that holds one number of bytes.
pub(crate) fn single(text: &[u8]) -> Option<Bytes> {
    str::from_utf8(text).ok()?.trim().parse().ok().map(Bytes::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_begins_another_key_is_not_taken_for_it() {
        let text = b"VmRSSExtra:\t9 kB\nVmRSS:\t   12 kB\n";
        assert_eq!(kib_line(text, "VmRSS"), Some(Bytes::new(12 * 1024)));
        let stat = b"inactive_file_extra 5\ninactive_file 4096\ntotal_inactive_file 8192\n";
        assert_eq!(stat_line(stat, "inactive_file"), Some(Bytes::new(4096)));
        assert_eq!(stat_line(stat, "total_inactive_file"), Some(Bytes::new(8192)));
    }

    #[test]
    fn text_that_is_no_number_is_no_reading() {
        assert_eq!(kib_line(b"VmRSS:\tmany kB\n", "VmRSS"), None);
        assert_eq!(kib_line(b"VmRSS:\n", "VmRSS"), None);
        assert_eq!(stat_line(b"inactive_file -3\n", "inactive_file"), None);
        assert_eq!(single(b"max\n"), None);
        assert_eq!(single(b"\xff\xfe"), None);
    }
}
