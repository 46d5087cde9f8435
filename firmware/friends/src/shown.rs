//! From what the boxes know of each other to what an owner is shown, and to what the verdict rests on.
//!
//! Nothing is decided here. Start at [`friend`].

use std::collections::BTreeMap;

use calls::{
    Answer, FriendKept, FriendShown, FriendStanding, Friends, InviteShown, OfferShown, Proofs,
    Proposal, Seen,
};
use federation::{FriendId, FriendView, InviteState, InviteView};
use peer_proto::pact::{Pact, Part, Phase, shortens};
use peer_proto::presence::Seen as Way;
use peer_proto::wire::Note;
use plan::health::friends::{FriendHealth, GuestHealth, Home, OutsideHealth};
use plan::offsite::Standing;
use plan::offsite::score::{Day, Record, Verdict, score, verdict};
use plan::offsite::silence::Guest;
use types::{Bytes, Millis, PackId, UnixTime};

use crate::desk::Desk;
use crate::limits;
use crate::notes::FriendNote;
use crate::outside::Facts;
use crate::pairing::label;
use crate::round::Orders;
use crate::service::Service;

/// A month in which it is told how much a friend lost.
const LOST_FOR: Millis = Millis::from_days(30);

impl Service {
    /// Makes sure that there is a note of every friend.
    pub(crate) fn know(&self, views: &[FriendView]) {
        self.parts.desk().know(views, self.parts.wall());
    }

    /// Everything about friends.
    pub(crate) fn friends(&self) -> Answer {
        let talk = self.federation().ok();
        let views = talk.as_ref().map(|talk| talk.friends()).unwrap_or_default();
        let invites = talk.as_ref().map(|talk| talk.invites()).unwrap_or_default();
        let inboxes: BTreeMap<FriendId, Vec<Note>> = talk
            .iter()
            .flat_map(|talk| views.iter().map(|view| (view.id, talk.inbox(view.id))))
            .map(|(id, inbox)| (id, inbox.unwrap_or_default()))
            .collect();
        let endpoint = talk.as_ref().map(|talk| talk.endpoint().to_string()).unwrap_or_default();
        let (may_give, now) = (self.may_give().map(|room| room.0), self.parts.wall());
        self.know(&views);
        let mut desk = self.parts.desk();
        let inbox = |id| inboxes.get(&id).map(Vec::as_slice).unwrap_or_default();
        let mut friends: Vec<FriendShown> =
            views.iter().map(|view| friend(view, &mut desk, inbox(view.id), now)).collect();
        friends.sort_by_key(|friend| friend.since_ms);
        let offers: Vec<OfferShown> =
            desk.offers.values().filter(|offer| offer.expires_ms > now.0).cloned().collect();
        Answer::Friends(Box::new(Friends {
            reach: desk.notes.reach.clone(),
            endpoint,
            may_give,
            friends,
            invites: invites.iter().filter_map(invite).collect(),
            offers,
            trouble: desk.trouble.clone(),
        }))
    }
}

impl Desk {
    /// What the verdict about friends rests on.
    pub(crate) fn facts(&mut self, views: &[FriendView], now: UnixTime) -> Facts {
        self.know(views, now);
        let round = self.round.clone().unwrap_or_default();
        let mut facts = Facts { no_talk: self.trouble.clone(), ..Facts::default() };
        facts.outside = OutsideHealth {
            lost: round.lost.len() as u64,
            away: round.away,
            short: round.short,
            ..OutsideHealth::default()
        };
        for view in views {
            let proving = self.proving.remove(&view.id).unwrap_or_default();
            let note = self.note(view.id).cloned().unwrap_or_default();
            let orders = round.orders.get(&note.slot).cloned().unwrap_or_default();
            let worth = worth(view, &note, &proving.history, now);
            let lost = proving.lost_since(now.minus(LOST_FOR));
            self.proving.insert(view.id, proving);
            facts.outside.friends.push(health(view, &note, &orders, (worth, lost)));
            facts.outside.waiting += orders.waiting;
            let since = note.waiting_since_ms.map(UnixTime);
            facts.outside.waiting_since =
                facts.outside.waiting_since.into_iter().chain(since).min();
            if view.kept.packs > 0 {
                let guest = guest(view, &note);
                let name = note.name.clone();
                facts.guests.push(GuestHealth { name, guest, used: view.kept.bytes });
            }
            facts.troubles.extend(note.trouble.iter().map(|one| (note.name.clone(), *one)));
            if view.asked.is_some() {
                facts.asking.push(note.name);
            }
        }
        let talked = views.iter().map(|view| view.id.to_string()).collect();
        facts.troubles.extend(self.notes.unread(&talked));
        facts
    }
}

/// When a friend was last there; at the beginning of the pact before the first time.
pub(crate) fn last_seen(view: &FriendView, note: &FriendNote) -> UnixTime {
    view.last_seen.unwrap_or(UnixTime(note.since_ms))
}

/// What a friend is worth.
pub(crate) fn worth(
    view: &FriendView,
    note: &FriendNote,
    history: &[Day],
    now: UnixTime,
) -> Verdict {
    let since = note.unproved_since(view.held.packs > 0, now);
    let (proved, holds) = (since.unwrap_or(now), since.is_some());
    let last_seen = last_seen(view, note).min(now);
    verdict(&Record { history, proved, last_seen, holds }, now)
}

/// How it stands, as `plan` sees it.
pub(crate) fn standing(view: &FriendView, worth: Verdict) -> Standing {
    match view.phase {
        _ if view.blocked => Standing::Ended,
        Phase::Over => Standing::Ended,
        Phase::Ending(_) => Standing::Leaving,
        Phase::Standing if worth == Verdict::Distrusted => Standing::Distrusted,
        Phase::Standing if !view.takes => Standing::Paused,
        Phase::Standing => Standing::Active,
    }
}

/// What lies here for a friend, and how it is with its owner.
pub(crate) fn guest(view: &FriendView, note: &FriendNote) -> Guest {
    Guest {
        last_heard: last_seen(view, note),
        notice: note.notice_ms.map(UnixTime),
        silence_months: view.pact.terms.by(view.part).silence_months,
    }
}

/// What the friend gives.
pub(crate) fn given(view: &FriendView) -> Bytes {
    view.pact.terms.by(view.part.other()).bytes
}

fn ends(view: &FriendView) -> Option<UnixTime> {
    match view.phase {
        Phase::Ending(at) => Some(at),
        Phase::Standing | Phase::Over => None,
    }
}

fn health(
    view: &FriendView,
    note: &FriendNote,
    orders: &Orders,
    (verdict, lost): (Verdict, u64),
) -> FriendHealth {
    let house = (!note.place.is_empty()).then(|| note.place.clone());
    FriendHealth {
        name: note.name.clone(),
        standing: standing(view, verdict),
        last_seen: last_seen(view, note),
        verdict,
        lost,
        ends: ends(view),
        homeless: orders.homeless,
        given: given(view),
        used: view.held.bytes,
        home: Home { house, ..Home::default() },
    }
}

/// One friend as it is shown.
pub(crate) fn friend(
    view: &FriendView,
    desk: &mut Desk,
    inbox: &[Note],
    now: UnixTime,
) -> FriendShown {
    desk.know(std::slice::from_ref(view), now);
    let history = desk.proving.get(&view.id).map(|one| one.history.clone()).unwrap_or_default();
    let note = desk.note(view.id).cloned().unwrap_or_default();
    let round = desk.round.as_ref();
    let orders = round.and_then(|round| round.orders.get(&note.slot)).cloned().unwrap_or_default();
    let worth = worth(view, &note, &history, now);
    let terms = limits::shown(&view.pact.terms, view.part);
    let kept = |given, figures: peer_proto::wire::Figures| FriendKept {
        given,
        bytes: figures.bytes.0,
        packs: figures.packs,
    };
    let unread = inbox.iter().filter(|message| message.serial > note.read).count();
    FriendShown {
        id: view.id.to_string(),
        endpoint: view.friend().endpoint.to_string(),
        name: note.name.clone(),
        label: label(view.friend()),
        place: note.place.clone(),
        since_ms: note.since_ms,
        standing: shown_standing(view, worth),
        ends_ms: ends(view).map(|at| at.0),
        seen: way(view.seen),
        round_trip_ms: view.round_trip.map(|trip| trip.0),
        last_seen_ms: view.last_seen.map(|at| at.0),
        days: note.seen.hours(),
        there: kept(terms.there.bytes, view.held),
        here: kept(terms.here.bytes, view.kept),
        waiting_bytes: orders.waiting.0,
        waiting_packs: orders.want.len() as u64,
        waiting_since_ms: note.waiting_since_ms,
        only_there_bytes: orders.only_there.0,
        proofs: proofs(&note, &history),
        terms,
        pact_number: view.pact.seq,
        asked: view.asked.as_ref().map(|asked| proposal(asked, view)),
        limits: note.limits.clone(),
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
        fault: view.last_error.as_ref().map(|(_, said)| limits::capital(said)),
    }
}

fn shown_standing(view: &FriendView, worth: Verdict) -> FriendStanding {
    match view.phase {
        _ if view.blocked => FriendStanding::Blocked,
        Phase::Over => FriendStanding::Ended,
        Phase::Ending(_) => FriendStanding::Ending,
        Phase::Standing if worth == Verdict::Distrusted => FriendStanding::Distrusted,
        Phase::Standing => FriendStanding::Active,
    }
}

fn way(seen: Way) -> Seen {
    match seen {
        Way::Direct => Seen::Direct,
        Way::Relayed => Seen::Relayed,
        Way::Gone => Seen::Gone,
        Way::Offline => Seen::Offline,
    }
}

fn proposal(asked: &Pact, view: &FriendView) -> Proposal {
    Proposal {
        pact: PackId(asked.hash().0).to_string(),
        terms: limits::shown(&asked.terms, view.part),
        shorter: shortens(&view.pact.terms, &asked.terms, view.part),
    }
}

fn proofs(note: &FriendNote, history: &[Day]) -> Proofs {
    let sum = |of: fn(&Day) -> u32| history.iter().map(|day| u64::from(of(day))).sum();
    let last_day = history.iter().rev().find(|day| day.proved > 0);
    Proofs {
        last_ms: note.proved_ms,
        last_day: last_day.map_or(0, |day| day.proved),
        proved: sum(|day| day.proved),
        failed: sum(|day| day.mismatched.saturating_add(day.missing)),
        unanswered: sum(|day| day.unanswered),
        score: score(history),
    }
}

/// An invite as it is shown; none once it is over.
fn invite(view: &InviteView) -> Option<InviteShown> {
    let (by, shown) = match &view.state {
        InviteState::Open => (None, None),
        InviteState::Asking { who, words: shown } => {
            (Some(label(who)), shown.as_ref().map(crate::pairing::words))
        }
        InviteState::Paired | InviteState::Over => return None,
    };
    Some(InviteShown {
        id: view.invite.to_string(),
        terms: limits::shown(&view.terms, Part::Inviter),
        expires_ms: view.expires.0,
        by,
        words: shown,
    })
}
