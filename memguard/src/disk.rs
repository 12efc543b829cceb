//! What a disk has left: the gauge to a ledger of a disk.

use std::path::Path;

use crate::Bytes;

/// Bytes that this process may still write where `folder` is; `None` where that cannot be asked.
#[cfg(unix)]
pub fn disk_free(folder: &Path) -> Option<Bytes> {
    use std::{ffi::CString, mem::MaybeUninit, os::unix::ffi::OsStrExt};

    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    let mut stat = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with a zero, and statvfs fills the structure where it returns 0.
    let stat = unsafe {
        if libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) != 0 {
            return None;
        }
        stat.assume_init()
    };
    // A file system that counts nothing.
    if stat.f_blocks == 0 {
        return None;
    }
    // The types differ between systems.
    #[allow(clippy::unnecessary_cast)]
    Some(Bytes::new((stat.f_bavail as u64).saturating_mul(stat.f_frsize as u64)))
}

/// Other systems have no such call.
#[cfg(not(unix))]
pub fn disk_free(_folder: &Path) -> Option<Bytes> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_something_left_and_what_is_no_folder_has_no_answer() {
        assert!(disk_free(Path::new("/")).is_some());
        assert_eq!(disk_free(Path::new("/no/such/folder")), None);
        assert_eq!(disk_free(Path::new("a\0b")), None);
    }
}
