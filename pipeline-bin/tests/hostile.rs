//! Foreign programs that do whatever they like: the run ends well, names the program, and nothing
//! of it is left.

mod common;

use common::{Place, Ran, bytes, wait_until};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// What descendants have in their environment, so that they are found wherever they have gone.
const MARK: &str = "HOSTILE_TEST_MARK";

/// What every program begins with.
const PRELUDE: &str = r#"import json, os, shutil, signal, sys, time
given, made = sys.argv[1:]
out = os.path.dirname(os.path.dirname(made))
def load(): return json.load(open(given + "/plan.json"))
def save(plan): json.dump(plan, open(made + "/plan.json", "w"))
plan = load()
plan["score"] = None
"#;

/// Processes in sessions of their own, whose parents are gone, and who do not listen.
const DAEMONS: &str = r#"
for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(signal_number, signal.SIG_IGN)
for k in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open(os.environ["HOSTILE_TEST_MARK"] + "/begun", "a").write("x")
            time.sleep(300)
        os._exit(0)
while os.path.getsize(os.environ["HOSTILE_TEST_MARK"] + "/begun") < 5: time.sleep(0.01)
"#;

/// How a program's stage ends, and what is said of it.
enum Ends {
    Failed(&'static str),
    Refused(&'static str),
    Taken,
}
use Ends::{Failed, Refused, Taken};

#[track_caller]
fn has_python() -> bool {
    let has = Command::new("python3").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !has {
        needs::skip(needs::Need::Python, "there is no python3, in which the programs are written");
    }
    has
}

/// A folder with a small faculty.
fn faculty() -> Place {
    let place = Place::new();
    place.run("generate demo faculty -q").ends_with(0);
    place.write("begun", "");
    place
}

fn command(place: &Place, body: &str, arguments: &str) -> Command {
    place.write("program.py", &format!("{PRELUDE}{body}\n"));
    let mut command = place.command(arguments);
    command.args(["--stage2b", "exec:python3 program.py"]).env(MARK, place.path(""));
    command
}

/// How many processes have the mark of this folder.
fn marked(place: &Place) -> usize {
    let mark = format!("{MARK}={}", place.path("").display()).into_bytes();
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let environments = processes.filter_map(|process| fs::read(process.path().join("environ")).ok());
    environments.filter(|text| text.split(|&byte| byte == 0).any(|word| word == mark)).count()
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The stage of this place and implementation among those of a result.
fn stage<'r>(result: &'r Value, slot: &str, implementation: &str) -> &'r Value {
    let stages = result["stages"].as_array().expect("a list");
    let is_it = |stage: &&Value| stage["stage"] == slot && stage["implementation"] == implementation;
    stages.iter().find(is_it).unwrap_or_else(|| panic!("no {slot} {implementation}: {result}"))
}

/// So much is left for others where a program fails or does nothing that takes time.
const STEPS: &str = "--steps 100000";

/// Solves with a program as stage 2B in a folder that holds other files.
#[track_caller]
fn run(body: &str, ends: &Ends, budget: &str) -> Duration {
    let place = faculty();
    fs::create_dir_all(place.path("out/drafts")).unwrap();
    let others = ["out/thesis.txt", "out/drafts/chapter.txt"];
    others.iter().for_each(|name| drop(place.write(name, "my own")));

    let began = Instant::now();
    let solving = command(&place, body, &format!("solve faculty {budget} --memory 400M --out out --json")).output();
    let took = began.elapsed();
    assert_eq!(marked(&place), 0, "processes are left: {body}");
    let ran = Ran::of(solving.expect("the program runs")).ends_with(0);
    let result = ran.last_event();
    let outcome = &stage(&result, "stage2b", "exec")["outcome"];
    let (why, expected) = match ends {
        Failed(expected) => (outcome["failed"].as_str(), *expected),
        Refused(expected) => (outcome["refused"].as_str(), *expected),
        Taken => (outcome.as_str(), "taken"),
    };
    let why = why.unwrap_or_else(|| panic!("{body}: {outcome}"));
    assert!(why.contains(expected), "{body}: {why}");
    assert!(!why.contains("stage2b-"), "a folder that is gone: {why}");
    if let Failed(_) = ends {
        assert!(why.starts_with("`python3 program.py` "), "{why}");
        assert!(ran.err.contains("`python3 program.py`"), "{}", ran.err);
    }

    others.iter().for_each(|name| assert_eq!(place.read(name), "my own"));
    let left: Vec<_> = names(&place.path("out")).into_iter().filter(|name| name.starts_with("stage")).collect();
    assert_eq!(left, [""; 0], "{body}");
    place.run("check faculty out/solution").ends_with(0);
    took
}

#[test]
fn plans_that_cannot_be_used_fail() {
    if !has_python() {
        return;
    }
    let cases = [
        ("pass", Failed("left no plan that can be used: plan.json: No such file")),
        (
            "text = json.dumps(plan); open(made + '/plan.json', 'w').write(text[:len(text) // 2])",
            Failed("EOF while parsing"),
        ),
        ("open(made + '/plan.json', 'w').write('[' * 5_000_000)", Failed("plan.json: invalid type: sequence")),
        (
            "open(made + '/plan.json', 'w').truncate(300_000_000)",
            Failed("plan.json: 300000000 bytes, expected at most"),
        ),
        ("os.mkfifo(made + '/plan.json')", Failed("plan.json: not a plain file")),
        ("os.symlink('/etc/passwd', made + '/plan.json')", Failed("plan.json: expected value")),
        ("plan['problem'] = '0' * 64; plan['history'] = []; save(plan)", Failed("plan.json: is for problem 000")),
        ("plan['timetable']['times'][0] = 2 ** 62; save(plan)", Failed("plan.json: invalid value: integer")),
        (
            "t = plan['timetable']; t['times'] = t['times'][:5]; t['rooms'] = t['rooms'][:5]; save(plan)",
            Failed("5 placements"),
        ),
        ("shutil.rmtree(given); shutil.rmtree(made)", Failed("plan.json: No such file")),
    ];
    for (body, ends) in cases {
        run(body, &ends, STEPS);
    }
}

#[test]
fn lies_and_worse_plans_are_refused() {
    if !has_python() {
        return;
    }
    let cases = [
        ("plan['score'] = dict(unplaced=0, hard=0, penalty=0); save(plan)", Refused("the checker finds penalty")),
        ("plan['bound'] = 10 ** 9; save(plan)", Refused("no valid timetable costs less than 1000000000")),
        ("t = plan['timetable']; t['times'] = t['rooms'] = [-1] * len(t['times']); save(plan)", Refused("it is worse")),
    ];
    for (body, ends) in cases {
        run(body, &ends, STEPS);
    }
}

#[test]
fn programs_that_end_badly_fail() {
    if !has_python() {
        return;
    }
    let cases = [
        ("sys.exit('no licence found')", Failed("ended with exit code 1; its last output:\nno licence found")),
        ("sys.exit(3)", Failed("ended with exit code 3")),
        ("os.kill(os.getpid(), signal.SIGSEGV)", Failed("was ended by signal 11")),
        ("os.kill(0, signal.SIGKILL)", Failed("was ended by signal 9")),
        ("x = []\nwhile True: x.append(bytearray(10_000_000))", Failed("")),
        ("open(given + '/rooms.json')", Failed("No such file or directory: 'plan-in/rooms.json'")),
    ];
    for (body, ends) in cases {
        run(body, &ends, STEPS);
    }
}

#[test]
fn what_a_program_does_beside_its_plan_harms_nobody() {
    if !has_python() {
        return;
    }
    let cases = [
        ("for k in range(200): print('x' * 65535); print('\\033[31mERR', k, file=sys.stderr)\nsave(plan)", Taken),
        ("plan['notes'] = ['\\033[31mRED\\033[0m\\nvalid, penalty 0\\n']; save(plan)", Taken),
        ("open(made + '/junk', 'wb').write(b'x' * 20_000_000); save(plan)", Taken),
        ("open(given + '/plan.json', 'w').write('{}'); os.makedirs(made + '/sub/sub'); save(plan)", Taken),
        // The run's own plan folder: it goes on in memory.
        ("open(out + '/plan/plan.json', 'w').write('{}'); save(plan)", Taken),
        ("shutil.rmtree(out + '/plan'); save(plan)", Taken),
    ];
    for (body, ends) in cases {
        run(body, &ends, STEPS);
    }
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    if !has_python() {
        return;
    }
    for body in ["sys.exit('\\033[31mRED')", "plan['notes'] = ['\\033[31mRED']; save(plan)"] {
        let place = faculty();
        let ran = command(&place, body, "solve faculty --steps 100000 --out out").output().unwrap();
        let ran = Ran::of(ran).ends_with(0);
        assert!(ran.out.contains("RED"), "{}", ran.out);
        assert!(!ran.out.contains('\x1b') && !ran.err.contains('\x1b'), "{ran:?}");
    }
}

#[test]
fn nothing_of_a_program_is_left_when_it_ends() {
    if !has_python() {
        return;
    }
    run(&format!("{DAEMONS}\nsave(plan)"), &Taken, "--time 4");
    run(&format!("{DAEMONS}\nsys.exit(5)"), &Failed("ended with exit code 5"), "--time 4");
}

#[test]
fn nothing_of_a_program_is_left_when_its_time_is_up() {
    if !has_python() {
        return;
    }
    let took = run(
        &format!("{DAEMONS}\ntime.sleep(300)"),
        &Failed("was stopped when its time was up and left no plan"),
        "--time 2",
    );
    assert!(took < Duration::from_secs(4), "{took:?}");
}

/// Starts a program with daemons that does not end, and does something to the run.
///
/// `limited`: with a limit of data, as every program has where no control group can be made.
fn broken_off(limited: bool, how: impl FnOnce(&mut Child)) -> Option<i32> {
    let place = faculty();
    let mut run = command(&place, &format!("{DAEMONS}\ntime.sleep(300)"), "solve faculty --time 60 --out out");
    if limited {
        let limit = libc::rlimit { rlim_cur: 2 << 30, rlim_max: 2 << 30 };
        // SAFETY: between fork and exec there is one system call, on a value of our own.
        unsafe {
            run.pre_exec(move || match libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            });
        }
    }
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    wait_until("all have begun", || bytes(&place.path("begun")).len() == 5);
    assert!(marked(&place) >= 7, "the run, the program, five daemons");
    how(&mut child);
    let code = child.wait().expect("its end").code();
    wait_until("all are gone", || marked(&place) == 0);
    code
}

fn interrupt(child: &Child) {
    // SAFETY: `kill` takes two numbers; the child has not been waited for, so its id is still its
    // own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, libc::SIGINT) }, 0);
}

#[test]
fn nothing_of_a_program_outlives_a_run_that_is_killed_or_interrupted() {
    if !has_python() {
        return;
    }
    for limited in [false, true] {
        assert_eq!(broken_off(limited, |child| child.kill().expect("SIGKILL")), None);
        assert_eq!(broken_off(limited, |child| interrupt(child)), Some(130));
    }
    let twice = |child: &mut Child| {
        interrupt(child);
        std::thread::sleep(Duration::from_millis(50));
        interrupt(child);
    };
    assert_eq!(broken_off(false, twice), Some(130));
}

/// Slots and implementations of a result, in order.
fn stages(result: &Value) -> Vec<String> {
    let name = |stage: &Value| format!("{} {}", stage["stage"], stage["implementation"]).replace('"', "");
    result["stages"].as_array().expect("a list").iter().map(name).collect()
}

fn solved(place: &Place, arguments: &str) -> Value {
    let mut command = place.command(&format!("solve faculty --out out --force --json {arguments}"));
    Ran::of(command.args(["--stage2b", "exec:sh -c 'exit 3'"]).output().expect("the program runs")).last_event()
}

#[test]
fn what_a_failed_program_leaves_is_used_by_the_default_of_its_slot() {
    let place = faculty();
    let greedy = place.run("solve faculty --time 4 --stage2b none --out greedy --json").ends_with(0).last_event();
    for budget in ["--time 4", "--steps 300000"] {
        let result = solved(&place, budget);
        let expected =
            ["stage1 louvain", "stage2a greedy", "stage2b exec", "stage2b annealing", "stage3 min-conflicts"];
        assert_eq!(stages(&result), expected);
        let before = greedy["score"]["penalty"].as_i64().unwrap();
        assert!(result["score"]["penalty"].as_i64().unwrap() < before, "{budget}: {result}");
    }
}

#[test]
fn where_another_stage_improves_it_gets_what_a_failed_program_leaves() {
    let place = faculty();
    let result = solved(&place, "--steps 300000 --polish annealing");
    let expected = ["stage1 louvain", "stage2a greedy", "stage2b exec", "polish annealing", "stage3 min-conflicts"];
    assert_eq!(stages(&result), expected);
    assert_eq!(stage(&result, "stage2b", "exec")["steps"], 0);
    assert!(stage(&result, "polish", "annealing")["steps"].as_u64().unwrap() > 10_000, "{result}");
}

#[test]
fn by_steps_a_failed_program_changes_nothing_from_run_to_run() {
    let place = faculty();
    let plan = || {
        solved(&place, "--steps 100000");
        let plan = bytes(&place.path("out/plan/plan.json"));
        fs::remove_dir_all(place.path("out")).unwrap();
        plan
    };
    assert!(plan() == plan());
}

#[test]
fn without_a_first_timetable_of_a_program_greedy_makes_one() {
    let place = faculty();
    let mut command = place.command("solve faculty --time 4 --out out --json");
    let ran = command.args(["--stage2a", "exec:/no/such/program --flag"]).output().unwrap();
    let result = Ran::of(ran).ends_with(0).last_event();
    let why = &stage(&result, "stage2a", "exec")["outcome"]["failed"];
    assert_eq!(why, "`/no/such/program --flag` cannot be started: No such file or directory (os error 2)");
    assert_eq!(stage(&result, "stage2a", "greedy")["outcome"], "taken");
}

#[test]
fn a_program_that_runs_alone_has_nobody_in_its_place() {
    let place = faculty();
    place.run("solve faculty --time 4 --stage2b none --out greedy -q").ends_with(0);
    let ran = Ran::of(place.command("stage").args(["exec:sh -c 'exit 3'", "greedy/plan", "alone"]).output().unwrap());
    let ran = ran.ends_with(1);
    assert!(ran.out.contains("failed: `sh -c 'exit 3'` ended with exit code 3"), "{}", ran.out);
    assert!(!place.read("alone/plan.json").contains("annealing"));
}
