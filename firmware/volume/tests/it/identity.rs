//! Who a volume is: creation, superblocks, clones, and what is kept beside packs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use crate::common::{create, open};
use testkit::volumes::superblock;
use types::{Bytes, HeadHash};
use volume::{Finding, FsDisk, Volume, VolumeError};

fn read_copies(dir: &Path) -> Vec<Vec<u8>> {
    (0..3).map(|n| fs::read(dir.join(format!("holdfast/superblock.{n}"))).unwrap()).collect()
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[30] ^= 0xff;
    overwrite(path, &bytes);
}

fn overwrite(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn open_with_findings(dir: &Path) -> Result<(Volume, Vec<Finding>), VolumeError> {
    Volume::open(Arc::new(FsDisk::open(dir, None)?))
}

#[test]
fn a_new_volume_opens_as_the_one_that_was_made() {
    let dir = tempfile::tempdir().unwrap();
    let made = create(dir.path()).identity();
    let (volume, findings) = open_with_findings(dir.path()).unwrap();
    assert_eq!(findings, []);
    assert_eq!(volume.identity(), made);
    assert!(made.serial_matches);
    assert!(made.superblock.serial.starts_with("fsid:"), "{}", made.superblock.serial);
}

#[test]
fn files_and_folders_are_for_their_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    for (path, mode) in
        [("holdfast", 0o700), ("holdfast/data", 0o700), ("holdfast/superblock.0", 0o600)]
    {
        let found = fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}");
    }
}

#[test]
fn a_folder_that_holds_a_volume_or_anything_else_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let again = FsDisk::create(dir.path(), None).unwrap_err();
    assert!(matches!(again, VolumeError::Exists { .. }), "{again}");

    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("holdfast/data/ab")).unwrap();
    let disk = FsDisk::create(dir.path(), None).unwrap();
    let refused = Volume::create(Arc::new(disk), superblock()).unwrap_err();
    assert!(matches!(refused, VolumeError::Exists { .. }), "{refused}");
}

#[test]
fn a_folder_without_a_volume_is_named_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let refused = FsDisk::open(dir.path(), None).unwrap_err();
    assert_eq!(refused.to_string(), format!("{} holds no Holdfast volume", dir.path().display()));
    fs::create_dir(dir.path().join("holdfast")).unwrap();
    let refused = open_with_findings(dir.path()).unwrap_err();
    assert!(matches!(refused, VolumeError::NotAVolume { .. }), "{refused}");
}

#[test]
fn a_link_in_place_of_the_volume_or_inside_it_is_not_followed() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(other.path());
    symlink(other.path().join("holdfast"), dir.path().join("holdfast")).unwrap();
    assert!(FsDisk::open(dir.path(), None).is_err());

    let volume = create(tempfile::tempdir().unwrap().path());
    drop(volume);
    let heads = other.path().join("holdfast/heads");
    fs::remove_dir(&heads).unwrap();
    symlink(dir.path(), &heads).unwrap();
    let volume = open(other.path());
    assert!(volume.write_head(1, HeadHash([1; 32]), b"head").is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_damaged_copy_of_the_superblock_is_found_and_written_anew() {
    for copy in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path());
        let good = read_copies(dir.path());
        damage(&dir.path().join(format!("holdfast/superblock.{copy}")));
        fs::remove_file(dir.path().join(format!("holdfast/superblock.{}", (copy + 1) % 3)))
            .unwrap();
        let (_, mut findings) = open_with_findings(dir.path()).unwrap();
        findings.sort_by_key(|finding| finding.to_string());
        let mut damaged = [copy, (copy + 1) % 3];
        damaged.sort_unstable();
        let expected = damaged.map(|copy| Finding::SuperblockCopy { copy, repaired: true });
        assert_eq!(findings, expected);
        assert_eq!(read_copies(dir.path()), good);
    }
}

#[test]
fn of_unequal_superblocks_the_highest_generation_is_the_true_one() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let old = fs::read(dir.path().join("holdfast/superblock.0")).unwrap();
    assert_eq!(volume.bump_generation().unwrap(), 2);
    overwrite(&dir.path().join("holdfast/superblock.0"), &old);
    overwrite(&dir.path().join("holdfast/superblock.2"), &old);
    assert_eq!(open(dir.path()).identity().superblock.generation, 2);
}

#[test]
fn without_any_good_superblock_the_volume_says_so_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    (0..3).for_each(|n| damage(&dir.path().join(format!("holdfast/superblock.{n}"))));
    let before = read_copies(dir.path());
    let refused = open_with_findings(dir.path()).unwrap_err();
    assert!(matches!(refused, VolumeError::SuperblockLost { .. }), "{refused}");
    assert_eq!(read_copies(dir.path()), before);
}

#[test]
fn a_superblock_from_a_newer_holdfast_is_refused_not_repaired() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let path = dir.path().join("holdfast/superblock.1");
    let mut newer = fs::read(&path).unwrap();
    newer[8] = 2;
    let sum = *blake3::hash(&newer[..480]).as_bytes();
    newer[480..].copy_from_slice(&sum);
    overwrite(&path, &newer);
    let refused = open_with_findings(dir.path()).unwrap_err();
    assert!(matches!(refused, VolumeError::Format { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), newer);
}

#[test]
fn superblocks_of_two_volumes_in_one_folder_are_refused() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    let disk = FsDisk::create(other.path(), None).unwrap();
    let stranger =
        format::superblock::Superblock { volume: types::VolumeId([9; 16]), ..superblock() };
    Volume::create(Arc::new(disk), stranger).unwrap();
    fs::copy(other.path().join("holdfast/superblock.0"), dir.path().join("holdfast/superblock.0"))
        .unwrap();
    let refused = open_with_findings(dir.path()).unwrap_err();
    assert!(matches!(refused, VolumeError::SuperblockMixed { .. }), "{refused}");
}

#[test]
fn features_that_may_not_be_written_make_the_volume_read_only() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FsDisk::create(dir.path(), None).unwrap();
    let newer = format::superblock::Superblock { ro_compat: 1, ..superblock() };
    Volume::create(Arc::new(disk), newer).unwrap();
    let (volume, findings) = open_with_findings(dir.path()).unwrap();
    assert_eq!(findings, [Finding::NewerFeatures]);
    assert!(matches!(volume.write_keys(b"keys"), Err(VolumeError::ReadOnly { .. })));
}

#[test]
fn a_copy_of_the_files_is_told_from_the_original_and_left_as_it_is() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    fs::create_dir(copy.path().join("holdfast")).unwrap();
    for n in [0, 1] {
        let name = format!("holdfast/superblock.{n}");
        fs::copy(dir.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let (volume, findings) = open_with_findings(copy.path()).unwrap();
    assert!(!volume.identity().serial_matches);
    assert!(matches!(findings[0], Finding::OtherSerial { .. }));
    assert_eq!(findings[1], Finding::SuperblockCopy { copy: 2, repaired: false });
    assert!(!copy.path().join("holdfast/superblock.2").exists());

    assert_eq!(volume.adopt_disk().unwrap(), 2);
    assert!(open(copy.path()).identity().serial_matches);
    assert!(open(dir.path()).identity().serial_matches);
}

#[test]
fn a_quarantined_volume_can_be_read_but_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    volume.write_head(1, HeadHash([1; 32]), b"head").unwrap();
    let mut pack = volume.create_open([1; 16]).unwrap();
    volume.quarantine();
    let refusals = [
        volume.write_keys(b"keys"),
        volume.write_head(2, HeadHash([2; 32]), b"head"),
        volume.prune_heads(1).map(|_| ()),
        volume.bump_generation().map(|_| ()),
        volume.create_open([2; 16]).map(|_| ()),
        pack.append(b"bytes"),
        pack.discard(),
        volume.delete_open([1; 16]).map(|_| ()),
        volume.delete_leftovers().map(|_| ()),
        volume.delete_trashed(types::PackId([0; 32])).map(|_| ()),
    ];
    for refusal in refusals {
        let refusal = refusal.unwrap_err();
        assert!(matches!(refusal, VolumeError::ReadOnly { .. }), "{refusal}");
        assert!(!refusal.is_disk_fault());
    }
    assert_eq!(volume.list_heads().unwrap().len(), 1);
}

#[test]
fn key_files_are_kept_twice_and_given_back_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    assert!(volume.read_keys().unwrap().is_empty());
    volume.write_keys(b"first").unwrap();
    volume.write_keys(b"second").unwrap();
    assert_eq!(volume.read_keys().unwrap(), [b"second".to_vec(), b"second".to_vec()]);
    fs::remove_file(dir.path().join("holdfast/keys.0")).unwrap();
    assert_eq!(volume.read_keys().unwrap(), [b"second".to_vec()]);
}

#[test]
fn a_key_file_too_long_to_be_one_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    volume.write_keys(&vec![0; usize::try_from(Bytes::MIB).unwrap() + 1]).unwrap();
    assert!(matches!(volume.read_keys(), Err(VolumeError::TooLong { .. })));
}

#[test]
fn heads_are_listed_in_order_and_only_the_newest_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    for seq in [3_u64, 1, 0x1_0000, 2] {
        let hash = HeadHash([u8::try_from(seq % 251).unwrap(); 32]);
        volume.write_head(seq, hash, format!("head {seq}").as_bytes()).unwrap();
        volume.write_head(seq, hash, format!("head {seq}").as_bytes()).unwrap();
    }
    volume.write_head(0x1_0000, HeadHash([9; 32]), b"a fork").unwrap();
    overwrite(&dir.path().join("holdfast/heads/notes.txt"), b"not ours");
    let seqs = || volume.list_heads().unwrap().iter().map(|head| head.seq).collect::<Vec<_>>();
    assert_eq!(seqs(), [1, 2, 3, 0x1_0000, 0x1_0000]);
    let first = &volume.list_heads().unwrap()[0];
    assert_eq!(first.name, "0000000000000001-0101010101010101.head");
    assert_eq!(volume.read_head(&first.name).unwrap(), b"head 1");
    assert_eq!(volume.prune_heads(2).unwrap(), 2);
    assert_eq!(seqs(), [3, 0x1_0000, 0x1_0000]);
    assert_eq!(volume.prune_heads(0).unwrap(), 1);
    assert_eq!(seqs(), [0x1_0000, 0x1_0000]);
    assert!(dir.path().join("holdfast/heads/notes.txt").exists());
}

#[test]
fn a_name_that_is_no_heads_reads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    for name in ["../superblock.0", "", "0000000000000001-0101010101010101.head"] {
        let refused = volume.read_head(name).unwrap_err();
        assert!(matches!(refused, VolumeError::Missing { .. }), "{refused}");
    }
}

#[test]
fn more_than_the_free_room_is_refused_before_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    volume.room_for(Bytes(1)).unwrap();
    let refused = volume.room_for(Bytes(u64::MAX)).unwrap_err();
    assert!(refused.is_full() && !refused.is_disk_fault(), "{refused}");
    let space = volume.space().unwrap();
    assert!(volume.free().unwrap() < space.free && space.free <= space.total);
}

#[test]
fn settings_outside_of_volumes_can_be_replaced_durably_too() {
    let dir = tempfile::tempdir().unwrap();
    let folder = FsDisk::plain_folder(dir.path()).unwrap();
    volume::durable::replace_file(&folder, "vault.toml", b"one").unwrap();
    volume::durable::replace_file(&folder, "vault.toml", b"two").unwrap();
    assert_eq!(fs::read(dir.path().join("vault.toml")).unwrap(), b"two");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
