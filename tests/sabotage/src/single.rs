//! One volume alone: a pack that has its name keeps it, whatever the power does.
//!
//! The vault finds a pack under its old name too, so only here is it seen that a name was lost.

use format::pack::PackKind;
use testkit::dice::Dice;
use testkit::volumes;
use volume::{PackVerdict, VolumeError};

use crate::suite::Detector;

/// Packs that were brought to a volume, and the power cut after each.
pub(crate) const IMPORTS: Detector =
    Detector { name: "a new name, then a power cut", run: imports };

/// Choices of what the disk keeps, for each pack.
const CHOICES: u64 = 100;

fn told<T>(result: Result<T, VolumeError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn imports() -> Result<(), String> {
    let disk = volumes::disk();
    let volume = told(volumes::create(&disk))?;
    for seed in 1..4 {
        let (id, bytes) = volumes::pack(PackKind::Data, seed);
        told(volume.import_pack(PackKind::Data, id, &mut &bytes[..]))?;
        for choice in 0..CHOICES {
            let mut dice = Dice::new(u64::from(seed) * CHOICES + choice);
            let left = disk.crash(&mut |sides| dice.roll(sides));
            let opened = told(volumes::open(&left))?;
            if told(opened.verify_pack(id, PackKind::Data, true))? != PackVerdict::Good {
                return Err(format!("pack {} was acknowledged and has no name", id.short()));
            }
        }
    }
    Ok(())
}
