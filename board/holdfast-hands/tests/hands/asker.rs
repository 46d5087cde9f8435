//! The box's side: a process that gives up its rights first, and then plays one part.
//!
//! Start at [`ask`].

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use board::{
    Board, BoardError, DiskContent, DiskIdentity, Event, MountAs, Mounted, PrepareOrder, Prepared,
};
use board_hands::{Patience, RemoteBoard};
use format::pack::PackKind;
use format::superblock::Superblock;
use nix::mount::{MsFlags, mount};
use nix::unistd::{User, setgroups, setresgid, setresuid};
use types::{PackId, UnixTime, VaultId, VolumeId};
use volume::{PackVerdict, Volume};

use crate::rig::{say, wait};

/// First word of a process that plays a part: then a user, the part, the socket, and more.
pub(crate) const AS: &str = "--play-as";

const PACK: &[u8] = b"sealed bytes of a pack";
const LABEL: &str = "hf-1";

/// Becomes the user for good, and plays.
pub(crate) fn ask(words: &[String]) {
    let [user, part, socket, more @ ..] = words else { panic!("{words:?}") };
    let user = User::from_name(user).unwrap().unwrap();
    setgroups(&[]).unwrap();
    setresgid(user.gid, user.gid, user.gid).unwrap();
    setresuid(user.uid, user.uid, user.uid).unwrap();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    if part == "stranger" {
        return stranger(Path::new(socket), more[0]);
    }
    let patience = Patience { attempts: 600, pause: Duration::from_millis(100) };
    let board = RemoteBoard::with_patience(Path::new(socket), patience).unwrap();
    match (part.as_str(), &more[..]) {
        ("volume", [node]) => volume(&board, node),
        ("events", []) => events(&board),
        ("take part", [serial]) => take_part(&board, serial),
        ("look", []) => look(&board),
        ("target", []) => target(&board),
        ("restart", []) => restart(&board),
        ("erase", []) => erase(&board),
        ("refused mount", [serial]) => refused_mount(&board, serial),
        ("exchanged", []) => exchanged(&board),
        other => panic!("no such part: {other:?}"),
    }
}

/// Waits to be let go on.
fn pause() {
    let mut go = [0; 3];
    std::io::stdin().read_exact(&mut go).unwrap();
}

fn disk(board: &RemoteBoard, serial: &str) -> DiskIdentity {
    wait(|| {
        let disks = board.disks().unwrap().into_iter().map(|info| info.identity);
        disks.into_iter().find(|disk| disk.serial.as_deref() == Some(serial))
    })
}

/// To erase a blank disk as it is plugged in now.
fn order(board: &RemoteBoard, disk: &DiskIdentity) -> PrepareOrder {
    let disks = board.disks().unwrap();
    let there = disks.iter().find(|there| there.identity == *disk);
    let attached = there.map_or(0, |there| there.attached);
    PrepareOrder { expects: DiskContent::Blank, attached, label: LABEL.to_owned(), keeps: false }
}

/// A new volume with one pack in it.
fn fill(mounted: &Mounted) {
    let block = Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(0),
        serial: mounted.disk.serial(),
    };
    let volume = Volume::create(Arc::clone(&mounted.disk), block).unwrap();
    let mut pack = volume.create_open([7; 16]).unwrap();
    pack.append(PACK).unwrap();
    pack.sync().unwrap();
    pack.seal(id(), PackKind::Data).unwrap();
}

fn id() -> PackId {
    PackId(*blake3::hash(PACK).as_bytes())
}

/// The pack that was put in is there, and another can be.
fn check(mounted: &Mounted) {
    let (volume, findings) = Volume::open(Arc::clone(&mounted.disk)).unwrap();
    assert_eq!(findings, []);
    assert_eq!(volume.verify_pack(id(), PackKind::Data, true).unwrap(), PackVerdict::Good);
    volume.bump_generation().unwrap();
}

/// What root may do, this process may not; and through the helper it gets its volume all the same.
fn volume(board: &RemoteBoard, node: &str) {
    let opened = File::open(node).map(drop).map_err(|error| error.kind());
    assert_eq!(opened, Err(ErrorKind::PermissionDenied), "the disk is not ours to open");
    let mounted = mount(Some(node), "/mnt", Some("ext4"), MsFlags::empty(), None::<&str>);
    assert_eq!(mounted, Err(nix::errno::Errno::EPERM), "nor to mount");

    let disk = disk(board, "new");
    assert_eq!(board.probe(&disk).unwrap(), DiskContent::Blank);
    assert_eq!(board.prepare(&disk, &order(board, &disk)).unwrap(), Prepared::Formatted);
    assert_eq!(board.prepare(&disk, &order(board, &disk)).unwrap(), Prepared::AlreadyDone);
    let refused = board.mount(&disk, MountAs::Volume).unwrap_err();
    assert!(matches!(refused, BoardError::Nothing { wanted: "volume", .. }), "{refused}");
    fill(&board.mount(&disk, MountAs::NewVolume).unwrap());
    board.unmount(&disk).unwrap();
    board.unmount(&disk).unwrap();
    let content = board.probe(&disk).unwrap();
    let DiskContent::Volume(mark) = &content else { panic!("{content:?}") };
    assert_eq!((mark.volume, mark.serial.as_str()), (VolumeId([2; 16]), "new"));
    let mounted = board.mount(&disk, MountAs::Volume).unwrap();
    check(&mounted);
    let told = board.unmount(&disk).unwrap_err();
    assert!(matches!(told, BoardError::InUse { .. }), "a folder is still open: {told}");
    drop(mounted);
    wait(|| board.unmount(&disk).ok());
    let mounted = board.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    assert!(mounted.disk.read_only());
    let refused = mounted.disk.create_new("x").map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ReadOnlyFilesystem);
    drop(mounted);
    board.unmount(&disk).unwrap();
}

fn events(board: &RemoteBoard) {
    say("ready");
    let next = |wanted: &dyn Fn(Event) -> bool| {
        wait(|| board.next_event(Duration::from_secs(1)).unwrap().filter(|e| wanted(e.clone())))
    };
    let is_it = |disk: &DiskIdentity| disk.serial.as_deref() == Some("new");
    next(&|event| matches!(event, Event::Inserted(info) if is_it(&info.identity)));
    say("inserted");
    next(&|event| matches!(event, Event::Removed(disk) if is_it(&disk)));
}

fn take_part(board: &RemoteBoard, serial: &str) {
    let disk = disk(board, serial);
    // Only read, a volume stays whose it was, and so it cannot be opened.
    let mounted = board.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    let read = mounted.disk.open("superblock.0").map(drop).unwrap_err();
    assert_eq!(read.kind(), ErrorKind::PermissionDenied);
    drop(mounted);
    board.unmount(&disk).unwrap();
    check(&board.mount(&disk, MountAs::Volume).unwrap());
    board.unmount(&disk).unwrap();
    let mounted = board.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    mounted.disk.open("superblock.0").unwrap();
}

fn look(board: &RemoteBoard) {
    let disk = disk(board, "stick");
    let mounted = board.mount(&disk, MountAs::Look).unwrap();
    let listed = mounted.disk.list("").unwrap();
    assert!(listed.iter().any(|entry| entry.name == "list.txt"), "{listed:?}");
    assert_eq!(mounted.disk.open("list.txt").unwrap().len().unwrap(), 7);
    assert_eq!(std::fs::read(mounted.path.join("holdfast/notes.txt")).unwrap(), b"seven b");
    let private = mounted.disk.open("private.txt").map(drop).unwrap_err();
    assert_eq!(private.kind(), ErrorKind::PermissionDenied);
    let written = mounted.disk.create_new("mine").map(drop).unwrap_err();
    assert_eq!(written.kind(), ErrorKind::ReadOnlyFilesystem);
    drop(mounted);
    board.unmount(&disk).unwrap();
    let refused = board.mount(&disk, MountAs::Volume).unwrap_err();
    assert!(matches!(refused, BoardError::Nothing { wanted: "volume", .. }), "{refused}");
    let mounted = board.mount(&disk, MountAs::Target).unwrap();
    let written = mounted.disk.create_new("mine").map(drop).unwrap_err();
    assert_eq!(written.kind(), ErrorKind::PermissionDenied);
}

fn target(board: &RemoteBoard) {
    let disk = disk(board, "new");
    board.prepare(&disk, &order(board, &disk)).unwrap();
    let mounted = board.mount(&disk, MountAs::Target).unwrap();
    mounted.disk.make_dir("letters").unwrap();
    let path = mounted.path.join("letters/one.txt");
    File::create(&path).unwrap().write_all(b"dear").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"dear");
}

fn restart(board: &RemoteBoard) {
    let disk = disk(board, "new");
    board.prepare(&disk, &order(board, &disk)).unwrap();
    let mounted = board.mount(&disk, MountAs::NewVolume).unwrap();
    fill(&mounted);
    say("mounted");
    pause();
    check(&mounted);
    assert_eq!(board.disks().unwrap().len(), 1);
    assert_eq!(board.next_event(Duration::ZERO).unwrap(), Some(Event::Overflow));
    let other = board.mount(&disk, MountAs::Look).unwrap_err();
    assert!(matches!(other, BoardError::InUse { .. }), "{other}");
    let again = board.mount(&disk, MountAs::Volume).unwrap();
    assert_eq!(again.path, mounted.path);
    drop((again, mounted));
    board.unmount(&disk).unwrap();
}

fn erase(board: &RemoteBoard) {
    let disk = disk(board, "new");
    say("ready");
    let error = board.prepare(&disk, &order(board, &disk)).unwrap_err();
    assert!(matches!(error, BoardError::Helper { .. }), "{error}");
    say("broken");
    pause();
    assert_eq!(board.prepare(&disk, &order(board, &disk)).unwrap(), Prepared::Formatted);
    drop(board.mount(&disk, MountAs::NewVolume).unwrap());
    board.unmount(&disk).unwrap();
}

fn refused_mount(board: &RemoteBoard, serial: &str) {
    let disk = disk(board, serial);
    let refused = board.mount(&disk, MountAs::VolumeReadOnly).unwrap_err();
    assert!(matches!(refused, BoardError::Io { doing: "mount", .. }), "{refused}");
}

fn exchanged(board: &RemoteBoard) {
    let disk = disk(board, "new");
    assert_eq!(board.probe(&disk).unwrap(), DiskContent::Blank);
    let shown = order(board, &disk);
    say("looked");
    pause();
    let refused = board.prepare(&disk, &shown).unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "it was pulled: {refused}");
    let refused = board.prepare(&disk, &order(board, &disk)).unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "its twin with photos: {refused}");
    say("looked");
    pause();
    let refused = board.prepare(&disk, &shown).unwrap_err();
    assert!(matches!(refused, BoardError::NotThere { .. }), "another: {refused}");
}

fn stranger(socket: &Path, kind: &str) {
    let patience = Patience { attempts: 1, pause: Duration::ZERO };
    let refused = RemoteBoard::with_patience(socket, patience);
    if kind == "welcome" {
        refused.unwrap().disks().unwrap();
        return;
    }
    let Err(BoardError::Helper { source }) = refused else { panic!("{refused:?}") };
    assert_eq!(source.kind(), ErrorKind::PermissionDenied);
    let by_the_helper = source.to_string().contains("the box's own user only");
    assert_eq!(by_the_helper, kind == "refused by the helper", "{source}");
}
