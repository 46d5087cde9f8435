//! A body that is a whole file and no upload: by way of the bench where it is long, and gone from there
//! when the request ends.
//!
//! Start at [`Files::with_body`].

use std::io::Read;

use format::entry::Entry;
use format::upload::Upload;
use tree::Expected;
use types::SpaceId;

use super::checksum::{Checksum, Running};
use super::{NewUpload, OnBench, PUT_OWNER};
use crate::Files;
use crate::body::{End, gather};
use crate::change::Changed;
use crate::error::FilesError;

impl Files {
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
        let (id, mut receiving) = (upload.id, self.budget.body());
        let mut running = checksum.as_ref().map(|checksum| Running::new(checksum.algorithm));
        let mut on_bench: Option<OnBench> = None;
        let put = loop {
            let wanted = || lease.is_wanted();
            let (bytes, end) = gather(body, usize::MAX, &mut receiving, &*self.clock, &wanted);
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
}
