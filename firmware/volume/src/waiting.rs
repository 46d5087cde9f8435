//! Asking a disk that may never answer, without waiting for ever and without asking twice at once.
//!
//! Each question is asked on a thread of its own. One that does not come back in time is left to
//! itself, and until it does the same disk is asked no more: so there is at most one such thread a
//! disk. Start at [`Waiting::ask`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// Questions of one kind that are not answered yet, by whom they were put to.
#[derive(Debug)]
pub struct Waiting<K, T> {
    asked: BTreeMap<K, Receiver<T>>,
}

impl<K, T> Default for Waiting<K, T> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, T: Send + 'static> Waiting<K, T> {
    /// The answer; none when it does not come in time. A question that was asked before is waited
    /// for no longer: whoever asks again has waited once, and takes the answer to it when it came.
    pub fn ask(
        &mut self,
        disk: &K,
        patience: Duration,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let patience = if self.asked.contains_key(disk) { Duration::ZERO } else { patience };
        if !patience.is_zero() {
            self.begin(disk, question);
        }
        self.answer(disk, patience)
    }

    /// Asks several disks at once. Those that do not answer are waited for together: as soon as one was
    /// waited for in vain, nobody is waited for any more.
    pub fn ask_all<Q: FnOnce() -> T + Send + 'static>(
        &mut self,
        questions: impl IntoIterator<Item = (K, Q)>,
        patience: Duration,
    ) -> BTreeMap<K, T> {
        let asked = |(disk, question): (K, Q)| {
            let is_new = !self.asked.contains_key(&disk);
            if is_new {
                self.begin(&disk, question);
            }
            (disk, is_new)
        };
        let wanted: Vec<(K, bool)> = questions.into_iter().map(asked).collect();
        let (mut left, mut answers) = (patience, BTreeMap::new());
        for (disk, is_new) in wanted {
            let said = self.answer(&disk, if is_new { left } else { Duration::ZERO });
            match said {
                Some(said) => _ = answers.insert(disk, said),
                None if is_new => left = Duration::ZERO,
                None => {}
            }
        }
        answers
    }

    /// Forgets whom else was asked: a late answer of one that went says nothing of one that came.
    pub fn keep(&mut self, wanted: impl Fn(&K) -> bool) {
        self.asked.retain(|disk, _| wanted(disk));
    }

    /// Whether somebody has not answered yet.
    pub fn is_open(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Asks, unless the last question still has no answer; whether it was asked. An answer that came
    /// late is thrown away: it says how things were.
    pub fn begin(&mut self, disk: &K, question: impl FnOnce() -> T + Send + 'static) -> bool {
        if let Some(answer) = self.asked.get(disk)
            && matches!(answer.try_recv(), Err(TryRecvError::Empty))
        {
            return false;
        }
        let (say, answer) = sync_channel(1);
        let ask = move || drop(say.try_send(question()));
        // Without a thread the channel is closed, and there is no answer.
        drop(Builder::new().name("ask a disk".to_owned()).spawn(ask));
        self.asked.insert(disk.clone(), answer);
        true
    }

    /// The answer to what was asked, as soon as it is there.
    pub fn answer(&mut self, disk: &K, patience: Duration) -> Option<T> {
        let answer = self.asked.remove(disk)?;
        match answer.recv_timeout(patience) {
            Ok(said) => Some(said),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.asked.insert(disk.clone(), answer);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A disk that hung was pulled, and when it was back its old answer was taken for a new one.
    #[test]
    fn a_late_answer_does_not_outlive_that_its_disk_went() {
        let mut waiting = Waiting::default();
        let (wake, sleeps) = channel::<u8>();
        assert_eq!(
            waiting.ask(&1, Duration::from_millis(1), move || sleeps.recv().unwrap_or(0)),
            None
        );
        waiting.keep(|disk| *disk != 1);
        assert!(!waiting.is_open());
        wake.send(7).unwrap();
        assert_eq!(waiting.ask(&1, LONG, || 8), Some(8));
    }

    #[test]
    fn a_disk_that_hangs_is_asked_once_and_holds_nobody_up_twice() {
        let mut waiting = Waiting::default();
        let (wake, sleeps) = channel::<u8>();
        assert!(waiting.begin(&1, move || sleeps.recv().unwrap_or(0)));
        assert_eq!(waiting.answer(&1, Duration::from_millis(1)), None);
        assert!(!waiting.begin(&1, || panic!("asked twice at once")));
        // Nobody waits for it a second time, and another one is not held up.
        assert_eq!(waiting.ask(&1, LONG, || panic!("asked twice at once")), None);
        assert_eq!(waiting.ask(&2, LONG, || 2), Some(2));
        wake.send(7).unwrap();
        assert_eq!(waiting.answer(&1, LONG), Some(7), "its answer is taken when it comes");
        assert_eq!(waiting.ask(&1, LONG, || 8), Some(8), "and then it is asked again");
    }
}
