//! Files of solutions and problems, whole or not there, compressed where their names say so.

use crate::unfinished::Unfinished;
use atomic_files::{Onto, Temporary, folder_of, sync_folder};
use std::{
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

/// A file that is whole, under a temporary name beside its own.
struct Whole {
    file: Temporary,
    path: PathBuf,
}

impl Whole {
    fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Whole> {
        let mut unfinished = Unfinished::hold();
        let mut file = Temporary::in_folder(folder_of(path), 0o666)?;
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
        if file.put(&path, Onto::Own)? {
            unfinished.note(&path);
        }
    }
    Ok(())
}

/// Writes the content, compressed as the path says, and waits until it is on the disk.
fn fill(
    temporary: &mut Temporary,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = temporary.file();
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
    temporary.sync()
}
