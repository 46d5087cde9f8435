//! Metadata packs, sealed for real and imported into every volume as a repair would.
//!
//! Objects gather into frames of about 1 MiB, as the vault's writer gathers them. Nothing is read
//! back: the maker never needs what it wrote. Start at [`MetaWriter`].

use std::io;
use std::sync::Arc;

use format::pack::{HEADER_LEN, PackKind};
use format::record::PackEntry;
use seal::{Codecs, KeyRing, PackIdentity, PackSealer};
use tree::{ObjectReader, ObjectWriter};
use types::{Bytes, ObjectId, Rng, SpaceId};
use volume::Volume;

const FRAME_RAW_LEN: usize = 1 << 20;

/// Where the maker's objects go.
pub(crate) struct MetaWriter<'a> {
    keys: &'a KeyRing,
    space: SpaceId,
    rng: &'a dyn Rng,
    volumes: &'a [Volume],
    codecs: Codecs,
    gathering: Vec<(ObjectId, Vec<u8>)>,
    gathered: usize,
    open: Option<(PackSealer, Vec<u8>)>,
    done: Vec<PackEntry>,
}

impl std::fmt::Debug for MetaWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetaWriter").field("packs", &self.done.len()).finish_non_exhaustive()
    }
}

impl<'a> MetaWriter<'a> {
    /// A writer for one space's objects.
    pub(crate) fn new(
        keys: &'a KeyRing,
        space: SpaceId,
        rng: &'a dyn Rng,
        volumes: &'a [Volume],
    ) -> Self {
        let (codecs, gathering, done) = (Codecs::new(), Vec::new(), Vec::new());
        Self { keys, space, rng, volumes, codecs, gathering, gathered: 0, open: None, done }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathering.is_empty() {
            return Ok(());
        }
        let full = |(sealer, _): &(PackSealer, Vec<u8>)| {
            !sealer.room_for(self.gathered, self.gathering.len())
        };
        if self.open.as_ref().is_some_and(full) {
            self.seal()?;
        }
        if self.open.is_none() {
            let keys = self.keys.space(self.space).ok_or(io::ErrorKind::NotFound)?;
            let (kind, vault, space) = (PackKind::Meta, self.keys.vault(), self.space);
            let identity = PackIdentity { kind, vault, space, epoch: 0 };
            let (sealer, header): (_, [u8; HEADER_LEN]) = PackSealer::new(identity, keys, self.rng);
            self.open = Some((sealer, header.to_vec()));
        }
        let (sealer, out) = self.open.as_mut().expect("it was opened");
        let objects: Vec<_> = self.gathering.iter().map(|(id, b)| (*id, b.as_slice())).collect();
        sealer.add_objects(&objects, &mut self.codecs, out).map_err(io::Error::other)?;
        self.gathering.clear();
        self.gathered = 0;
        Ok(())
    }

    fn seal(&mut self) -> io::Result<()> {
        let Some((sealer, mut out)) = self.open.take() else { return Ok(()) };
        let finished = sealer.finish(&mut self.codecs, &mut out).map_err(io::Error::other)?;
        for volume in self.volumes {
            volume
                .import_pack(PackKind::Meta, finished.id, &mut out.as_slice())
                .map_err(io::Error::other)?;
        }
        let (id, space, len) = (finished.id, self.space, Bytes(finished.len));
        self.done.push(PackEntry { id, kind: PackKind::Meta, space, len });
        Ok(())
    }

    /// Seals what is left; returns every pack that was made.
    pub(crate) fn finish(mut self) -> io::Result<Vec<PackEntry>> {
        self.flush()?;
        self.seal()?;
        Ok(self.done)
    }
}

impl ObjectReader for MetaWriter<'_> {
    type Error = io::Error;

    fn get(&self, _: &ObjectId) -> io::Result<Arc<Vec<u8>>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl ObjectWriter for MetaWriter<'_> {
    fn put(&mut self, cbor: Vec<u8>) -> io::Result<ObjectId> {
        let keys = self.keys.space(self.space).ok_or(io::ErrorKind::NotFound)?;
        let id = keys.object_id(&cbor);
        if self.gathered + cbor.len() > FRAME_RAW_LEN {
            self.flush()?;
        }
        self.gathered += cbor.len();
        self.gathering.push((id, cbor));
        Ok(id)
    }
}
