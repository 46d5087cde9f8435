//! A disk is replaced: the new one first where there is a place, and nobody pulls what is needed.

use plan::disk::{
    Action, Aim, Entry, Grade, How, Joining, Life, News, Offer, Seen, Standing, VolumeNeeds, Wish,
    World,
};
use types::{Bytes, DiskContent, DiskIdentity, Light, Millis};

use crate::common::{id, identity, life, mark, pair, seen, world};

#[test]
fn with_a_free_bay_the_new_disk_comes_first_and_the_old_one_is_pulled_last() {
    let (mut roster, mut disks) = pair();
    roster.judged(id(2), Grade::ReplaceSoon);
    roster.replace(id(2)).unwrap();
    let insert = Action::AskInsert { bay: Some("3".to_owned()), replaces: id(2) };
    let actions = roster.decide(&world(&roster));
    assert_eq!(actions, [insert]);
    let bays: Vec<String> = (1..=4).map(|bay| bay.to_string()).collect();
    let lights = roster.lights(&bays, &actions);
    let shown: Vec<Light> = lights.values().copied().collect();
    assert_eq!(shown, [Light::Good, Light::Watch, Light::Here, Light::Off]);
    let smaller = Seen {
        identity: DiskIdentity { size: Bytes(1_000_000), ..identity("CCCC3333", 3) },
        ..seen("CCCC3333", 3, DiskContent::Blank)
    };
    disks.push(smaller.clone());
    assert_eq!(roster.look(&disks), [News::Appeared { place: "bay 3".to_owned(), blank: true }]);
    let new = smaller.identity.clone();
    let offer = Offer::Adopt { replaces: Some(id(2)) };
    assert_eq!(
        roster.decide(&world(&roster)),
        [Action::Offer { disk: new.clone(), offer }],
        "it is recognised"
    );
    let aim = Aim::Member { replaces: Some(id(2)) };
    roster.adopt(&new, aim).unwrap();
    assert_eq!(roster.decide(&world(&roster)), [Action::Format { disk: new.clone() }]);
    roster.formatting(&new, "hf-1").unwrap();
    roster.formatted(&new).unwrap();
    assert_eq!(roster.decide(&world(&roster)), [Action::Join { disk: new.clone(), aim }]);
    roster.joined(&new, Some(id(3))).unwrap();
    assert_eq!(roster.decide(&world(&roster)), [Action::Drain { volume: id(2) }]);
    let mut after = world(&roster);
    after.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 0, takes_packs: true, is_spare: true, is_unsettled: false },
    );
    assert_eq!(roster.decide(&after), [Action::StrikeOff { volume: id(2) }]);
    roster.drained(id(2)).unwrap();
    let old = disks[1].identity.clone();
    assert_eq!(roster.decide(&after), [Action::Unmount { disk: old.clone() }]);
    after.mounted.remove(&old);
    assert_eq!(roster.decide(&after), [Action::AskPull { disk: old.clone() }]);
    roster.pull_was_asked(&old).unwrap();
    assert_eq!(roster.decide(&after), []);
    assert_eq!(roster.lights(&bays, &[])["2"], Light::Here);
    disks.remove(1);
    disks[1].content = mark(3, 1);
    assert_eq!(roster.look(&disks), [News::RightPulled { place: "bay 2".to_owned() }]);
}

#[test]
fn a_replacing_that_was_called_off_leaves_the_old_disk_a_member_when_the_new_one_joins() {
    let (mut roster, mut disks) = pair();
    disks.push(seen("CCCC3333", 3, DiskContent::Blank));
    roster.look(&disks);
    let new = disks[2].identity.clone();
    roster.adopt(&new, Aim::Member { replaces: Some(id(2)) }).unwrap();
    roster.formatting(&new, "hf-1").unwrap();
    roster.formatted(&new).unwrap();
    roster.cancel(id(2)).unwrap();
    roster.joined(&new, Some(id(3))).unwrap();
    assert_eq!(life(&roster, &disks[1]), Life::Member { wish: Wish::Stay });
    assert_eq!(life(&roster, &disks[2]), Life::Member { wish: Wish::Stay });
}

#[test]
fn without_a_free_bay_nobody_is_asked_to_pull_what_others_still_need() {
    let (mut roster, _) = pair();
    roster.judged(id(2), Grade::Failed);
    roster.replace(id(2)).unwrap();
    let old = roster.member(id(2)).unwrap().identity.clone();
    let mut world = World { free_bay: None, ..world(&roster) };
    world.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 3, takes_packs: true, is_spare: false, is_unsettled: false },
    );
    world.under_copied = 3;
    assert_eq!(roster.decide(&world), [Action::Copy], "the copies are made first");
    world.has_room = false;
    let elsewhere = Action::AskInsert { bay: None, replaces: id(2) };
    assert_eq!(roster.decide(&world), [elsewhere], "and where they cannot, another port is needed");
    world.volumes.remove(&id(2));
    assert!(
        !roster.decide(&world).contains(&Action::AskPull { disk: old.clone() }),
        "what the vault says nothing about is taken for needed"
    );
    world.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 0, takes_packs: true, is_spare: false, is_unsettled: false },
    );
    let unmount = Action::Unmount { disk: old.clone() };
    assert_eq!(roster.decide(&world), [unmount], "it takes no more writes before it is asked for");
    world.mounted.remove(&old);
    world.has_room = true;
    assert_eq!(roster.decide(&world), [Action::Copy], "what is now short is copied before, too");
    world.under_copied = 0;
    assert_eq!(roster.decide(&world), [Action::AskPull { disk: old }]);
}

/// "Safe to pull" stayed on the page for ever: also when the only other copy went afterwards, and
/// the disk went on being written while it was said.
#[test]
fn what_was_called_safe_to_pull_is_not_any_more_when_it_is_needed_again() {
    let (mut roster, mut disks) = pair();
    roster.replace(id(2)).unwrap();
    let old = disks[1].identity.clone();
    let mut world = World { free_bay: None, ..world(&roster) };
    assert_eq!(roster.decide(&world), [Action::Unmount { disk: old.clone() }]);
    world.mounted.remove(&old);
    assert_eq!(roster.decide(&world), [Action::AskPull { disk: old.clone() }]);
    roster.pull_was_asked(&old).unwrap();
    assert_eq!(roster.decide(&world), []);
    assert_eq!(roster.safe_to_pull(&world), std::slice::from_ref(&old));

    // The other disk dies: what both had is only here now.
    world.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 7, takes_packs: true, is_spare: false, is_unsettled: false },
    );
    assert_eq!(roster.safe_to_pull(&world), [], "nobody calls it safe from this moment on");
    let actions = roster.decide(&world);
    let (volume, how) = (id(2), How::ReadWrite);
    let mount = Action::Mount { disk: old.clone(), volume, how };
    let insert = Action::AskInsert { bay: None, replaces: id(2) };
    assert_eq!(actions, [Action::WithdrawPull { disk: old.clone() }, mount.clone()]);
    assert_eq!(roster.lights(&["2".to_owned()], &actions)["2"], Light::Good);
    let news = roster.pull_was_withdrawn(&old).unwrap();
    assert!(news.sentence().contains("do not pull it"), "{}", news.sentence());
    assert_eq!(roster.decide(&world), [mount, insert]);

    // The vault is locked, or the other disk is gone altogether: nothing is known, nothing is said.
    world.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 0, takes_packs: true, is_spare: false, is_unsettled: false },
    );
    roster.pull_was_asked(&old).unwrap();
    let locked = World { volumes: [].into(), ..world.clone() };
    assert_eq!(roster.safe_to_pull(&locked), []);
    assert_eq!(roster.safe_to_pull(&world), std::slice::from_ref(&old));
    let gone = disks.remove(0);
    roster.look(&disks);
    world.mounted.remove(&gone.identity);
    assert_eq!(roster.safe_to_pull(&world), []);
    assert!(roster.decide(&world).contains(&Action::WithdrawPull { disk: old }));
}

#[test]
fn a_disk_that_came_for_one_that_may_be_pulled_takes_that_back_with_a_word() {
    let (mut roster, mut disks) = pair();
    roster.replace(id(2)).unwrap();
    let old = disks[1].identity.clone();
    let mut world = World { free_bay: None, ..world(&roster) };
    world.mounted.remove(&old);
    roster.pull_was_asked(&old).unwrap();
    disks.push(seen("CCCC3333", 3, DiskContent::Blank));
    roster.look(&disks);
    assert_eq!(roster.safe_to_pull(&world), std::slice::from_ref(&old), "his hand may be on it");
    let new = disks[2].identity.clone();
    roster.adopt(&new, Aim::Member { replaces: Some(id(2)) }).unwrap();
    roster.formatting(&new, "hf-1").unwrap();
    roster.formatted(&new).unwrap();
    roster.joined(&new, Some(id(3))).unwrap();
    assert_eq!(life(&roster, &disks[1]), Life::Retiring { was: Standing::Member });
    let (volume, how) = (id(2), How::ReadWrite);
    let expected =
        [Action::WithdrawPull { disk: old.clone() }, Action::Mount { disk: old, volume, how }];
    assert_eq!(roster.decide(&world)[..2], expected);
    assert_eq!(roster.safe_to_pull(&world), []);
}

/// An owner who has asked for a replacement and pulls another disk before any is called safe was told
/// only that one is gone.
#[test]
fn a_disk_that_is_pulled_while_another_is_to_be_replaced_is_the_wrong_one() {
    let (mut roster, disks) = pair();
    roster.replace(id(2)).unwrap();
    let news = roster.look(&disks[1..]);
    let wrong = News::WrongPulled { place: "bay 1".to_owned(), wanted: "bay 2".to_owned() };
    assert_eq!(news, [wrong]);
    let (mut roster, disks) = pair();
    roster.replace(id(2)).unwrap();
    let news = roster.look(&disks[..1]);
    assert_eq!(news, [News::Missing { place: "bay 2".to_owned() }], "that one was meant");
}

#[test]
fn the_wrong_disk_is_named_at_once_and_pushing_it_back_is_all() {
    let (mut roster, disks) = pair();
    roster.replace(id(2)).unwrap();
    roster.pull_was_asked(&disks[1].identity).unwrap();
    let news = roster.look(&disks[1..]);
    let wrong = News::WrongPulled { place: "bay 1".to_owned(), wanted: "bay 2".to_owned() };
    assert_eq!(news, [wrong]);
    assert_eq!(
        news[0].sentence(),
        "That was the wrong disk: push it back into bay 1 first. The one in bay 2 can be taken when \
         it is called safe to pull."
    );
    assert!(matches!(roster.look(&disks)[..], [News::Returned { .. }]));
    assert_eq!(life(&roster, &disks[0]), Life::Member { wish: Wish::Stay });
    let news = roster.look(&disks[..1]);
    assert_eq!(news, [News::RightPulled { place: "bay 2".to_owned() }]);
}

#[test]
fn a_member_that_is_away_is_struck_off_only_when_its_owner_wanted_it_gone() {
    let (mut roster, disks) = pair();
    roster.look(&disks[..1]);
    roster.passed(Millis::from_days(400));
    let mut world = world(&roster);
    world.volumes.insert(
        id(2),
        VolumeNeeds { only_here: 0, takes_packs: true, is_spare: true, is_unsettled: false },
    );
    assert_eq!(roster.decide(&world), []);
    assert!(roster.drained(id(2)).is_err());
    roster.replace(id(2)).unwrap();
    assert_eq!(roster.decide(&world), [Action::StrikeOff { volume: id(2) }]);
    roster.drained(id(2)).unwrap();
    assert!(roster.member(id(2)).is_none());
    roster.look(&disks);
    assert_eq!(life(&roster, &disks[1]), Life::Foreign(Joining::No), "it may be erased, no more");
}

#[test]
fn a_disk_whose_volume_was_made_before_a_kill_is_joined_when_the_vault_says_so() {
    let (mut roster, mut disks) = pair();
    disks.push(seen("CCCC3333", 3, DiskContent::Blank));
    roster.look(&disks);
    roster.replace(id(2)).unwrap();
    let new = disks[2].identity.clone();
    roster.adopt(&new, Aim::Member { replaces: Some(id(2)) }).unwrap();
    roster.formatting(&new, "hf-1").unwrap();
    roster.formatted(&new).unwrap();
    let made = Entry {
        volume: Some(id(3)),
        life: Life::OursAbsent { was: Standing::Member, wish: Wish::Stay },
        ..roster.here(&new).unwrap().clone()
    };
    roster.enrol(made);
    assert_eq!(life(&roster, &disks[2]), Life::Member { wish: Wish::Stay });
    assert_eq!(life(&roster, &disks[1]), Life::Retiring { was: Standing::Member });
}

/// The list of disks said "pull it, nothing depends on it" of a disk that `health` wanted back.
#[test]
fn an_emptied_disk_is_not_asked_to_be_pulled_once_another_one_fails() {
    let (mut roster, disks) = pair();
    roster.retire(id(2)).unwrap();
    roster.drained(id(2)).unwrap();
    let mut world = world(&roster);
    world.mounted.remove(&disks[1].identity);
    let old = disks[1].identity.clone();
    let pull = Action::AskPull { disk: old.clone() };
    assert_eq!(roster.decide(&world), std::slice::from_ref(&pull));
    roster.pull_was_asked(&old).unwrap();
    assert_eq!(roster.safe_to_pull(&world), std::slice::from_ref(&old));
    for reason in ["failed", "away"] {
        let mut roster = roster.clone();
        if reason == "failed" {
            roster.judged(id(1), Grade::Failed);
        } else {
            roster.look(&disks[1..]);
        }
        assert!(roster.is_wanted_back(roster.here(&old).unwrap()), "{reason}");
        assert_eq!(roster.safe_to_pull(&world), [], "{reason}");
        let withdraw = Action::WithdrawPull { disk: old.clone() };
        assert_eq!(roster.decide(&world)[0], withdraw, "{reason}");
        roster.pull_was_withdrawn(&old).unwrap();
        let back = Action::Offer { disk: old.clone(), offer: Offer::TakeBack };
        let asked = roster.decide(&world);
        assert!(asked.contains(&back) && !asked.contains(&pull), "{reason}: {asked:?}");
        // And when that is over, it may go again.
        if reason == "failed" {
            roster.reinstate(id(1)).unwrap();
        } else {
            roster.look(&disks);
        }
        assert!(roster.decide(&world).contains(&pull), "{reason}");
    }
}
