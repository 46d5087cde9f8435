//! Where a Linux board finds what it works with.
//!
//! Tests bring folders of their own for everything; a box takes [`Settings::of_system`].

use std::path::PathBuf;
use std::time::Duration;

use crate::owner::Owner;

/// Where things are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The kernel's tree of devices.
    pub sys: PathBuf,
    /// The kernel's tree of processes: mounts and swap.
    pub proc: PathBuf,
    /// Device nodes.
    pub dev: PathBuf,
    /// The box's own folder for mounts. It is made when it is missing.
    pub home: PathBuf,
    /// Only for rehearsals and tests: loop devices are the disks when the file behind them lies in
    /// here, and nothing else is one. A file in a folder in here is plugged in at `desk/` and that folder's name.
    pub images: Option<PathBuf>,
    /// The program that looks at foreign disks: `holdfast-probe`, or any that calls
    /// [`crate::answer_as_child`] first.
    pub probe: PathBuf,
    /// A folder with programs that are taken instead of the system's. For tests.
    pub programs: Option<PathBuf>,
    /// Whose the files of volumes are, when the box does not run as the user that mounts.
    pub owner: Option<Owner>,
    /// Where is kept for a while what was on a disk before it was formatted. None: nothing is kept.
    pub keeps_in: Option<PathBuf>,
    /// How long a file system that somebody still uses is waited for when it is unmounted.
    pub patience: Duration,
}

impl Settings {
    /// The system's own places.
    pub fn of_system(probe: PathBuf) -> Self {
        Self {
            sys: PathBuf::from("/sys"),
            proc: PathBuf::from("/proc"),
            dev: PathBuf::from("/dev"),
            // Not in the box's own folder: a service manager clears that one when the box stops.
            home: PathBuf::from("/run/holdfast-hands/disks"),
            images: None,
            probe,
            programs: None,
            owner: None,
            keeps_in: Some(PathBuf::from("/var/lib/holdfast-hands")),
            patience: Duration::from_secs(5),
        }
    }
}
