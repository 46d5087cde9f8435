//! A language for what somebody does to the files of the vault in `folder`.
//!
//! Without the words they can only damage, copy, rename and put right checksums; with them they
//! also forge heads, packs, commits and key files that hold. Start at [`Script::step`].

use format::pack::{FrameType, PackKind};
use format::superblock::{LEN, Superblock};
use format::to_cbor;
use types::{HeadHash, PackId};

use crate::feed::Feed;
use crate::folder::{Base, Files};
use crate::packs::{Description, forge_pack};
use crate::values;

/// The longest file that a script makes.
const FILE_LEN_MAX: usize = 9 << 20;

/// What was done to the files.
#[derive(Debug)]
pub struct Script<'b> {
    base: &'b Base,
    /// The disks as they are now.
    pub disks: [Files; 2],
    with_keys: bool,
    names: u8,
}

impl<'b> Script<'b> {
    /// Nothing yet. Without keys, the forging steps damage instead.
    pub fn new(base: &'b Base, with_keys: bool) -> Self {
        Self { base, disks: base.disks.clone(), with_keys, names: 0 }
    }

    /// One step: which disk and what, then what it needs.
    pub fn step(&mut self, feed: &mut Feed<'_>) {
        let choice = feed.u8();
        let disk = usize::from(choice >> 7);
        let count = if self.with_keys { 14 } else { 9 };
        match (choice & 0x7f) % count {
            0 => self.overwrite(disk, feed),
            1 => {
                let len = feed.u32() as usize;
                let file = self.file(disk, feed);
                file.truncate(len % (file.len() + 1));
            }
            2 => *self.file(disk, feed) = feed.bytes().to_vec(),
            3 => {
                let path = self.path(disk, feed);
                self.disks[disk].remove(&path);
            }
            4 => {
                let path = String::from_utf8_lossy(feed.short()).into_owned();
                self.put(disk, path, feed.bytes().to_vec());
            }
            5 => {
                let (from, to) = (self.path(disk, feed), self.path(1 - disk, feed));
                let bytes = self.disks[disk].get(&from).cloned().unwrap_or_default();
                self.put(1 - disk, to, bytes);
            }
            6 => self.patch_superblock(disk, feed),
            7 => self.patch_key_file(disk, feed),
            8 => self.raw_pack(disk, feed),
            9 => self.forge_head(disk, feed),
            10 => self.forge_pack(disk, feed),
            11 => self.forge_commit(disk, feed),
            12 => self.forge_key_file(disk, feed),
            _ => self.forge_state(disk, feed),
        }
    }

    fn path(&self, disk: usize, feed: &mut Feed<'_>) -> String {
        let at = feed.pick(self.disks[disk].len());
        self.disks[disk].keys().nth(at).cloned().unwrap_or_else(|| "superblock.0".to_owned())
    }

    fn file(&mut self, disk: usize, feed: &mut Feed<'_>) -> &mut Vec<u8> {
        let path = self.path(disk, feed);
        self.disks[disk].entry(path).or_default()
    }

    fn put(&mut self, disk: usize, path: String, bytes: Vec<u8>) {
        if bytes.len() <= FILE_LEN_MAX && self.disks[disk].len() < 64 {
            self.disks[disk].insert(path, bytes);
        }
    }

    fn overwrite(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let (at, new) = (feed.u32() as usize, feed.short());
        let file = self.file(disk, feed);
        let at = at % (file.len() + 1);
        let len = new.len().min(file.len() - at);
        file[at..at + len].copy_from_slice(&new[..len]);
    }

    /// A superblock with any values, its checksum true: it holds no secret.
    fn patch_superblock(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let copies = feed.u8();
        let Some(old) = self.base.disks[disk].get("superblock.0") else { return };
        let mut block = Superblock::decode(old).expect("the base's superblock is whole");
        match feed.u8() & 7 {
            0 => block.generation = feed.number(),
            1 => block.serial = String::from_utf8_lossy(feed.short()).into_owned(),
            2 => block.created = values::time(feed),
            3 => block.ro_compat = feed.number32(),
            4 => block.incompat = feed.number32(),
            5 => block.volume.0 = values::id(feed),
            6 => block.vault.0 = values::id(feed),
            _ => {
                let other = Superblock::decode(&self.base.disks[1 - disk]["superblock.0"]);
                block.volume = other.expect("the base's superblock is whole").volume;
            }
        }
        let bytes: [u8; LEN] = block.encode();
        for copy in (0..3).filter(|copy| copies & (1 << copy) > 0) {
            self.put(disk, format!("superblock.{copy}"), bytes.to_vec());
        }
    }

    /// A key file with any change, its checksum true, its mac as it was.
    fn patch_key_file(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let mut file = self.base.forge.file.clone();
        match feed.u8() & 3 {
            0 => file.generation = feed.number(),
            1 => file.vault.0 = values::id(feed),
            2 => file.slots.clear(),
            _ => file = values::key_file(feed),
        }
        let copy = feed.u8() & 1;
        self.put(disk, format!("keys.{copy}"), file.encode());
    }

    /// Any bytes under their true name.
    fn raw_pack(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let place = feed.u8();
        let bytes = feed.bytes().to_vec();
        self.place_pack(disk, place, bytes);
    }

    fn place_pack(&mut self, disk: usize, place: u8, bytes: Vec<u8>) {
        let id = PackId(*blake3::hash(&bytes).as_bytes());
        self.names = self.names.wrapping_add(1);
        let path = match place & 3 {
            0 => format!("meta/{:02x}/{id}.pack", id.0[0]),
            1 => format!("data/{:02x}/{id}.pack", id.0[0]),
            2 => format!("open/{:032x}.part", self.names),
            _ => format!("trash/{id}.pack"),
        };
        if place & 4 > 0 {
            self.put(1 - disk, path.clone(), bytes.clone());
        }
        self.put(disk, path, bytes);
    }

    fn forge_head(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let newest = |files: &Files| {
            let head = files.iter().rev().find(|(path, _)| path.ends_with(".head"));
            head.and_then(|(_, bytes)| format::head::Envelope::decode(bytes).ok())
        };
        let shape = feed.u8();
        let (mut seq, mut previous) = (feed.number(), HeadHash(values::id(feed)));
        let before = newest(&self.base.disks[disk]);
        let old =
            before.as_ref().and_then(|head| seal::open_head(&self.base.forge.ring, head).ok());
        if shape & 1 == 0
            && let Some(before) = &before
        {
            (seq, previous) = (before.seq.saturating_add(1), before.hash());
        }
        let mut payload = values::head_payload(feed);
        if let Some(old) = old {
            if shape & 2 == 0 {
                payload.volumes = old.volumes;
            }
            if shape & 4 == 0 {
                payload.state = old.state;
            }
            if shape & 8 == 0 {
                (payload.commit_seq, payload.commit_hash) = (old.commit_seq, old.commit_hash);
            }
            if shape & 16 == 0 {
                payload.recent.extend(old.recent);
            }
        }
        self.put_head(disk, shape & 32 > 0, seq, previous, &to_cbor(&payload));
    }

    fn put_head(&mut self, disk: usize, both: bool, seq: u64, previous: HeadHash, cbor: &[u8]) {
        let envelope = self.base.forge.head(seq, previous, cbor);
        let hash = envelope.hash().to_string();
        let path = format!("heads/{seq:016x}-{}.head", &hash[..16]);
        if both {
            self.put(1 - disk, path.clone(), to_cbor(&envelope));
        }
        self.put(disk, path, to_cbor(&envelope));
    }

    fn forge_pack(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let place = feed.u8();
        let bytes = forge_pack(&self.base.forge, feed);
        self.place_pack(disk, place, bytes);
    }

    /// One commit record in an open pack.
    fn forge_commit(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let place = feed.u8();
        let cbor = to_cbor(&values::commit(feed));
        let description = Description::new(PackKind::Meta, true).plain(FrameType::Commit, &cbor);
        let description = if place & 3 == 2 { description.open() } else { description.sealed() };
        let pack = forge_pack(&self.base.forge, &mut Feed::new(&description));
        self.place_pack(disk, place, pack);
    }

    fn forge_key_file(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let mut file = self.base.forge.file.clone();
        file.generation = feed.number();
        if feed.coin() {
            file.slots.extend(values::key_file(feed).slots);
        }
        let file = self.base.forge.bless(file).encode();
        let copy = feed.u8() & 1;
        self.put(disk, format!("keys.{copy}"), file);
    }

    /// A state with any content in a meta pack, and a head that names it.
    fn forge_state(&mut self, disk: usize, feed: &mut Feed<'_>) {
        let (seq, commit_seq) = (feed.number(), feed.number());
        let segment = to_cbor(&values::segment(feed));
        let snapshot = to_cbor(&values::snapshot(feed));
        let shard = to_cbor(&values::shard(feed));
        let keys = self.base.forge.ring.system();
        let mut state = values::state(feed);
        for source in state.sources.iter_mut().filter(|_| feed.coin()) {
            source.segments = vec![keys.object_id(&segment)];
        }
        state.packs.shards.push(Some(keys.object_id(&shard)));
        let state = to_cbor(&state);
        let description = Description::new(PackKind::Meta, true)
            .objects(&[&segment, &snapshot, &shard, &state], false)
            .sealed();
        let mut payload = values::head_payload(feed);
        payload.state = Some(keys.object_id(&state));
        payload.commit_seq = commit_seq;
        let pack = forge_pack(&self.base.forge, &mut Feed::new(&description));
        self.place_pack(disk, 4, pack);
        self.put_head(disk, true, seq, HeadHash::default(), &to_cbor(&payload));
    }
}
