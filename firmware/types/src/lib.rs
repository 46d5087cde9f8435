//! The words every other crate speaks: ids, byte counts, times, what a disk is, and the seams for
//! time and randomness.
//!
//! Nothing here does I/O, reads a clock or draws a random number: [`Clock`] and [`Rng`] are traits
//! that the outermost layer fills in. Start reading at [`id`].
#![warn(missing_docs)]

pub mod bytes;
pub mod clock;
pub mod disk;
pub mod id;
pub mod pact;
pub mod sabotage;
pub mod seam;
pub mod time;

pub use bytes::Bytes;
pub use disk::{
    Agreement, DiskContent, DiskIdentity, Foreign, Light, SmartFacts, Transport, VolumeMark,
};
pub use id::{
    BadId, ChunkId, EndpointId, HeadHash, InviteId, ObjectId, OwnerKey, PackId, SourceId, SpaceId,
    VaultId, VolumeId,
};
pub use seam::{Clock, Rng, Signer};
pub use time::{Millis, UnixTime};
