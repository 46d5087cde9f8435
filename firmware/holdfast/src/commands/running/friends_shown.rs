//! A friend, an offer and terms in the words of `holdfast friend`.

use calls::{FriendMessage, FriendShown, FriendStanding, MessageState, PactTerms, Seen};
use types::{Bytes, UnixTime};

use crate::session::Context;
use crate::show;

pub(super) fn offer_state(offer: &calls::OfferShown) -> String {
    match offer.state {
        calls::OfferState::Asking if !offer.fits => "this box has no room for it".to_owned(),
        calls::OfferState::Asking => "waits for your answer".to_owned(),
        calls::OfferState::Waiting => "waits for their answer".to_owned(),
        calls::OfferState::Failed => offer.fault.clone().unwrap_or_default(),
    }
}

pub(super) fn front(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

pub(super) fn in_words(terms: &PactTerms) -> String {
    let (here, there) = (Bytes(terms.here.bytes), Bytes(terms.there.bytes));
    format!("you keep {here} for them, they keep {there} for you")
}

pub(super) fn tell_friend(context: &Context, friend: &FriendShown) {
    let seen = match (friend.seen, friend.last_seen_ms) {
        (Seen::Direct, _) => "connected".to_owned(),
        (Seen::Relayed, _) => "connected through a relay".to_owned(),
        (_, Some(at)) => format!("last seen on {}", show::time(UnixTime(at))),
        (_, None) => "never seen yet".to_owned(),
    };
    let standing = match friend.standing {
        FriendStanding::Active => String::new(),
        FriendStanding::Paused => ", paused".to_owned(),
        FriendStanding::Ending => friend
            .ends_ms
            .map(|at| format!(", ends on {}", show::time(UnixTime(at))))
            .unwrap_or_default(),
        FriendStanding::Blocked => ", blocked".to_owned(),
        FriendStanding::Distrusted => ", what is there does not count".to_owned(),
        FriendStanding::Ended => ", ended".to_owned(),
    };
    let (there, here) = (&friend.there, &friend.here);
    context.out.line(format_args!("{} ({}): {seen}{standing}", friend.name, front(&friend.id)));
    context.out.line(format_args!(
        "  keeps for you {} of {} in {}; you keep {} of {} in {}",
        Bytes(there.bytes),
        Bytes(there.given),
        show::count(there.packs, "pack"),
        Bytes(here.bytes),
        Bytes(here.given),
        show::count(here.packs, "pack"),
    ));
    if friend.waiting_packs > 0 {
        let packs = show::count(friend.waiting_packs, "pack");
        context.out.line(format_args!("  {packs} of {} wait", Bytes(friend.waiting_bytes)));
    }
    if friend.asked.is_some() {
        context.out.line("  proposes other terms: `holdfast friend show` has them");
    }
    if friend.unread > 0 {
        context.out.line(format_args!("  {}", show::count(friend.unread.into(), "new message")));
    }
    friend.fault.iter().for_each(|fault| context.out.line(format_args!("  {fault}")));
}

/// Who wrote a message, and how far it has come.
pub(super) fn who_said(message: &FriendMessage) -> &'static str {
    match (message.mine, message.alarm, message.state) {
        (true, _, MessageState::Taken) => "you",
        (true, _, MessageState::Waiting) => "you (not there yet)",
        (true, _, MessageState::Refused) => "you (their box would not have it)",
        (true, _, MessageState::Expired) => {
            "you (it never came there: their box was away for too long)"
        }
        (true, _, MessageState::Unknown) => "you (nobody remembers whether it came there)",
        (false, true, _) => "their box",
        (false, false, _) => "they",
    }
}
