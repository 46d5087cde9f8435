//! Storing while a disk is emptied: what was acknowledged must not leave with it.

use std::fs::File;
use std::io::Write;
use vault::{BackupReport, BackupSpec, OnProgress, Vault, VaultError};

use crate::home::{Home, must_be, noise, put, quiet, said, volume_on};
use crate::suite::Detector;

/// A disk is emptied inside a running backup, with an edit at each step.
pub(crate) const LEAVING: Detector =
    Detector { name: "a disk leaves inside a backup", run: leaving };
/// Packs are closed inside a running backup whose first pack a full disk refused.
pub(crate) const CLOSED: Detector =
    Detector { name: "packs are closed inside a backup", run: closed };

/// Files of the backup.
const FILES: u64 = 4;

fn tree_of(home: &Home) -> Result<std::path::PathBuf, String> {
    let folder = home.dir.path().join("tree");
    let wrong = |error: std::io::Error| format!("the folder: {error}");
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    for n in 0..FILES {
        let mut file = File::create(folder.join(format!("{n}"))).map_err(wrong)?;
        file.write_all(&noise(100 + n, 90_000)).map_err(wrong)?;
    }
    Ok(folder)
}

fn backup(
    home: &Home,
    vault: &Vault,
    progress: OnProgress<'_>,
) -> Result<BackupReport, VaultError> {
    let (source, paths) = ("tree".to_owned(), vec![home.dir.path().join("tree")]);
    vault.backup(&BackupSpec { source, paths, ..BackupSpec::default() }, progress)
}

/// Empties disk a after `at` files of a backup.
fn leaving_after(at: u64) -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(1)?;
    tree_of(&home)?;
    let mut acknowledged = Vec::new();
    let mut store = |vault: &Vault| {
        let n = acknowledged.len() as u64;
        if put(vault, &format!("edit-{n}"), &noise(n, 50_000)).is_ok() {
            acknowledged.push(n);
        }
    };
    (0..3).for_each(|_| store(&vault));
    let leaving = volume_on(&vault, "a")?;
    let (mut files, mut emptied) = (0, None);
    let done = backup(&home, &vault, &mut |_| {
        files += 1;
        if files > at && emptied.is_none() {
            let report = vault.retire(leaving, &mut |_| {
                store(&vault);
                true
            });
            emptied = Some(report.map_err(|error| error.to_string()));
        }
        true
    });
    let stays = volume_on(&vault, "a").is_ok();
    drop(vault);
    home.lose_catalog()?;
    let here: &[usize] = if stays { &[0, 1] } else { &[1] };
    let (vault, _) = home.open(here)?;
    for n in acknowledged {
        must_be(&vault, &format!("edit-{n}"), &noise(n, 50_000))
            .map_err(|why| format!("emptied after {at} files: {why}"))?;
    }
    if done.is_ok() {
        for n in 0..FILES {
            let found = said("find", vault.find_snapshot("latest:tree"))?;
            let path = format!("{n}");
            let read = vault.read_range(&found, path.as_bytes(), 0, usize::MAX);
            if read.map_err(|why| format!("file {n} of the backup is lost: {why}"))?
                != noise(100 + n, 90_000)
            {
                return Err(format!("file {n} of the backup holds other bytes"));
            }
        }
    }
    match (stays, emptied, done) {
        (false, Some(Ok(_)), Ok(_)) => Ok(()),
        (_, emptied, done) => Err(format!("nothing is lost, but: {emptied:?}, {done:?}")),
    }
}

fn leaving() -> Result<(), String> {
    (0..FILES).try_for_each(leaving_after)
}

fn closed() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    tree_of(&home)?;
    home.disks[1].set_full(true);
    let mut files = 0;
    let report = backup(&home, &vault, &mut |_| {
        files += 1;
        if files == 2 {
            // It may say that a disk is full: the backup goes on.
            drop(vault.rebuild(&mut quiet));
            home.disks[1].set_full(false);
        }
        true
    });
    match said("backup", report)?.receipt.copies {
        1 => Ok(()),
        other => Err(format!("the receipt promises {other} copies, its first pack has one")),
    }
}
