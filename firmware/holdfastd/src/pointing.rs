//! Which disk is it? One without a light beside it is read for moments, so that its own light pulses.
//!
//! Each disk has a thread for it, which ends by itself: nobody has to remember to switch it off, and a disk
//! that hangs holds up nobody else. Start at [`Carer::let_pulse`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use types::{DiskIdentity, Millis};

use crate::carer::Carer;
use crate::supervisor::Supervisor;

/// Between two moments in which a disk is read: with them, a light that blinks once a second.
const PAUSE: Duration = Duration::from_millis(600);
/// As long as it takes to walk to the box and look.
const LONGEST: Millis = Millis::from_secs(120);

/// Disks whose light pulses, each with what ends it.
pub(crate) type Pulsing = BTreeMap<DiskIdentity, Arc<AtomicBool>>;

impl Supervisor {
    /// Whether a bay has a light of its own.
    pub(crate) fn has_light(&self, bay: &str) -> bool {
        let profile = self.setup.hardware.as_ref().map(|hardware| hardware.board.profile());
        profile.and_then(|profile| profile.bay(bay)).is_some_and(|bay| bay.led.is_some())
    }
}

impl Carer {
    /// Lets a disk's own light pulse for a while, or no more.
    pub(crate) fn let_pulse(&mut self, disk: &DiskIdentity, on: bool) {
        if let Some(before) = self.pulsing.remove(disk) {
            before.store(true, Ordering::SeqCst);
        }
        if !on {
            return;
        }
        let over = Arc::<AtomicBool>::default();
        self.pulsing.insert(disk.clone(), Arc::clone(&over));
        let (supervisor, disk) = (Arc::clone(&self.supervisor), disk.clone());
        let named = std::thread::Builder::new().name("pulse".to_owned());
        let spawned = named.spawn(move || pulse(&supervisor, &disk, &over));
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread to let a light pulse");
        }
    }
}

fn pulse(supervisor: &Supervisor, disk: &DiskIdentity, over: &AtomicBool) {
    let Some(hardware) = &supervisor.setup.hardware else { return };
    let end = supervisor.uptime().0 + LONGEST.0;
    while !over.load(Ordering::SeqCst) && supervisor.uptime().0 < end {
        if let Err(error) = hardware.board.pulse(disk) {
            tracing::info!(%error, "a light pulses no more");
            return;
        }
        if supervisor.rests(PAUSE) {
            return;
        }
    }
}
