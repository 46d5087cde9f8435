//! A real block device is tested whole, and one that is not to be touched keeps every byte.

use std::fs;
use std::os::unix::fs::FileExt;

use board::burn::STEP_MAX;
use board::{
    Board, BoardError, BurnOrder, BurnSeed, BurnStep, Burnt, DiskContent, DiskIdentity, MountAs,
    WrongBytes,
};

use crate::life::make_volume;
use crate::rig::{Loop, Rig, order, photos, photos_content, run, sum};

fn burn(
    rig: &Rig,
    disk: &DiskIdentity,
    expects: &DiskContent,
    step: BurnStep,
) -> Result<Burnt, BoardError> {
    let attached = order(&rig.board, disk, DiskContent::Blank, "hf-1").attached;
    let seed = BurnSeed([9; 16]);
    rig.board.burn(disk, &BurnOrder { expects: expects.clone(), attached, seed, step })
}

/// All steps of one kind; what they found.
fn all(rig: &Rig, disk: &DiskIdentity, step: impl Fn(u64, u64) -> BurnStep) -> Vec<Burnt> {
    let size = disk.size.0;
    let steps = (0..size).step_by(usize::try_from(STEP_MAX).unwrap());
    let one = |from| burn(rig, disk, &DiskContent::Blank, step(from, STEP_MAX.min(size - from)));
    steps.map(|from| one(from).unwrap()).filter(|burnt| *burnt != Burnt::default()).collect()
}

pub(crate) fn whole() {
    let rig = Rig::new();
    let plugged = rig.new_disk("bay-1", "new");
    let disk = rig.identity("new");
    let blank = DiskContent::Blank;
    burn(&rig, &disk, &blank, BurnStep::Begin).unwrap();
    // In a test it is nothing that anybody would be offered as blank.
    assert!(matches!(rig.board.probe(&disk).unwrap(), DiskContent::Foreign(_)));
    assert!(all(&rig, &disk, |from, len| BurnStep::Write { from, len }).is_empty());
    assert!(all(&rig, &disk, |from, len| BurnStep::Read { from, len }).is_empty());
    let node = fs::File::options().write(true).open(&plugged.node).unwrap();
    node.write_all_at(b"!", 20_000_000).unwrap();
    node.sync_all().unwrap();
    drop(node);
    let found = all(&rig, &disk, |from, len| BurnStep::Read { from, len });
    let at = 20_000_000 / 4_096 * 4_096;
    assert_eq!(found, [Burnt { wrong: 4_096, first: Some((at, WrongBytes::Other)) }]);
    burn(&rig, &disk, &blank, BurnStep::End).unwrap();
    assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Blank);
    let wish = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
    rig.board.prepare(&disk, &wish).unwrap();
}

/// What makes a disk fit to be sold: nothing that words or a password could be tried on is left, not in
/// files and not between them.
pub(crate) fn nothing_is_left() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "old");
    let plugged = Loop::attach(&image, &[]);
    make_volume(&rig, "old");
    let disk = rig.identity("old");
    let needle = *b"sealed keys that a password may be tried on, for as long as somebody likes";
    let at = rig.elsewhere();
    let part = format!("{}p1", plugged.node);
    run("mount", &[&part, at.to_str().unwrap()]);
    for (name, len) in [("keys.0", 1), ("gone.pack", 90)] {
        fs::write(at.join("holdfast").join(name), needle.repeat(len)).unwrap();
    }
    fs::File::open(&at).unwrap().sync_all().unwrap();
    run("sync", &["-f", at.to_str().unwrap()]);
    // A file that is gone leaves its bytes.
    fs::remove_file(at.join("holdfast/gone.pack")).unwrap();
    run("umount", &[at.to_str().unwrap()]);
    let shows = || {
        let bytes = fs::read(&image).unwrap();
        bytes.chunks(512).filter(|sector| sector.starts_with(&needle)).count()
    };
    assert_eq!(shows(), 2, "or this would show nothing");
    let content = rig.board.probe(&disk).unwrap();
    assert!(matches!(content, DiskContent::Volume(_)), "{content:?}");
    burn(&rig, &disk, &content, BurnStep::Begin).unwrap();
    assert!(all(&rig, &disk, |from, len| BurnStep::Write { from, len }).is_empty());
    burn(&rig, &disk, &content, BurnStep::End).unwrap();
    plugged.pull();
    assert_eq!(shows(), 0);
}

pub(crate) fn not_ours() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let _plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let before = sum(&image);
    let write = BurnStep::Write { from: 0, len: 4_096 };
    for (expects, step) in [
        (DiskContent::Blank, BurnStep::Begin),
        (DiskContent::Unknown, BurnStep::Begin),
        (photos_content(), write),
        (photos_content(), BurnStep::End),
    ] {
        let refused = burn(&rig, &disk, &expects, step).unwrap_err();
        assert!(matches!(refused, BoardError::Changed { .. }), "{step:?}: {refused}");
    }
    let mounted = rig.board.mount(&disk, MountAs::Look).unwrap();
    let refused = burn(&rig, &disk, &photos_content(), BurnStep::Begin).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    rig.board.pulse(&disk).unwrap();
    assert_eq!(sum(&image), before);
    // With its owner's word about this very content it goes.
    burn(&rig, &disk, &photos_content(), BurnStep::Begin).unwrap();
    assert_ne!(sum(&image), before, "or this would show nothing");
}

/// The kernel counts what is read from a disk: field 3 of its line.
pub(crate) fn pulse() {
    let rig = Rig::new();
    let plugged = rig.new_disk("bay-1", "new");
    let disk = rig.identity("new");
    let name = plugged.node.trim_start_matches("/dev/").to_owned();
    let sectors = || -> u64 {
        let text = fs::read_to_string(format!("/sys/block/{name}/stat")).unwrap();
        text.split_whitespace().nth(2).unwrap().parse().unwrap()
    };
    rig.board.probe(&disk).unwrap();
    for _ in 0..2 {
        let before = sectors();
        rig.board.pulse(&disk).unwrap();
        assert!(sectors() > before + 1_000, "memory answered, and no light was lit");
    }
}
