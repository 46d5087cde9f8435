//! A box with hardware: a whole machine of simulated disks around the real program, played by a hand.

use calls::{
    Answer, Call, DeskAct, DeskFault, DiskAct, Disks, FaultCode, Job, JobSpec, Lock, QuestionKind,
    Secret, SecretText, Talk,
};

use crate::hand::{NAMES, SIZE, asks, at, rig, told};
use crate::running::Running;

#[test]
fn a_new_box_makes_its_vault_on_blank_disks_and_knows_it_after_a_restart() {
    let rig = rig();
    let running = rig.start();
    assert_eq!(running.status().lock, Lock::None);
    assert!(running.health().findings[0].sentence.contains("no vault yet"));
    let secret = running.words_refused_then_made();
    assert_eq!(running.status().lock, Lock::Unlocked);
    let again = Call::Create { disks: vec!["1".to_owned()], copies: 1, password: None };
    assert_eq!(running.refused(again).code, FaultCode::WrongState);
    running.done(rig.big_folder("docs", 2));
    assert_eq!(running.stop(), Some(0));
    let running = rig.start();
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "member"));
    assert_eq!(running.status().lock, Lock::Locked);
    running.open(&secret);
    running.is_whole("docs", "back");
    running.checks_clean();
    assert!(running.health().findings.is_empty(), "{:?}", running.health());
}

impl Running<'_> {
    /// What a new box cannot do is refused by name; then it makes its vault.
    fn words_refused_then_made(&self) -> Secret {
        let secret = Secret::Password(SecretText::from("correct horse".to_owned()));
        let fault = self.refused(Call::Unlock { secret });
        assert!(fault.sentence.contains("no vault yet"), "{fault}");
        let none = Call::Create { disks: vec!["7".to_owned()], copies: 2, password: None };
        assert_eq!(self.refused(none).code, FaultCode::NotFound);
        self.create(&NAMES)
    }
}

#[test]
fn a_worrying_disk_is_replaced_by_a_smaller_one_with_one_insert_and_one_confirm() {
    let rig = rig();
    let running = rig.start();
    running.create(&NAMES);
    let docs = rig.big_folder("docs", 8);
    running.done(docs.clone());
    running.desk(DeskAct::Smart { name: "green".to_owned(), passed: false });
    let finding = "The disk in bay 2 (Desk Disk ..reen): The disk expects to fail.";
    running.until_disks(|_| running.health().findings.iter().any(|one| one.sentence == finding));

    let disks = running.act("2", DiskAct::Replace {});
    let asked = asks(&disks, QuestionKind::Insert).expect("there is a free bay");
    assert!(asked.contains("bay 4") && asked.contains("do not pull"), "{asked}");
    running.insert("white", SIZE / 2, 4);
    let offered = |disks: &Disks| asks(disks, QuestionKind::Adopt);
    let disks = running.until_disks(|disks| offered(disks).is_some());
    assert!(offered(&disks).unwrap().contains("in the place of the disk in bay 2"), "{disks:?}");
    running.act("4", DiskAct::Adopt { replaces: None });
    // Nothing stops meanwhile.
    running.done(docs);
    let safe = |disks: &Disks| at(disks, "bay 2").safe_to_pull;
    let disks = running.until_disks(safe);
    assert!(asks(&disks, QuestionKind::Pull).is_some() && at(&disks, "bay 4").life == "member");

    running.pull("red");
    let disks = running.until_disks(|disks| told(disks, "That was the wrong disk"));
    assert_eq!(at(&disks, "bay 1").life, "ours-absent");
    running.push_in("red", 1);
    running.until_disks(|disks| told(disks, "The disk in bay 1 is back"));
    running.pull("green");
    running.until_disks(|disks| told(disks, "that was the right one"));
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "member"));
    running.rests();
    running.checks_clean();
    running.is_whole("docs", "back");
}

#[test]
fn a_kill_while_a_disk_is_emptied_costs_nothing_and_the_box_goes_on_by_itself() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&NAMES);
    running.done(rig.big_folder("docs", 24));
    running.fault("red", DeskFault::Slow { ms: 20 });
    running.act("2", DiskAct::Retire {});
    let begun = |_: &Disks| {
        let jobs = running.jobs();
        jobs.iter().any(|job| matches!(job.spec, JobSpec::Drain { .. }) && job.progress.items > 0)
    };
    running.until_disks(begun);
    running.kill();
    let running = rig.start();
    running.open(&secret);
    running.until_disks(|disks| at(disks, "bay 2").safe_to_pull);
    let drained = running.jobs().into_iter().find(|job| matches!(job.spec, JobSpec::Drain { .. }));
    assert!(drained.as_ref().is_some_and(|job| job.attempts > 1), "{drained:?}");
    running.pull("green");
    running.rests();
    running.checks_clean();
    running.is_whole("docs", "back");
}

#[test]
fn without_any_disk_the_keys_wait_and_the_box_goes_on_when_disks_are_back() {
    let rig = rig();
    let running = rig.start();
    running.create(&NAMES[..2]);
    running.done(rig.big_folder("docs", 2));
    running.pull("red");
    running.pull("green");
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "ours-absent"));
    let refused = || running.talk().ask(Call::Sources {}).err().map(|error| error.to_string());
    running.until_disks(|_| refused().is_some_and(|said| said.contains("No disk of the vault")));
    assert_eq!(running.status().lock, Lock::Unlocked, "nobody has to type the words again");
    // In each other's bays.
    running.push_in("red", 2);
    running.push_in("green", 1);
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "member"));
    running.until_disks(|_| refused().is_none());
    running.is_whole("docs", "back");
}

#[test]
fn packs_that_lack_a_copy_get_it_without_anybody_asking() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    running.done(rig.big_folder("docs", 4));
    let jobs = running.rests();
    let rebuilds =
        |jobs: &[Job]| jobs.iter().filter(|job| job.spec == (JobSpec::Rebuild {})).count();
    assert_eq!(rebuilds(&jobs), 0, "with one disk there is nothing to copy to");
    running.insert("green", SIZE, 2);
    running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
    running.act("2", DiskAct::Adopt { replaces: None });
    running.until_disks(|disks| at(disks, "bay 2").life == "member");
    running.rests();
    running.checks_clean();
    running.pull("red");
    running.until_disks(|disks| at(disks, "bay 1").life == "ours-absent");
    running.is_whole("docs", "back");
}

#[test]
fn a_disk_with_something_on_it_is_erased_only_for_its_own_letters_and_can_be_saved() {
    let rig = rig();
    let running = rig.start();
    running.create(&NAMES[..2]);
    rig.big_folder("photos", 3);
    running.desk(DeskAct::New {
        name: "card".to_owned(),
        size: SIZE,
        usb: true,
        serial: Some("CARD-77AB".to_owned()),
        formatted: false,
    });
    let folder = calls::RawPath(rig.path("photos").to_str().unwrap().into());
    running.desk(DeskAct::Show { name: "card".to_owned(), folder });
    running.desk(DeskAct::Insert { name: "card".to_owned(), port: "usb-front".to_owned() });
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Drive).is_some());
    let card = disks.disks.iter().find(|disk| disk.life == "foreign").unwrap();
    assert!(card.sentence.contains("exfat") && card.sentence.contains("3 files"), "{card:?}");
    let erase = |typed: &str| Call::Disk {
        disk: card.id.clone(),
        act: DiskAct::Erase { typed: typed.to_owned(), replaces: None },
    };
    let adopt = Call::Disk { disk: card.id.clone(), act: DiskAct::Adopt { replaces: None } };
    assert_eq!(running.refused(adopt).code, FaultCode::Refused);
    assert!(running.refused(erase("0000")).sentence.contains("last four"));
    running.ask(erase("77ab"));
    let waits = running.disks().disks.into_iter().find_map(|disk| disk.joining);
    assert!(matches!(waits, Some(calls::Joining::Waiting { left_ms }) if left_ms > 500_000));
    running.act(&card.id, DiskAct::Undo {});
    assert!(running.disks().disks.iter().all(|disk| disk.joining.is_none()));
    assert_eq!(rig.files("photos", "").len(), 3);
    // After it was formatted the same word puts back what was on it, until it is used.
    let kept = |disk: &calls::DiskShown| matches!(disk.joining, Some(calls::Joining::Kept { .. }));
    for undone in [true, false] {
        running.ask(erase("77ab"));
        running.act(&card.id, DiskAct::SkipWait {});
        running.until_disks(|disks| disks.disks.iter().any(kept));
        running.act(&card.id, if undone { DiskAct::Undo {} } else { DiskAct::SkipWait {} });
        let over = running.until_disks(|disks| disks.disks.iter().all(|d| d.joining.is_none()));
        let now = over.disks.iter().find(|disk| disk.id == card.id).unwrap();
        assert_eq!((now.life == "member", now.sentence == card.sentence), (!undone, undone));
    }
    let late = Call::Disk { disk: card.id.clone(), act: DiskAct::Undo {} };
    assert!(running.refused(late).sentence.contains("cannot be saved by an undo"));
}

#[test]
fn a_disk_that_hangs_holds_up_neither_the_start_nor_who_asks_nor_the_other_disks() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&NAMES);
    running.done(rig.big_folder("docs", 2));
    running.fault("blue", DeskFault::Hang);
    assert_eq!(running.disks().disks.len(), 3);
    running.kill();
    // The machine remembers what is wrong with its disks.
    let running = rig.start();
    assert_eq!(running.status().lock, Lock::Locked);
    running.until_disks(|disks| disks.disks.len() == 3);
    running.open(&secret);
    running.is_whole("docs", "back");
    running.done(rig.big_folder("more", 2));
}

/// A disk that failed was asked how it is half an hour later; until then its owner read that a path
/// "is not here", and on the page of the disks that all was well.
#[test]
fn a_disk_that_fails_while_it_is_written_is_one_finding_at_once_and_is_called_by_its_place() {
    let rig = rig();
    let running = rig.start();
    running.create(&NAMES);
    running.done(rig.big_folder("docs", 2));
    running.fault("green", DeskFault::Writes);
    running.done(rig.big_folder("more", 8));
    let disks = running.until_disks(|disks| at(disks, "bay 2").life == "failed");
    assert!(at(&disks, "bay 2").sentence.contains("failed while it was written"), "{disks:?}");
    let about = || -> Vec<String> {
        let health = running.health().findings.into_iter().map(|one| one.sentence);
        health.filter(|said| said.contains("bay 2") || said.contains("not here")).collect()
    };
    let one = "The disk in bay 2 (Desk Disk ..reen): The disk failed while it was written, and is only \
               read now.";
    running.until_disks(|_| about() == [one]);
}

/// The disk that the box had let go of for this was once told as missing, with advice to connect it.
#[test]
fn without_a_free_bay_a_disk_is_let_go_of_first_pulled_and_replaced_in_its_place() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green", "blue", "white"]);
    running.done(rig.big_folder("docs", 4));
    running.act("3", DiskAct::Replace {});
    running.until_disks(|disks| at(disks, "bay 3").safe_to_pull);
    running.rests();
    running.until_disks(|_| running.health().findings.is_empty());
    running.pull("blue");
    running.until_disks(|disks| told(disks, "that was the right one"));
    running.insert("new", SIZE / 2, 3);
    running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
    running.act("3", DiskAct::Adopt { replaces: None });
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "member"));
    running.rests();
    running.checks_clean();
    running.is_whole("docs", "back");
}

pub(crate) fn asks_for_a_vault_and_goes(running: &Running<'_>) {
    for (number, name) in (1..).zip(&NAMES[..2]) {
        running.insert(name, SIZE, number);
    }
    running.until_disks(|disks| disks.disks.len() == 2);
    let mut stream = running.stream();
    // Dropping one handle of a socket does not end the talk.
    drop(Talk::begin(stream.try_clone().unwrap()).unwrap());
    let disks = vec!["1".to_owned(), "2".to_owned()];
    let call = Call::Create { disks, copies: 2, password: None };
    calls::frame::write(&mut stream, &calls::Request { id: 1, call }).unwrap();
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "member"));
}

/// A caller that went away while its vault was made took the only chance to see the words with it, and
/// the box went on storing into a vault that nobody could open again.
#[test]
fn words_that_reached_nobody_are_told_again_and_until_then_nothing_is_stored() {
    let rig = rig();
    let running = rig.start();
    asks_for_a_vault_and_goes(&running);
    let refused = running.refused(Call::Start { spec: rig.big_folder("docs", 1) });
    assert!(refused.sentence.contains("handed to nobody"), "{refused}");
    let again = Call::Create { disks: vec!["1".to_owned()], copies: 2, password: None };
    let Answer::Created { words, .. } = running.ask(again) else { panic!("no words") };
    running.notes_the_words();
    running.done(rig.backup_of("docs"));
    assert_eq!(running.stop(), Some(0));
    let running = rig.start();
    running.open(&Secret::Words(words));
    running.is_whole("docs", "back");
}

/// The same, and the box was killed before anybody asked again: it is new again.
#[test]
fn a_vault_whose_words_nobody_has_is_thrown_away_at_the_next_start() {
    let rig = rig();
    let running = rig.start();
    asks_for_a_vault_and_goes(&running);
    running.kill();
    let running = rig.start();
    assert_eq!(running.status().lock, Lock::None);
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "foreign"));
}
