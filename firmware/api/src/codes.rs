//! Pairing codes for whoever is at the box itself and needs no page for it.
//!
//! Start at [`Codes::make`].

use std::sync::{Arc, Weak};

use axum::http::StatusCode;
use calls::SecretText;
use calls::afar::{PairingCode, whole_code};
use people::{PAIRING_FOR, Refusal, Told};

use crate::problem::Problem;
use crate::shared::{Shared, State};

/// Makes codes, as long as the door is open.
#[derive(Clone, Debug)]
pub struct Codes(Weak<Shared>);

impl Codes {
    pub(crate) fn of(state: &State) -> Self {
        Self(Arc::downgrade(state))
    }

    /// A code with which a computer of this person is paired. Blocks.
    pub fn make(&self, person: &str, source: Option<String>) -> Result<PairingCode, Problem> {
        let Some(shared) = self.0.upgrade() else {
            let (detail, next) = ("The web door is closed.", "Start the box anew.");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(Problem::new(status, "shutting_down", detail, next));
        };
        let id = shared.keeper.house().named(person).map(|one| one.id).ok_or(Refusal::NotFound)?;
        let told = Told {
            who: String::new(),
            act: "make-pairing",
            what: person.to_owned(),
            from: "the box itself".to_owned(),
        };
        let now = shared.env.now();
        let code = shared.keeper.change(Some(told), |house| {
            house.new_pairing(id, (source, None), now, &*shared.env.rng)
        })?;
        let code = SecretText::from(whole_code(&code.text(), &shared.ca));
        Ok(PairingCode { code, seconds: PAIRING_FOR.0 / 1_000 })
    }
}
