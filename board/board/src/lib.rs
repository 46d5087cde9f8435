//! The box's body, as everything above sees it: disks, bays, lights, a button, and what happens to
//! them.
//!
//! Plain data and one trait, [`Board`]; nothing here touches hardware, and nothing decides. Two
//! crates stand behind it: one for Linux, one that simulates a whole machine in a folder, and nobody
//! above can tell which it has. Which bay is where comes from a profile, which is a file of data.
//! Before anything destructive a board checks its target again itself: see [`Board::prepare`].
//! Start reading at [`Board`], then [`Profile`].
#![warn(missing_docs)]

pub mod burn;
mod disk;
mod error;
mod event;
mod order;
pub mod profile;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

pub use burn::{BurnOrder, BurnSeed, BurnStep, Burnt, WrongBytes};
pub use disk::{DiskInfo, Place, Power};
pub use error::BoardError;
pub use event::{Event, Press};
pub use order::{MountAs, Mounted, PrepareOrder, Prepared, PutBackOrder};
pub use profile::Profile;
pub use types::{
    Agreement, DiskContent, DiskIdentity, Foreign, Light, SmartFacts, Transport, VolumeMark,
};

/// A box's hardware.
///
/// Every target is named by its whole [`DiskIdentity`], never by a name that the next start gives to
/// another disk. A call for a disk that is not there, or that is another one by now, is refused with
/// [`BoardError::NotThere`]. Calls may come from several threads; one that concerns a disk that hangs
/// may hang, and holds up no call that concerns another.
pub trait Board: Send + Sync + Debug {
    /// What this box looks like.
    fn profile(&self) -> &Profile;

    /// Every disk that is plugged in now, in order of port. The system's own disk is none of them.
    /// Reads only what the system knows already: no disk is woken.
    fn disks(&self) -> Result<Vec<DiskInfo>, BoardError>;

    /// The next thing that happened, or none when nothing did in that time. Events are hints: after
    /// [`Event::Overflow`], and at the start, the caller asks [`Board::disks`] for all there is.
    fn next_event(&self, wait: Duration) -> Result<Option<Event>, BoardError>;

    /// What the disk says about its health. A disk that sleeps is left to sleep
    /// ([`BoardError::Asleep`]).
    fn smart(&self, disk: &DiskIdentity) -> Result<SmartFacts, BoardError>;

    /// Looks at what is on a disk. Never writes to it, not even a journal's replay.
    fn probe(&self, disk: &DiskIdentity) -> Result<DiskContent, BoardError>;

    /// Erases a disk and makes an empty ext4 on it: signatures wiped, a GPT, one file system with
    /// the order's label.
    ///
    /// Right before the first write the board checks again that the disk there is the very disk of
    /// the order, plugged in as it was then, and that what is on it is what the owner was shown: `order.expects`, or nothing,
    /// or an unfinished attempt at this same order. Anything else is refused with
    /// [`BoardError::Changed`], as is a disk that is mounted, that is read-only, or that the system
    /// runs from. A second call after a finished one answers [`Prepared::AlreadyDone`] as long as
    /// nothing was put on the file system.
    fn prepare(&self, disk: &DiskIdentity, order: &PrepareOrder) -> Result<Prepared, BoardError>;

    /// Puts back, to the byte, what was on a disk before [`Board::prepare`] answered [`Prepared::Kept`].
    ///
    /// Only while everything that it would overwrite is as formatting left it: else, or when what was there
    /// is not kept any more, nothing is written and the answer is [`BoardError::Changed`] or
    /// [`BoardError::Nothing`]. Any other answer says nothing of the disk, and the same may be asked again.
    /// Cut short, at this port or another, the same order again leads to the same end.
    fn put_back(&self, disk: &DiskIdentity, order: &PutBackOrder) -> Result<(), BoardError>;

    /// Lets go of everything that [`Board::prepare`] kept, but for the orders with these labels: nobody can
    /// put it back any more, and it takes room.
    fn keep_only(&self, labels: &BTreeSet<String>) -> Result<(), BoardError>;

    /// Does one step of a test of the whole disk ([`burn`]).
    ///
    /// Right before the first step writes, the board checks as for [`Board::prepare`] that the disk is the
    /// very disk of the order, and that it is blank or has on it what its owner was shown. Any later step
    /// is refused on a disk that does not bear the mark of this very test. A step may be asked for again.
    fn burn(&self, disk: &DiskIdentity, order: &BurnOrder) -> Result<Burnt, BoardError>;

    /// Reads from a disk for a moment, so that its own light shows which one it is. Nothing is kept of what
    /// was read, and nothing written.
    fn pulse(&self, disk: &DiskIdentity) -> Result<(), BoardError>;

    /// Mounts a disk's file system under the box's own folder. Mounting again what is mounted in
    /// the same way gives a second handle on it; in another way it is refused.
    fn mount(&self, disk: &DiskIdentity, how: MountAs) -> Result<Mounted, BoardError>;

    /// Unmounts it, after everything was written. A disk that is not mounted is no error.
    fn unmount(&self, disk: &DiskIdentity) -> Result<(), BoardError>;

    /// Sets the light beside a bay, named as in the profile. Where there is none, nothing happens.
    fn light(&self, bay: &str, light: Light) -> Result<(), BoardError>;

    /// Lets a disk sleep; the next access wakes it.
    fn sleep(&self, disk: &DiskIdentity) -> Result<(), BoardError>;
}
