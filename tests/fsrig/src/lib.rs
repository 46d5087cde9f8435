//! Power cuts on real file systems: the kernel's ext4 and xfs, on disks that write down every
//! request, under the real volume and the real vault.
//!
//! A disk is a file in memory that FUSE serves to a loop device. What it was asked, in order, gives
//! every state that a power cut may leave; each is mounted, its journal replayed by the kernel,
//! and what is on it compared with what was acknowledged by then. It needs root, FUSE and loop
//! devices, leaves nothing behind, and never touches a disk of the machine. Real power is never
//! cut here: what controllers do beyond losing unflushed writes and tearing one is not seen.
//!
//! Start at [`job::Job`], then [`rig::Rig`] and [`log::Log::left_at`].

mod acts;
mod faulty;
pub mod found;
pub mod guard;
pub mod image;
pub mod job;
pub mod log;
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts programs and asks the time"
)]
mod outside;
pub mod rig;
pub mod search;
pub mod serve;
pub mod story;
pub mod vaults;
pub mod volumes;
pub mod work;
pub mod world;

pub use outside::now;
