//! How two boxes become friends: a ticket, proofs of its secret, three words, two owners who say yes.
//!
//! The secret never crosses the wire: each side shows a keyed hash over its role, keying material
//! exported from this very connection, and both boxes' keys. The ticket names the inviter's key, so
//! whoever stands between is refused by the connection itself; the words are for the people.
//! After a right proof the invite belongs to that one box: cut lines cost nothing, and nobody else
//! can use it. Start at [`Ticket`], then [`Inviter::step`] and [`Invitee::step`].

mod ends;
mod events;
mod invitee;
mod inviter;
mod letters;
mod proof;
mod returning;
mod sheet;
mod ticket;

pub use events::{InviterAction, InviterEvent, Offer};
pub use invitee::{Invitee, InviteeAction, InviteeEvent};
pub use inviter::Inviter;
pub use proof::{CheckWords, EXPORT_LABEL, InviteKey, Secret, Session, clock_difference};
pub use returning::{NO_WRITER, come_back, is_owner, prove_return, welcome_back};
pub use sheet::{Sheet, SheetError};
pub use ticket::{Ticket, TicketError};
