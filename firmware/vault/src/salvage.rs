//! Saving what can still be read of a pack that has no good copy: frame by frame, from whichever
//! damaged copy has each one whole.
//!
//! A flipped bit spoils one frame of one copy; the others are as good as new. What is saved is
//! stored in new packs; the damaged files are put aside, not deleted. Start at [`Vault::salvage`].

use std::sync::Arc;

use format::pack::{FrameType, HEADER_LEN, PackKind, Trailer, TrailerFrame};
use seal::{Codecs, PackOpener};
use types::{PackId, VolumeId};
use volume::PackReader;

use catalog::PackNo;

use crate::Vault;
use crate::error::VaultError;

impl Vault {
    /// Stores the readable objects of a damaged pack anew. True when nothing of it was lost.
    pub(crate) fn salvage(
        &self,
        no: PackNo,
        pack: PackId,
        kind: PackKind,
        volumes: &[VolumeId],
    ) -> Result<bool, VaultError> {
        let mut codecs = Codecs::new();
        let copies = self.readers_of(pack, kind, volumes);
        let Some((opener, trailer)) = self.map_of(&copies, &mut codecs) else { return Ok(false) };
        let space = opener.header().space;
        let mut whole = true;
        for frame in trailer.frames.iter().filter(|f| f.head.frame_type == FrameType::Objects) {
            let Some(opened) = read_anywhere(&opener, &copies, frame, &mut codecs) else {
                // Pieces that were stored anew since are not missed here.
                for object in &frame.objects {
                    let place = self.catalog.chunk(&object.id)?;
                    whole &= place.is_some_and(|place| place.pack != no);
                }
                continue;
            };
            for object in opened.objects() {
                let here = self.catalog.chunk(&object.id)?.is_some_and(|place| place.pack == no);
                if !object.verify(opener.space_keys()) {
                    whole = false;
                } else if here {
                    self.writer().put_again(space, kind, object.id, object.bytes)?;
                }
            }
        }
        // Durable before the damaged files leave their place.
        let mut writer = self.writer();
        writer.close()?;
        for id in volumes {
            let members = self.members();
            if let Some(member) = members.get(*id).filter(|member| member.takes_writes())
                && member.volume.has_pack(pack, kind)?
            {
                member.volume.delete_damaged(pack, kind)?;
            }
        }
        if whole {
            writer.strike(pack);
            let mut batch = self.catalog.batch()?;
            batch.drop_pack(no)?;
            batch.commit(catalog::Durability::Relaxed)?;
        }
        drop(writer);
        self.reader.forget_all();
        Ok(whole)
    }

    fn readers_of(&self, pack: PackId, kind: PackKind, on: &[VolumeId]) -> Vec<Arc<PackReader>> {
        let members = self.members();
        let readers =
            on.iter().filter_map(|id| members.get(*id)?.volume.open_pack(pack, kind).ok());
        readers.map(Arc::new).collect()
    }

    /// A key for the pack and a list of its frames, from any of its copies.
    fn map_of(
        &self,
        copies: &[Arc<PackReader>],
        codecs: &mut Codecs,
    ) -> Option<(PackOpener, Trailer)> {
        let openers: Vec<_> = copies.iter().filter_map(|copy| self.opener_of(copy)).collect();
        let opener = openers.into_iter().next()?;
        let mut best = Trailer::default();
        for copy in copies {
            let read = |offset: u64, buf: &mut [u8]| {
                copy.read_at(offset, buf).map_err(std::io::Error::other)
            };
            if let Ok(trailer) = opener.read_trailer(codecs, copy.len(), &read) {
                return Some((opener, trailer));
            }
            if let Ok(prefix) = opener.scan_prefix(codecs, copy.len(), &read)
                && prefix.frames.len() > best.frames.len()
            {
                best = Trailer { frames: prefix.frames };
            }
        }
        Some((opener, best))
    }

    fn opener_of(&self, copy: &PackReader) -> Option<PackOpener> {
        let mut header = [0; HEADER_LEN];
        copy.read_at(0, &mut header).ok()?;
        PackOpener::new(&header, &self.keys.ring()).ok()
    }
}

fn read_anywhere(
    opener: &PackOpener,
    copies: &[Arc<PackReader>],
    frame: &TrailerFrame,
    codecs: &mut Codecs,
) -> Option<seal::OpenedFrame> {
    copies.iter().find_map(|copy| {
        let read =
            |offset: u64, buf: &mut [u8]| copy.read_at(offset, buf).map_err(std::io::Error::other);
        opener.read_frame(codecs, u64::from(frame.offset), frame.number, &read).ok()
    })
}
