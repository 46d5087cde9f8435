//! Reading every byte without keys: each copy is what its name says, or it is damaged.
//!
//! Every volume by itself, read only; nothing is mended or noted, for that needs the vault. What
//! should be there and is not cannot be seen without keys. Start at [`scrub`].

use std::sync::Arc;
use std::time::Duration;

use calls::{CheckResult, Fault, FaultCode, first_wrong};
use vault::{OnProgress, Progress};
use volume::{Disk, PackFile, PackVerdict, PatientDisk, Volume, VolumeError};

use crate::show;
use crate::volumes::VolumesSource;

/// A disk that does not answer a read within this is given up, as the vault does it.
const READ_DEADLINE: Duration = Duration::from_secs(120);

/// Reads every copy on every volume that is there.
pub(crate) fn scrub(
    source: &dyn VolumesSource,
    progress: OnProgress<'_>,
) -> Result<CheckResult, Fault> {
    let gathered = source
        .gather()
        .map_err(|error| Fault::new(FaultCode::Volumes, show::whole(&error), error.advice()))?;
    let absent = gathered.expected.iter().filter(|(_, _, why)| why.is_some()).count();
    let mut found = CheckResult { absent: absent as u64, ..CheckResult::default() };
    let mut volumes = Vec::new();
    let mut done = Progress { items_total: Some(0), bytes_total: Some(0), ..Progress::default() };
    for disk in gathered.disks {
        let label = disk.label();
        match open(disk) {
            Ok((volume, packs, bytes)) => {
                done.items_total = done.items_total.map(|total| total + packs);
                done.bytes_total = done.bytes_total.map(|total| total + bytes);
                volumes.push((label, volume));
            }
            Err(error) => leave_out(&error, &mut found),
        }
    }
    // Nothing was read: that is never "all is well".
    if volumes.is_empty() {
        let sentence = "No disk of the vault is here to be read.";
        let advice = "See which disks are here: `holdfast --box default disks`.";
        return Err(Fault::new(FaultCode::Volumes, sentence, advice));
    }
    for (label, volume) in &volumes {
        match read((label, volume), &mut found, &mut done, progress) {
            Ok(true) => {}
            Ok(false) => {
                let sentence = "The reading was stopped before its end.";
                return Err(Fault::new(FaultCode::Stopped, sentence, "Start it again."));
            }
            Err(error) => leave_out(&error, &mut found),
        }
    }
    found.clean = found.damaged == 0 && found.absent == 0;
    Ok(found)
}

/// Opens a volume for reading; how many packs it has, and their bytes.
fn open(disk: Arc<dyn Disk>) -> Result<(Volume, u64, u64), VolumeError> {
    let (volume, _) = Volume::open(Arc::new(PatientDisk::around(disk, READ_DEADLINE)))?;
    let (mut packs, mut bytes) = (0, 0);
    volume.visit_packs(|pack| {
        packs += 1;
        bytes += pack.len.0;
    })?;
    Ok((volume, packs, bytes))
}

/// A volume that cannot be read is told, and the others go on.
fn leave_out(error: &VolumeError, found: &mut CheckResult) {
    tracing::warn!(error = show::whole(error), "a volume cannot be read");
    found.absent += 1;
    let wrong = show::whole(error);
    found.wrong = first_wrong(std::mem::take(&mut found.wrong).into_iter().chain([wrong]));
}

/// Reads every copy on one volume; false when it was told to stop.
fn read(
    (label, volume): (&str, &Volume),
    found: &mut CheckResult,
    done: &mut Progress,
    progress: OnProgress<'_>,
) -> Result<bool, VolumeError> {
    for PackFile { id, kind, len } in volume.list_packs()?.0 {
        match volume.verify_pack(id, kind, true)? {
            PackVerdict::Good => {}
            // Gone since the listing: moved or let go by the vault, which knows.
            PackVerdict::Missing => continue,
            PackVerdict::Damaged { .. } | PackVerdict::Unreadable { .. } => {
                tracing::warn!(volume = %volume.id(), pack = %id, "a copy is damaged");
                found.damaged += 1;
                let wrong = format!("{}: the copy of pack {} is damaged", label, id.short());
                found.wrong =
                    first_wrong(std::mem::take(&mut found.wrong).into_iter().chain([wrong]));
            }
        }
        found.packs += 1;
        found.bytes_read += len.0;
        done.items += 1;
        done.bytes += len.0;
        if !progress(*done) {
            return Ok(false);
        }
    }
    Ok(true)
}
