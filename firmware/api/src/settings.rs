//! How the door is set up: where it listens, and by which names it is called.
//!
//! Start at [`Settings`].

use std::net::SocketAddr;

/// Boxes of one name in one house.
const BOXES_MAX: u32 = 5;

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where HTTPS is spoken.
    pub listen: SocketAddr,
    /// Where plain HTTP shows the way; none: nowhere.
    pub plain: Option<SocketAddr>,
    /// The box's name in the house, without `.local`.
    pub name: String,
    /// Other names by which it is called.
    pub names: Vec<String>,
    /// Tell the house where it is.
    pub announce: bool,
    /// The box is a simulated one: its hardware may be played with.
    pub desk: bool,
    /// What the passwords to come cost to guess.
    pub cost: people::Cost,
}

impl Settings {
    /// All names by which it may be called. Where several boxes want one name, the next ones are
    /// called `NAME-2` and so on.
    pub(crate) fn all_names(&self) -> Vec<String> {
        let local = format!("{}.local", self.name);
        let others = (2..=BOXES_MAX).map(|number| format!("{}-{number}.local", self.name));
        std::iter::once(local).chain(others).chain(self.names.iter().cloned()).collect()
    }
}
