//! The comparison that proves all other tests is itself sabotaged, one attribute at a time.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, symlink};
use std::path::{Path, PathBuf};

use filetree::{Compare, compare};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::geteuid;
use tempfile::tempdir;

use crate::common::{copy, differences, set_mode, write};
use crate::set_mtime;

const THEN: i64 = 1_000_000_000;

/// One of everything, with all times fixed.
fn build(root: &Path) {
    fs::create_dir_all(root.join("folder/inner")).expect("new folders");
    write(root.join("folder/inner/file"), &vec![5; 3 << 20]);
    write(root.join("file"), b"bytes");
    write(root.join("twin"), b"twins");
    fs::hard_link(root.join("twin"), root.join("twin 2")).expect("a link");
    write(root.join("lone"), b"twins");
    symlink("target", root.join("link")).expect("a link");
    mknod(&root.join("pipe"), SFlag::S_IFIFO, Mode::S_IRUSR, 0).expect("a pipe");
    xattr::set(root.join("file"), "user.a", b"1").expect("an attribute");
    for name in ["folder/inner/file", "file", "twin", "lone", "link", "pipe", "folder/inner"] {
        set_mtime(&root.join(name), THEN, 0);
    }
    for name in ["folder", ""] {
        set_mtime(&root.join(name), THEN, 0);
    }
}

/// Changes one thing in one of two equal trees and expects exactly that to be told.
fn check(expected: &[&str], sabotage: impl Fn(&Path)) {
    let dir = tempdir().expect("a temporary folder");
    let [left, right] = ["left", "right"].map(|name| dir.path().join(name));
    build(&left);
    build(&right);
    assert_eq!(differences(&left, &right), [""; 0], "equal before");
    sabotage(&right);
    // Creating and deleting touches the folder's time, which is not what is looked for.
    for folder in ["folder/inner", "folder", ""] {
        if let Ok(true) = fs::symlink_metadata(right.join(folder)).map(|found| found.is_dir()) {
            set_mtime(&right.join(folder), THEN, 0);
        }
    }
    assert_eq!(differences(&left, &right), expected);
}

#[test]
fn a_missing_or_added_name_is_found() {
    check(&["file: only in the first tree"], |root| fs::remove_file(root.join("file")).unwrap());
    check(&["folder/inner/more: only in the second tree"], |root| {
        write(root.join("folder/inner/more"), b"");
    });
}

#[test]
fn another_kind_is_found() {
    check(&["file: different kinds of entry"], |root| {
        fs::remove_file(root.join("file")).unwrap();
        fs::create_dir(root.join("file")).unwrap();
    });
}

#[test]
fn one_changed_byte_is_found_wherever_it_is() {
    for offset in [0_u64, 1 << 20, (3 << 20) - 1] {
        check(&[&format!("folder/inner/file: bytes differ from {offset} on")], |root| {
            let path = root.join("folder/inner/file");
            File::options().write(true).open(&path).unwrap().write_all_at(b"!", offset).unwrap();
            set_mtime(&path, THEN, 0);
        });
    }
}

#[test]
fn another_length_is_found() {
    check(&["file: 5 bytes and 6 bytes"], |root| {
        write(root.join("file"), b"bytes!");
        set_mtime(&root.join("file"), THEN, 0);
    });
}

#[test]
fn zeros_equal_a_hole_but_bytes_do_not() {
    let dir = tempdir().unwrap();
    let [left, right]: [PathBuf; 2] = ["left", "right"].map(|name| dir.path().join(name));
    for (root, zeros) in [(&left, true), (&right, false)] {
        fs::create_dir(root).unwrap();
        let file = File::create(root.join("file")).unwrap();
        file.set_len(3 << 20).unwrap();
        if zeros {
            file.write_all_at(&vec![0; 3 << 20], 0).unwrap();
        }
        set_mtime(&root.join("file"), THEN, 0);
        set_mtime(root, THEN, 0);
    }
    assert_eq!(differences(&left, &right), [""; 0]);
    let file = File::options().write(true).open(right.join("file")).unwrap();
    file.write_all_at(b"x", (2 << 20) + 77).unwrap();
    set_mtime(&right.join("file"), THEN, 0);
    assert_eq!(differences(&left, &right), ["file: bytes differ from 2097229 on"]);
}

#[test]
fn another_mode_or_time_is_found() {
    check(&["file: mode 644 and 640"], |root| set_mode(&root.join("file"), 0o640));
    check(&["folder/inner: mode 755 and 1755"], |root| {
        set_mode(&root.join("folder/inner"), 0o1755);
    });
    check(&["file: different times of modification"], |root| {
        set_mtime(&root.join("file"), THEN, 1);
    });
    check(&["link: different times of modification"], |root| {
        set_mtime(&root.join("link"), THEN - 1, 0);
    });
}

#[test]
fn another_target_or_attribute_is_found() {
    check(&["link: links to different targets"], |root| {
        fs::remove_file(root.join("link")).unwrap();
        symlink("Target", root.join("link")).unwrap();
        set_mtime(&root.join("link"), THEN, 0);
    });
    let attribute = "file: attribute user.a differs";
    check(&[attribute], |root| xattr::set(root.join("file"), "user.a", b"2").unwrap());
    check(&[attribute], |root| xattr::remove(root.join("file"), "user.a").unwrap());
    check(&["folder: attribute user.b differs"], |root| {
        xattr::set(root.join("folder"), "user.b", b"").unwrap();
    });
}

#[test]
fn another_grouping_of_hard_links_is_found_both_ways() {
    check(&["twin 2: not a hard link to the same file in both"], |root| {
        fs::remove_file(root.join("twin 2")).unwrap();
        write(root.join("twin 2"), b"twins");
        set_mtime(&root.join("twin 2"), THEN, 0);
    });
    let wrong =
        ["twin", "twin 2"].map(|name| format!("{name}: not a hard link to the same file in both"));
    check(&wrong.each_ref().map(String::as_str), |root| {
        for name in ["twin", "twin 2"] {
            fs::remove_file(root.join(name)).unwrap();
            fs::hard_link(root.join("lone"), root.join(name)).unwrap();
        }
    });
}

#[test]
fn another_owner_or_device_is_found() {
    if !geteuid().is_root() {
        // Only root can sabotage these two; equal trees must be equal for all.
        return check(&[], |_| {});
    }
    check(&["file: owner 0 and 7"], |root| {
        std::os::unix::fs::lchown(root.join("file"), Some(7), None).unwrap();
    });
    check(&["link: group 0 and 8"], |root| {
        std::os::unix::fs::lchown(root.join("link"), None, Some(8)).unwrap();
    });
    let dir = tempdir().unwrap();
    let [left, right] = ["left", "right"].map(|name| dir.path().join(name));
    for (root, minor) in [(&left, 3), (&right, 5)] {
        fs::create_dir(root).unwrap();
        mknod(&root.join("null"), SFlag::S_IFCHR, Mode::S_IRUSR, makedev(1, minor)).unwrap();
        set_mtime(&root.join("null"), THEN, 0);
        set_mtime(root, THEN, 0);
    }
    assert_eq!(differences(&left, &right), ["null: different device numbers"]);
}

#[test]
fn names_and_roots_can_be_left_out() {
    let dir = tempdir().unwrap();
    let [left, right] = ["left", "right"].map(|name| dir.path().join(name));
    build(&left);
    assert_eq!(copy(&left, &right, filetree::TargetOptions::default()), [""; 0]);
    write(right.join("file"), b"other");
    fs::remove_dir_all(right.join("folder/inner")).unwrap();
    set_mode(&right, 0o711);
    set_mtime(&right.join("folder"), THEN, 0);
    let skip = vec![b"file".to_vec(), b"inner".to_vec()];
    assert_eq!(
        compare(&left, &right, &Compare { skip: skip.clone(), ..Compare::default() }).len(),
        1
    );
    let options = Compare { skip, ignore_roots: true, ..Compare::default() };
    assert!(compare(&left, &right, &options).is_empty());
}

#[test]
fn a_tree_that_is_not_there_differs() {
    let dir = tempdir().unwrap();
    let found = differences(dir.path(), &dir.path().join("absent"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(".: not compared in the second tree"), "{found:?}");
}
