//! Files that are there whole or not at all: written under a temporary name, synchronised, renamed.

use crate::unfinished::Unfinished;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Writes a file through `write`, compressed where its name ends in `.gz` or `.zst`.
///
/// # Errors
/// Whatever goes wrong; the file then is as it was before.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let whole = Whole::write(path, write)?;
    put_in_place(vec![whole])?;
    sync_folder(folder_of(path))
}

/// Writes files of one folder, by name: all of them, or, where one cannot be written, none.
pub(crate) fn write_files<'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), (PathBuf, io::Error)> {
    let mut all = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        all.push(Whole::write(&path, |w| w.write_all(text)).map_err(|e| (path, e))?);
    }
    put_in_place(all).and_then(|()| sync_folder(folder)).map_err(|e| (folder.to_owned(), e))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that is whole, under a temporary name beside its own.
struct Whole {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Whole {
    fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Whole> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stagecoach-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666)); // less what the user's mask takes away
        }
        let mut unfinished = Unfinished::hold();
        let mut file = builder.tempfile_in(folder_of(path))?;
        unfinished.note(file.path());
        drop(unfinished);
        if let Err(e) = fill(&mut file, path, write) {
            Unfinished::hold().forget(file.path());
            return Err(e);
        }
        Ok(Whole { file, path: path.to_owned() })
    }
}

/// Gives whole files their names; nobody is told to remove what is unfinished meanwhile.
fn put_in_place(files: Vec<Whole>) -> io::Result<()> {
    let mut unfinished = Unfinished::hold();
    for Whole { file, path } in files {
        unfinished.forget(file.path());
        match file.persist_noclobber(&path) {
            Ok(_) => unfinished.note(&path),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
                e.file.persist(&path).map_err(|e| e.error)?;
            }
            // Not every disk can tell.
            Err(e) => drop(e.file.persist(&path).map_err(|e| e.error)?),
        }
    }
    Ok(())
}

/// Waits until a folder's entries are on the disk. Network shares cannot do that (EINVAL, ENOSYS,
/// ENOTSUP).
fn sync_folder(folder: &Path) -> io::Result<()> {
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
