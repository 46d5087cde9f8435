//! Real files: a small folder through the large vault and back, and many empty files backed up
//! twice into a vault of their own.
//!
//! Start at [`backup_and_restore`] and [`first_of_many`].

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use types::Bytes;
use vault::{Access, BackupReport, BackupSpec, CreateSpec, RestoreOptions, Secrets, Vault};
use volume::{Disk, FsDisk};

use crate::Outcome;
use crate::acts::must;
use crate::make::SOURCE;
use crate::place::Place;
use crate::shape::{PER_FOLDER, Shape};

/// Files of the small folder.
const SMALL_FILES: u8 = 50;

fn put(path: &Path, bytes: &[u8]) -> Outcome<()> {
    Ok(File::create(path)?.write_all(bytes)?)
}

fn spec(source: &str, path: &Path) -> BackupSpec {
    BackupSpec { source: source.to_owned(), paths: vec![path.to_owned()], ..BackupSpec::default() }
}

/// What is stored for real comes back; what was only claimed is refused, by name.
pub(crate) fn backup_and_restore(place: &Place, _: Shape) -> Outcome<String> {
    let disks = place.disks(true)?;
    let (vault, _) = place.open_vault(&disks)?;
    let (from, to) = (place.dir.join("small"), place.dir.join("restored"));
    fs::create_dir_all(&from)?;
    for n in 0..SMALL_FILES {
        put(&from.join(format!("{n}")), &vec![n; 10_000])?;
    }
    let report = vault.backup(&spec("small", &from), &mut |_| true)?;
    must(report.receipt.copies == Place::VOLUMES, || format!("{:?}", report.receipt))?;
    fs::create_dir_all(&to)?;
    let found = vault.find_snapshot("latest:small")?;
    let options = RestoreOptions::default();
    let restored = vault.restore(&found, b"", &to, options, &mut |_| true)?;
    must(restored.lost.is_empty(), || format!("{restored:?}"))?;
    for n in 0..SMALL_FILES {
        let same = fs::read(to.join(format!("{n}")))? == vec![n; 10_000];
        must(same, || format!("file {n} came back otherwise"))?;
    }
    let found = vault.find_snapshot(&format!("latest:{SOURCE}"))?;
    let path = b"top-000000/folder-00000000/file-0000000001.jpg";
    let bodiless = vault.restore(&found, path, &to, options, &mut |_| true)?;
    must(bodiless.lost_count == 1, || format!("a file without a body came back: {bodiless:?}"))?;
    vault.close()?;
    Ok(format!("files={} refused={}", restored.files, bodiless.lost_count))
}

fn many(place: &Place) -> (std::path::PathBuf, std::path::PathBuf) {
    (place.dir.join("many"), place.dir.join("many-volume"))
}

fn open_many(place: &Place, create: bool) -> Outcome<Vault> {
    let (_, volume) = many(place);
    let words = Place::words();
    let mut options = place.options();
    options.catalog = Some(place.dir.join("many.redb"));
    if create {
        fs::create_dir_all(&volume)?;
        let disk = FsDisk::create(&volume, Some("many".to_owned()))?;
        let disks: Vec<Arc<dyn Disk>> = vec![Arc::new(disk)];
        let spec = CreateSpec { disks, copies: 1, words: &words, password: None };
        return Ok(Vault::create(place.env(), options, spec)?);
    }
    let disk = FsDisk::open(&volume, Some("many".to_owned()))?;
    let disks: Vec<Arc<dyn Disk>> = vec![Arc::new(disk)];
    let secret = Secrets::Words(&words);
    Ok(Vault::open(place.env(), options, Access::ReadWrite, disks, None, secret)?.0)
}

/// Files of the real tree.
fn count(shape: Shape) -> u64 {
    shape.files / 10
}

fn backed_up(vault: &Vault, place: &Place) -> Outcome<BackupReport> {
    let report = vault.backup(&spec("many", &many(place).0), &mut |_| true)?;
    vault.close()?;
    Ok(report)
}

/// Makes the tree and backs it up. The figures are the backup's own, not the making's.
pub(crate) fn first_of_many(place: &Place, shape: Shape) -> Outcome<String> {
    let (tree, _) = many(place);
    for file in 0..count(shape) {
        let folder = tree.join(format!("{:06}", file / PER_FOLDER));
        if file.is_multiple_of(PER_FOLDER) {
            fs::create_dir_all(&folder)?;
        }
        File::create(folder.join(format!("{file:010}")))?;
    }
    let vault = open_many(place, true)?;
    let begun = crate::measure::cpu();
    let report = backed_up(&vault, place)?;
    must(report.stats.files == count(shape), || format!("{:?}", report.stats))?;
    let spent = (crate::measure::cpu() - begun).as_millis();
    Ok(format!("files={} backup_cpu_ms={spent}", report.stats.files))
}

/// Backs the same tree up again: nothing changed, nothing new.
pub(crate) fn rerun_of_many(place: &Place, shape: Shape) -> Outcome<String> {
    let vault = open_many(place, false)?;
    let report = backed_up(&vault, place)?;
    must(report.stats.files == count(shape), || format!("{:?}", report.stats))?;
    must(report.stats.new_bytes < Bytes::MIB, || format!("{:?}", report.stats))?;
    drop(vault);
    let (tree, volume) = many(place);
    fs::remove_dir_all(tree)?;
    fs::remove_dir_all(volume)?;
    let (files, new) = (report.stats.files, report.stats.new_bytes);
    Ok(format!("files={files} new_bytes={new}"))
}
