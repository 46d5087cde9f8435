//! What is said of imports: that one could be made, and, afterwards, whether the disk is still needed.
//!
//! "Safe to wipe" is said only of a disk all of which is in the vault, was compared, and lies on as many
//! disks as its owner was promised. Start at [`Carer::offer_imports`] and [`said_of`].

use calls::{
    Disks, Fault, ImportResult, Job, JobResult, JobSpec, JobState, Question, QuestionKind,
};
use plan::disk::{Entry, Joining, Life};
use types::{Bytes, DiskContent, DiskIdentity, Foreign};

use crate::carer::Carer;
use crate::import::About;
use crate::seen;
use crate::supervisor::Supervisor;

/// Letters of a label that are taken over into a source's name.
const LABEL_MAX: usize = 40;

impl Supervisor {
    /// Tells what became of an import, and of those that waited for copies alone.
    pub(crate) fn tell_of_import(&self, job: &Job) {
        if !job.state.is_over() {
            return;
        }
        let mut told: Vec<Job> = match &job.spec {
            JobSpec::Import { .. } => vec![job.clone()],
            _ => Vec::new(),
        };
        if matches!(job.result, Some(JobResult::Rebuild(_) | JobResult::Check(_)))
            && let Some(vault) = self.keeper.vault_now()
        {
            let copies = vault.copies_here().ok().and_then(|here| here.fewest).unwrap_or(0);
            told.extend(self.shared().book.imports_have_copies(copies));
        }
        if told.is_empty() {
            return;
        }
        self.tell_carer(move |carer| {
            for job in told {
                carer.tell_of_import(&job);
            }
            carer.publish();
        });
    }
}

impl Carer {
    fn tell_of_import(&mut self, job: &Job) {
        let JobSpec::Import { drive, .. } = &job.spec else { return };
        let disk = self.drive(drive).ok().map(|entry| entry.identity.clone());
        if let Some(JobResult::Import(ImportResult { safe_to_wipe: true, .. })) = &job.result {
            self.imported.extend(disk);
        }
        self.tell(said_of(job));
    }

    /// Who comes back may have other files on it.
    pub(crate) fn forget_imported(&mut self) {
        let roster = self.caretaker.roster();
        self.imported.retain(|disk| roster.here(disk).is_some_and(is_somebodys));
    }

    /// Offers to import what is on disks of somebody's, and says of which nothing is needed any more.
    pub(crate) fn offer_imports(&self, disks: &mut Disks) {
        let unfinished: Vec<String> = {
            let shared = self.supervisor.shared();
            let jobs = shared.book.jobs().filter(|job| !job.state.is_over());
            let drive = |job: &Job| match &job.spec {
                JobSpec::Import { drive, .. } => Some(drive.clone()),
                _ => None,
            };
            jobs.filter_map(drive).collect()
        };
        for entry in self.caretaker.roster().entries().iter().filter(|entry| is_somebodys(entry)) {
            let id = seen::id_of(&entry.identity);
            if self.imported.contains(&entry.identity) {
                for shown in disks.disks.iter_mut().filter(|shown| shown.id == id) {
                    "All of it is in the vault: it is safe to wipe it."
                        .clone_into(&mut shown.action);
                }
            } else if !unfinished.contains(&seen::drive_id(&entry.identity))
                && self.supervisor.vault.get().is_some()
            {
                disks.questions.extend(offer(entry, id));
            }
        }
        disks.questions.sort_by_key(|question| question.kind);
    }

    /// What the job for a disk has to know of it.
    pub(crate) fn about_import(&self, drive: &str) -> Result<About, Fault> {
        let entry = self.drive(drive)?;
        let counted = foreign(entry).and_then(|found| Some((found.files?, found.bytes?.0)));
        Ok(About { place: entry.place.clone(), wanted: counted })
    }

    /// A source for what is on a disk: called after its label, or else after its maker's name for it.
    pub(crate) fn name_for_import(&self, disk: &str) -> Result<String, Fault> {
        let entry = crate::naming::find(self.caretaker.roster(), disk)?;
        let label = foreign(entry).and_then(|found| found.label.clone());
        Ok(source_name(label.as_deref().unwrap_or_default(), &entry.identity))
    }
}

fn is_somebodys(entry: &Entry) -> bool {
    entry.life == Life::Foreign(Joining::No)
}

fn foreign(entry: &Entry) -> Option<&Foreign> {
    match &entry.content {
        DiskContent::Foreign(found) => Some(found),
        _ => None,
    }
}

/// A source may have most names; what a label says beside letters and digits is left out.
fn source_name(label: &str, disk: &DiskIdentity) -> String {
    let plain = |text: &str| -> String {
        let fit = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.');
        let kept: String = text.chars().filter(fit).take(LABEL_MAX).collect();
        kept.trim().to_owned()
    };
    let (label, model) = (plain(label), plain(&disk.model));
    let name = if label.is_empty() { model } else { label };
    if name.is_empty() { "import".to_owned() } else { format!("import {name}") }
}

fn offer(entry: &Entry, id: String) -> Option<Question> {
    let found = foreign(entry).filter(|found| found.file_system.is_some())?;
    let count = match (found.files, found.bytes) {
        (Some(0), _) => return None,
        (Some(files), Some(bytes)) => format!("{files} files, {bytes},"),
        (Some(files), None) => format!("{files} files"),
        _ => "files".to_owned(),
    };
    let place = &entry.place;
    Some(Question {
        kind: QuestionKind::Import,
        disk: Some(id),
        sentence: format!("The disk in {place} has {count} that may be new to the vault."),
        action: "Import it, if you want: it is only read, and only what is new is stored."
            .to_owned(),
    })
}

/// What became of an import, in a sentence or two.
pub(crate) fn said_of(job: &Job) -> String {
    let one = match (&job.result, job.state) {
        (Some(JobResult::Import(one)), JobState::Done) => one,
        (_, JobState::Cancelled) => {
            return "The import was cancelled; the disk was not changed.".to_owned();
        }
        _ => return "The import failed, and the disk is still needed.".to_owned(),
    };
    let (place, new, all) = (&one.place, Bytes(one.new_bytes), Bytes(one.bytes));
    if one.differ + one.skipped > 0 || !one.is_whole() {
        let lost = one.differ + one.skipped;
        return format!(
            "The import of the disk in {place} is not whole: {lost} of its files could not be read, \
             or not twice the same. Do not wipe it. New to the vault: {new} of {all}."
        );
    }
    let (copies, wanted) = (one.copies, one.copies_wanted);
    if !one.safe_to_wipe {
        return format!(
            "All that is on the disk in {place} is in the vault and was compared, but on {copies} of \
             {wanted} disks only. Do not wipe it yet: you are told when you may. New to the vault: \
             {new} of {all}."
        );
    }
    let disks = if copies == 1 { "1 disk".to_owned() } else { format!("{copies} disks") };
    format!(
        "All that is on the disk in {place} is in the vault, on {disks}, and was compared byte for \
         byte: it is safe to wipe it. New to the vault: {new} of {all}."
    )
}

#[cfg(test)]
mod tests {
    use types::Transport;

    use super::*;

    fn disk(model: &str) -> DiskIdentity {
        DiskIdentity {
            transport: Transport::Usb,
            model: model.to_owned(),
            serial: None,
            wwn: None,
            port: "usb-1".to_owned(),
            size: Bytes(1),
        }
    }

    #[test]
    fn a_source_is_called_after_what_somebody_can_read_on_the_disk() {
        for (label, model, name) in [
            ("EOS_DIGITAL", "Card", "import EOS_DIGITAL"),
            ("", "SanDisk Ultra", "import SanDisk Ultra"),
            ("a:b\n\u{1b}[2Jc", "Card", "import ab2Jc"),
            (":", "\n", "import"),
        ] {
            assert_eq!(source_name(label, &disk(model)), name);
        }
        assert!(source_name(&"x".repeat(500), &disk("m")).len() < 64);
    }
}
