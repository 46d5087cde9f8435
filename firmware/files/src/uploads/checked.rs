//! Bytes that come with a checksum: beside the upload until they were compared, then part of it at once.
//!
//! What is wrong, or broke off, is thrown away. Start at [`Files::pour_checked`].

use std::io::Read;

use format::entry::{Entry, EntryKind};
use format::upload::{Upload, UploadKind};
use tree::Expected;
use types::SpaceId;
use vault::Assembly;

use super::append::{Append, limit, over};
use super::checksum::{Checksum, Running};
use super::lease::Lease;
use super::{EXPIRES_AFTER, OnBench, UploadState, attrs_of};
use crate::Files;
use crate::body::{End, gather, has_more};
use crate::error::FilesError;

impl Files {
    /// Takes a body in beside the upload, compares it, and then joins the two.
    pub(super) fn pour_checked(
        &self,
        space: SpaceId,
        upload: OnBench,
        append: &Append,
        checksum: &Checksum,
        lease: &Lease<'_>,
        body: &mut dyn Read,
    ) -> Result<UploadState, FilesError> {
        let mut receiving = self.budget.body();
        let limit = limit(&upload.record, append.room) - upload.entry.size;
        let mut running = Running::new(checksum.algorithm);
        let mut beside: Option<OnBench> = None;
        loop {
            let so_far = beside.as_ref().map_or(0, |one| one.entry.size);
            let left = usize::try_from(limit - so_far).unwrap_or(usize::MAX);
            let wanted = || lease.is_wanted();
            let (bytes, mut end) = gather(body, left, &mut receiving, &*self.clock, &wanted);
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
                let mut entry = Entry::new(name, EntryKind::File);
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
            return self.state(space, &upload);
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
        self.state(space, &upload)
    }
}
