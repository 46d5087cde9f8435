//! What the vault's disks keep about friends: written when a pact changes and once a day, read by a box that has
//! nothing of its own.
//!
//! What it is stands in `mirror`. Nothing that is here is ever put in the place of something newer. Start at
//! [`keep`] and [`Service::restore`].

use std::collections::BTreeMap;

use federation::{Federation, FederationError, FriendView};
use types::Millis;

use crate::desk::Parts;
use crate::mirror::{Mirror, Secret, is_fresh};
use crate::service::{Service, StartError};

/// It is written at least this often.
const KEEP_EVERY: Millis = Millis::from_days(1);

/// Keeps what is known of friends on the vault's disks, if that is not what lies there. A locked box does so later.
pub(crate) fn keep(parts: &Parts, talk: &Federation, views: &[FriendView]) {
    let uptime = parts.home.now().uptime;
    let print = print(parts, views);
    let (last, mut notes) = {
        let desk = parts.desk();
        (desk.mirrored.clone(), desk.notes.clone())
    };
    let is_young = |at: Millis| uptime.0.saturating_sub(at.0) < KEEP_EVERY.0;
    let is_kept = last.is_some_and(|(what, at)| what == print && is_young(at));
    let has_none = views.is_empty() && notes.mirrored == 0;
    if is_kept || has_none || notes.restoring {
        return;
    }
    // Of whom the records do not read just now, what lies there is all there is.
    let all = parts.store.friends().ok();
    if all != Some(views.len()) {
        return;
    }
    let logs = views.iter().map(|view| {
        let records = talk.essence(view.id);
        records.map(|records| (view.id.to_string(), records))
    });
    let logs: Result<BTreeMap<_, _>, FederationError> = logs.collect();
    let (Ok(logs), Ok(secret)) = (logs, parts.store.secret_bytes(parts.home.rng())) else { return };
    notes.mirrored += 1;
    let turn = notes.mirrored;
    let mirror = Mirror { turn, secret: Secret(secret), notes, logs };
    let is_kept = mirror.bytes().is_ok_and(|bytes| parts.home.keep_beside(&bytes));
    if is_kept {
        let mut desk = parts.desk();
        desk.mirrored = Some((print, uptime));
        (desk.notes.mirrored, desk.dirty) = (turn, true);
        drop(desk);
        parts.write_notes();
    }
}

/// What makes it worth to be written anew: pacts, what friends are called, and on which disks it lies.
fn print(parts: &Parts, views: &[FriendView]) -> String {
    let mut disks: Vec<_> =
        parts.home.shelves().iter().map(|shelf| shelf.volume.id().to_string()).collect();
    disks.sort_unstable();
    let mut print = disks;
    let mut desk = parts.desk();
    for view in views {
        let note = desk.note(view.id).map(|note| (note.name.clone(), note.place.clone()));
        let pact = (view.pact.hash(), view.phase, view.blocked);
        print.push(format!("{} {pact:?} {note:?}", view.id));
    }
    print.push(format!("{:?}", desk.notes.reach));
    print.join(" ")
}

impl Service {
    /// A box whose own disk is new finds its friends again on the vault's disks, once these are open.
    pub(crate) fn restore(&self) {
        let series = self.parts.store.records.names().map_or(1, |names| names.len());
        if !is_fresh(&self.parts.desk().notes, series) {
            return;
        }
        let kept = self.parts.home.beside();
        let newest = kept.iter().filter_map(|bytes| Mirror::of(bytes)).max_by_key(|one| one.turn);
        let Some(mirror) = newest.filter(|mirror| !mirror.logs.is_empty()) else { return };
        let friends = mirror.logs.len();
        self.hush();
        if let Err(error) = self.take_over(mirror) {
            tracing::error!(%error, "friends cannot be taken over from the vault's disks");
        } else {
            tracing::info!(friends, "friends were found again on the vault's disks");
        }
        if let Err(error) = self.begin() {
            tracing::error!(%error, "no talk with friends");
        }
    }

    /// Written so that a cut anywhere leaves a box that is still fresh, or one that has all of it.
    fn take_over(&self, mirror: Mirror) -> Result<(), StartError> {
        let store = &self.parts.store;
        let turn = mirror.turn;
        {
            let mut desk = self.parts.desk();
            let reach = desk.notes.reach.take();
            desk.notes = mirror.notes;
            desk.notes.reach = reach.or(desk.notes.reach.take());
            (desk.notes.restoring, desk.notes.mirrored, desk.dirty) = (true, 0, true);
        }
        let notes = self.parts.desk().notes.clone();
        let failed = |source| store.failed(source);
        store.put_notes(&notes).map_err(failed)?;
        store.put_secret(&mirror.secret.0)?;
        for (name, records) in &mirror.logs {
            let records = federation::taken_over(records, self.parts.wall());
            store.records.replace(name, &records).map_err(failed)?;
        }
        let mut desk = self.parts.desk();
        (desk.notes.restoring, desk.notes.mirrored, desk.dirty) = (false, turn, true);
        let notes = desk.notes.clone();
        drop(desk);
        store.put_notes(&notes).map_err(failed)
    }
}
