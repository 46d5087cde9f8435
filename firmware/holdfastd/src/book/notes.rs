//! What jobs have noted beside how far they are: what they found, and what became of it later.
//!
//! Start at [`Book::note_found`].

use calls::{Fault, Job, JobId, JobResult};

use super::Book;
use crate::record::Found;

impl Book {
    /// Notes what a job found, before it stores anything.
    pub(crate) fn note_found(&mut self, id: JobId, found: Found) -> Result<(), Fault> {
        let mut record = self.entry(id)?.record.clone();
        record.found = Some(found);
        self.write(&record)?;
        self.entry(id)?.record = record;
        Ok(())
    }

    /// Notes how much of what a job stored the vault did not have; told with its progress.
    pub(crate) fn note_new_bytes(&mut self, id: JobId, bytes: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.record.job.progress.new_bytes = Some(bytes);
        }
    }

    /// The imports that lack nothing but copies, made since: they lack nothing from now on. Those jobs.
    pub(crate) fn imports_have_copies(&mut self, copies: u8) -> Vec<Job> {
        let mut changed = Vec::new();
        for entry in self.entries.values_mut() {
            let Some(JobResult::Import(one)) = &mut entry.record.job.result else { continue };
            if one.is_whole() && !one.safe_to_wipe && copies >= one.copies_wanted {
                (one.copies, one.safe_to_wipe) = (copies, true);
                changed.push(entry.record.job.clone());
            }
        }
        // Unwritten it is told once more after a restart, and is as true then.
        self.unwritten.extend(changed.iter().map(|job| job.id));
        self.write_again();
        changed
    }
}
