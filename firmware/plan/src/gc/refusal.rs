//! Why pruning decides nothing, and what the owner can do about it.

use thiserror::Error;
use types::{Bytes, Millis, PackId};

const HOUR_MS: u64 = 3_600_000;

/// Why nothing is decided.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GcRefusal {
    /// A pack that is needed is not there.
    #[error("{count} packs that kept versions need are missing, the first is {}", .first.short())]
    PackMissing {
        /// One of them.
        first: PackId,
        /// How many.
        count: usize,
    },
    /// A volume that belongs to the vault is not there.
    #[error("not all disks are here: {} {}", .names.join(", "), if .names.len() == 1 { "is missing" } else { "are missing" })]
    VolumeAbsent {
        /// As their owner knows them.
        names: Vec<String>,
    },
    /// A volume is here and cannot be told what happens: what was let go may come back with it.
    #[error("not all disks can be written: {} {}", .names.join(", "), if .names.len() == 1 { "does not know the newest state" } else { "do not know the newest state" })]
    VolumeBehind {
        /// As their owner knows them.
        names: Vec<String>,
    },
    /// The catalog may not know everything yet.
    #[error("the catalog was rebuilt and not checked since")]
    CatalogUnchecked,
    /// The clock cannot be trusted.
    #[error("the clock jumped by {} hours since the last run", .by.0 / HOUR_MS)]
    ClockJumped {
        /// How far.
        by: Millis,
    },
    /// More would go than an ordinary run removes.
    #[error("{goes} of {total} would go, more than {percent} % of the vault")]
    TooMuch {
        /// What would go.
        goes: Bytes,
        /// All packs.
        total: Bytes,
        /// The bound.
        percent: u8,
    },
}

impl GcRefusal {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::PackMissing { .. } => {
                "Connect any disk that may have them; or forget the snapshots that `holdfast check` \
                 names, and run a check with repair."
            }
            Self::VolumeAbsent { .. } => "Connect it, or retire or remove it if it is gone.",
            Self::VolumeBehind { .. } => {
                "See to it that it can be written: make room on it, or trust it again if it is well; \
                 else replace it."
            }
            Self::CatalogUnchecked => "Run a check first.",
            Self::ClockJumped { .. } => "Check the clock of this computer, then run this again.",
            Self::TooMuch { .. } => {
                "`holdfast prune --dry-run --allow-large` shows what would go; if that is right, prune \
                 with --allow-large."
            }
        }
    }
}
