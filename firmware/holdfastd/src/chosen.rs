//! What an owner chose while the box ran, and the file of settings then no longer decides: its quiet hours.
//!
//! Start at [`Chosen::load`] and [`Supervisor::set_quiet`].

use calls::{Answer, Fault, FaultCode};
use serde::{Deserialize, Serialize};
use volume::durable::IoFailure;

use crate::quiet::QuietHours;
use crate::show;
use crate::state::StateFolder;
use crate::supervisor::Supervisor;

const FILE: &str = "chosen.json";

/// All of it. What nobody chose is as the settings have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    quiet: Option<ChosenQuiet>,
}

/// Chosen quiet hours; none of them is a choice, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChosenQuiet {
    hours: Option<String>,
}

impl Chosen {
    /// As it was kept. What cannot be read was never chosen: the settings count.
    pub(crate) fn load(folder: &StateFolder) -> Self {
        let read = folder.get(FILE).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| {
            bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose().map_err(|e| e.to_string())
        });
        parsed.map(Option::unwrap_or_default).unwrap_or_else(|error| {
            tracing::error!(error, "what was chosen is forgotten: the settings count again");
            Self::default()
        })
    }

    /// The hours that count, where the settings have these.
    pub(crate) fn quiet(&self, settings: Option<QuietHours>) -> Option<QuietHours> {
        let Some(chosen) = &self.quiet else { return settings };
        let hours = chosen.hours.clone()?;
        QuietHours::try_from(hours)
            .inspect_err(|error| tracing::error!(error, "these quiet hours are none"))
            .map_or(settings, Some)
    }

    fn save(&self, folder: &StateFolder) -> Result<(), IoFailure> {
        folder.put(FILE, &serde_json::to_vec_pretty(self).unwrap_or_default())
    }
}

impl Supervisor {
    /// Sets the quiet hours, from now on and after every start.
    pub(crate) fn set_quiet(&self, hours: Option<String>) -> Result<Answer, Fault> {
        let read = hours.map(QuietHours::try_from).transpose().map_err(|error| {
            let sentence = format!("{error}.");
            let advice = "Give two different times of day, or none for never.";
            Fault::new(FaultCode::BadRequest, sentence, advice)
        })?;
        let hours = read.map(|QuietHours(hours)| hours.to_string());
        let mut shared = self.shared();
        let chosen = Chosen { quiet: Some(ChosenQuiet { hours }) };
        chosen.save(&self.folder).map_err(|error| show::record(&error))?;
        shared.quiet_hours = read;
        // What rests for hours that are none any more goes on at once.
        self.keep_quiet(&mut shared);
        drop(shared);
        self.changed.notify_all();
        Ok(Answer::Surroundings(self.surroundings()))
    }
}
