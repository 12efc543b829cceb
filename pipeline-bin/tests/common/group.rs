//! Real control groups with a limit.

use needs::{Need, skip};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A control group of version 1 or 2 with a limit; removed on drop.
pub(crate) struct Group(pub(crate) PathBuf);

impl Group {
    #[track_caller]
    pub(crate) fn with_limit(bytes: u64) -> Option<Group> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("stagecoach-test-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let own = |line: &str, controller: &str| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            (controllers == controller).then(|| path.trim_start_matches('/').to_owned())
        };
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        for (controller, mount, file) in
            [("memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("", "/sys/fs/cgroup", "memory.max")]
        {
            let Some(path) = groups.lines().find_map(|line| own(line, controller)) else { continue };
            // In a container the group may lie elsewhere than the path says: then next to the mount
            // point.
            for parent in [Path::new(mount).join(path), PathBuf::from(mount)] {
                let folder = parent.join(&name);
                if fs::create_dir(&folder).is_err() {
                    continue;
                }
                let group = Group(folder);
                if group.0.join(file).exists() && fs::write(group.0.join(file), bytes.to_string()).is_ok() {
                    return Some(group);
                }
            }
        }
        skip(Need::ControlGroups, "no control group can be made here");
        None
    }

    /// Starts a command inside.
    pub(crate) fn start(&self, command: &Command) -> Child {
        let mut inside = Command::new("sh");
        inside.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(self.0.join("cgroup.procs"));
        inside.arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            inside.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell")
    }

    pub(crate) fn number(&self, file: &str, key: &str) -> Option<u64> {
        let text = fs::read_to_string(self.0.join(file)).ok()?;
        text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok())
    }

    pub(crate) fn kills(&self) -> u64 {
        let of = |file| self.number(file, "oom_kill ");
        of("memory.oom_control").or_else(|| of("memory.events")).expect("the kernel counts its kills")
    }

    /// The most that was used, page cache included.
    pub(crate) fn highest(&self) -> Option<u64> {
        self.number("memory.max_usage_in_bytes", "").or_else(|| self.number("memory.peak", ""))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..200 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
