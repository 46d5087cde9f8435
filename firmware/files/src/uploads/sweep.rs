//! Clearing the bench: what has expired goes, what was cut off at its very end is finished.
//!
//! Never touches what somebody is at. Start at [`Files::sweep`].

use format::upload::UploadKind;
use types::SpaceId;

use super::PUT_OWNER;
use crate::Files;
use crate::error::FilesError;

/// Uploads that one call lets go: they share a commit.
const SWEPT_MAX: usize = 1_000;

/// What was cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Uploads that had expired.
    pub expired: usize,
    /// Uploads that had all their bytes and are files now.
    pub finished: usize,
    /// Uploads that are still waited for.
    pub waiting: usize,
    /// Old versions of the bench that came back with a disk.
    pub old_versions: usize,
}

impl Files {
    /// Clears a space's bench. Nothing expires by a clock that nobody believes.
    pub fn sweep(&self, space: SpaceId, clock_trusted: bool) -> Result<SweepReport, FilesError> {
        let now = self.clock.now();
        let mut report = SweepReport::default();
        let (mut leases, mut names) = (Vec::new(), Vec::new());
        for one in self.on_bench(space, usize::MAX)? {
            let doubtful = one.record.kind == UploadKind::Doubtful || one.record.owner == PUT_OWNER;
            let lease = self.leases.take_free((space, one.id));
            let expired = clock_trusted && now > one.record.expires;
            match lease {
                // With nobody at it, what waits to be compared is what a cut has left.
                Some(lease) if (expired || doubtful) && names.len() < SWEPT_MAX => {
                    report.expired += usize::from(!doubtful);
                    names.push(one.entry.name.to_vec());
                    leases.push(lease);
                }
                Some(_lease)
                    if one.record.kind == UploadKind::Whole
                        && one.record.finished.is_none()
                        && one.is_complete() =>
                {
                    match self.finish_upload(space, one, &[]) {
                        Ok(_) => report.finished += 1,
                        Err(FilesError::Checksum) => report.expired += 1,
                        Err(error) => return Err(error),
                    }
                }
                _ => report.waiting += usize::from(one.record.finished.is_none()),
            }
        }
        self.drop_from_bench(space, &names)?;
        drop(leases);
        report.old_versions = self.lend()?.tidy_bench(space)?;
        Ok(report)
    }
}
