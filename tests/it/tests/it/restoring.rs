//! Where a restore may write, and where never.

use std::os::unix::fs::PermissionsExt;

use types::Bytes;
use vault::{RestoreOptions, RestoreReport, Vault, VaultError, WriterMode};

use crate::rig::{DiskKind, Rig, backup, check, quiet};

/// A vault on two folders, and a source with files that are named like a volume's own.
fn with_a_source_that_looks_like_a_volume() -> (Rig, Vault) {
    let mut rig = Rig::new(DiskKind::Folder, WriterMode::Threads, 5);
    for serial in ["a", "b"] {
        rig.add_disk(serial, Bytes(0));
    }
    let vault = rig.create(2);
    let source = rig.path("source");
    let inner = source.join("holdfast");
    std::fs::create_dir_all(&inner).unwrap();
    for name in ["superblock.0", "superblock.1", "superblock.2", "keys.0", "keys.1"] {
        for folder in [&source, &inner] {
            std::fs::File::create(folder.join(name)).unwrap();
        }
    }
    backup(&vault, "looks", &source);
    (rig, vault)
}

fn restore(vault: &Vault, to: &std::path::Path) -> Result<RestoreReport, VaultError> {
    let found = vault.find_snapshot("latest:looks").unwrap();
    vault.restore(&found, b"", to, RestoreOptions { overwrite: true }, &mut quiet)
}

/// A reviewer once restored such a source into both volumes, with `overwrite`: both jobs were done
/// without a complaint, and neither the box nor the rescue program could open anything any more.
#[test]
fn a_restore_into_a_volume_is_refused_and_one_around_it_leaves_it_alone() {
    let (rig, vault) = with_a_source_that_looks_like_a_volume();
    for disk in ["a", "b"] {
        let volume = rig.path(disk).join("holdfast");
        for to in [volume.clone(), volume.join("data"), volume.join("new/deep")] {
            let refused = restore(&vault, &to).unwrap_err();
            assert!(refused.to_string().contains("a volume of a Holdfast vault"), "{refused}");
        }
        assert!(!volume.join("new").exists());
        // Into the disk, beside the volume: what would stand in its place is left out and named.
        let report = restore(&vault, &rig.path(disk)).unwrap();
        let named = report.lost.iter().filter(|(path, _)| path.starts_with(b"holdfast"));
        assert_eq!(named.count(), 1, "{report:?}");
    }
    assert!(check(&vault, true, false).is_clean());
    drop(vault);
    let (vault, report) = rig.open(&["a", "b"]);
    assert!(report.findings.is_empty(), "{report:?}");
    assert!(check(&vault, true, false).is_clean());
}

#[test]
fn a_folder_in_use_keeps_its_own_mode_and_a_new_one_gets_what_was_stored() {
    let (rig, vault) = with_a_source_that_looks_like_a_volume();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let stored = mode(&rig.path("source"));
    let (used, new) = (rig.path("used"), rig.path("new"));
    std::fs::create_dir(&used).unwrap();
    std::fs::File::create(used.join("mine")).unwrap();
    std::fs::set_permissions(&used, PermissionsExt::from_mode(0o700)).unwrap();
    for to in [&used, &new] {
        restore(&vault, to).unwrap();
    }
    assert!(stored != 0o700);
    assert_eq!((mode(&used), mode(&new)), (0o700, stored));
}
