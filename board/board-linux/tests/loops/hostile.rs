//! Disks that were made to do harm: five hundred file systems with bits turned, counts that are too large,
//! and super blocks that demand a panic. Whatever is in them, the child that looks answers in time, nothing
//! of the box goes down, and not one byte of them changes.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use board::{Board, DiskContent};

use crate::rig::{Loop, Rig, photos_at, sum};

const IMAGES: u64 = 500;
/// The kernel and the child need a fraction of a second; what a machine with other work makes of that.
const IN_TIME: Duration = Duration::from_secs(30);
const SEED: u64 = 0x005e_ed0f_bad0_d15c;
/// Where what the super block counts begins: it is at 1024.
const SUPER: u64 = 1_024;
/// Offsets of 32-bit counts in it, and of what says how the rest is to be read.
const COUNTS: [u64; 12] = [0, 4, 8, 12, 16, 20, 24, 32, 40, 84, 88, 0xe0];
const FEATURES: [u64; 3] = [92, 96, 100];
/// Errors, and what to do about them: 3 asks for a panic.
const STATE: u64 = 58;
const ON_ERROR: u64 = 60;
const PANIC: u16 = 3;

/// The course of chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// One of so many places.
    fn side(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll(sides as u64)).unwrap()
    }

    fn large(&mut self) -> u32 {
        [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 1 << 16][self.side(6)]
    }
}

/// Harm of one kind or several; each asks for a panic, and says that there were errors.
fn harm(bytes: &mut [u8], number: u64, dice: &mut Dice) {
    let at = |offset: u64| usize::try_from(SUPER + offset).unwrap();
    bytes[at(ON_ERROR)..at(ON_ERROR) + 2].copy_from_slice(&PANIC.to_le_bytes());
    bytes[at(STATE)..at(STATE) + 2].copy_from_slice(&2_u16.to_le_bytes());
    let mut flip = |from: u64, len: u64, dice: &mut Dice| {
        let place = usize::try_from(from + dice.roll(len)).unwrap();
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1 << dice.roll(8);
        }
    };
    match number % 5 {
        0 => (0..1 + dice.roll(4)).for_each(|_| flip(SUPER, 264, dice)),
        // The table of groups, and the maps and tables of inodes behind it.
        1 => (0..1 + dice.roll(32)).for_each(|_| flip(2_048, 4_096, dice)),
        2 => (0..1 + dice.roll(400)).for_each(|_| flip(4_096, 400_000, dice)),
        3 => {
            let count = COUNTS[dice.side(COUNTS.len())];
            let value = dice.large();
            bytes[at(count)..at(count) + 4].copy_from_slice(&value.to_le_bytes());
        }
        _ => {
            let feature = FEATURES[dice.side(3)];
            flip(SUPER + feature, 4, dice);
            (0..dice.roll(64)).for_each(|_| flip(4_096, 400_000, dice));
        }
    }
}

/// File systems of several makings, so that not all of them notice by their checksums alone.
fn originals(rig: &Rig) -> Vec<Vec<u8>> {
    let makings: [&[&str]; 4] = [
        &["-O", "^metadata_csum"],
        &[],
        &["-O", "^metadata_csum,^extents,^64bit", "-b", "1024"],
        &["-O", "^has_journal,^metadata_csum", "-I", "128"],
    ];
    let make = |words: &[&str]| {
        let image = rig.path().join("original.img");
        File::create(&image).unwrap().set_len(4 << 20).unwrap();
        photos_at(&image, words);
        std::fs::read(&image).unwrap()
    };
    makings.map(make).to_vec()
}

pub(crate) fn five_hundred() {
    let rig = Rig::new();
    let originals = originals(&rig);
    let image = rig.image("usb-front", "stick");
    File::options().write(true).open(&image).unwrap().set_len(4 << 20).unwrap();
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let node = File::options().write(true).open(&plugged.node).unwrap();
    let mut dice = Dice(SEED);
    let (mut said, mut slowest) = (BTreeMap::<&str, u32>::new(), Duration::ZERO);
    for number in 0..IMAGES {
        let mut bytes = originals[dice.side(4)].clone();
        harm(&mut bytes, number, &mut dice);
        node.write_all_at(&bytes, 0).unwrap();
        node.sync_all().unwrap();
        let before = sum(&image);
        assert!(before == blake3::hash(&bytes), "the image is not what was made");
        let began = Instant::now();
        let found = rig.board.probe(&disk);
        slowest = slowest.max(began.elapsed());
        let word = match found {
            Ok(DiskContent::Foreign(foreign)) if foreign.files == Some(3) => "counted as it was",
            Ok(DiskContent::Foreign(foreign)) if foreign.files.is_some() => "counted otherwise",
            Ok(DiskContent::Foreign(foreign)) if foreign.file_system.is_some() => {
                "told by name only"
            }
            Ok(DiskContent::Foreign(_)) => "not recognised",
            Ok(DiskContent::Unknown) => "nobody knows",
            Ok(other) => panic!("number {number} is taken for {other:?}"),
            Err(error) => panic!("number {number} brought the look down: {error}"),
        };
        *said.entry(word).or_default() += 1;
        assert!(sum(&image) == before, "number {number} was written");
    }
    crate::say(&format!("  {IMAGES} images, 0 written, slowest {slowest:?}: {said:?}"));
    assert!(slowest < IN_TIME, "{slowest:?}");
    // They reached the kernel, and it noticed; and some got past it.
    let count = |word: &str| said.get(word).copied().unwrap_or(0);
    assert!(count("told by name only") + count("not recognised") > 50, "{said:?}");
    assert!(count("counted as it was") + count("counted otherwise") > 50, "{said:?}");
    one_that_is_written_is_noticed(&rig, &image, &node, &originals[0]);
}

/// The same look at the same disk, and somebody mounts it as anybody would: that shows.
fn one_that_is_written_is_noticed(
    rig: &Rig,
    image: &std::path::Path,
    node: &File,
    original: &[u8],
) {
    node.write_all_at(original, 0).unwrap();
    node.sync_all().unwrap();
    let before = sum(image);
    let disk = rig.identity("stick");
    let mounted = rig.board.mount(&disk, board::MountAs::Target).unwrap();
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    assert!(sum(image) != before, "a mount for writing would not be noticed");
}
