//! A worrying disk is replaced: told, inserted, confirmed, copied, pulled.

use board::Light;
use board_sim::{Faults, NewDisk};
use plan::disk::{Action, Aim, Grade, Life, News};
use types::Bytes;

use crate::common::{SIZE, rig};

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
