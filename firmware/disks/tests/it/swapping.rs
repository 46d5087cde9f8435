//! A worrying disk is replaced: told, inserted, confirmed, copied, pulled.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use board::{Board, Light, MountAs};
use board_sim::{Faults, NewDisk};
use disks::Done;
use plan::disk::{Action, Aim, Grade, Life, News};
use types::{Bytes, Millis};

use crate::common::{Rig, SIZE, rig};

#[test]
fn with_a_free_bay_the_owner_inserts_a_smaller_disk_confirms_and_pulls_the_old_one() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 5_000_000);
    let old = rig.volume("right");
    rig.caretaker.judged(old, Grade::ReplaceSoon).unwrap();
    rig.caretaker.replace(old).unwrap();
    rig.work();
    let insert = Action::AskInsert { bay: Some("3".to_owned()), replaces: old };
    assert_eq!(rig.caretaker.open_questions().unwrap(), [insert]);
    assert_eq!((rig.machine.lit("2"), rig.machine.lit("3")), (Light::Watch, Light::Here));
    rig.machine.create(&NewDisk::sata("small", "SN-small", Bytes(SIZE.0 / 2))).unwrap();
    rig.insert("small", "bay-3");
    rig.caretaker.adopt(&rig.identity("small"), Aim::Member { replaces: Some(old) }).unwrap();
    rig.work();
    let right = rig.identity("right");
    let pull = Action::AskPull { disk: right };
    assert_eq!(rig.caretaker.open_questions().unwrap(), [pull]);
    assert_eq!(rig.machine.lit("2"), Light::Here);
    let news = rig.pull("right");
    assert_eq!(news, [News::RightPulled { place: "bay 2".to_owned() }]);
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
    assert_eq!(rig.vault().volumes().unwrap().len(), 2);
    rig.back_up("later", 1_000_000);
    rig.pull("left");
    rig.is_whole();
}

#[test]
fn a_disk_that_died_is_replaced_without_it_and_struck_off() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 5_000_000);
    let old = rig.volume("right");
    rig.machine.set_faults("right", Faults::dead()).unwrap();
    rig.back_up("meanwhile", 1_000_000);
    rig.pull("right");
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).unwrap();
    rig.insert("new", "bay-2");
    rig.caretaker.adopt(&rig.identity("new"), Aim::Member { replaces: Some(old) }).unwrap();
    let done = rig.work();
    assert!(done.contains(&Action::StrikeOff { volume: old }), "{done:?}");
    assert!(rig.caretaker.roster().member(old).is_none());
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
    rig.pull("left");
    rig.is_whole();
}

#[test]
fn the_wrong_disk_is_named_at_once_and_pushing_it_back_is_all_there_is_to_do() {
    let mut rig = rig(&["left", "middle", "right"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    let old = rig.volume("right");
    rig.caretaker.retire(old).unwrap();
    rig.work();
    let news = rig.pull("left");
    let wrong = News::WrongPulled { place: "bay 1".to_owned(), wanted: "bay 3".to_owned() };
    assert_eq!(news, [wrong]);
    assert!(matches!(rig.insert("left", "bay-1")[..], [News::Returned { .. }]));
    rig.work();
    assert_eq!(rig.pull("right"), [News::RightPulled { place: "bay 3".to_owned() }]);
    rig.is_whole();
}

#[test]
fn retiring_can_be_called_off_and_the_last_disk_never_goes() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.back_up("letters", 1_000_000);
    let only = rig.volume("left");
    rig.caretaker.retire(only).unwrap();
    rig.caretaker.step().unwrap();
    let refused = rig.works(&mut |_| true);
    assert!(refused.is_err(), "{refused:?}");
    rig.caretaker.cancel(only).unwrap();
    rig.work();
    let life = rig.caretaker.roster().member(only).map(|entry| entry.life);
    assert!(matches!(life, Some(Life::Member { .. })), "{life:?}");
    rig.is_whole();
}

#[test]
fn an_emptying_that_was_called_off_holds_up_no_copying() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.pull("right");
    rig.back_up("letters", 1_000_000);
    rig.insert("right", "bay-2");
    let left = rig.volume("left");
    rig.caretaker.retire(left).unwrap();
    while rig.caretaker.step().unwrap() != Done::Did(Action::Drain { volume: left }) {}
    rig.caretaker.cancel(left).unwrap();
    assert!(rig.works(&mut |_| panic!("it is not begun any more")).is_ok());
    let done = rig.work();
    assert!(done.contains(&Action::Copy), "{done:?}");
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
}

/// "Safe to pull" was said of a disk that was still mounted and written, and it stayed on the page
/// when the other copies went.
#[test]
fn without_a_free_bay_a_disk_is_let_go_of_before_its_pull_and_taken_back_when_it_is_needed_again() {
    let names = ["one", "two", "three", "four"];
    let mut rig = rig(&names);
    rig.work();
    for name in ["a", "bb", "ccc", "dddd"] {
        rig.back_up(name, 3_000_000);
    }
    let packs = |rig: &Rig, name: &str| {
        let folder = rig.machine.content(name).unwrap().join("holdfast");
        assert!(!walked(&folder.join("data")).is_empty(), "or nothing would be shown");
        walked(&folder)
    };
    let old = rig.volume("four");
    rig.caretaker.replace(old).unwrap();
    let done = rig.work();
    let four = rig.identity("four");
    let order: Vec<&Action> = done.iter().filter(|a| !matches!(a, Action::Copy)).collect();
    let (unmount, pull) =
        (Action::Unmount { disk: four.clone() }, Action::AskPull { disk: four.clone() });
    assert_eq!(order, [&unmount, &pull], "{done:?}");
    assert_eq!(rig.caretaker.open_questions().unwrap(), std::slice::from_ref(&pull));
    let before = packs(&rig, "four");
    assert_eq!(rig.vault().under_copied().unwrap(), 0, "what then lacked a copy has it");
    rig.back_up("while it is asked for", 3_000_000);
    assert_eq!(packs(&rig, "four"), before, "it takes no more writes");

    // All others go: what they have is only here now.
    for name in ["one", "two"] {
        rig.pull(name);
    }
    assert_eq!(rig.caretaker.open_questions().unwrap(), [], "nobody calls it safe any more");
    let done = rig.work();
    assert_eq!(done[0], Action::WithdrawPull { disk: four.clone() });
    assert!(matches!(&done[1], Action::Mount { disk, .. } if *disk == four), "{done:?}");
    rig.caretaker.look().unwrap();
    let told = rig.caretaker.take_news();
    assert_eq!(told, [News::NeededAgain { place: "bay 4".to_owned() }]);

    rig.insert("one", "bay-1");
    rig.insert("two", "bay-2");
    assert!(rig.work().contains(&pull), "and then it may go again");
    assert_eq!(rig.pull("four"), [News::RightPulled { place: "bay 4".to_owned() }]);
    rig.is_whole();
}

/// A disk that cannot be unmounted was called safe to pull all the same. And one that was read at that
/// moment, and is to be written again, was left alone for up to a minute, with what it alone has.
#[test]
fn a_disk_that_somebody_still_has_open_is_not_called_safe_to_pull() {
    let mut rig = rig(&["one", "two", "three", "four"]);
    rig.work();
    rig.back_up("letters", 1_000_000);
    let four = rig.identity("four");
    let open = rig.machine.mount(&four, MountAs::Volume).unwrap();
    rig.caretaker.replace(rig.volume("four")).unwrap();
    rig.caretaker.step().expect_err("something on it is open");
    let done = rig.work();
    assert!(!done.iter().any(|action| matches!(action, Action::AskPull { .. })), "{done:?}");
    assert_eq!(rig.caretaker.open_questions().unwrap(), []);
    assert!(rig.caretaker.is_kept_waiting(), "it is worth looking again soon");
    drop(open);
    rig.caretaker.passed(Millis(1)).unwrap();
    assert!(rig.work().contains(&Action::AskPull { disk: four }));
}

/// Names of all files below a folder.
fn walked(folder: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                all.insert(entry.path());
            }
        }
    }
    all
}
