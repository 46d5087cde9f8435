//! Reading objects: from whichever attached volume has a good copy, checked on every read.
//!
//! Never writes. A copy that fails its check is noted as damaged and the next volume is asked.
//! Memory is bounded: opened frames are kept up to a limit of bytes, files up to a number.
//! Start at [`Reader::object`].

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard};
use std::time::Duration;

use catalog::{Catalog, ChunkPlace, PackInfo, PackNo};
use format::pack::{HEADER_LEN, PackHeader, PackKind};
use lru::LruCache;
use seal::{Codecs, KeyRing, OpenedFrame, PackOpener};
use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, PackId, SpaceId, VolumeId};
use volume::{PackReader, Volume, VolumeError, hurried};

use crate::error::VaultError;
use crate::keys::Keys;
use crate::members::Members;
use crate::openpack::Placed;

/// Pack files kept open for reading. Each costs a descriptor; neighbouring files share packs.
const OPEN_FILES_MAX: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");

/// A disk is waited for this long while another has the same bytes: longer than a busy disk takes,
/// shorter than one that wakes up. Those that were late come last until they have answered.
const HURRY: Duration = Duration::from_secs(3);

/// The bytes of an object, within the frame that it was read with.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    frame: Arc<OpenedFrame>,
    from: usize,
    len: usize,
}

impl Piece {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.frame.payload()[self.from..self.from + self.len]
    }
}

/// What identifies a file that frames come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum FileKey {
    Sealed(PackNo),
    /// By name and header: a disk that lied may show an older pack's bytes under a newer's name.
    Open([u8; 32]),
}

/// A pack left open by a crash, read where it lies.
#[derive(Clone, Debug)]
pub(crate) struct Ghost {
    pub(crate) volume: Arc<Volume>,
    pub(crate) name: [u8; 16],
    pub(crate) header: Vec<u8>,
    pub(crate) space: SpaceId,
    pub(crate) kind: PackKind,
}

impl Ghost {
    fn key(&self) -> FileKey {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.name);
        if !sabotage::on(Bug::FileNameTrusted) {
            hash.update(&self.header);
        }
        FileKey::Open(*hash.finalize().as_bytes())
    }
}

/// All of them, and where each object lies in which.
#[derive(Debug, Default)]
struct Ghosts {
    all: Vec<Ghost>,
    /// Every copy of each: the disk with the first may fail before the object was stored anew.
    objects: HashMap<ChunkId, Vec<(usize, Placed)>>,
}

#[derive(Debug)]
struct Cache {
    frames: LruCache<(FileKey, u32), Arc<OpenedFrame>>,
    held: u64,
    files: LruCache<(FileKey, VolumeId), Arc<OpenFile>>,
}

#[derive(Debug)]
struct OpenFile {
    reader: PackReader,
    opener: PackOpener,
}

/// Reads objects of an open vault.
#[derive(Debug)]
pub(crate) struct Reader {
    keys: Arc<Keys>,
    catalog: Arc<Catalog>,
    members: Arc<RwLock<Members>>,
    cache: Mutex<Cache>,
    frame_cache: Bytes,
    ghosts: RwLock<Ghosts>,
    /// Decompressors not in use: each thread that reads takes one.
    codecs: Mutex<Vec<Codecs>>,
    /// Copies that failed a check since the vault was opened, and why.
    damaged: Mutex<BTreeMap<(PackId, VolumeId), String>>,
}

impl Reader {
    pub(crate) fn new(
        keys: Arc<Keys>,
        catalog: Arc<Catalog>,
        members: Arc<RwLock<Members>>,
        frame_cache: Bytes,
    ) -> Self {
        let frames = LruCache::unbounded();
        let files = LruCache::new(OPEN_FILES_MAX);
        Self {
            keys,
            catalog,
            members,
            cache: Mutex::new(Cache { frames, held: 0, files }),
            frame_cache,
            ghosts: RwLock::default(),
            codecs: Mutex::default(),
            damaged: Mutex::default(),
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().expect("no code panics while it holds the cache")
    }

    fn codecs(&self) -> MutexGuard<'_, Vec<Codecs>> {
        self.codecs.lock().expect("no code panics while it holds the codecs")
    }

    /// An object that a sealed pack or a ghost holds; none when neither does.
    pub(crate) fn object(&self, id: &ChunkId) -> Result<Option<Piece>, VaultError> {
        let sealed = match self.catalog.chunk(id)? {
            Some(place) => self.read_sealed(id, place),
            None => Ok(None),
        };
        match sealed {
            Ok(Some(piece)) => Ok(Some(piece)),
            Ok(None) => self.read_ghost(id),
            Err(error) => self.read_ghost(id)?.map_or(Err(error), |piece| Ok(Some(piece))),
        }
    }

    fn read_sealed(&self, id: &ChunkId, place: ChunkPlace) -> Result<Option<Piece>, VaultError> {
        let Some(info) = self.catalog.pack(place.pack)? else { return Ok(None) };
        let placed = Placed {
            frame: u32::from(place.frame),
            frame_offset: place.frame_offset,
            raw_offset: place.raw_offset,
            len: place.len,
        };
        let key = FileKey::Sealed(place.pack);
        // A frame from a copy that is not the pack it is named after is asked for nothing more.
        if let Some(frame) = self.cached(key, placed.frame)
            && let Ok(piece) = self.piece(frame, info.space, info.kind, id, placed)
        {
            return Ok(Some(piece));
        }
        let mut said = String::new();
        let mut holders: VecDeque<(Arc<Volume>, bool)> =
            self.holders(place.pack)?.into_iter().map(|volume| (volume, false)).collect();
        while let Some((volume, was_late)) = holders.pop_front() {
            let read = || {
                self.frame(key, &volume, placed, || open_sealed(&volume, &info, &self.keys.ring()))
                    .and_then(|frame| self.piece(frame, info.space, info.kind, id, placed))
            };
            // The last that is left has all the time that a disk may take.
            let others = holders.iter().any(|(_, late)| !late);
            let (read, late) = match others && !was_late {
                true => hurried(HURRY, read),
                false => (read(), false),
            };
            match read {
                Ok(piece) => return Ok(Some(piece)),
                Err(_) if late => {
                    self.forget(key, placed.frame, volume.id());
                    holders.push_back((volume, true));
                }
                Err(error) => {
                    said.push_str(&format!("; {error}"));
                    self.note_damage(info.id, volume.id(), &error);
                    self.forget(key, placed.frame, volume.id());
                }
            }
        }
        for volume in self.doubted(info.id)? {
            let read = self
                .frame(key, &volume, placed, || open_sealed(&volume, &info, &self.keys.ring()))
                .and_then(|frame| self.piece(frame, info.space, info.kind, id, placed));
            match read {
                Ok(piece) => return Ok(Some(piece)),
                Err(_) => self.forget(key, placed.frame, volume.id()),
            }
        }
        if said.is_empty() {
            said = format!("; its pack {} is missing", info.id.short());
        }
        Err(VaultError::Lost { chunk: *id, detail: said })
    }

    fn members(&self) -> RwLockReadGuard<'_, Members> {
        self.members.read().expect("no code panics while it holds the members")
    }

    /// Volumes that should have a pack: the healthy first, and of those the quick.
    fn holders(&self, pack: PackNo) -> Result<Vec<Arc<Volume>>, VaultError> {
        let presence = self.catalog.presence(pack)?;
        let members = self.members();
        let mut holders: Vec<_> = members
            .attached
            .iter()
            .filter(|member| presence & member.slot.bit() != 0)
            .map(|member| {
                let rank = (member.failed.is_some(), member.volume.is_late());
                (rank, Arc::clone(&member.volume))
            })
            .collect();
        holders.sort_by_key(|(rank, _)| *rank);
        Ok(holders.into_iter().map(|(_, volume)| volume).collect())
    }

    /// Volumes whose copy was found damaged once. It counts for nothing, but where there is no other it
    /// is read all the same: a disk that was pulled under a check is well when it is back, and whatever
    /// is read is known by its name.
    fn doubted(&self, pack: PackId) -> Result<Vec<Arc<Volume>>, VaultError> {
        let listed = crate::damaged::listed(&self.catalog)?;
        let members = self.members();
        let attached = members.attached.iter().map(|member| &member.volume);
        Ok(attached.filter(|volume| listed.contains(&(pack, volume.id()))).cloned().collect())
    }

    fn cached(&self, file: FileKey, frame: u32) -> Option<Arc<OpenedFrame>> {
        self.cache().frames.get(&(file, frame)).cloned()
    }

    /// Reads and opens a frame, through the file cache, and keeps it.
    fn frame(
        &self,
        key: FileKey,
        volume: &Volume,
        placed: Placed,
        open: impl FnOnce() -> Result<(PackReader, PackOpener), VaultError>,
    ) -> Result<Arc<OpenedFrame>, VaultError> {
        let known = self.cache().files.get(&(key, volume.id())).cloned();
        let file = match known {
            Some(file) => file,
            None => {
                let (reader, opener) = open()?;
                let file = Arc::new(OpenFile { reader, opener });
                self.cache().files.put((key, volume.id()), Arc::clone(&file));
                file
            }
        };
        let read = |offset: u64, buf: &mut [u8]| {
            file.reader.read_at(offset, buf).map_err(std::io::Error::other)
        };
        let mut codecs = self.codecs().pop().unwrap_or_default();
        let opened = file
            .opener
            .read_frame(&mut codecs, u64::from(placed.frame_offset), placed.frame, &read)
            .map_err(|error| VaultError::Tree(format!("{}: {error}", volume.name())));
        let kept = opened.map(|frame| self.keep(key, frame, &mut codecs));
        self.codecs().push(codecs);
        kept
    }

    /// Keeps an opened frame, and lets go those that were longest unused.
    fn keep(&self, key: FileKey, frame: OpenedFrame, codecs: &mut Codecs) -> Arc<OpenedFrame> {
        let frame = Arc::new(frame);
        let mut cache = self.cache();
        cache.held += frame.memory();
        let replaced = cache.frames.put((key, frame.number), Arc::clone(&frame));
        let mut old: Vec<_> = replaced.into_iter().collect();
        cache.held -= old.iter().map(|old| old.memory()).sum::<u64>();
        while cache.held > self.frame_cache.0 && cache.frames.len() > 1 {
            let Some((_, oldest)) = cache.frames.pop_lru() else { break };
            cache.held -= oldest.memory();
            old.push(oldest);
        }
        drop(cache);
        old.into_iter().filter_map(Arc::into_inner).for_each(|old| codecs.reuse(old));
        frame
    }

    fn forget(&self, key: FileKey, frame: u32, volume: VolumeId) {
        let mut cache = self.cache();
        if let Some(old) = cache.frames.pop(&(key, frame)) {
            cache.held -= old.memory();
        }
        cache.files.pop(&(key, volume));
    }

    /// Forgets open files and frames: after packs moved or went.
    pub(crate) fn forget_all(&self) {
        let mut cache = self.cache();
        cache.frames.clear();
        cache.held = 0;
        cache.files.clear();
    }

    /// Cuts an object out of its frame and checks it against its id.
    fn piece(
        &self,
        frame: Arc<OpenedFrame>,
        space: SpaceId,
        kind: u8,
        id: &ChunkId,
        placed: Placed,
    ) -> Result<Piece, VaultError> {
        let (from, len) = (placed.raw_offset as usize, placed.len as usize);
        let lost = |why: &str| VaultError::Lost { chunk: *id, detail: format!("; {why}") };
        let kind = PackKind::from_code(kind).ok_or_else(|| lost("its pack is of no known kind"))?;
        let ring = self.keys.ring();
        let keys = ring.space(space).ok_or_else(|| lost("its space has no key here"))?;
        let bytes = frame
            .payload()
            .get(from..from.saturating_add(len))
            .ok_or_else(|| lost("its frame is too short"))?;
        if keys.id_in(kind, bytes) != *id && !sabotage::on(Bug::ChunkIdUnchecked) {
            return Err(lost("other bytes stand in its place"));
        }
        Ok(Piece { frame, from, len })
    }

    fn read_ghost(&self, id: &ChunkId) -> Result<Option<Piece>, VaultError> {
        let copies: Vec<(Ghost, Placed)> = {
            let ghosts = self.ghosts.read().expect("no code panics while it holds the ghosts");
            let copies = ghosts.objects.get(id).into_iter().flatten();
            copies.map(|(number, placed)| (ghosts.all[*number].clone(), *placed)).collect()
        };
        let mut last = None;
        for (ghost, placed) in copies {
            match self.read_open_pack(&ghost, id, placed) {
                Ok(piece) => return Ok(Some(piece)),
                Err(error) => last = Some(error),
            }
        }
        last.map_or(Ok(None), Err)
    }

    /// Reads an object of a pack that is not sealed.
    pub(crate) fn read_open_pack(
        &self,
        ghost: &Ghost,
        id: &ChunkId,
        placed: Placed,
    ) -> Result<Piece, VaultError> {
        let key = ghost.key();
        let frame = match self.cached(key, placed.frame) {
            Some(frame) => frame,
            None => self.frame(key, &ghost.volume, placed, || {
                let reader = ghost.volume.read_open(ghost.name)?;
                let opener = PackOpener::new(&ghost.header, &self.keys.ring())
                    .map_err(|error| VaultError::Tree(error.to_string()))?;
                Ok((reader, opener))
            })?,
        };
        self.piece(frame, ghost.space, ghost.kind.code(), id, placed)
    }

    /// Makes the objects of a pack that a crash left open readable.
    pub(crate) fn add_ghost(&self, ghost: Ghost, objects: Vec<(ChunkId, Placed)>) {
        let mut ghosts = self.ghosts.write().expect("no code panics while it holds the ghosts");
        let number = ghosts.all.len();
        ghosts.all.push(ghost);
        for (id, placed) in objects {
            ghosts.objects.entry(id).or_default().push((number, placed));
        }
    }

    /// All ghosts are gone: their objects were stored anew.
    pub(crate) fn drop_ghosts(&self) {
        *self.ghosts.write().expect("no code panics while it holds the ghosts") = Ghosts::default();
    }

    fn note_damage(&self, pack: PackId, volume: VolumeId, error: &VaultError) {
        let mut damaged = self.damaged.lock().expect("no code panics while it holds the list");
        damaged.entry((pack, volume)).or_insert_with(|| error.to_string());
    }

    /// Copies that failed a check since the vault was opened.
    pub(crate) fn damaged(&self) -> BTreeSet<(PackId, VolumeId)> {
        let damaged = self.damaged.lock().expect("no code panics while it holds the list");
        damaged.keys().copied().collect()
    }
}

/// Opens a sealed pack's file on one volume and checks its header against what the catalog says.
pub(crate) fn open_sealed(
    volume: &Volume,
    info: &PackInfo,
    keys: &KeyRing,
) -> Result<(PackReader, PackOpener), VaultError> {
    let kind = PackKind::from_code(info.kind).ok_or(VaultError::PackDamaged { pack: info.id })?;
    let reader = volume.open_pack(info.id, kind)?;
    let header = read_header(&reader)?;
    let decoded = PackHeader::decode(&header)?;
    if decoded.space != info.space || decoded.kind != kind {
        return Err(VaultError::PackDamaged { pack: info.id });
    }
    let opener = PackOpener::new(&header, keys)
        .map_err(|error| VaultError::Tree(format!("{}: {error}", volume.name())))?;
    Ok((reader, opener))
}

/// The first bytes of a pack file.
pub(crate) fn read_header(reader: &PackReader) -> Result<Vec<u8>, VolumeError> {
    let mut header = vec![0; HEADER_LEN];
    let read = reader.read_at(0, &mut header)?;
    header.truncate(read);
    Ok(header)
}
