//! Hands that do anything at all, in any order, with kills in between: what was acknowledged is
//! there in the end, and the one disk that is not ours is as it was.
//!
//! No disk is destroyed here, so nothing may be lost. A seed that fails is printed; more seeds than
//! usual are tried with `HOLDFAST_DISK_SEEDS`.

use std::fs;

use board_sim::{Faults, NewDisk};
use plan::disk::{Aim, Life};
use testkit::dice::Dice;
use types::{Bytes, Millis};

use crate::common::{Rig, SIZE, rig};

const SEEDS: u64 = 6;
const STEPS: u32 = 30;
const MEMBERS: [&str; 3] = ["left", "middle", "right"];
const DISKS: [&str; 4] = ["left", "middle", "right", "spare"];
const BAYS: [&str; 4] = ["bay-1", "bay-2", "bay-3", "bay-4"];

/// What a seed did, to see that it did something.
#[derive(Debug, Default)]
struct Tally {
    stored: u32,
    refused: u32,
    kills: u32,
    joined: usize,
}

fn pick<'a>(dice: &mut Dice, from: &[&'a str]) -> &'a str {
    from[dice.roll(u32::try_from(from.len()).expect("few")) as usize]
}

fn one_step(mut rig: Rig, dice: &mut Dice, number: u32, tally: &mut Tally) -> Rig {
    let (name, bay) = (pick(dice, &DISKS), pick(dice, &BAYS));
    match dice.roll(12) {
        0 | 1 => {
            // A bay that is taken, or a disk that is plugged in, is no place for a hand.
            if rig.machine.insert(name, bay).is_ok() {
                rig.events();
            }
        }
        2 => {
            if rig.machine.pull(name).is_ok() {
                rig.events();
            }
        }
        3 | 4 if rig.has_vault() => match rig.try_back_up(&format!("file-{number}"), 300_000) {
            Ok(()) => tally.stored += 1,
            Err(_) => tally.refused += 1,
        },
        5 => {
            let faults = match dice.roll(4) {
                0 => Faults::dead(),
                1 => Faults { writes_fail: true, ..Faults::default() },
                2 => Faults { full: true, ..Faults::default() },
                _ => Faults { read_only: true, ..Faults::default() },
            };
            rig.machine.set_faults(name, faults).expect("it is there");
        }
        6 => rig.machine.set_faults(name, Faults::default()).expect("it is there"),
        7 => {
            rig = rig.killed();
            tally.kills += 1;
        }
        8 => act(&mut rig, name, dice),
        _ => {
            for _ in 0..dice.roll(4) {
                // What fails now is tried again: the next step begins with it.
                drop(rig.caretaker.step());
                drop(rig.works(&mut |_| true));
            }
        }
    }
    rig
}

/// Something that an owner may ask; most of it makes no sense, and is refused.
fn act(rig: &mut Rig, name: &str, dice: &mut Dice) {
    let entries = rig.caretaker.roster().entries();
    let members: Vec<_> =
        entries.iter().filter(|e| e.life.standing().is_some()).filter_map(|e| e.volume).collect();
    let old = members.get(dice.roll(3) as usize).copied();
    let here = entries.iter().find(|entry| entry.identity.serial == Some(format!("SN-{name}")));
    let disk = here.map(|entry| entry.identity.clone());
    let asked = match (dice.roll(6), old, disk) {
        (0 | 1, replaces, Some(disk)) => rig.caretaker.adopt(&disk, Aim::Member { replaces }),
        (2, Some(old), _) => rig.caretaker.retire(old),
        (3, Some(old), _) => rig.caretaker.cancel(old),
        (4, Some(old), _) => rig.caretaker.reinstate(old),
        _ => rig.caretaker.passed(Millis::from_secs(400)),
    };
    drop(asked);
}

/// Every pack with pieces of files goes from a disk, behind everybody's back.
fn lose_data(rig: &Rig, name: &str) {
    let data = rig.machine.content(name).expect("it is there").join("holdfast/data");
    if data.exists() {
        fs::remove_dir_all(data).expect("a folder");
    }
}

/// Everything is well again, and every disk is plugged in.
fn calm(rig: Rig) -> Rig {
    for name in DISKS {
        rig.machine.set_faults(name, Faults::default()).expect("it is there");
        if rig.machine.port(name).expect("it is there").is_none() {
            let free = |bay: &&&str| {
                DISKS.iter().all(|other| {
                    rig.machine.port(other).expect("it is there").as_deref() != Some(**bay)
                })
            };
            let bay = BAYS.iter().find(free).expect("four bays and four disks");
            rig.machine.insert(name, bay).expect("it is free");
        }
    }
    // As after a power cut: what failed is tried again.
    let mut rig = rig.killed();
    for _ in 0..30 {
        drop(rig.caretaker.passed(Millis::from_secs(60)));
        drop(rig.caretaker.step());
        drop(rig.works(&mut |_| true));
    }
    rig
}

/// What is done in the end to see that it would be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    None,
    Packs,
    Card,
}

fn run(seed: u64, harm: Harm) -> Tally {
    let mut dice = Dice::new(seed);
    let card = tempfile::tempdir().expect("a temporary folder");
    fs::File::create(card.path().join("photo")).expect("a file");
    let mut rig = rig(&MEMBERS);
    rig.machine.create(&NewDisk::sata("spare", "SN-spare", SIZE)).expect("a new disk");
    rig.machine.create(&NewDisk::usb("card", Some("CARD"), Bytes(9_999))).expect("a new disk");
    rig.machine.show_folder("card", "exfat", card.path()).expect("a folder");
    rig.insert("card", "usb-front");
    rig.work();
    let mut tally = Tally::default();
    for number in 0..STEPS {
        rig = one_step(rig, &mut dice, number, &mut tally);
    }
    let rig = calm(rig);
    match harm {
        Harm::None => {}
        Harm::Packs => DISKS.iter().for_each(|name| lose_data(&rig, name)),
        Harm::Card => drop(fs::File::create(card.path().join("written")).expect("a file")),
    }
    assert_eq!(
        rig.machine.content("card").expect("it is there"),
        card.path().canonicalize().expect("there")
    );
    assert_eq!(fs::read_dir(card.path()).expect("a folder").count(), 1, "the card was not written");
    let stands = |life: Life| matches!(life, Life::Member { .. } | Life::Watch { .. });
    tally.joined = rig.caretaker.roster().entries().iter().filter(|e| stands(e.life)).count();
    if tally.joined > 1 {
        let short = rig.vault().under_copied().expect("a number");
        assert_eq!(short, 0, "with {} members everything has its two copies", tally.joined);
    }
    if tally.stored > 0 {
        rig.is_whole();
    }
    tally
}

#[test]
fn whatever_hands_do_nothing_that_was_acknowledged_is_lost() {
    let seeds = std::env::var("HOLDFAST_DISK_SEEDS").ok().and_then(|text| text.parse().ok());
    let mut all = Tally::default();
    for seed in 0..seeds.unwrap_or(SEEDS) {
        let found = std::panic::catch_unwind(|| run(seed, Harm::None));
        let tally = found.unwrap_or_else(|_| panic!("seed {seed} lost something"));
        all.stored += tally.stored;
        all.refused += tally.refused;
        all.kills += tally.kills;
        all.joined = all.joined.max(tally.joined);
    }
    assert!(all.stored > 10 && all.kills > 3, "the hands did too little: {all:?}");
}

#[test]
fn a_loss_and_a_written_card_would_be_seen() {
    for harm in [Harm::Packs, Harm::Card] {
        let seen = std::panic::catch_unwind(|| run(0, harm));
        assert!(seen.is_err(), "{harm:?} went unnoticed: {seen:?}");
    }
}
