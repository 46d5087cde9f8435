//! One disk that is plugged in, as a board lists it.
//!
//! Everything here is known without waking the disk. Start at [`DiskInfo`].

use std::fmt;

use types::DiskIdentity;

/// Where in the box a disk is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A bay that the profile names and draws.
    Bay(String),
    /// A USB socket that the profile names.
    Usb(String),
    /// No place that the profile knows: the port says what can be said.
    Port(String),
}

impl Place {
    /// The bay's name, if it is one.
    pub fn bay(&self) -> Option<&str> {
        match self {
            Self::Bay(name) => Some(name),
            Self::Usb(_) | Self::Port(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bay(name) => write!(f, "bay {name}"),
            Self::Usb(name) => write!(f, "USB socket {name}"),
            Self::Port(path) => write!(f, "port {path}"),
        }
    }
}

/// Whether a disk turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Power {
    /// It answers at once.
    Awake,
    /// It needs seconds to wake, and asking for its content wakes it.
    Asleep,
    /// The disk or its bridge does not say.
    Unknown,
}

/// A disk that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskInfo {
    /// Who it is: the only thing to name it by.
    pub identity: DiskIdentity,
    /// Where it is.
    pub place: Place,
    /// Changes each time that it is plugged in, as the kernel's `diskseq` does: a disk that went and
    /// came back unseen is told by it, and whatever was mounted from it is dead.
    pub attached: u64,
    /// The kernel's name for it this time. For messages and logs, never to find it by.
    pub node: String,
    /// The system says that its medium can be taken out. Sticks and docks mostly are.
    pub removable: bool,
    /// It turns. None: it does not say, as many bridges.
    pub rotational: Option<bool>,
    /// A switch or the system forbids writing.
    pub read_only: bool,
    /// Whether it is awake.
    pub power: Power,
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_reads_like_what_is_printed_beside_it() {
        assert_eq!(Place::Bay("2".to_owned()).to_string(), "bay 2");
        assert_eq!(Place::Usb("front".to_owned()).to_string(), "USB socket front");
        assert_eq!(Place::Port("usb-1.4".to_owned()).to_string(), "port usb-1.4");
        assert_eq!(Place::Port("bay".to_owned()).bay(), None);
    }
}
