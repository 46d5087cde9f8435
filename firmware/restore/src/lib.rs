//! Emergency restore: everything a vault holds, or a part of it, as plain files on USB drives.
//!
//! Several drives are filled one after the other; when not everything fits, what is hardest to get
//! again comes first. It goes on after a pulled drive, reads every file back, and leaves a manifest
//! that other programs can check, a page to browse, and lists of what was renamed or left out. It
//! never writes outside its own folder on a drive, never decides what goes where (`plan::emergency`
//! does), and never formats, mounts or unmounts. After a crash, what stands in a drive's manifest
//! is on the drive. Start at [`restore_to_drives`].
#![warn(missing_docs)]

mod begin;
mod browse;
mod drive;
mod error;
mod finish;
mod manifest;
mod names;
mod parts;
mod plain;
mod refusal;
mod run;
mod set;
mod verify;
mod write;

pub use browse::{PAGE, README};
pub use drive::{LEFT_OUT, RENAMED};
pub use error::RestoreError;
pub use manifest::MANIFEST;
pub use parts::Choice;
pub use run::{OnStage, Options, Report, Stage, restore_to_drives};
pub use verify::{VerifyReport, verify};
