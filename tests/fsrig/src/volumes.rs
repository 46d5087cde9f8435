//! The volume alone, without a vault above it: each of its verbs is an acknowledgement.
//!
//! A vault mends much of what a volume loses (a pack whose name did not last is found under its
//! old one); here nobody does. Start at [`record`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use format::pack::PackKind;
use testkit::dice::Dice;
use testkit::env::noise;
use testkit::volumes::create_on;
use types::{HeadHash, PackId};
use volume::{OpenName, PackVerdict, Volume};

use crate::story::{Homes, Story, Timeline};
use crate::world::World;

/// Verbs of one recording.
const VERBS: u32 = 40;
const KIND: PackKind = PackKind::Data;

/// What a volume holds.
#[derive(Clone, Debug, Default)]
struct Held {
    packs: BTreeSet<PackId>,
    trash: BTreeSet<PackId>,
    /// Synced bytes of open packs.
    open: BTreeMap<OpenName, Arc<Vec<u8>>>,
    heads: BTreeSet<u64>,
    /// Packs that a verb under way may put anywhere.
    moving: BTreeSet<PackId>,
}

#[derive(Debug)]
struct OneVolume {
    world: Arc<World>,
    timeline: Timeline<Held>,
}

fn said(error: &volume::VolumeError) -> String {
    crash::model::chain_of(error)
}

/// Does a workload on the disk mounted at `home`.
pub fn record(world: &Arc<World>, home: &Path, dice: &mut Dice) -> Result<Box<dyn Story>, String> {
    let disk = world.new_disk(0, home).map_err(|error| said(&error))?;
    let volume = create_on(disk).map_err(|error| said(&error))?;
    let mut work = Work { world, volume, held: Held::default(), timeline: Timeline::default() };
    work.acknowledged();
    for n in 0..VERBS {
        work.verb(u64::from(n), dice).map_err(|error| said(&error))?;
    }
    let timeline = work.timeline;
    Ok(Box::new(OneVolume { world: Arc::clone(world), timeline }))
}

struct Work<'a> {
    world: &'a World,
    volume: Volume,
    held: Held,
    timeline: Timeline<Held>,
}

impl Work<'_> {
    fn acknowledged(&mut self) {
        self.held.moving.clear();
        self.timeline.from(self.world.moments.now(), self.held.clone());
    }

    fn begins(&mut self, pack: PackId) {
        self.held.moving.insert(pack);
        self.timeline.from(self.world.moments.now(), self.held.clone());
    }

    fn verb(&mut self, n: u64, dice: &mut Dice) -> Result<(), volume::VolumeError> {
        let seed = self.world.seed.wrapping_mul(1000).wrapping_add(n);
        match dice.roll(8) {
            0..=3 => self.grow_and_seal(seed, dice)?,
            4 => self.head(n)?,
            5 | 6 => {
                let Some(pack) = self.held.packs.pop_first() else { return Ok(()) };
                self.begins(pack);
                self.volume.trash_pack(pack, KIND)?;
                self.held.trash.insert(pack);
            }
            _ => {
                let Some(pack) = self.held.trash.pop_first() else { return Ok(()) };
                self.begins(pack);
                self.volume.delete_trashed(pack)?;
            }
        }
        self.acknowledged();
        Ok(())
    }

    fn head(&mut self, n: u64) -> Result<(), volume::VolumeError> {
        self.volume.write_head(n, HeadHash([7; 32]), &noise(n, 700))?;
        self.held.heads.insert(n);
        Ok(())
    }

    fn grow_and_seal(&mut self, seed: u64, dice: &mut Dice) -> Result<(), volume::VolumeError> {
        let mut name = OpenName::default();
        name[..8].copy_from_slice(&seed.to_le_bytes());
        let bytes = noise(seed, 2_000 + dice.roll(200_000) as usize);
        let half = bytes.len() / 2;
        let mut open = self.volume.create_open(name)?;
        for part in [&bytes[..half], &bytes[half..]] {
            open.append(part)?;
            open.sync()?;
            let len = usize::try_from(open.len()).unwrap_or(usize::MAX);
            self.held.open.insert(name, Arc::new(bytes[..len].to_vec()));
            self.acknowledged();
        }
        let pack = PackId(*blake3::hash(&bytes).as_bytes());
        let before = self.held.open.remove(&name);
        self.begins(pack);
        drop(before);
        open.seal(pack, KIND)?;
        self.held.packs.insert(pack);
        Ok(())
    }
}

impl Story for OneVolume {
    fn acknowledged(&self) -> Vec<u64> {
        self.timeline.entries().map(|(moment, _)| *moment).collect()
    }

    fn recover(&self, _: u64, homes: &Homes) -> Result<(), String> {
        let volume = self.open(homes)?;
        // What a vault does when it opens its volumes.
        volume.bump_generation().map_err(|error| said(&error))?;
        volume.delete_leftovers().map_err(|error| said(&error)).map(drop)
    }

    fn examine(
        &self,
        cut: u64,
        homes: &Homes,
        _: &BTreeSet<usize>,
        _: &mut Dice,
    ) -> Result<(), String> {
        let held = self.timeline.at(cut).ok_or("there is nothing to expect yet")?;
        compare(&self.open(homes)?, held)
    }
}

impl OneVolume {
    fn open(&self, homes: &Homes) -> Result<Volume, String> {
        let home: &PathBuf = homes[0].as_ref().ok_or("the file system does not mount")?;
        let disk = self.world.disk(0, home).map_err(|error| said(&error))?;
        Ok(Volume::open(disk).map_err(|error| said(&error))?.0)
    }
}

fn compare(volume: &Volume, held: &Held) -> Result<(), String> {
    for pack in &held.packs {
        let verdict = volume.verify_pack(*pack, KIND, true).map_err(|error| said(&error))?;
        if verdict != PackVerdict::Good {
            return Err(format!("a sealed pack is {verdict:?}"));
        }
    }
    let (listed, strays) = volume.list_packs().map_err(|error| said(&error))?;
    let unknown =
        listed.iter().filter(|p| !held.packs.contains(&p.id) && !held.moving.contains(&p.id));
    if unknown.count() > 0 || !strays.is_empty() {
        return Err(format!("there are packs that were taken away, or strays: {strays:?}"));
    }
    let trash = volume.list_trash().map_err(|error| said(&error))?;
    let trash: BTreeSet<PackId> = trash.iter().map(|trashed| trashed.id).collect();
    if !held.trash.is_subset(&trash)
        || trash.iter().any(|id| !held.trash.contains(id) && !held.moving.contains(id))
    {
        return Err("the trash holds other packs than were put there".to_owned());
    }
    for (name, bytes) in &held.open {
        let reader = volume.read_open(*name).map_err(|error| said(&error))?;
        let mut found = vec![0; bytes.len()];
        reader.read_exact_at(0, &mut found).map_err(|error| said(&error))?;
        if found != **bytes {
            return Err("synced bytes of an open pack are others".to_owned());
        }
    }
    let heads = volume.list_heads().map_err(|error| said(&error))?;
    for seq in &held.heads {
        let head = heads.iter().find(|head| head.seq == *seq).ok_or("a head is missing")?;
        let bytes = volume.read_head(&head.name).map_err(|error| said(&error))?;
        if bytes != noise(*seq, 700) {
            return Err(format!("head {seq} has other bytes"));
        }
    }
    Ok(())
}
