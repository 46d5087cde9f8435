//! Bytes between memory and disk: nothing wrong is stored as good, read as good, or put elsewhere.

use std::io;
use std::sync::Arc;

use catalog::{Catalog, ChunkEntry, ChunkPlace, Durability};
use format::keys::KeyFile;
use format::pack::PackKind;
use seal::{KeyRing, Secret};
use testkit::simdisk::SimDisk;
use testkit::twist::{Twist, Twisted};
use testkit::volumes::create_on;
use types::sabotage::{self, Bug};
use types::{Bytes, PackId, VaultId};
use vault::RestoreOptions;
use volume::{Disk, Volume};

use crate::home::{BOX, Home, close, get, must_be, noise, put, quiet, said, try_put};
use crate::suite::Detector;

/// Memory that flips a bit of every compressed frame.
pub(crate) const BAD_MEMORY: Detector =
    Detector { name: "memory that flips bits", run: bad_memory };
/// A catalog that has two chunks' places exchanged.
pub(crate) const LYING_CATALOG: Detector =
    Detector { name: "a catalog with places exchanged", run: lying_catalog };
/// A pack that is not what its name says.
pub(crate) const OTHER_BYTES_FROM_ELSEWHERE: Detector =
    Detector { name: "other bytes from elsewhere", run: other_bytes };
/// A disk that spoils what is put in place.
pub(crate) const ROTTING_DISK: Detector = Detector { name: "a disk that rots", run: rotting_disk };
/// A link in the folder that is restored to.
pub(crate) const PLANTED_LINK: Detector = Detector { name: "a planted link", run: planted_link };

fn bad_memory() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let vault = home.create(1)?;
    sabotage::befall(Bug::MemoryFlips);
    let bytes = b"the same line again and again\n".repeat(2_000);
    match try_put(&vault, "file", &bytes) {
        Err(vault::VaultError::Seal(_)) => Ok(()),
        Err(other) => Err(format!("refused for another reason: {other}")),
        Ok(_) => Err(match must_be(&vault, "file", &bytes) {
            Ok(()) => "no bit flipped".to_owned(),
            Err(why) => format!("stored as good, and {why}"),
        }),
    }
}

fn lying_catalog() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let (one, two) = (noise(1, 50_000), noise(2, 50_000));
    let vault = home.create(1)?;
    put(&vault, "one", &one)?;
    put(&vault, "two", &two)?;
    let id = vault.id();
    close(vault)?;
    let key_file = home.disks[0].files().into_iter().find(|(path, _)| path == "keys.0");
    let key_file = KeyFile::decode(&key_file.ok_or("no key file")?.1);
    let key_file = key_file.map_err(|error| error.to_string())?;
    let ring = KeyRing::unlock(&key_file, Secret::Words(&home.words));
    let ring = ring.map_err(|error| error.to_string())?;
    let space = ring.space_named(seal::FIRST_SPACE_NAME).ok_or("no space")?;
    let keys = ring.space(space).ok_or("no keys")?;
    exchange(&home, id, [keys.chunk_id(&one), keys.chunk_id(&two)])?;
    let (vault, _) = home.open(&[0])?;
    for (path, bytes) in [("one", &one), ("two", &two)] {
        match get(&vault, path) {
            Ok(found) if found == *bytes => return Err(format!("{path}: no place was exchanged")),
            Ok(_) => return Err(format!("{path} reads as other bytes than were stored")),
            Err(_) => {}
        }
    }
    // The catalog is no authority: thrown away, it is made anew, and right.
    drop(vault);
    home.lose_catalog()?;
    let (vault, _) = home.open(&[0])?;
    must_be(&vault, "one", &one)?;
    must_be(&vault, "two", &two)
}

fn exchange(home: &Home, vault: VaultId, ids: [types::ChunkId; 2]) -> Result<(), String> {
    let failed = |error: catalog::CatalogError| format!("the catalog: {error}");
    let (catalog, _) = Catalog::open(Some(&home.catalog()), vault, 4 << 20).map_err(failed)?;
    let place = |id| catalog.chunk(id).map_err(failed)?.ok_or_else(|| "no such chunk".to_owned());
    let places = [place(&ids[1])?, place(&ids[0])?];
    let mut batch = catalog.batch().map_err(failed)?;
    for (id, place) in ids.into_iter().zip(places) {
        let ChunkPlace { pack, frame, frame_offset, raw_offset, len } = place;
        let entry = ChunkEntry { id, frame, frame_offset, raw_offset, len };
        batch.add_chunks(pack, [entry]).map_err(failed)?;
    }
    batch.commit(Durability::Durable).map_err(failed)
}

fn volume_on(disk: Arc<dyn Disk>) -> Result<Volume, String> {
    create_on(disk).map_err(|error| error.to_string())
}

fn other_bytes() -> Result<(), String> {
    let disk = SimDisk::new("a", Bytes(Bytes::GIB));
    let volume = volume_on(Arc::new(disk.clone()))?;
    let (good, bad) = (noise(1, 300_000), noise(2, 300_000));
    let id = PackId(*blake3::hash(&good).as_bytes());
    let taken = volume.import_pack(PackKind::Data, id, &mut bad.as_slice());
    let sealed = disk.files().into_iter().filter(|(path, _)| path.ends_with(".pack"));
    for (path, bytes) in sealed {
        if !path.contains(&blake3::hash(&bytes).to_hex().to_string()) {
            return Err(format!("other bytes stand under the name {path}"));
        }
    }
    if taken.is_ok() {
        return Err("other bytes were taken for the pack".to_owned());
    }
    let taken = volume.import_pack(PackKind::Data, id, &mut good.as_slice());
    taken.map(drop).map_err(|error| format!("the good bytes are refused: {error}"))
}

fn rotting_disk() -> Result<(), String> {
    let disk = SimDisk::new("a", Bytes(Bytes::GIB));
    let volume =
        volume_on(Arc::new(Twisted { below: disk.clone(), twist: Rotting(disk.clone()) }))?;
    let bytes = noise(1, 300_000);
    let id = PackId(*blake3::hash(&bytes).as_bytes());
    let taken = volume.import_pack(PackKind::Data, id, &mut bytes.as_slice());
    if disk.files().iter().any(|(_, stored)| *stored == bytes) {
        return Err("the disk did not rot".to_owned());
    }
    match taken {
        Err(_) => Ok(()),
        Ok(said) => Err(format!("a copy that the disk spoilt was counted: {said:?}")),
    }
}

fn planted_link() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let vault = home.create(1)?;
    put(&vault, "docs/letter", b"private")?;
    put(&vault, "other", b"restored all the same")?;
    let [to, outside] = ["to", "outside"].map(|name| home.dir.path().join(name));
    let failed = |error: io::Error| error.to_string();
    for folder in [&to, &outside] {
        std::fs::create_dir(folder).map_err(failed)?;
    }
    std::os::unix::fs::symlink(&outside, to.join("docs")).map_err(failed)?;
    let found = said("find", vault.find_snapshot(&format!("latest:{BOX}")))?;
    for overwrite in [false, true] {
        let options = RestoreOptions { overwrite };
        let report = said("restore", vault.restore(&found, b"", &to, options, &mut quiet))?;
        if std::fs::read_dir(&outside).map_err(failed)?.next().is_some() {
            return Err("something was written outside the folder that was restored to".to_owned());
        }
        if report.files == 0 || report.lost_count == 0 {
            return Err(format!("{report:?}"));
        }
        std::fs::remove_file(to.join("other")).map_err(failed)?;
    }
    Ok(())
}

/// Flips a byte of every pack once it stands under its name.
#[derive(Debug)]
struct Rotting(SimDisk);

impl Twist for Rotting {
    fn rename(&self, below: &dyn Disk, from: &str, to: &str) -> io::Result<()> {
        below.rename(from, to)?;
        if to.ends_with(".pack") {
            self.0.flip_byte(to, 1_000);
        }
        Ok(())
    }
}
