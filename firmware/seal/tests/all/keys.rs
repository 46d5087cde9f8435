//! The key file: ways in, wrong secrets, forged files, changes.

use format::keys::{KeyFile, SlotKind};
use seal::{KeyFileError, KeyHolder, KeyRing, Secret, SlotName, UnlockError, Words};
use types::{Rng, SpaceId, VaultId};

use crate::support::{Seeded, VAULT};

pub(crate) struct Vault {
    pub(crate) file: KeyFile,
    pub(crate) ring: KeyRing,
    pub(crate) words: Words,
    pub(crate) rng: Seeded,
}

pub(crate) fn vault(seed: u64) -> Vault {
    let rng = Seeded::new(seed);
    let words = Words::generate(&rng);
    let (file, ring) = KeyRing::create(VAULT, &words, None, &rng);
    Vault { file, ring, words, rng }
}

/// Two rings are of one vault when all their keys name things alike.
fn assert_same(one: &KeyRing, other: &KeyRing) {
    assert_eq!(one.vault(), other.vault());
    assert_eq!(one.writer_public(), other.writer_public());
    let ids =
        |ring: &KeyRing| ring.spaces().map(|(id, s)| (id, s.name.clone())).collect::<Vec<_>>();
    assert_eq!(ids(one), ids(other));
    for id in ids(one).into_iter().map(|(id, _)| id).chain([SpaceId::SYSTEM]) {
        let name = |ring: &KeyRing| ring.space(id).map(|keys| keys.chunk_id(b"x"));
        assert_eq!(name(one), name(other));
    }
}

/// Ways in that go count in the upper half of a generation.
pub(crate) const TURN: u64 = 1 << 32;

#[test]
fn words_password_and_key_files_open_the_same_vault() {
    let rng = Seeded::new(5);
    let words = Words::generate(&rng);
    let (mut file, ring) = KeyRing::create(VAULT, &words, Some(b"correct horse"), &rng);
    let device: [u8; 32] = (&rng as &dyn Rng).array();
    let stick: [u8; 32] = (&rng as &dyn Rng).array();
    ring.add_slot(&mut file, Secret::KeyBytes(&device, KeyHolder::Device), &rng).unwrap();
    ring.add_slot(&mut file, Secret::KeyBytes(&stick, KeyHolder::UsbKey), &rng).unwrap();
    assert_eq!(file.generation, 3);
    let file = KeyFile::decode(&file.encode()).unwrap();
    for secret in [
        Secret::Words(&words),
        Secret::Password(b"correct horse"),
        Secret::KeyBytes(&device, KeyHolder::Device),
        Secret::KeyBytes(&stick, KeyHolder::UsbKey),
    ] {
        assert_same(&KeyRing::unlock(&file, secret).unwrap(), &ring);
    }
    assert_eq!(
        KeyRing::unlock(&file, Secret::Password(b"correct house")).unwrap_err(),
        UnlockError::WrongSecret { tried: SlotName::Password }
    );
    // A key of one kind is not tried on slots of another.
    assert_eq!(
        KeyRing::unlock(&file, Secret::KeyBytes(&device, KeyHolder::UsbKey)).unwrap_err(),
        UnlockError::WrongSecret { tried: SlotName::UsbKey }
    );
}

#[test]
fn a_missing_slot_and_wrong_words_are_told_apart() {
    let Vault { file, .. } = vault(1);
    let error = KeyRing::unlock(&file, Secret::Password(b"x")).unwrap_err();
    assert_eq!(error, UnlockError::NoSlot { wanted: SlotName::Password });
    assert_eq!(error.to_string(), "this vault has no password slot");
    let others = Words::generate(&Seeded::new(99));
    let error = KeyRing::unlock(&file, Secret::Words(&others)).unwrap_err();
    assert_eq!(error, UnlockError::WrongSecret { tried: SlotName::Words });
}

#[test]
fn any_change_to_a_key_file_is_noticed() {
    let Vault { file, words, .. } = vault(2);
    let other = vault(3).file;
    type Forge<'a> = &'a dyn Fn(&mut KeyFile);
    let forgeries: [(&str, Forge<'_>); 9] = [
        ("generation", &|f| f.generation += 1),
        ("vault", &|f| f.vault = VaultId([9; 16])),
        ("mac", &|f| f.mac[0] ^= 1),
        ("another's space", &|f| f.spaces = other.spaces.clone()),
        ("no space", &|f| f.spaces.clear()),
        ("no writer", &|f| f.writers.clear()),
        ("another's writer", &|f| f.writers.push(other.writers[0].clone())),
        ("a slot more", &|f| f.slots.push(other.slots[0].clone())),
        ("sealed master", &|f| f.slots[0].master.sealed[3] ^= 1),
    ];
    for (what, forge) in forgeries {
        let mut forged = file.clone();
        forge(&mut forged);
        let error = KeyRing::unlock(&forged, Secret::Words(&words)).unwrap_err();
        assert!(matches!(error, UnlockError::Forged { .. }), "{what}: {error}");
    }
    assert!(KeyRing::unlock(&file, Secret::Words(&words)).is_ok());
}

#[test]
fn every_flipped_bit_of_the_stored_file_is_refused() {
    let Vault { file, words, .. } = vault(4);
    let stored = file.encode();
    for at in 0..stored.len() * 8 {
        let mut rotten = stored.clone();
        rotten[at / 8] ^= 1 << (at % 8);
        let opened = KeyFile::decode(&rotten).map(|f| KeyRing::unlock(&f, Secret::Words(&words)));
        assert!(!matches!(opened, Ok(Ok(_))), "bit {at}");
    }
}

#[test]
fn a_password_slot_that_asks_for_absurd_work_is_refused_at_once() {
    let Vault { mut file, .. } = vault(6);
    let mut slot = file.slots[0].clone();
    for (memory_kib, passes, lanes) in
        [(u32::MAX, 1, 1), ((1 << 20) + 1, 3, 1), (64 << 10, 17, 1), (64 << 10, 3, 17), (0, 0, 0)]
    {
        slot.kind = SlotKind::Password { memory_kib, passes, lanes };
        file.slots = vec![slot.clone()];
        let error = KeyRing::unlock(&file, Secret::Password(b"x")).unwrap_err();
        assert_eq!(error, UnlockError::Costly, "{memory_kib} {passes} {lanes}");
    }
}

#[test]
fn new_words_replace_the_old_and_the_last_way_in_stays() {
    let Vault { mut file, ring, words, rng } = vault(7);
    let fresh = Words::generate(&rng);
    ring.replace_slots(&mut file, Secret::Words(&fresh), &rng).unwrap();
    assert_eq!(file.generation, TURN + 2);
    assert!(KeyRing::unlock(&file, Secret::Words(&fresh)).is_ok());
    let wrong = UnlockError::WrongSecret { tried: SlotName::Words };
    assert_eq!(KeyRing::unlock(&file, Secret::Words(&words)).unwrap_err(), wrong);
    let refused = ring.remove_slots(&mut file, SlotName::Words).unwrap_err();
    assert_eq!(refused, KeyFileError::LastSlot { slot: SlotName::Words });
    assert_eq!(ring.remove_slots(&mut file, SlotName::UsbKey), Ok(0));
    assert_eq!(file.generation, TURN + 2);
}

#[test]
fn a_volume_copy_lacks_the_device_slot_and_still_opens() {
    let Vault { mut file, ring, words, rng } = vault(8);
    let device = [5; 32];
    ring.add_slot(&mut file, Secret::KeyBytes(&device, KeyHolder::Device), &rng).unwrap();
    let copy = ring.with_slots(&file, &[SlotName::Words, SlotName::Password]).unwrap();
    assert_eq!((copy.generation, copy.slots.len()), (file.generation, 1));
    assert_same(&KeyRing::unlock(&copy, Secret::Words(&words)).unwrap(), &ring);
    let secret = Secret::KeyBytes(&device, KeyHolder::Device);
    let missing = UnlockError::NoSlot { wanted: SlotName::Device };
    assert_eq!(KeyRing::unlock(&copy, secret).unwrap_err(), missing);
}

#[test]
fn a_tampered_file_is_never_given_a_fresh_mac() {
    let Vault { mut file, mut ring, rng, .. } = vault(9);
    file.generation = 0;
    let tampered = file.clone();
    assert_eq!(ring.add_slot(&mut file, Secret::Password(b"x"), &rng), Err(KeyFileError::NotOurs));
    assert_eq!(ring.add_space(&mut file, "ann", &rng), Err(KeyFileError::NotOurs));
    assert_eq!(ring.remove_slots(&mut file, SlotName::Words), Err(KeyFileError::NotOurs));
    assert_eq!(file, tampered);
}

#[test]
fn spaces_and_writers_that_were_added_are_there_after_unlocking() {
    let Vault { mut file, mut ring, words, rng } = vault(10);
    let first_writer = ring.writer_public();
    let ann = ring.add_space(&mut file, "ann", &rng).unwrap();
    ring.add_writer(&mut file, &rng).unwrap();
    assert_eq!(file.generation, 3);
    assert!(matches!(
        ring.add_space(&mut file, "ann", &rng),
        Err(KeyFileError::NameTaken { name }) if name == "ann"
    ));
    let again = KeyRing::unlock(&file, Secret::Words(&words)).unwrap();
    assert_same(&again, &ring);
    assert_eq!(again.space_named("ann"), Some(ann));
    assert!(again.is_writer(&first_writer) && again.is_writer(&again.writer_public()));
    assert_ne!(again.writer_public(), first_writer);
}

#[test]
fn files_that_parted_are_joined_with_the_spaces_of_both() {
    let Vault { file, ring, words, rng } = vault(13);
    let (mut ours, mut our_ring) = (file.clone(), ring.clone());
    let our_ann = our_ring.add_space(&mut ours, "ann", &rng).unwrap();
    let (mut theirs, mut their_ring) = (file.clone(), ring.clone());
    let their_ann = their_ring.add_space(&mut theirs, "ann", &rng).unwrap();
    let eve = their_ring.add_space(&mut theirs, "eve", &rng).unwrap();
    assert_eq!(our_ring.absorb(&mut ours, &theirs, &rng), Ok(2));
    assert!(ours.generation > theirs.generation, "it is newer than both");
    let joined = KeyRing::unlock(&ours, Secret::Words(&words)).unwrap();
    assert_same(&joined, &our_ring);
    assert_eq!(joined.space_named("ann"), Some(our_ann));
    assert_eq!(joined.space_named("ann.2"), Some(their_ann), "one name, two spaces");
    assert_eq!(joined.space_named("eve"), Some(eve));
    let id_in = |ring: &KeyRing, id| ring.space(id).unwrap().chunk_id(b"same");
    assert_eq!(id_in(&joined, their_ann), id_in(&their_ring, their_ann), "its keys stay");
    assert_same(&ring.turned_to(&ours).unwrap(), &joined);
    for old in [&file, &theirs, &ours.clone()] {
        assert_eq!(our_ring.absorb(&mut ours, old, &rng), Ok(0), "nothing is taken in twice");
    }
}

#[test]
fn a_file_that_is_not_the_vaults_adds_nothing() {
    let Vault { mut file, mut ring, rng, .. } = vault(14);
    let before = file.clone();
    let mut tampered = file.clone();
    tampered.spaces[0].id = SpaceId([9; 16]);
    let mut stranger = vault(15);
    stranger.file.vault = file.vault;
    for other in [tampered, stranger.file] {
        let refused = ring.absorb(&mut file, &other, &rng).unwrap_err();
        assert_eq!(refused, UnlockError::Forged { part: "mac" });
        assert!(ring.turned_to(&other).is_err());
    }
    assert_eq!(file, before);
}

#[test]
fn spaces_name_the_same_bytes_differently() {
    let Vault { mut file, mut ring, rng, .. } = vault(11);
    let ann = ring.add_space(&mut file, "ann", &rng).unwrap();
    let everyone = ring.space_named("everyone").unwrap();
    let names: std::collections::BTreeSet<_> = [ann, everyone, SpaceId::SYSTEM]
        .into_iter()
        .map(|id| ring.space(id).unwrap())
        .flat_map(|keys| [keys.chunk_id(b"same"), keys.object_id(b"same")])
        .collect();
    assert_eq!(names.len(), 6);
}

#[test]
fn debug_never_shows_a_key() {
    let Vault { ring, words, .. } = vault(12);
    let keys = ring.system();
    let shown = format!("{ring:?} {keys:?} {:?}", Secret::Words(&words));
    assert_eq!(shown, "KeyRing(vault 07070707, ..) SpaceKeys(..) Secret(words, ..)");
}
