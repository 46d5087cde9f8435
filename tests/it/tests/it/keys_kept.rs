//! Keys that a disk has and that could not be read, or that nobody here has: nothing gives way to what is
//! older, and nothing is deleted for want of a key.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::simdisk::SimDisk;
use vault::{Access, VaultError};
use volume::{Disk, DiskFile, Listed, Space};

use crate::rig::{Rig, noise, put};
use crate::spaces::{get_in, put_in};

/// A disk on which the keys cannot be read the first two times.
#[derive(Debug)]
struct Shaky {
    disk: SimDisk,
    fails: AtomicUsize,
}

impl Disk for Shaky {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create_new(path)
    }
    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let left = |left: usize| left.checked_sub(1);
        let counts = path.contains("keys")
            && self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok();
        if counts { Err(io::Error::other("the cable")) } else { self.disk.open(path) }
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn unlink(&self, path: &str) -> io::Result<()> {
        self.disk.unlink(path)
    }
    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.disk.make_dir(path)
    }
    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.disk.sync_dir(path)
    }
    fn sync_all(&self) -> io::Result<()> {
        self.disk.sync_all()
    }
    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.disk.list(path)
    }
    fn space(&self) -> io::Result<Space> {
        self.disk.space()
    }
    fn serial(&self) -> String {
        self.disk.serial()
    }
    fn label(&self) -> String {
        self.disk.label()
    }
    fn read_only(&self) -> bool {
        self.disk.read_only()
    }
}

/// The keys of one disk could not be read for a moment, and another had older ones, from before a space
/// was made: those were written over the newer ones, and no words opened that space any more.
#[test]
fn keys_that_could_not_be_read_for_a_moment_are_not_written_over_by_older_ones() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "letter", b"for all");
    drop(vault);
    let (alone, _) = rig.open(&["a"]);
    let ann = alone.add_space("ann").unwrap();
    assert_eq!(put_in(&alone, ann, "box", b"ann's"), 1);
    drop(alone);
    let keys = |disk: &str| {
        let mut files = rig.sim(disk).files();
        files.retain(|(path, _)| path.contains("keys"));
        files
    };
    let before = keys("a");
    assert_ne!(before, keys("b"), "b was away");
    let shaky = Shaky { disk: rig.sim("a").clone(), fails: AtomicUsize::new(2) };
    let disks: Vec<Arc<dyn Disk>> = vec![Arc::new(shaky), Arc::new(rig.sim("b").clone())];
    let refused = rig.try_open_with(disks, Access::ReadWrite).unwrap_err();
    assert!(matches!(refused, VaultError::NewerKeys { .. }), "{refused}");
    assert!(keys("a") == before, "they are as they were");
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(get_in(&vault, "ann", "box").unwrap(), b"ann's");
    assert_eq!(keys("b"), before, "and b has them now");
}

/// An unfinished pack of a space without a key here was taken for one that was cut off within its first
/// bytes, and deleted: with it went what had been acknowledged.
#[test]
fn an_unfinished_pack_that_no_key_opens_waits_for_its_key() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "letter", b"for all");
    vault.close().unwrap();
    drop(vault);
    let before = rig.sim("a").image("a");
    let (vault, _) = rig.open(&["a"]);
    let ann = vault.add_space("ann").unwrap();
    assert_eq!(put_in(&vault, ann, "box", &noise(1, 50_000)), 1);
    let killed = rig.sim("a").image("a");
    drop(vault);
    // The packs of the killed box, beside the keys from before.
    let mixed = killed.image("a");
    for (path, bytes) in before.files().into_iter().filter(|(path, _)| path.contains("keys")) {
        drop(mixed.unlink(&path));
        let mut file = mixed.create_new(&path).unwrap();
        file.append(&bytes).unwrap();
    }
    let parts =
        |disk: &SimDisk| disk.lengths("open").into_iter().filter(|(_, len)| *len > 50_000).count();
    assert_eq!(parts(&mixed), 1);
    rig.lose_catalog();
    let opened = rig.try_open_with(vec![Arc::new(mixed.clone())], Access::ReadWrite);
    let said = opened.map(|(_, report)| format!("{report:?}")).unwrap_or_else(|e| e.to_string());
    assert_eq!(parts(&mixed), 1, "{said}");
    assert!(said.contains("no key"), "{said}");
    rig.lose_catalog();
    let (vault, _) = rig.try_open_with(vec![Arc::new(killed)], Access::ReadWrite).unwrap();
    assert_eq!(get_in(&vault, "ann", "box").unwrap(), noise(1, 50_000));
}
