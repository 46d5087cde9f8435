//! Limits and terms as an owner says them.

use calls::{FaultCode, FriendLimits, PactTerms, Promise};
use friends::limits::{rules, shown, terms};
use peer_proto::pact::Part;
use plan::traffic::{Because, Line, RELAYED_DEFAULT, Rate, allowed};
use types::Bytes;

fn promise(bytes: u64) -> Promise {
    Promise { bytes, not_before_days: 30, silence_months: 12 }
}

fn said(here: u64, there: u64) -> PactTerms {
    PactTerms { here: promise(here), there: promise(there), notice_days: 30 }
}

#[test]
fn a_rate_by_day_and_full_speed_at_night_is_what_was_said() {
    let limits = FriendLimits {
        kbit: Some(20_000),
        full_speed: Some("22:00-07:00".to_owned()),
        month_bytes: Some(1_000),
        ..FriendLimits::default()
    };
    let rules = rules(&limits).unwrap();
    let at = |hour: u16, relayed, gone| {
        let line =
            Line { weekday: 2, minute: hour * 60, is_relayed: relayed, this_month: Bytes(gone) };
        allowed(&rules, &line)
    };
    assert_eq!(at(12, false, 0).rate, Rate::from_mbit(20));
    assert_eq!(at(23, false, 0).rate, Rate::UNLIMITED);
    assert_eq!(at(3, true, 0).rate, RELAYED_DEFAULT);
    assert_eq!(at(3, false, 1_000).because, Because::MonthCap);
}

#[test]
fn hours_that_are_none_are_refused_with_what_was_said() {
    let limits = FriendLimits { full_speed: Some("late".to_owned()), ..FriendLimits::default() };
    let fault = rules(&limits).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadRequest);
    assert!(fault.sentence.contains("late") && fault.advice.contains("00:00-07:00"), "{fault}");
}

#[test]
fn terms_are_the_same_from_both_sides() {
    let said = said(200 << 30, 100 << 30);
    let made = terms(&said, Part::Inviter).unwrap();
    assert_eq!(made.by_inviter.bytes, Bytes(200 << 30));
    assert_eq!(shown(&made, Part::Inviter), said);
    let other = shown(&made, Part::Invitee);
    assert_eq!((other.here, other.there), (said.there, said.here));
    assert_eq!(terms(&other, Part::Invitee).unwrap(), made);
}

#[test]
fn terms_that_no_pact_may_have_are_refused_by_name() {
    let refused = |said: PactTerms, word: &str| {
        let fault = terms(&said, Part::Inviter).unwrap_err();
        assert!(fault.sentence.contains(word), "{fault}");
        assert_eq!(fault.code, FaultCode::BadRequest);
    };
    refused(said(0, 0), "Neither box");
    refused(said(1, 1 << 30), "no single pack");
    refused(PactTerms { notice_days: 0, ..said(1 << 30, 0) }, "days of notice");
    let mut short = said(1 << 30, 0);
    short.there.silence_months = 5;
    refused(short, "months of silence");
    assert!(terms(&said(1 << 30, 0), Part::Inviter).is_ok(), "one way is fine");
}
