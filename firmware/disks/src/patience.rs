//! Asking a disk that may never answer, without waiting for ever and without asking twice at once.
//!
//! Each question is asked on a thread of its own. One that does not come back in time is left to
//! itself; its answer is taken when it comes, and until then the same disk is asked no more: so
//! there is at most one such thread a disk. Start at [`Waiting::ask`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use types::DiskIdentity;

/// Questions of one kind that are not answered yet.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    asked: BTreeMap<DiskIdentity, Receiver<T>>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

impl<T: Send + 'static> Waiting<T> {
    /// The answer; none when it does not come in time. A question that was asked before is waited
    /// for no longer: whoever asks again has waited once.
    pub(crate) fn ask(
        &mut self,
        disk: &DiskIdentity,
        patience: Duration,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, wait) = match self.asked.remove(disk) {
            Some(answer) => (answer, Duration::ZERO),
            None => {
                let (say, answer) = sync_channel(1);
                let ask = move || drop(say.try_send(question()));
                Builder::new().name("ask a disk".to_owned()).spawn(ask).ok()?;
                (answer, patience)
            }
        };
        match answer.recv_timeout(wait) {
            Ok(said) => Some(said),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.asked.insert(disk.clone(), answer);
                None
            }
        }
    }
}
