//! What is done for friends by itself, once a second: news are taken in, questions asked, and now and then a
//! round is made and its orders handed out.
//!
//! What is ordered is decided in `round`; here facts are gathered and orders go out. Start at [`tick`].

use std::collections::{BTreeMap, BTreeSet};

use federation::{Federation, FederationError, FriendId, FriendView};
use peer_proto::limits::QUEUE_MAX;
use peer_proto::owner::Copy;
use peer_proto::presence::Seen;
use peer_proto::wire::{Audit, NoteKind, Ranges};
use plan::offsite::FriendFacts;
use plan::offsite::silence::{Tell, Whom, tells};
use plan::traffic::{Line, allowed};
use types::{Millis, UnixTime};

use crate::desk::Parts;
use crate::everybody::of_this_vault;
use crate::limits;
use crate::news::take_news;
use crate::notes::{LOOK_EVERY, NO_SLOT, Tried, Trouble};
use crate::outside::silence_words;
use crate::proving::Proving;
use crate::round::{Holder, Round, round};
use crate::shown::{given, guest, last_seen, standing, worth};

/// A round is made at least this often: hours open, friends come back, copies age.
const ROUND_EVERY: Millis = Millis::from_secs(300);
/// And not more often than this, however much happens: a burst of news is one round.
const ROUND_AT_MOST_EVERY: Millis = Millis::from_secs(5);

/// Does what is due.
pub(crate) fn tick(parts: &Parts, talk: Option<&Federation>) {
    let Some(talk) = talk else { return };
    let views = talk.friends();
    let now = parts.wall();
    parts.desk().know(&views, now);
    load(parts, &views);
    take_news(parts, now);
    look(parts, &views, now);
    ask(parts, talk, &views, now);
    let uptime = parts.home.now().uptime;
    let due = {
        let mut desk = parts.desk();
        let passed = desk.rounded.map(|at| Millis(uptime.0.saturating_sub(at.0)));
        let wanted = desk.round_wanted;
        let due = passed
            .is_none_or(|passed| passed >= ROUND_EVERY || wanted && passed >= ROUND_AT_MOST_EVERY);
        if due {
            (desk.rounded, desk.round_wanted) = (Some(uptime), false);
        }
        due
    };
    if due {
        // Who does not know what time it is leaves everything as it is.
        if views.iter().all(|view| view.time_is_sure) {
            make_round(parts, talk, &views, now);
            tell_silence(parts, talk, &views, now);
        }
        parts.write_notes();
        crate::restoring::keep(parts, talk, &views);
        parts.home.changed();
    }
}

/// What was proved before is read once.
fn load(parts: &Parts, views: &[FriendView]) {
    let known: BTreeSet<FriendId> = parts.desk().proving.keys().copied().collect();
    for view in views.iter().filter(|view| !known.contains(&view.id)) {
        let mut proving = Proving::default();
        parts.store.proofs(&view.id.to_string(), &mut proving);
        let mut desk = parts.desk();
        if let Some(note) = desk.note(view.id) {
            proving.history = note.history.iter().copied().map(Into::into).collect();
            proving.last = note.proved_ms.map(UnixTime);
            proving.drawn = note.drawn_ms.map(UnixTime);
        }
        desk.proving.insert(view.id, proving);
    }
}

fn is_there(view: &FriendView) -> bool {
    matches!(view.seen, Seen::Direct | Seen::Relayed)
}

/// Who is there at which hours.
fn look(parts: &Parts, views: &[FriendView], now: UnixTime) {
    let uptime = parts.home.now().uptime;
    let mut desk = parts.desk();
    let is_young = |at: Millis| uptime.0.saturating_sub(at.0) < LOOK_EVERY.0;
    if desk.looked.is_some_and(is_young) {
        return;
    }
    desk.looked = Some(uptime);
    for view in views {
        if let Some(note) = desk.note(view.id) {
            note.seen.look(now, is_there(view));
            desk.dirty = true;
        }
    }
}

/// What friends are to prove.
fn ask(parts: &Parts, talk: &Federation, views: &[FriendView], now: UnixTime) {
    for view in views.iter().filter(|view| is_there(view)) {
        let (due, wanted, busy) = {
            let mut desk = parts.desk();
            let wanted = desk.prove_now.contains(&view.id);
            desk.prove_now.retain(|one| *one != view.id);
            let proving = desk.proving.entry(view.id).or_default();
            (proving.is_due(now) && view.held.packs > 0, wanted, proving.is_busy())
        };
        if !due && !wanted && !busy {
            continue;
        }
        // No answer is not the answer that there are none: the talk is being ended.
        let copies = if due || wanted { talk.copies(view.id) } else { Ok(vec![]) };
        let Ok(copies) = copies else { return };
        let seed = parts.home.rng().array();
        let questions = {
            let mut desk = parts.desk();
            let proving = desk.proving.entry(view.id).or_default();
            if due {
                proving.tidy(&copies, now);
                proving.today(&copies, seed, now);
            } else if wanted {
                proving.now(&copies, seed, now);
            }
            proving.next(now)
        };
        for question in questions {
            let Ok(ranges) = Ranges::new(question.ranges) else { continue };
            let nonce = parts.home.rng().array();
            let audit = Audit { root: question.root, ranges, nonce };
            if let Err(error) = talk.audit(view.id, audit) {
                tracing::warn!(%error, "a friend could not be asked for a proof");
            }
        }
        if due {
            write_proofs(parts, view.id);
        }
    }
}

fn write_proofs(parts: &Parts, friend: FriendId) {
    let Some(proving) = parts.desk().proving.get(&friend).cloned() else { return };
    if let Err(error) = parts.store.put_proofs(&friend.to_string(), &proving) {
        tracing::warn!(%error, "what a friend proved cannot be written");
    }
}

/// Gathers facts, decides, and hands the orders out.
fn make_round(parts: &Parts, talk: &Federation, views: &[FriendView], now: UnixTime) {
    let own = parts.home.own();
    let views = &*of_this_vault(parts, views);
    let copies = views.iter().map(|view| talk.copies(view.id).map(|copies| (view.id, copies)));
    let copies: Result<BTreeMap<FriendId, Vec<Copy>>, FederationError> = copies.collect();
    // Without an answer nothing is known of what is there: the talk is being ended.
    let Ok(copies) = copies else { return };
    let holders = holders(parts, views, &copies, now);
    let made = round(own.as_ref(), &holders, now);
    if let Some(head) = parts.home.head() {
        // Who cannot be told now is told in the next round.
        views.iter().for_each(|view| drop(talk.head_to(view.id, head)));
    }
    let Some(made) = made else { return };
    let slots = slots(parts, views);
    let open = holders.iter().map(|holder| holder.facts).filter(|facts| facts.open);
    let open = open.map(|facts| facts.slot).collect();
    for (slot, orders) in &made.orders {
        let Some(view) = slots.get(slot) else { continue };
        let items: Vec<_> = orders.want.iter().take(QUEUE_MAX).copied().collect();
        let wanted = talk.want(view.id, items);
        let let_go = if orders.unwant.is_empty() {
            Ok(())
        } else {
            talk.unwant(view.id, orders.unwant.clone())
        };
        if let Err(error) = wanted.and(let_go) {
            tracing::warn!(%error, "a friend could not be told what to keep");
        }
    }
    take_down(parts, made, (&slots, &open), now);
}

/// What a round came to is remembered, and packs are fetched.
fn take_down(
    parts: &Parts,
    made: Round,
    (slots, open): (&BTreeMap<u8, &FriendView>, &BTreeSet<u8>),
    now: UnixTime,
) {
    let uptime = parts.home.now().uptime;
    let mut desk = parts.desk();
    for (slot, view) in slots {
        let waits = made.orders.get(slot).is_some_and(|orders| !orders.want.is_empty());
        let strange = made.strange.contains(slot);
        let Some(note) = desk.note(view.id) else { continue };
        let before = note.waiting_since_ms;
        note.waits(waits, now);
        let (holds, takes) = (view.held.packs > 0, view.takes);
        let tried = note.tries(Tried { holds, takes, offered: waits && open.contains(slot) }, now);
        let changed = note.has(Trouble::Strange, strange) || note.waiting_since_ms != before;
        desk.dirty |= changed || tried;
    }
    desk.fetch_again.retain(|_, until| *until > uptime);
    let fetch = made.fetch.iter().filter_map(|(root, slot)| Some((*root, slots.get(slot)?.id)));
    let fetch = fetch.filter(|(root, _)| !desk.fetch_again.contains_key(root)).collect();
    desk.fetch = fetch;
    desk.round = Some(made);
    drop(desk);
    parts.woken.notify_all();
}

fn slots<'v>(parts: &Parts, views: &'v [FriendView]) -> BTreeMap<u8, &'v FriendView> {
    let mut desk = parts.desk();
    let places = views.iter().filter_map(|view| Some((desk.note(view.id)?.slot, view)));
    places.filter(|(slot, _)| *slot != NO_SLOT).collect()
}

fn holders(
    parts: &Parts,
    views: &[FriendView],
    copies: &BTreeMap<FriendId, Vec<Copy>>,
    now: UnixTime,
) -> Vec<Holder> {
    let local = parts.home.local();
    let mut desk = parts.desk();
    let mut places: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for view in views {
        let note = desk.note(view.id).filter(|note| note.slot != NO_SLOT);
        let Some(note) = note.cloned() else { continue };
        let empty = Proving::default();
        let proving = desk.proving.get(&view.id).unwrap_or(&empty);
        let worth = worth(view, &note, &proving.history, now);
        let line = Line {
            weekday: local.weekday,
            minute: local.minute,
            is_relayed: view.seen == Seen::Relayed,
            this_month: note.this_month(local.month),
        };
        let rate = allowed(&limits::rules(&note.limits).unwrap_or_default(), &line).rate;
        out.push(Holder {
            facts: FriendFacts {
                slot: note.slot,
                standing: standing(view, worth),
                last_seen: if is_there(view) { now } else { last_seen(view, &note) },
                given: given(view),
                used: view.held.bytes,
                open: is_there(view) && rate.is_open(),
                place: place(&mut places, &note.place, note.slot),
            },
            copies: copies.get(&view.id).cloned().unwrap_or_default(),
            is_ahead: view.went_back || view.strange.is_some(),
            lost: proving
                .packs
                .iter()
                .filter(|(_, known)| known.lost.is_some())
                .map(|(root, _)| *root)
                .collect(),
        });
    }
    out
}

/// The number of a place: two that are said to be in one have one; those of whom nobody said it, each its own.
fn place(places: &mut Vec<String>, said: &str, slot: u8) -> u16 {
    const UNSAID: u16 = 1 << 8;
    let said = said.trim().to_lowercase();
    if said.is_empty() {
        return UNSAID + u16::from(slot);
    }
    let at = places.iter().position(|one| *one == said).unwrap_or(places.len());
    if at == places.len() {
        places.push(said);
    }
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Owners of boxes that are dark are told what becomes of what lies here; so is this box's, by the verdict.
fn tell_silence(parts: &Parts, talk: &Federation, views: &[FriendView], now: UnixTime) {
    for view in views.iter().filter(|view| view.kept.packs > 0) {
        let due = {
            let mut desk = parts.desk();
            let Some(note) = desk.note(view.id) else { continue };
            let due = tells(&guest(view, note), note.looked(), now);
            note.looked_ms = Some(now.0);
            desk.dirty = true;
            due
        };
        for Tell { word, .. } in due.iter().filter(|tell| tell.whom == Whom::Owner) {
            // It is there when their box is back; by whatever other way they are reached is theirs to say.
            if let Err(error) = talk.say(view.id, NoteKind::Alarm, silence_words(*word), None) {
                tracing::warn!(%error, "a friend whose box is dark could not be written to");
            }
        }
    }
}
