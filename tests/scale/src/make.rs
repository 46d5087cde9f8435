//! Makes the large vault: bodiless data packs, and everything else for real.
//!
//! The vault is created and its keys are unlocked by the product's code; packs are sealed, folders
//! built, and state and head written by it too. Only the course is this module's: chunks come from
//! arithmetic instead of files. Start at [`make`].

use std::io;
use std::sync::Arc;

use format::entry::{Entry, EntryKind, Extent, FileTime, Origin};
use format::head::{Envelope, HeadPayload};
use format::keys::KeyFile;
use format::pack::PackKind;
use format::record::{
    PackEntry, PackList, PackShard, Snapshot, SnapshotKind, SnapshotRef, SnapshotSegment,
    SnapshotStats, SourceRecord, State,
};
use format::to_cbor;
use seal::{KeyRing, PackIdentity, Secret};
use tree::{ContentBuilder, FolderBuilder, ObjectWriter};
use types::{Bytes, ObjectId, SourceId, SpaceId, UnixTime};
use vault::{CreateSpec, Vault};
use volume::{Disk, Volume};

use crate::Outcome;
use crate::disk::ScaleDisk;
use crate::meta::MetaWriter;
use crate::place::Place;
use crate::shape::{CHUNK_LEN, ONE_LEAVES_OF, PER_FOLDER, PER_PACK, PER_TOP, Shape, chunk_id};
use crate::store::StoreWriter;

/// The source's name.
pub(crate) const SOURCE: &str = "synthetic";
/// Packs per shard of the list, as the vault cuts it: about this many.
const SHARD_PACKS: usize = 1024;

/// Makes it in an empty folder. Returns bytes of metadata packs on each volume.
pub(crate) fn make(place: &Place, shape: Shape) -> Outcome<u64> {
    let words = Place::words();
    let mut disks: Vec<Arc<dyn Disk>> = Vec::new();
    for n in 0..Place::VOLUMES {
        disks.push(Arc::new(ScaleDisk::create(&place.volume_dir(n), &format!("scale-{n}"))?));
    }
    let copies = Place::VOLUMES;
    let spec = CreateSpec { disks, copies, words: &words, password: None };
    let vault = Vault::create(place.env(), place.options(), spec)?;
    let space = vault.everyone();
    drop(vault);
    std::fs::remove_file(place.catalog())?;

    let open = place.disks(false)?;
    let volumes = open.iter().map(|disk| Ok(Volume::open(Arc::clone(disk) as _)?.0));
    let volumes: Vec<Volume> = volumes.collect::<Outcome<_>>()?;
    let key_file = volumes[0].read_keys()?;
    let key_file = KeyFile::decode(key_file.first().ok_or("no key file")?)?;
    let keys = KeyRing::unlock(&key_file, Secret::Words(&words))?;
    let mut maker = Maker { place, shape, keys, volumes, space };
    let data = maker.data_packs()?;
    let (state, meta_len) = maker.metadata(data)?;
    maker.head(state)?;
    Ok(meta_len)
}

struct Maker<'a> {
    place: &'a Place,
    shape: Shape,
    keys: KeyRing,
    volumes: Vec<Volume>,
    space: SpaceId,
}

impl Maker<'_> {
    fn data_packs(&mut self) -> Outcome<Vec<PackEntry>> {
        let (vault, space) = (self.keys.vault(), self.space);
        let identity = PackIdentity { kind: PackKind::Data, vault, space, epoch: 0 };
        let keys = self.keys.space(space).ok_or("the space has no key")?;
        let rng = self.place.env().rng;
        let mut store = StoreWriter::create(&self.place.dir)?;
        for pack in 0..self.shape.packs() {
            let end = (pack * PER_PACK + PER_PACK).min(self.shape.chunks);
            let objects: Vec<_> =
                (pack * PER_PACK..end).map(|chunk| (chunk_id(chunk), CHUNK_LEN)).collect();
            store.add(&seal::bodiless::seal(identity, keys, &*rng, &objects))?;
        }
        for volume in &self.place.disks(false)? {
            for first in 0..=u8::MAX {
                volume.make_dir(&format!("data/{first:02x}"))?;
            }
        }
        let entry = |id, len| PackEntry { id, kind: PackKind::Data, space, len: Bytes(len) };
        let records = store.finish(&self.place.dir)?;
        Ok(records.iter().map(|record| entry(record.id, u64::from(record.len))).collect())
    }

    /// Both versions, the pack list and the state; returns the state's id and what metadata takes.
    fn metadata(&self, mut packs: Vec<PackEntry>) -> Outcome<(ObjectId, u64)> {
        let rng = self.place.env().rng;
        let mut meta = MetaWriter::new(&self.keys, self.space, &*rng, &self.volumes);
        let roots = folders(&mut meta, self.shape)?;
        let source = SourceId([7; 16]);
        let mut kept = Vec::new();
        for (n, root) in (0_i64..).zip(roots) {
            let snapshot = self.snapshot(source, root);
            let id = meta.put(to_cbor(&snapshot))?;
            let received = UnixTime(self.place.env().clock.now().0 + n);
            kept.push(SnapshotRef { id, received, kind: SnapshotKind::Backup });
        }
        packs.extend(meta.finish()?);

        let mut system = MetaWriter::new(&self.keys, SpaceId::SYSTEM, &*rng, &self.volumes);
        packs.sort_by_key(|entry| entry.id);
        let meta_len =
            packs.iter().filter(|entry| entry.kind == PackKind::Meta).map(|entry| entry.len.0);
        let meta_len = meta_len.sum();
        let list = store_list(&mut system, &packs)?;
        let segment = system.put(to_cbor(&SnapshotSegment { snapshots: kept }))?;
        let (name, space) = (SOURCE.to_owned(), self.space);
        let record = SourceRecord { id: source, name, space, segments: vec![segment] };
        let state = State { sources: vec![record], tombstones: Vec::new(), packs: list };
        let state = system.put(to_cbor(&state))?;
        // What lists the packs cannot list its own: the next head of the vault does.
        system.finish()?;
        Ok((state, meta_len))
    }

    fn snapshot(&self, source: SourceId, root: Entry) -> Snapshot {
        let now = self.place.env().clock.now();
        Snapshot {
            source,
            source_name: SOURCE.to_owned(),
            kind: SnapshotKind::Backup,
            root,
            started: now,
            finished: now,
            host: "scale".to_owned(),
            paths: Vec::new(),
            excludes: Vec::new(),
            stats: SnapshotStats::default(),
            skipped: Vec::new(),
        }
    }

    /// One more head, that names the state.
    fn head(&self, state: ObjectId) -> Outcome<()> {
        let newest = self.volumes[0].list_heads()?.pop().ok_or("the vault has no head")?;
        let envelope = Envelope::decode(&self.volumes[0].read_head(&newest.name)?)?;
        let payload = seal::open_head(&self.keys, &envelope)?;
        let state = Some(state);
        let time = self.place.env().clock.now();
        let payload = HeadPayload { state, recent: Vec::new(), time, ..payload };
        let rng = self.place.env().rng;
        let seq = envelope.seq + 1;
        let next = seal::seal_head(&self.keys, seq, envelope.hash(), &payload, &*rng);
        for volume in &self.volumes {
            volume.write_head(seq, next.hash(), &to_cbor(&next))?;
        }
        Ok(())
    }
}

fn store_list(system: &mut MetaWriter<'_>, packs: &[PackEntry]) -> io::Result<PackList> {
    let bits = (packs.len() / SHARD_PACKS + 1).next_power_of_two().trailing_zeros().min(16);
    let shard_of = |entry: &PackEntry| {
        let first = u32::from(entry.id.0[0]) << 8 | u32::from(entry.id.0[1]);
        first >> (16 - bits)
    };
    let mut shards = vec![None; 1 << bits];
    for mine in packs.chunk_by(|a, b| shard_of(a) == shard_of(b)) {
        let shard = PackShard { packs: mine.to_vec() };
        shards[shard_of(&mine[0]) as usize] = Some(system.put(to_cbor(&shard))?);
    }
    Ok(PackList { bits: u8::try_from(bits).expect("16 at most"), shards })
}

fn entry(name: String, kind: EntryKind, number: u64) -> Entry {
    let mut entry = Entry::new(name, kind);
    entry.attrs.mode = 0o644;
    (entry.attrs.uid, entry.attrs.gid) = (1000, 1000);
    let secs = 1_700_000_000 + i64::try_from(number % 10_000_000).expect("small");
    let nanos = u32::try_from(number % 1_000_000_000).expect("below a second");
    entry.attrs.mtime = FileTime { secs, nanos };
    entry.origin = Some(Origin { dev: 2049, ino: number, ctime: entry.attrs.mtime });
    entry
}

/// The roots of both versions.
fn folders(meta: &mut MetaWriter<'_>, shape: Shape) -> Outcome<[Entry; 2]> {
    let mut roots = [FolderBuilder::new(), FolderBuilder::new()];
    let tops = shape.folders().div_ceil(PER_TOP);
    for top in 0..tops {
        let mut both = [FolderBuilder::new(), FolderBuilder::new()];
        for folder in top * PER_TOP..((top + 1) * PER_TOP).min(shape.folders()) {
            let node = files(meta, shape, folder)?;
            let mut entry = entry(format!("folder-{folder:08}"), EntryKind::Folder, folder);
            entry.node = node;
            both[0].push(meta, &entry)?;
            if (folder + 1) % ONE_LEAVES_OF != 0 {
                both[1].push(meta, &entry)?;
            }
        }
        for (root, builder) in roots.iter_mut().zip(both) {
            let mut entry = entry(format!("top-{top:06}"), EntryKind::Folder, top);
            entry.node = builder.finish(meta)?;
            root.push(meta, &entry)?;
        }
    }
    let [first, second] = roots;
    let mut done = [first.finish(meta)?, second.finish(meta)?].map(|node| {
        let mut root = Entry::new(Vec::new(), EntryKind::Folder);
        root.node = node;
        root
    });
    done[1].attrs.mode = 0o755;
    Ok(done)
}

fn files(meta: &mut MetaWriter<'_>, shape: Shape, folder: u64) -> Outcome<Option<ObjectId>> {
    let mut builder = FolderBuilder::new();
    for file in folder * PER_FOLDER..(folder + 1) * PER_FOLDER {
        let mut content = ContentBuilder::new();
        for chunk in shape.chunks_of(file) {
            content.push(meta, Extent::chunk(chunk_id(chunk), u64::from(CHUNK_LEN)))?;
        }
        let mut entry = entry(format!("file-{file:010}.jpg"), EntryKind::File, file);
        (entry.content, entry.size) = content.finish(meta)?;
        builder.push(meta, &entry)?;
    }
    Ok(builder.finish(meta)?)
}
