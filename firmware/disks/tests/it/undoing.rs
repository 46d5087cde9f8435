//! An erasing that its owner takes back after the disk was formatted.

use std::fs;
use std::io::Write;
use std::path::Path;

use board::{Board, DiskContent};
use board_sim::{Faults, NewDisk};
use plan::disk::{Action, Aim, Joining, Life, News, UndoNews};

use types::Millis;

use crate::common::{Rig, SIZE, rig};

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
        assert!(
            matches!(told[..], [News::Undo { what: UndoNews::Done, .. }, News::Appeared { .. }]),
            "{told:?}"
        );
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
    assert!(
        matches!(told[..], [News::Undo { what: UndoNews::Changed, .. }, News::Appeared { .. }]),
        "{told:?}"
    );
    assert_eq!(
        fs::read(rig.machine.content("stick").unwrap().join("new.txt")).unwrap(),
        b"stored since"
    );
    assert!(matches!(
        rig.caretaker.roster().here(&stick).unwrap().life,
        Life::Foreign(Joining::No)
    ));
}

/// A stick with a thesis on it, at the front.
fn with_stick() -> Rig {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.machine.create(&NewDisk::usb("stick", Some("STICK-77ab"), SIZE)).expect("a new disk");
    rig.machine.put_file_system("stick", "exfat").expect("it lies on the table");
    put(&rig.machine.content("stick").expect("a disk").join("thesis.odt"), "years of work");
    rig.insert("stick", "usb-front");
    rig
}

fn format(rig: &mut Rig) {
    let stick = rig.identity("stick");
    rig.caretaker.ask_erase(&stick, "77ab", MEMBER).expect("its letters");
    rig.caretaker.skip_wait(&stick).expect("it waits");
    assert_eq!(rig.work(), [Action::Format { disk: stick }]);
    rig.caretaker.take_news();
}

fn thesis(rig: &Rig) -> Option<Vec<u8>> {
    fs::read(rig.machine.content("stick").expect("a disk").join("thesis.odt")).ok()
}

/// Whoever pulls a disk in a fright has it formatted, and thinks; that used to end the undo for good.
#[test]
fn a_formatted_disk_that_is_pulled_can_still_be_put_back_at_any_port_and_after_a_kill() {
    for (port, killed) in [("usb-front", false), ("usb-back", false), ("usb-back", true)] {
        let mut rig = with_stick();
        format(&mut rig);
        let told = rig.pull("stick");
        assert!(
            matches!(told[..], [News::Undo { what: UndoNews::TakenOut { .. }, .. }]),
            "{told:?}"
        );
        rig.caretaker.passed(Millis::from_days(1)).unwrap();
        if killed {
            rig = rig.killed();
        }
        let told = rig.insert("stick", port);
        assert!(matches!(told[..], [News::Undo { what: UndoNews::Again { .. }, .. }]), "{told:?}");
        let done = rig.work();
        let waits = done.iter().all(|action| matches!(action, Action::Mount { .. }));
        assert!(waits, "nothing is done until its owner says so, or the time has passed: {done:?}");
        let stick = rig.identity("stick");
        rig.caretaker.undo(&stick).unwrap();
        assert_eq!(rig.work()[0], Action::PutBack { disk: stick });
        assert_eq!(thesis(&rig).unwrap(), b"years of work", "{port}, killed: {killed}");
    }
}

/// It used to be forgotten what was going on: half of a disk was left, as a stranger.
#[test]
fn putting_back_that_was_cut_by_a_pull_goes_on_by_itself_until_the_disk_is_whole() {
    for (port, killed) in [("usb-front", false), ("usb-back", true)] {
        let mut rig = with_stick();
        format(&mut rig);
        let stick = rig.identity("stick");
        let stops = Faults { put_back_stops: true, ..Faults::default() };
        rig.machine.set_faults("stick", stops).unwrap();
        rig.caretaker.undo(&stick).unwrap();
        rig.caretaker.step().unwrap_err();
        let told = rig.caretaker.take_news();
        assert!(matches!(told[..], [News::Undo { what: UndoNews::NotYet, .. }]), "{told:?}");
        assert!(thesis(&rig).is_none(), "it stopped in the middle");
        let told = rig.pull("stick");
        assert!(matches!(told[..], [News::Undo { what: UndoNews::TakenOutHalf, .. }]), "{told:?}");
        rig.machine.set_faults("stick", Faults::default()).unwrap();
        if killed {
            rig = rig.killed();
        }
        let told = rig.insert("stick", port);
        assert!(matches!(told[..], [News::Undo { what: UndoNews::GoesOn, .. }]), "{told:?}");
        let stick = rig.identity("stick");
        assert!(rig.work().contains(&Action::PutBack { disk: stick }));
        assert_eq!(thesis(&rig).unwrap(), b"years of work", "{port}, killed: {killed}");
        let told = rig.caretaker.take_news();
        assert!(
            matches!(told[..], [News::Undo { what: UndoNews::Done, .. }, News::Appeared { .. }]),
            "{told:?}"
        );
    }
}

/// Up to 2 GiB for each disk used to stay on the system's own one when the disk was pulled.
#[test]
fn what_was_kept_is_let_go_of_when_nobody_can_have_it_any_more() {
    let kept = |rig: &Rig| rig.folder.path().join("machine/disks/stick/before").exists();
    // Its time has passed.
    let mut rig = with_stick();
    format(&mut rig);
    assert!(kept(&rig));
    rig.caretaker.passed(plan::disk::KEPT_WAIT).unwrap();
    assert!(!kept(&rig));
    // It was pulled, and never comes.
    let mut rig = with_stick();
    format(&mut rig);
    rig.pull("stick");
    rig.caretaker.passed(Millis(plan::disk::KEPT_AWAY.0 - 1)).unwrap();
    assert!(kept(&rig), "it may still come");
    let mut rig = rig.killed();
    assert!(kept(&rig));
    rig.caretaker.passed(Millis(1)).unwrap();
    assert!(!kept(&rig));
    let told = rig.caretaker.take_news();
    assert!(matches!(told[..], [News::Undo { what: UndoNews::Over { .. }, .. }]), "{told:?}");
}
