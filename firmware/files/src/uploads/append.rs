//! Going on with an upload, part by part, each durable before the next is taken.
//!
//! What came before a connection broke is kept. Bytes that come with a checksum are kept apart until
//! it was compared, and are then the upload's at once or not at all. Start at [`Files::append`].

use std::fmt;
use std::io::Read;

use format::upload::{Upload, UploadKind};
use tree::Expected;
use types::SpaceId;
use vault::Assembly;

use super::checksum::Checksum;
use super::lease::{Lease, Wake};
use super::{EXPIRES_AFTER, NewUpload, OnBench, UploadId, UploadState, attrs_of, is_unchanged};
use crate::Files;
use crate::body::{End, gather, has_more};
use crate::budget::SMALL_LEN_MAX;
use crate::error::FilesError;

/// What goes on where.
#[derive(Clone, Default)]
pub struct Append {
    /// Where the bytes belong: must be where the upload stands.
    pub offset: u64,
    /// How long the upload is to be, where its sender knows only now.
    pub length: Option<u64>,
    /// The checksum of these bytes.
    pub checksum: Option<Checksum>,
    /// What the owner may still store.
    pub room: Option<u64>,
    /// Called when somebody else wants the upload, so that a read that waits can be woken.
    pub on_wanted: Option<Wake>,
}

impl fmt::Debug for Append {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Append").field("offset", &self.offset).finish_non_exhaustive()
    }
}

/// How taking a body in ended.
enum Ended {
    /// It has come to its end, or was let go.
    Well,
    Over,
    Broken(std::io::Error),
}

impl Files {
    /// Goes on with an upload. The offset that is given back is durable; the last part makes the file.
    pub fn append(
        &self,
        space: SpaceId,
        id: UploadId,
        owner: &str,
        append: Append,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        let lease = self.leases.take((space, id), append.on_wanted.clone())?;
        let mut upload = self.load(space, id, owner)?;
        if append.offset != upload.offset() {
            let (wanted, given) = (upload.offset(), append.offset);
            return Err(FilesError::Offset { wanted, given });
        }
        if upload.record.finished.is_some() {
            return if has_more(body) {
                Err(too_long(&upload))
            } else {
                self.state(space, &upload)
            };
        }
        self.learn_length(space, &mut upload, append.length)?;
        self.take_in(space, upload, &append, &lease, body)
    }

    /// Begins an upload whose first bytes come with it.
    pub fn create_with(
        &self,
        space: SpaceId,
        new: NewUpload,
        append: Append,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        let upload = self.fresh(space, new)?;
        let lease = self.leases.take((space, upload.id), append.on_wanted.clone())?;
        let nothing = Some(Expected::Nothing);
        let mut first = Vec::new();
        // Counted until all of this ends: so long is the front held.
        let mut receiving = self.budget.body();
        // A small file that is all there needs no place on the bench.
        let small = upload.record.length.and_then(|length| usize::try_from(length).ok());
        let small = small.filter(|length| *length <= SMALL_LEN_MAX && append.checksum.is_none());
        if let Some(length) = small.filter(|_| upload.record.kind == UploadKind::Whole) {
            first = gather(body, length, &mut receiving, &*self.clock, &|| false).0;
            if first.len() == length && !has_more(body) {
                let path = self.place(space, &upload.record, &[], &first)?;
                return self.note_finished(space, upload, path);
            }
        }
        self.lay_down(space, &upload.entry.name, &upload.record, nothing)?;
        self.take_in(space, upload, &append, &lease, &mut first.chain(body))
    }

    fn take_in(
        &self,
        space: SpaceId,
        upload: OnBench,
        append: &Append,
        lease: &Lease<'_>,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        match &append.checksum {
            None => self.pour(space, upload, append.room, lease, body),
            Some(checksum) => self.pour_checked(space, upload, append, checksum, lease, body),
        }
    }

    fn learn_length(
        &self,
        space: SpaceId,
        upload: &mut OnBench,
        length: Option<u64>,
    ) -> Result<(), FilesError> {
        let Some(length) = length else { return Ok(()) };
        match upload.record.length {
            Some(known) if known == length => return Ok(()),
            Some(_) => return Err(FilesError::bad("the upload's length was said before")),
            None if length < upload.entry.size => {
                return Err(FilesError::bad("the upload is longer than that already"));
            }
            None => upload.record.length = Some(length),
        }
        // Said with the last bytes it may have to last a restart.
        let vault = self.lend()?;
        *upload = self.extend(&vault, space, upload, &[])?;
        Ok(())
    }

    /// Takes a body in until it ends.
    fn pour(
        &self,
        space: SpaceId,
        mut upload: OnBench,
        room: Option<u64>,
        lease: &Lease<'_>,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        let mut receiving = self.budget.body();
        let limit = limit(&upload.record, room);
        let ended = loop {
            let left = usize::try_from(limit - upload.entry.size.min(limit)).unwrap_or(usize::MAX);
            let wanted = || lease.is_wanted();
            let (bytes, end) = gather(body, left, &mut receiving, &*self.clock, &wanted);
            let is_last = bytes.len() == left;
            if is_last && matches!(end, End::Part) && has_more(body) {
                if !bytes.is_empty() && upload.record.length.is_none() {
                    upload = self.store(space, &upload, &bytes)?;
                }
                break Ended::Over;
            }
            let size = upload.entry.size + bytes.len() as u64;
            if upload.record.length == Some(size) && upload.record.kind == UploadKind::Whole {
                return self.finish_last(space, upload, &bytes);
            }
            if !bytes.is_empty() {
                upload = self.store(space, &upload, &bytes)?;
            }
            match end {
                End::Part if is_last => break Ended::Well,
                End::Part => {}
                End::Body | End::Wanted => break Ended::Well,
                End::Broken(source) => break Ended::Broken(source),
            }
        };
        match ended {
            Ended::Well => self.state(space, &upload),
            Ended::Over => Err(over(&upload, room)),
            Ended::Broken(source) => Err(FilesError::Broken { source }),
        }
    }

    /// The last bytes go into the file at once, unless the vault was exchanged under this upload.
    pub(super) fn finish_last(
        &self,
        space: SpaceId,
        upload: OnBench,
        tail: &[u8],
    ) -> Result<UploadState, FilesError> {
        let seen = is_unchanged(&*self.lend()?, space, &upload)?;
        if !seen {
            let (wanted, given) = (0, upload.entry.size);
            return Err(FilesError::Offset { wanted, given });
        }
        self.finish_upload(space, upload, tail)
    }

    pub(super) fn store(
        &self,
        space: SpaceId,
        upload: &OnBench,
        bytes: &[u8],
    ) -> Result<OnBench, FilesError> {
        let _weight = self.budget.weigh(bytes.len());
        let vault = self.lend()?;
        self.extend(&vault, space, upload, bytes)
    }

    /// Makes the upload longer by `bytes`, if it stands where this request has left it.
    fn extend(
        &self,
        vault: &vault::Vault,
        space: SpaceId,
        upload: &OnBench,
        bytes: &[u8],
    ) -> Result<OnBench, FilesError> {
        let mut record = upload.record.clone();
        record.expires = self.clock.now().plus(EXPIRES_AFTER);
        let before = [upload.entry.clone()];
        let assembly = Assembly {
            before: &before,
            attrs: attrs_of(&record),
            make_parents: false,
            expected: Some(Expected::Tag(tree::tag(&upload.entry))),
        };
        let name = upload.entry.name.to_vec();
        let (_, mut entry) = vault.bench(space)?.assemble(&name, assembly, &mut &*bytes)?;
        entry.name = name.into();
        Ok(OnBench { id: upload.id, entry, record })
    }
}

/// How long the upload may become.
pub(super) fn limit(record: &Upload, room: Option<u64>) -> u64 {
    match (record.length, room) {
        (Some(length), _) => length,
        // Only one whose length nobody has said may still outgrow its owner's room.
        (None, room) => room.unwrap_or(i64::MAX.unsigned_abs()),
    }
}

fn too_long(upload: &OnBench) -> FilesError {
    FilesError::TooLong { length: upload.record.length.unwrap_or(upload.entry.size) }
}

pub(super) fn over(upload: &OnBench, room: Option<u64>) -> FilesError {
    match (upload.record.length, room) {
        (None, Some(room)) => FilesError::Quota { room, need: room.saturating_add(1) },
        _ => too_long(upload),
    }
}
