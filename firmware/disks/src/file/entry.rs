//! One disk in the roster's file: the life of a disk as words.
//!
//! Start at [`EntryFile::of`] and [`EntryFile::entry`].

use plan::disk::{Aim, Entry, Joining, Life};
use serde::{Deserialize, Serialize};
use types::{
    Bytes, DiskContent, DiskIdentity, Foreign, Millis, Transport, VaultId, VolumeId, VolumeMark,
};

use super::twins::{DoubtFile, StandingFile, WishFile};

/// One disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryFile {
    transport: String,
    model: String,
    serial: Option<String>,
    wwn: Option<String>,
    port: String,
    size: u64,
    place: String,
    bay: Option<String>,
    volume: Option<String>,
    generation: u64,
    away_ms: u64,
    pull_asked: bool,
    #[serde(default)]
    given_up: bool,
    /// Label of the order to format it.
    label: Option<String>,
    life: LifeFile,
    content: ContentFile,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
enum LifeFile {
    Blank { joining: JoiningFile },
    Foreign { joining: JoiningFile },
    OursAbsent { was: StandingFile, wish: WishFile },
    Member { wish: WishFile },
    Watch { wish: WishFile },
    Failed { wish: WishFile },
    Retiring { was: StandingFile },
    Drained,
    Rescue,
    Courier,
    Quarantined { doubt: DoubtFile, joining: JoiningFile },
    TakenOut { joining: JoiningFile },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
enum JoiningFile {
    No,
    Waiting { left_ms: u64, aim: AimFile },
    Ready { aim: AimFile },
    Formatting { aim: AimFile },
    Formatted { aim: AimFile },
    Kept { left_ms: u64, aim: AimFile },
    PuttingBack,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
enum AimFile {
    Member { replaces: Option<String> },
    Rescue,
    Courier,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum ContentFile {
    Unknown,
    Blank,
    Volume {
        vault: String,
        volume: String,
        generation: u64,
        serial: String,
    },
    Foreign {
        file_system: Option<String>,
        label: Option<String>,
        files: Option<u64>,
        bytes: Option<u64>,
    },
}

type Read<T> = Result<T, String>;

fn volume_id(text: &str) -> Read<VolumeId> {
    text.parse().map_err(|error| format!("volume {text}: {error}"))
}

fn vault_id(text: &str) -> Read<VaultId> {
    text.parse().map_err(|error| format!("vault {text}: {error}"))
}

impl EntryFile {
    pub(super) fn of(entry: &Entry) -> Self {
        let identity = &entry.identity;
        Self {
            transport: identity.transport.word().to_owned(),
            model: identity.model.clone(),
            serial: identity.serial.clone(),
            wwn: identity.wwn.clone(),
            port: identity.port.clone(),
            size: identity.size.0,
            place: entry.place.clone(),
            bay: entry.bay.clone(),
            volume: entry.volume.map(|id| id.to_string()),
            generation: entry.generation,
            away_ms: entry.away.0,
            pull_asked: entry.pull_asked,
            given_up: entry.given_up,
            label: entry.label.clone(),
            life: LifeFile::of(entry.life),
            content: ContentFile::of(&entry.content),
        }
    }

    pub(super) fn entry(self) -> Read<Entry> {
        let transport = Transport::ALL.into_iter().find(|known| known.word() == self.transport);
        let identity = DiskIdentity {
            transport: transport.ok_or_else(|| format!("transport {}", self.transport))?,
            model: self.model,
            serial: self.serial,
            wwn: self.wwn,
            port: self.port,
            size: Bytes(self.size),
        };
        Ok(Entry {
            identity,
            place: self.place,
            bay: self.bay,
            volume: self.volume.as_deref().map(volume_id).transpose()?,
            generation: self.generation,
            content: self.content.content()?,
            life: self.life.life()?,
            away: Millis(self.away_ms),
            pull_asked: self.pull_asked,
            given_up: self.given_up,
            label: self.label,
        })
    }
}

impl LifeFile {
    fn of(life: Life) -> Self {
        match life {
            Life::Blank(joining) => Self::Blank { joining: JoiningFile::of(joining) },
            Life::Foreign(joining) => Self::Foreign { joining: JoiningFile::of(joining) },
            Life::OursAbsent { was, wish } => {
                Self::OursAbsent { was: was.into(), wish: wish.into() }
            }
            Life::Member { wish } => Self::Member { wish: wish.into() },
            Life::Watch { wish } => Self::Watch { wish: wish.into() },
            Life::Failed { wish } => Self::Failed { wish: wish.into() },
            Life::Retiring { was } => Self::Retiring { was: was.into() },
            Life::Drained => Self::Drained,
            Life::Rescue => Self::Rescue,
            Life::Courier => Self::Courier,
            Life::TakenOut(joining) => Self::TakenOut { joining: JoiningFile::of(joining) },
            Life::Quarantined(doubt, joining) => {
                Self::Quarantined { doubt: doubt.into(), joining: JoiningFile::of(joining) }
            }
        }
    }

    fn life(self) -> Read<Life> {
        Ok(match self {
            Self::Blank { joining } => Life::Blank(joining.joining()?),
            Self::Foreign { joining } => Life::Foreign(joining.joining()?),
            Self::OursAbsent { was, wish } => {
                Life::OursAbsent { was: was.into(), wish: wish.into() }
            }
            Self::Member { wish } => Life::Member { wish: wish.into() },
            Self::Watch { wish } => Life::Watch { wish: wish.into() },
            Self::Failed { wish } => Life::Failed { wish: wish.into() },
            Self::Retiring { was } => Life::Retiring { was: was.into() },
            Self::Drained => Life::Drained,
            Self::Rescue => Life::Rescue,
            Self::Courier => Life::Courier,
            Self::TakenOut { joining } => Life::TakenOut(joining.joining()?),
            Self::Quarantined { doubt, joining } => {
                Life::Quarantined(doubt.into(), joining.joining()?)
            }
        })
    }
}

impl JoiningFile {
    fn of(joining: Joining) -> Self {
        match joining {
            Joining::No => Self::No,
            Joining::Waiting { left, aim } => {
                Self::Waiting { left_ms: left.0, aim: AimFile::of(aim) }
            }
            Joining::Ready { aim } => Self::Ready { aim: AimFile::of(aim) },
            Joining::Formatting { aim } => Self::Formatting { aim: AimFile::of(aim) },
            Joining::Formatted { aim } => Self::Formatted { aim: AimFile::of(aim) },
            Joining::Kept { left, aim } => Self::Kept { left_ms: left.0, aim: AimFile::of(aim) },
            Joining::PuttingBack => Self::PuttingBack,
        }
    }

    fn joining(self) -> Read<Joining> {
        Ok(match self {
            Self::No => Joining::No,
            Self::Waiting { left_ms, aim } => {
                Joining::Waiting { left: Millis(left_ms), aim: aim.aim()? }
            }
            Self::Ready { aim } => Joining::Ready { aim: aim.aim()? },
            Self::Formatting { aim } => Joining::Formatting { aim: aim.aim()? },
            Self::Formatted { aim } => Joining::Formatted { aim: aim.aim()? },
            Self::Kept { left_ms, aim } => Joining::Kept { left: Millis(left_ms), aim: aim.aim()? },
            Self::PuttingBack => Joining::PuttingBack,
        })
    }
}

impl AimFile {
    fn of(aim: Aim) -> Self {
        match aim {
            Aim::Member { replaces } => {
                Self::Member { replaces: replaces.map(|id| id.to_string()) }
            }
            Aim::Rescue => Self::Rescue,
            Aim::Courier => Self::Courier,
        }
    }

    fn aim(self) -> Read<Aim> {
        Ok(match self {
            Self::Member { replaces } => {
                Aim::Member { replaces: replaces.as_deref().map(volume_id).transpose()? }
            }
            Self::Rescue => Aim::Rescue,
            Self::Courier => Aim::Courier,
        })
    }
}

impl ContentFile {
    fn of(content: &DiskContent) -> Self {
        match content {
            DiskContent::Unknown => Self::Unknown,
            DiskContent::Blank => Self::Blank,
            DiskContent::Volume(mark) => Self::Volume {
                vault: mark.vault.to_string(),
                volume: mark.volume.to_string(),
                generation: mark.generation,
                serial: mark.serial.clone(),
            },
            DiskContent::Foreign(foreign) => Self::Foreign {
                file_system: foreign.file_system.clone(),
                label: foreign.label.clone(),
                files: foreign.files,
                bytes: foreign.bytes.map(|bytes| bytes.0),
            },
        }
    }

    fn content(self) -> Read<DiskContent> {
        Ok(match self {
            Self::Unknown => DiskContent::Unknown,
            Self::Blank => DiskContent::Blank,
            Self::Volume { vault, volume, generation, serial } => {
                let (vault, volume) = (vault_id(&vault)?, volume_id(&volume)?);
                DiskContent::Volume(VolumeMark { vault, volume, generation, serial })
            }
            Self::Foreign { file_system, label, files, bytes } => {
                DiskContent::Foreign(Foreign { file_system, label, files, bytes: bytes.map(Bytes) })
            }
        })
    }
}
