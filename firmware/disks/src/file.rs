//! The roster as a file: everything about disks that a restart must not lose.
//!
//! A file that cannot be read is an error and stays; one that is not there means a box that has not
//! met its disks yet. Start at [`read`] and [`write`].

mod entry;
mod twins;

use std::io;
use std::path::Path;

use plan::disk::Roster;
use serde::{Deserialize, Serialize};
use types::VaultId;
use volume::durable::{self, IoFailure};
use volume::{Disk, FsDisk};

use crate::error::DisksError;
use entry::EntryFile;

/// Its name.
pub(crate) const FILE: &str = "disks.toml";
/// The version that is written.
const VERSION: u32 = 1;
/// A roster is some hundred bytes a disk; a longer file is none.
const LEN_MAX: u64 = 4 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    version: u32,
    vault: String,
    #[serde(default, rename = "disk")]
    disks: Vec<EntryFile>,
}

/// What was kept; none when there is no file yet.
pub(crate) fn read(folder: &FsDisk, vault: VaultId) -> Result<Option<Roster>, DisksError> {
    let wrong = |what: String| DisksError::Record { file: FILE.to_owned(), what };
    let text = match read_text(folder) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let path = FILE.to_owned();
            return Err(IoFailure { doing: "read", path, source }.into());
        }
    };
    let whole: Whole = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
    if whole.version != VERSION {
        return Err(wrong(format!("has version {}, not {VERSION}", whole.version)));
    }
    if whole.vault != vault.to_string() {
        return Err(wrong("is of another vault".to_owned()));
    }
    let entries: Result<Vec<_>, String> = whole.disks.into_iter().map(EntryFile::entry).collect();
    Ok(Some(Roster::kept(vault, entries.map_err(wrong)?)))
}

/// What is to be kept.
pub(crate) fn text(vault: VaultId, roster: &Roster) -> Result<String, DisksError> {
    let disks = roster.entries().iter().map(EntryFile::of).collect();
    let whole = Whole { version: VERSION, vault: vault.to_string(), disks };
    toml::to_string(&whole)
        .map_err(|error| DisksError::Record { file: FILE.to_owned(), what: error.to_string() })
}

/// Keeps it, whole or not at all.
pub(crate) fn write(folder: &FsDisk, text: &str) -> Result<(), DisksError> {
    Ok(durable::replace_file(folder, FILE, text.as_bytes())?)
}

/// The folder for it.
pub(crate) fn folder(path: &Path) -> Result<FsDisk, DisksError> {
    let opened = FsDisk::plain_folder(path);
    opened.map_err(|source| {
        IoFailure { doing: "open", path: path.display().to_string(), source }.into()
    })
}

fn read_text(folder: &FsDisk) -> io::Result<String> {
    let file = folder.open(FILE)?;
    let len = file.len()?.min(LEN_MAX);
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use plan::disk::{Aim, Doubt, Entry, Joining, Life, Standing, Wish};
    use types::{
        Bytes, DiskContent, DiskIdentity, Foreign, Millis, Transport, VolumeId, VolumeMark,
    };

    use super::*;

    const VAULT: VaultId = VaultId([1; 16]);

    fn lives() -> Vec<Life> {
        let replaces = Some(VolumeId([9; 16]));
        let mut all = vec![Life::Drained, Life::Rescue, Life::Courier];
        for aim in
            [Aim::Member { replaces }, Aim::Member { replaces: None }, Aim::Rescue, Aim::Courier]
        {
            for joining in [
                Joining::No,
                Joining::Waiting { left: Millis(7), aim },
                Joining::Ready { aim },
                Joining::Formatting { aim },
                Joining::Formatted { aim },
                Joining::Kept { left: Millis(5), aim },
                Joining::PuttingBack,
            ] {
                all.extend([Life::Blank(joining), Life::Foreign(joining)]);
                all.push(Life::TakenOut(joining));
                for doubt in [Doubt::Clone, Doubt::Stale, Doubt::Moved, Doubt::Undecided] {
                    all.push(Life::Quarantined(doubt, joining));
                }
            }
        }
        for wish in [Wish::Stay, Wish::Replace] {
            all.extend([Life::Member { wish }, Life::Watch { wish }, Life::Failed { wish }]);
            for was in [Standing::Member, Standing::Watch, Standing::Failed, Standing::Retiring] {
                all.extend([Life::OursAbsent { was, wish }, Life::Retiring { was }]);
            }
        }
        all
    }

    fn contents() -> Vec<DiskContent> {
        let foreign = Foreign {
            file_system: Some("exfat".to_owned()),
            label: Some("A \"card\"".to_owned()),
            files: Some(3),
            bytes: Some(Bytes(4)),
        };
        let (vault, volume) = (VAULT, VolumeId([2; 16]));
        let mark = VolumeMark { vault, volume, generation: 5, serial: "S".to_owned() };
        vec![
            DiskContent::Unknown,
            DiskContent::Blank,
            DiskContent::Volume(mark),
            DiskContent::Foreign(foreign),
            DiskContent::Foreign(Foreign::default()),
        ]
    }

    fn entry(number: usize, life: Life, content: DiskContent) -> Entry {
        let identity = DiskIdentity {
            transport: Transport::ALL[number % Transport::ALL.len()],
            model: "Disk".to_owned(),
            serial: Some(format!("S{number}")).filter(|_| !number.is_multiple_of(3)),
            wwn: Some("0x5".to_owned()).filter(|_| !number.is_multiple_of(2)),
            port: format!("port-{number}"),
            size: Bytes(number as u64),
        };
        Entry {
            identity,
            place: "bay 1".to_owned(),
            bay: Some("1".to_owned()).filter(|_| !number.is_multiple_of(5)),
            volume: Some(VolumeId([3; 16])).filter(|_| !number.is_multiple_of(7)),
            generation: 11,
            content,
            life,
            away: Millis(13),
            pull_asked: !number.is_multiple_of(2),
            given_up: number.is_multiple_of(3),
            label: Some("hf-1".to_owned()).filter(|_| number.is_multiple_of(2)),
        }
    }

    #[test]
    fn every_life_and_every_content_reads_back_as_it_was_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let place = folder(temporary.path()).unwrap();
        assert!(read(&place, VAULT).unwrap().is_none(), "there is none yet");
        let (lives, contents) = (lives(), contents());
        let content = |number: usize| contents[number % contents.len()].clone();
        let entries: Vec<Entry> =
            lives.iter().enumerate().map(|(at, life)| entry(at, *life, content(at))).collect();
        let roster = Roster::kept(VAULT, entries);
        write(&place, &text(VAULT, &roster).unwrap()).unwrap();
        assert_eq!(read(&place, VAULT).unwrap(), Some(roster));
    }

    #[test]
    fn a_roster_of_another_vault_or_with_unknown_words_is_refused_by_name() {
        let temporary = tempfile::tempdir().unwrap();
        let place = folder(temporary.path()).unwrap();
        let empty = text(VAULT, &Roster::new(VAULT)).unwrap();
        write(&place, &empty).unwrap();
        let other = read(&place, VaultId([2; 16])).unwrap_err();
        assert_eq!(other.to_string(), "disks.toml: is of another vault");
        for (text, said) in [
            ("version = 9\nvault = \"x\"\n", "disks.toml: has version 9, not 1"),
            ("version = 1\nvault = \"x\"\ncolour = 1\n", "disks.toml: unknown field `colour`"),
        ] {
            durable::replace_file(&place, FILE, text.as_bytes()).unwrap();
            let refused = read(&place, VAULT).unwrap_err();
            assert!(refused.to_string().starts_with(said), "{refused}");
            assert!(refused.advice().ends_with('.'));
        }
    }
}
