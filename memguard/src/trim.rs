//! The C library's heap: what C and C++ libraries have freed goes back to the system.

/// Trims glibc's heaps. False where nothing was given back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn trim() -> bool {
    // SAFETY: malloc_trim takes a number, keeps no pointer, and locks each of glibc's arenas while
    // it works on it.
    unsafe { libc::malloc_trim(0) == 1 }
}

/// Other C libraries have no such call.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn trim() -> bool {
    false
}
