//! Disks that are here and did not get the newest head: what they say of the past must not become
//! the present again.

use plan::gc::GcRefusal;
use vault::VaultError;

use crate::rig::{Rig, check, get, noise, prune_now, put, quiet, volume_id};

/// One disk is opened without the others and stores something that they do not have.
fn goes_alone(rig: &Rig, disk: &str, source: &str, path: &str, bytes: &[u8]) {
    let (alone, _) = rig.open(&[disk]);
    put(&alone, source, path, bytes);
    alone.close().unwrap();
}

/// A vault whose disk c went on alone and has a version that a and b learn of when it is back.
fn with_a_branch_on_c(rig: &Rig) {
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    goes_alone(rig, "c", "trip", "photo", &noise(1, 300_000));
    // More heads than c wrote: theirs is the history that goes on.
    let (others, _) = rig.open(&["a", "b"]);
    for n in 0..5 {
        put(&others, "box", "others", &[n]);
        others.close().unwrap();
    }
}

fn versions(vault: &vault::Vault, source: &str) -> usize {
    vault.snapshots(Some(source)).unwrap().len()
}

/// c brought a version in, could not be told so, and said it again at the next opening: by then its
/// owner had let it go, and its packs were gone. A version came back that could not be restored.
fn a_version_that_was_let_go_stays_so(hinder: fn(&Rig, bool)) {
    let rig = Rig::inline(&["a", "b", "c"]);
    with_a_branch_on_c(&rig);
    hinder(&rig, true);
    let (vault, _) = rig.open(&["a", "b", "c"]);
    assert_eq!(versions(&vault, "trip"), 1, "c brought it");
    vault.rebuild(&mut crate::rig::quiet).unwrap();
    vault.forget(&vault.snapshots(Some("trip")).unwrap()).unwrap();
    match prune_now(&vault) {
        Err(VaultError::Refused(GcRefusal::VolumeBehind { names })) => {
            assert_eq!(names, ["simulated disk c"]);
        }
        other => panic!("c would bring the version back: {other:?}"),
    }
    drop(vault);
    hinder(&rig, false);
    // It is here, and is told: from then on what nothing needs may go.
    let (vault, _) = rig.open(&["a", "b", "c"]);
    vault.forget(&vault.snapshots(Some("trip")).unwrap()).unwrap();
    assert!(prune_now(&vault).unwrap().unlinked > 0);
    drop(vault);
    let (vault, _) = rig.open(&["a", "b", "c"]);
    assert_eq!(versions(&vault, "trip"), 0);
    vault.rebuild(&mut crate::rig::quiet).unwrap();
    assert!(check(&vault, true, false).is_clean());
}

#[test]
fn a_version_that_was_let_go_stays_so_when_its_disk_was_too_full_to_be_told() {
    a_version_that_was_let_go_stays_so(|rig, full| rig.sim("c").set_full(full));
}

#[test]
fn a_version_that_was_let_go_stays_so_when_its_disk_could_only_be_read() {
    a_version_that_was_let_go_stays_so(|rig, only| rig.sim("c").set_read_only(only));
}

/// A disk that could only be read had the state that the newest head names, so it was not stored anew
/// with that head on a disk that came back: alone, that one could not be opened any more, and a box in
/// which the other one was tried again stayed without its vault.
#[test]
fn a_disk_that_gets_a_head_has_all_that_it_takes_to_open_it() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    goes_alone(&rig, "a", "trip", "photo", &noise(1, 300_000));
    rig.sim("a").set_read_only(true);
    let (vault, _) = rig.open(&["a", "b"]);
    drop(vault);
    let before = rig.disks["b"].packs().len();
    for _ in 0..3 {
        drop(rig.open(&["a", "b"]));
    }
    assert_eq!(rig.disks["b"].packs().len(), before, "once is enough");
    let (alone, _) = rig.open(&["b"]);
    assert_eq!(versions(&alone, "trip"), 1);
    assert_eq!(put(&alone, "box", "more", b"bytes").receipt.copies, 1);
}

/// A disk that had been alone was retired, and took with it the heads of that time. Another one, which had
/// been alone as well, could not be told from a fork then: the vault did not open with all its disks.
#[test]
fn where_histories_parted_is_known_after_the_disk_that_saw_it_has_left() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(1);
    put(&vault, "box", "all", b"before");
    vault.close().unwrap();
    drop(vault);
    goes_alone(&rig, "b", "trip", "photo", &noise(1, 100_000));
    let (pair, _) = rig.open(&["a", "b"]);
    let gone = volume_id(&pair, "b");
    assert!(pair.retire(gone, &mut quiet).unwrap().drained);
    drop(pair);
    goes_alone(&rig, "c", "cabin", "letter", &noise(2, 100_000));
    let (vault, _) = rig.open(&["a", "c"]);
    assert_eq!((versions(&vault, "trip"), versions(&vault, "cabin")), (1, 1));
    assert_eq!(get(&vault, "trip", "photo").unwrap(), noise(1, 100_000));
    assert_eq!(get(&vault, "cabin", "letter").unwrap(), noise(2, 100_000));
}
