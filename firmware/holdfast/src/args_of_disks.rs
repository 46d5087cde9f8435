//! The part of the command line that is about the disks of a running box, and about the desk on which
//! a simulated one stands.
//!
//! Nothing is decided here. Start at [`DiskCommand`].

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `holdfast create`.
#[derive(Debug, Args)]
pub(crate) struct CreateOnBox {
    /// Blank disks: the bay, the id, or the last four of the serial of each
    #[arg(value_name = "DISK", required = true)]
    pub(crate) disks: Vec<String>,
    /// On how many disks each piece is kept; 2 when not given, 1 when there is one disk
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) copies: Option<u8>,
    /// Write the 24 words into this new file instead of showing them
    #[arg(long, value_name = "FILE")]
    pub(crate) kit_out: Option<PathBuf>,
    /// Let a password open the vault, too
    #[arg(long)]
    pub(crate) with_password: bool,
}

/// `holdfast copies`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Copies {
    /// How many
    #[arg(value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) copies: u8,
}

/// `holdfast keep`. What is not named stays as it is; days are counted from now, and what two steps have in common
/// leaves the later one out.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Keep {
    /// Keep every version for so many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) all: Option<u32>,
    /// Then the newest of each hour, up to an age of so many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) hourly: Option<u32>,
    /// Then the newest of each day, up to an age of so many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) daily: Option<u32>,
    /// Then the newest of each week, up to an age of so many days; after that one a month stays for ever
    #[arg(long, value_name = "DAYS")]
    pub(crate) weekly: Option<u32>,
    /// Keep versions as is usual
    #[arg(long, conflicts_with_all = ["all", "hourly", "daily", "weekly"])]
    pub(crate) usual: bool,
    /// Only show what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do it also when less is kept than until now
    #[arg(long)]
    pub(crate) less: bool,
}

/// `holdfast disk`. A disk is named by its bay, its id, or the last four of its serial.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DiskCommand {
    /// Use a blank disk for the vault
    Adopt {
        /// Which
        disk: String,
        /// In the place of this one
        #[arg(long, value_name = "DISK")]
        replaces: Option<String>,
        /// Test all of it before, which takes hours; a disk that does not keep everything is not used
        #[arg(long)]
        burn_in: bool,
    },
    /// Write all of a disk and read it again, so that it shows whether it can be trusted
    BurnIn {
        /// Which
        disk: String,
        /// The last four of its serial, where something is on it: all of that goes, ten minutes later
        #[arg(long, value_name = "LAST4")]
        serial: Option<String>,
        /// Let it take part when it is found good
        #[arg(long)]
        adopt: bool,
    },
    /// Let go of what is on a disk and use it for the vault; can be undone until something is stored
    Erase {
        /// Which
        disk: String,
        /// The last four of its serial, so that no other disk is meant
        #[arg(long, value_name = "LAST4")]
        serial: String,
        /// In the place of this one
        #[arg(long, value_name = "DISK")]
        replaces: Option<String>,
    },
    /// Do not wait: erase it now, or use it now that it is formatted and can still be put back
    EraseNow {
        /// Which
        disk: String,
    },
    /// Do not erase it after all, or put back what was on it as long as nothing is stored there
    Undo {
        /// Which
        disk: String,
    },
    /// Say that a disk in doubt was moved on purpose
    Confirm {
        /// Which
        disk: String,
    },
    /// Copy away what is on a disk and let it go
    Retire {
        /// Which
        disk: String,
    },
    /// Keep a disk that was to be replaced or retired
    Keep {
        /// Which
        disk: String,
    },
    /// Try a disk again that failed, after its cable was changed
    Trust {
        /// Which
        disk: String,
    },
    /// Write plain files to a drive, beside what is on it
    UseAsDrive {
        /// Which
        disk: String,
    },
    /// Let go of such a drive
    Release {
        /// Which
        disk: String,
    },
    /// Store what is on a disk of somebody's and compare all of it; the disk is only read
    Import {
        /// Which
        disk: String,
        /// The source that it becomes a version of; named after the disk when not given
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
    /// Let the light beside a disk blink
    Find {
        /// Which
        disk: String,
        /// No more
        #[arg(long)]
        off: bool,
    },
}

/// `holdfast desk`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DeskCommand {
    /// Show what lies on the desk and what is plugged in
    Look,
    /// Do something with a simulated disk
    #[command(subcommand)]
    Disk(DeskDisk),
    /// Press the box's button
    Button {
        /// Hold it as long as the box asks for
        #[arg(long)]
        hold: bool,
    },
}

/// `holdfast desk disk`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DeskDisk {
    /// Make a new, blank disk that lies on the table
    New {
        /// Its name on the desk
        name: String,
        /// Its size in gigabytes
        #[arg(long, value_name = "GB", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=100_000))]
        gigabytes: u64,
        /// A USB stick
        #[arg(long)]
        usb: bool,
        /// With an empty file system on it, as sticks come from a shop
        #[arg(long)]
        formatted: bool,
        /// The serial that it reports
        #[arg(long, value_name = "TEXT")]
        serial: Option<String>,
    },
    /// Plug a disk in: bay-1 to bay-4, usb-front or usb-back
    Insert {
        /// Its name on the desk
        name: String,
        /// Where
        port: String,
    },
    /// Pull a disk
    Pull {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk fail: nothing can be read or written
    Fail {
        /// Its name on the desk
        name: String,
        /// Only writing fails
        #[arg(long, conflicts_with = "reads")]
        writes: bool,
        /// Only reading fails
        #[arg(long)]
        reads: bool,
    },
    /// Let a disk be full
    Fill {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk be slow
    Slow {
        /// Its name on the desk
        name: String,
        /// Milliseconds more for everything
        #[arg(long, value_name = "MS", default_value_t = 200)]
        ms: u64,
    },
    /// Let a disk have less room than it says; a test of the disk finds it out
    Fake {
        /// Its name on the desk
        name: String,
        /// What it really holds, in megabytes
        #[arg(long, value_name = "MB")]
        holds: u64,
        /// What is written beyond that goes over what is before; else it is forgotten
        #[arg(long)]
        wraps: bool,
    },
    /// Let a disk answer no more
    Hang {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk refuse changes
    ReadOnly {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk say that it expects to fail
    Worry {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk be well again
    Heal {
        /// Its name on the desk
        name: String,
    },
    /// Let a disk on the table show a folder of yours as its content; it is never written
    Show {
        /// Its name on the desk
        name: String,
        /// The folder
        folder: PathBuf,
    },
}
