//! A job array on a real Slurm of one node, which the test starts for itself: one task is killed
//! for its memory, one is warned that its time is up, one is killed outright, and together they
//! find what one sweep finds.
//!
//! Takes minutes (`STAGECOACH_SLOW=1`). Needs root, `slurmctld`, `slurmd` and `munged`.
#![cfg(all(target_os = "linux", feature = "experiments"))]

mod common;

use common::Place;
use needs::{Need, skip};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The daemons, ended with the test.
struct Slurm {
    place: String,
    daemons: Vec<Child>,
}

impl Slurm {
    /// Starts them; `None` where they are not to be had.
    #[track_caller]
    fn start(place: &Place) -> Option<Slurm> {
        // SAFETY: a plain system call.
        let is_root = unsafe { libc::geteuid() } == 0;
        let has = |program: &str| Command::new(program).arg("-V").output().is_ok_and(|done| done.status.success());
        if !(is_root && ["slurmctld", "slurmd", "munged"].into_iter().all(has)) {
            skip(Need::Slurm, "slurmctld, slurmd, munged and the rights of root");
            return None;
        }
        let at = place.path("").display().to_string();
        let at = at.trim_end_matches('/').to_owned();
        for name in ["spool", "state", "munge"] {
            fs::create_dir(place.path(name)).unwrap();
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let key: String = (0..64).map(|i| char::from(b'a' + (i * 7 % 26) as u8)).collect();
        place.write("munge/key", &key);
        fs::set_permissions(place.path("munge/key"), fs::Permissions::from_mode(0o600)).unwrap();
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let host = host.trim();
        let conf = format!(
            "ClusterName=one\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\nAuthType=auth/munge\n\
             AuthInfo=socket={at}/munge/socket\nMpiDefault=none\nProctrackType=proctrack/linuxproc\nReturnToService=2\n\
             SlurmctldPidFile={at}/ctld.pid\nSlurmdPidFile={at}/d.pid\nSlurmdSpoolDir={at}/spool\nStateSaveLocation={at}/state\n\
             SlurmctldPort=16917\nSlurmdPort=16918\nSwitchType=switch/none\nTaskPlugin=task/none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_Core_Memory\nJobAcctGatherType=jobacct_gather/linux\n\
             JobAcctGatherFrequency=1\nJobAcctGatherParams=OverMemoryKill\nKillWait=5\nMinJobAge=3600\n\
             SlurmdParameters=config_overrides\nNodeName={host} NodeAddr=127.0.0.1 CPUs=8 CoresPerSocket=8 RealMemory=8000\n\
             PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
        );
        place.write("slurm.conf", &conf);
        place.write("cgroup.conf", "CgroupAutomount=no\n");
        let mut slurm = Slurm { place: at.clone(), daemons: Vec::new() };
        let munge = |name: &str| format!("{at}/munge/{name}");
        let mut munged = Command::new("munged");
        munged.args(["--foreground", "--force", "--key-file", &munge("key"), "--socket", &munge("socket")]);
        munged.args(["--pid-file", &munge("pid"), "--log-file", &munge("log"), "--seed-file", &munge("seed")]);
        slurm.daemon(munged);
        common::wait_until("munge listens", || place.path("munge/socket").exists());
        let mut control = Command::new("slurmctld");
        control.arg("-D");
        slurm.daemon(control);
        let mut node = Command::new("slurmd");
        node.args(["-D", "-N", host]);
        slurm.daemon(node);
        common::wait_until("the node is idle", || {
            let state = slurm.run("sinfo", &["-h", "-o", "%T"]);
            String::from_utf8_lossy(&state.stdout).trim() == "idle"
        });
        Some(slurm)
    }

    fn daemon(&mut self, mut command: Command) {
        command.env("SLURM_CONF", format!("{}/slurm.conf", self.place)).stdout(Stdio::null()).stderr(Stdio::null());
        self.daemons.push(command.spawn().expect("a daemon"));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.place).env("SLURM_CONF", format!("{}/slurm.conf", self.place));
        command.output().expect("a program of Slurm")
    }

    /// The number of the array.
    fn submit(&self, script: &str) -> String {
        let done = self.run("sbatch", &["--parsable", script]);
        assert!(done.status.success(), "{done:?}");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// Each task's state, as `scontrol` has it.
    fn states(&self, job: &str) -> BTreeMap<String, String> {
        let done = self.run("scontrol", &["-o", "show", "job", job]);
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let word = |line: &str, key: &str| {
            line.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap_or_default().to_owned()
        };
        text.lines().map(|line| (word(line, "ArrayTaskId="), word(line, "JobState="))).collect()
    }

    fn wait(&self, job: &str) -> BTreeMap<String, String> {
        let began = Instant::now();
        loop {
            let states = self.states(job);
            let is_left = |state: &String| {
                ["PENDING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED"].contains(&state.as_str())
            };
            if !states.is_empty() && !states.values().any(is_left) {
                return states;
            }
            assert!(began.elapsed() < Duration::from_secs(400), "{states:?}");
            thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        let _ = self.run("scancel", &["--state=RUNNING", "-u", "root"]);
        for daemon in self.daemons.iter_mut().rev() {
            // SAFETY: a plain system call on a child that has not been waited for.
            unsafe { libc::kill(daemon.id() as libc::pid_t, libc::SIGTERM) };
            let _ = daemon.wait();
        }
    }
}

/// Every trial with what came of it.
fn trials(place: &Place, folder: &str) -> BTreeMap<String, Value> {
    let out = place.run(&format!("results {folder} --json")).ends_with(0).out;
    let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.map(|row| {
        (row["trial"].to_string(), serde_json::json!([row["state"], row["penalty"], row["unplaced"], row["hard"]]))
    })
    .collect()
}

#[test]
fn an_array_with_a_task_killed_for_memory_one_warned_of_its_time_and_one_killed_outright_finds_what_one_sweep_finds() {
    if !needs::slow() {
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(slurm) = Slurm::start(&place) else { return };
    place.run("generate campus campus --scale 0.05 --seed 3").ends_with(0);
    place.write("grid.toml", "instances = ['campus']\nseeds = '1-80'\nsteps = 300_000\n");
    place.run("sweep grid.toml --jobs 2 --out whole -q").ends_with(0);
    let script = place.run("sweep grid.toml --jobs 1 --print-slurm 8").ends_with(0).out;
    // Task 1 has something beside it that takes all of the task's memory and more, once; task 3 is
    // killed, sweep and shell, once.
    let hog = "if [ \"$SLURM_ARRAY_TASK_ID\" = 1 ] && mkdir hogged; then\n  (sleep 2; exec awk 'BEGIN { s = \"x\"; while (1) s = s s }') &\nfi\n\
               if [ \"$SLURM_ARRAY_TASK_ID\" = 3 ] && mkdir killed; then\n  (sleep 2; pkill -KILL -P \"$$\" stagecoach; kill -KILL \"$$\") &\nfi\n";
    let at = script.find("\n\n").expect("the end of its head") + 2;
    place.write("array.sh", &[&script[..at], hog, &script[at..]].concat());
    let job = slurm.submit("array.sh");
    let task = |k: u32| format!("{job}_{k}");
    common::wait_until("tasks run", || slurm.states(&job).values().filter(|state| *state == "RUNNING").count() >= 4);
    thread::sleep(Duration::from_secs(1));
    // What Slurm does a minute before the time of a task is up.
    assert!(slurm.run("scancel", &["--signal=TERM", "--batch", &task(2)]).status.success());
    let states = slurm.wait(&job);
    let log = |k: u32| fs::read_to_string(place.path(&format!("slurm-{job}_{k}.out"))).unwrap_or_default();
    eprintln!("{states:?}\ntask 1: {}\ntask 2: {}\ntask 3: {}", log(1), log(2), log(3));
    let of = |k: &str| states.get(k).map(String::as_str).unwrap_or_default().to_owned();
    assert!(["OUT_OF_MEMORY", "FAILED", "CANCELLED"].contains(&of("1").as_str()), "{states:?}");
    assert_eq!(of("3"), "FAILED");
    assert_eq!(of("2"), "COMPLETED", "it was queued again, and came to its end");
    let again = String::from_utf8_lossy(&slurm.run("scontrol", &["-o", "show", "job", &task(2)]).stdout).into_owned();
    assert!(again.contains("Restarts=1"), "{again}");
    assert_eq!(of("0"), "COMPLETED");
    // The same script again runs what is left.
    let states = slurm.wait(&slurm.submit("array.sh"));
    assert!(states.values().all(|state| state == "COMPLETED"), "{states:?}");
    place.run("sweep grid.toml --collect").ends_with(0);
    assert_eq!(trials(&place, "grid.sweep"), trials(&place, "whole"));
    place.run("results grid.sweep --verify").ends_with(0);
}
