//! What the threads of the service share: notes, proofs, offers, the last round, news that came.
//!
//! One lock, held for moments and never while the federation, the vault or a disk is asked.
//! Start at [`Desk`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use calls::OfferShown;
use federation::{FriendId, News};
use types::{Millis, PackId, UnixTime};

use crate::home::Home;
use crate::notes::{FriendNote, Notes};
use crate::proving::Proving;
use crate::round::Round;
use crate::store::Store;

/// News that nobody has looked at yet, at most: what is left out is found by the next list or hello.
const NEWS_MAX: usize = 65_536;

/// What the lock guards.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) notes: Notes,
    pub(crate) proving: BTreeMap<FriendId, Proving>,
    /// Invites of others that were looked at, and whether this owner said yes.
    pub(crate) offers: BTreeMap<String, OfferShown>,
    pub(crate) news: VecDeque<News>,
    /// The last round, and when.
    pub(crate) round: Option<Round>,
    pub(crate) rounded: Option<Millis>,
    /// When it was last looked who is there.
    pub(crate) looked: Option<Millis>,
    /// Something changed that a round should see.
    pub(crate) round_wanted: bool,
    /// Proofs that are asked for now, because the owner wants to see some.
    pub(crate) prove_now: Vec<FriendId>,
    /// Packs to fetch, and from whom.
    pub(crate) fetch: VecDeque<(PackId, FriendId)>,
    /// Until when a pack that could not be fetched is left alone.
    pub(crate) fetch_again: BTreeMap<PackId, Millis>,
    /// Notes differ from what is written.
    pub(crate) dirty: bool,
    /// What of friends lies on the vault's disks, as far as that is known, and since when.
    pub(crate) mirrored: Option<(String, Millis)>,
    /// Why there is no talk with friends.
    pub(crate) trouble: Option<String>,
    pub(crate) stopping: bool,
}

/// What the service and the house share.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) home: Arc<dyn Home>,
    pub(crate) store: Store,
    desk: Mutex<Desk>,
    pub(crate) woken: Condvar,
}

impl Parts {
    pub(crate) fn new(home: Arc<dyn Home>, store: Store, notes: Notes) -> Self {
        let desk = Desk { notes, round_wanted: true, ..Desk::default() };
        Self { home, store, desk: Mutex::new(desk), woken: Condvar::new() }
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wall(&self) -> UnixTime {
        self.home.now().wall
    }

    /// News came: whoever looks after friends looks at it.
    pub(crate) fn told(&self, news: News) {
        let mut desk = self.desk();
        if desk.news.len() < NEWS_MAX {
            desk.news.push_back(news);
        }
        drop(desk);
        self.woken.notify_all();
    }

    /// Something changed that a round should see.
    pub(crate) fn wants_round(&self) {
        self.desk().round_wanted = true;
        self.woken.notify_all();
    }

    /// Writes the notes, if they changed. What cannot be written is tried again.
    pub(crate) fn write_notes(&self) {
        let notes = {
            let mut desk = self.desk();
            if !std::mem::take(&mut desk.dirty) {
                return;
            }
            desk.notes.clone()
        };
        if let Err(error) = self.store.put_notes(&notes) {
            tracing::error!(%error, "the notes of friends cannot be written");
            self.desk().dirty = true;
        }
    }
}

impl Desk {
    /// What is written down of a friend that is known.
    pub(crate) fn note(&mut self, friend: FriendId) -> Option<&mut FriendNote> {
        self.notes.friends.get_mut(&friend.to_string())
    }
}
