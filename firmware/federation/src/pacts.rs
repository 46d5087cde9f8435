//! Which pacts there are with one owner: they keep what is hers under the same key, on the same disks.
//!
//! What lies there is one pact's: that of the newest one, of those that stand when there is one. All others
//! let go of their records and of no file. A removal and a pact that begins come one after the other.
//! Start at [`Pacts::share`].

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use peer_proto::pact::{PactLife, Phase};
use types::UnixTime;

use crate::views::FriendId;

/// What of a pact says whose the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    recovery: [u8; 32],
    stands: bool,
    made: UnixTime,
}

/// Whose the files of an owner are, as one of her pacts sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// This pact's.
    Own,
    /// Another's: it keeps them, and lets them go.
    Others,
    /// Nobody can say, since the records of some friend do not read.
    Unknown,
}

impl Claim {
    pub(crate) fn of(life: &PactLife) -> Self {
        let pact = life.pact();
        Self {
            recovery: pact.side(life.part().other()).recovery,
            stands: life.phase() == Phase::Standing,
            made: pact.made,
        }
    }
}

/// Of each friend of whom there is a log what it claims; none where the log does not read.
#[derive(Debug, Default)]
pub(crate) struct Pacts(RwLock<BTreeMap<FriendId, Option<Claim>>>);

impl Pacts {
    /// Waits for a removal that runs.
    pub(crate) fn set(&self, id: FriendId, claim: Option<Claim>) {
        let before = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        if before != Some(claim) {
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, claim);
        }
    }

    pub(crate) fn forget(&self, id: FriendId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Whose the files are that a pact finds.
    pub(crate) fn share(&self, id: FriendId) -> Share {
        share(&self.0.read().unwrap_or_else(PoisonError::into_inner), id)
    }

    /// Removes something for a pact; no other pact begins until that is done.
    pub(crate) fn removing<T>(&self, id: FriendId, remove: impl FnOnce(Share) -> T) -> T {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        remove(share(&all, id))
    }
}

fn share(all: &BTreeMap<FriendId, Option<Claim>>, id: FriendId) -> Share {
    let Some(own) = all.get(&id).copied().flatten() else { return Share::Unknown };
    if own.stands {
        return Share::Own;
    }
    let rank = |id: FriendId, claim: Claim| (claim.stands, claim.made, id);
    let others = all.iter().filter(|(other, _)| **other != id);
    let is_theirs = |other: FriendId, claim: Claim| {
        claim.recovery == own.recovery && rank(other, claim) > rank(id, own)
    };
    let mut is_unknown = false;
    for (other, claim) in others {
        match claim {
            Some(claim) if is_theirs(*other, *claim) => return Share::Others,
            Some(_) => {}
            None => is_unknown = true,
        }
    }
    if is_unknown { Share::Unknown } else { Share::Own }
}

#[cfg(test)]
mod tests {
    use types::InviteId;

    use super::*;

    fn claim(owner: u8, stands: bool, made: i64) -> Option<Claim> {
        Some(Claim { recovery: [owner; 32], stands, made: UnixTime(made) })
    }

    fn shares(claims: &[Option<Claim>]) -> Vec<Share> {
        let pacts = Pacts::default();
        let id = |place: usize| FriendId(InviteId([u8::try_from(place).unwrap(); 16]));
        claims.iter().enumerate().for_each(|(place, claim)| pacts.set(id(place), *claim));
        (0..claims.len()).map(|place| pacts.share(id(place))).collect()
    }

    #[test]
    fn of_several_pacts_with_one_owner_the_files_are_the_newest_ones_that_stands() {
        use Share::{Others, Own, Unknown};
        assert_eq!(shares(&[claim(1, false, 5), claim(2, true, 6)]), [Own, Own]);
        assert_eq!(shares(&[claim(1, false, 5), claim(1, true, 6)]), [Others, Own]);
        assert_eq!(shares(&[claim(1, false, 7), claim(1, true, 6)]), [Others, Own]);
        assert_eq!(shares(&[claim(1, false, 5), claim(1, false, 6)]), [Others, Own]);
        assert_eq!(shares(&[claim(1, false, 6), claim(1, false, 6)]), [Others, Own]);
        // Whose log does not read may be anybody's.
        let torn = [claim(1, false, 5), None, claim(2, true, 6), claim(3, false, 5)];
        assert_eq!(shares(&torn), [Unknown, Unknown, Own, Unknown]);
        assert_eq!(shares(&[claim(1, false, 5), None, claim(1, true, 6)])[0], Others);
    }
}
