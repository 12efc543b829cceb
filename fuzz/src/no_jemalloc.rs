//! What `memguard` asks of jemalloc, by one that knows no name: all of them give `ENOENT`, whatever
//! they are given.

// SAFETY, of all three: there is no other function of this name, and none of their arguments is
// looked at.
#[unsafe(no_mangle)]
extern "C" fn _rjem_mallctl() -> i32 {
    2
}

#[unsafe(no_mangle)]
extern "C" fn _rjem_mallctlnametomib() -> i32 {
    2
}

#[unsafe(no_mangle)]
extern "C" fn _rjem_mallctlbymib() -> i32 {
    2
}
