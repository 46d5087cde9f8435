//! The writing face. Nothing outside the target folder is ever created, opened or changed.
//!
//! Power-cut rule: none; nothing here is synced, the vault still has it all. A file that
//! replaces another does so in one step, when it is complete.

mod acl;
mod attrs;
mod error;
mod file;
mod naming;
mod shortfall;
mod target;

pub use error::WriteError;
pub use file::FileWriter;
pub use shortfall::Shortfall;
pub use target::{Existing, Owners, Target, TargetFolder, TargetOptions};
