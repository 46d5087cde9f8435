//! Power cuts at every step of a volume's work: what was acknowledged stays.
//!
//! Every cut point of each piece of work is tried with many choices of what the disk kept. Each
//! search that must find no loss is also run with the folder syncs left out, and must find some.

use format::pack::PackKind::{self, Data, Meta};
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use testkit::volumes::{create, disk, open, pack};
use types::{HeadHash, PackId};
use volume::durable::replace_file;
use volume::{PackVerdict, Volume, VolumeError};

/// Choices tried for each cut point.
const CHOICES: u64 = 200;

/// What a piece of work was told is safe.
#[derive(Debug, Default)]
struct Acknowledged {
    packs: Vec<(PackId, PackKind)>,
    /// Bytes of the open pack that were synced.
    open: Option<Vec<u8>>,
    heads: Vec<(u64, Vec<u8>)>,
    trashed: Vec<PackId>,
    deleted: Vec<PackId>,
    generation: u64,
}

/// Runs `work` with the power cut after each of its changes in turn, and gives every disk that may
/// be left, with what had been acknowledged, to `holds`. Returns states seen and states refused.
fn enumerate(
    prepared: &SimDisk,
    sabotaged: bool,
    work: impl Fn(&SimDisk, &mut Acknowledged) -> Result<(), VolumeError>,
    holds: impl Fn(&SimDisk, &Acknowledged, &mut Dice) -> bool,
) -> (u64, u64) {
    let (mut states, mut lost) = (0, 0);
    for cut in 0.. {
        let disk = prepared.image("sim-1");
        disk.ignore_folder_syncs(sabotaged);
        disk.cut_after(cut);
        let mut acknowledged = Acknowledged::default();
        let done = work(&disk, &mut acknowledged).is_ok();
        for seed in 0..CHOICES {
            let mut dice = Dice::new(cut * CHOICES + seed);
            let left = disk.crash(&mut |sides| dice.roll(sides));
            states += 1;
            lost += u64::from(!holds(&left, &acknowledged, &mut dice));
        }
        if done {
            assert!(cut > 5, "the work was cut at every step");
            return (states, lost);
        }
    }
    unreachable!("some cut is after the end")
}

fn prepared() -> SimDisk {
    let disk = disk();
    create(&disk).unwrap();
    disk
}

fn write_pack(
    volume: &Volume,
    seed: u8,
    kind: PackKind,
    said: &mut Acknowledged,
) -> Result<(), VolumeError> {
    let (id, bytes) = pack(kind, seed);
    let mut growing = volume.create_open([seed; 16])?;
    let mut written = 0;
    for part in bytes.chunks(700) {
        growing.append(part)?;
        written += part.len();
        if written == bytes.len() {
            break; // the last bytes are left for the seal to sync
        }
        growing.sync()?;
        said.open = Some(bytes[..written].to_vec());
    }
    growing.seal(id, kind)?;
    said.open = None;
    said.packs.push((id, kind));
    Ok(())
}

/// Everything acknowledged is there, and nothing that looks sealed is not whole.
fn packs_hold(disk: &SimDisk, said: &Acknowledged) -> bool {
    let Ok(volume) = open(disk) else { return false };
    let good = |id, kind| volume.verify_pack(id, kind, true).unwrap() == PackVerdict::Good;
    let (listed, strays) = volume.list_packs().unwrap();
    let open_kept = said.open.as_ref().is_none_or(|synced| {
        let open = volume.list_open().unwrap();
        let kept = open.iter().map(|part| volume.read_open(part.name).unwrap());
        let mut kept = kept.map(|reader| reader.read_all(types::Bytes(1 << 20)).unwrap());
        // A pack that is being sealed may already have its name.
        kept.any(|bytes| bytes.starts_with(synced)) || !listed.is_empty()
    });
    said.packs.iter().all(|(id, kind)| good(*id, *kind))
        && listed.iter().all(|pack| good(pack.id, pack.kind))
        && strays.is_empty()
        && open_kept
}

#[test]
fn an_acknowledged_pack_survives_any_power_cut_but_not_without_the_folder_syncs() {
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        let volume = open(disk)?;
        write_pack(&volume, 1, Data, said)?;
        write_pack(&volume, 2, Meta, said)
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| packs_hold(disk, said);
    let (states, lost) = enumerate(&prepared(), false, work, holds);
    assert_eq!(lost, 0, "of {states}");
    let (_, lost_by_sabotage) = enumerate(&prepared(), true, work, holds);
    assert!(lost_by_sabotage > 0, "of {states}");
}

#[test]
fn an_imported_pack_survives_any_power_cut_but_not_without_the_folder_syncs() {
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        let volume = open(disk)?;
        let (id, bytes) = pack(Data, 1);
        volume.import_pack(Data, id, &mut &bytes[..])?;
        said.packs.push((id, Data));
        Ok(())
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| packs_hold(disk, said);
    assert_eq!(enumerate(&prepared(), false, work, holds).1, 0);
    assert!(enumerate(&prepared(), true, work, holds).1 > 0);
}

#[test]
fn an_import_again_after_a_power_cut_is_as_good_as_the_first() {
    let work = |disk: &SimDisk, _: &mut Acknowledged| {
        let (id, bytes) = pack(Data, 1);
        open(disk)?.import_pack(Data, id, &mut &bytes[..]).map(|_| ())
    };
    let holds = |disk: &SimDisk, _: &Acknowledged, dice: &mut Dice| {
        let (id, bytes) = pack(Data, 1);
        open(disk).unwrap().import_pack(Data, id, &mut &bytes[..]).unwrap();
        let said = Acknowledged { packs: vec![(id, Data)], ..Acknowledged::default() };
        packs_hold(&disk.crash(&mut |sides| dice.roll(sides)), &said)
    };
    assert_eq!(enumerate(&prepared(), false, work, holds).1, 0);
}

/// Kills a program at each of its changes, starts it again, and then cuts the power.
fn loses_after_a_kill(
    work: impl Fn(&SimDisk) -> Result<(), VolumeError>,
    again: impl Fn(&Volume) -> Vec<(PackId, PackKind)>,
) -> bool {
    (0..40).any(|cut| {
        let disk = prepared();
        disk.cut_after(cut);
        drop(work(&disk));
        disk.heal();
        let packs = again(&open(&disk).unwrap());
        let said = Acknowledged { packs, ..Acknowledged::default() };
        (0..CHOICES).any(|seed| {
            let mut dice = Dice::new(seed);
            !packs_hold(&disk.crash(&mut |sides| dice.roll(sides)), &said)
        })
    })
}

#[test]
fn what_a_killed_program_left_in_sight_counts_only_once_the_volume_is_settled() {
    let work = |disk: &SimDisk| {
        let said = &mut Acknowledged::default();
        write_pack(&open(disk)?, 1, Data, said)
    };
    let listed = |volume: &Volume| {
        let packs = volume.list_packs().unwrap().0.into_iter();
        packs.map(|pack| (pack.id, pack.kind)).collect()
    };
    let settled = |volume: &Volume| {
        volume.settle().unwrap();
        listed(volume)
    };
    assert!(!loses_after_a_kill(work, settled));
    assert!(loses_after_a_kill(work, listed));
}

#[test]
fn an_import_again_after_a_kill_is_as_good_as_the_first() {
    let import = |volume: &Volume| {
        let (id, bytes) = pack(Data, 1);
        volume.import_pack(Data, id, &mut &bytes[..]).map(|_| vec![(id, Data)])
    };
    let again = |volume: &Volume| import(volume).unwrap();
    assert!(!loses_after_a_kill(|disk| import(&open(disk)?).map(|_| ()), again));
}

#[test]
fn a_volume_being_made_is_a_volume_or_can_be_made_again() {
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        create(disk)?;
        said.generation = 1;
        Ok(())
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| match open(disk) {
        Ok(_) => true,
        Err(VolumeError::NotAVolume { .. }) => said.generation == 0 && create(disk).is_ok(),
        Err(_) => false,
    };
    assert_eq!(enumerate(&disk(), false, work, holds).1, 0);
    assert!(enumerate(&disk(), true, work, holds).1 > 0);
}

#[test]
fn a_superblock_is_always_there_and_its_generation_never_goes_back() {
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        said.generation = 1;
        let volume = open(disk)?;
        for _ in 0..3 {
            said.generation = volume.bump_generation()?;
        }
        Ok(())
    };
    // A second cut falls into the repair of the copies.
    let holds = |disk: &SimDisk, said: &Acknowledged, dice: &mut Dice| {
        disk.cut_after(u64::from(dice.roll(12)));
        drop(open(disk));
        let disk = disk.crash(&mut |sides| dice.roll(sides));
        open(&disk).is_ok_and(|volume| {
            let generation = volume.identity().superblock.generation;
            (said.generation..=said.generation + 1).contains(&generation)
        })
    };
    assert_eq!(enumerate(&prepared(), false, work, holds).1, 0);
    assert!(enumerate(&prepared(), true, work, holds).1 > 0);
}

#[test]
fn an_acknowledged_head_survives_and_pruning_never_takes_the_newest() {
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        let volume = open(disk)?;
        for seq in 1_u8..=3 {
            let bytes = vec![seq; 900];
            volume.write_head(u64::from(seq), HeadHash([seq; 32]), &bytes)?;
            said.heads = vec![(u64::from(seq), bytes)];
            volume.prune_heads(1)?;
        }
        Ok(())
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| {
        let volume = open(disk).unwrap();
        let heads = volume.list_heads().unwrap();
        let whole = heads.iter().all(|head| {
            let expected = vec![u8::try_from(head.seq).unwrap(); 900];
            volume.read_head(&head.name).unwrap() == expected
        });
        whole && said.heads.iter().all(|(seq, _)| heads.iter().any(|head| head.seq >= *seq))
    };
    assert_eq!(enumerate(&prepared(), false, work, holds).1, 0);
    assert!(enumerate(&prepared(), true, work, holds).1 > 0);
}

#[test]
fn a_replaced_file_is_the_old_one_or_the_new_one() {
    let before = disk();
    replace_file(&before, "file", &[1; 1_300]).unwrap();
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        for generation in 2_u8..=4 {
            let replaced = replace_file(disk, "file", &[generation; 1_300]);
            // The cut shows as an error of the disk; any error will do here.
            replaced.map_err(|_| create(disk).unwrap_err())?;
            said.generation = u64::from(generation);
        }
        Ok(())
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| {
        let files = disk.files();
        let file = files.iter().find(|(path, _)| path == "file");
        file.is_some_and(|(_, bytes)| {
            let first = u64::from(bytes[0]);
            bytes.len() == 1_300
                && bytes.iter().all(|byte| *byte == bytes[0])
                && (said.generation.max(1)..=said.generation.max(1) + 1).contains(&first)
        })
    };
    assert_eq!(enumerate(&before, false, work, holds).1, 0);
    assert!(enumerate(&before, true, work, holds).1 > 0);
}

#[test]
fn a_pack_on_its_way_to_the_trash_and_back_is_never_in_neither_place() {
    let before = prepared();
    let (id, bytes) = pack(Meta, 1);
    open(&before).unwrap().import_pack(Meta, id, &mut &bytes[..]).unwrap();
    let work = |disk: &SimDisk, said: &mut Acknowledged| {
        let volume = open(disk)?;
        volume.trash_pack(id, Meta)?;
        said.trashed = vec![id];
        volume.restore_from_trash(id)?;
        said.trashed.clear();
        said.packs = vec![(id, Meta)];
        volume.trash_pack(id, Meta)?;
        said.packs.clear();
        volume.delete_trashed(id)?;
        said.deleted = vec![id];
        Ok(())
    };
    let holds = |disk: &SimDisk, said: &Acknowledged, _: &mut Dice| {
        let volume = open(disk).unwrap();
        let stored = volume.verify_pack(id, Meta, true).unwrap() == PackVerdict::Good;
        let trashed = volume.list_trash().unwrap().iter().any(|trashed| trashed.id == id);
        !(stored && trashed)
            && (said.trashed.is_empty() || trashed || stored)
            && (said.packs.is_empty() || stored || trashed)
            && (said.deleted.is_empty() || !(stored || trashed))
    };
    assert_eq!(enumerate(&before, false, work, holds).1, 0);
    assert!(enumerate(&before, true, work, holds).1 > 0);
}
