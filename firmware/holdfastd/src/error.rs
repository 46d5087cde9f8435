//! Why the box does not start: one sentence and one piece of advice.
//!
//! No message holds a secret. Start at [`StartError`].

use std::path::PathBuf;

use thiserror::Error;

/// Why the box does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The settings cannot be read.
    #[error("the settings {} cannot be read", .path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The settings are not as they should be.
    #[error("{}, line {line}{}: {what}", .path.display(), key_of(.key))]
    Setting {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key, where one is to blame.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// The vault's file is not there or not right.
    #[error(transparent)]
    VaultFile(#[from] host::VaultFileError),
    /// The folder for the box's own records is not usable.
    #[error("the folder for the box's records, {}, cannot be used", .path.display())]
    State {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It lies on a disk of the vault.
    #[error("{what}, {}, lies on a volume of the vault, {}", .path.display(), .volume.display())]
    OnVolume {
        /// What does.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The volume's folder.
        volume: PathBuf,
    },
    /// Another one runs.
    #[error("another holdfastd uses {} already", .path.display())]
    AlreadyRunning {
        /// The folder that both want.
        path: PathBuf,
    },
    /// The records are another vault's.
    #[error("{} holds the records of vault {noted}, and the settings name vault {vault}", .path.display())]
    OtherVault {
        /// The folder.
        path: PathBuf,
        /// The vault that is noted there.
        noted: String,
        /// The one of the settings.
        vault: String,
    },
    /// The hardware cannot be used.
    #[error("{sentence}")]
    Board {
        /// What is wrong.
        sentence: String,
        /// What to do.
        advice: &'static str,
    },
    /// A record cannot be written.
    #[error(transparent)]
    Record(#[from] volume::durable::IoFailure),
    /// The socket cannot be made.
    #[error("the socket {} cannot be made", .path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The web door cannot be opened.
    #[error(transparent)]
    Web(#[from] api::DoorError),
    /// The file that unlocks the vault cannot be read.
    #[error("the key file {} cannot be read", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody else could change it.
    #[error("the key file {} belongs to user {owner}", .path.display())]
    KeyFileOwner {
        /// The file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// Others may read it.
    #[error("the key file {} has mode {mode:04o}, so others may read it", .path.display())]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

fn key_of(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!(", {key}") }
}

impl StartError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Settings { .. } => "Name the file with --config, and check that it may be read.",
            Self::Setting { .. } => "Correct that line; docs/operations/box.md lists every key.",
            Self::VaultFile(error) => error.advice(),
            Self::State { .. } | Self::Record(_) => {
                "Make the folder, give it to the user the box runs as, and see that it has room."
            }
            Self::OnVolume { .. } => {
                "Move it to the box's own disk: a disk of the vault may be pulled at any time."
            }
            Self::OtherVault { .. } => "Name a folder of its own under `state`; it is made anew.",
            Self::Board { advice, .. } => advice,
            Self::AlreadyRunning { .. } => "Stop the other one, or give this one its own folder.",
            Self::Socket { .. } => "Make its folder, and give it to the user the box runs as.",
            Self::Web(error) => error.advice(),
            Self::KeyFile { .. } => "Check the path, or leave [unlock] out and unlock by hand.",
            Self::KeyFileOwner { .. } => "Give it to the user the box runs as, or to root.",
            Self::KeyFileOpen { .. } => "Set its mode to 0600: `chmod 600` and the file's name.",
        }
    }
}
