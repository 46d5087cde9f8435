//! What the owner asks of disks, and what a hand does to a simulated box.
//!
//! Each act is named by a disk as its owner calls it, and is done or refused by the caretaker. Start at
//! [`Supervisor::disk_act`] and [`Supervisor::desk`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use board::{Press, SmartFacts};
use board_sim::{Faults, Machine, NewDisk, SimError};
use calls::{Answer, DeskAct, DeskFault, DiskAct, Disks, Fault, FaultCode, OnDesk};
use disks::DisksError;
use plan::disk::{Action, Aim, Offer};
use types::{Bytes, DiskIdentity, Light, VolumeId};

use crate::carer::Carer;
use crate::supervisor::Supervisor;
use crate::{naming, show};

impl Supervisor {
    /// All disks, as they were last seen.
    pub(crate) fn disks(&self) -> Result<Disks, Fault> {
        Ok(self.care()?.shown().disks.clone())
    }

    /// Does something with a disk; the disks as they are then.
    pub(crate) fn disk_act(&self, disk: String, act: DiskAct) -> Result<Answer, Fault> {
        self.with_carer(move |carer| {
            carer.act(&disk, act)?;
            carer.publish();
            carer.supervisor.disks()
        })
        .map(Answer::Disks)
    }

    /// Plays the hardware.
    pub(crate) fn desk(&self, act: &DeskAct) -> Result<Answer, Fault> {
        let desk = self.setup.hardware.as_ref().and_then(|hardware| hardware.desk.as_ref());
        let Some(desk) = desk else {
            let sentence = "This box has real hardware.";
            let advice = "Only a box whose settings say `kind = \"desk\"` can be played with.";
            return Err(Fault::new(FaultCode::WrongState, sentence, advice));
        };
        play(desk, act).map_err(|error| {
            Fault::new(FaultCode::BadRequest, show::whole(&error), error.advice())
        })?;
        if matches!(act, DeskAct::Smart { .. } | DeskAct::Fault { .. }) {
            // A real disk is asked every half hour; nobody at a desk waits for that.
            self.with_carer(|carer| {
                carer.judge_disks();
                Ok(())
            })?;
        }
        Ok(Answer::Desk { disks: look(desk) })
    }
}

impl Carer {
    fn act(&mut self, name: &str, act: DiskAct) -> Result<(), Fault> {
        let entry = naming::find(self.caretaker.roster(), name)?;
        let (disk, volume) = (entry.identity.clone(), entry.volume);
        let bay = entry.bay.clone();
        let had_left = self.caretaker.roster().has_left(entry);
        let member = || {
            let sentence = format!("{name} is none of the vault's disks.");
            let advice = "`holdfast --box default disks` says what can be done with it.";
            volume.ok_or_else(|| Fault::new(FaultCode::WrongState, sentence, advice))
        };
        if matches!(
            act,
            DiskAct::Adopt { .. }
                | DiskAct::Erase { .. }
                | DiskAct::UseAsDrive {}
                | DiskAct::SkipWait {}
                | DiskAct::Keep {}
        ) {
            self.must_not_burn(&disk)?;
        }
        let care = &mut self.caretaker;
        let done: Result<(), DisksError> = match act {
            DiskAct::Adopt { replaces } => {
                let aim = self.aim(&disk, replaces)?;
                self.caretaker.adopt(&disk, aim)
            }
            DiskAct::Erase { typed, replaces } => {
                let aim = self.aim(&disk, replaces)?;
                self.caretaker.ask_erase(&disk, &typed, aim)
            }
            DiskAct::SkipWait {} => care.skip_wait(&disk),
            DiskAct::Undo {} => care.undo(&disk),
            DiskAct::Confirm {} => care.confirm(&disk),
            DiskAct::Replace {} => care.replace(member()?),
            DiskAct::Retire {} => care.retire(member()?),
            DiskAct::Keep {} if had_left => care.readmit(&disk),
            DiskAct::Keep {} => care.cancel(member()?),
            DiskAct::Trust {} => care.reinstate(member()?),
            DiskAct::UseAsDrive {} => care.use_as(&disk, Aim::Rescue),
            DiskAct::Release {} => return self.release_drive(&disk),
            DiskAct::Find { on } => match bay.filter(|bay| self.supervisor.has_light(bay)) {
                Some(bay) => care.point_at(&bay, on),
                None => {
                    self.let_pulse(&disk, on);
                    Ok(())
                }
            },
        };
        done.map_err(|error| show::disks(&error))
    }

    /// What a disk is to become. One that was offered in the place of another takes that place.
    pub(crate) fn aim(&self, disk: &DiskIdentity, named: Option<String>) -> Result<Aim, Fault> {
        if let Some(named) = named {
            let old = naming::find(self.caretaker.roster(), &named)?;
            let sentence = format!("{named} is none of the vault's disks.");
            let advice = "Leave it out, and the new disk just takes part.";
            let volume =
                old.volume.ok_or_else(|| Fault::new(FaultCode::BadRequest, sentence, advice))?;
            return Ok(Aim::Member { replaces: Some(volume) });
        }
        let open = self.caretaker.open_questions().map_err(|error| show::disks(&error))?;
        let offered = |action: &Action| -> Option<VolumeId> {
            match action {
                Action::Offer {
                    disk: offered,
                    offer: Offer::Adopt { replaces } | Offer::Erase { replaces },
                } if offered == disk => *replaces,
                _ => None,
            }
        };
        Ok(Aim::Member { replaces: open.iter().find_map(offered) })
    }
}

fn play(desk: &Machine, act: &DeskAct) -> Result<(), SimError> {
    match act {
        DeskAct::New { name, size, usb, serial, formatted } => {
            let own = format!("DESK-{}", name.to_uppercase());
            let serial = serial.as_deref().unwrap_or(&own);
            let size = Bytes(*size);
            desk.create(&match usb {
                true => NewDisk::usb(name, Some(serial), size),
                false => NewDisk::sata(name, serial, size),
            })?;
            if *formatted { desk.put_file_system(name, "exfat") } else { Ok(()) }
        }
        DeskAct::Insert { name, port } => desk.insert(name, port),
        DeskAct::Pull { name } => desk.pull(name),
        DeskAct::Fault { name, fault } => {
            if *fault == DeskFault::None {
                desk.set_smart(name, SmartFacts { passed: Some(true), ..SmartFacts::default() })?;
            }
            desk.set_faults(name, faults(*fault))
        }
        DeskAct::Smart { name, passed } => {
            let said = SmartFacts { passed: Some(*passed), ..SmartFacts::default() };
            desk.set_smart(name, said)
        }
        DeskAct::Show { name, folder } => {
            desk.show_folder(name, "exfat", Path::new(OsStr::from_bytes(&folder.0)))
        }
        DeskAct::Press { held } => {
            desk.press(if *held { Press::Held } else { Press::Short });
            Ok(())
        }
        DeskAct::Look {} => Ok(()),
    }
}

fn faults(fault: DeskFault) -> Faults {
    let well = Faults::default();
    match fault {
        DeskFault::None => well,
        DeskFault::Fail => Faults::dead(),
        DeskFault::Writes => Faults { writes_fail: true, ..well },
        DeskFault::Reads => Faults { reads_fail: true, ..well },
        DeskFault::Hang => Faults { hangs: true, ..well },
        DeskFault::Full => Faults { full: true, ..well },
        DeskFault::ReadOnly => Faults { read_only: true, ..well },
        DeskFault::Fake { holds, wraps } => Faults { holds: Some(holds), wraps, ..well },
        DeskFault::Slow { ms } => Faults { slow_ms: ms, ..well },
    }
}

fn words(faults: Faults) -> Vec<String> {
    let mut words: Vec<String> = [
        (faults.reads_fail, "reads fail"),
        (faults.writes_fail, "writes fail"),
        (faults.hangs, "hangs"),
        (faults.full, "full"),
        (faults.read_only, "read-only"),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, word)| word.to_owned())
    .collect();
    if let Some(holds) = faults.holds {
        words.push(format!("holds {} only", Bytes(holds)));
    }
    if faults.slow_ms > 0 {
        words.push(format!("{} ms slower", faults.slow_ms));
    }
    words
}

fn look(desk: &Machine) -> Vec<OnDesk> {
    let one = |name: String| {
        let port = desk.port(&name).ok().flatten();
        let bay = port.as_ref().and_then(|port| port.strip_prefix("bay-"));
        let light = bay.map(|bay| match desk.lit(bay) {
            Light::Off => "off",
            Light::Good => "good",
            Light::Watch => "watch",
            Light::Failed => "failed",
            Light::Here => "here",
        });
        let (serial, size) = desk.about(&name).unwrap_or_default();
        let faults = desk.faults(&name).map(words).unwrap_or_default();
        OnDesk { light: light.map(str::to_owned), port, serial, size: size.0, faults, name }
    };
    desk.names().into_iter().map(one).collect()
}
