//! What happens to what is there already, and to files that are never finished.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use filetree::{Existing, Target, TargetFolder, TargetOptions, WriteError};
use format::entry::{Entry, EntryKind};
use tempfile::{TempDir, tempdir};

use crate::acl;
use crate::common::{copy, differences, mode, names, set_mode, write};

fn target(existing: Existing) -> (TempDir, PathBuf, TargetFolder) {
    let dir = tempdir().expect("a temporary folder");
    let path = dir.path().join("not/there/yet");
    let options = TargetOptions { existing, ..TargetOptions::default() };
    let folder = Target::open(&path, options).expect("made with all above it").folder();
    (dir, path, folder)
}

fn restore(folder: &TargetFolder, name: &[u8], bytes: &[u8]) -> Result<(), WriteError> {
    let mut file = folder.create_file(name)?;
    file.append(bytes)?;
    file.finish()
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("it is there").ino()
}

#[test]
fn by_default_what_is_there_is_kept() {
    let (_dir, path, folder) = target(Existing::Refuse);
    write(path.join("file"), b"mine");
    assert_eq!(
        restore(&folder, b"file", b"theirs").unwrap_err().to_string(),
        "file exists already and was kept"
    );
    for made in [
        folder.symlink(b"file", b"x"),
        folder.fifo(b"file"),
        folder.socket(b"file"),
        folder.hard_link(b"file", &[b"file"]),
    ] {
        assert!(matches!(made, Err(WriteError::Exists { .. })), "{made:?}");
    }
    assert_eq!(fs::read(path.join("file")).unwrap(), b"mine");
}

#[test]
fn a_folder_that_is_there_is_entered() {
    let (_dir, path, folder) = target(Existing::Refuse);
    assert!(!folder.make_folder(b"new").unwrap().existed());
    let again = folder.make_folder(b"new").unwrap();
    assert!(again.existed());
    restore(&again, b"file", b"inside").unwrap();
    assert_eq!(fs::read(path.join("new/file")).unwrap(), b"inside");
}

#[test]
fn until_attributes_are_set_only_the_owner_may_look() {
    let (_dir, path, folder) = target(Existing::Refuse);
    restore(&folder, b"file", b"secret").unwrap();
    folder.make_folder(b"folder").unwrap();
    assert_eq!(mode(&path.join("file")), 0o600);
    assert_eq!(mode(&path.join("folder")), 0o700);
}

#[test]
fn overwriting_replaces_in_one_step_and_only_when_complete() {
    let (_dir, path, folder) = target(Existing::Overwrite);
    write(path.join("file"), b"old");
    fs::hard_link(path.join("file"), path.join("second name")).unwrap();
    let mut file = folder.create_file(b"file").unwrap();
    file.append(b"new").unwrap();
    assert_eq!(fs::read(path.join("file")).unwrap(), b"old", "not yet");
    file.finish().unwrap();
    assert_eq!(fs::read(path.join("file")).unwrap(), b"new");
    assert_eq!(fs::read(path.join("second name")).unwrap(), b"old", "never written through");
    assert_eq!(names(&path), [b"file".to_vec(), b"second name".to_vec()]);
}

#[test]
fn overwriting_with_links_pipes_and_hard_links_leaves_no_temporary_names() {
    let (_dir, path, folder) = target(Existing::Overwrite);
    restore(&folder, b"a", b"one").unwrap();
    restore(&folder, b"b", b"two").unwrap();
    folder.hard_link(b"b", &[b"a"]).unwrap();
    assert_eq!(inode(&path.join("a")), inode(&path.join("b")));
    // The same once more: two names of one file are not renamed onto each other.
    folder.hard_link(b"b", &[b"a"]).unwrap();
    folder.symlink(b"a", b"target").unwrap();
    folder.fifo(b"a").unwrap();
    folder.socket(b"a").unwrap();
    assert_eq!(names(&path), [b"a", b"b"]);
    assert_eq!(fs::read(path.join("b")).unwrap(), b"one");
}

#[test]
fn a_folder_is_never_replaced_nor_a_file_entered() {
    let (_dir, path, folder) = target(Existing::Overwrite);
    fs::create_dir(path.join("folder")).unwrap();
    write(path.join("file"), b"kept");
    assert!(matches!(restore(&folder, b"folder", b""), Err(WriteError::Occupied { .. })));
    assert!(matches!(folder.symlink(b"folder", b"x"), Err(WriteError::Occupied { .. })));
    assert!(matches!(folder.make_folder(b"file"), Err(WriteError::Occupied { .. })));
    assert_eq!(names(&path), [b"file".to_vec(), b"folder".to_vec()]);
    assert_eq!(fs::read(path.join("file")).unwrap(), b"kept");
}

#[test]
fn a_file_that_is_not_finished_is_taken_away() {
    for existing in [Existing::Refuse, Existing::Overwrite] {
        let (_dir, path, folder) = target(existing);
        drop(folder.create_file(b"half").unwrap());
        assert!(names(&path).is_empty());
        write(path.join("whole"), b"old");
        if existing == Existing::Overwrite {
            drop(folder.create_file(b"whole").unwrap());
        }
        assert_eq!(fs::read(path.join("whole")).unwrap(), b"old");
        // A name that somebody else took meanwhile is his, unless it is to be replaced.
        let late = folder.create_file(b"taken").unwrap();
        write(path.join("taken"), b"somebody else's");
        let kept = match existing {
            Existing::Refuse => {
                assert!(matches!(late.finish(), Err(WriteError::Exists { .. })));
                b"somebody else's".as_slice()
            }
            Existing::Overwrite => {
                late.finish().unwrap();
                b""
            }
        };
        assert_eq!(fs::read(path.join("taken")).unwrap(), kept);
        assert_eq!(names(&path), [b"taken".to_vec(), b"whole".to_vec()]);
    }
}

/// Half a file stood under its name after a restore was killed, and the repeat kept it, as it keeps all
/// that is there.
#[test]
fn a_restore_that_is_killed_leaves_nothing_that_looks_like_a_file() {
    for existing in [Existing::Refuse, Existing::Overwrite] {
        let (_dir, path, folder) = target(existing);
        let mut half = folder.create_file(b"letter").unwrap();
        half.append(b"Dear").unwrap();
        // Nobody takes it away.
        Box::leak(Box::new(half));
        assert!(!path.join("letter").exists());
        restore(&folder, b"letter", b"Dear Ada").unwrap();
        assert_eq!(fs::read(path.join("letter")).unwrap(), b"Dear Ada");
    }
}

#[test]
fn pieces_may_come_in_any_order_with_holes_between() {
    let (_dir, path, folder) = target(Existing::Refuse);
    let mut file = folder.create_file(b"file").unwrap();
    assert!(file.is_empty());
    file.write_at(6, b"world").unwrap();
    file.write_at(0, b"hello").unwrap();
    file.append(b"!").unwrap();
    file.hole(3).unwrap();
    assert_eq!(file.len(), 15);
    file.finish().unwrap();
    assert_eq!(fs::read(path.join("file")).unwrap(), b"hello\0world!\0\0\0");
}

#[test]
fn lengths_beyond_any_file_are_errors() {
    let (_dir, path, folder) = target(Existing::Refuse);
    let mut file = folder.create_file(b"file").unwrap();
    file.hole(u64::MAX).unwrap();
    assert!(file.append(b"x").is_err());
    assert!(file.hole(1).is_err());
    assert!(file.finish().is_err());
    assert!(names(&path).is_empty());
}

#[test]
fn restoring_over_an_older_state_brings_back_the_backup_exactly() {
    let dir = tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| dir.path().join(name));
    fs::create_dir_all(from.join("closed")).unwrap();
    write(from.join("closed/file"), b"backed up");
    xattr::set(from.join("closed"), "user.kept", b"1").unwrap();
    set_mode(&from.join("closed"), 0o500);
    assert_eq!(copy(&from, &to, TargetOptions::default()), [""; 0]);
    set_mode(&to.join("closed"), 0o700);
    write(to.join("closed/file"), b"edited since");
    xattr::set(to.join("closed"), "user.extra", b"1").unwrap();
    let list = acl(&[(1, 7, !0), (2, 7, 99), (4, 7, !0), (16, 7, !0), (32, 7, !0)]);
    xattr::set(to.join("closed"), "system.posix_acl_default", &list).unwrap();
    xattr::set(to.join("closed"), "system.posix_acl_access", &list).unwrap();
    set_mode(&to.join("closed"), 0o500);
    assert_ne!(differences(&from, &to), [""; 0]);
    let options = TargetOptions { existing: Existing::Overwrite, ..TargetOptions::default() };
    assert_eq!(copy(&from, &to, options), [""; 0]);
    assert_eq!(differences(&from, &to), [""; 0], "files do not inherit the folder's list either");
    set_mode(&from.join("closed"), 0o700);
    set_mode(&to.join("closed"), 0o700);
}

#[test]
fn an_access_list_that_is_lost_does_not_widen_what_the_group_may_do() {
    let (_dir, path, folder) = target(Existing::Refuse);
    restore(&folder, b"file", b"").unwrap();
    let mut entry = Entry::new(*b"file", EntryKind::File);
    entry.attrs.uid = nix::unistd::geteuid().as_raw();
    entry.attrs.gid = fs::metadata(path.join("file")).unwrap().gid();
    // The mask, which stands in the mode, allows rwx; the group itself was allowed r. The list
    // is not a valid one, as it says nothing of others, so the system will not take it.
    entry.attrs.mode = 0o670;
    let broken = acl(&[(1, 6, !0), (2, 7, 99), (4, 4, !0), (16, 7, !0)]);
    entry.attrs.xattrs.push(format::entry::Xattr {
        name: b"system.posix_acl_access".to_vec().into(),
        value: broken.into(),
    });
    let lost: Vec<String> =
        folder.set_attrs(b"file", &entry).iter().map(ToString::to_string).collect();
    assert_eq!(lost, ["the attribute system.posix_acl_access of file was not restored"]);
    assert_eq!(mode(&path.join("file")), 0o640);
}

#[test]
fn a_time_that_makes_no_sense_is_a_shortfall_not_another_time() {
    let (_dir, path, folder) = target(Existing::Refuse);
    restore(&folder, b"file", b"").unwrap();
    let before = fs::metadata(path.join("file")).unwrap();
    let mut entry = Entry::new(*b"file", EntryKind::File);
    (entry.attrs.uid, entry.attrs.gid) = (before.uid(), before.gid());
    // These very numbers mean "now" and "leave alone" to the system.
    for nanos in [0x3fff_ffff, 0x3fff_fffe, 1_000_000_000] {
        entry.attrs.mtime.nanos = nanos;
        let lost = folder.set_attrs(b"file", &entry);
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert_eq!(lost[0].to_string(), "the time of file was not restored exactly");
    }
    assert_eq!(fs::metadata(path.join("file")).unwrap().mtime(), before.mtime());
}

#[test]
fn owners_can_be_found_by_name() {
    let dir = tempdir().unwrap();
    let options = TargetOptions { owners: filetree::Owners::ByName, ..TargetOptions::default() };
    let folder = Target::open(dir.path(), options).unwrap().folder();
    restore(&folder, b"file", b"").unwrap();
    let ours = fs::metadata(dir.path().join("file")).unwrap();
    let Some(me) = nix::unistd::User::from_uid(ours.uid().into()).unwrap() else {
        return assert!(!nix::unistd::geteuid().is_root(), "root has a name everywhere");
    };
    let mut entry = Entry::new(*b"file", EntryKind::File);
    // The number is another machine's; the name is known here.
    (entry.attrs.uid, entry.attrs.gid) = (99_999, ours.gid());
    entry.attrs.user = Some(me.name.into_bytes().into());
    entry.attrs.group = Some(b"no such group here".to_vec().into());
    let lost = folder.set_attrs(b"file", &entry);
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(fs::metadata(dir.path().join("file")).unwrap().uid(), ours.uid());
}
