//! A small real vault on two disks: what the targets `volume` and `vault` begin with.
//!
//! Made anew in each process, in memory, with words that are known. What is then done to its files
//! is in `script`. Start at [`base`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use format::entry::Attrs;
use format::keys::KeyFile;
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::{Bytes, UnixTime};
use vault::{CreateSpec, Env, NewFile, Options, Vault, WriterMode};
use volume::Disk;

use crate::forge::{self, Forge};

/// Room on each disk: what recovery writes fits many times.
const DISK_LEN: Bytes = Bytes(64 << 20);

/// A disk's files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The vault that every script begins with.
#[derive(Debug)]
pub struct Base {
    /// Its keys.
    pub forge: Forge,
    /// Its two disks.
    pub disks: [Files; 2],
}

/// Time and randomness of a run.
pub fn env(seed: u64) -> Env {
    let now = UnixTime(1_800_000_000_000);
    Env { clock: Arc::new(ManualClock::at(now)), rng: Arc::new(SeededRng::new(seed)) }
}

/// Settings that keep a run small and on one thread.
pub fn options() -> Options {
    Options {
        writers: WriterMode::Inline,
        catalog_cache: Bytes(1 << 20),
        frame_cache: Bytes(1 << 20),
        group_commit: Duration::ZERO,
        ..Options::default()
    }
}

/// The base vault: closed once, then edited, and left with open packs as a power cut leaves it.
pub fn base() -> &'static Base {
    static MADE: OnceLock<Base> = OnceLock::new();
    MADE.get_or_init(|| {
        const MADE_HERE: &str = "nothing is wrong with these disks yet";
        let disks = [0, 1].map(|n| SimDisk::new(&format!("disk {n}"), DISK_LEN));
        let words = forge::words();
        let shared = disks.iter().map(|disk| Arc::new(disk.clone()) as Arc<dyn Disk>).collect();
        let spec = CreateSpec { disks: shared, copies: 2, words: &words, password: None };
        let vault = Vault::create(env(0), options(), spec).expect(MADE_HERE);
        let editor = vault.editor(None, "notes").expect(MADE_HERE);
        for (n, path) in ["a", "folder/b", "folder/c"].iter().enumerate() {
            let file = NewFile { attrs: Attrs::default(), make_parents: true };
            let text = format!("content of {path}\n").repeat(n + 1);
            editor.put(path.as_bytes(), file, &mut text.as_bytes()).expect(MADE_HERE);
            if n == 1 {
                vault.close().expect(MADE_HERE);
            }
        }
        drop(vault);
        let disks = disks.map(|disk| disk.files().into_iter().collect::<Files>());
        let keys = KeyFile::decode(&disks[0]["keys.0"]).expect(MADE_HERE);
        Base { forge: Forge::of(keys), disks }
    })
}

/// A simulated disk with these files; names that cannot be are left out.
pub fn disk(serial: &str, files: &Files) -> SimDisk {
    let disk = SimDisk::new(serial, DISK_LEN);
    for folder in ["data", "meta", "heads", "open", "trash"] {
        disk.make_dir(folder).expect("an empty disk takes a folder");
    }
    let possible = |path: &str| path.is_ascii() && path.split('/').all(|name| !name.is_empty());
    for (path, bytes) in files.iter().filter(|(path, _)| possible(path)) {
        for (at, _) in path.match_indices('/') {
            drop(disk.make_dir(&path[..at]));
        }
        if let Ok(mut file) = disk.create_new(path) {
            file.append(bytes).and_then(|()| file.sync_data()).expect("there is room");
        }
    }
    disk.sync_all().expect("a simulated disk syncs");
    disk
}
