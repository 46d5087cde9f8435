//! A box without rights, and the helper with rights that works on disks for it.
//!
//! [`Helper`] stands on any [`board::Board`] and answers on a Unix socket; [`RemoteBoard`] is a
//! [`board::Board`] whose every call goes there. What may be asked is a closed set, one for each call
//! of the trait. A disk is named by its whole identity; nothing that is asked holds a path or a
//! device's name, and every target is checked by the board below, as if nobody had before. What
//! was mounted comes back as an open folder, not as a name. Neither side decides what is to be done, and
//! neither holds a key. The page for people is `docs/protocols/hands-socket.md`.
//! Start at [`Helper::serve`], then [`RemoteBoard::connect`].
#![warn(missing_docs)]

mod cord;
mod door;
mod fault;
mod helper;
mod message;
mod remote;
mod wire;

pub use door::{Door, own_folder};
pub use helper::{CALLERS_MAX, Helper};
pub use message::{ASK_LEN_MAX, OLDEST_PROTOCOL, PROTOCOL};
pub use remote::{Patience, RemoteBoard};
