//! The board's plain data, as it stands in frames.
//!
//! Each shape is the board's own, field by field: one that is added there does not compile here
//! until it travels too. Start at [`IdentityDef`].

use board::{
    BurnOrder, BurnSeed, BurnStep, Burnt, DiskContent, DiskIdentity, DiskInfo, Event, Foreign,
    Light, MountAs, Place, Power, PrepareOrder, Prepared, Press, PutBackOrder, SmartFacts,
    Transport, VolumeMark, WrongBytes,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::{Bytes, VaultId, VolumeId};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Bytes")]
pub(crate) struct BytesDef(u64);

#[derive(Serialize, Deserialize)]
#[serde(remote = "VaultId")]
pub(crate) struct VaultIdDef([u8; 16]);

#[derive(Serialize, Deserialize)]
#[serde(remote = "VolumeId")]
pub(crate) struct VolumeIdDef([u8; 16]);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Transport", rename_all = "snake_case")]
pub(crate) enum TransportDef {
    Sata,
    Nvme,
    Usb,
    Card,
    Virtual,
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DiskIdentity", deny_unknown_fields)]
pub(crate) struct IdentityDef {
    #[serde(with = "TransportDef")]
    transport: Transport,
    model: String,
    serial: Option<String>,
    wwn: Option<String>,
    port: String,
    #[serde(with = "BytesDef")]
    size: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Place", rename_all = "snake_case")]
pub(crate) enum PlaceDef {
    Bay(String),
    Usb(String),
    Port(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Power", rename_all = "snake_case")]
pub(crate) enum PowerDef {
    Awake,
    Asleep,
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DiskInfo", deny_unknown_fields)]
pub(crate) struct InfoDef {
    #[serde(with = "IdentityDef")]
    identity: DiskIdentity,
    #[serde(with = "PlaceDef")]
    place: Place,
    attached: u64,
    node: String,
    removable: bool,
    rotational: Option<bool>,
    read_only: bool,
    #[serde(with = "PowerDef")]
    power: Power,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SmartFacts", deny_unknown_fields)]
pub(crate) struct SmartDef {
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

#[derive(Serialize, Deserialize)]
#[serde(remote = "VolumeMark", deny_unknown_fields)]
pub(crate) struct MarkDef {
    #[serde(with = "VaultIdDef")]
    vault: VaultId,
    #[serde(with = "VolumeIdDef")]
    volume: VolumeId,
    generation: u64,
    serial: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Foreign", deny_unknown_fields)]
pub(crate) struct ForeignDef {
    file_system: Option<String>,
    label: Option<String>,
    files: Option<u64>,
    #[serde(with = "perhaps_bytes")]
    bytes: Option<Bytes>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DiskContent", rename_all = "snake_case")]
pub(crate) enum ContentDef {
    Unknown,
    Blank,
    Volume(#[serde(with = "MarkDef")] VolumeMark),
    Foreign(#[serde(with = "ForeignDef")] Foreign),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Light", rename_all = "snake_case")]
pub(crate) enum LightDef {
    Off,
    Good,
    Watch,
    Failed,
    Here,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Press", rename_all = "snake_case")]
pub(crate) enum PressDef {
    Short,
    Held,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Event", rename_all = "snake_case")]
pub(crate) enum EventDef {
    Inserted(#[serde(with = "InfoDef")] DiskInfo),
    Removed(#[serde(with = "IdentityDef")] DiskIdentity),
    Changed(#[serde(with = "InfoDef")] DiskInfo),
    Button(#[serde(with = "PressDef")] Press),
    Overflow,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MountAs", rename_all = "snake_case")]
pub(crate) enum MountAsDef {
    Volume,
    NewVolume,
    VolumeReadOnly,
    Look,
    Target,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PrepareOrder", deny_unknown_fields)]
pub(crate) struct OrderDef {
    #[serde(with = "ContentDef")]
    expects: DiskContent,
    attached: u64,
    label: String,
    /// Not there in what an older box sends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keeps: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PutBackOrder", deny_unknown_fields)]
pub(crate) struct PutBackOrderDef {
    attached: u64,
    label: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BurnStep", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BurnStepDef {
    Begin,
    Write { from: u64, len: u64 },
    Read { from: u64, len: u64 },
    End,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BurnSeed", transparent)]
pub(crate) struct BurnSeedDef(pub(crate) [u8; 16]);

#[derive(Serialize, Deserialize)]
#[serde(remote = "BurnOrder", deny_unknown_fields)]
pub(crate) struct BurnOrderDef {
    #[serde(with = "ContentDef")]
    expects: DiskContent,
    attached: u64,
    #[serde(with = "BurnSeedDef")]
    seed: BurnSeed,
    #[serde(with = "BurnStepDef")]
    step: BurnStep,
}

/// The numbers of a step: how much is wrong, where, and what is there: `of` a place, or not to be read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BurntHeld {
    wrong: u64,
    at: Option<u64>,
    of: Option<u64>,
    unreadable: bool,
}

pub(crate) struct BurntDef;

impl BurntDef {
    pub(crate) fn serialize<S: Serializer>(burnt: &Burnt, to: S) -> Result<S::Ok, S::Error> {
        let what = burnt.first.map(|(_, what)| what);
        let held = BurntHeld {
            wrong: burnt.wrong,
            at: burnt.first.map(|(at, _)| at),
            of: what.and_then(|what| match what {
                WrongBytes::Of(place) => Some(place),
                WrongBytes::Unreadable | WrongBytes::Other => None,
            }),
            unreadable: what == Some(WrongBytes::Unreadable),
        };
        held.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Burnt, D::Error> {
        let held = BurntHeld::deserialize(from)?;
        let what = match held.of {
            Some(place) => WrongBytes::Of(place),
            None if held.unreadable => WrongBytes::Unreadable,
            None => WrongBytes::Other,
        };
        Ok(Burnt { wrong: held.wrong, first: held.at.map(|at| (at, what)) })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Prepared", rename_all = "snake_case")]
pub(crate) enum PreparedDef {
    Formatted,
    AlreadyDone,
    Kept,
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct InfoHeld(#[serde(with = "InfoDef")] pub(crate) DiskInfo);

/// One that may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct EventHeld(#[serde(with = "EventDef")] pub(crate) Event);

/// The disk of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct IdentityHeld(#[serde(with = "IdentityDef")] pub(crate) DiskIdentity);

mod perhaps_bytes {
    use super::{Bytes, Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer, B: Copy + Into<Option<Bytes>>>(
        bytes: &B,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (*bytes).into().map(|bytes| bytes.0).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Bytes>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Bytes))
    }
}
