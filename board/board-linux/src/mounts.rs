//! What is mounted, as `/proc/thread-self/mountinfo` tells it.
//!
//! Only parsed here; nothing is mounted. The thread's own view, because a test's thread may have
//! mounts of its own. Start at [`Mounts::read`].

use std::io;
use std::path::{Path, PathBuf};

/// A device's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DevNo {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl DevNo {
    /// From `8:1`, as sysfs and mountinfo write it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once(':')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) device: DevNo,
    pub(crate) at: PathBuf,
    pub(crate) read_only: bool,
    pub(crate) source: PathBuf,
    /// The super block's options, for what stands on several folders.
    pub(crate) options: String,
}

/// All of them, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mounts(pub(crate) Vec<Mount>);

impl Mounts {
    /// Those that the calling thread sees.
    pub(crate) fn read(proc: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(proc.join("thread-self/mountinfo"))?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Those that the whole system has, as far as they can be seen: a service may have a root of its
    /// own, and then it does not see what the system stands on.
    pub(crate) fn of_system(proc: &Path) -> Option<Self> {
        let bytes = std::fs::read(proc.join("1/mountinfo")).ok()?;
        Some(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(line).collect())
    }

    /// What is seen at a path: the last one mounted there.
    pub(crate) fn at(&self, path: &Path) -> Option<&Mount> {
        self.0.iter().rev().find(|mount| mount.at == path)
    }

    /// The file system that a path lies on.
    pub(crate) fn over(&self, path: &Path) -> Option<&Mount> {
        path.ancestors().find_map(|folder| self.at(folder))
    }

    /// All mounts of one device.
    pub(crate) fn of(&self, device: DevNo) -> impl Iterator<Item = &Mount> {
        self.0.iter().filter(move |mount| mount.device == device)
    }
}

/// `36 35 98:0 /root /at options shared:1 - ext4 /dev/sda1 rw,errors=continue`
fn line(text: &str) -> Option<Mount> {
    let (head, tail) = text.split_once(" - ")?;
    let mut head = head.split(' ').skip(2);
    let device = DevNo::parse(head.next()?)?;
    let at = PathBuf::from(unescaped(head.nth(1)?));
    let mount_options = head.next()?;
    let mut tail = tail.split(' ').skip(1);
    let source = PathBuf::from(unescaped(tail.next()?));
    let options = tail.next().unwrap_or("");
    let says_ro = |options: &str| options.split(',').any(|option| option == "ro");
    let read_only = says_ro(mount_options) || says_ro(options);
    Some(Mount { device, at, read_only, source, options: unescaped(options) })
}

/// The kernel writes space, tab, line feed and backslash as `\040` and so on.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        out.push_str(&rest[..place]);
        let code = rest.get(place + 1..place + 4).and_then(|code| u8::from_str_radix(code, 8).ok());
        match code {
            Some(code) if code.is_ascii() => {
                out.push(char::from(code));
                rest = &rest[place + 4..];
            }
            _ => {
                out.push('\\');
                rest = &rest[place + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n\
        30 22 8:17 / /run/holdfast/my\\040disk rw,nodev - ext4 /dev/sdb1 ro,errors=remount-ro\n\
        31 22 0:45 / /tmp rw - tmpfs tmpfs rw,size=1k\n\
        this is no line\n32 22 x:y / /a rw - ext4 b rw\n";

    #[test]
    fn the_kernels_lines_are_read_and_anything_else_is_passed_over() {
        let mounts = Mounts::parse(TEXT);
        assert_eq!(mounts.0.len(), 3);
        let disk = mounts.at(Path::new("/run/holdfast/my disk")).unwrap();
        assert_eq!(disk.device, DevNo { major: 8, minor: 17 });
        assert!(disk.read_only, "the super block says so");
        assert_eq!(mounts.of(disk.device).count(), 1);
        assert_eq!(mounts.over(Path::new("/etc/passwd")).unwrap().source, Path::new("/dev/sda2"));
    }

    #[test]
    fn a_backslash_that_escapes_nothing_stays() {
        assert_eq!(unescaped("a\\134b"), "a\\b");
        assert_eq!(unescaped("a\\9\u{e9}b\\"), "a\\9\u{e9}b\\");
    }
}
