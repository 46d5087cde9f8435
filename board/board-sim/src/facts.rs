//! `disk.toml`: everything about a simulated disk that a restart must not lose.
//!
//! Unknown keys are errors, since people write in it by hand. Start at [`Facts`].

use std::path::{Path, PathBuf};

use board::{DiskIdentity, SmartFacts, Transport};
use serde::{Deserialize, Serialize};
use types::Bytes;
use volume::{FsDisk, durable};

use crate::error::{At, SimError};

/// The file's name in a disk's folder.
pub(crate) const FILE: &str = "disk.toml";

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    pub(crate) model: String,
    pub(crate) serial: Option<String>,
    pub(crate) wwn: Option<String>,
    pub(crate) transport: String,
    pub(crate) size: u64,
    pub(crate) rotational: Option<bool>,
    #[serde(default)]
    pub(crate) removable: bool,
    /// Where it is plugged in, `desk/bay-1`; absent when it lies on the table.
    pub(crate) port: Option<String>,
    /// Absent when nothing is on it.
    pub(crate) file_system: Option<FileSystem>,
    /// What was on it before it was formatted, and can be put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Before>,
    /// The order under which it is being put back as it was: it says so, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unfinished: Option<String>,
    #[serde(default)]
    pub(crate) faults: Faults,
    #[serde(default)]
    pub(crate) counts: Counts,
    #[serde(default)]
    pub(crate) smart: Smart,
}

/// What is on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSystem {
    pub(crate) kind: String,
    pub(crate) label: Option<String>,
    /// Somebody's folder that is shown as its content, and never written.
    pub(crate) shows: Option<PathBuf>,
}

/// What was on a disk before it was formatted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    /// The label of the order under which it was formatted.
    pub(crate) order: String,
    pub(crate) file_system: FileSystem,
}

/// What is wrong with a disk. Each may be switched on and off at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Whatever reads fails with EIO.
    pub reads_fail: bool,
    /// Whatever changes something fails with EIO.
    pub writes_fail: bool,
    /// Each operation takes this much longer.
    pub slow_ms: u64,
    /// No operation comes back until this is off again or the disk is pulled.
    pub hangs: bool,
    /// There is no room, whatever the size says.
    pub full: bool,
    /// Changes are refused with EROFS.
    pub read_only: bool,
    /// What was there before it was formatted comes back by half, and then there is an EIO.
    pub put_back_stops: bool,
    /// It has so many bytes behind its size, and the rest is made up: a stick that lies. Only a test of
    /// the whole disk can see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<u64>,
    /// What is written beyond them goes over what is before; else it is forgotten.
    pub wraps: bool,
}

impl Faults {
    /// Reads and writes fail.
    pub fn dead() -> Self {
        Self { reads_fail: true, writes_fail: true, ..Self::default() }
    }
}

/// What a disk went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Counts {
    /// It sleeps now.
    pub asleep: bool,
    /// How often it was woken.
    pub wakes: u64,
    /// How often it was sent to sleep.
    pub sleeps: u64,
    /// How often it was read so that its light shows.
    pub pulses: u64,
}

/// SMART, as in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Smart {
    passed: Option<bool>,
    temperature_c: Option<i16>,
    power_on_hours: Option<u64>,
    reallocated: Option<u64>,
    pending: Option<u64>,
    uncorrectable: Option<u64>,
    cable_errors: Option<u64>,
    worn_percent: Option<u8>,
    spare_percent: Option<u8>,
}

impl From<SmartFacts> for Smart {
    fn from(facts: SmartFacts) -> Self {
        Self {
            passed: facts.passed,
            temperature_c: facts.temperature_c,
            power_on_hours: facts.power_on_hours,
            reallocated: facts.reallocated,
            pending: facts.pending,
            uncorrectable: facts.uncorrectable,
            cable_errors: facts.cable_errors,
            worn_percent: facts.worn_percent,
            spare_percent: facts.spare_percent,
        }
    }
}

impl From<Smart> for SmartFacts {
    fn from(smart: Smart) -> Self {
        Self {
            passed: smart.passed,
            temperature_c: smart.temperature_c,
            power_on_hours: smart.power_on_hours,
            reallocated: smart.reallocated,
            pending: smart.pending,
            uncorrectable: smart.uncorrectable,
            cable_errors: smart.cable_errors,
            worn_percent: smart.worn_percent,
            spare_percent: smart.spare_percent,
        }
    }
}

impl Facts {
    /// Who it is where it is plugged in; none while it is not.
    pub(crate) fn identity(&self) -> Option<DiskIdentity> {
        Some(DiskIdentity {
            transport: transport(&self.transport),
            model: self.model.clone(),
            serial: self.serial.clone(),
            wwn: self.wwn.clone(),
            port: self.port.clone()?,
            size: Bytes(self.size),
        })
    }

    /// Reads them from a disk's folder.
    pub(crate) fn load(folder: &Path) -> Result<Self, SimError> {
        let file = folder.join(FILE);
        let text = std::fs::read_to_string(&file).at("read", &file.display())?;
        toml::from_str(&text).map_err(|error| SimError::Record {
            file: file.display().to_string(),
            what: error.message().to_owned(),
        })
    }

    /// Writes them, whole or not at all.
    pub(crate) fn store(&self, folder: &Path) -> Result<(), SimError> {
        let file = folder.join(FILE).display().to_string();
        let text = toml::to_string(self)
            .map_err(|error| SimError::Record { file: file.clone(), what: error.to_string() })?;
        let place = FsDisk::plain_folder(folder).at("open", &folder.display())?;
        durable::replace_file(&place, FILE, text.as_bytes()).map_err(|failure| SimError::Io {
            doing: "write",
            what: file,
            source: failure.source,
        })
    }
}

fn transport(word: &str) -> Transport {
    Transport::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Transport::Other)
}
