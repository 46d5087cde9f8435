//! Every context string that keys are derived with, and what each key is for.
//!
//! They are part of the stored format: a released one is never edited, and no two are alike.
//! Contexts of sealed boxes also begin the box's associated data. Listed in
//! `docs/formats/keys.md`.

/// From a box's key: the commitment stored beside the box.
pub const BOX_COMMITMENT: &str = "holdfast 2026 v1 box commitment";
/// From the words' entropy: the box key of a words slot.
pub const SLOT_WORDS: &str = "holdfast 2026 v1 slot words";
/// From the stretched password: the box key of a password slot.
pub const SLOT_PASSWORD: &str = "holdfast 2026 v1 slot password";
/// From the key file on the system disk: the box key of a device slot.
pub const SLOT_DEVICE: &str = "holdfast 2026 v1 slot device";
/// From the key file on a USB stick: the box key of a USB-key slot.
pub const SLOT_USB_KEY: &str = "holdfast 2026 v1 slot usb key";
/// From the master key: the box key of a wrapped space.
pub const SPACE_SECRET: &str = "holdfast 2026 v1 space secret";
/// From the master key: the box key of a wrapped writer seed.
pub const WRITER_SEED: &str = "holdfast 2026 v1 writer seed";
/// From the master key: the box key of a head's payload.
pub const HEAD_PAYLOAD: &str = "holdfast 2026 v1 head payload";
/// From the master key: the box key of what is kept beside the packs about friends.
pub const FRIENDS_BESIDE: &str = "holdfast 2026 v1 friends beside the packs";
/// From the master key: the key of the key file's mac.
pub const KEY_FILE_MAC: &str = "holdfast 2026 v1 key file mac";
/// From the master key: the key of the system space, which is stored nowhere.
pub const SYSTEM_SPACE: &str = "holdfast 2026 v1 system space";
/// From a space's key: the key that data packs' keys are made of.
pub const DATA_PACKS: &str = "holdfast 2026 v1 space data packs";
/// From a space's key: the key that meta packs' keys are made of.
pub const META_PACKS: &str = "holdfast 2026 v1 space meta packs";
/// From a space's key: reserved for index packs.
pub const INDEX_PACKS: &str = "holdfast 2026 v1 space index packs";
/// From a space's key: names the chunks in data packs.
pub const CHUNK_ID: &str = "holdfast 2026 v1 space chunk id";
/// From a space's key: names the objects in meta packs.
pub const OBJECT_ID: &str = "holdfast 2026 v1 space object id";
/// From a space's key: makes the chunker's gear table.
pub const CHUNKER: &str = "holdfast 2026 v1 space chunker";
/// From a pack's key: the commitment stored in the pack's header.
pub const PACK_COMMITMENT: &str = "holdfast 2026 v1 pack commitment";
/// From the words' entropy: the seed of the recovery signing key.
pub const RECOVERY_SEED: &str = "holdfast 2026 v1 recovery signing seed";

/// All of them, so that a test can show that no two are alike.
pub const ALL: [&str; 19] = [
    BOX_COMMITMENT,
    SLOT_WORDS,
    SLOT_PASSWORD,
    SLOT_DEVICE,
    SLOT_USB_KEY,
    SPACE_SECRET,
    WRITER_SEED,
    HEAD_PAYLOAD,
    FRIENDS_BESIDE,
    KEY_FILE_MAC,
    SYSTEM_SPACE,
    DATA_PACKS,
    META_PACKS,
    INDEX_PACKS,
    CHUNK_ID,
    OBJECT_ID,
    CHUNKER,
    PACK_COMMITMENT,
    RECOVERY_SEED,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn no_context_is_another_or_begins_another() {
        for (at, one) in ALL.iter().enumerate() {
            assert!(one.starts_with("holdfast 2026 v1 "), "{one}");
            for (other_at, other) in ALL.iter().enumerate() {
                assert!(at == other_at || !other.starts_with(one), "{one} begins {other}");
            }
        }
    }
}
