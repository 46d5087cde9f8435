//! Slots: the master key, sealed for the words, a password, or a key in a file.
//!
//! The words carry full entropy and need no stretching; a password goes through Argon2id with
//! parameters that the slot remembers. Parameters in a slot are a stranger's until the slot opened,
//! so they are bounded before any work is done.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use format::keys::{Slot, SlotKind};
use types::{Rng, VaultId};
use zeroize::Zeroizing;

use crate::sealed_box::BoxError;
use crate::{MasterKey, UnlockError, Words, contexts, sealed_box};

/// Memory for stretching a password, in KiB. From `defaults.md`: boxes with 1 GB must manage.
pub const ARGON2_MEMORY_KIB: u32 = 64 << 10;
/// Passes over that memory. From `defaults.md`: 0.36 s on one core.
pub const ARGON2_PASSES: u32 = 3;
/// Lanes. One: a box has one core to spare.
pub const ARGON2_LANES: u32 = 1;
/// A slot that asks for more memory is refused: 1 GiB.
const MEMORY_KIB_MAX: u32 = 1 << 20;
/// A slot that asks for more passes is refused.
const PASSES_MAX: u32 = 16;
/// A slot that asks for more lanes is refused.
const LANES_MAX: u32 = 16;
/// All slots together may cost what the dearest one may: whoever can write to a disk can plant
/// thousands of them, and each is tried.
const WORK_MAX: u64 = MEMORY_KIB_MAX as u64 * PASSES_MAX as u64;

/// Who keeps a 32-byte key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyHolder {
    /// The system disk.
    Device,
    /// A USB stick.
    UsbKey,
}

/// A slot's kind, without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotName {
    /// The 24 words.
    Words,
    /// A password.
    Password,
    /// A file on the system disk.
    Device,
    /// A file on a USB stick.
    UsbKey,
}

impl SlotName {
    /// The kind of a stored slot.
    pub fn of(kind: SlotKind) -> Self {
        match kind {
            SlotKind::Words => Self::Words,
            SlotKind::Password { .. } => Self::Password,
            SlotKind::Device => Self::Device,
            SlotKind::UsbKey => Self::UsbKey,
        }
    }
}

impl fmt::Display for SlotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "words",
            Self::Password => "password",
            Self::Device => "device key",
            Self::UsbKey => "USB key",
        })
    }
}

/// What someone brings to open a vault.
#[derive(Clone, Copy)]
pub enum Secret<'a> {
    /// The 24 words.
    Words(&'a Words),
    /// A password, byte for byte as it was typed.
    Password(&'a [u8]),
    /// The content of a key file.
    KeyBytes(&'a [u8; 32], KeyHolder),
}

impl Secret<'_> {
    /// The kind of slot it opens.
    pub fn slot_name(&self) -> SlotName {
        match self {
            Self::Words(_) => SlotName::Words,
            Self::Password(_) => SlotName::Password,
            Self::KeyBytes(_, KeyHolder::Device) => SlotName::Device,
            Self::KeyBytes(_, KeyHolder::UsbKey) => SlotName::UsbKey,
        }
    }

    /// The kind of a new slot for it.
    fn new_slot_kind(&self) -> SlotKind {
        match self.slot_name() {
            SlotName::Words => SlotKind::Words,
            SlotName::Password => SlotKind::Password {
                memory_kib: ARGON2_MEMORY_KIB,
                passes: ARGON2_PASSES,
                lanes: ARGON2_LANES,
            },
            SlotName::Device => SlotKind::Device,
            SlotName::UsbKey => SlotKind::UsbKey,
        }
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, ..)", self.slot_name())
    }
}

/// Seals the master key for `secret`.
pub(crate) fn make(vault: VaultId, master: &MasterKey, secret: &Secret<'_>, rng: &dyn Rng) -> Slot {
    let kind = secret.new_slot_kind();
    let salt = rng.array();
    let key = slot_key(secret, kind, &salt).expect("a new slot's parameters are within bounds");
    let associated = associated_data(vault, kind);
    let master = sealed_box::seal_salted(context(kind), &key, salt, &associated, master.bytes());
    Slot { kind, master }
}

/// The master key from the first slot that `secret` opens.
pub(crate) fn open(
    vault: VaultId,
    slots: &[Slot],
    secret: &Secret<'_>,
) -> Result<MasterKey, UnlockError> {
    open_within(WORK_MAX, vault, slots, secret)
}

fn open_within(
    mut work_left: u64,
    vault: VaultId,
    slots: &[Slot],
    secret: &Secret<'_>,
) -> Result<MasterKey, UnlockError> {
    let wanted = secret.slot_name();
    let mut failure = UnlockError::NoSlot { wanted };
    for slot in slots.iter().filter(|slot| SlotName::of(slot.kind) == wanted) {
        let left = work_left.checked_sub(work(slot.kind));
        let key = left.and_then(|_| slot_key(secret, slot.kind, &slot.master.salt));
        let Some(key) = key else {
            failure = UnlockError::Costly;
            continue;
        };
        work_left = left.unwrap_or(0);
        let associated = associated_data(vault, slot.kind);
        match sealed_box::open_associated(context(slot.kind), &key, &associated, &slot.master) {
            Ok(bytes) => {
                return MasterKey::from_slice(&bytes)
                    .ok_or(UnlockError::Forged { part: "master key" });
            }
            Err(BoxError::Damaged) => return Err(UnlockError::Forged { part: "slot" }),
            Err(BoxError::WrongKey) => failure = UnlockError::WrongSecret { tried: wanted },
        }
    }
    Err(failure)
}

/// What trying a slot costs: KiB times passes.
fn work(kind: SlotKind) -> u64 {
    match kind {
        SlotKind::Password { memory_kib, passes, .. } => u64::from(memory_kib) * u64::from(passes),
        SlotKind::Words | SlotKind::Device | SlotKind::UsbKey => 0,
    }
}

fn context(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Words => contexts::SLOT_WORDS,
        SlotKind::Password { .. } => contexts::SLOT_PASSWORD,
        SlotKind::Device => contexts::SLOT_DEVICE,
        SlotKind::UsbKey => contexts::SLOT_USB_KEY,
    }
}

/// Context, vault, and the stretching parameters, so that nobody can quietly weaken them.
fn associated_data(vault: VaultId, kind: SlotKind) -> Vec<u8> {
    let mut out = context(kind).as_bytes().to_vec();
    out.extend_from_slice(&vault.0);
    if let SlotKind::Password { memory_kib, passes, lanes } = kind {
        for parameter in [memory_kib, passes, lanes] {
            out.extend_from_slice(&parameter.to_le_bytes());
        }
    }
    out
}

/// The 32 bytes a slot's box key is derived from; none when the slot asks for too much work.
fn slot_key(secret: &Secret<'_>, kind: SlotKind, salt: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    match (secret, kind) {
        (Secret::Words(words), _) => Some(Zeroizing::new(*words.entropy())),
        (Secret::KeyBytes(bytes, _), _) => Some(Zeroizing::new(**bytes)),
        (Secret::Password(password), SlotKind::Password { memory_kib, passes, lanes }) => {
            stretch(password, salt, memory_kib, passes, lanes)
        }
        (Secret::Password(_), _) => None,
    }
}

fn stretch(
    password: &[u8],
    salt: &[u8; 32],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
) -> Option<Zeroizing<[u8; 32]>> {
    if memory_kib > MEMORY_KIB_MAX || passes > PASSES_MAX || lanes > LANES_MAX {
        return None;
    }
    let params = Params::new(memory_kib, passes, lanes, Some(32)).ok()?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, out.as_mut_slice())
        .ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use format::keys::SealedBox;
    use minicbor::bytes::ByteVec;

    use super::*;

    /// A key file of a mebibyte has room for thousands of slots that each cost half a minute.
    #[test]
    fn slots_that_open_nothing_cost_together_what_the_dearest_may() {
        let kind = SlotKind::Password { memory_kib: 8, passes: 2, lanes: 1 };
        let sealed = ByteVec::from(Vec::new());
        let master = SealedBox { salt: [1; 32], commitment: [2; 32], sealed };
        let slots = vec![Slot { kind, master }; 3];
        let tried =
            |work| open_within(work, VaultId([0; 16]), &slots, &Secret::Password(b"x")).err();
        let wrong = UnlockError::WrongSecret { tried: SlotName::Password };
        assert_eq!(tried(48), Some(wrong));
        assert_eq!(tried(47), Some(UnlockError::Costly));
        assert_eq!(work(kind) * 1_048_576, WORK_MAX);
    }
}
