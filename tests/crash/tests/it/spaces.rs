//! A space is added and something is stored in it, cut short at the changes of all disks: each disk
//! alone still opens, with the old keys or the new, and what was acknowledged can be read from it.

use std::sync::Arc;

use crash::salts::Salts;
use crash::tap::Tap;
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use vault::{Access, CheckOptions, NewFile, Options, Vault, VaultError, WriterMode};
use volume::Disk;

use crate::boots::{Boots, Cut};

const OLD: &[u8] = b"for all, before anything happened";
const NEW: &[u8] = b"for ann alone";
/// The most disks of a world.
const DISKS: usize = 2;

/// When the disks are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Cut,
    /// The same commands were given again.
    Again,
}

struct World {
    boots: Boots,
}

impl World {
    fn new() -> Self {
        Self { boots: Boots::new() }
    }

    fn options(&self) -> Options {
        Options { writers: WriterMode::Inline, catalog: None, ..Options::default() }
    }

    fn filled(&self, disks: &[SimDisk]) {
        let vault = self.boots.create(self.options(), disks);
        put(&vault, None, OLD).unwrap();
        vault.close().unwrap();
    }

    fn open(&self, disks: Vec<Arc<dyn Disk>>, access: Access) -> Result<Vault, VaultError> {
        self.boots.open(self.options(), disks, access)
    }

    /// Opens the vault, gives it a space and stores something there; says what was promised.
    fn act(&self, disks: &[SimDisk], tap: &Arc<Tap>) -> Result<Promised, (Promised, VaultError)> {
        let mut promised = Promised::default();
        let mut go = || {
            let disks = disks.iter().map(|disk| tap.disk(disk)).collect();
            let vault = self.open(disks, Access::ReadWrite)?;
            let ann = vault.space_or_new("ann")?;
            promised.space = !tap.is_gone();
            promised.copies = put(&vault, Some(ann), NEW)?;
            vault.close()
        };
        match go() {
            Ok(()) => Ok(promised),
            Err(error) => Err((promised, error)),
        }
    }

    /// Looks at one disk alone: how much of what was promised is there, and whether all that is there
    /// can be read.
    fn look_alone(&self, disk: &SimDisk, after: After) -> Result<Promised, String> {
        let said = |error: VaultError| format!("{}: {error}", disk.serial());
        let disk = Arc::new(disk.image(&disk.serial()));
        let vault = self.open(vec![disk], Access::ReadOnly).map_err(said)?;
        if get(&vault, "everyone").map_err(said)? != OLD {
            return Err("other bytes than everyone's".to_owned());
        }
        let options = CheckOptions { read_data: true, repair: false };
        let report = vault.check(options, &mut |_| true).map_err(said)?;
        // Cut between its two copies, a disk has one old and one new key file until it is opened.
        let is_bad = |what: &str| after == After::Again || !what.contains("copy of the key file");
        if report.damaged.iter().any(|damage| is_bad(damage.what.as_str())) {
            return Err(format!("{report:?}"));
        }
        let space = vault.space_named("ann").is_some();
        // A version that is not finished may be there or not; one that is there is whole.
        let there =
            space && !vault.snapshots(None).map_err(said)?.iter().all(|s| s.source_name == "box");
        if there && get(&vault, "ann").map_err(said)? != NEW {
            return Err("other bytes than ann's".to_owned());
        }
        Ok(Promised { space, copies: u8::from(there) })
    }

    /// Looks at every disk alone.
    fn look(&self, disks: &[SimDisk], promised: Promised, after: After) -> Result<(), String> {
        let mut copies = 0;
        for disk in disks {
            let found = self.look_alone(disk, after)?;
            if promised.space && !found.space {
                return Err(format!("{} has lost the space", disk.serial()));
            }
            copies += found.copies;
        }
        let enough = copies >= promised.copies;
        if enough { Ok(()) } else { Err(format!("{copies} copies of {}", promised.copies)) }
    }
}

/// What was promised before the cut, or what is found after it.
#[derive(Clone, Copy, Debug, Default)]
struct Promised {
    space: bool,
    copies: u8,
}

fn put(vault: &Vault, space: Option<types::SpaceId>, mut bytes: &[u8]) -> Result<u8, VaultError> {
    let source = if space.is_some() { "diary" } else { "box" };
    let receipt = vault.editor(space, source)?.put(b"letter", NewFile::default(), &mut bytes)?;
    Ok(receipt.receipt.copies)
}

fn get(vault: &Vault, space: &str) -> Result<Vec<u8>, VaultError> {
    let found = vault.find_snapshot_in(vault.space_named(space), "latest")?;
    vault.read_range(&found, b"letter", 0, usize::MAX)
}

/// Cuts at every change, looks at each disk alone, and gives the same commands again.
fn at_changes(count: usize, cut: Cut, stride: usize) -> (u64, u64) {
    let world = World::new();
    let before: Vec<_> = (0..count).map(crash::rig::blank_disk).collect();
    world.filled(&before);
    let mut dice = Dice::new(78);
    let mut kept = 0;
    for (cuts, at) in (0..).step_by(stride).enumerate() {
        let mut disks = crash::rig::copies_of(&before);
        let tap = Tap::new(Arc::new(Salts::default()));
        tap.cut_after(at);
        let promised = match world.act(&disks, &tap) {
            Ok(promised) => promised,
            Err((promised, _)) => promised,
        };
        if cut == Cut::Power {
            disks = disks.iter().map(|disk| disk.crash(&mut |n| dice.roll(n))).collect();
        }
        let looked = world.look(&disks, promised, After::Cut);
        looked.unwrap_or_else(|why| panic!("{cut:?} at {at}, {promised:?}: {why}"));
        kept += u64::from(promised.space);
        let was_cut = tap.is_gone();
        let again = world.act(&disks, &Tap::new(Arc::new(Salts::default())));
        let again = again.unwrap_or_else(|(_, why)| panic!("again after {cut:?} at {at}: {why}"));
        assert_eq!(usize::from(again.copies), count, "again after {cut:?} at {at}");
        let looked = world.look(&disks, again, After::Again);
        looked.unwrap_or_else(|why| panic!("again after {cut:?} at {at}: {why}"));
        if !was_cut {
            return (cuts as u64, kept);
        }
    }
    unreachable!("the loop ends when nothing was cut")
}

#[test]
fn a_space_that_comes_is_there_whole_or_not_at_all_wherever_it_was_cut_short() {
    let runs =
        [(1, Cut::Kill, 1), (1, Cut::Power, 1), (DISKS, Cut::Kill, 3), (DISKS, Cut::Power, 2)];
    for (count, cut, stride) in runs {
        let (cuts, kept) = at_changes(count, cut, stride);
        println!("spaces: {count} disks, {cut:?}: {cuts} cuts, {kept} with the space promised");
        assert!(cuts > 40 && kept > 10 && kept < cuts, "{cuts} cuts, {kept} promised");
    }
}

/// What looks at the disks sees it when one of them has the old keys, or none.
#[test]
fn a_disk_without_the_new_keys_does_not_pass() {
    let world = World::new();
    let before: Vec<_> = (0..DISKS).map(crash::rig::blank_disk).collect();
    world.filled(&before);
    let disks = crash::rig::copies_of(&before);
    let promised = world.act(&disks, &Tap::new(Arc::new(Salts::default()))).unwrap();
    world.look(&disks, promised, After::Again).unwrap();
    let old = before[1].files();
    for name in ["keys.0", "keys.1"] {
        let (_, bytes) = old.iter().find(|(path, _)| path == name).unwrap();
        disks[1].unlink(name).unwrap();
        let mut file = disks[1].create_new(name).unwrap();
        file.append(bytes).unwrap();
        file.sync_data().unwrap();
    }
    assert!(world.look(&disks, promised, After::Again).is_err(), "with the keys of before");
    ["keys.0", "keys.1"].iter().for_each(|name| disks[1].unlink(name).unwrap());
    assert!(world.look(&disks, promised, After::Again).is_err(), "without keys");
}
