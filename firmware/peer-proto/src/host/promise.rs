//! What may be promised to one more friend: of a box's room, never the same bytes twice.
//!
//! Whether a pack is taken within a promise is decided where it is offered ([`super::Host::step`]).
//! Start at [`may_promise`].

use types::Bytes;

use crate::limits::PACK_LEN_MAX;

/// The longest pack there is, and so the least that is worth giving.
pub const GIVEN_MIN: Bytes = Bytes(PACK_LEN_MAX);

/// What a host gives one friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Bytes that were agreed on.
    pub given: Bytes,
    /// What counts of them: [`super::Host::used`].
    pub used: Bytes,
}

impl Given {
    /// What the friend may still send.
    pub fn room(&self) -> Bytes {
        self.given.saturating_sub(self.used)
    }
}

/// What friends may still send: reserved, so that the host's own data fill up to it and no further.
pub fn reserved(given: &[Given]) -> Bytes {
    given.iter().fold(Bytes(0), |sum, one| Bytes(sum.0.saturating_add(one.room().0)))
}

/// The most that can be promised to one more friend of what is free and not yet promised; none when
/// that is less than a pack.
pub fn may_promise(free: Bytes, given: &[Given]) -> Option<Bytes> {
    Some(free.saturating_sub(reserved(given))).filter(|left| *left >= GIVEN_MIN)
}
