//! Which disk keeps what for a friend: most free first, and nothing that was promised is moved.
//!
//! Pure: facts about disks in, names of disks and bytes out. What the disks then do is in
//! `friend::shelves`. Start at [`promises`] and [`order`].

use std::collections::BTreeMap;

use types::{Bytes, VolumeId};

/// One disk, as one friend sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShelfFacts {
    pub(crate) id: VolumeId,
    /// What could be promised to this friend on top of what it holds there, outboards taken off.
    pub(crate) room: Bytes,
    /// What is promised to this friend there.
    pub(crate) promised: Bytes,
    /// What it holds there.
    pub(crate) held: Bytes,
    /// Whether new packs may go there.
    pub(crate) takes: bool,
}

impl ShelfFacts {
    /// What may still come there.
    pub(crate) fn left(&self) -> Bytes {
        if self.takes { self.promised.saturating_sub(self.held) } else { Bytes(0) }
    }
}

/// How much to promise where, so that together it is `total`, or as much of it as there is room for.
/// `away` is what lies on disks that are not there.
pub(crate) fn promises(
    shelves: &[ShelfFacts],
    total: Bytes,
    away: Bytes,
) -> BTreeMap<VolumeId, Bytes> {
    let mut made: BTreeMap<VolumeId, Bytes> =
        shelves.iter().map(|shelf| (shelf.id, shelf.held)).collect();
    let held: u64 = shelves.iter().map(|shelf| shelf.held.0).sum();
    let mut rest = total.saturating_sub(away).saturating_sub(Bytes(held));
    let mut give = |id: VolumeId, most: Bytes| {
        let given = rest.min(most);
        rest = rest.saturating_sub(given);
        if let Some(made) = made.get_mut(&id) {
            *made += given;
        }
        given
    };
    // What was promised stays where it was, and only what is lacking looks for a place.
    let mut takes: Vec<ShelfFacts> = shelves.iter().filter(|shelf| shelf.takes).copied().collect();
    for shelf in &mut takes {
        let given = give(shelf.id, shelf.left().min(shelf.room));
        shelf.room = shelf.room.saturating_sub(given);
    }
    takes.sort_by_key(|shelf| (std::cmp::Reverse(shelf.room), shelf.id));
    for shelf in takes {
        give(shelf.id, shelf.room);
    }
    made
}

/// The disks that may take a pack of this length, in the order in which to try them. One that has a
/// part of it already comes first.
pub(crate) fn order(
    shelves: &[ShelfFacts],
    need: Bytes,
    begun_on: Option<VolumeId>,
) -> Vec<VolumeId> {
    let is_begun = |shelf: &ShelfFacts| begun_on == Some(shelf.id);
    let mut fit: Vec<&ShelfFacts> =
        shelves.iter().filter(|shelf| is_begun(shelf) || shelf.left() >= need).collect();
    fit.sort_by_key(|shelf| (!is_begun(shelf), std::cmp::Reverse(shelf.left()), shelf.id));
    fit.into_iter().map(|shelf| shelf.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(name: u8, room: u64, promised: u64, held: u64) -> ShelfFacts {
        let id = VolumeId([name; 16]);
        let (room, promised, held) = (Bytes(room), Bytes(promised), Bytes(held));
        ShelfFacts { id, room, promised, held, takes: true }
    }

    fn made(shelves: &[ShelfFacts], total: u64, away: u64) -> Vec<u64> {
        promises(shelves, Bytes(total), Bytes(away)).values().map(|bytes| bytes.0).collect()
    }

    #[test]
    fn a_promise_goes_to_the_disk_with_most_room_and_to_the_next_when_that_is_full() {
        let two = [shelf(1, 50, 0, 0), shelf(2, 80, 0, 0)];
        assert_eq!(made(&two, 60, 0), [0, 60]);
        assert_eq!(made(&two, 100, 0), [20, 80]);
        assert_eq!(made(&two, 500, 0), [50, 80], "no more than there is room for");
        assert_eq!(made(&two, 100, 70), [0, 30], "what lies on a disk that is away counts");
    }

    #[test]
    fn what_was_promised_stays_where_it_was_and_what_is_held_never_goes() {
        let two = [shelf(1, 50, 40, 10), shelf(2, 800, 0, 0)];
        assert_eq!(made(&two, 40, 0), [40, 0]);
        assert_eq!(made(&two, 60, 0), [40, 20]);
        assert_eq!(made(&two, 20, 0), [20, 0]);
        assert_eq!(made(&two, 5, 0), [10, 0], "less than is there ends nothing");
        let resting = [ShelfFacts { takes: false, ..two[0] }, two[1]];
        assert_eq!(made(&resting, 40, 0), [10, 30]);
    }

    #[test]
    fn a_pack_goes_on_where_it_began_or_to_the_disk_with_most_left() {
        let three = [shelf(1, 0, 40, 10), shelf(2, 0, 90, 0), shelf(3, 0, 5, 0)];
        let names = |order: Vec<VolumeId>| order.iter().map(|id| id.0[0]).collect::<Vec<_>>();
        assert_eq!(names(order(&three, Bytes(20), None)), [2, 1]);
        assert_eq!(names(order(&three, Bytes(20), Some(VolumeId([3; 16])))), [3, 2, 1]);
        assert!(order(&three, Bytes(91), None).is_empty());
    }
}
