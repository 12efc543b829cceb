//! A zipped CSV folder: only the files of such a folder are unpacked, and a bounded number of bytes.

use crate::answer::Refused;
use stage0_load::csv_folder::PROBLEM_FILES;
use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Component, Path},
};
use zip::ZipArchive;

/// Most entries of an archive.
const MOST_ENTRIES: usize = 1_000;
/// Most bytes of what is unpacked, all files together.
const MOST_BYTES: u64 = 256 << 20;
/// What every entry's record in the directory of an archive begins with.
const RECORD: [u8; 4] = *b"PK\x01\x02";

/// Refuses a workbook that unpacks to too much. What is no archive is for whoever reads it to say.
pub(crate) fn is_bounded(workbook: &File) -> Result<(), Refused> {
    has_few_entries(workbook)?;
    let Ok(mut zip) = ZipArchive::new(workbook) else { return Ok(()) };
    let mut left = MOST_BYTES;
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index(index) else { continue };
        // Damage is told by whoever reads it, too.
        let read = io::copy(&mut entry.take(left + 1), &mut io::sink()).unwrap_or(0);
        left = left.checked_sub(read).ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large() -> Refused {
    Refused::TooLarge(format!("it unpacks to more than {} MiB", MOST_BYTES >> 20))
}

/// Unpacks the files of a CSV folder into a folder that is empty. They may lie in a folder of the
/// archive; others are passed over.
pub(crate) fn unpack(mut archive: &File, into: &Path) -> Result<(), Refused> {
    has_few_entries(archive)?;
    archive.rewind()?;
    let mut zip = ZipArchive::new(archive).map_err(|why| broken(&why))?;
    let (mut left, mut unpacked) = (MOST_BYTES, 0);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|why| broken(&why))?;
        let raw = entry.name().map_err(|why| broken(&why))?.into_owned();
        let Some(name) = file_name(&raw)? else { continue };
        if !entry.is_file() {
            return Err(Refused::Content(format!("{raw}: it is no file, expected the files of a CSV folder")));
        }
        let twice = |why: io::Error| match why.kind() {
            io::ErrorKind::AlreadyExists => {
                Refused::Content(format!("{raw}: a second {name}, expected the files of one CSV folder"))
            }
            _ => Refused::Io(why),
        };
        let mut file = File::create_new(into.join(name)).map_err(twice)?;
        // What the directory says of sizes is not trusted.
        let copied = io::copy(&mut entry.by_ref().take(left + 1), &mut file).map_err(|why| broken(&why))?;
        left = left.checked_sub(copied).ok_or_else(too_large)?;
        unpacked += 1;
    }
    if unpacked == 0 {
        let files = PROBLEM_FILES.join(", ");
        return Err(Refused::Content(format!("no file of a CSV folder is in the archive, expected {files}")));
    }
    Ok(())
}

fn broken(why: &dyn std::fmt::Display) -> Refused {
    Refused::Content(format!("the archive cannot be unpacked: {why}; expected an undamaged zip file"))
}

/// Its directory is read into memory as a whole: an archive of millions of entries is refused before.
fn has_few_entries(mut archive: &File) -> Result<(), Refused> {
    archive.rewind()?;
    let (mut buffer, mut kept, mut found) = (vec![0; 1 << 16], 0, 0);
    loop {
        let read = archive.read(&mut buffer[kept..])?;
        if read == 0 {
            return Ok(());
        }
        let filled = kept + read;
        found += buffer[..filled].windows(RECORD.len()).filter(|window| *window == RECORD).count();
        if found > MOST_ENTRIES {
            return Err(Refused::TooLarge(format!("the archive has more than {MOST_ENTRIES} entries")));
        }
        // A record may begin at the end of what was read.
        kept = filled.min(RECORD.len() - 1);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

/// The file of a CSV folder that an entry is; `None` for whatever else lies in an archive.
fn file_name(raw: &str) -> Result<Option<&'static str>, Refused> {
    let path = Path::new(raw);
    let leads_out = path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    if leads_out || raw.contains(['\\', '\0']) {
        return Err(Refused::Content(format!(
            "{raw:?}: a path that leads out of the archive, expected names of files"
        )));
    }
    let mut parts: Vec<&str> = raw.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let name = parts.pop().unwrap_or_default();
    // What macOS adds.
    let is_of_system = parts.first() == Some(&"__MACOSX");
    let known = PROBLEM_FILES.into_iter().find(|known| *known == name);
    Ok(known.filter(|_| parts.len() <= 1 && !is_of_system && !raw.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, io::Write};
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn archive(entries: &[(&str, &[u8])]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        let mut zip = ZipWriter::new(&mut file);
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            zip.write_all(bytes).expect("bytes");
        }
        zip.finish().expect("an archive");
        file
    }

    fn refused(entries: &[(&str, &[u8])]) -> String {
        let place = tempfile::tempdir().expect("a folder");
        let into = place.path().join("a/b");
        fs::create_dir_all(&into).expect("a folder");
        let why = unpack(&archive(entries), &into).expect_err("it is refused").to_string();
        assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1, "nothing beside its folder");
        assert_eq!(fs::read_dir(place.path().join("a")).expect("a folder").count(), 1, "nothing beside its folder");
        why
    }

    #[test]
    fn the_files_of_a_folder_are_unpacked_and_nothing_else() {
        let entries: [(&str, &[u8]); 4] = [
            ("f/courses.csv", b"id"),
            ("f/readme.txt", b"x"),
            ("__MACOSX/rooms.csv", b"x"),
            ("f/deep/rooms.csv", b"x"),
        ];
        let place = tempfile::tempdir().expect("a folder");
        unpack(&archive(&entries), place.path()).expect("a folder");
        let names: Vec<_> = fs::read_dir(place.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["courses.csv"]);
    }

    #[test]
    fn paths_out_of_the_archive_are_refused() {
        for name in ["../courses.csv", "f/../../courses.csv", "/etc/courses.csv", "..\\courses.csv"] {
            let why = refused(&[(name, b"id")]);
            assert!(why.contains("leads out of the archive"), "{name}: {why}");
        }
        assert!(refused(&[("courses.csv", b"id"), ("f/courses.csv", b"id")]).contains("a second courses.csv"));
        assert!(refused(&[("readme.txt", b"id")]).contains("no file of a CSV folder"));
    }

    #[test]
    fn what_unpacks_to_too_much_or_has_too_many_entries_is_refused() {
        let zeros = vec![0; 130 << 20];
        let why = refused(&[("courses.csv", &zeros), ("rooms.csv", &zeros)]);
        assert_eq!(why, "it unpacks to more than 256 MiB");
        let names: Vec<String> = (0..=MOST_ENTRIES).map(|i| i.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert_eq!(refused(&many), "the archive has more than 1000 entries");
    }
}
