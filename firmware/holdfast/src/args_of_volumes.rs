//! The command line of volumes and spaces: what may be typed. Nothing is decided or opened here.
//!
//! Start at [`VolumeCommand`].

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Subcommand;

/// `holdfast volume`.
#[derive(Debug, Subcommand)]
pub(crate) enum VolumeCommand {
    /// Show the volumes and how full they are
    List,
    /// Add a disk: an empty folder on it
    Add {
        /// The folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Copy what is on a volume to the others, so that its disk can be pulled
    Retire {
        /// The id, the front of one, or the path
        #[arg(value_name = "ID")]
        volume: OsString,
    },
    /// Put a new disk in the place of one that is lost or broken
    Replace {
        /// The id, the front of one, or the path
        #[arg(value_name = "ID")]
        volume: OsString,
        /// An empty folder on the new disk
        #[arg(long, value_name = "DIR")]
        with: PathBuf,
    },
    /// Change on how many disks each piece is kept, and make the copies
    Copies {
        /// How many
        #[arg(value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
        copies: u8,
    },
    /// Let go of a volume for good
    Remove {
        /// The id, the front of one, or the path
        #[arg(value_name = "ID")]
        volume: OsString,
        /// Even when something is on no other volume: that is lost then
        #[arg(long)]
        force: bool,
    },
}

/// `holdfast space`.
#[derive(Debug, Subcommand)]
pub(crate) enum SpaceCommand {
    /// Show the spaces, and how many sources each has
    List,
    /// Make a space
    Add {
        /// What to call it
        #[arg(value_name = "NAME")]
        name: String,
    },
}
