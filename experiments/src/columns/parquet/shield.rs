//! The crate `parquet` panics on some damaged files. Here that is an error like any other, and
//! nothing is printed.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

thread_local! {
    /// Whether this thread is in [`shielded`].
    static SHIELDED: Cell<bool> = const { Cell::new(false) };
}

/// What the crate says; where it panics on what is in a file, that is an error, too.
pub(super) fn shielded<T>(read: impl FnOnce() -> ::parquet::errors::Result<T>) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !SHIELDED.get() {
                before(panic);
            }
        }));
    });
    SHIELDED.set(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    SHIELDED.set(false);
    match read {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(why)) => Err(why.to_string()),
        Err(_) => Err("data that the reader does not understand".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_others_are_still_heard() {
        assert_eq!(shielded(|| Ok(1)), Ok(1));
        assert!(shielded::<()>(|| panic!("damaged")).is_err());
        assert!(!SHIELDED.get());
        assert!(
            shielded::<()>(|| Err(::parquet::errors::ParquetError::General("no".into()))).unwrap_err().contains("no")
        );
    }
}
