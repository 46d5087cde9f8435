//! Backups of other computers: what they send, what they may ask, and what they may read back.
//!
//! Such a computer cuts, names and builds trees itself, with the keys that only name. Whatever it sends is
//! named again here before it is kept, and what was received and is in no version yet lies in a source that
//! nobody sees, one for each source: durable when it is acknowledged, safe from pruning, and known again
//! after a crash. It is told of nothing but what its own source has. Start at [`Vault::receive`], then
//! [`Vault::commit_from_afar`].

use format::entry::{Entry, EntryKind, Extent, Xattr};
use format::pack::PackKind;
use minicbor::bytes::ByteVec;
use seal::NamingKeys;
use tree::{ContentBuilder, Edit};
use types::sabotage::{self, Bug};
use types::{ChunkId, ObjectId, SourceId, SpaceId, UnixTime};

use crate::edit::SourceEditor;
use crate::error::VaultError;
use crate::owned::{Ids, held};
use crate::snapshots::SnapshotInfo;
use crate::{Receipt, Vault, ingest};

/// The source that nobody sees, of what came for a source.
const RUN: &str = ":run ";
/// The folder in it.
const FOLDER: &[u8] = b"run";
/// The names of objects that came with a part.
const OBJECTS: &[u8] = b"user.holdfast.objects";
/// Objects of one part: their names have to fit an entry.
pub(crate) const PART_OBJECTS_MAX: usize = 4_096;

/// Pieces of one part: their names are held until it is durable.
const PART_PIECES_MAX: usize = 16_384;

/// A chunk or an object under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// An object of a tree; else a piece of a file.
    pub is_object: bool,
    /// Its name.
    pub id: ChunkId,
}

impl Named {
    /// As packs sort them.
    pub fn kind(&self) -> PackKind {
        if self.is_object { PackKind::Meta } else { PackKind::Data }
    }
}

/// Fills the buffer with the next piece and names it; none at the end. It has the piece at hand: while it is
/// asked, pruning waits, and all that stores waits behind that.
pub type NextPiece<'n> = &'n mut dyn FnMut(&mut Vec<u8>) -> Result<Option<Named>, VaultError>;
/// Is shown a piece and its name; says whether it wants more now.
pub type VisitPiece<'v> = &'v mut dyn FnMut(Named, &[u8]) -> Result<bool, VaultError>;

/// Where a source stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its newest version and that one's top folder.
    pub newest: Option<(SnapshotInfo, Entry)>,
    /// Some of what is stored is on fewer disks than it could be: what is unchanged has to be asked for.
    pub doubtful: bool,
    /// How much came for it that is in no version yet.
    pub received: u64,
}

/// The names of the objects that came with a part.
pub(crate) fn objects_in(part: &Entry) -> Vec<ObjectId> {
    let named = part.attrs.xattrs.iter().find(|one| one.name.as_slice() == OBJECTS);
    let bytes = named.map_or(&[][..], |one| one.value.as_slice());
    let (ids, _) = bytes.as_chunks::<32>();
    ids.iter().map(|id| ChunkId(*id)).collect()
}

impl Vault {
    /// The keys with which a computer cuts and names what it sends to this space. They open nothing.
    pub fn naming_keys(&self, space: SpaceId) -> Result<NamingKeys, VaultError> {
        Ok(self.space_keys(space)?.naming().clone())
    }

    /// Where a source stands, for the computer that sends it.
    pub fn standing(&self, space: SpaceId, name: &str) -> Result<Standing, VaultError> {
        let (source, is_new) = self.source_for(space, name)?;
        let newest = if is_new { None } else { self.newest_of(source)? };
        let received = held(&*self.received(space, name)?).ids.len() as u64;
        Ok(Standing { newest, doubtful: self.is_doubtful()?, received })
    }

    pub(crate) fn newest_of(
        &self,
        source: SourceId,
    ) -> Result<Option<(SnapshotInfo, Entry)>, VaultError> {
        let Some(newest) = self.snapshots_of(source).pop() else { return Ok(None) };
        let root = self.read_snapshot(&newest)?.root;
        Ok(Some((newest, root)))
    }

    /// Which of these the source lacks, in their order. What others have counts for nothing.
    pub fn lacking(
        &self,
        space: SpaceId,
        name: &str,
        asked: &[Named],
    ) -> Result<Vec<bool>, VaultError> {
        let _storing = self.beside_storing();
        let (source, _) = self.source_for(space, name)?;
        let received = self.received(space, name)?;
        let newest = self.newest_of(source)?;
        let version = newest.map(|(info, root)| self.ids_of(space, info.id, &root)).transpose()?;
        let mut lacking = Vec::with_capacity(asked.len());
        for one in asked {
            let own = held(&received).ids.has(one.kind(), &one.id)
                || version.as_ref().is_some_and(|ids| ids.has(one.kind(), &one.id))
                || sabotage::on(Bug::OthersChunksTold);
            lacking.push(!own || !self.writer().knows(space, one.kind(), &one.id)?);
        }
        Ok(lacking)
    }

    /// Takes chunks and objects for a source until `next` has no more. When it returns they are durable, on
    /// as many disks as the receipt says. Each has to bear its name; `next` fills the buffer.
    pub fn receive(
        &self,
        space: SpaceId,
        name: &str,
        next: NextPiece<'_>,
    ) -> Result<Receipt, VaultError> {
        self.writable()?;
        self.source_for(space, name)?;
        let editor = self.run_editor(space, name);
        let received = self.received(space, name)?;
        let _storing = self.storing();
        let (mut came, mut bytes) = (Vec::new(), 0);
        let part = ingest::with(self, space, |ingest| {
            let (mut builder, mut objects) = (ContentBuilder::new(), Vec::new());
            let mut buffer = Vec::new();
            while let Some(named) = next(&mut buffer)? {
                let id = ingest.keys.id_in(named.kind(), &buffer);
                if id != named.id {
                    let what = format!("what was sent as {} is something else", named.id);
                    return Err(VaultError::Bad { what });
                }
                ingest.put_named(named.kind(), id, &buffer)?;
                if named.is_object {
                    objects.extend_from_slice(&id.0);
                } else if !buffer.is_empty() {
                    builder.push(ingest, Extent::chunk(id, buffer.len() as u64))?;
                }
                if objects.len() > PART_OBJECTS_MAX * 32 {
                    let what = format!("more than {PART_OBJECTS_MAX} objects were sent at once");
                    return Err(VaultError::Bad { what });
                }
                if came.len() == PART_PIECES_MAX {
                    let what = format!("more than {PART_PIECES_MAX} pieces were sent at once");
                    return Err(VaultError::Bad { what });
                }
                bytes += buffer.len() as u64;
                came.push(named);
            }
            let mut part = Entry::new(Vec::new(), EntryKind::File);
            (part.content, part.size) = builder.finish(ingest)?;
            if !objects.is_empty() {
                let (name, value) = (OBJECTS.to_vec().into(), ByteVec::from(objects));
                part.attrs.xattrs.push(Xattr { name, value });
            }
            Ok(part)
        })?;
        if came.is_empty() {
            return self.writer().commit(Vec::new());
        }
        let put = Edit::Put { path: self.part_path(), entry: Box::new(part), make_parents: true };
        let receipt = editor.edit(put)?.receipt;
        let mut received = held(&received);
        received.bytes += bytes;
        for one in came {
            received.ids.add(one.kind(), &one.id);
        }
        Ok(receipt)
    }

    /// Parts are named in the order in which they come, so that the newest stand together.
    fn part_path(&self) -> Vec<u8> {
        let (now, odd) = (self.env.clock.now().0, u64::from_le_bytes(self.env.rng.array()));
        let mut path = FOLDER.to_vec();
        path.extend_from_slice(format!("/{now:016x}-{odd:016x}").as_bytes());
        path
    }

    pub(crate) fn run_editor(&self, space: SpaceId, name: &str) -> SourceEditor<'_> {
        let hidden = format!("{RUN}{name}");
        let known = self.writer().state.source_named(space, &hidden);
        let id = known.unwrap_or_else(|| SourceId(self.env.rng.array()));
        self.editor_of(id, known.is_none(), &hidden, space)
    }

    /// The parts that came for a source and are in no version yet.
    pub(crate) fn on_run(&self, space: SpaceId, name: &str) -> Result<Vec<Entry>, VaultError> {
        let hidden = self.writer().state.source_named(space, &format!("{RUN}{name}"));
        let Some(newest) = hidden.and_then(|id| self.snapshots_of(id).pop()) else {
            return Ok(Vec::new());
        };
        let root = self.read_snapshot(&newest)?.root;
        let folder = match self.entry_below(space, &root, FOLDER) {
            Ok(folder) => folder,
            Err(VaultError::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut parts = Vec::new();
        self.list_from(space, &folder, b"", &mut |part| {
            parts.push(part);
            true
        })?;
        Ok(parts)
    }

    /// Lets go of what came for a source and is in no version.
    pub(crate) fn clear_run(&self, space: SpaceId, name: &str) -> Result<(), VaultError> {
        let editor = self.run_editor(space, name);
        self.forget_received(space, name);
        editor.edit(Edit::Delete { path: FOLDER.to_vec(), recursive: true }).map(drop)
    }

    /// Lets go of what came before `before` and nobody went on with; of how many sources.
    pub fn tidy_runs(&self, before: UnixTime) -> Result<usize, VaultError> {
        let mut gone = 0;
        for snapshot in self.snapshots_kept(None)? {
            let Some(name) = snapshot.source_name.strip_prefix(RUN) else { continue };
            if snapshot.received < before && !self.on_run(snapshot.space, name)?.is_empty() {
                let _storing = self.storing();
                self.clear_run(snapshot.space, name)?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// Hands on chunks and objects of a version of this source, in the order of `asked`, until there are no
    /// more or no more are wanted now. Says how many.
    pub fn send(
        &self,
        (space, name): (SpaceId, &str),
        version: ObjectId,
        asked: &[Named],
        visit: VisitPiece<'_>,
    ) -> Result<usize, VaultError> {
        let missing = |what, name: String| VaultError::NotFound { what, name };
        let (source, _) = self.source_for(space, name)?;
        let of_source = self.snapshots_of(source).into_iter().find(|one| one.id == version);
        let info = of_source.ok_or_else(|| missing("version", version.to_string()))?;
        let root = self.read_snapshot(&info)?.root;
        let ids = self.ids_of(space, version, &root)?;
        let mine = |ids: &Ids, one: &Named| ids.has(one.kind(), &one.id);
        if let Some(other) = asked.iter().find(|one| !mine(&ids, one)) {
            return Err(missing("piece of this version", other.id.to_string()));
        }
        for (before, one) in asked.iter().enumerate() {
            if !visit(*one, &self.object(space, one.kind(), &one.id)?)? {
                return Ok(before + 1);
            }
        }
        Ok(asked.len())
    }
}
