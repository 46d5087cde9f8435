//! An erasing that its owner takes back after the disk was formatted.

use std::fs;
use std::io::Write;
use std::path::Path;

use board::{Board, DiskContent};
use board_sim::NewDisk;
use plan::disk::{Action, Aim, Joining, Life, News};

use crate::common::{SIZE, rig};

const MEMBER: Aim = Aim::Member { replaces: None };

fn put(file: &Path, text: &str) {
    let mut opened = fs::File::create(file).expect("a folder of the test");
    opened.write_all(text.as_bytes()).expect("room for a few bytes");
}

/// Undo used to end where formatting began, ten minutes after the yes.
#[test]
fn a_disk_that_was_formatted_by_mistake_is_put_back_until_it_is_used() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.machine.create(&NewDisk::usb("stick", Some("STICK-77ab"), SIZE)).unwrap();
    rig.machine.put_file_system("stick", "exfat").unwrap();
    put(&rig.machine.content("stick").unwrap().join("thesis.odt"), "years of work");
    rig.insert("stick", "usb-front");
    let stick = rig.identity("stick");
    let shown = rig.machine.probe(&stick).unwrap();
    for killed in [false, true] {
        rig.caretaker.ask_erase(&stick, "77ab", MEMBER).unwrap();
        rig.caretaker.skip_wait(&stick).unwrap();
        assert_eq!(rig.work(), [Action::Format { disk: stick.clone() }]);
        assert_ne!(rig.machine.probe(&stick).unwrap(), shown);
        rig.caretaker.take_news();
        rig.caretaker.undo(&stick).unwrap();
        if killed {
            rig = rig.killed();
            rig.caretaker.take_news();
        }
        assert!(rig.work().contains(&Action::PutBack { disk: stick.clone() }));
        assert_eq!(rig.machine.probe(&stick).unwrap(), shown);
        let text = fs::read(rig.machine.content("stick").unwrap().join("thesis.odt")).unwrap();
        assert_eq!(text, b"years of work");
        let told = rig.caretaker.take_news();
        assert!(matches!(told[..], [News::PutBack { .. }, News::Appeared { .. }]), "{told:?}");
    }
    // And once more, until it takes part: then it is too late, and nothing changes.
    rig.caretaker.ask_erase(&stick, "77ab", MEMBER).unwrap();
    rig.caretaker.skip_wait(&stick).unwrap();
    rig.work();
    rig.caretaker.skip_wait(&stick).unwrap();
    assert_eq!(rig.work()[0], Action::Join { disk: stick.clone(), aim: MEMBER });
    let late = rig.caretaker.undo(&stick).unwrap_err();
    assert_eq!(late.to_string(), "a disk that takes part cannot be saved by an undo");
    assert!(matches!(rig.machine.probe(&stick).unwrap(), DiskContent::Volume(_)));
}

/// What was kept went with the system's own disk, say: the disk stays as it is, and nobody uses it.
#[test]
fn what_cannot_be_put_back_is_said_and_the_disk_is_left_alone() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.machine.create(&NewDisk::usb("stick", Some("STICK-77ab"), SIZE)).unwrap();
    rig.machine.put_file_system("stick", "exfat").unwrap();
    rig.insert("stick", "usb-front");
    let stick = rig.identity("stick");
    rig.caretaker.ask_erase(&stick, "77ab", MEMBER).unwrap();
    rig.caretaker.skip_wait(&stick).unwrap();
    rig.work();
    // Past the box.
    put(&rig.machine.content("stick").unwrap().join("new.txt"), "stored since");
    rig.caretaker.take_news();
    rig.caretaker.undo(&stick).unwrap();
    rig.work();
    let told = rig.caretaker.take_news();
    assert!(matches!(told[..], [News::NotPutBack { .. }, News::Appeared { .. }]), "{told:?}");
    assert_eq!(
        fs::read(rig.machine.content("stick").unwrap().join("new.txt")).unwrap(),
        b"stored since"
    );
    assert!(matches!(
        rig.caretaker.roster().here(&stick).unwrap().life,
        Life::Foreign(Joining::No)
    ));
}
