//! Fetching OR-Tools: its wheel by `pip`, what is needed of it into the user's cache folder.

use super::find::unpacked;
use super::{FILE, VERSION};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// By processor: the wheel's platform and checksum.
#[cfg(target_arch = "x86_64")]
const WHEEL: (&str, &str) =
    ("manylinux_2_28_x86_64", "7a85a68ffb3fc1967e78624f40d3707aae459e82e3f2d9fe02e91788b3c7bf2a");
#[cfg(not(target_arch = "x86_64"))]
const WHEEL: (&str, &str) =
    ("manylinux_2_28_aarch64", "c3bcccd15ef3fc6ac10bfa11630ba6dfe437d4fd1374a5b33f4773b7fee0f877");

/// What of the wheel is kept: side by side, as the library wants it.
const KEPT: [&str; 2] = ["ortools/.libs/", "ortools.libs/"];

/// What the names of folders begin with in which the wheel is fetched and unpacked.
const WORK: &str = ".fetching-";

/// Why OR-Tools could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Neither `XDG_CACHE_HOME` nor `HOME` names a folder.
    #[error("no cache folder: neither XDG_CACHE_HOME nor HOME names one")]
    NoCache,
    /// The system says so.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// `pip` could not be started, or failed.
    #[error("`{command}` {why}")]
    Pip {
        /// What was run.
        command: String,
        /// How it ended.
        why: String,
    },
    /// What was fetched is not what was expected.
    #[error("{}: SHA-256 {found}, expected {}", path.display(), WHEEL.1)]
    Checksum {
        /// The wheel.
        path: PathBuf,
        /// Its checksum.
        found: String,
    },
    /// Something stands where the library's folder belongs.
    #[error("{}: it lacks {}; expected nothing there, or the whole library", path.display(), FILE)]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The wheel cannot be unpacked.
    #[error("{}: {why}", path.display())]
    Wheel {
        /// The wheel.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> SetupError {
    move |source| SetupError::Io { path: path.into(), source }
}

/// Fetches the library into the cache folder, unless it is there; gives its path. Whoever does the
/// same at the same time does no harm: the first to be done wins, and a folder under the final name
/// is always whole.
///
/// `pip` writes its progress to standard error.
///
/// # Errors
/// What went wrong; nothing half done is left behind. (Who is killed leaves a folder, which nobody
/// else removes: it is not theirs.)
pub fn setup() -> Result<PathBuf, SetupError> {
    let folder = unpacked().ok_or(SetupError::NoCache)?;
    let library = folder.join("ortools/.libs").join(FILE);
    if library.is_file() {
        return Ok(library);
    }
    let cache = folder.parent().ok_or(SetupError::NoCache)?;
    fs::create_dir_all(cache).map_err(io_error(cache))?;
    let work = tempfile::Builder::new().prefix(WORK).tempdir_in(cache).map_err(io_error(cache))?;
    let wheel = download(work.path())?;
    verify(&wheel)?;
    let unpacked = work.path().join("unpacked");
    unpack(&wheel, &unpacked)?;
    match fs::rename(&unpacked, &folder) {
        // Someone else was faster.
        Err(_) if library.is_file() => {}
        // Ours is whole from the moment it is there, so this one is not ours.
        Err(_) if folder.exists() => return Err(SetupError::Taken { path: folder }),
        renamed => renamed.map_err(io_error(&folder))?,
    }
    Ok(library)
}

/// Has `pip` fetch the wheel into a folder.
fn download(folder: &Path) -> Result<PathBuf, SetupError> {
    let requirement = format!("ortools=={VERSION}");
    let arguments = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"];
    // Any Python fetches it: what is in the library does not depend on Python's version.
    let wanted = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", WHEEL.0];
    let command = format!("python3 -m pip download {requirement}");
    let mut pip = Command::new("python3");
    pip.args(arguments).args(wanted).arg("--dest").arg(folder).arg(&requirement);
    pip.stdin(Stdio::null()).stdout(io::stderr());
    let failed = |why: String| SetupError::Pip { command: command.clone(), why };
    let status = pip.status().map_err(|e| failed(format!("cannot be started: {e}")))?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    let entries = fs::read_dir(folder).map_err(io_error(folder))?.flatten().map(|entry| entry.path());
    let mut wheels = entries.filter(|path| path.extension().is_some_and(|e| e == "whl"));
    wheels.next().ok_or_else(|| failed("left no wheel".into()))
}

fn verify(wheel: &Path) -> Result<(), SetupError> {
    let mut hash = Sha256::new();
    let mut file = File::open(wheel).map_err(io_error(wheel))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer).map_err(io_error(wheel))? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == WHEEL.1 { Ok(()) } else { Err(SetupError::Checksum { path: wheel.into(), found }) }
}

/// Unpacks what is kept; the checksum was verified, so the names in it are those that we know.
fn unpack(wheel: &Path, into: &Path) -> Result<(), SetupError> {
    let wrong = |why: zip::result::ZipError| SetupError::Wheel { path: wheel.into(), why: why.to_string() };
    let mut archive = zip::ZipArchive::new(File::open(wheel).map_err(io_error(wheel))?).map_err(wrong)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(wrong)?;
        let kept = |name: &Path| KEPT.iter().any(|kept| name.starts_with(kept));
        let Some(name) = entry.enclosed_name().filter(|name| entry.is_file() && kept(name)) else { continue };
        let path = into.join(name);
        let folder = path.parent().unwrap_or(into);
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        let mut file = File::create(&path).map_err(io_error(&path))?;
        io::copy(&mut entry, &mut file).map_err(io_error(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_that_is_another_is_refused() {
        let place = tempfile::tempdir().expect("a folder");
        let wheel = place.path().join("a.whl");
        fs::write(&wheel, "not the wheel").expect("a file");
        assert!(matches!(verify(&wheel), Err(SetupError::Checksum { .. })));
    }
}
