//! Where the box and its friends' service meet: when it starts and ends, and what it is told.
//!
//! Without friends nothing listens. That the service cannot start is told and ends nothing else.
//! Start at [`Supervisor::begin_friends`]; what it needs of the box is in `friends_home`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use calls::{Answer, Call, Fault, FaultCode, Finding, Nameless, Severity};
use friends::Service;
use friends::outside::Told;

use crate::friends_home::BoxHome;
use crate::locked_volumes::{Looked, Opened};
use crate::show;
use crate::supervisor::Supervisor;

/// Whose heads count, by public key, for while the box is locked.
const WRITERS: &str = "head-writers";

/// Friends are waited for no longer before disks are used without them.
const LET_GO_WITHIN: Duration = Duration::from_secs(10);

/// Who looks after friends, and with what.
#[derive(Debug, Default)]
pub(crate) struct Friendship {
    /// Once the box has begun to.
    service: OnceLock<Service>,
    /// Why nobody does.
    fault: OnceLock<Fault>,
    /// The disks are not to be used for friends: they change.
    pub(crate) kept_back: AtomicBool,
    /// Disks that were opened for friends because the vault is locked.
    pub(crate) opened: Mutex<Looked<Opened>>,
}

impl Friendship {
    /// Who looks after friends, once somebody does.
    pub(crate) fn service(&self) -> Option<&Service> {
        self.service.get()
    }
}

impl Supervisor {
    /// Goes on with every friend. Once.
    pub fn begin_friends(self: &Arc<Self>) {
        let home = Arc::new(BoxHome::new(self));
        let settings = self.setup.config.friends.clone().unwrap_or_default();
        match Service::start(self.folder.path(), home, settings.listening()) {
            // Once: there is one service.
            Ok(service) => drop(self.friendship.service.set(service)),
            Err(error) => {
                tracing::error!(error = show::whole(&error), advice = error.advice(), "no friends");
                let fault = Fault::new(FaultCode::Failed, show::whole(&error), error.advice());
                drop(self.friendship.fault.set(fault));
            }
        }
        self.judge_soon();
    }

    pub(crate) fn friends(&self) -> Result<&Service, Fault> {
        let missing = || {
            self.friendship.fault.get().cloned().unwrap_or_else(|| {
                let sentence = "The box has just started.";
                Fault::new(FaultCode::Busy, sentence, "Try again in a moment.")
            })
        };
        self.friendship.service.get().ok_or_else(missing)
    }

    /// Answers what is asked about friends.
    pub(crate) fn answer_of_friends(&self, call: Call) -> Result<Answer, Fault> {
        let needs_vault = matches!(
            call,
            Call::FriendInvite { .. }
                | Call::FriendLook { .. }
                | Call::FriendAnswer { yes: true, .. }
        );
        if needs_vault {
            if self.vault.get().is_none() {
                return Err(show::no_vault());
            }
            self.must_be_told()?;
            // Who this box is stands in the vault.
            drop(self.keeper.vault()?);
        }
        let nothing =
            || Fault::new(FaultCode::BadRequest, "This is not about friends.", "Ask again.");
        self.friends()?.answer(call).unwrap_or_else(|| Err(nothing()))
    }

    /// What there is to say about friends.
    pub(crate) fn judge_friends(&self, found: &mut Vec<Finding>) {
        found.extend(self.friendship.fault.get().map(|fault| Finding {
            severity: Severity::Warning,
            sentence: format!("No talk with friends' boxes: {}", fault.sentence),
            action: fault.advice.clone(),
            nameless: Some(Nameless {
                sentence: "There is no talk with friends' boxes.".to_owned(),
                action: fault.advice.clone(),
            }),
        }));
        let Some(service) = self.friendship.service.get() else { return };
        found.extend(service.findings(self.now()).into_iter().map(finding_of_friends));
    }

    /// Something may be new for friends, or may be asked of them.
    pub(crate) fn tell_friends_of_vault(&self) {
        if let Some(service) = self.friendship.service.get() {
            service.vault_changed();
        }
    }

    /// Before the vault is closed or opened with other disks: nobody else may hold one of them. A friend
    /// that does for too long is told of and not waited for.
    pub(crate) fn let_friends_go_of_disks(&self) {
        self.friendship.kept_back.store(true, Ordering::SeqCst);
        self.friendship.opened.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let service = self.friendship.service.get();
        if service.is_some_and(|service| !service.let_go_of_disks(LET_GO_WITHIN)) {
            tracing::warn!("a disk is still in use for a friend");
        }
    }

    /// The disks may be used for friends again.
    pub(crate) fn lend_disks_to_friends(&self) {
        self.friendship.kept_back.store(false, Ordering::SeqCst);
        if let Some(service) = self.friendship.service.get() {
            service.shelves_changed();
        }
    }

    /// The clock is right.
    pub(crate) fn tell_friends_of_clock(&self) {
        if let Some(service) = self.friendship.service.get() {
            service.clock_agreed();
        }
    }

    /// Says goodbye to friends, before the vault is closed.
    pub(crate) fn leave_friends(&self) {
        if let Some(service) = self.friendship.service.get() {
            service.stop();
        }
    }

    /// Devices that write heads, as they were when the vault was last open.
    pub(crate) fn remembered_writers(&self) -> Vec<[u8; 32]> {
        let kept = self.folder.get(WRITERS).ok().flatten().unwrap_or_default();
        kept.as_chunks::<32>().0.to_vec()
    }

    pub(crate) fn remember_writers(&self, writers: &[[u8; 32]]) {
        if writers == self.remembered_writers() {
            return;
        }
        if let Err(error) = self.folder.put(WRITERS, &writers.concat()) {
            tracing::warn!(%error, "whose heads count is not remembered");
        }
    }
}

/// A finding about friends, with what a helper is told instead.
pub(crate) fn finding_of_friends(Told { finding, nameless }: Told) -> Finding {
    let (sentence, action) = (nameless.sentence, nameless.action);
    Finding {
        severity: show::severity(finding.severity),
        sentence: finding.sentence,
        action: finding.action,
        nameless: Some(Nameless { sentence, action }),
    }
}
