//! Backups of other computers, one step with the vault at a time: what they send, ask and read back.
//!
//! It does not know who may do what; the source that is named is the caller's own. Start at
//! [`Files::receive`].

use std::io::{self, Read};

use types::{ObjectId, SpaceId, UnixTime};
use vault::{Committed, Named, Receipt, SnapshotInfo, Standing};

use crate::error::FilesError;
use crate::{Files, Place};

/// A version of a source, and its top folder as CBOR.
#[derive(Clone, Debug)]
pub struct AfarVersion {
    /// Where it stands.
    pub info: SnapshotInfo,
    /// Counts.
    pub stats: format::record::SnapshotStats,
    /// Its top folder as CBOR.
    pub root: Vec<u8>,
}

/// Pieces of a version are gathered up to this, and to the end of the last one, before they are shown.
const GATHERED: usize = 512 << 10;

/// The head of a piece in a body, as whoever knows the wire reads it.
pub type ReadPiece<'r> = &'r mut dyn FnMut(&mut Vec<u8>) -> io::Result<Option<Named>>;

impl Files {
    /// The keys with which a computer cuts and names what it sends to a space: 96 bytes.
    pub fn naming_keys(&self, space: SpaceId) -> Result<Vec<u8>, FilesError> {
        Ok(self.lend()?.naming_keys(space)?.to_bytes().to_vec())
    }

    /// Whether a source of this name is there.
    pub fn has_source(&self, place: &Place) -> Result<bool, FilesError> {
        Ok(self.lend()?.source_in(place.space, &place.source).is_some())
    }

    /// Where a source stands, and its newest top folder as CBOR.
    pub fn standing(&self, place: &Place) -> Result<(Standing, Option<Vec<u8>>), FilesError> {
        let standing = self.lend()?.standing(place.space, &place.source)?;
        let root = standing.newest.as_ref().map(|(_, root)| format::to_cbor(root));
        Ok((standing, root))
    }

    /// Which of these the source lacks, in their order.
    pub fn lacking(&self, place: &Place, asked: &[Named]) -> Result<Vec<bool>, FilesError> {
        Ok(self.lend()?.lacking(place.space, &place.source, asked)?)
    }

    /// Takes pieces for a source. Durable when it returns. The vault is borrowed all the while: whoever reads a
    /// body from the network has it at hand before.
    pub fn receive(&self, place: &Place, next: ReadPiece<'_>) -> Result<Receipt, FilesError> {
        let mut next = |buffer: &mut Vec<u8>| {
            next(buffer).map_err(|source| vault::VaultError::Stream { source })
        };
        Ok(self.lend()?.receive(place.space, &place.source, &mut next)?)
    }

    /// Makes a version of what was sent.
    pub fn commit(&self, place: &Place, record: &[u8]) -> Result<Committed, FilesError> {
        Ok(self.lend()?.commit_from_afar(place.space, &place.source, record)?)
    }

    /// The versions of a source, the oldest first, without the first `skip` and no more than `limit`; and
    /// whether there are more.
    pub fn afar_versions(
        &self,
        place: &Place,
        skip: usize,
        limit: usize,
    ) -> Result<(Vec<AfarVersion>, bool), FilesError> {
        let vault = self.lend()?;
        let Some(source) = vault.source_in(place.space, &place.source) else {
            return Ok((Vec::new(), false));
        };
        let all = vault.snapshots_of(source);
        let more = all.len() > skip.saturating_add(limit);
        let mut versions = Vec::new();
        for info in all.into_iter().skip(skip).take(limit) {
            let snapshot = vault.read_snapshot(&info)?;
            let (stats, root) = (snapshot.stats, format::to_cbor(&snapshot.root));
            versions.push(AfarVersion { info, stats, root });
        }
        Ok((versions, more))
    }

    /// Hands on pieces of a version, in the order in which they are asked for. The vault is borrowed for some
    /// of them at a time and never while they are shown, so that a slow reader keeps nobody from locking it;
    /// once it is locked, no more are shown.
    pub fn send_pieces(
        &self,
        place: &Place,
        version: ObjectId,
        asked: &[Named],
        visit: &mut dyn FnMut(Named, &[u8]) -> io::Result<()>,
    ) -> Result<(), FilesError> {
        let (mut rest, mut some) = (asked, Vec::new());
        loop {
            let mut gathered = 0;
            let mut gather = |named, bytes: &[u8]| {
                gathered += bytes.len();
                some.push((named, bytes.to_vec()));
                Ok(gathered < GATHERED)
            };
            let came =
                self.lend()?.send((place.space, &place.source), version, rest, &mut gather)?;
            rest = rest.get(came..).unwrap_or_default();
            for (named, bytes) in some.drain(..) {
                visit(named, &bytes).map_err(|source| vault::VaultError::Stream { source })?;
            }
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Lets go of what computers sent before `before` and never finished; of how many sources.
    pub fn tidy_runs(&self, before: UnixTime) -> Result<usize, FilesError> {
        Ok(self.lend()?.tidy_runs(before)?)
    }
}

/// Fills a buffer of `len` bytes from a body.
pub fn fill(body: &mut dyn Read, buffer: &mut Vec<u8>, len: usize) -> io::Result<()> {
    buffer.clear();
    buffer.resize(len, 0);
    body.read_exact(buffer)
}
