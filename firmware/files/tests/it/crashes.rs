//! The power goes at every change of a disk while a file is uploaded. An offset that was told is never
//! lost; with disks that lie about what they have synced, the same course does lose some.

use files::{Append, UploadId};
use testkit::dice::Dice;
use testkit::env::noise;

use crate::shelf::Shelf;
use crate::uploading::{at, new};

const LEN: u64 = 12_000;
const PART: usize = 4_000;

/// Uploads a file until the power goes; gives what was told.
fn upload(shelf: &Shelf, bytes: &[u8]) -> (Option<UploadId>, u64, bool) {
    let Ok(state) = shelf.files.create(shelf.space, new("a", LEN)) else { return (None, 0, false) };
    let (mut told, mut finished) = (0, false);
    for part in bytes.chunks(PART) {
        let append: Append = at(told);
        match shelf.files.append(shelf.space, state.id, "ann", append, &mut &*part) {
            Ok(state) => (told, finished) = (state.offset, state.finished.is_some()),
            Err(_) => break,
        }
    }
    (Some(state.id), told, finished)
}

/// Cuts the power after `changes` more changes of each disk; says whether anything told was lost, and
/// whether the course came to its end.
fn cut(changes: u64, seed: u64, lying: bool) -> (bool, bool) {
    let mut shelf = Shelf::inline(seed);
    let bytes = noise(seed, usize::try_from(LEN).unwrap());
    shelf.put("before", b"x");
    for disk in &shelf.disks {
        disk.lying(lying);
        disk.cut_after(changes);
    }
    let (id, told, finished) = upload(&shelf, &bytes);
    let mut dice = Dice::new(seed ^ changes);
    if lying {
        // A vault on such disks may not open at all.
        let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            shelf.power_cut(&mut |sides| dice.roll(sides));
            is_lost(&shelf, id, told, finished, &bytes)
        }));
        return (lost.unwrap_or(true), finished);
    }
    shelf.power_cut(&mut |sides| dice.roll(sides));
    (is_lost(&shelf, id, told, finished, &bytes), finished)
}

/// Goes on with the upload from where the box says that it stands; whether what was told is gone, or
/// the file is not what was sent.
fn is_lost(shelf: &Shelf, id: Option<UploadId>, told: u64, finished: bool, bytes: &[u8]) -> bool {
    let Some(id) = id else { return false };
    let Ok(state) = shelf.files.upload(shelf.space, id, "ann") else { return true };
    if state.offset < told || finished && state.finished.is_none() {
        return true;
    }
    if state.finished.is_none() {
        let rest = &bytes[usize::try_from(state.offset).unwrap()..];
        let last = shelf.files.append(shelf.space, id, "ann", at(state.offset), &mut &*rest);
        if last.is_ok_and(|state| state.finished.is_none()) {
            return true;
        }
    }
    shelf.read(b"a") != bytes || shelf.names(b"") != [b"a".to_vec(), b"before".to_vec()]
}

#[test]
fn an_offset_that_was_told_is_never_lost_whenever_the_power_goes() {
    let (mut changes, mut ended) = (0, false);
    while !ended {
        let (lost, finished) = cut(changes, 30, false);
        assert!(!lost, "after {changes} changes");
        ended = finished;
        changes += 1;
    }
    assert!(changes > 20, "{changes} cuts");
    // The same with disks that lie must be noticed.
    let noticed = (0..changes).filter(|changes| cut(*changes, 30, true).0).count();
    assert!(noticed > 0, "a run that can find nothing shows nothing");
}
