//! A computer that backs itself up to a box over the network, and brings its files back.
//!
//! It scans, cuts and names with the code of the vault, asks which pieces the box lacks, and sends those. It
//! holds a token for its own source and the keys that cut and name, nothing that opens a pack; both lie in
//! its user's folder, for that user alone. Whatever breaks on the way is tried again: what the box has
//! acknowledged is not sent twice. What it says over the line: `docs/protocols/computers.md`.
//! Start at [`pair`], [`back_up`] and [`restore`].
#![warn(missing_docs)]

mod ahead;
mod backup;
mod error;
mod line;
mod objects;
mod outbound;
mod pairing;
mod parcels;
mod restore;
mod slow;
mod versions;

pub use backup::{Backup, Report, back_up};
pub use error::ComputerError;
pub use line::{Counts, Line, News};
pub use pairing::{Folders, Pairing, Split, pair};
pub use restore::{Restore, list, restore};
pub use versions::{Version, find, versions};
