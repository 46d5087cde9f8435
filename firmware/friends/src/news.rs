//! What the federation told, taken in: what became of copies, who went back in time, who gave notice.
//!
//! Start at [`take_news`].

use federation::{FriendId, FriendNews, News};
use peer_proto::host::HostNews;
use peer_proto::owner::OwnerNews;
use peer_proto::presence::Seen;
use peer_proto::wire::Why;
use types::UnixTime;

use crate::desk::{Desk, Parts};
use crate::faults;
use crate::notes::Trouble;

/// What the federation told.
pub(crate) fn take_news(parts: &Parts, now: UnixTime) {
    let mut desk = parts.desk();
    let news = std::mem::take(&mut desk.news);
    let mut changed = !news.is_empty();
    let mut rotten = Vec::new();
    for one in news {
        if let News::Friend { what: FriendNews::NotHere(root), .. } = &one {
            rotten.push(*root);
        }
        match one {
            News::Friend { friend, what } => of_friend(&mut desk, friend, what, now),
            News::TicketFailed { invite, why } => {
                if let Some(offer) = desk.offers.get_mut(&invite.to_string()) {
                    offer.state = calls::OfferState::Failed;
                    offer.fault = Some(faults::refusal(why));
                }
            }
            News::TicketShown { invite, words } => {
                if let Some(offer) = desk.offers.get_mut(&invite.to_string()) {
                    offer.words = crate::pairing::words(&words);
                }
            }
            News::Paired(_) => desk.round_wanted = true,
            News::Knocked { .. } => {}
        }
    }
    changed |= copy_proofs(&mut desk);
    drop(desk);
    rotten.into_iter().for_each(|root| parts.home.is_rotten(root));
    if changed {
        parts.home.changed();
    }
}

/// What was proved by day is kept with the notes.
fn copy_proofs(desk: &mut Desk) -> bool {
    let mut changed = false;
    let Desk { proving, notes, dirty, .. } = desk;
    for (friend, proving) in proving {
        let Some(note) = notes.friends.get_mut(&friend.to_string()) else { continue };
        let history: Vec<_> = proving.history.iter().copied().map(Into::into).collect();
        let (proved, drawn) = (proving.last.map(|at| at.0), proving.drawn.map(|at| at.0));
        if (&note.history, note.proved_ms, note.drawn_ms) != (&history, proved, drawn) {
            (note.history, note.proved_ms, note.drawn_ms) = (history, proved, drawn);
            (*dirty, changed) = (true, true);
        }
    }
    changed
}

/// What news say of a friend that stays true for a while, and whether it is so from now on. What a
/// friend keeps is not among it.
pub fn trouble_of(news: &FriendNews) -> Option<(Trouble, bool)> {
    Some(match news {
        FriendNews::Host(news) => (of_host(news)?, true),
        FriendNews::Stopped => (Trouble::Stopped, true),
        FriendNews::CameBack { .. } => (Trouble::CameBack, true),
        FriendNews::RecordsFailed(_) => (Trouble::RecordsFailed, true),
        // Whoever is talked with has records.
        FriendNews::Seen(Seen::Direct | Seen::Relayed) => (Trouble::RecordsFailed, false),
        FriendNews::ShelfFailed { .. } => (Trouble::DiskFailed, true),
        _ => return None,
    })
}

fn of_host(news: &HostNews) -> Option<Trouble> {
    Some(match news {
        HostNews::RolledBack { .. } => Trouble::TheyWentBack,
        HostNews::Forked { .. } => Trouble::TheyForked,
        HostNews::Flooded => Trouble::Flooded,
        HostNews::Lost(_) => Trouble::LostHere,
        HostNews::ClockUnsure => Trouble::ClockUnsure,
        HostNews::Silent { .. } => return None,
    })
}

fn of_friend(desk: &mut Desk, friend: FriendId, news: FriendNews, now: UnixTime) {
    if let Some((trouble, is_so)) = trouble_of(&news) {
        if (trouble, is_so) == (Trouble::RecordsFailed, true) {
            // There may be no note either, and it is told all the same.
            desk.notes.friend(&friend.to_string(), "", now);
        }
        let new = desk.note(friend).is_some_and(|note| note.has(trouble, is_so));
        desk.dirty |= new;
    }
    match news {
        FriendNews::Owner(news) => of_copies(desk, friend, news, now),
        FriendNews::Noticed(_) => {
            if let Some(note) = desk.note(friend) {
                note.notice_ms = Some(now.0);
            }
            desk.dirty = true;
            desk.round_wanted = true;
        }
        FriendNews::Stopped
        | FriendNews::CameBack { .. }
        | FriendNews::Seen(_)
        | FriendNews::TermsChanged
        | FriendNews::NotHere(_) => {
            desk.round_wanted = true;
        }
        FriendNews::Host(_)
        | FriendNews::Proposed { .. }
        | FriendNews::Declined
        | FriendNews::Refused(_)
        | FriendNews::Note(_)
        | FriendNews::NotesEnded
        | FriendNews::HeadNotHere(_)
        | FriendNews::ShelfFailed { .. }
        | FriendNews::RecordsFailed(_) => {}
    }
}

/// What became of copies at a friend's.
fn of_copies(desk: &mut Desk, friend: FriendId, news: OwnerNews, now: UnixTime) {
    let trouble = match news {
        OwnerNews::Held(root) => {
            desk.proving.entry(friend).or_default().held(root, now);
            desk.round_wanted = true;
            Some((Trouble::Full, false))
        }
        OwnerNews::Lost { root, why } => {
            desk.proving.entry(friend).or_default().lost(root, why, now);
            desk.round_wanted = true;
            None
        }
        OwnerNews::Audited { root, outcome } => {
            desk.proving.entry(friend).or_default().answered(root, outcome, now);
            None
        }
        OwnerNews::Stalled(refused) => {
            let full = matches!(refused.why, Why::OverQuota | Why::NoRoom);
            full.then_some((Trouble::Full, true))
        }
        OwnerNews::FiguresDiffer { .. } => Some((Trouble::FiguresDiffer, true)),
        OwnerNews::WentBack { .. } => Some((Trouble::WentBack, true)),
        OwnerNews::Forked { .. } => Some((Trouble::Forked, true)),
        OwnerNews::HeadNotShown { .. } => Some((Trouble::HeadNotShown, true)),
        OwnerNews::Witnessed(_) => Some((Trouble::HeadNotShown, false)),
        OwnerNews::Found(_) | OwnerNews::NotTaken { .. } | OwnerNews::AllLost(_) => {
            desk.round_wanted = true;
            None
        }
        OwnerNews::HeadRefused(_) => None,
    };
    if let Some((trouble, is_so)) = trouble {
        let new = desk.note(friend).is_some_and(|note| note.has(trouble, is_so));
        desk.dirty |= new;
    }
}
