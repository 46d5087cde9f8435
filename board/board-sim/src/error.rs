//! Why the hardware could not be played as asked, and what to do instead.
//!
//! Errors of the box itself are `board::BoardError`; these are of the hand that plugs and pulls.

use std::io;

/// Why the hardware could not be played as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// There is no such disk.
    #[error("there is no simulated disk {name}")]
    NoDisk {
        /// The name that was asked for.
        name: String,
    },
    /// There is one already.
    #[error("there is a simulated disk {name} already")]
    Exists {
        /// The name.
        name: String,
    },
    /// The name cannot be a folder's.
    #[error("{name:?} cannot be a simulated disk's name")]
    Name {
        /// The name.
        name: String,
    },
    /// The box has no such place.
    #[error("this box has no port {port}")]
    NoPort {
        /// The port that was asked for.
        port: String,
    },
    /// Another disk is there.
    #[error("{by} is plugged in at {port} already")]
    Taken {
        /// The port.
        port: String,
        /// The disk there.
        by: String,
    },
    /// The disk is plugged in, and should not be.
    #[error("{name} is plugged in at {port}")]
    Plugged {
        /// The disk.
        name: String,
        /// Its port.
        port: String,
    },
    /// The disk is not plugged in.
    #[error("{name} is not plugged in")]
    NotPlugged {
        /// The disk.
        name: String,
    },
    /// Another process has this machine.
    #[error("the simulated machine in {folder} is used by another Holdfast")]
    InUse {
        /// Its folder.
        folder: String,
    },
    /// A file of the machine is not as it should be.
    #[error("{file}: {what}")]
    Record {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// The system refused.
    #[error("cannot {doing} {what}")]
    Io {
        /// The step.
        doing: &'static str,
        /// The file or folder.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

impl SimError {
    /// What to do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoDisk { .. } => "Make it first, or name one of those that are there.",
            Self::Exists { .. } => "Choose another name.",
            Self::Name { .. } => "Use 1 to 32 small letters, digits and hyphens.",
            Self::NoPort { .. } => "Use bay-1 to bay-4, usb-front or usb-back.",
            Self::Taken { .. } | Self::Plugged { .. } => "Pull it first, or use another port.",
            Self::NotPlugged { .. } => "Plug it in first.",
            Self::InUse { .. } => "Stop the other one, or ask it instead.",
            Self::Record { .. } => "Correct the file, or remove that disk's folder.",
            Self::Io { .. } => "Check the folder's disk and permissions.",
        }
    }
}

/// Says what was being done, and to what.
pub(crate) trait At<T> {
    fn at(self, doing: &'static str, what: &dyn ToString) -> Result<T, SimError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, what: &dyn ToString) -> Result<T, SimError> {
        self.map_err(|source| SimError::Io { doing, what: what.to_string(), source })
    }
}
