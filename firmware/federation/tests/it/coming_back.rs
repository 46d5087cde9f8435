//! A fire: box and disks are gone, and a fresh box has the 24 words and one friend's sheet.

use std::sync::atomic::Ordering;

use federation::{FederationError, FriendNews};
use peer_proto::invite::Sheet;
use peer_proto::limits::HEADS_KEPT;
use peer_proto::owner::{CopyStage, LostWhy, OwnerNews};
use peer_proto::pact::Phase;
use peer_proto::wire::{Kind, Why};
use types::Millis;

use crate::fire::{Fire, GIB, MIB, brought, come_back, fetched, fire, kept_there, packs_of, why};
use crate::home::{Home, set};
use crate::rig::{Pair, Running};

/// The vault is open again, with the heads that Bo keeps.
fn reborn(fresh: &Home, burnt: &Home) {
    fresh.chain.lock().unwrap().clone_from(&burnt.chain.lock().unwrap());
    fresh.is_new.store(false, Ordering::Relaxed);
}

#[test]
fn words_and_one_sheet_bring_back_every_byte_and_the_pact_goes_on_as_it_was() {
    let Fire { bo, id, sheet, burnt, packs } = fire();
    let before = bo.view(id);
    let fresh = Running::fresh(40, &burnt);
    assert_eq!(come_back(&fresh, &sheet).unwrap(), id);
    bo.home
        .until_told("Bo's owner hears of it", |news| *news == FriendNews::CameBack { ends: None });
    let listed = kept_there(&fresh, id);
    assert_eq!(set(&packs_of(&listed)), set(&packs));
    for root in &packs {
        assert!(fetched(&fresh, id, *root) == burnt.home.bytes_of(*root), "{}", root.short());
    }
    let heads: Vec<_> = listed.iter().filter(|one| one.kind == Kind::Head).collect();
    assert_eq!(heads.len(), 1);
    assert!(fetched(&fresh, id, heads[0].root) == burnt.home.chain.lock().unwrap()[0]);
    let (here, there) = (fresh.view(id), bo.view(id));
    assert_eq!(here.pact, there.pact);
    assert_eq!((there.pact.seq, there.pact.terms), (2, before.pact.terms));
    assert_eq!(there.friend().endpoint, fresh.fed().endpoint());
    assert_eq!(there.friend().writer, burnt.home.side.writer, "heads go on by the same key");
    assert_eq!(there.friend().label.as_str(), "Anna");
    assert_eq!(there.kept, before.kept, "nothing was sent anew, and nothing went");
    // And from there on as with any friend.
    let more = fresh.home.add_pack(9, MIB);
    fresh.send(id, &[more]);
    fresh.until_held(id, &[more]);
}

#[test]
fn what_the_burnt_box_kept_for_its_friend_is_told_as_lost_and_can_be_brought_again() {
    let pair = Pair::new(GIB);
    let theirs = pair.bo.home.add_pack(1, MIB);
    pair.bo.send(pair.id, &[theirs]);
    pair.bo.until_held(pair.id, &[theirs]);
    let sheet = pair.anna.fed().sheet(pair.id).unwrap();
    let Pair { mut anna, bo, id } = pair;
    anna.stop();
    let fresh = Running::fresh(40, &anna);
    come_back(&fresh, &sheet).unwrap();
    let lost = OwnerNews::Lost { root: theirs, why: LostWhy::Missing };
    bo.home.until_told("it is lost", |news| *news == FriendNews::Owner(lost.clone()));
    bo.send(id, &[theirs]);
    bo.until_held(id, &[theirs]);
}

#[test]
fn a_kill_between_the_answer_and_either_sides_record_costs_another_try_and_makes_no_second_friend()
{
    let Fire { mut bo, id, sheet, burnt, packs } = fire();
    let mut fresh = Running::fresh(40, &burnt);
    // Bo's box cannot write it down, so nothing is answered.
    bo.home.cannot_write.store(true, Ordering::Relaxed);
    come_back(&fresh, &sheet).unwrap_err();
    assert!(fresh.fed().friends().is_empty());
    bo.home.cannot_write.store(false, Ordering::Relaxed);
    bo.stop();
    bo.start();
    assert_eq!(bo.view(id).pact.seq, 1, "what was not written down was not so");
    // The fresh box cannot: Bo has answered already.
    fresh.home.cannot_write.store(true, Ordering::Relaxed);
    let error = come_back(&fresh, &sheet).unwrap_err();
    assert!(matches!(error, FederationError::Records(_)), "{error:?}");
    fresh.home.cannot_write.store(false, Ordering::Relaxed);
    fresh.stop();
    bo.stop();
    bo.start();
    fresh.start();
    assert!(fresh.fed().friends().is_empty());
    assert_eq!(bo.view(id).pact.seq, 2);
    for _ in 0..3 {
        assert_eq!(come_back(&fresh, &sheet).unwrap(), id);
    }
    assert_eq!((fresh.fed().friends().len(), bo.fed().friends().len()), (1, 1));
    assert_eq!((fresh.view(id).pact.seq, bo.view(id).pact.seq), (2, 2));
    fresh.stop();
    fresh.start();
    assert_eq!(set(&packs_of(&kept_there(&fresh, id))), set(&packs), "and after a restart");
}

#[test]
fn under_notice_and_after_an_end_the_owner_comes_back_to_fetch_and_not_once_blocked() {
    let Fire { bo, id, sheet, burnt, packs } = fire();
    bo.fed().end(id).unwrap();
    let Phase::Ending(end) = bo.view(id).phase else { panic!("notice was given") };
    let fresh = Running::fresh(40, &burnt);
    come_back(&fresh, &sheet).unwrap();
    assert_eq!(fresh.view(id).phase, Phase::Ending(end), "the fresh box knows until when");
    assert_eq!(set(&packs_of(&kept_there(&fresh, id))), set(&packs));
    assert!(fetched(&fresh, id, packs[0]) == burnt.home.bytes_of(packs[0]));
    bo.fed().block(id).unwrap();
    let late = Running::fresh(50, &burnt);
    let error = come_back(&late, &sheet).unwrap_err();
    assert!(matches!(error, FederationError::NotReached(_)), "nobody may come: {error:?}");
}

#[test]
fn a_pact_that_a_thief_stopped_at_once_lets_the_owner_fetch_what_waits_to_go() {
    let pair = Pair::new(GIB);
    let packs = brought(&pair, 2);
    let sheet = pair.bo.fed().help_back(pair.id).unwrap();
    let Pair { mut anna, bo, id } = pair;
    anna.fed().stop_now(id).unwrap();
    bo.home.until_so("the pact is over", || bo.view(id).phase == Phase::Over);
    anna.stop();
    let fresh = Running::fresh(40, &anna);
    come_back(&fresh, &sheet).unwrap();
    let listed = kept_there(&fresh, id);
    assert_eq!(set(&packs_of(&listed)), set(&packs));
    let until = listed.iter().filter(|one| one.kind == Kind::Data).map(|one| one.until);
    assert!(until.clone().all(|until| until.is_some()), "it goes when it was to go: {listed:?}");
    assert!(fetched(&fresh, id, packs[1]) == anna.home.bytes_of(packs[1]));
    assert!(matches!(fresh.view(id).phase, Phase::Ending(_)));
}

#[test]
fn a_fresh_box_has_nothing_deleted_before_its_vault_is_open_and_has_told_a_head() {
    let Fire { bo, id, sheet, burnt, packs } = fire();
    let mut fresh = Running::fresh(40, &burnt);
    come_back(&fresh, &sheet).unwrap();
    kept_there(&fresh, id);
    fresh.until_held(id, &packs);
    fresh.fed().unwant(id, packs.clone()).unwrap();
    fresh.stop();
    fresh.start();
    for _ in 0..3 {
        fresh.home.pass(Millis::from_secs(3_600));
        // Whatever was to be asked was asked before this is answered.
        assert!(kept_there(&fresh, id).iter().all(|one| one.until.is_none()));
    }
    assert!(bo.home.news.lock().unwrap().len() < 1_000);
    reborn(&fresh.home, &burnt.home);
    fresh.fed().head(fresh.home.add_head());
    let doomed = || {
        let copies = fresh.fed().copies(id).unwrap();
        copies.iter().all(|copy| matches!(copy.stage, CopyStage::Doomed { .. }))
    };
    fresh.home.until_so("an open vault may say what it needs no more", doomed);
    let heads = kept_there(&fresh, id).iter().filter(|one| one.kind == Kind::Head).count();
    assert!((1..=HEADS_KEPT).contains(&heads));
}

#[test]
fn a_box_with_another_vault_does_not_come_back() {
    let Fire { bo, sheet, burnt, .. } = fire();
    let other = Running::new(70, "Cleo");
    let error = other.fed().come_back(&sheet, "", &burnt.home.recovery()).unwrap_err();
    assert!(matches!(error, FederationError::OtherVault), "{error:?}");
    let nobody = Sheet { vault: types::VaultId([77; 16]), ..sheet };
    let fresh = Running::fresh(40, &burnt);
    assert_eq!(why(come_back(&fresh, &nobody)), Why::NoPact);
    drop(bo);
}
