//! Disks that leave a box: what it says of its promise, and how one that was emptied comes back.

use calls::{Answer, Call, DiskAct, DiskShown, Disks, QuestionKind};

use crate::hand::{asks, at, rig};
use crate::rig::Rig;
use crate::running::Running;

const ON_ONE: &str = "without it everything lies on one disk only, and you want 2 copies";

/// A box of two disks with two copies, the second of which was emptied and may be pulled.
fn one_of_two_emptied(rig: &Rig) -> Running<'_> {
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 4));
    let disks = running.act("2", DiskAct::Retire {});
    assert!(at(&disks, "bay 2").sentence.contains(ON_ONE), "{disks:?}");
    running.until_disks(|disks| at(disks, "bay 2").safe_to_pull);
    running
}

fn question(disks: &Disks, kind: QuestionKind) -> String {
    let question = disks.questions.iter().find(|question| question.kind == kind);
    question.unwrap_or_else(|| panic!("{disks:#?}")).sentence.clone()
}

fn lives(disks: &Disks) -> Vec<&str> {
    disks.disks.iter().map(|disk: &DiskShown| disk.life.as_str()).collect()
}

/// The second of two disks was emptied without a word about the two copies that were promised, and
/// then nothing could bring it back but erasing it.
#[test]
fn a_disk_that_was_emptied_is_kept_after_all_with_what_is_on_it() {
    let rig = rig();
    let running = one_of_two_emptied(&rig);
    let disks = running.disks();
    let pull = question(&disks, QuestionKind::Pull);
    assert!(pull.contains(ON_ONE) && !pull.contains("nothing depends on it"), "{pull}");
    let old = at(&disks, "bay 2").volume.clone();
    running.act("2", DiskAct::Keep {});
    let disks = running.until_disks(|disks| lives(disks) == ["member", "member"]);
    assert_ne!(at(&disks, "bay 2").volume, old, "what has left stays gone, wherever that is noted");
    assert!(disks.questions.is_empty(), "{disks:?}");
    running.done(rig.backup_of("docs"));
    running.rests();
    running.checks_clean();
    running.pull("red");
    running.until_disks(|disks| at(disks, "bay 1").life == "ours-absent");
    running.is_whole("docs", "back");
}

/// When the other disk died meanwhile, the copies on the emptied one were offered to nobody.
#[test]
fn an_emptied_disk_is_offered_and_comes_back_when_the_one_that_stayed_is_gone() {
    let rig = rig();
    let running = one_of_two_emptied(&rig);
    running.pull("green");
    running.until_disks(|disks| lives(disks) == ["member"]);
    running.pull("red");
    running.push_in("green", 2);
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Keep).is_some());
    assert!(question(&disks, QuestionKind::Keep).contains("had left the vault"), "{disks:?}");
    let offered = || {
        let health = running.health().findings.into_iter();
        health.filter(|one| one.sentence.contains("can be used again")).count()
    };
    running.until_disks(|_| offered() == 1);
    running.act("2", DiskAct::Keep {});
    running.until_disks(|disks| at(disks, "bay 2").life == "member");
    running.is_whole("docs", "back");
    // The other one is well after all: both go on together, after a restart, too.
    running.push_in("red", 1);
    running.until_disks(|disks| lives(disks) == ["member", "member"]);
    running.done(rig.backup_of("docs"));
    running.rests();
    running.checks_clean();
    assert!(matches!(running.ask(Call::Lock {}), Answer::Lock(_)));
    let secret = calls::Secret::Password("correct horse".to_owned().into());
    running.open(&secret);
    running.checks_clean();
    assert_eq!(offered(), 0);
}

/// A stick with somebody's files was proposed as the replacement, by erasing it.
#[test]
fn a_stick_with_files_is_offered_for_restoring_and_never_in_the_place_of_a_disk() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 2));
    running.desk(calls::DeskAct::New {
        name: "stick".to_owned(),
        size: crate::hand::SIZE,
        usb: true,
        serial: Some("STICK-77AB".to_owned()),
        formatted: true,
    });
    let port = "usb-front".to_owned();
    running.desk(calls::DeskAct::Insert { name: "stick".to_owned(), port });
    running.act("2", DiskAct::Replace {});
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Insert).is_some());
    let drive = asks(&disks, QuestionKind::Drive).expect("it is offered for restoring");
    assert!(drive.contains("restored onto it") && !drive.contains("erase"), "{drive}");
    let named: Vec<_> = disks.questions.iter().map(|one| one.action.as_str()).collect();
    assert!(!named.iter().any(|action| action.contains("in the place of")), "{named:?}");
}

/// With every other disk full, the one that was to be replaced was let go of, and then the vault could
/// not be opened with those that stayed: nothing could be stored or read until it was locked and
/// unlocked, and `health` said nothing of it.
#[test]
fn with_all_other_disks_full_a_disk_stays_until_another_is_here() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green", "blue", "white"]);
    running.done(rig.big_folder("docs", 4));
    for name in ["red", "green", "blue"] {
        running.fault(name, calls::DeskFault::Full);
    }
    running.act("4", DiskAct::Replace {});
    let wanted = |disks: &Disks| {
        disks.questions.iter().any(|question| question.kind == QuestionKind::Insert)
    };
    let disks = running.until_disks(wanted);
    assert!(!at(&disks, "bay 4").safe_to_pull, "{disks:?}");
    running.is_whole("docs", "back");
}

/// The list of disks said that nothing depends on it, and `health` that it is to be taken back.
#[test]
fn an_emptied_disk_is_called_the_same_everywhere_when_the_other_one_goes() {
    let rig = rig();
    let running = one_of_two_emptied(&rig);
    running.pull("red");
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Keep).is_some());
    let emptied = at(&disks, "bay 2");
    assert!(!emptied.safe_to_pull && emptied.action.contains("take it back"), "{emptied:?}");
    assert!(asks(&disks, QuestionKind::Pull).is_none(), "{disks:#?}");
    let wanted = |one: &calls::Finding| one.sentence.contains("what it holds can be used again");
    assert!(running.health().findings.iter().any(wanted));
    // Back again, and it may go.
    running.push_in("red", 1);
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Pull).is_some());
    assert!(
        at(&disks, "bay 2").safe_to_pull && asks(&disks, QuestionKind::Keep).is_none(),
        "{disks:#?}"
    );
    assert!(!running.health().findings.iter().any(wanted));
}
