//! Going on with an upload, part by part, each durable before the next is taken.
//!
//! What came before a connection broke is kept. Bytes that come with a checksum are kept apart until
//! it was compared, and are then the upload's at once or not at all. Start at [`Files::append`].

use std::fmt;
use std::io::Read;

use format::entry::Entry;
use format::upload::{Upload, UploadKind};
use tree::Expected;
use types::SpaceId;
use vault::Assembly;

use super::checksum::{Checksum, Running};
use super::lease::{Lease, Wake};
use super::{
    EXPIRES_AFTER, NewUpload, OnBench, PUT_OWNER, UploadId, UploadState, attrs_of, is_unchanged,
};
use crate::Files;
use crate::body::{End, gather, has_more};
use crate::budget::PART_LEN_MIN;
use crate::change::Changed;
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
            return if has_more(body) { Err(too_long(&upload)) } else { Ok(upload.state()) };
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
        // A small file that is all there needs no place on the bench.
        let small = upload.record.length.and_then(|length| usize::try_from(length).ok());
        let small = small.filter(|length| *length <= PART_LEN_MIN && append.checksum.is_none());
        if let Some(length) = small.filter(|_| upload.record.kind == UploadKind::Whole) {
            let _receiving = self.budget.body();
            first = gather(body, length, &*self.clock, &|| false).0;
            if first.len() == length && !has_more(body) {
                let path = self.place(space, &upload.record, &[], &first)?;
                return self.note_finished(space, upload, path);
            }
        }
        self.lay_down(space, &upload.entry.name, &upload.record, nothing)?;
        self.take_in(space, upload, &append, &lease, &mut first.chain(body))
    }

    /// Takes a whole body in that is no upload, and hands on where it lies: what is on the bench, and
    /// what is in memory. Nothing of it is left there afterwards.
    pub(crate) fn with_body(
        &self,
        space: SpaceId,
        new: NewUpload,
        (room, checksum): (Option<u64>, Option<Checksum>),
        body: &mut dyn Read,
        done: impl FnOnce(&Upload, &[Entry], &[u8]) -> Result<Changed, FilesError>,
    ) -> Result<Changed, FilesError> {
        let upload = self.fresh(space, NewUpload { owner: PUT_OWNER.to_owned(), ..new })?;
        let lease = self.leases.take((space, upload.id), None)?;
        let (id, receiving) = (upload.id, self.budget.body());
        let mut running = checksum.as_ref().map(|checksum| Running::new(checksum.algorithm));
        let mut on_bench: Option<OnBench> = None;
        let put = loop {
            let len = receiving.part_len();
            let (bytes, end) = gather(body, len, &*self.clock, &|| lease.is_wanted());
            if let Some(running) = &mut running {
                running.add(&bytes);
            }
            let so_far = on_bench.as_ref().map_or(0, |one| one.entry.size);
            let need = so_far + bytes.len() as u64;
            if let Some(room) = room.filter(|room| need > *room) {
                break Err(FilesError::Quota { room, need });
            }
            match end {
                End::Part => match self.put_part(space, &upload, on_bench.take(), &bytes) {
                    Ok(stored) => on_bench = Some(stored),
                    Err(error) => break Err(error),
                },
                End::Body => {
                    let is_right = match (running.take(), &checksum) {
                        (Some(running), Some(checksum)) => running.is(checksum),
                        _ => true,
                    };
                    let before: Vec<_> = on_bench.iter().map(|one| one.entry.clone()).collect();
                    break if is_right {
                        done(&upload.record, &before, &bytes)
                    } else {
                        Err(FilesError::Checksum)
                    };
                }
                End::Wanted => break Err(FilesError::Busy),
                End::Broken(source) => break Err(FilesError::Broken { source }),
            }
        };
        // What is left here now and then, when the box is cut just now, is swept.
        let swept = self.drop_from_bench(space, &[id.name()]);
        put.and_then(|changed| swept.map(|()| changed))
    }

    fn put_part(
        &self,
        space: SpaceId,
        upload: &OnBench,
        on_bench: Option<OnBench>,
        bytes: &[u8],
    ) -> Result<OnBench, FilesError> {
        let known = match on_bench {
            Some(known) => known,
            None => {
                let nothing = Some(Expected::Nothing);
                self.lay_down(space, &upload.entry.name, &upload.record, nothing)?;
                upload.clone()
            }
        };
        self.store(space, &known, bytes)
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
        let receiving = self.budget.body();
        let limit = limit(&upload.record, room);
        let ended = loop {
            let left = usize::try_from(limit - upload.entry.size.min(limit)).unwrap_or(usize::MAX);
            let len = receiving.part_len().min(left);
            let (bytes, end) = gather(body, len, &*self.clock, &|| lease.is_wanted());
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
            Ended::Well => Ok(upload.state()),
            Ended::Over => Err(over(&upload, room)),
            Ended::Broken(source) => Err(FilesError::Broken { source }),
        }
    }

    /// The last bytes go into the file at once, unless the vault was exchanged under this upload.
    fn finish_last(
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

    fn store(&self, space: SpaceId, upload: &OnBench, bytes: &[u8]) -> Result<OnBench, FilesError> {
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

    /// Takes a body in beside the upload, compares it, and then joins the two.
    fn pour_checked(
        &self,
        space: SpaceId,
        upload: OnBench,
        append: &Append,
        checksum: &Checksum,
        lease: &Lease<'_>,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        let receiving = self.budget.body();
        let limit = limit(&upload.record, append.room) - upload.entry.size;
        let mut running = Running::new(checksum.algorithm);
        let mut beside: Option<OnBench> = None;
        loop {
            let so_far = beside.as_ref().map_or(0, |one| one.entry.size);
            let left = usize::try_from(limit - so_far).unwrap_or(usize::MAX);
            let len = receiving.part_len().min(left);
            let (bytes, mut end) = gather(body, len, &*self.clock, &|| lease.is_wanted());
            running.add(&bytes);
            if bytes.len() == left && matches!(end, End::Part) {
                if has_more(body) {
                    self.drop_from_bench(space, &[upload.id.doubtful_name()])?;
                    return Err(over(&upload, append.room));
                }
                end = End::Body;
            }
            match end {
                End::Part => beside = Some(self.store_beside(space, &upload, beside, &bytes)?),
                End::Body if running.is(checksum) => {
                    return self.join_checked(space, upload, beside, &bytes);
                }
                end => {
                    // Nobody can say whether the front of it is right.
                    self.drop_from_bench(space, &[upload.id.doubtful_name()])?;
                    return Err(match end {
                        End::Broken(source) => FilesError::Broken { source },
                        End::Wanted => FilesError::Busy,
                        End::Part | End::Body => FilesError::Checksum,
                    });
                }
            }
        }
    }

    fn store_beside(
        &self,
        space: SpaceId,
        upload: &OnBench,
        beside: Option<OnBench>,
        bytes: &[u8],
    ) -> Result<OnBench, FilesError> {
        let known = match beside {
            Some(known) => known,
            None => {
                let record = Upload { kind: UploadKind::Doubtful, ..upload.record.clone() };
                let name = upload.id.doubtful_name();
                self.lay_down(space, &name, &record, None)?;
                let mut entry = Entry::new(name, format::entry::EntryKind::File);
                entry.attrs = attrs_of(&record);
                OnBench { id: upload.id, entry, record }
            }
        };
        self.store(space, &known, bytes)
    }

    /// The bytes beside the upload are right: they and `tail` become part of it.
    fn join_checked(
        &self,
        space: SpaceId,
        mut upload: OnBench,
        beside: Option<OnBench>,
        tail: &[u8],
    ) -> Result<UploadState, FilesError> {
        let Some(beside) = beside else {
            let size = upload.entry.size + tail.len() as u64;
            if upload.record.length == Some(size) && upload.record.kind == UploadKind::Whole {
                return self.finish_last(space, upload, tail);
            }
            if !tail.is_empty() {
                upload = self.store(space, &upload, tail)?;
            }
            return Ok(upload.state());
        };
        let (name, before) = (upload.entry.name.to_vec(), [upload.entry.clone(), beside.entry]);
        upload.record.expires = self.clock.now().plus(EXPIRES_AFTER);
        let assembly = Assembly {
            before: &before,
            attrs: attrs_of(&upload.record),
            make_parents: false,
            expected: Some(Expected::Tag(tree::tag(&upload.entry))),
        };
        {
            let _weight = self.budget.weigh(tail.len());
            let vault = self.lend()?;
            let joined = vault.bench(space)?.assemble(&name, assembly, &mut &*tail)?;
            upload.entry = joined.1;
            upload.entry.name = name.into();
        }
        self.drop_from_bench(space, &[upload.id.doubtful_name()])?;
        if upload.is_complete() && upload.record.kind == UploadKind::Whole {
            return self.finish_last(space, upload, &[]);
        }
        Ok(upload.state())
    }
}

/// How long the upload may become.
fn limit(record: &Upload, room: Option<u64>) -> u64 {
    match (record.length, room) {
        (Some(length), _) => length,
        // Only one whose length nobody has said may still outgrow its owner's room.
        (None, room) => room.unwrap_or(i64::MAX.unsigned_abs()),
    }
}

fn too_long(upload: &OnBench) -> FilesError {
    FilesError::TooLong { length: upload.record.length.unwrap_or(upload.entry.size) }
}

fn over(upload: &OnBench, room: Option<u64>) -> FilesError {
    match (upload.record.length, room) {
        (None, Some(room)) => FilesError::Quota { room, need: room.saturating_add(1) },
        _ => too_long(upload),
    }
}
