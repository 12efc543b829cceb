//! A command that is cut short while it writes leaves nothing of its own behind, and everything
//! else as it was.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_stagecoach")
}

/// What is in a folder, hidden files included.
fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry"));
    entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_a_cut_short_generate_or_convert_leaves_is_nothing_or_the_whole() {
    let place = tempfile::tempdir().expect("a folder");
    let source = place.path().join("campus");
    let made =
        Command::new(program()).args(["generate", "campus", "--scale", "1"]).arg(&source).output().expect("runs");
    assert!(made.status.success());
    let out = place.path().join("out");
    fs::create_dir(&out).expect("made");
    fs::write(out.join("mine"), "mine").expect("written");
    let (mut cut, mut whole) = (0, 0);
    for round in 0..24 {
        let to_folder = round % 2 == 0;
        let target = out.join(if to_folder { "folder" } else { "problem.xml.zst" });
        let mut command = Command::new(program());
        if to_folder {
            command.args(["generate", "campus", "--scale", "1"]).arg(&target);
        } else {
            command.arg("convert").arg(&source).arg(&target);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(Duration::from_millis(4 * round));
        // SAFETY: sends a signal to a child that was not waited for yet.
        unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGTERM) };
        let status = child.wait().expect("ends");
        let mut left = names(&out);
        left.sort();
        // Who is cut short after the last file is written has written it, whatever the exit code.
        if left.len() == 1 {
            cut += 1;
            assert!(!status.success() && left == ["mine"], "round {round}: {status}, {left:?}");
        } else {
            whole += 1;
            assert_eq!(left.len(), 2, "round {round}: {status}, {left:?}");
            if to_folder {
                assert_eq!(names(&target).len(), 8, "round {round}: {status}");
                fs::remove_dir_all(&target).expect("removed");
            } else {
                fs::remove_file(&target).expect("removed");
            }
        }
    }
    assert_eq!(fs::read_to_string(out.join("mine")).expect("still there"), "mine");
    assert!(cut > 0, "{cut} cut short, {whole} whole");
}
