//! Which disks are listed, and who they say they are.

use board::{Board, BoardError, DiskContent, Place, Power};
use board_linux::{LinuxBoard, Settings};
use types::{Bytes, DiskIdentity, Transport};

use crate::tree::{Tree, page};

const SATA: &str = "/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0";
const USB: &str = "/devices/pci0000:00/0000:00:14.0/usb2/2-1";

/// A bay of a dock with several disks behind one plug.
fn dock_bay(tree: &Tree, bay: u32, node: &str) -> String {
    let path = format!("{USB}/2-1:1.0/host6/target6:0:0/6:0:0:{bay}");
    let folder = tree.block(&format!("{path}/block/{node}"));
    tree.file(&format!("sys{path}/vendor"), "ASMT    \n");
    tree.file(&format!("sys{path}/model"), "2115            \n");
    folder
}

#[test]
fn a_sata_disk_is_known_by_what_it_says_itself_and_by_its_bay() {
    let tree = Tree::new();
    tree.block(&format!("{SATA}/block/sda"));
    tree.file(&format!("sys{SATA}/vendor"), "ATA     \n");
    tree.file(&format!("sys{SATA}/model"), "WDC WD40EFRX-68N\n");
    tree.file(&format!("sys{SATA}/vpd_pg80"), page(0x80, b"     WD-WCC7K0AB"));
    let name = [&[1, 3, 0, 8][..], &[0x50, 0x01, 0x4e, 0xe2, 1, 2, 3, 4]].concat();
    tree.file(&format!("sys{SATA}/vpd_pg83"), page(0x83, &name));
    let disk = tree.disk();
    let expected = DiskIdentity {
        transport: Transport::Sata,
        model: "WDC WD40EFRX-68N".to_owned(),
        serial: Some("WD-WCC7K0AB".to_owned()),
        wwn: Some("naa.50014ee201020304".to_owned()),
        port: "pci-0000:00:1f.2-ata2".to_owned(),
        size: Bytes(7_814_037_168 * 512),
    };
    assert_eq!(disk.identity, expected);
    assert_eq!(disk.place, Place::Bay("2".to_owned()));
    assert_eq!((disk.rotational, disk.power), (Some(true), Power::Unknown));
    assert!(!disk.removable && !disk.read_only);
}

#[test]
fn disks_in_a_dock_that_has_one_serial_for_all_are_told_apart_by_port() {
    let tree = Tree::new();
    tree.file(&format!("sys{USB}/idVendor"), "174c\n");
    tree.file(&format!("sys{USB}/serial"), "201503310008F\n");
    dock_bay(&tree, 0, "sdb");
    dock_bay(&tree, 1, "sdc");
    let disks = tree.disks();
    let serials: Vec<_> = disks.iter().map(|disk| disk.identity.serial.as_deref()).collect();
    assert_eq!(serials, [Some("201503310008F"); 2]);
    let ports: Vec<_> = disks.iter().map(|disk| disk.identity.port.as_str()).collect();
    assert_eq!(ports, ["pci-0000:00:14.0-usb-1", "pci-0000:00:14.0-usb-1-1"]);
}

#[test]
fn a_bridge_that_lets_the_disks_serial_through_is_believed_before_its_own() {
    let tree = Tree::new();
    tree.file(&format!("sys{USB}/idVendor"), "174c\n");
    tree.file(&format!("sys{USB}/serial"), "0123456789ABCDEF\n");
    let folder = dock_bay(&tree, 0, "sdb");
    assert_eq!(tree.disk().identity.serial, None, "a bridge made that up");
    let unit = format!("sys{USB}/2-1:1.0/host6/target6:0:0/6:0:0:0");
    tree.file(&format!("{unit}/vpd_pg80"), page(0x80, b"Z4D0XYZ1"));
    assert_eq!(tree.disk().identity.serial.as_deref(), Some("Z4D0XYZ1"));
    assert_eq!(tree.disk().rotational, None, "the kernel writes 1 when a bridge does not say");
    tree.file(&format!("{unit}/vpd_pgb1"), page(0xb1, &[0, 1]));
    assert_eq!(tree.disk().rotational, Some(false));
    tree.file(&format!("{folder}/ro"), "1\n");
    assert!(tree.disk().read_only);
}

#[test]
fn an_nvme_disk_is_known_by_its_controller_whichever_way_the_kernel_shows_it() {
    let controller = "/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0";
    let fill = |tree: &Tree, namespace: &str, facts: &str| {
        tree.file(&format!("{namespace}/wwid"), "eui.0025385b71b0cafe\n");
        tree.file(&format!("{facts}/model"), "Samsung SSD 980 1TB\n");
        tree.file(&format!("{facts}/serial"), "S649NX0R\n");
    };
    let plain = Tree::new();
    let namespace = plain.block(&format!("{controller}/nvme0n1"));
    fill(&plain, &namespace, &format!("sys{controller}"));
    let shared = Tree::new();
    let subsystem = "/devices/virtual/nvme-subsystem/nvme-subsys0";
    let namespace = shared.block(&format!("{subsystem}/nvme0n1"));
    fill(&shared, &namespace, &format!("sys{subsystem}"));
    shared.file(&format!("sys{controller}/state"), "live");
    shared.link(&format!("sys{subsystem}/nvme0"), &format!("sys{controller}"));
    assert_eq!(plain.disk().identity, shared.disk().identity);
    assert_eq!(plain.disk().identity.port, "pci-0000:02:00.0-nvme-1");
    assert_eq!(plain.disk().identity.wwn.as_deref(), Some("eui.0025385b71b0cafe"));
}

#[test]
fn what_the_system_stands_on_is_never_listed_through_however_many_layers() {
    let tree = Tree::new();
    let disk = |port: u32, node: &str| {
        let path = format!("/devices/pci0000:00/0000:00:1f.2/ata{port}/host{port}");
        tree.block(&format!("{path}/target{port}:0:0/{port}:0:0:0/block/{node}"))
    };
    let (plain, raid, btrfs, swap) =
        (disk(1, "sda"), disk(2, "sdb"), disk(3, "sdc"), disk(4, "sdd"));
    disk(5, "sde");
    let boot = tree.part(&plain, 2);
    let member = tree.part(&raid, 1);
    let array = tree.stacked("md-0", &[&member]);
    let mapped = tree.stacked("dm-0", &[&array]);
    tree.part(&btrfs, 1);
    tree.part(&swap, 3);
    tree.mounts(&format!(
        "1 0 {} / / rw - ext4 /dev/mapper/root rw\n2 1 {} / /boot rw - ext4 /dev/sda2 rw\n\
         3 1 0:40 / /var rw - btrfs /dev/sdc1 rw\n4 1 0:41 / /proc rw - proc proc rw\n",
        tree.number(&mapped),
        tree.number(&boot),
    ));
    for node in ["sdc1", "sdd3"] {
        tree.file(&format!("dev/{node}"), "");
    }
    tree.file("proc/swaps", "Filename Type Size Used Priority\n/dev/sdd3 partition 1 0 -2\n");
    assert_eq!(tree.disk().node, "sde");
}

#[test]
fn a_live_system_does_not_offer_the_stick_that_it_runs_from() {
    let tree = Tree::new();
    let stick = tree.block(&format!("{USB}/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb"));
    let part = tree.part(&stick, 1);
    let squashed = tree.stacked("loop0", &[]);
    tree.file(&format!("{squashed}/loop/backing_file"), "/run/live/medium/top.squashfs\n");
    tree.mounts(&format!(
        "1 0 0:30 / / rw - overlay overlay rw,lowerdir=/run/live/top/,upperdir=/run/upper\n\
         2 1 {} / /run/live/medium ro - vfat /dev/sdb1 ro\n\
         3 1 {} / /run/live/top ro - squashfs /dev/loop0 ro\n\
         4 1 0:31 / /run rw - tmpfs tmpfs rw\n",
        tree.number(&part),
        tree.number(&squashed),
    ));
    assert_eq!(tree.disks(), []);
}

#[test]
fn a_service_with_a_root_of_its_own_does_not_see_the_systems_disk_either() {
    let tree = Tree::new();
    let disk = tree.block(&format!("{SATA}/block/sda"));
    assert_eq!(tree.disks().len(), 1, "its own mounts do not tell");
    tree.file(
        "proc/1/mountinfo",
        format!("1 0 {} / / rw - ext4 /dev/sda rw\n", tree.number(&disk)),
    );
    assert_eq!(tree.disks(), []);
}

#[test]
fn what_is_no_disk_is_not_listed() {
    let tree = Tree::new();
    let empty = tree.block(&format!("{SATA}/block/sda"));
    tree.file(&format!("{empty}/size"), "0\n");
    tree.stacked("dm-1", &[]);
    tree.stacked("zram-0", &[]);
    tree.block("/devices/platform/x.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk-boot");
    assert_eq!(tree.disks(), []);
}

/// Without a serial, two disks of one kind are equal in all that they say; the kernel's count of
/// what was plugged in is what tells them apart.
#[test]
fn a_disk_that_was_exchanged_for_its_like_while_it_was_looked_at_is_noticed() {
    let tree = Tree::new();
    let folder = tree.block(&format!("{SATA}/block/sda"));
    tree.file(&format!("{folder}/diskseq"), "7\n");
    tree.file("dev/sda", "");
    let exchange = |with: &str| {
        let answer =
            "{\"unfinished\":null,\"blank\":true,\"whole\":null,\"parts\":[],\"traces\":[]}";
        let seq = tree.path(&format!("{folder}/diskseq"));
        tree.program("look", &format!("echo {with} > {}\necho '{answer}'", seq.display()));
        let settings = Settings { probe: tree.path("programs/look"), ..tree.settings() };
        let profile = board::profile::by_id("qemu-q35").unwrap();
        let board = LinuxBoard::new(settings, profile).unwrap();
        board.probe(&board.disks().unwrap()[0].identity)
    };
    assert_eq!(exchange("7").unwrap(), DiskContent::Blank);
    let refused = exchange("8").unwrap_err();
    assert!(matches!(refused, BoardError::NotThere { .. }), "{refused}");
}

#[test]
fn a_disk_that_was_exchanged_is_not_the_one_that_was_named() {
    let tree = Tree::new();
    tree.block(&format!("{SATA}/block/sda"));
    tree.file(&format!("sys{SATA}/vpd_pg80"), page(0x80, b"FIRST-1"));
    let board = tree.board("qemu-q35");
    let first = board.disks().unwrap().remove(0).identity;
    tree.file(&format!("sys{SATA}/vpd_pg80"), page(0x80, b"SECOND-2"));
    let refused = board.probe(&first).unwrap_err();
    assert!(matches!(refused, BoardError::NotThere { .. }), "{refused}");
}

#[test]
fn a_folder_for_mounts_that_is_a_link_is_refused() {
    let tree = Tree::new();
    let profile = || board::profile::by_id("qemu-q35").unwrap();
    tree.file("elsewhere/file", "");
    tree.link("home", "elsewhere");
    let refused = LinuxBoard::new(tree.settings(), profile()).unwrap_err();
    assert!(matches!(refused, BoardError::Io { .. }), "{refused}");
    std::fs::remove_file(tree.path("home")).unwrap();
    LinuxBoard::new(tree.settings(), profile()).unwrap();
}
