//! An erasing that its owner takes back after the disk was formatted: to the byte, also after a kill;
//! and where it is too late, it is said and nothing changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use board::{Board, BoardError, DiskContent, MountAs, PrepareOrder, Prepared, PutBackOrder};
use board_linux::LinuxBoard;

use crate::rig::{Ends, Loop, Rig, order, photos, photos_content, run, settings, sum};

/// First word of the process that is killed.
pub(crate) const PUT_BACK: &str = "put-back-as-told";
const LABEL: &str = "hf-back";

/// Where the process is killed: at the program, or in the middle of what it does.
const PLACES: &[&str] = &[
    "",
    // Half of what was there.
    "/usr/sbin/e2undo \"$@\"; dd if=/dev/urandom of=\"$3\" bs=64k count=4 conv=notrunc 2>/dev/null",
    "/usr/sbin/e2undo \"$@\"",
];

pub(crate) fn keeps(board: &LinuxBoard, serial: &str) -> PrepareOrder {
    let disk = find(board, serial).identity;
    PrepareOrder { keeps: true, ..order(board, &disk, board.probe(&disk).unwrap(), LABEL) }
}

fn find(board: &LinuxBoard, serial: &str) -> board::DiskInfo {
    let mut disks = board.disks().unwrap().into_iter();
    disks.find(|info| info.identity.serial.as_deref() == Some(serial)).unwrap()
}

pub(crate) fn put_back(board: &LinuxBoard, serial: &str) -> Result<(), BoardError> {
    let info = find(board, serial);
    let order = PutBackOrder { attached: info.attached, label: LABEL.to_owned() };
    board.put_back(&info.identity, &order)
}

/// What the process to be killed does: a folder and a serial are its words.
pub(crate) fn put_back_as_told(words: &[String]) {
    let profile = board::profile::by_id("desk").unwrap();
    let board = LinuxBoard::new(settings(Path::new(&words[0])), profile).unwrap();
    put_back(&board, &words[1]).unwrap();
}

/// A stick with photos: on the whole of it, or on a partition.
pub(crate) fn stick(rig: &Rig, partitioned: bool) -> std::path::PathBuf {
    let image = rig.image("usb-front", "stick");
    if !partitioned {
        photos(&image);
        return image;
    }
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let blank = order(&rig.board, &disk, DiskContent::Blank, "hf-old");
    assert_eq!(rig.board.prepare(&disk, &blank).unwrap(), Prepared::Formatted);
    let (at, part) = (rig.elsewhere(), format!("{}p1", plugged.node));
    run("mount", &[&part, at.to_str().unwrap()]);
    fs::write(at.join("a.jpg"), vec![7; 3_000_000]).unwrap();
    run("umount", &[at.to_str().unwrap()]);
    plugged.pull();
    image
}

pub(crate) fn kept(rig: &Rig) -> usize {
    fs::read_dir(rig.path().join("keeps")).map_or(0, Iterator::count)
}

pub(crate) fn to_the_byte() {
    for partitioned in [false, true] {
        let rig = Rig::new();
        let image = stick(&rig, partitioned);
        let plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("stick");
        let (shown, before) = (rig.board.probe(&disk).unwrap(), sum(&image));
        let erase = keeps(&rig.board, "stick");
        assert_eq!(rig.board.prepare(&disk, &erase).unwrap(), Prepared::Kept);
        assert_eq!(rig.board.prepare(&disk, &erase).unwrap(), Prepared::Kept, "asked again");
        assert_ne!(sum(&image), before, "it was formatted");
        assert_eq!(kept(&rig), 1);
        let rig = rig.restarted();
        put_back(&rig.board, "stick").unwrap();
        assert_eq!(rig.board.probe(&disk).unwrap(), shown, "partitioned: {partitioned}");
        if !partitioned {
            assert_eq!(shown, photos_content());
            run("e2fsck", &["-f", "-n", &plugged.node]);
        }
        plugged.pull();
        assert_eq!(sum(&image), before, "every byte, partitioned: {partitioned}");
        assert_eq!(kept(&rig), 0, "it takes no room any more");
    }
}

pub(crate) fn killed_anywhere() {
    for before in PLACES {
        let rig = Rig::new();
        let image = stick(&rig, false);
        let plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("stick");
        let whole = sum(&image);
        assert_eq!(rig.board.prepare(&disk, &keeps(&rig.board, "stick")).unwrap(), Prepared::Kept);
        let script = rig.path().join("programs/e2undo");
        fs::create_dir_all(script.parent().unwrap()).unwrap();
        let killer = Ends::new(&rig);
        // The dry run is let through: nothing is written before it.
        let text = format!(
            "#!/bin/sh\n[ \"$1\" = -n ] && exec /usr/sbin/e2undo \"$@\"\n{}\n{before}\nkill -9 $PPID\n",
            killer.line()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([PUT_BACK, rig.path().to_str().unwrap(), "stick"]);
        assert_eq!(command.status().unwrap().signal(), Some(9), "it was killed, not done");
        killer.wait();
        fs::remove_file(&script).unwrap();
        let again = rig.board.mount(&disk, MountAs::NewVolume).unwrap_err();
        assert!(matches!(again, BoardError::Nothing { .. }), "half a disk is not used: {again}");
        put_back(&rig.board, "stick").unwrap();
        plugged.pull();
        assert_eq!(sum(&image), whole, "{before}");
    }
}

/// A file that was stored since is worth as much as those that went.
pub(crate) fn too_late() {
    let rig = Rig::new();
    let image = stick(&rig, false);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    assert_eq!(rig.board.prepare(&disk, &keeps(&rig.board, "stick")).unwrap(), Prepared::Kept);
    // By a hand, past the box: what is kept is still there, and must not be used.
    let at = rig.elsewhere();
    run("mount", &[&format!("{}p1", plugged.node), at.to_str().unwrap()]);
    fs::write(at.join("new.txt"), "stored since").unwrap();
    run("umount", &[at.to_str().unwrap()]);
    let now = sum(&image);
    let refused = put_back(&rig.board, "stick").unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    assert_eq!(sum(&image), now, "nothing was written");
    run("mount", &[&format!("{}p1", plugged.node), at.to_str().unwrap()]);
    assert_eq!(fs::read(at.join("new.txt")).unwrap(), b"stored since");
    fs::remove_file(at.join("new.txt")).unwrap();
    run("umount", &[at.to_str().unwrap()]);
    // As empty as before, but it was mounted: blocks that it wrote are not in the undo file.
    let refused = put_back(&rig.board, "stick").unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    // By the box itself: it lets go of what is kept first.
    assert_eq!(kept(&rig), 1);
    drop(rig.board.mount(&disk, MountAs::NewVolume).unwrap());
    rig.board.unmount(&disk).unwrap();
    assert_eq!(kept(&rig), 0);
    let refused = put_back(&rig.board, "stick").unwrap_err();
    let wanted = "has no kept content on it";
    assert!(refused.to_string().contains(wanted), "{refused}");
}

/// A disk is formatted all the same; nobody is told that it could be put back.
pub(crate) fn nowhere_to_keep_it() {
    for spoils in ["folder", "undo", "power"] {
        let rig = Rig::new();
        let image = stick(&rig, false);
        let _plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("stick");
        let script = rig.path().join("programs/mkfs.ext4");
        fs::create_dir_all(script.parent().unwrap()).unwrap();
        let mkfs = match spoils {
            "folder" => {
                fs::write(rig.path().join("keeps"), "in the way").unwrap();
                "exec /usr/sbin/mkfs.ext4 \"$@\"".to_owned()
            }
            "undo" => {
                "case \"$*\" in *' -z '*) exit 1;; esac; exec /usr/sbin/mkfs.ext4 \"$@\"".to_owned()
            }
            _ => {
                format!("/usr/sbin/mkfs.ext4 \"$@\"; rm -rf {}", rig.path().join("keeps").display())
            }
        };
        fs::write(&script, format!("#!/bin/sh\n{mkfs}\n")).unwrap();
        fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
        let erase = keeps(&rig.board, "stick");
        assert_eq!(rig.board.prepare(&disk, &erase).unwrap(), Prepared::Formatted, "{spoils}");
        assert_eq!(rig.board.prepare(&disk, &erase).unwrap(), Prepared::AlreadyDone, "{spoils}");
        let refused = put_back(&rig.board, "stick").unwrap_err();
        assert!(matches!(refused, BoardError::Nothing { .. }), "{spoils}: {refused}");
    }
}
