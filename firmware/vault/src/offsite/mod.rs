//! What goes to friends and what comes back: the vault's packs as ones that others may hold, sealed.
//!
//! Nothing here speaks with anybody; whoever does asks here and brings bytes. What a friend brings is
//! believed only when it has the bytes of its name. What can be done without keys, so that a locked box
//! still serves its friends, is in [`SealedHere`]. Why: ADR 32. Start at [`Vault::offsite_packs`].
//!
//! [`Vault::offsite_packs`]: crate::Vault::offsite_packs

mod back;
mod beside;
mod heads;
mod packs;
mod sealed;
mod words;
mod young;

pub use back::{PackToFetch, TakenBack};
pub use heads::{HeadSeen, HeadStanding};
pub use packs::{OffsitePackHere, OffsiteWish};
pub use sealed::{SealedHere, SealedPack};
pub use words::{WordsSlot, rebirth_rank};

pub(crate) use words::note_recovery;
pub(crate) use young::note_sealed;
