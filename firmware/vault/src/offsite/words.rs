//! What a friend keeps so that the words alone bring everything back: the words slot, and by which key
//! the friend knows the owner.
//!
//! The words slot is the key file without any other way in: a password slot there could be guessed by
//! whoever has it. Start at [`Vault::words_slot`].

use format::keys::{KeyFile, SlotKind};
use peer_proto::owner::Item;
use peer_proto::wire::Kind;
use seal::{KeyRing, Secret, SlotName};
use types::{OwnerKey, PackId};

use crate::Vault;
use crate::error::VaultError;
use crate::open::Secrets;
use crate::writer::Chain;

/// The words slot, sealed, as friends keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsSlot {
    /// Its name and length, as it is offered.
    pub item: Item,
    /// Its bytes. They open nothing without the words.
    pub bytes: Vec<u8>,
}

impl Vault {
    /// The words slot as it is now. The same bytes until a space is added or a way in changes; then the old
    /// one need not be kept any more, once the new one is.
    pub fn words_slot(&self) -> Result<WordsSlot, VaultError> {
        let now = self.keys.now();
        let file = KeyFile::decode(&now.file)?;
        let own = now.ring.with_slots(&file, &[SlotName::Words]);
        let own = own.map_err(|error| VaultError::Bad { what: error.to_string() })?;
        if own.slots.is_empty() {
            let what = "the vault has no words: a friend could not bring it back".to_owned();
            return Err(VaultError::Bad { what });
        }
        let bytes = own.encode();
        let root = PackId(*blake3::hash(&bytes).as_bytes());
        let item = Item { root, size: bytes.len() as u64, kind: Kind::Keys };
        Ok(WordsSlot { item, bytes })
    }

    /// The public half of the recovery key, by which friends know the owner. None until the words were at
    /// hand once: a vault from before this was kept has to be opened with them.
    pub fn recovery_public(&self) -> Option<OwnerKey> {
        self.writer().chain.recovery
    }
}

/// In which order things leave the house, and come back to a new one: without the words slot nothing is
/// opened, without heads nothing is found, without metadata nothing is listed.
pub fn rebirth_rank(kind: Kind) -> u8 {
    match kind {
        Kind::Keys => 0,
        Kind::Head => 1,
        Kind::Meta => 2,
        Kind::Index => 3,
        _ => 4,
    }
}

/// Notes by which key friends know whoever opened the vault just now; says whether that is news. Words from
/// before a change open copies of the key file that are older than it, and say nothing.
pub(crate) fn note_recovery(chain: &mut Chain, secret: Secrets<'_>, file: &KeyFile) -> bool {
    let Secrets::Words(words) = secret else { return false };
    let recovery = Some(OwnerKey(words.recovery_public()));
    if chain.recovery == recovery || KeyRing::unlock(file, Secret::Words(words)).is_err() {
        return false;
    }
    let several = file.slots.iter().filter(|slot| slot.kind == SlotKind::Words).count() > 1;
    // Halves that came together may each have words: those that were noted stay.
    if several && chain.recovery.is_some() {
        return false;
    }
    chain.recovery = recovery;
    true
}
