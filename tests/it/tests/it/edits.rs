//! Editing a source in place: what becomes a version, what is kept, what can still be read.

use tree::EditOutcome;
use vault::{NewFile, VaultError};

use crate::rig::{Rig, backup, get, get_of, noise, put, try_put};

#[test]
fn an_overwrite_keeps_the_version_before_it() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let first = put(&vault, "box", "note", b"first");
    assert_eq!(first.outcome, EditOutcome::Created);
    let second = put(&vault, "box", "note", b"second");
    assert!(matches!(second.outcome, EditOutcome::Replaced(_)), "{second:?}");
    let editor = vault.editor(None, "box").unwrap();
    let versions = editor.versions(b"note").unwrap();
    assert_eq!(versions.len(), 2);
    let old = vault.find_snapshot(&first.snapshot.to_string()).unwrap();
    assert_eq!(get_of(&vault, &old, "note").unwrap(), b"first");
    assert_eq!(get(&vault, "box", "note").unwrap(), b"second");
}

#[test]
fn additions_alone_take_the_place_of_the_version_before() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    for n in 0..5 {
        put(&vault, "box", &format!("file-{n}"), b"bytes");
        assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 1);
    }
    vault.editor(None, "box").unwrap().delete(b"file-0", false).unwrap();
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 2, "a deletion keeps what was");
    put(&vault, "box", "file-9", b"bytes");
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 2);
}

#[test]
fn the_first_edit_after_a_backup_leaves_the_backup_as_it_is() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let folder = rig.path("tree");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("file"), b"bytes").unwrap();
    let report = backup(&vault, "box", &folder);
    put(&vault, "box", "more", b"more");
    let all = vault.snapshots(Some("box")).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].id, report.snapshot);
    assert_eq!(get(&vault, "box", "file").unwrap(), b"bytes");
}

#[test]
fn a_deleted_file_shows_as_deleted_in_its_list_of_versions() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "note", b"first");
    let editor = vault.editor(None, "box").unwrap();
    editor.delete(b"note", false).unwrap();
    let shown = || -> Vec<bool> {
        editor.versions(b"note").unwrap().iter().map(|v| v.entry.is_some()).collect()
    };
    assert_eq!(shown(), [false, true]);
    put(&vault, "box", "note", b"again");
    assert_eq!(shown(), [true, true], "an addition takes the place of the version before");
}

#[test]
fn any_range_of_an_old_version_can_be_read() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let (old, new) = (noise(1, 3_500_000), noise(2, 1_200_000));
    let first = put(&vault, "box", "video", &old);
    put(&vault, "box", "video", &new);
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    let found = vault.find_snapshot(&first.snapshot.to_string()).unwrap();
    for (offset, len) in [(0, 1), (1_048_575, 2), (2_000_000, 700_000), (3_499_999, 50)] {
        let read = vault.read_range(&found, b"video", offset as u64, len).unwrap();
        assert!(read == old[offset..old.len().min(offset + len)], "{len} bytes from {offset}");
    }
    assert!(vault.read_range(&found, b"video", 3_500_000, 10).unwrap().is_empty());
    assert!(get(&vault, "box", "video").unwrap() == new);
}

#[test]
fn an_edit_that_is_refused_says_why_and_changes_nothing() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "folder/file", b"bytes");
    let before = vault.snapshots(Some("box")).unwrap().len();
    let editor = vault.editor(None, "box").unwrap();
    let refused = [
        editor.delete(b"folder", false).unwrap_err(),
        editor.delete(b"nothing", false).unwrap_err(),
        editor.rename(b"folder", b"folder/in/itself", false).unwrap_err(),
        editor.put(b"no/such/folder", NewFile::default(), &mut &b"x"[..]).unwrap_err(),
        editor.make_folder(b"folder/file").unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, VaultError::Edit(_)), "{error}");
        assert!(!error.advice().is_empty());
    }
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), before);
}

#[test]
fn a_stream_that_breaks_off_leaves_no_version() {
    struct Broken(u8);
    impl std::io::Read for Broken {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            if self.0 > 3 {
                return Err(std::io::ErrorKind::ConnectionReset.into());
            }
            buf.fill(self.0);
            Ok(buf.len())
        }
    }
    let rig = Rig::threaded(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "whole", b"bytes");
    let editor = vault.editor(None, "box").unwrap();
    let error = editor.put(b"half", NewFile::default(), &mut Broken(0)).unwrap_err();
    assert!(matches!(error, VaultError::Stream { .. }), "{error}");
    assert_eq!(crate::rig::names(&vault, "box"), ["whole"]);
}

/// `latest` and the version that edits go on from are one and the same, whatever the clock says.
#[test]
fn an_edit_after_the_clock_went_back_is_in_the_latest_version() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "note", b"before");
    let now = types::Clock::now(&*rig.clock);
    rig.clock.jump_to(now.minus(types::Millis::from_days(3)));
    put(&vault, "box", "note", b"after");
    assert_eq!(get(&vault, "box", "note").unwrap(), b"after");
    put(&vault, "box", "other", b"more");
    assert_eq!(get(&vault, "box", "other").unwrap(), b"more");
    assert_eq!(get(&vault, "box", "note").unwrap(), b"after");
}

#[test]
fn a_name_that_no_source_can_have_is_refused() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    assert!(matches!(try_put(&vault, "a:b", "x", b""), Err(VaultError::Bad { .. })));
    assert!(matches!(try_put(&vault, "", "x", b""), Err(VaultError::Bad { .. })));
}

/// An edit that failed left its new source in the list, with an empty version.
#[test]
fn an_edit_that_fails_makes_no_source() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let editor = vault.editor(None, "new").unwrap();
    assert!(editor.make_folder(b"a/b").is_err());
    assert!(crate::rig::try_put(&vault, "new", "../x", b"bytes").is_err());
    assert!(vault.sources().is_empty() && vault.snapshots(None).unwrap().is_empty());
    assert!(editor.make_folder(b"a").is_ok());
    assert!(editor.make_folder(b"a/b").is_ok());
    let sources = vault.sources();
    assert!(sources.len() == 1 && sources[0].1 == "new", "{sources:?}");
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    assert_eq!(crate::rig::names(&vault, "new"), ["a/", "a/b/"]);
}
