//! What a box is given from outside, and the hardware whose disks it cares for. Plain facts. Start at
//! [`Setup`].

use std::path::PathBuf;
use std::sync::Arc;

use board::Board;
use board_sim::Machine;
use vault::Env;

use crate::config::Config;
use crate::notify::Notifier;
use crate::volumes::{Plugged, VolumesSource};

/// What a box is given from outside.
#[derive(Debug)]
pub struct Setup {
    /// Its settings.
    pub config: Config,
    /// Time and randomness.
    pub env: Env,
    /// Its volumes.
    pub source: Arc<dyn VolumesSource>,
    /// Who hears that it is ready and alive.
    pub notifier: Notifier,
    /// A file that is touched whenever the system's clock was set by a time server.
    pub clock_is_set: PathBuf,
    /// The hardware whose disks it cares for, if it does.
    pub hardware: Option<Hardware>,
}

/// A box's hardware, and where what is mounted of it is found.
#[derive(Debug)]
pub struct Hardware {
    /// The hardware.
    pub board: Arc<dyn Board>,
    /// The same as a hand sees it, when it is simulated.
    pub desk: Option<Machine>,
    /// What is mounted: the supervisor's source of volumes.
    pub plugged: Arc<Plugged>,
}
