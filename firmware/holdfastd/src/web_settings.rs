//! The `[web]` table of the box's settings.
//!
//! Start at [`WebSettings`].

use std::net::SocketAddr;

use serde::Deserialize;

/// The longest name of one machine in a network.
const NAME_LEN_MAX: usize = 60;

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSettings {
    /// Where HTTPS is spoken.
    #[serde(default = "usual_listen")]
    pub listen: SocketAddr,
    /// Where plain HTTP gives the certificate and shows the way; nowhere when not given.
    #[serde(default)]
    pub plain: Option<SocketAddr>,
    /// The box's name in the house: `NAME.local`.
    #[serde(default = "usual_name")]
    pub name: String,
    /// Other names by which it is called.
    #[serde(default)]
    pub names: Vec<String>,
    /// Tell the house where it is.
    #[serde(default = "usual_announce")]
    pub announce: bool,
}

fn usual_listen() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 0], 443))
}

fn usual_name() -> String {
    "holdfast".to_owned()
}

fn usual_announce() -> bool {
    true
}

impl WebSettings {
    /// The key whose value nobody can mean, and why.
    pub(crate) fn wrong(&self) -> Option<(&'static str, String)> {
        let fits = |name: &str| {
            (1..=NAME_LEN_MAX).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !name.starts_with('-')
        };
        if !fits(&self.name) {
            let what = "a name in the house has small letters, digits and dashes";
            return Some(("name", what.to_owned()));
        }
        let fits = |name: &String| name.split('.').all(fits);
        if !self.names.iter().all(fits) {
            let what = "a name of a computer has small letters, digits, dashes and dots";
            return Some(("names", what.to_owned()));
        }
        None
    }

    /// As the door takes them.
    pub(crate) fn door(&self, desk: bool) -> api::Settings {
        api::Settings {
            listen: self.listen,
            plain: self.plain,
            name: self.name.clone(),
            names: self.names.clone(),
            // Nobody else can reach what is on this computer only.
            announce: self.announce && !self.listen.ip().is_loopback(),
            desk,
            cost: people::Cost::USUAL,
        }
    }
}
