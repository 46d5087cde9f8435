//! Disks that join a vault or take another's place, cut short at every change of any disk, and the
//! same command given again.
//!
//! Once, a kill between the superblocks and the key files left a volume without keys; the repeated
//! `volume replace` took it as it was, let the old disk go, and said that it could be erased: with
//! it went the only keys. A volume is now made with its superblocks last, what was cut short is
//! completed, and nothing leaves before the others were read.

use std::io::Write;
use std::sync::Arc;

use crash::salts::Salts;
use crash::tap::Tap;
use testkit::dice::Dice;
use testkit::env::noise;
use testkit::simdisk::SimDisk;
use testkit::volumes::superblock;
use types::VolumeId;
use vault::{Access, CheckOptions, NewFile, OnVolume, Options, Vault, VaultError, WriterMode};
use volume::Disk;

use crate::boots::{Boots, Cut};

const FORMAT_TEXT: &str = "how to read all this";
const FILES: [(&str, usize); 3] = [("letter", 900), ("picture", 40_000), ("folder/deep", 20)];

fn quiet(_: vault::Progress) -> bool {
    true
}

fn bytes_of(n: usize) -> Vec<u8> {
    noise(n as u64, FILES[n].1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Add,
    Replace,
}

struct World {
    boots: Boots,
    rescue: tempfile::NamedTempFile,
}

impl World {
    fn new() -> Self {
        let mut rescue = tempfile::NamedTempFile::new().unwrap();
        rescue.write_all(&noise(99, 3_000)).unwrap();
        Self { boots: Boots::new(), rescue }
    }

    fn options(&self) -> Options {
        let on_volume = OnVolume {
            format_text: FORMAT_TEXT.to_owned(),
            rescue_program: Some(self.rescue.path().to_owned()),
        };
        Options { writers: WriterMode::Inline, catalog: None, on_volume, ..Options::default() }
    }

    fn filled(&self, disks: &[SimDisk]) {
        let vault = self.boots.create(self.options(), disks);
        for (n, (path, _)) in FILES.iter().enumerate() {
            let file = NewFile { make_parents: true, ..NewFile::default() };
            let editor = vault.editor(None, "box").unwrap();
            editor.put(path.as_bytes(), file, &mut bytes_of(n).as_slice()).unwrap();
        }
        vault.close().unwrap();
    }

    fn open(&self, disks: Vec<Arc<dyn Disk>>, access: Access) -> Result<Vault, VaultError> {
        self.boots.open(self.options(), disks, access)
    }

    /// Adds `new`, or puts it in the place of the first, the way the command line does.
    fn act(
        &self,
        act: Act,
        disks: &[SimDisk],
        old: VolumeId,
        new: &SimDisk,
        tap: &Arc<Tap>,
    ) -> Result<(), VaultError> {
        let begun = new.files().iter().any(|(path, _)| {
            path.strip_prefix("superblock.").is_some_and(|copy| copy.parse::<u8>().is_ok())
        });
        let mut all: Vec<_> = disks.iter().map(|disk| tap.disk(disk)).collect();
        if begun {
            all.push(tap.disk(new));
        }
        let vault = self.open(all, Access::ReadWrite)?;
        match (act, begun) {
            (Act::Add, false) => vault.add_volume(tap.disk(new), &mut quiet).map(drop),
            (Act::Add, true) => vault.rebuild(&mut quiet).map(drop),
            (Act::Replace, false) => vault.replace(old, tap.disk(new), &mut quiet).map(drop),
            (Act::Replace, true) => vault.finish_replacing(old, &mut quiet).map(drop),
        }?;
        let still = vault.volumes()?.iter().any(|volume| volume.id == old);
        let right = "the old one leaves when it is replaced, and only then";
        assert!(tap.is_gone() || still == (act == Act::Add), "{right}");
        vault.close()
    }

    /// Whether a disk and the words are enough, for the bytes of files too or only for their names.
    fn reads_alone(&self, disk: &SimDisk, act: Act) -> Result<(), String> {
        let disk = disk.image(&disk.serial());
        let names: Vec<String> = disk.files().into_iter().map(|(name, _)| name).collect();
        for wanted in ["keys.0", "keys.1", "superblock.2", "FORMAT.md", "holdfast-rescue"] {
            if !names.iter().any(|name| name == wanted) {
                return Err(format!("{wanted} is missing"));
            }
        }
        let vault = self
            .open(vec![Arc::new(disk)], Access::ReadOnly)
            .map_err(|error| format!("it does not open: {error}"))?;
        let found = vault.find_snapshot("latest:box").map_err(|error| error.to_string())?;
        for (n, (path, len)) in FILES.iter().enumerate() {
            vault.entry(&found, path.as_bytes()).map_err(|error| format!("{path}: {error}"))?;
            if act == Act::Add {
                continue;
            }
            let read = vault.read_range(&found, path.as_bytes(), 0, len + 1);
            if read.map_err(|error| format!("{path}: {error}"))? != bytes_of(n) {
                return Err(format!("{path} has other bytes"));
            }
        }
        let options = CheckOptions { read_data: true, repair: false };
        let report = vault.check(options, &mut quiet).map_err(|error| error.to_string())?;
        // A disk that was only added has names and no bytes yet.
        let is_sound =
            report.damaged.is_empty() && (act == Act::Add || report.lost_packs.is_empty());
        if is_sound { Ok(()) } else { Err(format!("{report:?}")) }
    }
}

/// Cuts `act` at every `stride`th change, gives the same command again, and looks at the new disk alone.
fn at_changes(count: usize, act: Act, cut: Cut, stride: usize) -> u64 {
    let world = World::new();
    let before: Vec<_> = (0..count).map(crash::rig::blank_disk).collect();
    world.filled(&before);
    let old = {
        let disks = before.iter().map(|disk| Arc::new(disk.clone()) as Arc<dyn Disk>).collect();
        let volumes = world.open(disks, Access::ReadOnly).unwrap().volumes().unwrap();
        volumes.iter().find(|volume| volume.serial == before[0].serial()).unwrap().id
    };
    let mut dice = Dice::new(77);
    for (cuts, at) in (0..).step_by(stride).enumerate() {
        let mut disks = crash::rig::copies_of(&before);
        let mut new = crash::rig::blank_disk(count);
        let tap = Tap::new(Arc::new(Salts::default()));
        tap.cut_after(at);
        let done = world.act(act, &disks, old, &new, &tap);
        if !tap.is_gone() {
            done.unwrap();
            world.reads_alone(&new, act).unwrap();
            return cuts as u64;
        }
        if cut == Cut::Power {
            disks = disks.iter().map(|disk| disk.crash(&mut |n| dice.roll(n))).collect();
            new = new.crash(&mut |n| dice.roll(n));
        }
        let tap = Tap::new(Arc::new(Salts::default()));
        let again = world.act(act, &disks, old, &new, &tap);
        again.unwrap_or_else(|error| panic!("{act:?} again after {cut:?} {at}: {error}"));
        if let Err(why) = world.reads_alone(&new, act) {
            panic!("{act:?} again after {cut:?} {at}: {why}");
        }
    }
    unreachable!("the loop ends when nothing was cut")
}

#[test]
fn a_disk_that_joins_reads_alone_wherever_its_joining_was_cut_short() {
    let mut cuts = 0;
    for (count, act, kill, power) in
        [(1, Act::Replace, 1, 5), (1, Act::Add, 1, 5), (2, Act::Replace, 5, 7)]
    {
        cuts += at_changes(count, act, Cut::Kill, kill);
        cuts += at_changes(count, act, Cut::Power, power);
    }
    println!("joining: {cuts} cuts, all completed by the same command");
    assert!(cuts > 200, "{cuts}");
}

/// As programs left it that wrote the superblocks first.
#[test]
fn a_volume_of_which_only_superblocks_are_there_is_completed_when_it_joins() {
    for act in [Act::Replace, Act::Add] {
        let world = World::new();
        let disks = [crash::rig::blank_disk(0)];
        world.filled(&disks);
        let tap = Tap::new(Arc::new(Salts::default()));
        let vault = world.open(vec![tap.disk(&disks[0])], Access::ReadWrite).unwrap();
        let (old, id) = (vault.volumes().unwrap()[0].id, vault.id());
        drop(vault);
        let new = crash::rig::blank_disk(1);
        let (volume, serial) = (VolumeId([7; 16]), new.serial());
        let superblock =
            format::superblock::Superblock { vault: id, volume, serial, ..superblock() };
        volume::Volume::create(Arc::new(new.clone()), superblock).unwrap();
        assert!(world.reads_alone(&new, act).unwrap_err().contains("keys.0"));
        world.act(act, &disks, old, &new, &tap).unwrap();
        world.reads_alone(&new, act).unwrap();
    }
}

/// What looks at the new disk sees each thing that it may lack.
#[test]
fn a_disk_that_lacks_anything_does_not_pass_for_one_that_reads_alone() {
    let world = World::new();
    let disk = crash::rig::blank_disk(0);
    world.filled(std::slice::from_ref(&disk));
    world.reads_alone(&disk, Act::Replace).unwrap();
    let names: Vec<String> = disk.files().into_iter().map(|(name, _)| name).collect();
    let is_head = |name: &&String| name.starts_with("heads/");
    let newest = names.iter().filter(is_head).max().unwrap();
    let first = |folder: &str| names.iter().find(|name| name.starts_with(folder)).unwrap();
    let gone = ["keys.1", "superblock.2", "FORMAT.md", "holdfast-rescue"].map(str::to_owned);
    let gone = gone.iter().chain([first("data/")]);
    for name in gone.clone() {
        let copy = disk.image("disk-0");
        copy.unlink(name).unwrap();
        assert!(world.reads_alone(&copy, Act::Replace).is_err(), "without {name}");
    }
    for name in gone.chain([newest]).filter(|name| !name.starts_with("superblock")) {
        let copy = disk.image("disk-0");
        copy.flip_byte(name, 10);
        assert!(world.reads_alone(&copy, Act::Replace).is_err(), "with {name} damaged");
    }
    let copy = disk.image("disk-0");
    let is_meta = |name: &&String| name.starts_with("meta/");
    names.iter().filter(is_meta).for_each(|name| copy.unlink(name).unwrap());
    assert!(world.reads_alone(&copy, Act::Replace).is_err(), "without metadata");
    // Heads that are all gone are never an empty history.
    let copy = disk.image("disk-0");
    names.iter().filter(is_head).for_each(|name| copy.unlink(name).unwrap());
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let refused = world.open(vec![Arc::new(copy.clone())], access).unwrap_err();
        assert!(matches!(refused, VaultError::NoHead { found: 0 }), "{refused}");
    }
}
