//! Why the helper cannot start, and what to do about it.

use std::io;
use std::path::PathBuf;

use board::BoardError;
use board::profile::ProfileError;

/// Why it cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandsError {
    #[error("cannot read {}", path.display())]
    Settings { path: PathBuf, source: io::Error },
    #[error("{}: {what}", path.display())]
    Setting { path: PathBuf, what: String },
    #[error("this program has to run as root")]
    NotRoot,
    #[error("rights could not be given up")]
    Rights { source: io::Error },
    #[error("there is no user {user}")]
    NoUser { user: String },
    #[error("cannot read the list of users")]
    Users { source: io::Error },
    #[error("cannot open the socket {}", path.display())]
    Socket { path: PathBuf, source: io::Error },
    #[error("cannot use {} for mounts", path.display())]
    Home { path: PathBuf, source: io::Error },
    #[error("cannot find this program")]
    Program { source: io::Error },
    #[error("cannot print")]
    Say { source: io::Error },
    #[error("the profile cannot be used")]
    Profile {
        #[from]
        source: ProfileError,
    },
    #[error(transparent)]
    Board(#[from] BoardError),
}

impl HandsError {
    /// What to do: one sentence.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Settings { .. } | Self::Setting { .. } => {
                "Mend the file; docs/operations/box.md lists every key."
            }
            Self::NotRoot => "Let the service start it: `systemctl start holdfast-hands`.",
            Self::NoUser { .. } | Self::Users { .. } => {
                "Make the user, or name another as `user` in the settings."
            }
            Self::Socket { .. } | Self::Home { .. } => {
                "Name a place in a folder that only root may change, where no other helper answers."
            }
            Self::Profile { .. } => "Leave `profile` out, or name one of board/profiles.",
            Self::Rights { .. } | Self::Program { .. } | Self::Say { .. } => "Try again.",
            Self::Board(error) => error.advice(),
        }
    }
}
