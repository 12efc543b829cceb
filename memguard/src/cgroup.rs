//! The control groups that this process is in: its own and every one above it that can be seen.
//!
//! `/proc/self/cgroup` names the group in each hierarchy, `/proc/self/mountinfo` where each
//! hierarchy is mounted and which of its groups is the root of the mount (see `man 7 cgroups` and
//! `man 5 proc`). In a container the two often do not match; then the mount point is all that can
//! be seen of the limits above, and is taken.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::Roots;

/// Which of the two interfaces of the kernel a control group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupVersion {
    /// One hierarchy for each controller (`memory.limit_in_bytes`).
    V1,
    /// One hierarchy for all controllers (`memory.max`).
    V2,
}

impl fmt::Display for CgroupVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CgroupVersion::V1 => "v1",
            CgroupVersion::V2 => "v2",
        })
    }
}

/// The groups of one hierarchy, this process's own first, then upwards to the mount point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CgroupAncestry {
    pub(crate) version: CgroupVersion,
    pub(crate) groups: Vec<PathBuf>,
}

/// A file that can't be read, and why.
pub(crate) struct Unreadable {
    pub(crate) file: PathBuf,
    pub(crate) error: io::Error,
}

/// The ladders on which memory is limited: version 2, version 1, or both on a hybrid system.
pub(crate) fn ancestries(roots: &Roots) -> Result<Vec<CgroupAncestry>, Unreadable> {
    let read = |file: PathBuf| match fs::read(&file) {
        // A path need not be UTF-8; a group with such a name is then not found and reported as
        // absent.
        Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) => Err(Unreadable { file, error }),
    };
    let memberships = read(roots.own("cgroup"))?;
    let mounts: Vec<Mount> = read(roots.own("mountinfo"))?.lines().filter_map(Mount::parse).collect();
    Ok(memberships
        .lines()
        .filter_map(Membership::parse)
        .filter_map(|membership| ancestry(roots, &membership, &mounts))
        .collect())
}

/// A line `id:controllers:path` of `/proc/self/cgroup` that has to do with memory.
struct Membership<'t> {
    version: CgroupVersion,
    path: &'t str,
}

impl<'t> Membership<'t> {
    fn parse(line: &'t str) -> Option<Membership<'t>> {
        let mut fields = line.splitn(3, ':');
        let (id, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        if id == "0" && controllers.is_empty() {
            return Some(Membership { version: CgroupVersion::V2, path });
        }
        let memory = controllers.split(',').any(|controller| controller == "memory");
        memory.then_some(Membership { version: CgroupVersion::V1, path })
    }
}

/// A mounted hierarchy on which memory is limited.
struct Mount {
    version: CgroupVersion,
    /// The group that is the root of the mount.
    root: String,
    /// Where it is mounted.
    point: String,
}

impl Mount {
    /// Parses `id parent device root point options [tags...] - type source superoptions`.
    fn parse(line: &str) -> Option<Mount> {
        let (before, after) = line.split_once(" - ")?;
        let mut before = before.split(' ').skip(3);
        let (root, point) = (unescape(before.next()?), unescape(before.next()?));
        let mut after = after.split(' ');
        let version = match after.next()? {
            "cgroup2" => CgroupVersion::V2,
            "cgroup" if after.nth(1)?.split(',').any(|option| option == "memory") => CgroupVersion::V1,
            _ => return None,
        };
        Some(Mount { version, root, point })
    }

    /// The path of a group below the root of this mount, or `None` where it lies outside.
    fn relative<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.root.trim_end_matches('/'))?;
        let inside = rest.is_empty() || rest.starts_with('/');
        let climbs = rest.split('/').any(|part| part == "..");
        (inside && !climbs).then(|| rest.trim_matches('/'))
    }
}

/// The groups from the process's own upwards, through the mount that shows most of them.
fn ancestry(roots: &Roots, membership: &Membership<'_>, mounts: &[Mount]) -> Option<CgroupAncestry> {
    let version = membership.version;
    let mut mounts: Vec<&Mount> = mounts.iter().filter(|mount| mount.version == version).collect();
    // The shorter its root, the more levels above a mount shows; the sort is stable.
    mounts.sort_by_key(|mount| mount.root.trim_end_matches('/').len());
    let shown = mounts.iter().filter_map(|mount| {
        let point = roots.below_system(&mount.point);
        let own = mount
            .relative(membership.path)
            .map(|rest| if rest.is_empty() { point.clone() } else { point.join(rest) })?;
        own.is_dir().then_some((own, point))
    });
    let fallback = || mounts.first().map(|mount| roots.below_system(&mount.point)).map(|point| (point.clone(), point));
    let (own, point) = { shown }.next().or_else(fallback)?;
    let groups = own.ancestors().take_while(|group| group.starts_with(&point)).map(PathBuf::from).collect();
    Some(CgroupAncestry { version, groups })
}

/// Undoes the octal escapes (`\040` for a space) of `mountinfo`.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| first == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes_in_mount_points_are_undone() {
        assert_eq!(unescape(r"/mnt/a\040b\134c"), r"/mnt/a b\c");
        assert_eq!(unescape(r"/odd\9"), r"/odd\9");
    }

    #[test]
    fn a_group_outside_the_mount_is_not_looked_up_in_it() {
        let mount = |root: &str| Mount {
            version: CgroupVersion::V2,
            root: root.to_owned(),
            point: "/sys/fs/cgroup".to_owned(),
        };
        assert_eq!(mount("/").relative("/a/b"), Some("a/b"));
        assert_eq!(mount("/a").relative("/a"), Some(""));
        assert_eq!(mount("/a").relative("/ab"), None);
        assert_eq!(mount("/").relative("/../x"), None);
    }

    #[test]
    fn only_hierarchies_with_the_memory_controller_count() {
        assert!(Membership::parse("3:cpuset:/x").is_none());
        assert!(Membership::parse("0::/x").is_some_and(|m| m.version == CgroupVersion::V2));
        assert!(Membership::parse("4:cpu,memory:/x:y").is_some_and(|m| m.path == "/x:y"));
        assert!(Mount::parse("34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset").is_none());
        assert!(Mount::parse("35 31 0:32 / /sys/fs/cgroup/memory rw shared:3 - cgroup cgroup rw,memory").is_some());
        assert!(Mount::parse("garbage").is_none());
    }
}
