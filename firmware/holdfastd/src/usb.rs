//! The jobs with drives: plain files are written, read back after the drives were mounted anew, and
//! read again later.
//!
//! The drives are mounted for as long as a job works and no longer; this is done by the job's own
//! thread, since a slow stick takes its time and nobody else is to wait for it. A drive that is
//! pulled halfway makes the job wait; any other failure ends it. What is written where is decided in
//! `restore`. Start at [`perform`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use board::{Board, BoardError, MountAs, Mounted};
use calls::{Fault, FaultCode, JobResult, JobSpec, UsbResult, UsbVerifyResult, first_of};
use restore::{Choice, Options, RestoreError, Stage, restore_to_drives};
use types::{DiskIdentity, UnixTime};
use vault::{OnProgress, Progress, Vault};
use volume::Disk;

use crate::book::Begun;
use crate::jobs::Halted;
use crate::supervisor::Supervisor;
use crate::usb_result::{damaged, result};
use crate::{import, seen, show};

/// A drive that fails may have been pulled a moment before the system knows; it is waited for.
const PULL_SEEN_WITHIN: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Where lists of drives are kept that are not here any more, in the box's folder.
const MEMORY: &str = "restores";

/// Does a job with drives.
pub(crate) fn perform(
    supervisor: &Supervisor,
    vault: &Vault,
    begun: &Begun,
    progress: OnProgress<'_>,
) -> Result<JobResult, Halted> {
    match &begun.spec {
        JobSpec::UsbVerify { drive } => {
            let drives = Drives::of(supervisor, std::slice::from_ref(drive), MountAs::Look)?;
            let found = drives.mounted(|dirs, _| restore::verify(&dirs[0], progress))?;
            Ok(JobResult::UsbVerify(UsbVerifyResult {
                files: found.files,
                bytes: found.bytes,
                damaged: found.damaged_count,
                names: first_of(damaged(&found)),
            }))
        }
        JobSpec::Usb { drives, .. } => {
            let drives = Drives::of(supervisor, drives, MountAs::Target)?;
            restore_to(supervisor, vault, begun, &drives, progress).map(JobResult::Usb)
        }
        JobSpec::Import { drive, .. } => {
            let drives = Drives::of(supervisor, std::slice::from_ref(drive), MountAs::Look)?;
            import::perform(supervisor, vault, begun, &drives, progress).map(JobResult::Import)
        }
        _ => Err(show::stopping().into()),
    }
}

/// Writes; then the drives are unmounted and mounted again, so that what is read comes from them.
fn restore_to(
    supervisor: &Supervisor,
    vault: &Vault,
    begun: &Begun,
    drives: &Drives<'_>,
    progress: OnProgress<'_>,
) -> Result<UsbResult, Halted> {
    let JobSpec::Usb { sources, path, ago_ms, anew, .. } = &begun.spec else {
        return Err(show::stopping().into());
    };
    let said = ago_ms.map_or_else(String::new, |ago| format!("{ago} ms ago"));
    let at = ago_ms.map(|ago| begun.created.minus(types::Millis(ago)));
    let choice = Choice { sources: sources.clone(), path: path.0.clone(), at, at_said: said };
    supervisor.folder.make_folder(MEMORY).map_err(|error| show::record(&error))?;
    let memory = supervisor.folder.path().join(MEMORY);
    // A clock that was set back since must not make it begin anew each time.
    let now = supervisor.now().max(begun.created);
    let today = day(now);
    let not_before = anew.then_some(begun.created);
    let options =
        Options { today: &today, now, memory: Some(&memory), not_before, ..Options::default() };
    let mut meter = Meter { supervisor, progress, wanted: (0, 0), told: false };
    let mut pass = |unread: bool| {
        drives.mounted(|dirs, disks| {
            let options = Options { unread, disks, ..options };
            restore_to_drives(vault, &choice, dirs, options, &mut |stage, now| {
                meter.tick(stage, now)
            })
        })
    };
    let written = pass(true)?;
    let read = pass(false)?;
    Ok(result(&written, &read))
}

fn day(now: UnixTime) -> String {
    let stamp = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().to_string();
    stamp.split('T').next().unwrap_or_default().to_owned()
}

/// Both passes as one way to go: each byte is written, and read back.
struct Meter<'a, 'p> {
    supervisor: &'a Supervisor,
    progress: OnProgress<'p>,
    wanted: (u64, u64),
    /// The owner knows already that there is too little room.
    told: bool,
}

impl Meter<'_, '_> {
    fn tick(&mut self, stage: Stage, now: Progress) -> bool {
        let (items, bytes) = match stage {
            Stage::Counting => return (self.progress)(Progress::default()),
            Stage::Counted { need, room } => {
                self.wanted =
                    (now.items_total.unwrap_or_default(), now.bytes_total.unwrap_or_default());
                if need > room && !self.told {
                    self.told = true;
                    let sentence = format!(
                        "{need} are to be restored, and there is room for {room}: what is hardest \
                         to get again comes first."
                    );
                    self.supervisor.tell_carer(|carer| {
                        carer.tell(sentence);
                        carer.publish();
                    });
                }
                return true;
            }
            Stage::Writing => (now.items, now.bytes),
            Stage::Checking => (self.wanted.0 + now.items, self.wanted.1.saturating_add(now.bytes)),
        };
        (self.progress)(Progress {
            items,
            items_total: Some(self.wanted.0 * 2),
            bytes,
            bytes_total: Some(self.wanted.1.saturating_mul(2)),
        })
    }
}

/// The drives of a job, all of which are here.
pub(crate) struct Drives<'s> {
    supervisor: &'s Supervisor,
    board: Arc<dyn Board>,
    disks: Vec<DiskIdentity>,
    how: MountAs,
}

impl<'s> Drives<'s> {
    fn of(supervisor: &'s Supervisor, named: &[String], how: MountAs) -> Result<Self, Halted> {
        let care = supervisor.care()?;
        let Some(hardware) = &supervisor.setup.hardware else {
            return Err(show::stopping().into());
        };
        let shown = care.shown();
        let mut disks = Vec::new();
        for drive in named {
            let fits = |(disk, named): &&(DiskIdentity, bool)| {
                (*named || !how.writes()) && seen::drive_id(disk) == *drive
            };
            let found: Vec<_> = shown.drives.iter().filter(fits).collect();
            match found[..] {
                [(one, _)] => disks.push(one.clone()),
                _ => return Err(waits(format!("Drive {drive} is not plugged in."))),
            }
        }
        Ok(Self { supervisor, board: Arc::clone(&hardware.board), disks, how })
    }

    /// Does something while all of them are mounted. They are unmounted whatever came of it.
    pub(crate) fn mounted<T>(
        &self,
        act: impl FnOnce(&[PathBuf], &[Arc<dyn Disk>]) -> Result<T, RestoreError>,
    ) -> Result<T, Halted> {
        self.supervisor.no_key_look(&self.disks)?;
        let before = self.attached();
        let mut mounted: Vec<Mounted> = Vec::new();
        let mut refused = None;
        for disk in &self.disks {
            match self.board.mount(disk, self.how) {
                Ok(one) => mounted.push(one),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        let done = match refused {
            Some(error) => Err(of_board(&error)),
            None => {
                let paths: Vec<PathBuf> = mounted.iter().map(|one| one.path.clone()).collect();
                let disks: Vec<_> = mounted.iter().map(|one| Arc::clone(&one.disk)).collect();
                let done = act(&paths, &disks);
                // What could not be read because the drive went is not damaged.
                let there = disks.iter().try_for_each(|disk| disk.folder().map(drop));
                done.map_err(|error| self.fault(&error)).and_then(|done| {
                    let gone = |error: std::io::Error| {
                        Fault::new(FaultCode::Volumes, error.to_string(), "Plug it back in.")
                    };
                    there.map(|()| done).map_err(gone)
                })
            }
        };
        drop(mounted);
        let mut unmounted = Ok(());
        for disk in &self.disks {
            unmounted = unmounted.and(self.board.unmount(disk).map_err(|error| of_board(&error)));
        }
        match done.and_then(|done| unmounted.map(|()| done)) {
            Err(fault) if fault.code == FaultCode::Stopped => Err(fault.into()),
            Err(fault) => Err(self.why(fault, &before)),
            Ok(done) => Ok(done),
        }
    }

    /// When each was plugged in; none for one that is not here.
    pub(crate) fn attached(&self) -> Vec<Option<u64>> {
        let here = self.board.disks().unwrap_or_default();
        let one = |disk: &DiskIdentity| here.iter().find(|info| info.identity == *disk);
        self.disks.iter().map(|disk| one(disk).map(|info| info.attached)).collect()
    }

    /// A drive that was pulled is waited for; one that fails where it is plugged in is not.
    fn why(&self, fault: Fault, before: &[Option<u64>]) -> Halted {
        if !matches!(fault.code, FaultCode::Volumes) {
            return fault.into();
        }
        let mut waited = Duration::ZERO;
        loop {
            let now = self.attached();
            let stays = |at: &usize| now[*at].is_some() && now[*at] == before[*at];
            if let Some(at) = (0..self.disks.len()).find(|at| !stays(at)) {
                let disk = &self.disks[at];
                let (model, letters) = (&disk.model, disk.last_four());
                return waits(format!(
                    "The drive {model} (..{letters}) was unplugged before the job was done."
                ));
            }
            if waited >= PULL_SEEN_WITHIN || self.supervisor.rests(LOOK_EVERY) {
                return fault.into();
            }
            waited += LOOK_EVERY;
        }
    }

    fn fault(&self, error: &RestoreError) -> Fault {
        let code = match error {
            RestoreError::Vault(error) => return show::fault(error),
            RestoreError::Full { .. } => FaultCode::Full,
            RestoreError::Gone { .. } | RestoreError::Drive { .. } => FaultCode::Volumes,
            // What stands on a drive that is being pulled looks damaged.
            RestoreError::Record { .. } | RestoreError::NoRestore { .. }
                if self.attached().contains(&None) =>
            {
                FaultCode::Volumes
            }
            RestoreError::NoRestore { .. } => FaultCode::NotFound,
            _ => FaultCode::Refused,
        };
        Fault::new(code, show::whole(error), error.advice())
    }
}

fn waits(sentence: String) -> Halted {
    let advice = "Plug it back in, and the job goes on by itself; or cancel it.";
    Halted { fault: Fault::new(FaultCode::Volumes, sentence, advice), waits: true }
}

fn of_board(error: &BoardError) -> Fault {
    Fault::new(FaultCode::Volumes, show::whole(error), error.advice())
}
