//! What can be known of a disk from outside: who it is, how it says it feels, what is on it.
//!
//! Plain data that boards report, `plan` decides on and everybody shows. Nothing here asks a disk
//! anything, and nothing is guessed: what a disk does not say stays `None`.
//! Start reading at [`DiskIdentity`].

use std::fmt;

use crate::{Bytes, VaultId, VolumeId};

/// How a disk is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A SATA or SAS port.
    Sata,
    /// A slot for NVMe.
    Nvme,
    /// USB, with or without a bridge to SATA.
    Usb,
    /// A memory card or soldered flash.
    Card,
    /// A virtual machine's disk.
    Virtual,
    /// None of these, or unknown.
    Other,
}

impl Transport {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Sata, Self::Nvme, Self::Usb, Self::Card, Self::Virtual, Self::Other];

    /// The word for it in files and lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sata => "sata",
            Self::Nvme => "nvme",
            Self::Usb => "usb",
            Self::Card => "card",
            Self::Virtual => "virtual",
            Self::Other => "other",
        }
    }
}

/// Who a disk is and where it is plugged in. Never a name such as `sda`, which the next start
/// gives to another disk, and never one of its parts alone: docks report one serial for all disks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiskIdentity {
    /// How it is attached.
    pub transport: Transport,
    /// The maker's name for it.
    pub model: String,
    /// The serial that it, or the bridge before it, reports.
    pub serial: Option<String>,
    /// Its world-wide name.
    pub wwn: Option<String>,
    /// The path of ports and hubs to it, as the kernel numbers them.
    pub port: String,
    /// Its size.
    pub size: Bytes,
}

/// Whether two identities are of one piece of hardware, wherever it is plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// Model, size, and a serial or world-wide name agree.
    Same,
    /// Something contradicts.
    Other,
    /// Nothing contradicts, and nothing proves it: no name that both report.
    Unproved,
}

/// How many letters of a serial are shown, and typed before anything is erased.
pub const WORD_LEN: usize = 4;

impl DiskIdentity {
    /// Whether `other` is the same hardware. The port and the way it is attached are not compared.
    pub fn agrees(&self, other: &Self) -> Agreement {
        if self.model != other.model || self.size != other.size {
            return Agreement::Other;
        }
        let pairs = [(&self.serial, &other.serial), (&self.wwn, &other.wwn)];
        let mut proved = Agreement::Unproved;
        for pair in pairs {
            match pair {
                (Some(one), Some(two)) if one == two => proved = Agreement::Same,
                (Some(_), Some(_)) => return Agreement::Other,
                _ => {}
            }
        }
        proved
    }

    /// The last four letters or digits of the serial, of the world-wide name where there is none,
    /// and of the port where there is neither.
    pub fn last_four(&self) -> String {
        let named = self.serial.as_deref().or(self.wwn.as_deref()).unwrap_or(&self.port);
        last_letters(named)
    }

    /// The last four letters or digits of the port: they tell apart what shares a serial.
    pub fn last_four_of_port(&self) -> String {
        last_letters(&self.port)
    }
}

impl fmt::Display for DiskIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} (..{}) at {}", self.model, self.size, self.last_four(), self.port)
    }
}

fn last_letters(text: &str) -> String {
    let mut last: Vec<char> =
        text.chars().rev().filter(|letter| letter.is_alphanumeric()).take(WORD_LEN).collect();
    last.reverse();
    last.into_iter().collect()
}

/// What a disk says about its health. `None`: it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmartFacts {
    /// Its own verdict: false means that it expects to fail.
    pub passed: Option<bool>,
    /// Temperature in degrees Celsius.
    pub temperature_c: Option<i16>,
    /// Hours that it has run.
    pub power_on_hours: Option<u64>,
    /// Bad sectors that were replaced by spare ones.
    pub reallocated: Option<u64>,
    /// Sectors that could not be read and wait to be written.
    pub pending: Option<u64>,
    /// Sectors given up, or media errors of a solid-state disk.
    pub uncorrectable: Option<u64>,
    /// Transfers that the cable spoiled.
    pub cable_errors: Option<u64>,
    /// How much of its life a solid-state disk has used, in percent; may pass 100.
    pub worn_percent: Option<u8>,
    /// Spare blocks left, in percent.
    pub spare_percent: Option<u8>,
}

/// What a look that writes nothing found on a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskContent {
    /// Nobody looked yet, or it could not be read.
    Unknown,
    /// No partition, no file system, nothing in the places where they would be.
    Blank,
    /// A volume of some vault.
    Volume(VolumeMark),
    /// Something else: a file system, partitions, or bytes that nobody recognises.
    Foreign(Foreign),
}

/// What a superblock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeMark {
    /// The vault.
    pub vault: VaultId,
    /// The volume.
    pub volume: VolumeId,
    /// Counts how often it was opened for writing.
    pub generation: u64,
    /// The serial of the disk it was made on.
    pub serial: String,
}

/// What is on a disk that is no volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The file system's name; none when it is not known.
    pub file_system: Option<String>,
    /// Its label.
    pub label: Option<String>,
    /// How many files there are; none when they were not counted.
    pub files: Option<u64>,
    /// Their size.
    pub bytes: Option<Bytes>,
}

/// What a light beside a bay says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Light {
    /// Nothing there, or nothing to say.
    Off,
    /// The disk is well.
    Good,
    /// The disk wants attention; it stays where it is.
    Watch,
    /// The disk failed; it stays where it is until the light blinks.
    Failed,
    /// This is the bay that is spoken of: pull here, or insert here.
    Here,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(serial: Option<&str>, wwn: Option<&str>, port: &str) -> DiskIdentity {
        DiskIdentity {
            transport: Transport::Usb,
            model: "Dock".to_owned(),
            serial: serial.map(str::to_owned),
            wwn: wwn.map(str::to_owned),
            port: port.to_owned(),
            size: Bytes(4_000_000_000_000),
        }
    }

    #[test]
    fn a_disk_is_the_same_when_a_name_agrees_and_none_contradicts() {
        let first = disk(Some("S1"), None, "usb-1.1");
        assert_eq!(first.agrees(&disk(Some("S1"), Some("W"), "usb-1.2")), Agreement::Same);
        assert_eq!(first.agrees(&disk(Some("S2"), None, "usb-1.1")), Agreement::Other);
        assert_eq!(first.agrees(&disk(None, Some("W"), "usb-1.1")), Agreement::Unproved);
        let both = disk(Some("S1"), Some("W1"), "a");
        assert_eq!(both.agrees(&disk(Some("S1"), Some("W2"), "a")), Agreement::Other);
        let smaller = DiskIdentity { size: Bytes(1), ..first.clone() };
        assert_eq!(first.agrees(&smaller), Agreement::Other);
    }

    #[test]
    fn the_last_four_are_letters_and_digits_of_the_best_name_there_is() {
        assert_eq!(disk(Some("WD-WX12 AB9-7"), Some("0x5"), "usb-1.1").last_four(), "2AB97"[1..]);
        assert_eq!(disk(None, Some("0x50014ee2"), "usb-1.1").last_four(), "4ee2");
        assert_eq!(disk(None, None, "usb-1.23").last_four(), "b123");
        assert_eq!(disk(Some("7"), None, "").last_four(), "7");
    }
}
