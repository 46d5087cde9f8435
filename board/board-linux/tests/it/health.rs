//! Asking disks how they are, with a smartctl of our own.

use board::{Board, BoardError};
use board_linux::LinuxBoard;
use types::{DiskIdentity, SmartFacts};

use crate::tree::Tree;

const SATA: &str = "/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda";

/// A board with one disk, and a smartctl that writes its words into a file.
fn board(tree: &Tree, script: &str) -> (LinuxBoard, DiskIdentity) {
    tree.block(SATA);
    let words = tree.path("words");
    tree.program("smartctl", &format!("echo \"$@\" >> {}\n{script}", words.display()));
    let board = tree.board("qemu-q35");
    let disk = board.disks().unwrap().remove(0).identity;
    (board, disk)
}

fn recorded(name: &str) -> String {
    format!("cat {}/tests/smart/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_disk_is_asked_without_waking_it() {
    let tree = Tree::new();
    let (board, disk) = board(&tree, "exit 3");
    let refused = board.smart(&disk).unwrap_err();
    assert!(matches!(refused, BoardError::Asleep { .. }), "{refused}");
    let node = tree.path("dev/sda");
    let expected = format!("--json -a -l devstat -n standby,3 {}\n", node.display());
    assert_eq!(tree.read("words"), expected);
}

#[test]
fn facts_come_from_the_answer_also_when_smartctl_ends_with_a_warning() {
    let tree = Tree::new();
    let (board, disk) = board(&tree, &format!("{}\nexit 64", recorded("ata.json")));
    let facts = board.smart(&disk).unwrap();
    assert_eq!((facts.reallocated, facts.passed), (Some(24), Some(true)));
}

#[test]
fn an_unknown_bridge_is_asked_once_more_in_the_common_way() {
    let tree = Tree::new();
    let script = format!(
        "case \"$*\" in *'-d sat'*) {};; *) {}; exit 1;; esac",
        recorded("usb-sat.json"),
        recorded("usb-unknown.json")
    );
    let (asked, disk) = board(&tree, &script);
    assert_eq!(asked.smart(&disk).unwrap().power_on_hours, Some(912));
    let stubborn = Tree::new();
    let (asked, disk) = board(&stubborn, &format!("{}; exit 1", recorded("usb-unknown.json")));
    assert_eq!(asked.smart(&disk).unwrap(), SmartFacts::default());
    assert_eq!(stubborn.read("words").lines().count(), 2);
}

#[test]
fn an_answer_without_end_is_an_error_and_not_a_full_memory() {
    let tree = Tree::new();
    let (board, disk) = board(&tree, "head -c 30000000 /dev/zero; exit 0");
    let refused = board.smart(&disk).unwrap_err();
    assert_eq!(refused.to_string().split(" of ").next(), Some("cannot read the health"));
}

#[test]
fn a_disk_that_sleeps_on_demand_is_told_so_by_hdparm_alone() {
    let tree = Tree::new();
    let (board, disk) = board(&tree, "exit 9");
    let words = tree.path("hdparm-words");
    tree.program("hdparm", &format!("echo \"$@\" > {}", words.display()));
    board.sleep(&disk).unwrap();
    assert_eq!(tree.read("hdparm-words"), format!("-y {}\n", tree.path("dev/sda").display()));
    tree.program("hdparm", "echo 'bad/missing sense data' >&2; exit 5");
    assert!(board.sleep(&disk).is_err());
}
