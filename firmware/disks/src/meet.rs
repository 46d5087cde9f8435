//! Members that the vault knows and the roster does not: of a vault that was made before the box had a
//! caretaker, or whose disk was away then.
//!
//! Without this a real member would be offered for erasing like any other disk. Start at
//! [`Caretaker::meet`].

use std::collections::BTreeSet;

use plan::disk::{Entry, Life, Seen, Standing, Wish};
use types::{Bytes, DiskContent, DiskIdentity, Millis, VolumeId, VolumeMark};

use crate::caretaker::Caretaker;
use crate::error::DisksError;

impl Caretaker {
    /// Puts members on the roster before it looks at what is plugged in. At the very first look each
    /// volume of the vault is a member where it lies; later only one that the open vault lists, and
    /// it is believed at once only on the disk that it was made on.
    pub(crate) fn meet(&mut self, seen: &[Seen]) -> Result<(), DisksError> {
        let first = std::mem::take(&mut self.first);
        let claims: Vec<(&Seen, &VolumeMark)> = seen
            .iter()
            .filter_map(|disk| match &disk.content {
                DiskContent::Volume(mark) if mark.vault == self.parts.vault => Some((disk, mark)),
                _ => None,
            })
            .filter(|(_, mark)| self.roster.member(mark.volume).is_none())
            .collect();
        if claims.is_empty() {
            return Ok(());
        }
        let listed: BTreeSet<VolumeId> = match self.parts.seat.vault() {
            Some(vault) => vault.volumes()?.into_iter().map(|volume| volume.id).collect(),
            None => BTreeSet::new(),
        };
        for (disk, mark) in &claims {
            if !first && !listed.contains(&mark.volume) {
                continue;
            }
            let alone = claims.iter().filter(|(_, other)| other.volume == mark.volume).count() == 1;
            let believed = alone && (first || is_at_home(&disk.identity, mark));
            let hardware = if believed { disk.identity.clone() } else { unknown() };
            self.roster.enrol(away(disk, mark, hardware));
        }
        Ok(())
    }
}

/// Whether a volume lies on the disk that it was made on. The serial that it was given may have the
/// port behind it, where two disks had the same.
fn is_at_home(disk: &DiskIdentity, mark: &VolumeMark) -> bool {
    let serial = disk.serial.as_ref().or(disk.wwn.as_ref());
    serial.is_some_and(|serial| {
        mark.serial == *serial || mark.serial == format!("{serial}@{}", disk.port)
    })
}

/// Hardware that nobody has seen: no disk agrees with it, so a claimant has to be confirmed.
fn unknown() -> DiskIdentity {
    DiskIdentity {
        transport: types::Transport::Other,
        model: String::new(),
        serial: None,
        wwn: None,
        port: String::new(),
        size: Bytes(0),
    }
}

/// A member that was last on `hardware`; the next look finds it, or doubts it.
fn away(disk: &Seen, mark: &VolumeMark, hardware: DiskIdentity) -> Entry {
    Entry {
        identity: hardware,
        place: disk.place.clone(),
        bay: disk.bay.clone(),
        volume: Some(mark.volume),
        generation: mark.generation,
        content: disk.content.clone(),
        life: Life::OursAbsent { was: Standing::Member, wish: Wish::Stay },
        away: Millis(0),
        pull_asked: false,
        given_up: false,
        label: None,
    }
}
