//! Spaces that come to an open vault: their keys have to be on every disk that anything of them is on.

use std::sync::Arc;

use testkit::shaky::ShakyKeys;
use types::SpaceId;
use vault::{NewFile, Secrets, Vault};

use crate::home::{Home, close, noise, put, said};
use crate::suite::Detector;

/// A space is added and one of two disks dies.
pub(crate) const ONE_DIES: Detector =
    Detector { name: "a new space, then one disk dies", run: one_dies };
/// A space is added while a disk is away; it comes back, and the other dies.
pub(crate) const ONE_COMES_BACK: Detector =
    Detector { name: "a new space while a disk is away", run: one_comes_back };
/// The disk with the newer keys cannot be read for a moment.
pub(crate) const UNREAD: Detector = Detector { name: "newer keys are unread once", run: unread };
/// Two disks are each given a space without the other.
pub(crate) const APART: Detector = Detector { name: "two halves with a space each", run: apart };

fn put_in(vault: &Vault, space: SpaceId, name: &str, bytes: &[u8]) -> Result<(), String> {
    let editor = said("edit", vault.editor(Some(space), name))?;
    said("put", editor.put(b"file", NewFile::default(), &mut &*bytes)).map(drop)
}

fn must_have(vault: &Vault, name: &str, bytes: &[u8]) -> Result<(), String> {
    let found = vault.find_snapshot(&format!("latest:{name}"));
    let read = found.and_then(|found| vault.read_range(&found, b"file", 0, usize::MAX));
    let read = read.map_err(|error| format!("{name} is lost: {error}"))?;
    if read == bytes { Ok(()) } else { Err(format!("{name} holds other bytes")) }
}

/// Opens one disk with the words, after the other died and the catalog with it.
fn survivor(home: &Home, which: usize) -> Result<Vault, String> {
    home.lose_catalog()?;
    home.open(&[which]).map(|(vault, _)| vault)
}

fn one_dies() -> Result<(), String> {
    for left in [0, 1] {
        let home = Home::new(&["a", "b"]);
        let vault = home.create(2)?;
        put(&vault, "for all", &noise(1, 5_000))?;
        let ann = said("add", vault.add_space("ann"))?;
        put_in(&vault, ann, "diary", &noise(2, 5_000))?;
        close(vault)?;
        must_have(&survivor(&home, left)?, "diary", &noise(2, 5_000))?;
    }
    Ok(())
}

fn one_comes_back() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(2)?)?;
    let (vault, _) = home.open(&[0])?;
    let ann = said("add", vault.add_space("ann"))?;
    close(vault)?;
    let (vault, _) = home.open(&[0, 1])?;
    put_in(&vault, ann, "diary", &noise(2, 5_000))?;
    close(vault)?;
    must_have(&survivor(&home, 1)?, "diary", &noise(2, 5_000))
}

fn unread() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(2)?)?;
    let (vault, _) = home.open(&[0])?;
    let ann = said("add", vault.add_space("ann"))?;
    put_in(&vault, ann, "diary", &noise(2, 5_000))?;
    close(vault)?;
    let shaky = Arc::new(ShakyKeys::new(home.disks[0].clone()));
    // Refusing is as good as going on with what can be read: neither may lose anything.
    if let Ok((vault, _)) = home.open_any(vec![shaky, Arc::new(home.disks[1].clone())]) {
        close(vault)?;
    }
    let (vault, _) = home.open(&[0, 1])?;
    must_have(&vault, "diary", &noise(2, 5_000))
}

fn apart() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(1)?)?;
    for (disk, name) in ["ann", "ben"].into_iter().enumerate() {
        let (vault, _) = home.open(&[disk])?;
        let space = said("add", vault.add_space(name))?;
        put_in(&vault, space, name, &noise(3, 5_000))?;
        close(vault)?;
    }
    let (vault, _) = home.open(&[0, 1])?;
    must_have(&vault, "ann", &noise(3, 5_000))?;
    must_have(&vault, "ben", &noise(3, 5_000))?;
    let held = vault.held_keys();
    said("the words", held.accepts(Secrets::Words(&home.words)))
}
