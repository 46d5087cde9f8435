//! Pacts: both sign, nobody shortens another's protection, and every end is told.

use peer_proto::pact::{Pact, PactAction, PactEvent, PactLife, Part, Phase, Schedule, Terms};
use peer_proto::sign::{Signature, Statement};
use peer_proto::wire::{ByeWhy, CtlAsk, CtlSay, Refused, Why};
use proptest::prelude::*;
use types::{Bytes, Millis, UnixTime};

use crate::boxes::{Key, NOON, Person, anna, bo, pact, terms};

/// Anna's and Bo's records of one pact, and whatever one asks of the other carried over.
pub(crate) struct Two {
    pub(crate) lives: [PactLife; 2],
    people: [Person; 2],
}

pub(crate) const ANNA: usize = 0;
pub(crate) const BO: usize = 1;

impl Two {
    pub(crate) fn new(terms: Terms) -> Self {
        let signed = pact(terms);
        let life = |part| PactLife::new(part, signed.clone()).unwrap();
        Self { lives: [life(Part::Inviter), life(Part::Invitee)], people: [anna(), bo()] }
    }

    /// One event; what it asks is not carried.
    pub(crate) fn alone(&mut self, who: usize, now: UnixTime, event: PactEvent) -> Vec<PactAction> {
        self.lives[who].step(now, event, &self.people[who].key)
    }

    /// One event, and everything that follows from it on both sides.
    pub(crate) fn both(
        &mut self,
        who: usize,
        now: UnixTime,
        event: PactEvent,
    ) -> [Vec<PactAction>; 2] {
        let mut all = [Vec::new(), Vec::new()];
        let mut open = vec![(who, event)];
        while let Some((at, event)) = open.pop() {
            let done = self.alone(at, now, event);
            let asks = done.iter().filter_map(|action| match action {
                PactAction::Ask(ask) => Some((1 - at, PactEvent::Heard(ask.clone()))),
                _ => None,
            });
            open.extend(asks);
            all[at].extend(done);
        }
        all
    }

    pub(crate) fn propose(
        &mut self,
        who: usize,
        terms: Terms,
        words: Option<&Key>,
    ) -> [Vec<PactAction>; 2] {
        let recovery = words.map(|key| self.shorten(who, terms, key));
        self.both(who, NOON, PactEvent::Propose { terms, recovery })
    }

    /// What the recovery key says of the pact that these terms would make.
    fn shorten(&self, who: usize, terms: Terms, key: &Key) -> Signature {
        Statement::Shorten.sign(&self.lives[who].next(NOON, terms).signed_bytes(), key)
    }

    /// The owner's answer to what that box was last asked; the pact in force stands for nothing asked.
    pub(crate) fn says(&self, who: usize, yes: bool) -> PactEvent {
        let pact = self.lives[who].asked().unwrap_or_else(|| self.lives[who].pact()).hash();
        PactEvent::OwnerSaid { pact, yes, recovery: None }
    }

    pub(crate) fn seqs(&self) -> [u32; 2] {
        [self.lives[ANNA].pact().seq, self.lives[BO].pact().seq]
    }
}

/// What Bo's or Anna's box asks its owner.
pub(crate) fn asks(pact: &Pact, shorter: bool) -> PactAction {
    PactAction::AskOwner { pact: pact.hash(), terms: pact.terms, shorter, instead_of: None }
}

pub(crate) fn refused(actions: &[PactAction]) -> Option<Refused> {
    actions.iter().find_map(|action| match action {
        PactAction::Answer(CtlSay::Refused(refused)) | PactAction::NotPossible(refused) => {
            Some(*refused)
        }
        _ => None,
    })
}

fn released(actions: &[PactAction]) -> Option<UnixTime> {
    actions.iter().find_map(|action| match action {
        PactAction::Release(at) => Some(*at),
        _ => None,
    })
}

#[test]
fn other_terms_are_in_force_when_both_have_signed_and_not_before() {
    let mut two = Two::new(terms(1 << 40));
    let [_, at_bo] = two.propose(ANNA, terms(1 << 41), None);
    assert!(at_bo.contains(&asks(two.lives[BO].asked().unwrap(), false)));
    assert_eq!(two.seqs(), [1, 1]);
    two.both(BO, NOON, two.says(BO, true));
    assert_eq!(two.seqs(), [2, 2]);
    assert_eq!(two.lives[ANNA].signed(), two.lives[BO].signed());
    assert!(two.lives[ANNA].signed().holds());
    two.propose(BO, terms(1), None);
    let [_, at_bo] = two.both(ANNA, NOON, two.says(ANNA, false));
    assert!(at_bo.contains(&PactAction::Declined));
    assert_eq!(two.seqs(), [2, 2]);
}

#[test]
fn a_yes_that_got_lost_is_said_again_when_the_two_meet() {
    let mut two = Two::new(terms(1 << 40));
    two.propose(ANNA, terms(1 << 41), None);
    two.alone(BO, NOON, two.says(BO, true));
    assert_eq!(two.seqs(), [1, 2]);
    two.both(ANNA, NOON, PactEvent::Connected);
    assert_eq!(two.seqs(), [2, 2]);
}

#[test]
fn of_two_proposals_at_once_the_inviters_stands() {
    let mut two = Two::new(terms(1 << 40));
    let of_bo = two.alone(BO, NOON, PactEvent::Propose { terms: terms(5), recovery: None });
    let of_anna = two.alone(ANNA, NOON, PactEvent::Propose { terms: terms(6), recovery: None });
    let asked = |done: &[PactAction]| match done.last() {
        Some(PactAction::Ask(ask)) => PactEvent::Heard(ask.clone()),
        other => panic!("{other:?}"),
    };
    let at_anna = two.alone(ANNA, NOON, asked(&of_bo));
    assert_eq!(refused(&at_anna), Some(Why::OutOfOrder.with(1)));
    two.alone(BO, NOON, asked(&of_anna));
    two.both(BO, NOON, two.says(BO, true));
    assert_eq!(two.lives[BO].pact().terms, terms(6));
    assert_eq!(two.seqs(), [2, 2]);
}

/// Bo's data are to be kept for fewer days at Anna's.
pub(crate) fn shorter_for_bo() -> Terms {
    let mut shorter = terms(1 << 40);
    shorter.by_inviter.not_before_days = 1;
    shorter
}

#[test]
fn root_on_a_box_cannot_shorten_what_friends_keep_of_it() {
    // Whoever has Bo's box has its key: it signs the proposal, and a word with every key it has.
    for key in [None, Some(bo().key), Some(anna().recovery)] {
        let mut two = Two::new(terms(1 << 40));
        let recovery = key.map(|key| two.shorten(BO, shorter_for_bo(), &key));
        let own = PactEvent::Propose { terms: shorter_for_bo(), recovery };
        assert_eq!(refused(&two.alone(BO, NOON, own)), Some(Why::Shortened.plain()));
        // A box that does not look at itself sends it all the same.
        let next = two.lives[BO].next(NOON, shorter_for_bo());
        let signature = next.sign(&bo().key);
        let ask = peer_proto::wire::Propose { pact: next, signature, recovery };
        let heard = PactEvent::Heard(Box::new(CtlAsk::Propose(Box::new(ask))));
        let at_anna = two.alone(ANNA, NOON, heard);
        assert_eq!(refused(&at_anna), Some(Why::Shortened.plain()));
        assert_eq!(two.lives[ANNA].asked(), None);
    }
    let mut two = Two::new(terms(1 << 40));
    two.propose(BO, shorter_for_bo(), Some(&bo().recovery));
    two.both(ANNA, NOON, two.says(ANNA, true));
    assert_eq!(two.seqs(), [2, 2], "the words may");
}

#[test]
fn a_pause_stops_new_packs_and_nothing_else() {
    let mut two = Two::new(terms(1 << 40));
    let later = NOON.plus(Millis::from_days(2));
    two.both(ANNA, NOON, PactEvent::Pause(Some(later)));
    assert_eq!(two.lives[ANNA].may_bring(NOON), Err(Why::Paused.plain()));
    assert!(two.lives[ANNA].may_speak().is_ok() && two.lives[BO].may_bring(NOON).is_ok());
    assert!(!two.lives[BO].may_push(NOON) && two.lives[ANNA].may_push(NOON));
    assert!(two.lives[ANNA].may_bring(later).is_ok() && two.lives[BO].may_push(later));
    two.both(ANNA, NOON, PactEvent::Resume);
    assert!(two.lives[BO].may_push(NOON));
}

#[test]
fn a_block_closes_what_is_open_and_keeps_what_is_kept() {
    let mut two = Two::new(terms(1 << 40));
    let done = two.alone(ANNA, NOON, PactEvent::Block);
    assert_eq!(done, [PactAction::Keep, PactAction::CloseLive(ByeWhy::Blocked)]);
    assert_eq!(two.lives[ANNA].may_speak(), Err(Why::Blocked.plain()));
    assert!(!two.lives[ANNA].may_push(NOON));
    let heard = two.alone(ANNA, NOON, PactEvent::Heard(Box::new(CtlAsk::Resume)));
    assert_eq!(refused(&heard), Some(Why::Blocked.plain()));
    two.alone(ANNA, NOON, PactEvent::Unblock);
    assert!(two.lives[ANNA].may_speak().is_ok());
}

#[test]
fn notice_gives_both_thirty_days_by_their_own_clocks() {
    let mut two = Two::new(terms(1 << 40));
    let end = NOON.plus(Millis::from_days(30));
    let [at_anna, at_bo] = two.both(ANNA, NOON, PactEvent::GiveNotice);
    assert_eq!(released(&at_anna), Some(end));
    assert!(at_bo.contains(&PactAction::Noticed(end)));
    assert_eq!(two.lives[BO].may_bring(NOON), Err(Why::Ended.plain()));
    assert!(two.lives[BO].may_speak().is_ok(), "there is time to fetch everything");
    assert!(two.alone(BO, NOON.plus(Millis::from_days(29)), PactEvent::Tick).is_empty());
    let over = two.alone(BO, end, PactEvent::Tick);
    let close = PactAction::CloseLive(ByeWhy::Ended);
    assert_eq!(over, [PactAction::Keep, PactAction::Release(end), close]);
    assert_eq!(two.lives[BO].phase(), Phase::Over);
}

#[test]
fn root_on_a_box_cannot_end_a_pact_to_be_rid_of_what_friends_keep() {
    let mut long = terms(1 << 40);
    long.by_inviter.not_before_days = 90;
    let mut two = Two::new(long);
    let [at_anna, _] = two.both(BO, NOON, PactEvent::StopNow);
    assert_eq!(released(&at_anna), Some(NOON.plus(Millis::from_days(90))));
    assert!(at_anna.contains(&PactAction::CloseLive(ByeWhy::Ended)));
    // A clock that lies about when it was said makes nothing shorter.
    let mut two = Two::new(long);
    let early = NOON.minus(Millis::from_days(3_000));
    let [at_anna, _] = two.both(BO, early, PactEvent::GiveNotice);
    assert_eq!(released(&at_anna), Some(early.plus(Millis::from_days(90))));
}

#[test]
fn a_host_that_stops_at_once_may_let_go_and_its_friend_is_told_of_the_loss() {
    let mut two = Two::new(terms(1 << 40));
    let [at_anna, at_bo] = two.both(ANNA, NOON, PactEvent::StopNow);
    assert_eq!(released(&at_anna), Some(NOON));
    assert!(at_bo.contains(&PactAction::Stopped));
    assert!(two.both(ANNA, NOON, PactEvent::StopNow)[ANNA].is_empty(), "once");
    let forged = peer_proto::wire::Ending {
        pact: pact(terms(1)).pact.id,
        at: NOON,
        said: NOON,
        signature: Signature::of([1; 64]),
    };
    let mut two = Two::new(terms(1 << 40));
    let heard = two.alone(ANNA, NOON, PactEvent::Heard(Box::new(CtlAsk::End(forged))));
    assert_eq!(refused(&heard), Some(Why::BadProof.plain()));
}

#[test]
fn a_pact_with_a_wrong_signature_is_none() {
    let mut signed = pact(terms(1 << 40));
    signed.pact.terms.by_invitee.bytes = Bytes(1);
    assert!(PactLife::new(Part::Inviter, signed).is_none());
}

#[test]
fn a_schedule_counts_the_hours_from_monday_in_utc() {
    let mut hours = [0; 21];
    hours[0] = 0b10;
    let schedule = Schedule { hours, rate_kbit: 0 };
    // 1970-01-05 was a Monday.
    let monday = UnixTime(4 * 86_400_000);
    assert!(schedule.allows(monday.plus(Millis::from_secs(3_600))));
    assert!(!schedule.allows(monday) && !schedule.allows(monday.plus(Millis::from_secs(7_200))));
    assert!(schedule.allows(monday.minus(Millis::from_days(7)).plus(Millis::from_secs(3_601))));
}

proptest! {
    /// Whatever is asked and lost, after one meeting both hold the same pact with both signatures.
    #[test]
    fn two_boxes_that_meet_hold_the_same_pact(
        steps in prop::collection::vec((0_usize..2, 0_u8..4, 1_u64..5, any::<bool>()), 0..12),
    ) {
        let mut two = Two::new(terms(1 << 40));
        for (who, what, gib, carried) in steps {
            let event = match what {
                0 | 1 => PactEvent::Propose { terms: terms(gib << 30), recovery: None },
                2 => two.says(who, true),
                _ => two.says(who, false),
            };
            if carried {
                two.both(who, NOON, event);
            } else {
                two.alone(who, NOON, event);
            }
            prop_assert!(two.seqs()[0].abs_diff(two.seqs()[1]) <= 1);
        }
        two.both(ANNA, NOON, PactEvent::Connected);
        two.both(BO, NOON, PactEvent::Connected);
        prop_assert_eq!(two.seqs()[0], two.seqs()[1]);
        prop_assert_eq!(two.lives[ANNA].pact(), two.lives[BO].pact());
    }
}
