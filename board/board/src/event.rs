//! What happens to a box from outside: disks come and go, somebody presses the button.
//!
//! Events are hints, bounded in number; whoever misses some asks for everything. Start at [`Event`].

use types::DiskIdentity;

use crate::disk::DiskInfo;

/// How the button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    /// Pressed and let go.
    Short,
    /// Held as long as the profile asks for, which begins what must not begin by mistake.
    Held,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A disk was plugged in.
    Inserted(DiskInfo),
    /// A disk was pulled, or went away by itself.
    Removed(DiskIdentity),
    /// A disk that stays is not as it was: read-only, or with another medium in it.
    Changed(DiskInfo),
    /// The button.
    Button(Press),
    /// More happened than could be kept: ask for all disks anew.
    Overflow,
}
