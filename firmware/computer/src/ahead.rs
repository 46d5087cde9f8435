//! Reading ahead: what a restore will need soon is fetched many pieces at once, over a few lines, while it
//! writes.
//!
//! Whatever was not fetched by then, or was let go again, is fetched alone when it is asked for. So this only
//! ever saves time. Start at [`Ahead`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use types::ChunkId;

/// A batch has at most so many pieces, and about so many bytes.
const BATCH_PIECES: usize = 512;
const BATCH_LEN: u64 = 8 << 20;
/// Batches that may be ahead of what is written: with 8 MiB each the bound on memory.
const BATCHES_AHEAD: u64 = 6;

/// Pieces that are wanted together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) number: u64,
    pub(crate) ids: Vec<ChunkId>,
    len: u64,
}

#[derive(Debug, Default)]
struct State {
    /// What has come, and with which batch.
    here: HashMap<ChunkId, (u64, Vec<u8>)>,
    /// What is on its way.
    coming: HashMap<ChunkId, u64>,
    /// The batch that is being filled.
    filling: Batch,
    /// Batches that nobody fetches yet.
    waiting: std::collections::VecDeque<Batch>,
    /// The batch that whoever writes is at.
    at: u64,
    /// There will be no more.
    planned: bool,
}

/// What is read ahead.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    state: Mutex<State>,
    changed: Condvar,
    ended: AtomicBool,
}

impl Ahead {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a piece, of which a file has so many bytes. False when nobody wants any more.
    pub(crate) fn plan(&self, id: ChunkId, len: u64) -> bool {
        let mut state = self.state();
        if state.here.contains_key(&id) || state.coming.contains_key(&id) {
            return !self.ended.load(Ordering::Relaxed);
        }
        let number = state.filling.number;
        state.coming.insert(id, number);
        state.filling.ids.push(id);
        state.filling.len += len;
        if state.filling.ids.len() >= BATCH_PIECES || state.filling.len >= BATCH_LEN {
            close(&mut state);
            self.changed.notify_all();
        }
        while state.filling.number > state.at + BATCHES_AHEAD && !self.ended.load(Ordering::Relaxed)
        {
            state = self.wait(state);
        }
        !self.ended.load(Ordering::Relaxed)
    }

    /// There is nothing more to plan.
    pub(crate) fn planned(&self) {
        let mut state = self.state();
        close(&mut state);
        state.planned = true;
        self.changed.notify_all();
    }

    /// The next batch to fetch; none when there will be no more.
    pub(crate) fn next(&self) -> Option<Batch> {
        let mut state = self.state();
        loop {
            if self.ended.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(batch) = state.waiting.pop_front() {
                return Some(batch);
            }
            if state.planned {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// A batch has come; none of it when it failed.
    pub(crate) fn came(&self, batch: &Batch, pieces: Option<Vec<Vec<u8>>>) {
        let mut state = self.state();
        for id in &batch.ids {
            state.coming.remove(id);
        }
        let pieces = batch.ids.iter().zip(pieces.into_iter().flatten());
        state.here.extend(pieces.map(|(id, bytes)| (*id, (batch.number, bytes))));
        self.changed.notify_all();
    }

    /// A piece that was read ahead; none when it has to be fetched alone.
    pub(crate) fn take(&self, id: &ChunkId) -> Option<Vec<u8>> {
        let mut state = self.state();
        loop {
            if let Some((number, bytes)) = state.here.get(id) {
                let (number, bytes) = (*number, bytes.clone());
                self.is_at(&mut state, number);
                return Some(bytes);
            }
            let Some(number) = state.coming.get(id).copied() else {
                // Not planned yet, or let go. Whoever plans is nearly always far ahead.
                if state.planned || state.filling.number > state.at + BATCHES_AHEAD {
                    return None;
                }
                if state.waiting.is_empty() && state.coming.is_empty() {
                    state = self.wait(state);
                    continue;
                }
                return None;
            };
            if number == state.filling.number {
                // It would wait for a batch to be full.
                close(&mut state);
                self.changed.notify_all();
            }
            self.is_at(&mut state, number);
            state = self.wait(state);
        }
    }

    /// Whoever writes has come to this batch: those before the last are let go.
    fn is_at(&self, state: &mut State, number: u64) {
        if number <= state.at {
            return;
        }
        state.at = number;
        state.here.retain(|_, (batch, _)| *batch + 1 >= number);
        self.changed.notify_all();
    }

    /// Nobody wants any more.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        drop(self.state());
        self.changed.notify_all();
    }
}

fn close(state: &mut State) {
    if state.filling.ids.is_empty() {
        return;
    }
    let next = Batch { number: state.filling.number + 1, ..Batch::default() };
    let full = std::mem::replace(&mut state.filling, next);
    state.waiting.push_back(full);
}
