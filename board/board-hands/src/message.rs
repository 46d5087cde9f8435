//! What is asked of the helper and what it answers: one variant for each call of the trait.
//!
//! Plain data. A field that nobody knows is refused, and none holds a path or a device that the
//! caller chose. Start at [`Ask`].

use std::collections::BTreeSet;

use board::{
    BurnOrder, BurnStep, Burnt, DiskContent, DiskIdentity, Event, Light, MountAs, PrepareOrder,
    Prepared, PutBackOrder, SmartFacts,
};
use serde::{Deserialize, Serialize};

use crate::fault::Refusal;
use crate::wire::{
    BurnOrderDef, BurntDef, ContentDef, EventHeld, IdentityDef, InfoHeld, LightDef, MountAsDef,
    OrderDef, PreparedDef, PutBackOrderDef, SmartDef,
};

/// The version of everything in this crate. It rises with any change that an older side would
/// refuse.
pub const PROTOCOL: u16 = 4;
/// The first version that can keep what was on a disk, and put it back.
const KEEPS_SINCE: u16 = 3;
/// The first version that can be told what it still has to keep.
pub(crate) const KEEPS_ONLY_SINCE: u16 = 4;
/// The oldest version that is still understood.
pub const OLDEST_PROTOCOL: u16 = 1;
/// What is asked is never longer: an order with the longest labels is a few KiB.
pub const ASK_LEN_MAX: u32 = 1 << 16;

/// The first frame, from the helper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Greeting {
    /// The program's version, for people.
    pub(crate) hands: String,
    pub(crate) protocol: u16,
    pub(crate) oldest: u16,
    /// Which box this is: the id of a profile.
    pub(crate) profile: String,
    /// It says no more than this, and has left. Told before the caller says anything: what it said
    /// would be lost, and with it this.
    pub(crate) left: Option<Left>,
}

/// The second frame, from the box: the version it chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hello {
    pub(crate) protocol: u16,
}

/// What may be asked. The set is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Ask {
    Disks {},
    NextEvent {
        wait_ms: u32,
    },
    Smart {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
    },
    Probe {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
    },
    Prepare {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
        #[serde(with = "OrderDef")]
        order: PrepareOrder,
    },
    PutBack {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
        #[serde(with = "PutBackOrderDef")]
        order: PutBackOrder,
    },
    KeepOnly {
        labels: BTreeSet<String>,
    },
    Mount {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
        #[serde(with = "MountAsDef")]
        how: MountAs,
    },
    Unmount {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
    },
    Burn {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
        #[serde(with = "BurnOrderDef")]
        order: BurnOrder,
    },
    Pulse {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
    },
    Light {
        bay: String,
        #[serde(with = "LightDef")]
        light: Light,
    },
    Sleep {
        #[serde(with = "IdentityDef")]
        disk: DiskIdentity,
    },
}

impl Ask {
    /// A helper from before keeps nothing, and would not understand the wish.
    pub(crate) fn prepare(disk: &DiskIdentity, order: &PrepareOrder, speaks: u16) -> Self {
        let keeps = order.keeps && speaks >= KEEPS_SINCE;
        Self::Prepare { disk: disk.clone(), order: PrepareOrder { keeps, ..order.clone() } }
    }

    /// Its name, for the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Disks {} => "disks",
            Self::NextEvent { .. } => "next_event",
            Self::Smart { .. } => "smart",
            Self::Probe { .. } => "probe",
            Self::Prepare { .. } => "prepare",
            Self::PutBack { .. } => "put_back",
            Self::KeepOnly { .. } => "keep_only",
            Self::Mount { .. } => "mount",
            Self::Unmount { .. } => "unmount",
            Self::Burn { .. } => "burn",
            Self::Pulse { .. } => "pulse",
            Self::Light { .. } => "light",
            Self::Sleep { .. } => "sleep",
        }
    }

    /// Whether asking it a second time is the same as asking once, also when nobody knows whether the
    /// first was heard. Erasing is never asked twice by itself.
    pub(crate) fn may_be_repeated(&self) -> bool {
        !matches!(self, Self::Prepare { .. } | Self::PutBack { .. } | Self::Burn { .. })
    }

    /// The disk that something is done to, for the log; looking is not worth a line.
    pub(crate) fn touches(&self) -> Option<&DiskIdentity> {
        match self {
            Self::Prepare { disk, .. }
            | Self::PutBack { disk, .. }
            | Self::Burn { disk, order: BurnOrder { step: BurnStep::Begin | BurnStep::End, .. } }
            | Self::Mount { disk, .. }
            | Self::Unmount { disk }
            | Self::Sleep { disk } => Some(disk),
            Self::Disks {}
            | Self::KeepOnly { .. }
            | Self::NextEvent { .. }
            | Self::Smart { .. }
            | Self::Probe { .. }
            | Self::Burn {
                order: BurnOrder { step: BurnStep::Write { .. } | BurnStep::Read { .. }, .. },
                ..
            }
            | Self::Pulse { .. }
            | Self::Light { .. } => None,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Said {
    Disks {
        disks: Vec<InfoHeld>,
    },
    NextEvent {
        event: Option<EventHeld>,
    },
    Smart {
        #[serde(with = "SmartDef")]
        facts: SmartFacts,
    },
    Probe {
        #[serde(with = "ContentDef")]
        content: DiskContent,
    },
    Prepare {
        #[serde(with = "PreparedDef")]
        prepared: Prepared,
    },
    Burn {
        #[serde(with = "BurntDef")]
        burnt: Burnt,
    },
    /// The open folder comes with this frame.
    Mount {
        path: String,
        label: String,
        serial: String,
    },
    Done {},
}

impl Said {
    pub(crate) fn event(event: Option<Event>) -> Self {
        Self::NextEvent { event: event.map(EventHeld) }
    }
}

/// Every frame of the helper after the greeting.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Reply {
    /// It was done.
    Said(Said),
    /// The board refused.
    Refused(Refusal),
    /// The helper did not even ask the board, and ends the talk.
    Left(Left),
}

/// Why a talk is over, and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Left {
    pub(crate) why: Why,
    pub(crate) sentence: String,
}

/// Why the helper ends a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// The caller is not the box.
    Denied,
    /// Too many talks at once.
    Busy,
    /// No version in common.
    Version,
    /// It cannot be understood.
    NotUnderstood,
}
