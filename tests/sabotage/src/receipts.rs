//! What a receipt promises must be so: on that many disks, each enough by itself.

use crate::home::{Home, check, close, must_be, noise, put, said};
use crate::suite::Detector;

/// Stored while one of two disks is away.
pub(crate) const WITH_ONE_DISK_AWAY: Detector =
    Detector { name: "a receipt with one disk away", run: with_one_disk_away };
/// Stored with one copy, and again when two can be had.
pub(crate) const STORED_AGAIN: Detector =
    Detector { name: "stored again with both disks", run: stored_again };

/// Stored again after a check found every copy damaged.
pub(crate) const AFTER_DAMAGE: Detector =
    Detector { name: "stored again after damage", run: after_damage };

fn with_one_disk_away() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(2)?)?;
    let (vault, _) = home.open(&[0])?;
    match put(&vault, "file", b"bytes")?.receipt.copies {
        1 => Ok(()),
        other => Err(format!("the receipt promises {other} copies on one disk")),
    }
}

fn stored_again() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let bytes = noise(1, 300_000);
    close(home.create(2)?)?;
    let (vault, _) = home.open(&[0])?;
    put(&vault, "file", &bytes)?;
    close(vault)?;
    let (vault, _) = home.open(&[0, 1])?;
    let promised = put(&vault, "again", &bytes)?.receipt.copies;
    if promised != 2 {
        return Err(format!("both disks are here, and the receipt promises {promised}"));
    }
    drop(vault);
    let alone = |why: String| format!("disk b alone: {why}");
    let (vault, _) = home.open(&[1]).map_err(alone)?;
    must_be(&vault, "again", &bytes).map_err(alone)
}

fn after_damage() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let bytes = noise(1, 300_000);
    let vault = home.create(1)?;
    put(&vault, "file", &bytes)?;
    said("close", vault.close())?;
    let path = home.disks[0].files().into_iter().map(|(path, _)| path);
    let path = path.into_iter().find(|path| path.starts_with("data/")).ok_or("no pack")?;
    home.disks[0].flip_byte(&path, 100_000);
    let report = check(&vault, false)?;
    if report.damaged.len() != 1 {
        return Err(format!("one copy is damaged: {report:?}"));
    }
    // What somebody still has heals every version that had it.
    put(&vault, "again", &bytes)?;
    for path in ["file", "again"] {
        must_be(&vault, path, &bytes).map_err(|why| format!("put again, and {why}"))?;
    }
    Ok(())
}
