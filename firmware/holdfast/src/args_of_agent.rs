//! What may be typed to have this computer back itself up by itself.
//!
//! Start at [`AgentCommand`].

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `holdfast agent`.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Back folders up to a paired box by itself; also changes how it does
    Install(Install),
    /// Show when it last did, and what it waits for
    Status,
    /// Leave it again; what was stored stays
    Remove,
    /// Only write the unit and the timer, for whoever installs them for everybody
    Units {
        /// Where, such as /etc/systemd/user
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Look whether it is time, and back up if it is: for the timer
    Run {
        /// What NetworkManager says of its lines: `yes` and `no`, a line for each
        #[arg(long, value_name = "TEXT", default_value = "")]
        metered: String,
    },
}

/// `holdfast agent install`.
#[derive(Debug, Args)]
pub(crate) struct Install {
    /// What to back up
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Leave out names that match, or paths when there is a `/` in it
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Send no more than this in a second, such as `500K` or `2M`
    #[arg(long, value_name = "BYTES", value_parser = crate::args_of_computers::rate)]
    pub(crate) limit: Option<u64>,
    /// So many minutes after the last backup the next one is due
    #[arg(long, value_name = "MINUTES", default_value_t = 240, value_parser = clap::value_parser!(u32).range(15..=43_200))]
    pub(crate) every: u32,
    /// On battery only with at least so many percent; 101 is never
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=101))]
    pub(crate) battery: u8,
    /// Also over a metered line
    #[arg(long)]
    pub(crate) metered: bool,
}
