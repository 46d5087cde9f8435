//! A disk whose bodiless data packs come from a [`Store`] and everything else from a real folder.
//!
//! What happens to a bodiless pack (moved to the trash, removed) is a line in a log, so that it
//! lasts from one measured process to the next. Syncs of the folders that hold packs are counted
//! and not carried out: the bodiless packs have no folder. Start at [`ScaleDisk::open`].

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use types::{Bytes, PackId};
use volume::{Disk, DiskFile, EntryKind, FsDisk, Listed, Space};

use crate::Outcome;
use crate::store::{Record, Store};

const PACK: &str = ".pack";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Trash,
    Gone,
}

#[derive(Debug)]
struct Overlay {
    moved: HashMap<PackId, Moved>,
    log: File,
}

impl Overlay {
    fn open(path: &Path) -> io::Result<Self> {
        let mut moved = HashMap::new();
        for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
            let Some((what, id)) = line.split_once(' ') else { continue };
            let Ok(id) = id.parse() else { continue };
            match what {
                "trash" => moved.insert(id, Moved::Trash),
                "gone" => moved.insert(id, Moved::Gone),
                _ => moved.remove(&id),
            };
        }
        Ok(Self { moved, log: OpenOptions::new().create(true).append(true).open(path)? })
    }

    fn set(&mut self, id: PackId, to: Option<Moved>) -> io::Result<()> {
        let word = match to {
            Some(Moved::Trash) => "trash",
            Some(Moved::Gone) => "gone",
            None => "back",
        };
        writeln!(self.log, "{word} {id}")?;
        match to {
            Some(to) => self.moved.insert(id, to),
            None => self.moved.remove(&id),
        };
        Ok(())
    }
}

/// The disk.
#[derive(Debug)]
pub(crate) struct ScaleDisk {
    real: FsDisk,
    store: Option<Arc<Store>>,
    overlay: Mutex<Overlay>,
    /// Folder syncs that a real disk would have carried out for packs.
    pub(crate) pack_folder_syncs: AtomicU64,
}

/// A path under `data` or `trash` taken apart: folder and pack.
fn pack_at(path: &str) -> Option<(bool, PackId)> {
    let (folder, name) = path.rsplit_once('/')?;
    let id = name.strip_suffix(PACK)?.parse().ok()?;
    match folder {
        "trash" => Some((true, id)),
        _ if folder.starts_with("data/") => Some((false, id)),
        _ => None,
    }
}

impl ScaleDisk {
    /// A new volume's disk in `dir`.
    pub(crate) fn create(dir: &Path, serial: &str) -> Outcome<Self> {
        std::fs::create_dir_all(dir)?;
        let real = FsDisk::create(dir, Some(serial.to_owned()))?;
        Ok(Self::over(real, dir, None)?)
    }

    /// The disk of a volume that is there.
    pub(crate) fn open(dir: &Path, serial: &str, store: Option<Arc<Store>>) -> Outcome<Self> {
        Ok(Self::over(FsDisk::open(dir, Some(serial.to_owned()))?, dir, store)?)
    }

    fn over(real: FsDisk, dir: &Path, store: Option<Arc<Store>>) -> io::Result<Self> {
        let overlay = Mutex::new(Overlay::open(&dir.join("moved.log"))?);
        Ok(Self { real, store, overlay, pack_folder_syncs: AtomicU64::new(0) })
    }

    fn overlay(&self) -> std::sync::MutexGuard<'_, Overlay> {
        self.overlay.lock().expect("no code panics while it holds this")
    }

    /// Loses a bodiless pack, as a bad disk would; or brings it back.
    pub(crate) fn lose(&self, id: PackId, lost: bool) -> io::Result<()> {
        self.overlay().set(id, lost.then_some(Moved::Gone))
    }

    /// Some bodiless pack that is here.
    pub(crate) fn a_pack(&self) -> Outcome<PackId> {
        let store = self.store.as_ref().ok_or("there is no store")?;
        let overlay = self.overlay();
        let records = store.beginning_with(0)?;
        let here = records.iter().find(|record| !overlay.moved.contains_key(&record.id));
        Ok(here.ok_or("no pack begins with a zero")?.id)
    }

    /// The bodiless pack behind a path, if it is there.
    fn bodiless(&self, path: &str) -> io::Result<Option<Record>> {
        let (Some(store), Some((in_trash, id))) = (&self.store, pack_at(path)) else {
            return Ok(None);
        };
        let here = match self.overlay().moved.get(&id) {
            None => !in_trash,
            Some(Moved::Trash) => in_trash,
            Some(Moved::Gone) => false,
        };
        if here { store.find(&id) } else { Ok(None) }
    }

    fn is_pack_folder(&self, path: &str) -> bool {
        self.store.is_some() && (path == "trash" || path.starts_with("data/"))
    }
}

fn listed(record: &Record) -> Listed {
    let (name, len) = (format!("{}{PACK}", record.id), u64::from(record.len));
    Listed { name, len, kind: EntryKind::File }
}

impl Disk for ScaleDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.real.create_new(path)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        match (self.bodiless(path)?, &self.store) {
            (Some(record), Some(store)) => Ok(Box::new(store.file(record))),
            _ => self.real.open(path),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        match (self.bodiless(from)?, pack_at(to)) {
            (Some(record), Some((to_trash, _))) => {
                self.overlay().set(record.id, to_trash.then_some(Moved::Trash))
            }
            _ => self.real.rename(from, to),
        }
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        match self.bodiless(path)? {
            Some(record) => self.overlay().set(record.id, Some(Moved::Gone)),
            None => self.real.unlink(path),
        }
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.real.make_dir(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        if self.is_pack_folder(path) {
            self.pack_folder_syncs.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.real.sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.real.sync_all()
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        let mut found = self.real.list(path)?;
        let Some(store) = &self.store else { return Ok(found) };
        if path == "trash" {
            let overlay = self.overlay();
            for (id, _) in overlay.moved.iter().filter(|(_, at)| **at == Moved::Trash) {
                found.extend(store.find(id)?.as_ref().map(listed));
            }
        } else if let Some(first) = path.strip_prefix("data/").filter(|rest| rest.len() == 2) {
            let first = u8::from_str_radix(first, 16).map_err(io::Error::other)?;
            let overlay = self.overlay();
            let records = store.beginning_with(first)?;
            let here = records.iter().filter(|record| !overlay.moved.contains_key(&record.id));
            found.extend(here.map(listed));
        }
        Ok(found)
    }

    fn space(&self) -> io::Result<Space> {
        // As if the packs had bodies: a large disk, half full.
        Ok(Space { total: Bytes(40_000 * Bytes::GIB), free: Bytes(20_000 * Bytes::GIB) })
    }

    fn serial(&self) -> String {
        self.real.serial()
    }

    fn label(&self) -> String {
        self.real.label()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.real.try_lock()
    }

    fn read_only(&self) -> bool {
        self.real.read_only()
    }
}
