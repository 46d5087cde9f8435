//! How many copies a box promises when disks come: with the second disk everything is kept twice.
//!
//! Only ever raises, and only from one: a number that an owner chose among several disks is his.
//! Start at [`Roster::promise_with`].

use types::VolumeId;

use super::joining::Aim;
use super::life::{Standing, Wish};
use super::roster::{Entry, Roster};

/// What a box with several disks promises at least when it began with one.
const COPIES: u8 = 2;

impl Roster {
    /// What to promise from now on when `joins` has just joined for `aim`; none when nothing changes.
    pub fn promise_with(&self, joins: VolumeId, aim: Aim, copies: u8) -> Option<u8> {
        if copies >= COPIES || aim != (Aim::Member { replaces: None }) {
            return None;
        }
        let stays = |entry: &&Entry| {
            entry.volume != Some(joins)
                && entry.life.wish() == Wish::Stay
                && !matches!(entry.life.standing(), None | Some(Standing::Retiring))
        };
        // From the third on, one copy is what somebody wanted.
        (self.entries.iter().filter(stays).count() == 1).then_some(COPIES)
    }
}
