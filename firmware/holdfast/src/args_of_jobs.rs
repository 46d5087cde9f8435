//! The part of the command line about the jobs of a running box. Nothing is decided here. Start at
//! [`JobsCommand`].

use clap::Subcommand;

/// `holdfast jobs`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Stop a job so that it can go on later
    Pause {
        /// Its number
        job: u64,
    },
    /// Let a paused job go on
    Resume {
        /// Its number
        job: u64,
    },
    /// Stop a job for good; what it had stored stays stored
    Cancel {
        /// Its number
        job: u64,
    },
    /// Fetch from friends what no disk has, and follow it
    BringBack,
    /// Follow a job to its end
    Watch {
        /// Its number
        job: u64,
    },
    /// Say that the box's clock is right although it jumped, so that old versions may go again
    TrustClock,
}
