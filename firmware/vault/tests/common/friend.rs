//! A folder that plays a friend: everything under its name, as a host keeps it. Start at [`Friend`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use peer_proto::wire::{Kind, Listed};
use plan::offsite::{FriendFacts, Standing};
use types::{Bytes, PackId, UnixTime};
use vault::{CheckOptions, CheckReport, Hold, OffsiteWish, Vault};
use verified::ReadAt;

use super::{Rig, backup, noise, put, quiet, small_tree};

/// What a friend keeps.
#[derive(Debug)]
pub(crate) struct Friend {
    folder: PathBuf,
    /// What each thing was told to be.
    pub(crate) kinds: BTreeMap<PackId, Kind>,
    /// What it was asked to let go.
    pub(crate) going: BTreeSet<PackId>,
    /// What it was asked for whole, in this order.
    pub(crate) sent: Mutex<Vec<PackId>>,
    /// Its line breaks after so many readings.
    pub(crate) breaks_after: Option<AtomicU64>,
}

/// One copy at a friend, of everything.
pub(crate) fn one_copy(_: types::SpaceId) -> OffsiteWish {
    OffsiteWish { copies: 1, pinned: false }
}

impl Friend {
    pub(crate) fn at(folder: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let (kinds, going) = (BTreeMap::new(), BTreeSet::new());
        Self { folder, kinds, going, sent: Mutex::default(), breaks_after: None }
    }

    /// Keeps every sealed pack of a vault.
    pub(crate) fn keep_packs(&mut self, vault: &Vault) {
        let here = vault.sealed_here().unwrap();
        for pack in vault.offsite_packs(one_copy).unwrap() {
            let file = here.pack(pack.id).unwrap().unwrap();
            let mut bytes = vec![0; usize::try_from(file.len().0).unwrap()];
            file.read_exact_at(0, &mut bytes).unwrap();
            assert_eq!(bytes.len() as u64, pack.facts.len.0);
            self.keep(pack.id, pack.kind, &bytes);
        }
    }

    /// Keeps all that an owner pushes: packs, the newest head, the words slot.
    pub(crate) fn keep_all(&mut self, vault: &Vault) {
        self.keep_packs(vault);
        let head = vault.own_head().unwrap().point;
        let bytes = vault.sealed_here().unwrap().head(head).unwrap();
        self.keep(PackId(head.hash.0), Kind::Head, &bytes);
        let slot = vault.words_slot().unwrap();
        self.keep(slot.item.root, slot.item.kind, &slot.bytes);
    }

    /// Things of a kind, in order of name.
    pub(crate) fn of(&self, kind: Kind) -> Vec<PackId> {
        self.kinds.iter().filter(|(_, is)| **is == kind).map(|(id, _)| *id).collect()
    }

    /// Loses a thing.
    pub(crate) fn lose(&mut self, root: PackId) {
        self.kinds.remove(&root).unwrap();
        std::fs::remove_file(self.path(root)).unwrap();
    }

    pub(crate) fn keep(&mut self, root: PackId, kind: Kind, bytes: &[u8]) {
        assert_eq!(*blake3::hash(bytes).as_bytes(), root.0, "a host checks what it takes");
        std::fs::write(self.path(root), bytes).unwrap();
        self.kinds.insert(root, kind);
    }

    pub(crate) fn path(&self, root: PackId) -> PathBuf {
        self.folder.join(root.to_string())
    }

    pub(crate) fn get(&self, root: PackId) -> Vec<u8> {
        std::fs::read(self.path(root)).unwrap()
    }

    /// Turns one byte over.
    pub(crate) fn spoil(&self, root: PackId) {
        flip(&self.path(root));
    }
}

impl Hold for Friend {
    fn name(&self) -> String {
        self.folder.file_name().unwrap().to_str().unwrap().to_owned()
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        let all = self.kinds.iter().map(|(root, kind)| {
            let until = self.going.contains(root).then_some(UnixTime(1));
            let size = self.path(*root).metadata()?.len();
            Ok(Listed { root: *root, size, kind: *kind, until })
        });
        all.collect()
    }

    fn read(&self, root: PackId, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let less = |left: u64| left.checked_sub(1);
        if let Some(left) = &self.breaks_after
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err()
        {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let bytes = std::fs::read(self.path(root))?;
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        if (from, to) == (0, bytes.len()) {
            self.sent.lock().unwrap().push(root);
        }
        let part = bytes.get(from..to).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(part.to_vec())
    }
}

/// Turns one byte in the middle of a file over.
pub(crate) fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] = !bytes[at];
    std::fs::write(path, bytes).unwrap();
}

/// Reads everything.
pub(crate) fn check(vault: &Vault, repair: bool) -> CheckReport {
    vault.check(CheckOptions { read_data: true, repair }, &mut quiet).unwrap()
}

/// A vault with a tree in it, and a friend that has all of its packs.
pub(crate) fn with_friend(volumes: usize, copies: u8) -> (Rig, Vault, Friend) {
    let rig = Rig::new(volumes);
    let vault = rig.create(copies);
    small_tree(&rig.path("tree"), 1);
    put(&rig.path("tree/large"), &noise(5, 20_000_000));
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_packs(&vault);
    (rig, vault, friend)
}

/// The files of packs on a volume, of one kind.
pub(crate) fn packs(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut all = testkit::files::below(&folder.join("holdfast").join(kind), "");
    all.retain(|file| file.extension().is_some_and(|kind| kind == "pack"));
    all
}

pub(crate) fn id_of(file: &Path) -> PackId {
    file.file_stem().unwrap().to_str().unwrap().parse().unwrap()
}

/// The friend, as plans see it: slot 0, seen a moment ago, with room.
pub(crate) fn facts_of_friend() -> FriendFacts {
    FriendFacts {
        slot: 0,
        place: 0,
        standing: Standing::Active,
        open: true,
        last_seen: UnixTime(i64::MAX),
        given: Bytes(Bytes::GIB),
        used: Bytes(0),
    }
}
