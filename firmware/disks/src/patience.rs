//! Asking a disk that may never answer, without waiting for ever and without asking twice at once.
//!
//! Each question is asked on a thread of its own. One that does not come back in time is left to
//! itself; its answer is taken when it comes, and until then the same disk is asked no more: so
//! there is at most one such thread a disk. Start at [`Waiting::ask`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
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
        self.ask_all([(disk.clone(), question)], patience).pop_first().map(|(_, answer)| answer)
    }

    /// Asks several disks at once. Those that do not answer are waited for together, until for so
    /// long nobody answered.
    pub(crate) fn ask_all<Q: FnOnce() -> T + Send + 'static>(
        &mut self,
        questions: impl IntoIterator<Item = (DiskIdentity, Q)>,
        patience: Duration,
    ) -> BTreeMap<DiskIdentity, T> {
        let (bell, rung) = channel();
        let (mut new, mut answers) = (0, BTreeMap::new());
        let mut wanted = Vec::new();
        for (disk, question) in questions {
            if !self.asked.contains_key(&disk) {
                new += u32::from(self.begin(&disk, question, bell.clone()));
            }
            wanted.push(disk);
        }
        while new > 0 && rung.recv_timeout(patience).is_ok() {
            new -= 1;
        }
        for disk in wanted {
            let Some(answer) = self.asked.remove(&disk) else { continue };
            match answer.try_recv() {
                Ok(said) => _ = answers.insert(disk, said),
                // The thread ended without an answer: the disk is asked again the next time.
                Err(TryRecvError::Disconnected) => {}
                Err(TryRecvError::Empty) => _ = self.asked.insert(disk, answer),
            }
        }
        answers
    }

    /// Asks on a thread of its own, which rings when it has an answer; false when there is no thread
    /// to be had.
    fn begin(
        &mut self,
        disk: &DiskIdentity,
        question: impl FnOnce() -> T + Send + 'static,
        bell: Sender<()>,
    ) -> bool {
        let (say, answer) = sync_channel(1);
        let ask = move || {
            drop(say.try_send(question()));
            // Nobody may wait any more.
            bell.send(()).ok();
        };
        let begun = Builder::new().name("ask a disk".to_owned()).spawn(ask).is_ok();
        if begun {
            self.asked.insert(disk.clone(), answer);
        }
        begun
    }

    /// Whether somebody has not answered yet.
    pub(crate) fn is_open(&self) -> bool {
        !self.asked.is_empty()
    }
}
