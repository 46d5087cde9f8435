//! Which light shows what: beside each bay, and nowhere contradicting what the page says.
//!
//! Start at [`Roster::lights`].

use std::collections::BTreeMap;

use types::Light;

use super::decide::Action;
use super::life::{Life, Standing};
use super::roster::Roster;

/// A bay's name.
pub type Bay = String;

impl Roster {
    /// What the light beside each of the bays shows, given what is to be done now.
    pub fn lights(&self, bays: &[Bay], actions: &[Action]) -> BTreeMap<Bay, Light> {
        let mut lights: BTreeMap<Bay, Light> =
            bays.iter().map(|bay| (bay.clone(), Light::Off)).collect();
        let mut show = |bay: Option<&Bay>, light| {
            if let Some(shown) = bay.and_then(|bay| lights.get_mut(bay)) {
                *shown = light;
            }
        };
        for entry in self.entries.iter().filter(|entry| entry.life.is_here()) {
            let asks = Action::AskPull { disk: entry.identity.clone() };
            let withdraws = Action::WithdrawPull { disk: entry.identity.clone() };
            let asked = entry.pull_asked || actions.contains(&asks);
            let light = match (entry.life, entry.life.standing()) {
                _ if asked && !actions.contains(&withdraws) => Light::Here,
                (Life::Quarantined(..), _) | (_, Some(Standing::Watch)) => Light::Watch,
                (_, Some(Standing::Failed)) => Light::Failed,
                (_, Some(Standing::Member | Standing::Retiring)) => Light::Good,
                (Life::Drained | Life::Rescue | Life::Courier, None) => Light::Good,
                (_, None) => Light::Off,
            };
            show(entry.bay.as_ref(), light);
        }
        for action in actions {
            if let Action::AskInsert { bay, .. } = action {
                show(bay.as_ref(), Light::Here);
            }
        }
        lights
    }
}
