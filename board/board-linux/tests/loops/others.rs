//! What one disk or many messages do to the rest: nothing, or a word.

use std::fs::{self, File};
use std::io::Write;
use std::thread;
use std::time::Duration;

use board::{Board, BoardError, DiskContent, Event, MountAs};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::rig::{Loop, Rig, SIZE, order};

/// The program that looks at one disk waits until it is let go on, as it would on a disk that
/// hangs. Everything else has to be done before that.
pub(crate) fn a_hung_disk() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "hung");
    File::options().write(true).open(&image).unwrap().set_len(SIZE / 2).unwrap();
    let _hung = Loop::attach(&image, &[]);
    let _well = rig.new_disk("bay-2", "well");
    let (hung, well) = (rig.identity("hung"), rig.identity("well"));
    let gate = rig.path().join("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    let board = rig.with_probe(&format!(
        "#!/bin/sh\n[ \"$2\" = {} ] && read line < {}\nexec {} \"$@\"\n",
        SIZE / 2,
        gate.display(),
        env!("CARGO_BIN_EXE_holdfast-probe"),
    ));
    let mut go_on = File::options().read(true).write(true).open(&gate).unwrap();
    thread::scope(|scope| {
        let looking = scope.spawn(|| board.probe(&hung));
        assert_eq!(board.disks().unwrap().len(), 2);
        assert_eq!(board.probe(&well).unwrap(), DiskContent::Blank);
        board.prepare(&well, &order(&board, &well, DiskContent::Blank, "hf-1")).unwrap();
        drop(board.mount(&well, MountAs::NewVolume).unwrap());
        board.unmount(&well).unwrap();
        assert!(!looking.is_finished(), "or this would show nothing");
        go_on.write_all(b"go\n").unwrap();
        assert_eq!(looking.join().unwrap().unwrap(), DiskContent::Blank);
    });
}

pub(crate) fn a_twin() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "twin");
    let one = Loop::attach(&image, &[]);
    let disk = rig.identity("twin");
    let _two = Loop::attach(&image, &[]);
    let refused = rig
        .board
        .prepare(&disk, &order(&rig.board, &disk, DiskContent::Blank, "hf-1"))
        .unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(one);
}

/// The kernel keeps a few hundred messages for who does not fetch them, and says when it had to
/// drop some.
pub(crate) fn lost_messages() {
    let rig = Rig::new();
    let plugged = rig.new_disk("bay-1", "new");
    let name = plugged.node.trim_start_matches("/dev/");
    let mut again = File::options()
        .write(true)
        .open(fs::canonicalize(format!("/sys/class/block/{name}/uevent")).unwrap())
        .unwrap();
    for _ in 0..20_000 {
        again.write_all(b"change").unwrap();
    }
    rig.event(|event| (event == Event::Overflow).then_some(()));
    let inserted = rig.board.next_event(Duration::ZERO).unwrap();
    assert!(matches!(inserted, Some(Event::Inserted(_))), "{inserted:?}");
    assert_eq!(rig.board.next_event(Duration::ZERO).unwrap(), None, "the rest says nothing new");
}
