//! A short queue of work for one thread, where every wait has a deadline.
//!
//! Once a deadline is missed the queue is dead for good: what waits in it is dropped, and its
//! thread ends as soon as it comes back from whatever holds it, without doing anything more.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::volume::lock;

#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    len_max: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
    dead: bool,
    finished: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(len_max: usize) -> Self {
        let state = State { waiting: VecDeque::new(), closed: false, dead: false, finished: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), len_max }
    }

    /// Adds an item, waiting for room at most this long; false when the queue is dead.
    pub(crate) fn push(&self, item: T, deadline: Duration) -> bool {
        let full = |state: &mut State<T>| !state.dead && state.waiting.len() >= self.len_max;
        let waited = self.changed.wait_timeout_while(lock(&self.state), deadline, full);
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            drop(state);
            self.kill();
            return false;
        }
        let alive = !state.dead;
        if alive {
            state.waiting.push_back(item);
            self.changed.notify_all();
        }
        alive
    }

    /// The next item; none when there will be no more.
    pub(crate) fn pop(&self) -> Option<T> {
        let idle = |state: &mut State<T>| state.waiting.is_empty() && !state.closed && !state.dead;
        let waited = self.changed.wait_while(lock(&self.state), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let item = state.waiting.pop_front();
        self.changed.notify_all();
        item
    }

    /// Ends it now: nothing that waits is done any more.
    pub(crate) fn kill(&self) {
        let mut state = lock(&self.state);
        state.dead = true;
        let dropped = std::mem::take(&mut state.waiting);
        self.changed.notify_all();
        // Items may wake others when they go: not under the lock.
        drop(state);
        drop(dropped);
    }

    pub(crate) fn is_dead(&self) -> bool {
        lock(&self.state).dead
    }

    /// Takes no more, and waits at most this long until the rest is done.
    pub(crate) fn close(&self, deadline: Duration) {
        lock(&self.state).closed = true;
        self.changed.notify_all();
        let busy = |state: &mut State<T>| !state.dead && !state.finished;
        let waited = self.changed.wait_timeout_while(lock(&self.state), deadline, busy);
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            self.kill();
        }
    }

    /// The thread says that it has ended, whichever way.
    pub(crate) fn finish(&self) {
        lock(&self.state).finished = true;
        self.kill();
    }
}
