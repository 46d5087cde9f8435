//! Who waits for a key, and whom a key let in since it was plugged in: one plugging-in is good for one sign-in.
//!
//! Pure. Nothing of it is kept over a restart: what two at once have to be told is kept in the house. Start at
//! [`Waiting::comes`].

use std::collections::BTreeMap;

use people::{PersonId, SessionId, TokenHash};

/// Pluggings-in that are remembered; more do not happen while a key on one of them counts.
const USED_MAX: usize = 256;

/// Where a request comes from, and the browser or the session that is known by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) from: String,
    pub(crate) token: Option<TokenHash>,
    /// Of whoever raises their rights.
    pub(crate) session: Option<SessionId>,
}

#[derive(Debug)]
struct Waits {
    ticket: u64,
    person: PersonId,
    by: By,
    is_crossed: bool,
}

/// Everybody who waits.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    last: u64,
    all: Vec<Waits>,
    used: BTreeMap<u64, SessionId>,
}

impl Waiting {
    /// One more waits for somebody's key; its ticket. Whoever else waits for it elsewhere is crossed, and so
    /// is this one.
    pub(crate) fn comes(&mut self, person: PersonId, by: By) -> u64 {
        self.last += 1;
        let mut is_crossed = false;
        for other in self.all.iter_mut().filter(|one| one.person == person && one.by != by) {
            (other.is_crossed, is_crossed) = (true, true);
        }
        self.all.push(Waits { ticket: self.last, person, by, is_crossed });
        self.last
    }

    /// Whether somebody else waited for the same key meanwhile.
    pub(crate) fn is_crossed(&self, ticket: u64) -> bool {
        self.all.iter().any(|one| one.ticket == ticket && one.is_crossed)
    }

    pub(crate) fn goes(&mut self, ticket: u64) {
        self.all.retain(|one| one.ticket != ticket);
    }

    /// Whether a key that was plugged in at this arrival may be used: it was not yet, or by this session.
    pub(crate) fn may_use(&self, arrival: u64, session: Option<SessionId>) -> bool {
        self.used.get(&arrival).is_none_or(|by| session == Some(*by))
    }

    pub(crate) fn uses(&mut self, arrival: u64, session: SessionId) {
        self.used.insert(arrival, session);
        if self.used.len() > USED_MAX {
            self.used.pop_first();
        }
    }
}
