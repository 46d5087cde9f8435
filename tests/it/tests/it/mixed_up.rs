//! A disk that lied about its syncs, or a file system that lost a write of its own, shows one pack's
//! bytes under another's name: whole, sealed, and not what was asked for.

use volume::Disk;

use crate::rig::{Rig, check, get, noise, prune_now, put};

/// What a disk in memory holds at a path.
fn bytes_at(rig: &Rig, serial: &str, path: &str) -> Vec<u8> {
    let files = rig.sim(serial).files().into_iter();
    files.filter(|(name, _)| name == path).map(|(_, bytes)| bytes).next().expect("it is there")
}

/// Lets a path show other bytes.
fn show(rig: &Rig, serial: &str, path: &str, bytes: &[u8]) {
    let disk = rig.sim(serial);
    disk.unlink(path).unwrap();
    disk.create_new(path).unwrap().append(bytes).unwrap();
}

fn packs(rig: &Rig, serial: &str, folder: &str) -> Vec<String> {
    let all = rig.disks[serial].packs().into_iter().map(|(path, _)| path);
    all.filter(|path| path.starts_with(folder)).collect()
}

fn content(n: u8) -> Vec<u8> {
    noise(n.into(), 40_000 + 5_000 * usize::from(n))
}

/// Found by power cuts on xfs with a disk that dropped flushes: both files could be opened, the
/// frames of one were kept in memory under the name of both, and what lay whole on the honest disk
/// was said to be on no volume.
#[test]
fn an_unfinished_pack_that_shows_an_older_ones_bytes_hides_nothing_on_the_other_disk() {
    for liar in ["a", "b"] {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        put(&vault, "old", "file-0", &content(0));
        let older: Vec<_> = packs(&rig, liar, "open/");
        let older: Vec<_> = older.iter().map(|path| bytes_at(&rig, liar, path)).collect();
        // What it held is nowhere else any more, so it is taken from there.
        put(&vault, "box", "file-1", &content(1));
        vault.forget(&vault.snapshots(Some("old")).unwrap()).unwrap();
        prune_now(&vault).unwrap();
        put(&vault, "box", "file-2", &content(2));
        drop(vault);
        let open = packs(&rig, liar, "open/");
        assert!(open.len() == older.len() && open.len() > 1, "{open:?}");
        for (path, bytes) in open.iter().zip(older.iter().rev()) {
            show(&rig, liar, path, bytes);
        }
        rig.lose_catalog();
        let (vault, report) = rig.open(&["a", "b"]);
        assert!(report.findings.is_empty(), "{report:?}");
        for n in 1..3_u8 {
            assert!(get(&vault, "box", &format!("file-{n}")).unwrap() == content(n));
        }
        assert!(check(&vault, true, true).is_clean());
    }
}

/// Found by the same search in the simulator. The catalog was made anew from what the first disk
/// showed, so what the pack of that name really holds was nowhere.
#[test]
fn a_sealed_pack_that_shows_anothers_bytes_is_named_and_read_from_the_other_disk() {
    for (liar, honest, from) in [("a", "b", "data/"), ("b", "a", "data/"), ("a", "b", "meta/")] {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        for n in 0..3_u8 {
            put(&vault, "box", &format!("file-{n}"), &content(n));
            vault.close().unwrap();
        }
        drop(vault);
        let data = packs(&rig, liar, "data/");
        let other = packs(&rig, liar, from).pop().expect("there are some");
        show(&rig, liar, &data[0], &bytes_at(&rig, honest, &other));
        rig.lose_catalog();
        let (vault, report) = rig.open(&["a", "b"]);
        let said = report.findings.join("\n");
        assert!(said.contains(&data[0][8..16]), "the pack is named: {said:?}");
        for n in 0..3_u8 {
            assert!(get(&vault, "box", &format!("file-{n}")).unwrap() == content(n));
        }
        assert!(check(&vault, true, true).is_clean());
        drop(vault);
        // Mended: the disk that lied is enough now.
        rig.lose_catalog();
        let (vault, report) = rig.open(&[liar]);
        assert!(report.missing_packs.is_empty(), "{report:?}");
        for n in 0..3_u8 {
            assert!(get(&vault, "box", &format!("file-{n}")).unwrap() == content(n));
        }
    }
}
