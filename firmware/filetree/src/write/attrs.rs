//! Gives an entry its attributes, each as far as we may.
//!
//! The order matters: owner first (it clears set-user bits and capabilities), then extended
//! attributes (they need write permission, ACLs change the mode), then the mode, then the time.
//! All of it acts on one open entry, never on a name that could be swapped meanwhile, and the
//! result is looked at: a file system may take a value and keep another.
//! Start reading at [`set`].

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use format::entry::{Entry, EntryKind, FileTime, Xattr};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::sys::stat::{
    FchmodatFlags, FileStat, Mode, UtimensatFlags, fchmod, fchmodat, fstat, futimens, utimensat,
};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, Uid, fchownat};
use xattr::FileExt;

use super::target::Root;
use super::{Owners, Shortfall, acl};
use crate::sys::{kind_of, mtime_of, path_of};

const SET_USER: u32 = 0o4000;
const SET_GROUP: u32 = 0o2000;
const NANOS_MAX: u32 = 999_999_999;

/// Sets everything on an entry that was opened with `O_PATH`; answers what is missing.
pub(super) fn set(root: &Root, fd: BorrowedFd<'_>, name: &[u8], entry: &Entry) -> Vec<Shortfall> {
    set_by(root, fd, None, name, entry)
}

/// The same on a file that is open: each call then reaches it without looking up a path.
pub(super) fn set_open(root: &Root, file: &File, name: &[u8], entry: &Entry) -> Vec<Shortfall> {
    set_by(root, file.as_fd(), Some(file), name, entry)
}

fn set_by(
    root: &Root,
    fd: BorrowedFd<'_>,
    file: Option<&File>,
    name: &[u8],
    entry: &Entry,
) -> Vec<Shortfall> {
    let before = match fstat(fd) {
        Ok(stat) if kind_of(&stat) == Some(entry.kind) => stat,
        Ok(_) => return vec![Shortfall::Replaced { name: name.to_vec() }],
        Err(errno) => {
            return vec![Shortfall::Attributes { name: name.to_vec(), source: errno.into() }];
        }
    };
    let mut job = Job { fd, file, path: path_of(fd), name, entry, missing: Vec::new() };
    let allowed = job.set_owners(root, &before);
    let acl_lost = job.set_xattrs();
    // Linux keeps no permissions for links.
    let mode = (entry.kind != EntryKind::Symlink).then(|| job.set_mode(allowed, acl_lost));
    let time = job.set_mtime(entry.attrs.mtime);
    job.look(mode, time);
    job.missing
}

struct Job<'a> {
    fd: BorrowedFd<'a>,
    /// The entry, when it is a file that is open for more than its path.
    file: Option<&'a File>,
    /// The entry itself, for calls that want a path.
    path: PathBuf,
    name: &'a [u8],
    entry: &'a Entry,
    missing: Vec<Shortfall>,
}

impl<'a> Job<'a> {
    /// Answers which bits of a mode may be set: without its owner, a set-user file would act for
    /// whoever restores it.
    fn set_owners(&mut self, root: &Root, before: &FileStat) -> u32 {
        let (uid, gid) = wanted_owners(root, self.entry);
        let mut allowed = 0o7777;
        // The group first: once the file is given away we may not be asked.
        if before.st_gid != gid
            && let Err(errno) = self.chown(None, Some(Gid::from_raw(gid)))
        {
            let (name, kept) = (self.name.to_vec(), before.st_gid);
            let source = errno.into();
            self.missing.push(Shortfall::Group { name, wanted: gid, kept, source });
            allowed &= !SET_GROUP;
        }
        if before.st_uid != uid
            && let Err(errno) = self.chown(Some(Uid::from_raw(uid)), None)
        {
            let (name, kept) = (self.name.to_vec(), before.st_uid);
            let source = errno.into();
            self.missing.push(Shortfall::Owner { name, wanted: uid, kept, source });
            // A set-group program of another owner could be rewritten by that owner.
            allowed &= !(SET_USER | SET_GROUP);
        }
        allowed
    }

    fn chown(&self, uid: Option<Uid>, gid: Option<Gid>) -> nix::Result<()> {
        fchownat(self.fd, "", uid, gid, AtFlags::AT_EMPTY_PATH | AtFlags::AT_SYMLINK_NOFOLLOW)
    }

    /// Answers the ACL that could not be set, if so.
    fn set_xattrs(&mut self) -> Option<&'a [u8]> {
        let entry: &'a Entry = self.entry;
        self.drop_xattrs();
        let mut wanted: Vec<&Xattr> = entry.attrs.xattrs.iter().collect();
        wanted.sort_by_key(|xattr| xattr_rank(&xattr.name));
        let mut acl_lost = None;
        for Xattr { name, value } in wanted {
            let attribute = OsStr::from_bytes(name);
            // What is as it should be is left alone: writing may not be permitted any more.
            if xattr::get_deref(&self.path, attribute)
                .is_ok_and(|kept| kept.as_deref() == Some(value.as_slice()))
            {
                continue;
            }
            if let Err(source) = xattr::set_deref(&self.path, attribute, value) {
                if name.as_slice() == acl::ACCESS {
                    acl_lost = Some(value.as_slice());
                }
                self.missing.push(Shortfall::Xattr {
                    name: self.name.to_vec(),
                    attribute: name.to_vec(),
                    source,
                });
            }
        }
        acl_lost
    }

    /// Takes off what the entry did not have: attributes of a folder that was there before, and
    /// ACLs inherited from the folder above.
    fn drop_xattrs(&mut self) {
        // Where they cannot be listed there are none, or setting them will say so.
        let listed = match self.file {
            Some(file) => file.list_xattr(),
            None => xattr::list_deref(&self.path),
        };
        let Ok(present) = listed else { return };
        for attribute in present {
            let ours = attribute.as_bytes();
            let kept = !may_be_taken_off(ours)
                || self.entry.attrs.xattrs.iter().any(|wanted| wanted.name.as_slice() == ours);
            if !kept && let Err(source) = xattr::remove_deref(&self.path, &attribute) {
                self.missing.push(Shortfall::ExtraXattr {
                    name: self.name.to_vec(),
                    attribute: ours.to_vec(),
                    source,
                });
            }
        }
    }

    /// Sets the permissions; answers which, and what the system said.
    fn set_mode(&mut self, allowed: u32, acl_lost: Option<&[u8]>) -> (u32, nix::Result<()>) {
        let mut wanted = self.entry.attrs.mode & 0o7777;
        let refused = wanted & !allowed;
        if refused != 0 {
            let what = match refused {
                SET_USER => "set-user",
                SET_GROUP => "set-group",
                _ => "set-user and set-group",
            };
            self.missing.push(Shortfall::SpecialBits { name: self.name.to_vec(), what });
            wanted &= allowed;
        }
        if let Some(acl) = acl_lost {
            wanted &= !0o070 | acl::owning_group(acl) << 3;
        }
        let mode = Mode::from_bits_truncate(wanted);
        let set = match self.file {
            Some(file) => fchmod(file, mode),
            None => fchmodat(AT_FDCWD, &self.path, mode, FchmodatFlags::FollowSymlink),
        };
        (wanted, set)
    }

    fn set_mtime(&self, mtime: FileTime) -> nix::Result<()> {
        // Beyond this range the system takes the field for an order such as "now".
        if mtime.nanos > NANOS_MAX {
            return Err(Errno::EINVAL);
        }
        let mtime = TimeSpec::new(mtime.secs, mtime.nanos.into());
        let (omit, follow) = (TimeSpec::UTIME_OMIT, UtimensatFlags::FollowSymlink);
        match self.file {
            Some(file) => futimens(file, &omit, &mtime),
            None => utimensat(AT_FDCWD, &self.path, &omit, &mtime, follow),
        }
    }

    /// Compares mode and time with what the file system kept of them.
    fn look(&mut self, mode: Option<(u32, nix::Result<()>)>, time: nix::Result<()>) {
        let name = || self.name.to_vec();
        let kept = fstat(self.fd);
        let mut missing = Vec::new();
        if let Some((wanted, set)) = mode {
            let kept = kept.map_or(wanted, |stat| stat.st_mode & 0o7777);
            if kept != wanted {
                let source = set.err().map(Into::into);
                missing.push(Shortfall::Mode { name: name(), wanted, kept, source });
            }
        }
        if kept.map(|stat| mtime_of(&stat)) != Ok(self.entry.attrs.mtime) {
            let source = time.err().map(Into::into);
            missing.push(Shortfall::Time { name: name(), source });
        }
        self.missing.append(&mut missing);
    }
}

fn wanted_owners(root: &Root, entry: &Entry) -> (u32, u32) {
    let attrs = &entry.attrs;
    match root.options.owners {
        Owners::ByNumber => (attrs.uid, attrs.gid),
        Owners::ByName => {
            let uid = attrs.user.as_ref().and_then(|user| root.directory.uid(user));
            let gid = attrs.group.as_ref().and_then(|group| root.directory.gid(group));
            (uid.unwrap_or(attrs.uid), gid.unwrap_or(attrs.gid))
        }
    }
}

/// ACLs come last: they may take away the permission that the others need.
fn xattr_rank(name: &[u8]) -> u8 {
    match name {
        acl::DEFAULT => 1,
        acl::ACCESS => 2,
        _ => 0,
    }
}

/// Labels and switches that the system gives (`security.selinux`, `btrfs.compression`) are its own.
fn may_be_taken_off(attribute: &[u8]) -> bool {
    [&b"user."[..], b"trusted.", acl::ACCESS, acl::DEFAULT]
        .iter()
        .any(|kind| attribute.starts_with(kind))
}
