//! The threads that work for a patient disk, one thing at a time each.
//!
//! A thread that does not come back is left to itself. Start at [`serve`].

use std::sync::Weak;
use std::sync::mpsc::{Receiver, SyncSender};

use super::Shared;
use crate::volume::lock;

/// Does something, and returns how to say so.
pub(super) type Work = Box<dyn FnOnce() -> Box<dyn FnOnce()> + Send>;

/// Work for a thread, and where more can be sent to it.
pub(super) struct Order {
    pub(super) work: Work,
    pub(super) back: SyncSender<Order>,
}

/// Works until the disk is dropped.
pub(super) fn serve(orders: &Receiver<Order>, shared: &Weak<Shared>) {
    while let Ok(Order { work, back }) = orders.recv() {
        let say = work();
        // Free again before anybody hears of it: who asks one thing after the other needs one thread.
        if let Some(shared) = shared.upgrade() {
            lock(&shared.idle).push(back);
        }
        say();
    }
}
