//! A vault and its model, led through the same events and compared after each.
//!
//! What may be pulled, rot or leave is bounded so that the model always knows the answer: before a
//! disk goes, every pack has its promised copies. Start at [`Machine::step`].

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use format::entry::EntryKind;
use format::record::SnapshotKind;
use plan::gc::GcRefusal;
use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting};
use types::{Bytes, Millis, UnixTime};
use vault::{
    EditReceipt, Found, NewFile, PruneOptions, RebuildReport, SourceEditor, Vault, VaultError,
    WriterMode,
};

use crate::model::{Did, Edited, Model, Node, Refusal, Tree, Version};
use crate::ops::{BIG_LEN, Catalog, Change, Op, Start};
use crate::rig::{DiskKind, Rig, TestDisk, backup, check, noise, quiet, volume_id};

const SOURCES: [&str; 2] = ["attic", "cellar"];
const DISKS_MAX: usize = 4;
const BIG_FILE: &str = "big.img";

/// A disk that belongs to the vault and does not answer.
struct Away {
    serial: String,
    /// It fails while the vault is open.
    failing: bool,
}

pub(crate) struct Machine {
    rig: Rig,
    vault: Option<Vault>,
    model: Model,
    /// What stands in the folders that are backed up.
    folders: Vec<Tree>,
    attached: Vec<String>,
    away: Option<Away>,
    /// Disks that have left the vault.
    former: Vec<String>,
    copies: u8,
    /// The catalog was made anew and no check has run since.
    unchecked: bool,
    disks_made: u32,
    file_times: u64,
}

impl Machine {
    pub(crate) fn new(kind: DiskKind, writers: WriterMode, start: Start) -> Self {
        let mut rig = Rig::new(kind, writers, u64::from(start.seed));
        let size = if start.tight { Bytes(6 * Bytes::GIB) } else { Bytes(200 * Bytes::GIB) };
        let mut attached = Vec::new();
        for n in 1..=u32::from(start.disks) {
            let serial = format!("disk-{n}");
            rig.add_disk(&serial, size);
            attached.push(serial);
        }
        for source in SOURCES {
            std::fs::create_dir(rig.path(source)).unwrap();
        }
        let vault = Some(rig.create(start.copies));
        Self {
            rig,
            vault,
            model: Model::default(),
            folders: vec![Tree::default(); SOURCES.len()],
            attached,
            away: None,
            former: Vec::new(),
            copies: start.copies,
            unchecked: false,
            disks_made: u32::from(start.disks),
            file_times: 0,
        }
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    fn is_failing(&self) -> bool {
        self.away.as_ref().is_some_and(|away| away.failing)
    }

    /// Disks that take writes.
    fn healthy(&self) -> usize {
        self.attached.len() - usize::from(self.is_failing())
    }

    fn expect_receipt(&self, receipt: vault::Receipt) {
        let copies = usize::from(self.copies).min(self.healthy());
        assert_eq!(usize::from(receipt.copies), copies, "{receipt:?}");
        assert_eq!(receipt.wanted, self.copies);
    }

    /// Lets one thing happen to both, and compares.
    pub(crate) fn step(&mut self, op: &Op) {
        match op {
            Op::Put { source, path, content, make_parents } => {
                let source = source_of(*source);
                self.put(source, path, content.bytes(), *make_parents);
            }
            Op::Append { source, path, content } => {
                let source = source_of(*source);
                let old = self.model.newest(source);
                let mut bytes = old.file(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
                bytes.extend(content.bytes());
                self.put(source, path, bytes, true);
            }
            Op::MakeFolder { source, path } => {
                self.edit(
                    source_of(*source),
                    |tree| tree.make_folder(path),
                    |editor| editor.make_folder(path.as_bytes()),
                );
            }
            Op::Rename { source, from, to, replace } => {
                self.edit(
                    source_of(*source),
                    |tree| tree.rename(from, to, *replace),
                    |editor| editor.rename(from.as_bytes(), to.as_bytes(), *replace),
                );
            }
            Op::Delete { source, path, recursive } => {
                self.edit(
                    source_of(*source),
                    |tree| tree.delete(path, *recursive),
                    |editor| editor.delete(path.as_bytes(), *recursive),
                );
            }
            Op::Backup { source, changes } => self.backup(usize::from(*source), changes),
            Op::Read { source, version, path, offset, len } => {
                self.read(source_of(*source), *version, path, *offset, *len);
            }
            Op::Versions { source, path } => self.versions(source_of(*source), path),
            Op::Diff { source, one, other } => self.diff(source_of(*source), *one, *other),
            Op::Forget { source, version } => self.forget(source_of(*source), *version),
            Op::ForgetOlder { days } => self.forget_older(u64::from(*days)),
            Op::Prune { at_once } => self.prune(*at_once),
            Op::Pass { days } => self.rig.pass_days(u64::from(*days)),
            Op::Check { read_data } => self.check(*read_data),
            Op::Rebuild => self.rebuild(),
            Op::Reopen { catalog, killed, with_former } => {
                self.reopen(*catalog, *killed, *with_former);
            }
            Op::AddVolume => self.add_volume(),
            Op::Retire { disk } => self.retire(*disk),
            Op::Replace { disk } => self.replace(*disk),
            Op::Remove { disk } => self.remove(*disk),
            Op::Yank { disk, killed, while_open } => self.yank(*disk, *killed, *while_open),
            Op::Return { killed } => self.bring_back(*killed),
            Op::Rot { disk, seed, reopen } => self.rot(*disk, *seed, *reopen),
        }
    }

    /// What must hold when all is over: everything is there, and every promise can be kept again.
    pub(crate) fn finish(mut self) {
        self.bring_back(true);
        self.compare_all();
        self.rebuild();
        self.check(true);
        self.reopen(Catalog::Deleted, true, false);
    }

    fn put(&mut self, source: &str, path: &str, bytes: Vec<u8>, make_parents: bool) {
        let bytes = Arc::new(bytes);
        self.edit(
            source,
            |tree| tree.put(path, &bytes, make_parents),
            |editor| {
                let file = NewFile { make_parents, ..NewFile::default() };
                editor.put(path.as_bytes(), file, &mut bytes.as_slice())
            },
        );
    }

    fn edit(
        &mut self,
        source: &str,
        expected: impl FnOnce(&mut Tree) -> Edited,
        edit: impl FnOnce(&SourceEditor<'_>) -> Result<EditReceipt, VaultError>,
    ) {
        let mut tree = self.model.newest(source);
        let expected = expected(&mut tree);
        let vault = self.vault.as_ref().unwrap();
        let did = match edit(&vault.editor(None, source).unwrap()) {
            Ok(receipt) => {
                self.expect_receipt(receipt.receipt);
                Ok(Did::from(&receipt.outcome))
            }
            Err(VaultError::Edit(error)) => Err(Refusal::from(&error)),
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        };
        assert_eq!(did, expected.map(|(did, _)| did));
        // A first edit that is refused leaves an empty version: there is one from then on.
        let info = vault.snapshots(Some(source)).unwrap().pop().unwrap();
        let new = Version { id: info.id, kind: info.kind, received: info.received, tree };
        self.model.edited(source, new, expected);
        self.compare_newest(source);
    }

    fn backup(&mut self, nth: usize, changes: &[Change]) {
        let source = SOURCES[nth];
        for change in changes {
            self.change(nth, change);
        }
        let vault = self.vault.as_ref().unwrap();
        let report = backup(vault, source, &self.rig.path(source));
        assert!(report.skipped.is_empty(), "{:?}", report.skipped);
        self.expect_receipt(report.receipt);
        let info = vault.snapshots(Some(source)).unwrap().pop().unwrap();
        assert_eq!((info.id, info.kind), (report.snapshot, SnapshotKind::Backup));
        let (id, kind, received) = (info.id, info.kind, info.received);
        let tree = self.folders[nth].clone();
        let versions = self.model.0.entry(source.to_owned()).or_default();
        versions.push(Version { id, kind, received, tree });
        self.compare_newest(source);
    }

    /// Changes a folder that is backed up, and what is known of it.
    fn change(&mut self, nth: usize, change: &Change) {
        let top = self.rig.path(SOURCES[nth]);
        self.file_times += 1;
        let stamp = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + self.file_times);
        let folder = &mut self.folders[nth];
        match change {
            Change::Write { path, content } => {
                write_file(folder, &top, path, content.bytes(), stamp);
            }
            Change::Append { path, content } => {
                let mut bytes = folder.file(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
                bytes.extend(content.bytes());
                write_file(folder, &top, path, bytes, stamp);
            }
            Change::Rewrite { at } => {
                let known = folder.file(BIG_FILE).map(|bytes| bytes.to_vec());
                let Some(mut bytes) = known else {
                    let bytes = noise(99, usize::try_from(BIG_LEN).unwrap());
                    write_file(folder, &top, BIG_FILE, bytes, stamp);
                    return;
                };
                let options =
                    std::fs::File::options().read(true).write(true).open(top.join(BIG_FILE));
                let mut file = options.unwrap();
                for offset in at {
                    let byte = &mut bytes[usize::try_from(*offset).unwrap()];
                    *byte = byte.wrapping_add(1);
                    file.seek(SeekFrom::Start(u64::from(*offset))).unwrap();
                    file.write_all(&[*byte]).unwrap();
                }
                file.set_modified(stamp).unwrap();
                folder.0.insert(BIG_FILE.to_owned(), found(bytes));
            }
            Change::MakeFolder { path } => {
                if folder.make_folder(path).is_ok_and(|(did, _)| did == Did::Created) {
                    std::fs::create_dir(top.join(path)).unwrap();
                }
            }
            Change::Remove { path } => {
                let was_folder = folder.0.get(path) == Some(&Node::Folder);
                if folder.delete(path, true).is_ok() {
                    let at = top.join(path);
                    if was_folder {
                        std::fs::remove_dir_all(at).unwrap();
                    } else {
                        std::fs::remove_file(at).unwrap();
                    }
                }
            }
        }
    }

    fn pick(&self, source: &str, version: u8) -> Option<(Found, &Tree)> {
        let versions = self.model.0.get(source).filter(|versions| !versions.is_empty())?;
        let version = &versions[usize::from(version) % versions.len()];
        Some((self.vault().find_snapshot(&version.id.to_string()).unwrap(), &version.tree))
    }

    fn read(&self, source: &str, version: u8, path: &str, offset: u32, len: u32) {
        let Some((found, tree)) = self.pick(source, version) else { return };
        let read = self.vault().read_range(&found, path.as_bytes(), offset.into(), len as usize);
        match tree.file(path) {
            None => assert!(read.is_err(), "{path} is no file"),
            Some(bytes) => {
                let from = bytes.len().min(offset as usize);
                let to = bytes.len().min(from + len as usize);
                assert!(read.unwrap() == bytes[from..to], "{path} from {from} to {to}");
            }
        }
    }

    fn versions(&self, source: &str, path: &str) {
        let Some(versions) = self.model.0.get(source) else { return };
        let editor = self.vault().editor(None, source).unwrap();
        let listed = editor.versions(path.as_bytes()).unwrap();
        for version in &listed {
            let known = versions.iter().find(|v| v.id == version.snapshot.id).unwrap();
            let size = known.tree.file(path).map(|bytes| bytes.len() as u64);
            let entry = version.entry.as_ref().filter(|entry| entry.kind == EntryKind::File);
            assert_eq!(entry.map(|entry| entry.size), size);
        }
        let different: BTreeSet<_> = versions.iter().filter_map(|v| v.tree.file(path)).collect();
        assert!(listed.len() >= different.len(), "{listed:?}");
    }

    fn diff(&self, source: &str, one: u8, other: u8) {
        let (Some((a, before)), Some((b, after))) =
            (self.pick(source, one), self.pick(source, other))
        else {
            return;
        };
        let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut take = |change: tree::Change| {
            let path = String::from_utf8(change.path).unwrap();
            match change.difference {
                tree::Difference::Added(_) => added.push(path),
                tree::Difference::Removed(_) => removed.push(path),
                tree::Difference::Changed { content, kind, .. } => {
                    if content || kind {
                        changed.insert(path);
                    }
                }
            }
            true
        };
        self.vault().diff(&a, &b, &mut take).unwrap();
        (added.sort(), removed.sort());
        let only = |in_this: &Tree, not_in: &Tree| -> Vec<String> {
            in_this.0.keys().filter(|path| !not_in.0.contains_key(*path)).cloned().collect()
        };
        assert_eq!(added, only(after, before));
        assert_eq!(removed, only(before, after));
        for (path, node) in &before.0 {
            let other = after.0.get(path);
            let differs = match (node, other) {
                (_, None) | (Node::Folder, Some(Node::Folder)) => false,
                (Node::File { bytes: a, .. }, Some(Node::File { bytes: b, .. })) => a != b,
                _ => true,
            };
            assert!(!differs || changed.contains(path), "{path} has changed unseen");
        }
    }

    fn forget(&mut self, source: &str, version: u8) {
        let Some((found, _)) = self.pick(source, version) else { return };
        self.vault().forget(std::slice::from_ref(&found.info)).unwrap();
        self.model.0.get_mut(source).unwrap().retain(|version| version.id != found.info.id);
        self.compare_lists();
    }

    fn forget_older(&mut self, days: u64) {
        let now = types::Clock::now(&*self.rig.clock);
        let mut expected = BTreeSet::new();
        for versions in self.model.0.values() {
            let Some((_, others)) = versions.split_last() else { continue };
            let old = others.iter().filter(|v| now.since(v.received) > Millis::from_days(days));
            expected.extend(old.map(|version| version.id));
        }
        let vault = self.vault.as_ref().unwrap();
        let expired = vault.expired_by_age(Millis::from_days(days), None).unwrap();
        let named: BTreeSet<_> = expired.iter().map(|info| info.id).collect();
        assert_eq!(named, expected);
        vault.forget(&expired).unwrap();
        for versions in self.model.0.values_mut() {
            versions.retain(|version| !expected.contains(&version.id));
        }
        self.compare_lists();
    }

    fn prune(&mut self, at_once: bool) {
        let grace = at_once.then_some(Millis(0));
        let options = PruneOptions { grace, allow_large: true, ..PruneOptions::default() };
        let pruned = self.vault().prune(options, &mut quiet);
        match pruned {
            Ok(_) => {
                assert!(self.away.is_none() && !self.unchecked, "pruned without all the facts")
            }
            Err(VaultError::Refused(GcRefusal::VolumeAbsent { .. })) => {
                assert!(self.away.is_some(), "all disks are here");
            }
            Err(VaultError::Refused(GcRefusal::CatalogUnchecked)) => {
                assert!(self.unchecked, "the catalog was checked");
            }
            // The disk fails, and this is the first to notice.
            Err(VaultError::Volume(_)) if self.is_failing() => {}
            Err(error) => panic!("prune: {error}"),
        }
        self.compare_all();
    }

    fn check(&mut self, read_data: bool) {
        if self.is_failing() {
            return;
        }
        let report = check(self.vault(), read_data, false);
        assert!(report.lost_files.is_empty() && report.lost_chunks == 0, "{report:?}");
        assert!(report.lost_packs.is_empty() && report.damaged.is_empty(), "{report:?}");
        self.unchecked = false;
    }

    fn expect_rebuilt(&self, report: &RebuildReport) {
        assert!(report.failed.is_empty() && report.lost.is_empty(), "{report:?}");
        if self.away.is_none() && self.attached.len() >= usize::from(self.copies) {
            assert_eq!(report.still_under_copied, 0, "{report:?}");
        }
    }

    fn rebuild(&mut self) {
        let report = self.vault().rebuild(&mut quiet).unwrap();
        self.expect_rebuilt(&report);
    }

    fn reopen(&mut self, catalog: Catalog, killed: bool, with_former: bool) {
        if !killed {
            self.vault().close().unwrap();
        }
        self.vault = None;
        self.away.iter_mut().for_each(|away| away.failing = false);
        let away = self.away.as_ref().map(|away| away.serial.clone());
        self.attached.retain(|serial| Some(serial) != away.as_ref());
        match catalog {
            Catalog::Kept => {}
            Catalog::Deleted => self.rig.lose_catalog(),
            Catalog::Garbage => spoil(&self.rig.catalog()),
        }
        let mut serials: Vec<&str> = self.attached.iter().map(String::as_str).collect();
        if with_former {
            serials.extend(self.former.last().map(String::as_str));
        }
        let (vault, _) = self.rig.open(&serials);
        self.vault = Some(vault);
        self.unchecked |= !matches!(catalog, Catalog::Kept);
        self.compare_all();
    }

    fn new_disk(&mut self) -> (String, Arc<dyn volume::Disk>) {
        self.disks_made += 1;
        let serial = format!("disk-{}", self.disks_made);
        let disk = self.rig.empty_disk(&serial);
        (serial, disk)
    }

    fn add_volume(&mut self) {
        if self.attached.len() >= DISKS_MAX || self.is_failing() {
            return;
        }
        let (serial, disk) = self.new_disk();
        self.vault().add_volume(disk, &mut quiet).unwrap();
        self.attached.push(serial);
    }

    fn nth(&self, disk: u8) -> String {
        self.attached[usize::from(disk) % self.attached.len()].clone()
    }

    fn left(&mut self, serial: &str) {
        self.attached.retain(|attached| attached != serial);
        self.former.push(serial.to_owned());
        self.compare_all();
    }

    fn retire(&mut self, disk: u8) {
        if self.away.is_some() || self.attached.len() < 2 {
            return;
        }
        let serial = self.nth(disk);
        let report = self.vault().retire(volume_id(self.vault(), &serial), &mut quiet).unwrap();
        assert!(report.drained && report.failed.is_empty(), "{report:?}");
        self.left(&serial);
    }

    fn replace(&mut self, disk: u8) {
        if self.is_failing() {
            return;
        }
        let old = match &self.away {
            Some(away) => away.serial.clone(),
            None => self.nth(disk),
        };
        let old_id = volume_id(self.vault(), &old);
        let (serial, disk) = self.new_disk();
        let report = self.vault().replace(old_id, disk, &mut quiet).unwrap();
        assert!(report.failed.is_empty() && report.lost.is_empty(), "{report:?}");
        self.away = None;
        self.attached.push(serial);
        self.left(&old);
    }

    fn remove(&mut self, disk: u8) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let serial = self.nth(disk);
        self.vault().remove(volume_id(self.vault(), &serial), false).unwrap();
        self.left(&serial);
        self.rebuild();
    }

    fn yank(&mut self, disk: u8, killed: bool, while_open: bool) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let serial = self.nth(disk);
        let failing =
            while_open && matches!(self.rig.disks[&serial], TestDisk::Memory(_));
        if failing {
            self.rig.sim(&serial).fail_after(1, Fault::Eio, Lasting::Forever);
        }
        self.away = Some(Away { serial, failing });
        if !failing {
            self.reopen(Catalog::Kept, killed, false);
        }
    }

    fn bring_back(&mut self, killed: bool) {
        let Some(away) = self.away.take() else { return };
        if !killed {
            self.vault().close().unwrap();
        }
        self.vault = None;
        if let TestDisk::Memory(disk) = &self.rig.disks[&away.serial] {
            disk.heal();
        }
        if !self.attached.contains(&away.serial) {
            self.attached.push(away.serial);
        }
        let serials: Vec<&str> = self.attached.iter().map(String::as_str).collect();
        self.vault = Some(self.rig.open(&serials).0);
        self.compare_all();
    }

    fn rot(&mut self, disk: u8, seed: u8, reopen: Option<Catalog>) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let disk = self.rig.disks[&self.nth(disk)].clone();
        let mut dice = Dice::new(seed.into());
        for (path, len) in disk.packs() {
            for _ in 0..dice.roll(3) {
                let offset = dice.roll(u32::try_from(len).unwrap());
                disk.flip(&path, offset.into());
            }
        }
        self.compare_all();
        if let Some(catalog) = reopen {
            self.reopen(catalog, true, false);
        }
        let report = check(self.vault(), true, true);
        assert!(report.lost_files.is_empty() && report.lost_packs.is_empty(), "{report:?}");
        assert!(report.damaged.iter().all(|damage| damage.repaired), "{report:?}");
        self.unchecked = false;
        self.check(true);
        self.compare_all();
    }

    /// Spoils a byte of every data pack on every disk, as no single fault does.
    pub(crate) fn spoil_everywhere(&self) {
        self.vault().close().unwrap();
        for disk in self.rig.disks.values() {
            for (path, len) in disk.packs().iter().filter(|(path, _)| path.starts_with("data/")) {
                (0..len / 1_000).for_each(|n| disk.flip(path, n * 1_000));
            }
        }
    }

    /// The lists of versions, the trees of all, and every byte of all.
    fn compare_all(&self) {
        self.compare_lists();
        for versions in self.model.0.values() {
            for version in versions {
                self.compare_version(version);
            }
        }
    }

    fn compare_lists(&self) {
        for (source, versions) in &self.model.0 {
            let listed = self.vault().snapshots(Some(source)).unwrap();
            let listed: Vec<(types::ObjectId, UnixTime)> =
                listed.iter().map(|info| (info.id, info.received)).collect();
            let known: Vec<_> = versions.iter().map(|v| (v.id, v.received)).collect();
            assert_eq!(listed, known, "the versions of {source}");
        }
    }

    fn compare_newest(&self, source: &str) {
        self.compare_lists();
        let found = self.vault().find_snapshot(&format!("latest:{source}")).unwrap();
        let newest = self.model.0[source].last().unwrap();
        assert_eq!(found.info.id, newest.id);
        self.compare_version(newest);
    }

    fn compare_version(&self, version: &Version) {
        let found = self.vault().find_snapshot(&version.id.to_string()).unwrap();
        let mut listed = Vec::new();
        let mut take = |entry: vault::ListedEntry| {
            listed.push((String::from_utf8(entry.path).unwrap(), entry.entry.kind));
            true
        };
        self.vault().list(&found, b"", true, &mut take).unwrap();
        listed.sort();
        let known: Vec<_> = version
            .tree
            .0
            .iter()
            .map(|(path, node)| match node {
                Node::Folder => (path.clone(), EntryKind::Folder),
                Node::File { .. } => (path.clone(), EntryKind::File),
            })
            .collect();
        assert_eq!(listed, known);
        for (path, node) in &version.tree.0 {
            if let Node::File { bytes, .. } = node {
                let read = self.vault().read_range(&found, path.as_bytes(), 0, usize::MAX);
                assert!(read.unwrap() == **bytes, "{path} of {}", version.id.short());
            }
        }
    }
}

fn source_of(nth: u8) -> &'static str {
    SOURCES[usize::from(nth)]
}

fn found(bytes: Vec<u8>) -> Node {
    Node::File { bytes: Arc::new(bytes), put: false }
}

/// Writes a file of a folder that is backed up, unless something else stands in its way.
fn write_file(
    folder: &mut Tree,
    top: &std::path::Path,
    path: &str,
    bytes: Vec<u8>,
    stamp: SystemTime,
) {
    let new = Arc::new(bytes.clone());
    if folder.put(path, &new, true).is_err() {
        return;
    }
    folder.0.insert(path.to_owned(), found(bytes));
    let at: PathBuf = top.join(path);
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::fs::write(&at, &*new).unwrap();
    std::fs::File::options().write(true).open(&at).unwrap().set_modified(stamp).unwrap();
}

/// Writes nonsense over the middle of a file and cuts its end off.
fn spoil(path: &std::path::Path) {
    let mut bytes = Vec::new();
    std::fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle + 1_000);
    bytes.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x5a);
    std::fs::write(path, bytes).unwrap();
}
