//! The part of the command line that is about whom a running box tells what happens.
//!
//! No option takes a secret itself. Start at [`TellCommand`].

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `holdfast tell`.
#[derive(Debug, Subcommand)]
pub(crate) enum TellCommand {
    /// Tell by mail, through the server of whoever keeps your mailbox
    Mail(Mail),
    /// Tell over ntfy; without names unless --full, since its server reads along
    Ntfy {
        /// What to call this
        name: String,
        /// The server and the topic, such as https://ntfy.example/our-box
        #[arg(value_name = "URL")]
        url: String,
        /// A file with an access token
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        /// Name disks and sources, too
        #[arg(long)]
        full: bool,
    },
    /// Post a JSON document to an address of yours
    Webhook {
        /// What to call this
        name: String,
        /// Where
        #[arg(value_name = "URL")]
        url: String,
        /// A file with a key: the document is signed with it, by HMAC-SHA256
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        /// Leave out whatever has a name
        #[arg(long)]
        brief: bool,
    },
    /// Tell this one no more
    Remove {
        /// What it is called
        name: String,
    },
    /// Send a test message, and see whether a server takes it
    Test {
        /// What it is called
        name: String,
    },
}

/// `holdfast tell mail`.
#[derive(Debug, Args)]
pub(crate) struct Mail {
    /// What to call this
    pub(crate) name: String,
    /// The mail server
    #[arg(long, value_name = "HOST")]
    pub(crate) server: String,
    /// Its port; the usual one when not given
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// What protects the way to it
    #[arg(long, value_enum, default_value = "tls")]
    pub(crate) security: Security,
    /// Who signs in there
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// A file with the password
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The sender's address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: String,
    /// The reader's address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: String,
    /// Leave out whatever has a name
    #[arg(long)]
    pub(crate) brief: bool,
}

/// What protects the way to a mail server.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Security {
    /// TLS from the first byte
    Tls,
    /// TLS after a greeting, or nothing is sent
    Starttls,
    /// Nothing; no password is sent this way
    None,
}
