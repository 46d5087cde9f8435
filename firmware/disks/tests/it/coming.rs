//! Disks come: blank ones, others' ones, and ours again.

use std::fs;
use std::time::Duration;

use board::{Board, DiskContent, Light};
use board_sim::{Faults, NewDisk};
use disks::DisksError;
use plan::disk::{Action, Aim, Doubt, ERASE_WAIT, Joining, KEPT_WAIT, Life, News, Offer, Refusal};
use types::{Bytes, Millis};

use crate::common::{SIZE, rig};

const MEMBER: Aim = Aim::Member { replaces: None };

#[test]
fn a_blank_disk_joins_with_one_click_and_gets_its_copies() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    assert!(rig.vault().under_copied().unwrap() > 0, "there is one disk, and two are wanted");
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).unwrap();
    rig.insert("new", "bay-3");
    let new = rig.identity("new");
    let offer = Offer::Adopt { replaces: None };
    assert_eq!(
        rig.caretaker.open_questions().unwrap(),
        [Action::Offer { disk: new.clone(), offer }]
    );
    assert_eq!(rig.machine.probe(&new).unwrap(), DiskContent::Blank, "asked, and not yet touched");
    rig.caretaker.adopt(&new, MEMBER).unwrap();
    rig.work();
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
    assert_eq!(rig.vault().volumes().unwrap().len(), 2);
    assert_eq!((rig.machine.lit("1"), rig.machine.lit("3")), (Light::Good, Light::Good));
    rig.pull("left");
    rig.is_whole();
}

#[test]
fn a_disk_with_files_is_not_touched_before_its_word_and_ten_minutes() {
    let mut rig = rig(&["left"]);
    let photos = tempfile::tempdir().unwrap();
    fs::create_dir(photos.path().join("DCIM")).unwrap();
    rig.machine.create(&NewDisk::usb("card", Some("CARD-77ab"), SIZE)).unwrap();
    rig.machine.show_folder("card", "exfat", photos.path()).unwrap();
    rig.insert("card", "usb-front");
    let card = rig.identity("card");
    let shown = rig.machine.probe(&card).unwrap();
    rig.work();
    let refused = rig.caretaker.adopt(&card, MEMBER);
    assert!(matches!(refused, Err(DisksError::Refused(Refusal::HoldsSomething))), "{refused:?}");
    assert!(rig.caretaker.ask_erase(&card, "77ac", MEMBER).is_err());
    rig.caretaker.ask_erase(&card, "77AB", MEMBER).unwrap();
    assert_eq!(rig.work(), []);
    let mut rig = rig.killed();
    rig.work();
    assert_eq!(rig.machine.probe(&card).unwrap(), shown, "a restart ends no wait");
    rig.caretaker.passed(ERASE_WAIT).unwrap();
    assert_eq!(rig.work(), [Action::Format { disk: card.clone() }], "what was there is kept");
    let mut rig = rig.killed();
    rig.work();
    let left = rig.caretaker.roster().here(&card).unwrap().life.joining();
    assert!(matches!(left, Joining::Kept { .. }), "it is not used before its time: {left:?}");
    rig.caretaker.passed(KEPT_WAIT).unwrap();
    assert_eq!(rig.work()[0], Action::Join { disk: card.clone(), aim: MEMBER });
    assert!(matches!(rig.machine.probe(&card).unwrap(), DiskContent::Volume(_)));
    assert!(photos.path().join("DCIM").is_dir(), "the desk's own rule");
}

#[test]
fn a_file_that_came_at_the_last_moment_saves_the_disk_and_the_owner_is_asked_anew() {
    let mut rig = rig(&["left"]);
    rig.work();
    let photos = tempfile::tempdir().unwrap();
    fs::File::create(photos.path().join("a")).unwrap();
    rig.machine.create(&NewDisk::usb("card", Some("CARD-77ab"), SIZE)).unwrap();
    rig.machine.show_folder("card", "exfat", photos.path()).unwrap();
    rig.insert("card", "usb-front");
    let card = rig.identity("card");
    rig.caretaker.ask_erase(&card, "77ab", MEMBER).unwrap();
    rig.caretaker.skip_wait(&card).unwrap();
    fs::File::create(photos.path().join("b")).unwrap();
    let refused = rig.caretaker.step().unwrap_err();
    assert!(
        refused.to_string().contains("has changed, or was pulled, since it was shown"),
        "{refused}"
    );
    assert!(matches!(rig.machine.probe(&card).unwrap(), DiskContent::Foreign(_)));
    assert_eq!(rig.work(), [], "nobody has said yes to what is on it now");
    let offer = Offer::Drive;
    assert_eq!(rig.caretaker.open_questions().unwrap(), [Action::Offer { disk: card, offer }]);
}

/// Nobody looked between the pull and the formatting: the disk was erased by a yes that was given to
/// what was plugged in before.
#[test]
fn a_disk_that_was_out_for_a_moment_since_the_yes_is_asked_about_anew() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).unwrap();
    rig.insert("new", "bay-3");
    let new = rig.identity("new");
    rig.caretaker.adopt(&new, MEMBER).unwrap();
    rig.machine.pull("new").unwrap();
    rig.machine.insert("new", "bay-3").unwrap();
    let refused = rig.caretaker.step().unwrap_err();
    assert!(refused.to_string().contains("was pulled, since it was shown"), "{refused}");
    assert_eq!(rig.machine.probe(&new).unwrap(), DiskContent::Blank, "nothing was written");
    rig.caretaker.look().unwrap();
    let told = rig.caretaker.take_news();
    assert!(matches!(told[..], [News::Gone { .. }, News::Appeared { .. }]), "{told:?}");
    assert_eq!(rig.work(), []);
    let offer = Offer::Adopt { replaces: None };
    assert_eq!(rig.caretaker.open_questions().unwrap(), [Action::Offer { disk: new, offer }]);
}

#[test]
fn a_disk_that_cannot_be_formatted_holds_up_no_other_and_is_tried_again() {
    let mut rig = rig(&["left"]);
    rig.work();
    for (name, port) in [("bad", "bay-2"), ("good", "bay-3")] {
        rig.machine.create(&NewDisk::sata(name, &format!("SN-{name}"), SIZE)).unwrap();
        rig.insert(name, port);
        rig.caretaker.adopt(&rig.identity(name), MEMBER).unwrap();
    }
    rig.machine.set_faults("bad", Faults { writes_fail: true, ..Faults::default() }).unwrap();
    assert!(rig.caretaker.step().is_err());
    rig.work();
    assert_eq!(rig.vault().volumes().unwrap().len(), 2);
    rig.machine.set_faults("bad", Faults::default()).unwrap();
    rig.caretaker.passed(Millis::from_secs(60)).unwrap();
    rig.work();
    assert_eq!(rig.vault().volumes().unwrap().len(), 3);
}

#[test]
fn a_drive_is_written_only_after_its_owner_named_it_and_somebodys_files_never() {
    let mut rig = rig(&["left"]);
    rig.work();
    let photos = tempfile::tempdir().unwrap();
    fs::File::create(photos.path().join("a")).unwrap();
    rig.machine.create(&NewDisk::usb("card", Some("CARD"), SIZE)).unwrap();
    rig.machine.show_folder("card", "exfat", photos.path()).unwrap();
    rig.insert("card", "usb-front");
    rig.machine.create(&NewDisk::usb("stick", Some("STICK"), SIZE)).unwrap();
    rig.insert("stick", "usb-back");
    let (card, stick) = (rig.identity("card"), rig.identity("stick"));
    assert!(rig.caretaker.open_drive(&card).is_err());
    let seen = rig.caretaker.open_to_look(&card).unwrap();
    assert!(seen.disk.create_new("x").is_err());
    drop(seen);
    rig.caretaker.close_drive(&card).unwrap();
    assert!(rig.caretaker.open_drive(&stick).is_err());
    rig.caretaker.adopt(&stick, Aim::Rescue).unwrap();
    rig.work();
    let drive = rig.caretaker.open_drive(&stick).unwrap();
    fs::File::create(drive.path.join("letter")).unwrap();
    drop(drive);
    rig.caretaker.close_drive(&stick).unwrap();
    assert!(rig.caretaker.close_drive(&rig.identity("left")).is_err(), "a member stays mounted");
}

#[test]
fn a_disk_that_was_pulled_and_pushed_back_costs_only_what_is_new() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 20_000_000);
    let news = rig.pull("right");
    assert_eq!(news, [News::Missing { place: "bay 2".to_owned() }]);
    rig.back_up("one-more", 1_000_000);
    assert!(rig.vault().under_copied().unwrap() > 0);
    assert_eq!(rig.work(), [], "it is waited for");
    let news = rig.insert("right", "bay-4");
    assert!(matches!(news[..], [News::Returned { .. }]), "{news:?}");
    let mut copied = 0;
    for _ in 0..9 {
        let mut total = 0;
        rig.caretaker.step().unwrap();
        rig.works(&mut |progress| {
            total = progress.bytes_total.unwrap_or(0);
            true
        })
        .unwrap();
        copied += total;
    }
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
    assert!((1_000_000..8_000_000).contains(&copied), "{} were copied", Bytes(copied));
    rig.pull("left");
    rig.is_whole();
}

/// A member that was away when the caretaker first met its disks was taken for somebody else's, and
/// offered for erasing.
#[test]
fn a_member_that_the_caretaker_never_saw_is_taken_back_and_not_offered_for_erasing() {
    for same_serial in [true, false] {
        let mut rig = rig(&["left", "right"]);
        rig.work();
        rig.back_up("letters", 1_000_000);
        rig.machine.pull("right").unwrap();
        let mut name = "right";
        if !same_serial {
            rig.machine.clone_disk("right", &NewDisk::sata("moved", "SN-moved", SIZE)).unwrap();
            name = "moved";
        }
        fs::remove_file(rig.folder.path().join("disks.toml")).unwrap();
        let mut rig = rig.killed();
        rig.work();
        rig.insert(name, "bay-2");
        let questions = rig.caretaker.open_questions().unwrap();
        if same_serial {
            assert_eq!(questions, []);
        } else {
            let offer = Offer::Settle { doubt: Doubt::Moved };
            let disk = rig.identity(name);
            assert_eq!(questions, [Action::Offer { disk: disk.clone(), offer }]);
            assert_eq!(rig.work(), []);
            rig.caretaker.confirm(&disk).unwrap();
        }
        assert!(matches!(rig.work()[0], Action::Mount { .. }));
        assert_eq!(rig.vault().under_copied().unwrap(), 0);
        rig.pull("left");
        rig.is_whole();
    }
}

#[test]
fn a_disk_that_went_and_came_back_unseen_is_mounted_anew() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 1_000_000);
    rig.machine.pull("right").unwrap();
    rig.machine.insert("right", "bay-2").unwrap();
    rig.caretaker.look().unwrap();
    let news = rig.caretaker.take_news();
    assert!(matches!(news[..], [News::Missing { .. }, News::Returned { .. }]), "{news:?}");
    let done = rig.work();
    assert!(matches!(done[0], Action::Mount { .. }), "{done:?}");
    rig.back_up("later", 1_000_000);
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
}

#[test]
fn a_clone_is_never_mounted_and_an_old_copy_never_believed() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 2_000_000);
    rig.machine.clone_disk("right", &NewDisk::sata("copy", "SN-right", SIZE)).unwrap();
    let news = rig.insert("copy", "bay-3");
    assert_eq!(news, [News::Quarantined { place: "bay 3".to_owned() }]);
    assert_eq!(rig.work(), []);
    let before = rig.machine.probe(&rig.identity("copy")).unwrap();
    let mut rig = rig.killed();
    rig.work();
    rig.pull("copy");
    rig.pull("right");
    rig.insert("copy", "bay-2");
    assert_eq!(rig.work(), [], "the original was opened since: this one is older");
    assert_eq!(rig.machine.probe(&rig.identity("copy")).unwrap(), before);
    assert!(rig.caretaker.confirm(&rig.identity("copy")).is_err());
}

#[test]
fn a_disk_that_never_answers_is_named_and_keeps_nobody_else_out() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 1_000_000);
    let mut rig = rig.killed_and_patient(Duration::from_secs(3));
    rig.machine.set_faults("right", Faults { hangs: true, ..Faults::default() }).unwrap();
    let named = rig.caretaker.step().unwrap_err();
    assert!(matches!(named, DisksError::Silent { .. }), "{named}");
    rig.is_whole();
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).unwrap();
    rig.machine.set_faults("new", Faults { hangs: true, ..Faults::default() }).unwrap();
    rig.insert("new", "bay-3");
    let life = |rig: &crate::common::Rig, name: &str| {
        rig.caretaker.roster().here(&rig.identity(name)).map(|entry| entry.life)
    };
    assert_eq!(life(&rig, "new"), Some(Life::Foreign(Joining::No)), "nothing is known of it");
    rig.machine.set_faults("new", Faults::default()).unwrap();
    // Its answer comes by a thread of its own, so it is looked for until it is there.
    while life(&rig, "new") != Some(Life::Blank(Joining::No)) {
        rig.caretaker.passed(Millis(0)).unwrap();
        std::thread::yield_now();
    }
}
