//! Pieces that become one file: their contents are named one after the other, no byte is read again.
//!
//! Start at [`Files::concat`].

use format::upload::UploadKind;
use types::{Millis, SpaceId};

use super::{NewUpload, OnBench, UploadId, UploadState, attrs_of};
use crate::Files;
use crate::change::if_so;
use crate::error::FilesError;

/// Pieces of one file at most: each is a lease and a record in memory.
const PIECES_MAX: usize = 1_000;
/// Pieces that were joined are kept this long, for a sender that missed the answer.
const JOINED_FOR: Millis = Millis::from_secs(3_600);

impl Files {
    /// Makes a file of finished pieces, in that order.
    pub fn concat(
        &self,
        space: SpaceId,
        new: NewUpload,
        pieces: &[UploadId],
    ) -> Result<UploadState, FilesError> {
        if pieces.is_empty() || pieces.len() > PIECES_MAX {
            return Err(FilesError::bad(format!("a file has 1 to {PIECES_MAX} pieces")));
        }
        // In one order everywhere, so that two who join the same pieces do not wait for each other.
        let mut ids = pieces.to_vec();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < pieces.len() {
            // Nobody cuts a file into pieces that are the same, and one named often is a day's work.
            return Err(FilesError::bad("a piece is named twice"));
        }
        let mut leases = Vec::with_capacity(ids.len());
        for id in ids {
            leases.push(self.leases.take((space, id), None)?);
        }
        let mut found = Vec::with_capacity(pieces.len());
        for id in pieces {
            let piece = self.load(space, *id, &new.owner)?;
            if piece.record.kind != UploadKind::Piece {
                return Err(FilesError::bad("only uploads that were begun as pieces are joined"));
            }
            if !piece.is_complete() {
                return Err(FilesError::bad("a piece has not come to its end yet"));
            }
            found.push(piece);
        }
        let length = found.iter().fold(0_u64, |sum, piece| sum.saturating_add(piece.entry.size));
        // The pieces count already as what their owner is about to store.
        let fresh = self.fresh(space, NewUpload { length: Some(length), room: None, ..new })?;
        let before: Vec<_> = found.iter().map(|piece| piece.entry.clone()).collect();
        let path = self.place(space, &fresh.record, &before, &[])?;
        let state = self.note_finished(space, fresh, path)?;
        self.let_expire(space, &found)?;
        Ok(state)
    }

    fn let_expire(&self, space: SpaceId, pieces: &[OnBench]) -> Result<(), FilesError> {
        let expires = self.clock.now().plus(JOINED_FOR);
        let edits = pieces.iter().map(|piece| {
            let (mut entry, mut record) = (piece.entry.clone(), piece.record.clone());
            record.expires = record.expires.min(expires);
            entry.attrs = attrs_of(&record);
            let path = entry.name.to_vec();
            let put = tree::Edit::Put { path, entry: Box::new(entry), make_parents: false };
            let seen = tree::Expected::Tag(tree::tag(&piece.entry));
            if_so(&piece.entry.name, Some(seen), put)
        });
        let edits = edits.collect();
        for answer in self.lend()?.bench(space)?.apply_all(edits) {
            answer?;
        }
        Ok(())
    }
}
