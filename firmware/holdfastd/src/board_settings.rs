//! The `[board]` table of the settings: which hardware the box has, and where it is found.
//!
//! Start at [`BoardSettings`].

use std::path::PathBuf;

use serde::Deserialize;

/// The `[board]` table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardSettings {
    /// What kind of hardware it is.
    pub kind: BoardKind,
    /// `desk`: the folder of the simulated machine. `linux`: a folder of disk images that count as
    /// disks once they are attached to loop devices, for rehearsals only.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// `linux`: the profile by its name, where the machine's own is not recognised.
    #[serde(default)]
    pub profile: Option<String>,
    /// `hands`: the helper's socket, instead of `/run/holdfast-hands/hands.sock`.
    #[serde(default)]
    pub helper: Option<PathBuf>,
    /// `linux`: where disks are mounted, instead of `/run/holdfast-hands/disks`.
    #[serde(default)]
    pub mounts: Option<PathBuf>,
    /// `linux`: the program that looks at foreign disks, instead of the one beside this one.
    #[serde(default)]
    pub probe: Option<PathBuf>,
    /// `linux`: a folder of programs that are taken instead of the system's, for rehearsals only.
    #[serde(default)]
    pub programs: Option<PathBuf>,
    /// Minutes after which a disk that nobody used is sent to sleep; 0 never sends one.
    #[serde(default = "usual_sleep")]
    pub sleep_after_minutes: u32,
}

/// Long enough that a disk is not woken and sent to sleep again the whole day.
fn usual_sleep() -> u32 {
    30
}

/// What kind of hardware a box has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardKind {
    /// A whole machine that is simulated in a folder.
    Desk,
    /// The computer's own disks, by a box that runs as root.
    Linux,
    /// The computer's own disks, by way of the helper.
    Hands,
}
