//! What is asked about outlets: shown, set, tried out.
//!
//! Start at [`Supervisor::outlets`].

use calls::{Answer, Fault, FaultCode, OUTLETS_MAX, Outlet, OutletShown};
use tell::{SendError, words};

use crate::show;
use crate::supervisor::Supervisor;
use crate::telling::from;
use crate::telling::kept::{Kept, KeptOutlet};

impl Supervisor {
    /// All outlets, without their secrets.
    pub(crate) fn outlets(&self) -> Answer {
        shown(&self.telling.kept())
    }

    /// Sets all outlets. One of a name that was there before keeps its secret when none is given, and
    /// what waits for it.
    pub(crate) fn set_outlets(&self, outlets: Vec<Outlet>) -> Result<Answer, Fault> {
        if outlets.len() > OUTLETS_MAX {
            let sentence = format!("{} outlets are too many.", outlets.len());
            let advice = format!("A box has {OUTLETS_MAX} at most.");
            return Err(Fault::new(FaultCode::BadRequest, sentence, &advice));
        }
        let mut kept = self.telling.kept();
        let mut new: Vec<KeptOutlet> = Vec::new();
        for outlet in outlets {
            if new.iter().any(|one| one.outlet.name == outlet.name) {
                let sentence = format!("Two outlets are called {:?}.", outlet.name);
                let advice = "Give each a name of its own.";
                return Err(Fault::new(FaultCode::BadRequest, sentence, advice));
            }
            let before = kept.outlets.iter().find(|one| one.outlet.name == outlet.name);
            let outlet = with_secret(outlet, before);
            tell::check(&outlet).map_err(|error| refused(error, FaultCode::BadRequest))?;
            let same = before.filter(|before| before.outlet == outlet).cloned();
            let mut one = same.unwrap_or_else(|| KeptOutlet::new(outlet));
            one.waiting = before.map(|before| before.waiting.clone()).unwrap_or_default();
            new.push(one);
        }
        let mut next = kept.clone();
        next.outlets = new;
        next.save(&self.folder).map_err(|error| show::record(&error))?;
        *kept = next;
        Ok(shown(&kept))
    }

    /// Sends a test message now, and says whether a server took it.
    pub(crate) fn test_outlet(&self, name: &str) -> Result<Answer, Fault> {
        let Some(outlet) = self.telling.outlet(name) else {
            let sentence = format!("No outlet is called {name:?}.");
            return Err(Fault::new(FaultCode::NotFound, sentence, "Set it first."));
        };
        let text = words::test(&from(self.now(), outlet.brief));
        let sent = tell::send(&outlet, &text);
        let (mut kept, now) = (self.telling.kept(), self.now());
        if let Some(one) = kept.outlets.iter_mut().find(|one| one.outlet == outlet) {
            one.note_sent(&text, sent.clone().map_err(|error| error.to_string()), now);
        }
        self.keep(&kept);
        sent.map(|()| Answer::Done {}).map_err(|error| refused(error, FaultCode::Failed))
    }
}

/// A secret that was given before stays, as long as it goes where it went before: whoever may change
/// outlets must not learn it by having it sent to himself.
fn with_secret(mut outlet: Outlet, before: Option<&KeptOutlet>) -> Outlet {
    let kept = before.map(|one| &one.outlet.way);
    let kept = kept.filter(|way| way.destination() == outlet.way.destination());
    if outlet.way.secret().is_none() {
        let secret = kept.and_then(|way| way.secret()).cloned();
        outlet.way.set_secret(secret);
    }
    outlet
}

fn shown(kept: &Kept) -> Answer {
    let show = |one: &KeptOutlet| {
        let mut outlet = one.outlet.clone();
        let has_secret = outlet.way.secret().is_some();
        outlet.way.set_secret(None);
        let (sent_ms, fault) = (one.sent_ms, one.fault.clone());
        let waiting = u32::try_from(one.waiting.len()).unwrap_or(u32::MAX);
        OutletShown { outlet, has_secret, sent_ms, waiting, fault }
    };
    Answer::Outlets { outlets: kept.outlets.iter().map(show).collect() }
}

fn refused(error: SendError, code: FaultCode) -> Fault {
    Fault::new(code, error.sentence, &error.advice)
}
