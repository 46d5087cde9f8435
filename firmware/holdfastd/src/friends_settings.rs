//! The `[friends]` table of the box's settings.
//!
//! How boxes find each other is no setting: the owner is asked when somebody is first invited.
//! Start at [`FriendsSettings`].

use std::net::SocketAddr;

use friends::Listening;
use serde::Deserialize;

/// The table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FriendsSettings {
    /// Where the box listens for friends, UDP; every address and any port when none is named.
    #[serde(default)]
    pub listen: Vec<SocketAddr>,
    /// Addresses under which it is reached from outside, by a forwarded port.
    #[serde(default)]
    pub outside: Vec<SocketAddr>,
    /// Small packs do not wait a day to be merged before they go: for trying things out. A friend keeps
    /// what is merged later twice, for as long as it keeps what it was asked to let go.
    #[serde(default)]
    pub at_once: bool,
}

impl FriendsSettings {
    /// As the service takes it.
    pub(crate) fn listening(&self) -> Listening {
        Listening { listen: self.listen.clone(), outside: self.outside.clone() }
    }
}
