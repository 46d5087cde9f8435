//! Owners who come back with nothing but their words, and a sheet of paper that says where to.

use peer_proto::invite::{NO_WRITER, Sheet, SheetError, come_back, prove_return, welcome_back};
use peer_proto::pact::{Pact, PactAction, PactEvent, PactLife, Part, Phase};
use peer_proto::sign::Signature;
use peer_proto::wire::{CtlAsk, CtlSay, List, Return, Returned, Text, Why};
use proptest::prelude::*;
use types::{EndpointId, Signer, UnixTime, VaultId};

use crate::boxes::{Key, NOON, Person, anna, bo, pact, terms};
use crate::invite::session;

/// Written once, and never edited.
const GOLDEN: &str = include_str!("../golden/sheet.txt");

fn sheet() -> Sheet {
    let addresses = ["192.0.2.7:4433", "[2001:db8::1]:9"];
    Sheet {
        vault: VaultId([0x21; 16]),
        friend: EndpointId([0x10; 32]),
        addresses: List::first(addresses.map(|text| Text::new(text).unwrap())),
        label: Text::new("Anna").unwrap(),
    }
}

#[test]
fn sheets_of_version_1_are_written_and_read_as_they_were_however_they_are_typed() {
    let sheet = sheet();
    assert_eq!(sheet.text(), GOLDEN.trim());
    for typed in [
        GOLDEN.to_owned(),
        format!("holdfast:{}", GOLDEN.to_lowercase()),
        sheet.spaced().replace('0', "o").replace('1', "I"),
    ] {
        assert_eq!(Sheet::parse(&typed).as_ref(), Ok(&sheet), "{typed}");
    }
    assert_eq!(Sheet::parse("HFI0"), Err(SheetError::Other), "an invite is no sheet");
    let other = Sheet::parse("HFR0*").unwrap_err();
    assert_eq!(other.to_string(), "letter 5 of the come-back address, \"*\", cannot be one");
}

/// Bo, whose box burned, with a fresh one; and what Anna and he had agreed on.
struct Fire {
    anna: Person,
    lost: Person,
    fresh: Person,
    before: Pact,
}

fn fire() -> Fire {
    let (anna, lost) = (anna(), bo());
    let mut fresh = Person::new(60, "");
    fresh.side.vault = lost.side.vault;
    fresh.side.recovery = lost.side.recovery;
    fresh.side.writer = NO_WRITER;
    Fire { anna, lost, fresh, before: pact(terms(1 << 40)).pact }
}

impl Fire {
    fn asked(&self, line: u8) -> Return {
        let line = session(line, &self.anna, &self.fresh);
        prove_return(&line, self.fresh.side.clone(), NOON, &self.lost.recovery)
    }

    fn welcomed(&self, pact: &Pact) -> Pact {
        let line = session(1, &self.anna, &self.fresh);
        welcome_back(pact, self.anna.id(), &line, &self.asked(1), NOON).unwrap()
    }

    fn taken(&self, pact: Pact, by: &Key) -> Result<PactLife, Why> {
        let signature = pact.sign(by);
        let answer = (Returned { pact, signature }, None);
        let line = session(1, &self.anna, &self.fresh);
        come_back(&line, &self.asked(1), answer, &self.fresh.key).map_err(|refused| refused.why)
    }
}

#[test]
fn what_a_fresh_box_does_not_know_stays_as_it_was_and_asking_again_changes_nothing() {
    let fire = fire();
    let next = fire.welcomed(&fire.before);
    let mut side = fire.lost.side.clone();
    side.endpoint = fire.fresh.id();
    assert_eq!(next, Pact { seq: 2, invitee: side, ..fire.before.clone() });
    assert_eq!(fire.welcomed(&next), next);
    let life = fire.taken(next.clone(), &fire.anna.key).unwrap();
    assert_eq!((life.part(), life.pact(), life.phase()), (Part::Invitee, &next, Phase::Standing));
    assert!(life.signed().holds());
}

#[test]
fn nothing_holds_under_the_writer_that_is_none() {
    let bytes = Signature::of([0; 64]);
    for message in [&b""[..], b"x"] {
        let said = peer_proto::sign::Statement::Link;
        assert!(!peer_proto::sign::holds(said, message, &bytes, &NO_WRITER));
    }
}

#[test]
fn a_fresh_box_takes_only_its_own_pact_with_the_box_it_dialled() {
    let fire = fire();
    let next = fire.welcomed(&fire.before);
    let wrong = |change: &dyn Fn(&mut Pact)| {
        let mut pact = next.clone();
        change(&mut pact);
        fire.taken(pact, &fire.anna.key).unwrap_err()
    };
    assert_eq!(fire.taken(next.clone(), &fire.lost.key).unwrap_err(), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.invitee.vault = VaultId([9; 16])), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.invitee.recovery = [9; 32]), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.invitee.endpoint = fire.lost.id()), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.inviter.endpoint = fire.lost.id()), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.inviter.vault = pact.invitee.vault), Why::BadProof);
    assert_eq!(wrong(&|pact| pact.terms.by_inviter.not_before_days = 0), Why::Terms);
    let mut named = fire;
    named.fresh.side.writer = [7; 32];
    assert_eq!(named.taken(next, &named.anna.key).unwrap_err(), Why::BadProof, "it named another");
}

#[test]
fn the_recovery_keys_word_stands_until_the_fresh_box_has_said_that_it_agrees() {
    let fire = fire();
    let mut host = PactLife::new(Part::Inviter, pact(terms(1 << 40))).unwrap();
    let next = fire.welcomed(host.pact());
    let (signature, ends) = host.let_back(next.clone(), NOON, &fire.anna.key);
    assert!(next.is_signed_by(Part::Inviter, &signature) && ends.is_none());
    assert!(host.may_speak().is_ok() && !host.signed().holds());
    let again = host.clone();
    assert_eq!(host.let_back(next.clone(), NOON, &fire.anna.key), (signature, None));
    assert_eq!(host, again);

    let mut fresh = fire.taken(next, &fire.anna.key).unwrap();
    let said = fresh.step(NOON, PactEvent::Connected, &fire.fresh.key);
    let Some(PactAction::Ask(agree)) = said.first() else { panic!("{said:?}") };
    assert!(matches!(**agree, CtlAsk::Agree(_)), "on each line");
    let hear =
        |host: &mut PactLife| host.step(NOON, PactEvent::Heard(agree.clone()), &fire.anna.key);
    let taken = PactAction::Answer(CtlSay::Taken);
    assert_eq!(hear(&mut host), [PactAction::Keep, taken.clone()]);
    assert!(host.signed().holds());
    assert_eq!(hear(&mut host), [taken], "once");
    assert_eq!(fresh.pact(), host.pact());
    assert_eq!(fresh.signed(), host.signed());
}

#[test]
fn who_ended_it_at_once_lets_nobody_back_and_who_heard_the_end_does_until_all_is_gone() {
    let fire = fire();
    let signed = pact(terms(1 << 40));
    let life = |part| PactLife::new(part, signed.clone()).unwrap();
    let (mut host, mut stolen) = (life(Part::Inviter), life(Part::Invitee));
    let said = stolen.step(NOON, PactEvent::StopNow, &fire.lost.key);
    let end = said.iter().find_map(|action| match action {
        PactAction::Ask(end) => Some(PactEvent::Heard(end.clone())),
        _ => None,
    });
    host.step(NOON, end.unwrap(), &fire.anna.key);
    assert_eq!(host.phase(), Phase::Over);
    assert_eq!(host.may_come_back(), Ok(()));
    let until = UnixTime(NOON.0 + 5);
    let (_, ends) = host.let_back(fire.welcomed(&signed.pact), until, &fire.anna.key);
    assert_eq!((ends, host.phase()), (Some(until), Phase::Ending(until)));
    assert!(host.may_speak().is_ok() && host.may_bring(NOON).is_err());
    let mut own = life(Part::Inviter);
    own.step(NOON, PactEvent::StopNow, &fire.anna.key);
    assert_eq!(own.may_come_back(), Err(Why::Ended.plain()));
    let mut blocked = life(Part::Inviter);
    blocked.step(NOON, PactEvent::Block, &fire.anna.key);
    assert_eq!(blocked.may_come_back(), Err(Why::Blocked.plain()));
}

proptest! {
    #[test]
    fn no_text_is_read_as_a_sheet_that_says_something_else(
        at in any::<prop::sample::Index>(),
        with in "[0-9A-Za-z* -]{0,3}",
    ) {
        let text = sheet().text();
        let place = at.index(text.len());
        let changed = format!("{}{with}{}", &text[..place], &text[place + 1..]);
        if let Ok(read) = Sheet::parse(&changed) {
            prop_assert_eq!(read, sheet());
        }
    }

    #[test]
    fn no_change_to_a_return_lets_anybody_in(
        seed in 0_u8..255,
        which in 0..5,
        byte in 0_usize..16,
    ) {
        let fire = fire();
        let mut asked = fire.asked(1);
        match which {
            0 => asked.who.endpoint.0[byte] ^= seed.max(1),
            1 => asked.who.writer[byte] ^= seed.max(1),
            2 => asked.who.recovery = Key::new(seed).public(),
            3 => asked.who.vault.0[byte] ^= seed.max(1),
            _ => asked = fire.asked(seed.max(2)),
        }
        prop_assume!(which != 2 || asked.who.recovery != fire.lost.side.recovery);
        let line = session(1, &fire.anna, &fire.fresh);
        prop_assert!(welcome_back(&fire.before, fire.anna.id(), &line, &asked, NOON).is_err());
    }
}
