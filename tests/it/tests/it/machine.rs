//! A vault and its model, led through the same events and compared after each.
//!
//! What may be pulled, rot or leave is bounded so that the model always knows the answer: before a
//! disk goes, every pack has its promised copies. Start at [`Machine::step`].

mod disks;
mod look;

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use format::record::SnapshotKind;
use plan::gc::GcRefusal;
use types::{Bytes, Millis};
use vault::{EditReceipt, NewFile, PruneOptions, SourceEditor, Vault, VaultError, WriterMode};

use crate::model::{Did, Edited, Model, Node, Refusal, Tree, Version};
use crate::ops::{BIG_LEN, Catalog, Change, Op, Start};
use crate::rig::{DiskKind, Rig, backup, noise, quiet};

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
        if did.is_err() && self.model.0.get(source).is_none_or(Vec::is_empty) {
            // A first edit that is refused makes no source and no version.
            assert!(vault.snapshots(Some(source)).unwrap_or_default().is_empty(), "{source}");
            return;
        }
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
                assert!(self.away.is_none() && !self.unchecked, "pruned without all the facts");
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
