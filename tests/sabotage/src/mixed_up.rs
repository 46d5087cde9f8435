//! A disk that lied shows one pack's bytes under another's name, whole, and not what was asked for.
//!
//! What the other disk holds under that name must be found all the same.

use testkit::simdisk::SimDisk;
use types::Bytes;
use vault::Vault;
use volume::Disk;

use crate::home::{Home, check, must_be, noise, prune_now, put, put_in, said};
use crate::suite::Detector;

/// A sealed pack that shows another's bytes, while the catalog is made anew.
pub(crate) const SEALED: Detector =
    Detector { name: "a sealed pack shows other bytes", run: sealed };
/// An unfinished pack that shows what lay there before.
pub(crate) const UNFINISHED: Detector =
    Detector { name: "an open pack shows an older one's", run: unfinished };

fn content(n: u8) -> Vec<u8> {
    noise(n.into(), 40_000 + 5_000 * usize::from(n))
}

fn name(n: u8) -> String {
    format!("file-{n}")
}

/// Paths and bytes of the packs in a folder of a disk.
fn packs(disk: &SimDisk, folder: &str) -> Vec<(String, Vec<u8>)> {
    let all = disk.files().into_iter();
    all.filter(|(path, bytes)| path.starts_with(folder) && !bytes.is_empty()).collect()
}

/// Lets a path show other bytes.
fn show(disk: &SimDisk, path: &str, bytes: &[u8]) -> Result<(), String> {
    let shown = disk.unlink(path).and_then(|()| disk.create_new(path)?.append(bytes));
    shown.map_err(|error| format!("{path}: {error}"))
}

fn all_must_be(vault: &Vault, files: std::ops::Range<u8>) -> Result<(), String> {
    files.into_iter().try_for_each(|n| must_be(vault, &name(n), &content(n)))
}

fn sealed() -> Result<(), String> {
    for (liar, honest) in [(0, 1), (1, 0)] {
        let home = Home::new(&["a", "b"]);
        let vault = home.create(2)?;
        for n in 0..3 {
            put(&vault, &name(n), &content(n))?;
            said("close", vault.close())?;
        }
        drop(vault);
        let data = packs(&home.disks[liar], "data/");
        let other = packs(&home.disks[honest], "data/").pop().ok_or("there are no packs")?;
        show(&home.disks[liar], &data[0].0, &other.1)?;
        home.lose_catalog()?;
        let (vault, report) = home.open(&[0, 1])?;
        all_must_be(&vault, 0..3)?;
        check(&vault, true)?;
        if report.findings.is_empty() {
            return Err(format!("nobody says that {} shows other bytes", data[0].0));
        }
    }
    Ok(())
}

fn unfinished() -> Result<(), String> {
    for liar in 0..2 {
        let mut home = Home::new(&["a", "b"]);
        home.frame_cache = Bytes(4 << 20);
        let vault = home.create(2)?;
        said("put", put_in(&vault, "old", &name(0), &content(0)))?;
        let older = packs(&home.disks[liar], "open/");
        // What it held is nowhere else any more, so it is taken from there.
        put(&vault, &name(1), &content(1))?;
        let old = said("list", vault.snapshots(Some("old")))?;
        said("forget", vault.forget(&old))?;
        prune_now(&vault)?;
        put(&vault, &name(2), &content(2))?;
        drop(vault);
        let open = packs(&home.disks[liar], "open/");
        if open.len() != older.len() || open.len() < 2 {
            return Err(format!("{} open packs, and {} before", open.len(), older.len()));
        }
        for ((path, _), (_, bytes)) in open.iter().zip(older.iter().rev()) {
            show(&home.disks[liar], path, bytes)?;
        }
        home.lose_catalog()?;
        let (vault, _) = home.open(&[0, 1])?;
        all_must_be(&vault, 1..3)?;
    }
    Ok(())
}
