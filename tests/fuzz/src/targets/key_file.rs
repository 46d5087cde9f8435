//! The key file: any bytes, any record under a true checksum, and any change of a real one under a
//! true mac. What opens has keys; what was changed without the master key does not open.

use std::sync::OnceLock;

use format::keys::{KeyFile, MAGIC, SlotKind, VERSION};
use format::{from_cbor, to_cbor};
use seal::{KeyRing, Secret};
use types::{SpaceId, VaultId};

use crate::feed::Feed;
use crate::forge::{self, Forge};
use crate::seeds::{self, Seed};
use crate::values;

fn forge() -> &'static Forge {
    static MADE: OnceLock<Forge> = OnceLock::new();
    MADE.get_or_init(|| {
        let rng = testkit::env::SeededRng::new(1);
        Forge::of(KeyRing::create(VaultId([5; 16]), &forge::words(), None, &rng).0)
    })
}

/// The first byte chooses: raw file, CBOR under a checksum, any value, a forged file.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    match feed.u8() & 3 {
        0 => check(feed.rest()),
        1 => check(&wrap(feed.rest())),
        2 => {
            let file = values::key_file(&mut feed);
            assert_eq!(KeyFile::decode(&file.encode()), Ok(file), "it reads back as written");
        }
        _ => forged(&mut feed),
    }
}

fn wrap(cbor: &[u8]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(cbor);
    let sum = blake3::hash(&file);
    file.extend_from_slice(sum.as_bytes());
    file
}

fn check(bytes: &[u8]) {
    let Ok(file) = KeyFile::decode(bytes) else { return };
    assert_eq!(KeyFile::decode(&file.encode()).as_ref(), Ok(&file), "it reads back as written");
    if let Ok(ring) = KeyRing::unlock(&file, Secret::Words(&forge::words())) {
        // Only the file as it was made has a mac that holds.
        assert_eq!(forge().bless(file.clone()).mac, file.mac, "a changed file opened");
        assert_eq!(ring.vault(), forge().vault);
    }
}

/// A real file, changed by somebody who has the master key.
fn forged(feed: &mut Feed<'_>) {
    let mut file = forge().file.clone();
    file.generation = feed.number();
    for _ in 0..feed.u8() & 15 {
        match feed.u8() % 6 {
            0 => file.slots.extend(values::key_file(feed).slots),
            1 => file.spaces.extend(values::key_file(feed).spaces),
            2 => file.writers.extend(values::key_file(feed).writers),
            3 => {
                // A wrapped space that opens and holds any bytes.
                let mut space = forge().file.spaces[0].clone();
                space.id = SpaceId(values::id(feed));
                let bound = [&file.vault.0[..], &space.id.0, &space.epoch.to_le_bytes()].concat();
                let context = seal::contexts::SPACE_SECRET;
                space.secret = forge().master_box(context, &bound, feed.short());
                file.spaces.push(space);
            }
            4 => {
                let mut writer = forge().file.writers[0].clone();
                let bound = [&file.vault.0[..], &writer.public].concat();
                let context = seal::contexts::WRITER_SEED;
                writer.seed = forge().master_box(context, &bound, feed.short());
                file.writers.push(writer);
            }
            _ => file.writers.clear(),
        }
    }
    let file = forge().bless(file);
    let decoded = KeyFile::decode(&file.encode()).expect("it was encoded a moment ago");
    assert_eq!(decoded, file);
    let opened = KeyRing::unlock(&file, Secret::Words(&forge::words()));
    if let Ok(ring) = opened {
        assert_eq!(ring.spaces().count(), file.spaces.len());
        assert!(file.writers.iter().all(|writer| ring.is_writer(&writer.public)));
    }
    // A password costs what its slot asks for: here only what is cheap is tried.
    let cheap = |kind| match kind {
        SlotKind::Password { memory_kib, passes, .. } => memory_kib <= 64 && passes <= 2,
        SlotKind::Words | SlotKind::Device | SlotKind::UsbKey => true,
    };
    if file.slots.iter().all(|slot| cheap(slot.kind)) {
        assert!(KeyRing::unlock(&file, Secret::Password(b"guess")).is_err());
    }
}

/// The golden volumes' files and one made here, whole and as CBOR.
pub fn seeds() -> Vec<Seed> {
    let mut files = seeds::golden(|name| name.starts_with("keys."));
    files.push(forge().file.encode());
    let mut all = Vec::new();
    for file in files {
        all.push([&[0][..], &file].concat());
        if let Ok(decoded) = KeyFile::decode(&file) {
            debug_assert!(from_cbor::<KeyFile>("key file", &to_cbor(&decoded)).is_ok());
            all.push([&[1][..], &to_cbor(&decoded)].concat());
        }
    }
    for op in 0..6 {
        all.push(vec![3, 2, 2, op, 1, 1, 1, 1, 1, op, 1, 1, 1, 1, 1, 1]);
    }
    all.push(vec![2, 1, 1, 2, 1, 8, 1, 1, 3, 1, 1, 1, 9, 9, 9]);
    all
}
