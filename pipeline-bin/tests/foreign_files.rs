//! What is not the program's own stays as it is, byte by byte, whatever is run.

mod common;

use common::{Place, Ran, TOY, is_whole, thesis, tree};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Who runs the program.
#[derive(Clone, Copy, Debug)]
enum User {
    /// Whoever runs the tests.
    Same,
    /// Where that is root: somebody without any rights.
    Nobody,
}

const NOBODY: u32 = 65_534;

/// As whom everything is tried.
#[track_caller]
fn users() -> Vec<User> {
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } == 0 {
        return vec![User::Same, User::Nobody];
    }
    needs::skip(needs::Need::Root, "tried as the user of the tests alone");
    vec![User::Same]
}

/// A folder with the toy, and everything in it the user's.
fn place() -> Place {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place
}

fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give it away");
    if path.is_dir() && !path.is_symlink() {
        fs::read_dir(path).expect("a folder").for_each(|entry| give(&entry.expect("an entry").path()));
    }
}

fn run(place: &Place, user: User, arguments: &str) -> Ran {
    let mut command = place.command(arguments);
    if let User::Nobody = user {
        // The program itself may lie where only root may look.
        let program = place.path("stagecoach");
        if !program.exists() {
            // Not by this process: a program that somebody has open for writing cannot be started.
            let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_stagecoach")).arg(&program).status();
            assert!(copied.expect("cp").success());
        }
        give(&place.path("."));
        let words: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let mut as_nobody = Command::new(program);
        as_nobody.args(words).current_dir(place.path(".")).uid(NOBODY).gid(NOBODY).env("HOME", place.path("home"));
        as_nobody.stdin(Stdio::null());
        command = as_nobody;
    }
    Ran::of(command.output().expect("the program runs"))
}

/// Every command that writes into a folder, with `OUT` for the folder.
const WRITERS: [&str; 8] = [
    "solve toy.ctt --steps 20000 --out OUT",
    "solve school --steps 20000 --out OUT",
    "demo --steps 20000 --out OUT",
    "repair toy --close-room small --when Mon --steps 5000 --out OUT",
    "stage louvain toy.ctt OUT",
    "stage greedy toy OUT --steps 1000",
    "convert school OUT --format csv",
    "generate demo OUT",
];

/// The toy solved, and a folder of CSV files.
fn inputs(place: &Place, user: User) {
    run(place, user, "solve toy.ctt --steps 20000 --out toy -q").ends_with(0);
    run(place, user, "generate demo school").ends_with(0);
}

#[test]
fn a_folder_with_other_things_is_used_and_they_stay() {
    for user in users() {
        for writer in WRITERS {
            let place = place();
            inputs(&place, user);
            thesis(&place, "out");
            let before = tree(&place.path("."));
            let ran = run(&place, user, &writer.replace("OUT", "out"));
            assert!(matches!(ran.code, Some(0 | 1)), "{user:?} {writer}: {ran:?}");
            // What was read stays as it is, too.
            is_whole(&before, &place.path("."), writer);
            // Again, over its own files.
            run(&place, user, &format!("{} --force -q", writer.replace("OUT", "out")));
            let own: Vec<_> = tree(&place.path("out")).into_keys().filter(|path| !before.contains_key(path)).collect();
            let foreign = |path: &PathBuf| !own.contains(path);
            let theirs: BTreeMap<_, _> = before.clone().into_iter().filter(|(path, _)| foreign(path)).collect();
            is_whole(&theirs, &place.path("."), writer);
        }
    }
}

/// A name, and how somebody comes to have it.
type Taken = (&'static str, fn(&Path));

#[test]
fn a_name_that_a_run_needs_and_somebody_else_has_is_refused_and_nothing_is_touched() {
    let user = User::Same;
    let taken: [Taken; 9] = [
        ("resume.toml", |path| fs::write(path, "my own").unwrap()),
        ("solution.sol", |path| fs::write(path, "my own").unwrap()),
        ("solution.sol", |path| fs::create_dir(path).unwrap()),
        ("plan", |path| fs::write(path, "my own").unwrap()),
        ("plan", |path| symlink("../elsewhere", path).unwrap()),
        ("own-files.json", |path| fs::write(path, "my own").unwrap()),
        ("own-files.json", |path| symlink("../elsewhere/secret", path).unwrap()),
        ("plan/plan.json", |path| {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }),
        ("plan/events.jsonl", |path| {
            fs::create_dir(path.parent().unwrap()).unwrap();
            symlink("../../elsewhere/secret", path).unwrap();
        }),
    ];
    for (name, make) in taken {
        let place = place();
        fs::create_dir(place.path("elsewhere")).unwrap();
        place.write("elsewhere/secret", "my own");
        thesis(&place, "out");
        let _ = fs::remove_dir_all(place.path("out/plan"));
        make(&place.path("out").join(name));
        let before = tree(&place.path("."));
        for more in ["", "--force", "--resume"] {
            let ran = run(&place, user, &format!("solve toy.ctt --steps 1000 --out out {more}")).ends_with(2);
            assert!(ran.err.contains(name.split('/').next_back().unwrap()), "{name} {more}: {}", ran.err);
            assert_eq!(tree(&place.path(".")), before, "{name} {more}");
        }
    }
}

#[test]
fn results_go_neither_to_the_root_nor_home_nor_where_the_input_is() {
    for user in users() {
        let place = place();
        inputs(&place, user);
        fs::create_dir(place.path("home")).unwrap();
        fs::create_dir_all(place.path("term/school")).unwrap();
        for entry in fs::read_dir(place.path("school")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), place.path("term/school").join(entry.file_name())).unwrap();
        }
        symlink("term/school", place.path("link")).unwrap();
        let home = place.path("home").display().to_string();
        let before = tree(&place.path("."));
        let refused = [
            ("solve toy.ctt --out /".to_owned(), "root"),
            ("solve toy.ctt --out /usr/..".to_owned(), "root"),
            (format!("solve toy.ctt --out {home}"), "home"),
            ("solve toy.ctt --out toy.ctt".to_owned(), "the input"),
            ("solve toy.ctt --out .".to_owned(), "above the input"),
            ("solve term/school --out term/school".to_owned(), "the input"),
            ("solve term/school --out link".to_owned(), "the input"),
            ("solve term/school --out term".to_owned(), "above the input"),
            ("solve toy/plan --out toy".to_owned(), "above the input"),
            ("demo --out /".to_owned(), "root"),
            ("repair toy --cancel music --out toy".to_owned(), "the input"),
            ("stage louvain toy toy".to_owned(), "the input"),
            ("stage louvain toy toy/plan".to_owned(), "plan"),
            ("stage louvain toy.ctt .".to_owned(), "above the input"),
            ("convert toy.ctt toy.ctt --force".to_owned(), "the input"),
            ("convert toy.ctt toy/solution.sol --solution toy/solution.sol --force".to_owned(), "the input"),
            ("convert toy.ctt toy/solution.sol --solution toy --force".to_owned(), "part of the input"),
            ("convert school school --format csv --force".to_owned(), "the input"),
            ("convert school school/rooms.csv --format itc2019 --force".to_owned(), "part of the input"),
            ("generate demo /".to_owned(), "root"),
        ];
        for (arguments, why) in refused {
            let mut command = place.command(&arguments);
            let ran = match user {
                User::Same => Ran::of(command.env("HOME", &home).output().unwrap()),
                User::Nobody => run(&place, user, &arguments),
            };
            let ran = ran.ends_with(2);
            assert!(ran.err.contains(why), "{arguments}: {}", ran.err);
            is_whole(&before, &place.path("."), &arguments);
        }
    }
}

#[test]
fn a_finished_result_stays_unless_it_is_to_be_replaced() {
    let place = place();
    place.write("other.ctt", &TOY.replace("Toy", "Other").replace("music clara 4 3 18", "music clara 3 3 18"));
    place.run("solve toy.ctt --steps 20000 --out out -q").ends_with(0);
    let before = tree(&place.path("out"));
    for input in ["toy.ctt", "other.ctt"] {
        let err = place.run(&format!("solve {input} --steps 20000 --out out -q")).ends_with(2).err;
        let said = err.contains("holds a run on toy, penalty ");
        assert!(said && err.contains("--resume goes on, --force replaces it"), "{err}");
        assert_eq!(tree(&place.path("out")), before);
    }
    place.run("demo --steps 1000 --out out -q").ends_with(2);
    place.run("stage louvain toy.ctt out -q").ends_with(2);
    // A bad input replaces nothing, whatever was said.
    place.write("bad.ctt", "nothing of the kind");
    place.run("solve bad.ctt --out out --force").ends_with(2);
    place.run("solve toy.ctt --out out --force --memory 1M").ends_with(3);
    assert_eq!(tree(&place.path("out")), before);
    place.run("solve --resume --out out -q").ends_with(0);
    place.run("solve other.ctt --steps 20000 --out out --force -q").ends_with(0);
    place.run("check other.ctt out/solution.sol").ends_with(0);
    // A folder of another kind: nothing of the old one is left.
    place.run("generate demo school").ends_with(0);
    place.run("solve school --steps 20000 --out out --force -q");
    assert!(place.path("out/solution/timetable.csv").is_file() && !place.path("out/solution.sol").exists());
}

#[test]
fn without_a_name_every_run_gets_a_new_folder() {
    let place = place();
    for out in ["toy", "toy-2", "toy-3"] {
        let written = place.run("solve toy.ctt --steps 1000").ends_with(0).out;
        assert!(written.contains(&format!("stagecoach-out/{out}/solution.sol")), "{written}");
    }
    let out = place.run("solve toy.ctt --resume --steps 1000").ends_with(0).out;
    assert!(out.contains("stagecoach-out/toy-3/"), "{out}");
    place.run("solve toy.ctt --steps 1000 --memory 1M").ends_with(3);
    assert!(!place.path("stagecoach-out/toy-4").exists());
    for out in ["demo", "demo-2"] {
        assert!(place.run("demo --steps 1000").out.contains(&format!("stagecoach-out/{out}/timetable.html")));
    }
    for out in ["toy-repaired", "toy-repaired-2"] {
        let said = place.run("repair stagecoach-out/toy --cancel music --steps 1000").ends_with(0).out;
        assert!(said.contains(&format!("stagecoach-out/{out}/")), "{said}");
    }
}

#[test]
fn files_are_converted_and_generated_over_others_only_by_force() {
    let place = place();
    inputs(&place, User::Same);
    fs::create_dir(place.path("mine")).unwrap();
    for name in ["mine/a.ctt", "mine/a.sol", "mine/a.xml", "mine/timetable.csv", "mine/rooms.csv"] {
        place.write(name, "my own");
    }
    let before = tree(&place.path("mine"));
    let commands = [
        "convert toy.ctt mine/a.ctt",
        "convert toy.ctt mine/a.sol --solution toy",
        "convert toy.ctt mine --solution toy --format csv",
        "convert school mine --format csv",
        "generate demo mine",
        "generate campus mine/a.xml --scale 0.02 --format itc2019",
    ];
    for command in commands {
        assert!(place.run(command).ends_with(2).err.contains("it exists; --force replaces it"), "{command}");
        assert_eq!(tree(&place.path("mine")), before);
    }
    for command in commands {
        place.run(&format!("{command} --force")).ends_with(0);
    }
    assert!(place.read("mine/a.ctt").starts_with("Name: Toy"));
}

#[test]
fn two_runs_never_share_a_folder() {
    let place = place();
    let mut child = place.command("solve toy.ctt --time 60 --out out -q").spawn().expect("the program runs");
    common::wait_until("it is at work", || place.path("out/plan/plan.json").is_file());
    for more in ["", "--force", "--resume"] {
        let err = place.run(&format!("solve toy.ctt --time 1 --out out {more}")).ends_with(2).err;
        assert!(err.contains("another run is at work"), "{more}: {err}");
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn a_path_that_leads_back_from_a_folder_that_does_not_exist_is_refused() {
    let place = place();
    inputs(&place, User::Same);
    thesis(&place, "out");
    fs::create_dir_all(place.path("out/plan")).unwrap();
    for name in ["out/plan/plan.json", "out/plan.json", "out/solution.sol", "out/courses.csv", "out/rooms.csv"] {
        place.write(name, "my own");
    }
    let before = tree(&place.path("."));
    for writer in WRITERS {
        for target in ["new/../out", "new/../school", "new/more/../../out", "new/.."] {
            let ran = place.run(&writer.replace("OUT", target)).ends_with(2);
            assert!(ran.err.contains("leads back"), "{writer} to {target}: {}", ran.err);
            assert_eq!(tree(&place.path(".")), before, "{writer} to {target}");
        }
    }
    // Back from one that does exist is another matter.
    place.run("solve toy.ctt --steps 1000 --out school/../fresh -q").ends_with(0);
}

#[test]
fn to_go_on_with_a_run_never_replaces_another_result() {
    let place = place();
    place.run("stage greedy toy.ctt out --steps 20000").ends_with(0);
    place.run("solve toy.ctt --steps 20000 --out run -q").ends_with(0);
    fs::remove_file(place.path("run/plan/run.json")).unwrap();
    for out in ["out", "run"] {
        let before = tree(&place.path(out));
        let err = place.run(&format!("solve toy.ctt --steps 1000 --resume --out {out}")).ends_with(2).err;
        assert!(err.contains("--force replaces it"), "{err}");
        assert_eq!(tree(&place.path(out)), before);
    }
}

#[test]
fn what_somebody_has_put_in_the_place_of_our_files_stays() {
    let taken: [Taken; 5] = [
        ("plan", |path| symlink("../elsewhere", path).unwrap()),
        ("solution.sol", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("mine"), "my own").unwrap();
        }),
        ("resume.toml", |path| fs::create_dir(path).unwrap()),
        ("plan/run.lock", |path| {
            assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
        }),
        ("plan/events.jsonl", |path| symlink("../../elsewhere/plan.json", path).unwrap()),
    ];
    for (name, make) in taken {
        let place = place();
        fs::create_dir(place.path("elsewhere")).unwrap();
        for file in ["plan.json", "run.json", "events.jsonl"] {
            place.write(&format!("elsewhere/{file}"), "my own");
        }
        place.run("solve toy.ctt --steps 20000 --out out -q").ends_with(0);
        let path = place.path("out").join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap()
        } else {
            fs::remove_file(&path).unwrap()
        }
        make(&path);
        let elsewhere = tree(&place.path("elsewhere"));
        let mut theirs = tree(&place.path("out"));
        theirs.retain(|there, _| there.starts_with(&path) && !there.ends_with("run.lock"));
        for more in ["--force", "--resume"] {
            let ran = place.run(&format!("solve toy.ctt --steps 20000 --out out {more}"));
            assert_eq!(ran.code, Some(2), "{name} {more}: {ran:?}");
            assert_eq!(tree(&place.path("elsewhere")), elsewhere, "{name} {more}");
            is_whole(&theirs, &place.path("out"), name);
        }
    }
}

#[test]
fn a_list_of_own_files_from_elsewhere_destroys_nothing() {
    let place = place();
    fs::create_dir(place.path("out")).unwrap();
    place.write("out/thesis.tex", "my own");
    let list = r#"{"format":"stagecoach-own-files","version":1,"about":"a run","files":["thesis.tex"]}"#;
    place.write("out/own-files.json", list);
    for more in ["--resume", "--force"] {
        place.run(&format!("solve toy.ctt --steps 1000 --out out {more}"));
        assert_eq!(place.read("out/thesis.tex"), "my own", "{more}");
    }
}

#[test]
fn a_folder_that_is_moved_away_is_not_written_to_under_its_old_name() {
    let place = place();
    let first = place.command("solve toy.ctt --time 3 --threads 1 --out out").spawn().expect("the program runs");
    common::wait_until("it is at work", || {
        fs::read_to_string(place.path("out/plan/plan.json")).is_ok_and(|plan| plan.contains("\"timetable\":{"))
    });
    fs::rename(place.path("out"), place.path("moved")).unwrap();
    place.run("solve toy.ctt --steps 20000 --seed 9 --out out -q").ends_with(0);
    let second = tree(&place.path("out"));
    let ran = Ran::of(first.wait_with_output().expect("it ends")).ends_with(0);
    assert_eq!(tree(&place.path("out")), second, "{}", ran.err);
    let elsewhere = ran.err.split("the solution is in ").nth(1).unwrap_or_else(|| panic!("{}", ran.err));
    let solution = Path::new(elsewhere.lines().next().unwrap().trim());
    place.run(&format!("check toy.ctt {}", solution.display())).ends_with(0);
    assert!(ran.out.contains("the plan could not be saved"), "{}", ran.out);
    fs::remove_dir_all(solution.parent().unwrap()).unwrap();
}

#[test]
fn a_run_from_elsewhere_starts_no_program() {
    let place = place();
    let program = "exec:sh -c 'touch started; exit 1'";
    let mut command = place.command("solve toy.ctt --steps 20000 --out out -q --stage2b");
    Ran::of(command.arg(program).output().unwrap()).ends_with(0);
    fs::remove_file(place.path("started")).unwrap();
    let err = place.run("solve --resume --out out").ends_with(2).err;
    assert!(err.contains("name the program again: --stage2b 'exec:sh -c"), "{err}");
    assert!(!place.path("started").exists());
    let mut command = place.command("solve --resume --out out -q --stage2b");
    Ran::of(command.arg(program).output().unwrap()).ends_with(0);
}
