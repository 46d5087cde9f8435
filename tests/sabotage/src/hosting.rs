//! What one volume keeps for friends: a receipt holds, an answer is right, room that was promised is
//! there.

use format::pack::PackKind;
use testkit::dice::Dice;
use testkit::friends::{ANNA, bring, fetch, is_kept, pack, stream};
use testkit::volumes;
use types::Bytes;
use verified::{Groups, check};

use crate::suite::Detector;

/// A friend's pack is brought, and the power goes.
pub(crate) const RECEIPTS: Detector =
    Detector { name: "a friend's pack, then a power cut", run: receipts };
/// A byte of a friend's pack rots, and the friend asks for it.
pub(crate) const AUDITS: Detector = Detector { name: "an audit of rotten bytes", run: audits };
/// A friend is promised room, and the vault stores its own.
pub(crate) const PROMISES: Detector =
    Detector { name: "a promise, then the vault's own packs", run: promises };

const PROMISED: Bytes = Bytes(300_000);
/// Choices of what the disk keeps.
const CHOICES: u64 = 100;

fn said<T, E: std::fmt::Display>(doing: &str, result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("{doing}: {error}"))
}

fn receipts() -> Result<(), String> {
    let disk = volumes::disk();
    let volume = said("create", volumes::create(&disk))?;
    said("promise", volume.hosted().promise(ANNA, PROMISED))?;
    let (_, bytes) = pack(1, 2, 100);
    said("bring", bring(&volume.hosted(), ANNA, &bytes))?;
    for choice in 0..CHOICES {
        let mut dice = Dice::new(choice);
        let left = disk.crash(&mut |sides| dice.roll(sides));
        let opened = said("open", volumes::open(&left))?;
        if !is_kept(&opened.hosted(), ANNA, &bytes) {
            return Err("a friend's pack has a receipt and is lost".to_owned());
        }
    }
    Ok(())
}

fn audits() -> Result<(), String> {
    let disk = volumes::disk();
    let volume = said("create", volumes::create(&disk))?;
    said("promise", volume.hosted().promise(ANNA, PROMISED))?;
    let (told, bytes) = pack(1, 3, 0);
    said("bring", bring(&volume.hosted(), ANNA, &bytes))?;
    let all = Groups::all(&told);
    if fetch(&volume.hosted(), ANNA, told).is_ok_and(|answer| answer != stream(&bytes, &all)) {
        return Err("good bytes are answered for wrongly".to_owned());
    }
    let id = told.root().to_string();
    let path = format!("friends/{ANNA}/packs/{}/{id}.pack", &id[..2]);
    disk.flip_byte(&path, 20_000);
    match fetch(&volume.hosted(), ANNA, told) {
        Ok(answer) if check(&told, &all, &answer[..]).is_err() => {
            Err("rotten bytes of a friend were sent, and nobody here knows".to_owned())
        }
        Ok(_) => Err("the flipped byte is not flipped".to_owned()),
        Err(_) => Ok(()),
    }
}

fn promises() -> Result<(), String> {
    let disk = volumes::disk();
    let volume = said("create", volumes::create(&disk))?;
    said("promise", volume.hosted().promise(ANNA, PROMISED))?;
    // The vault stores its own for as long as it is told that there is room.
    for seed in 0..u8::MAX {
        let (id, bytes) = volumes::pack(PackKind::Data, seed);
        let need = Bytes(bytes.len() as u64 + 50_000);
        if volume.room_for(need).is_err() {
            break;
        }
        let filler = vec![1; 50_000];
        let mut growing = said("create", volume.create_open([seed; 16]))?;
        said("append", growing.append(&filler))?;
        said("sync", growing.sync())?;
        said("import", volume.import_pack(PackKind::Data, id, &mut &bytes[..]))?;
    }
    let (_, bytes) = pack(1, 15, 0);
    match bring(&volume.hosted(), ANNA, &bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the vault filled what was promised: {error}")),
    }
}
