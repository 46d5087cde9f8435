//! The part of the command line that brings the vault of a box that is gone back.
//!
//! The words stand in a file or are typed where nobody sees them; a come-back address is no secret. Start at
//! [`Reborn`].

use std::path::PathBuf;

use clap::Args;

/// `holdfast reborn`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Reborn {
    /// Blank disks: the bay, the id, or the last four of the serial of each
    #[arg(value_name = "DISK", required = true)]
    pub(crate) disks: Vec<String>,
    /// The come-back address at a friend, as its sheet in the recovery kit has it; once for each friend
    #[arg(long, value_name = "TEXT", required_unless_present = "sheet_file")]
    pub(crate) sheet: Vec<String>,
    /// A file with a come-back address
    #[arg(long, value_name = "FILE")]
    pub(crate) sheet_file: Vec<PathBuf>,
    /// Go on although a friend cannot be reached: what is newer and only there is given up for good
    #[arg(long)]
    pub(crate) without_missing: bool,
    /// Follow the data to its end, and not only until everything can be listed
    #[arg(long)]
    pub(crate) wait: bool,
}
