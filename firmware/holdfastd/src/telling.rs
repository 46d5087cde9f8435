//! The box tells its owner what happened, without having been asked.
//!
//! What is news and when is decided in `plan::telling`, put into words and sent by `tell`; here is the
//! thread that looks, writes down what waits to be sent before it sends, and tries again. A message is
//! lost only when nobody takes it for three days. It waits for no job and no disk, and nobody waits
//! for it. Start at [`Supervisor::tell_owner`].

mod kept;
mod outlets;
mod week;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{Finding, Outlet, Severity};
use plan::telling::{Look, letter, news};
use tell::Text;
use tell::words;
use types::{Millis, UnixTime};

use crate::show;
use crate::supervisor::Supervisor;

pub(crate) use kept::Kept;

/// What is wrong is looked at this often, or when something happens.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// And never more often than this.
const LOOK_AT_MOST: Duration = Duration::from_secs(2);
/// An outlet that took nothing for this long is itself something to tell.
const SILENT_MAX: Millis = Millis::from_days(1);
/// What the box is called in a message.
const NAME: &str = "Holdfast";

/// What is told to whom, and what waits.
#[derive(Debug, Default)]
pub(crate) struct Telling(Mutex<Kept>);

impl Telling {
    /// As it was kept.
    pub(crate) fn new(kept: Kept) -> Self {
        Self(Mutex::new(kept))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The outlet of that name.
    fn outlet(&self, name: &str) -> Option<Outlet> {
        let kept = self.kept();
        kept.outlets.iter().find(|one| one.outlet.name == name).map(|one| one.outlet.clone())
    }

    /// Outlets that took nothing for a day.
    pub(crate) fn findings(&self, now: UnixTime) -> Vec<Finding> {
        let kept = self.kept();
        let silent = kept.outlets.iter().filter_map(|one| {
            let (since, fault) = (UnixTime(one.failing_since_ms?), one.fault.as_ref()?);
            (now.since(since) >= SILENT_MAX).then(|| Finding {
                severity: Severity::Warning,
                sentence: format!("Messages by {:?} do not arrive: {fault}", one.outlet.name),
                action: "Mend it and send a test message, or remove it.".to_owned(),
                nameless: None,
            })
        });
        silent.collect()
    }
}

impl Supervisor {
    /// Tells the owner what happens, until the box stops.
    pub fn tell_owner(&self) {
        loop {
            if self.rests(LOOK_AT_MOST) {
                return;
            }
            self.tell_now();
            let waits = self.changed.wait_timeout(self.shared(), LOOK_EVERY);
            if waits.unwrap_or_else(PoisonError::into_inner).0.stopping {
                return;
            }
        }
    }

    /// Looks once for something to tell, and sends what waits.
    pub fn tell_now(&self) {
        self.look_for_news();
        self.send_waiting();
    }

    /// Decides what there is to tell, and writes it down for every outlet.
    fn look_for_news(&self) {
        let now = self.now();
        let findings: Vec<_> = self.shared().health.findings.iter().map(show::found).collect();
        let sees_all = self.vault.get().is_none() || self.keeper.vault_now().is_some();
        let look = Look { now, findings: &findings, sees_all };
        let before = self.telling.kept().clone();
        // Nobody was told while there is nobody to tell.
        if before.outlets.is_empty() {
            return;
        }
        let (mut told, news) = news(&before.told(), look);
        let mut texts: Vec<Box<dyn Fn(bool) -> Text>> = Vec::new();
        if !news.is_empty() {
            texts.push(Box::new(move |brief| words::news(&from(now, brief), &news)));
        }
        if let Some(after) = letter(&told, now) {
            let week = self.week(&findings);
            told = after;
            texts.push(Box::new(move |brief| words::letter(&from(now, brief), &week)));
        }
        let mut kept = self.telling.kept();
        kept.note(&told);
        for one in &mut kept.outlets {
            let brief = one.outlet.brief;
            one.queue(texts.iter().map(|text| text(brief)));
        }
        if kept.differs_from(&before) {
            self.keep(&kept);
        }
    }

    /// Sends what waits, an outlet after the other. The lock is not held meanwhile: who changes the
    /// outlets is not kept waiting.
    fn send_waiting(&self) {
        let due: Vec<_> = {
            let (kept, now) = (self.telling.kept(), self.now());
            let due = kept.outlets.iter().filter(|one| one.is_due(now));
            due.filter_map(|one| Some((one.outlet.clone(), one.waiting.first()?.clone()))).collect()
        };
        for (outlet, text) in due {
            let sent = tell::send(&outlet, &text);
            if let Err(error) = &sent {
                tracing::warn!(outlet = outlet.name, "a message was not taken: {error}");
            }
            let (mut kept, now) = (self.telling.kept(), self.now());
            if let Some(one) = kept.outlets.iter_mut().find(|one| one.outlet == outlet) {
                one.note_sent(&text, sent.map_err(|error| error.to_string()), now);
            }
            self.keep(&kept);
        }
    }

    /// Writes it down. When that fails, a message may be sent twice after a restart.
    fn keep(&self, kept: &Kept) {
        if let Err(error) = kept.save(&self.folder) {
            tracing::error!(%error, "what the owner was told cannot be written down");
        }
    }
}

fn from(now: UnixTime, brief: bool) -> words::From<'static> {
    words::From { name: NAME, now, brief }
}
