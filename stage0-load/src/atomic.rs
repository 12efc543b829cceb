//! Files that are there whole or not at all: written under a temporary name, synchronised, renamed.

use crate::unfinished::Unfinished;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// Writes a file through `write`, compressed where its name ends in `.gz` or `.zst`.
///
/// # Errors
/// Whatever goes wrong; the file then is as it was before.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stagecoach-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666)); // less what the user's mask takes away
    }
    let mut unfinished = Unfinished::hold();
    let mut temporary = builder.tempfile_in(folder)?;
    unfinished.note(temporary.path());
    drop(unfinished);
    let written = fill(&mut temporary, path, write);
    let mut unfinished = Unfinished::hold();
    unfinished.forget(temporary.path());
    written?;
    match temporary.persist_noclobber(path) {
        Ok(_) => unfinished.note(path),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
            e.file.persist(path).map_err(|e| e.error)?;
        }
        // Not every disk can tell.
        Err(e) => drop(e.file.persist(path).map_err(|e| e.error)?),
    }
    drop(unfinished);
    // Network shares cannot make a folder's entries last (EINVAL, ENOSYS, ENOTSUP).
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Writes the content, compressed as the path says, and waits until it is on the disk.
fn fill(
    temporary: &mut tempfile::NamedTempFile,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = temporary.as_file_mut();
    match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => {
            let mut w = flate2::write::GzEncoder::new(BufWriter::new(file), flate2::Compression::default());
            write(&mut w)?;
            w.finish()?.flush()?;
        }
        Some("zst") => {
            let mut w = zstd::stream::write::Encoder::new(BufWriter::new(file), 3)?;
            write(&mut w)?;
            w.finish()?.flush()?;
        }
        _ => {
            let mut w = BufWriter::new(file);
            write(&mut w)?;
            w.flush()?;
        }
    }
    temporary.as_file().sync_all()
}
