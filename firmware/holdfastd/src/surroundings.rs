//! What the box lives with and does not decide: quiet hours, its battery, whether it opens by itself; and that
//! it begins anew when somebody wants it to.
//!
//! Only tells; all of it stands in the settings, was chosen, or is heard from outside. Start at
//! [`Supervisor::surroundings`].

use calls::{Power, Surroundings};
use plan::power::{self, SILENT_MAX};

use crate::quiet::QuietHours;
use crate::supervisor::Supervisor;
use crate::ups::Battery;

impl Supervisor {
    /// Whether somebody wants the box to begin anew after it stopped.
    pub fn begins_anew(&self) -> bool {
        self.shared().begins_anew
    }

    /// Lets the box stop in order, and begin anew if that is wanted.
    pub(crate) fn stop_for(&self, beginning_anew: bool) {
        self.shared().begins_anew = beginning_anew;
        self.stop();
    }

    /// As they are now.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let config = &self.setup.config;
        let shared = self.shared();
        let quiet = shared.quiet_hours.map(|QuietHours(hours)| hours.to_string());
        Surroundings {
            quiet,
            quiet_now: shared.quiet,
            opens_itself: config.unlock.is_some(),
            power: config.ups.as_ref().map(|_| shared.battery.map_or(Power::Unclear, told)),
        }
    }
}

fn told(battery: Battery) -> Power {
    match battery.power {
        _ if battery.silent >= SILENT_MAX => Power::Silent,
        power::Power::Wall => Power::Wall,
        power::Power::Battery => Power::Battery,
        power::Power::Ending => Power::Ending,
        power::Power::Unclear => Power::Unclear,
    }
}
