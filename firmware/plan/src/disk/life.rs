//! The life of a disk: one value of twelve. The verbs that lead from one to the next are in `verbs`.
//!
//! Start at [`Life`].

use types::VolumeId;

use super::joining::{Aim, Joining};
use super::refusal::{Refusal, Verb};

/// How a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Well.
    Member,
    /// Worth watching.
    Watch,
    /// Takes no more writes.
    Failed,
    /// Being emptied.
    Retiring,
}

/// What its owner wants of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// That it stays.
    #[default]
    Stay,
    /// That another takes its place.
    Replace,
}

/// Why a disk that claims to be one of the vault's is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The real one is here, too.
    Clone,
    /// It is older than what the vault knows of this volume.
    Stale,
    /// It is on other hardware than the one it was last seen on.
    Moved,
    /// Several claim it, and none more than another.
    Undecided,
}

impl Doubt {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Clone => "the disk that it is a copy of is here, too",
            Self::Stale => "its content is older than what the vault remembers of it",
            Self::Moved => "its content was last seen on another disk",
            Self::Undecided => "several disks claim to be the same one",
        }
    }
}

/// The life of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Life {
    /// Nothing is on it.
    Blank(Joining),
    /// Something is on it that is no member's.
    Foreign(Joining),
    /// A member that is not here.
    OursAbsent {
        /// How it stood when it went.
        was: Standing,
        /// What its owner wants of it.
        wish: Wish,
    },
    /// It takes part.
    Member {
        /// What its owner wants of it.
        wish: Wish,
    },
    /// It takes part, and something is not right.
    Watch {
        /// What its owner wants of it.
        wish: Wish,
    },
    /// It takes no more writes, and is read while it can be.
    Failed {
        /// What its owner wants of it.
        wish: Wish,
    },
    /// It is being emptied.
    Retiring {
        /// What it was before; never `Retiring`.
        was: Standing,
    },
    /// It was emptied, and is no member any more.
    Drained,
    /// A drive for plain files.
    Rescue,
    /// A drive that carries packs.
    Courier,
    /// It claims to be a member, and is not believed.
    Quarantined(Doubt, Joining),
    /// It was pulled in the middle of being erased or put back, is not here, and goes on where it was
    /// when it comes back.
    TakenOut(Joining),
}

impl Life {
    /// How it is, as in "a disk that ...".
    pub fn words(&self) -> &'static str {
        match self {
            Self::Blank(_) => "is blank",
            Self::Foreign(_) => "holds something else",
            Self::OursAbsent { .. } => "is not here",
            Self::Member { .. } => "takes part",
            Self::Watch { .. } => "takes part and is watched",
            Self::Failed { .. } => "failed",
            Self::Retiring { .. } => "is being emptied",
            Self::Drained => "was emptied",
            Self::Rescue => "is a rescue drive",
            Self::Courier => "is a courier",
            Self::Quarantined(..) => "is in quarantine",
            Self::TakenOut(_) => "was taken out in the middle of it",
        }
    }

    /// How a member stands, here or away; none for all others.
    pub fn standing(&self) -> Option<Standing> {
        match *self {
            Self::OursAbsent { was, .. } => Some(was),
            Self::Member { .. } => Some(Standing::Member),
            Self::Watch { .. } => Some(Standing::Watch),
            Self::Failed { .. } => Some(Standing::Failed),
            Self::Retiring { .. } => Some(Standing::Retiring),
            Self::Blank(_)
            | Self::Foreign(_)
            | Self::Drained
            | Self::Rescue
            | Self::Courier
            | Self::Quarantined(..)
            | Self::TakenOut(_) => None,
        }
    }

    /// What its owner wants of a member.
    pub fn wish(&self) -> Wish {
        match *self {
            Self::OursAbsent { wish, .. }
            | Self::Member { wish }
            | Self::Watch { wish }
            | Self::Failed { wish } => wish,
            _ => Wish::Stay,
        }
    }

    /// How far it is on its way to be used, while it is here.
    pub fn joining(&self) -> Joining {
        match *self {
            Self::Blank(joining) | Self::Foreign(joining) | Self::Quarantined(_, joining) => {
                joining
            }
            _ => Joining::No,
        }
    }

    /// Whether it is plugged in.
    pub fn is_here(&self) -> bool {
        !matches!(self, Self::OursAbsent { .. } | Self::TakenOut(_))
    }

    pub(super) fn refuse(&self, verb: Verb) -> Refusal {
        Refusal::Illegal { verb, life: self.words() }
    }
}

/// The volume that something on its way is to replace.
pub(super) fn replaced_by(life: &Life) -> Option<VolumeId> {
    match life.joining().aim() {
        Some(Aim::Member { replaces }) => replaces,
        _ => None,
    }
}
