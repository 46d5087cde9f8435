//! Disks come and go, and each time the owner is told the right thing.

use plan::disk::{
    ABSENT_GRACE, Action, Aim, Doubt, Entry, How, Joining, Life, News, Offer, Refusal, Roster,
    Seen, Standing, Wish, World,
};
use types::{Bytes, DiskContent, Foreign, Millis};

use crate::common::{MINUTE, VAULT, id, identity, life, mark, pair, photos, seen, world};

#[test]
fn a_second_look_at_the_same_disks_says_nothing() {
    let (mut roster, disks) = pair();
    let before = roster.clone();
    assert_eq!(roster.look(&disks), []);
    assert_eq!(roster, before);
    assert_eq!(roster.decide(&world(&roster)), []);
}

#[test]
fn a_member_that_was_pulled_and_pushed_back_is_taken_back_wherever_it_is_now() {
    let (mut roster, disks) = pair();
    let news = roster.look(&disks[..1]);
    assert_eq!(news, [News::Missing { place: "bay 2".to_owned() }]);
    assert!(news[0].sentence().contains("Push it back"));
    roster.passed(Millis(3 * MINUTE.0));
    let moved = seen("BBBB2222", 4, mark(2, 5));
    let news = roster.look(&[disks[0].clone(), moved.clone()]);
    assert_eq!(news, [News::Returned { place: "bay 4".to_owned(), away: Millis(3 * MINUTE.0) }]);
    let mut world = world(&roster);
    world.mounted.remove(&moved.identity);
    let (volume, how) = (id(2), How::ReadWrite);
    assert_eq!(roster.decide(&world), [Action::Mount { disk: moved.identity, volume, how }]);
}

#[test]
fn copies_wait_for_a_member_that_may_be_pushed_back_and_not_for_long() {
    let (mut roster, disks) = pair();
    roster.look(&disks[..1]);
    let world = World { under_copied: 7, ..world(&roster) };
    roster.passed(Millis(ABSENT_GRACE.0 - 1));
    assert_eq!(roster.decide(&world), []);
    roster.passed(Millis(1));
    assert_eq!(roster.decide(&world), [Action::Copy]);
    assert_eq!(roster.decide(&World { is_copying: true, ..world.clone() }), []);
    assert_eq!(roster.decide(&World { has_room: false, ..world }), []);
}

#[test]
fn a_clone_is_left_alone_while_the_real_disk_is_here_and_needs_a_word_when_it_is_not() {
    let (mut roster, mut disks) = pair();
    let clone = seen("CCCC3333", 3, mark(2, 5));
    disks.push(clone.clone());
    assert_eq!(roster.look(&disks), [News::Quarantined { place: "bay 3".to_owned() }]);
    assert_eq!(life(&roster, &clone), Life::Quarantined(Doubt::Clone, Joining::No));
    let offer = Offer::Settle { doubt: Doubt::Clone };
    let offered = Action::Offer { disk: clone.identity.clone(), offer };
    assert_eq!(roster.decide(&world(&roster)), [offered]);
    assert!(matches!(roster.confirm(&clone.identity), Err(Refusal::Doubtful { .. })));
    disks.remove(1);
    roster.look(&disks);
    assert_eq!(life(&roster, &clone), Life::Quarantined(Doubt::Moved, Joining::No));
    roster.confirm(&clone.identity).unwrap();
    assert_eq!(life(&roster, &clone), Life::Member { wish: Wish::Stay });
    assert_eq!(roster.member(id(2)).unwrap().identity, clone.identity);
    disks.push(seen("BBBB2222", 2, mark(2, 5)));
    roster.look(&disks);
    assert_eq!(life(&roster, &disks[2]), Life::Quarantined(Doubt::Clone, Joining::No));
}

#[test]
fn an_old_copy_is_never_confirmed() {
    let (mut roster, disks) = pair();
    roster.look(&disks[..1]);
    let old = seen("BBBB2222", 2, mark(2, 4));
    roster.look(&[disks[0].clone(), old.clone()]);
    assert_eq!(life(&roster, &old), Life::Quarantined(Doubt::Stale, Joining::No));
    let refused = roster.confirm(&old.identity).unwrap_err();
    assert!(refused.to_string().contains("older than what the vault remembers"), "{refused}");
}

#[test]
fn of_two_disks_with_one_serial_the_port_tells_and_where_it_cannot_nobody_is_believed() {
    for (bays, believed) in [([2, 3], Some(2)), ([3, 4], None)] {
        let (mut roster, disks) = pair();
        roster.look(&disks[..1]);
        let twins: Vec<Seen> = bays.iter().map(|bay| seen("BBBB2222", *bay, mark(2, 5))).collect();
        let all: Vec<Seen> = disks[..1].iter().chain(&twins).cloned().collect();
        roster.look(&all);
        for (twin, bay) in twins.iter().zip(bays) {
            let wanted = match believed {
                Some(right) if right == bay => Life::Member { wish: Wish::Stay },
                Some(_) => Life::Quarantined(Doubt::Clone, Joining::No),
                None => Life::Quarantined(Doubt::Undecided, Joining::No),
            };
            assert_eq!(life(&roster, twin), wanted);
        }
    }
}

#[test]
fn what_is_on_a_disk_goes_only_after_its_own_word_was_typed() {
    let (mut roster, mut disks) = pair();
    let card = seen("CARD-9F 3c", 3, photos(9));
    disks.push(card.clone());
    roster.look(&disks);
    let aim = Aim::Member { replaces: None };
    assert_eq!(roster.adopt(&card.identity, aim), Err(Refusal::HoldsSomething));
    for wrong in ["", "9f3d", "1111", "CARD-9F3C"] {
        let refused = roster.ask_erase(&card.identity, wrong, aim);
        assert_eq!(refused, Err(Refusal::Word { of: "serial" }), "{wrong}");
    }
    assert_eq!(life(&roster, &card), Life::Foreign(Joining::No));
    roster.ask_erase(&card.identity, " 9F3C\n", aim).unwrap();
    assert_eq!(roster.decide(&world(&roster)), [], "it waits");
    roster.passed(Millis(9 * MINUTE.0));
    assert_eq!(roster.decide(&world(&roster)), []);
    roster.passed(MINUTE);
    let format = Action::Format { disk: card.identity.clone() };
    assert_eq!(roster.decide(&world(&roster)), [format]);
    roster.undo(&card.identity).unwrap();
    let offer = Offer::Erase { replaces: None };
    assert_eq!(roster.decide(&world(&roster)), [Action::Offer { disk: card.identity, offer }]);
}

#[test]
fn where_two_disks_share_a_serial_the_port_is_typed() {
    let (mut roster, mut disks) = pair();
    let docked = [seen("DOCK", 11, photos(1)), seen("DOCK", 12, photos(2))];
    disks.extend(docked.clone());
    roster.look(&disks);
    let aim = Aim::Member { replaces: None };
    let disk = &docked[0].identity;
    assert_eq!(roster.ask_erase(disk, "DOCK", aim), Err(Refusal::Word { of: "port" }));
    assert_eq!(roster.ask_erase(disk, "ay12", aim), Err(Refusal::Word { of: "port" }));
    roster.ask_erase(disk, "ay11", aim).unwrap();
    assert_eq!(life(&roster, &docked[1]), Life::Foreign(Joining::No));
}

#[test]
fn an_erasing_stops_when_the_disk_is_pulled_or_gets_another_file() {
    let aim = Aim::Member { replaces: None };
    let (mut roster, mut disks) = pair();
    let card = seen("CARD9F3C", 3, photos(9));
    disks.push(card.clone());
    roster.look(&disks);
    roster.ask_erase(&card.identity, "9F3C", aim).unwrap();
    roster.skip_wait(&card.identity).unwrap();
    roster.look(&disks[..2]);
    roster.look(&disks);
    assert_eq!(life(&roster, &card), Life::Foreign(Joining::No));
    roster.ask_erase(&card.identity, "9F3C", aim).unwrap();
    disks[2].content = photos(10);
    let news = roster.look(&disks);
    assert_eq!(news[0], News::EraseStopped { place: "bay 3".to_owned() });
    assert_eq!(life(&roster, &card), Life::Foreign(Joining::No));
}

/// The new disk was on its way when the owner called the replacing off; it then emptied the old one
/// all the same. Found by the model.
#[test]
fn a_member_whose_disk_was_emptied_behind_its_back_is_away_and_a_stranger_is_here() {
    let (mut roster, mut disks) = pair();
    disks[1].content = DiskContent::Unknown;
    assert_eq!(roster.look(&disks), [], "a look that failed proves nothing");
    disks[1].content = DiskContent::Blank;
    let news = roster.look(&disks);
    assert_eq!(news[0], News::Missing { place: "bay 2".to_owned() });
    assert_eq!(life(&roster, &disks[1]), Life::Blank(Joining::No));
    assert!(!roster.member(id(2)).unwrap().life.is_here());
}

#[test]
fn a_stranger_whose_volume_turns_out_to_be_a_members_is_looked_at_anew() {
    let (mut roster, mut disks) = pair();
    disks.push(seen("CCCC3333", 3, mark(7, 5)));
    roster.look(&disks);
    assert_eq!(life(&roster, &disks[2]), Life::Foreign(Joining::No));
    let known = roster.member(id(2)).unwrap().clone();
    let was = Standing::Member;
    let away = Life::OursAbsent { was, wish: Wish::Stay };
    roster.enrol(Entry {
        volume: Some(id(7)),
        identity: identity("DDDD4444", 9),
        life: away,
        ..known
    });
    roster.look(&disks);
    assert_eq!(life(&roster, &disks[2]), Life::Quarantined(Doubt::Moved, Joining::No));
}

/// The count of plug-ins begins anew with the system, so after a restart nothing tells a disk that
/// was exchanged behind one port from the one that its owner was shown, unless the disk itself does.
#[test]
fn a_yes_to_erasing_outlives_a_restart_only_on_a_disk_that_proves_itself() {
    let counted = DiskContent::Foreign(Foreign {
        files: Some(9),
        bytes: Some(Bytes(99)),
        ..Foreign::default()
    });
    let uncounted = DiskContent::Foreign(Foreign::default());
    for (content, named, goes_on) in [
        (counted.clone(), true, true),
        (counted, false, false),
        (uncounted.clone(), true, false),
        (mark(2, 5), true, true),
        (DiskContent::Blank, false, true),
    ] {
        let mut disk = seen("CARD", 3, content.clone());
        disk.identity.serial = named.then(|| "CARD".to_owned());
        let mut roster = Roster::new(VAULT);
        roster.look(std::slice::from_ref(&disk));
        let (aim, word) = (Aim::Rescue, roster.erase_word(&disk.identity).unwrap().0);
        if content == DiskContent::Blank {
            roster.adopt(&disk.identity, aim).unwrap();
        } else {
            roster.ask_erase(&disk.identity, &word, aim).unwrap();
            roster.skip_wait(&disk.identity).unwrap();
        }
        let mut begun = roster.clone();
        begun.formatting(&disk.identity, "hf-1").unwrap();

        let news = roster.begin_anew();
        let format = Action::Format { disk: disk.identity.clone() };
        assert_eq!(roster.decide(&World::default()).contains(&format), goes_on, "{disk:?}");
        assert_eq!(news.is_empty(), goes_on, "and it is told: {news:?}");
        // Killed around the first write: what is on it counts no more, only the order's own label.
        begun.begin_anew();
        assert_eq!(begun.here(&disk.identity).unwrap().content == content, goes_on);
        assert!(begun.decide(&World::default()).contains(&format));
    }
}
