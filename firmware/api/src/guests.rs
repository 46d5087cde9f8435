//! Who is connected, by place, and who has to go when the door is full.
//!
//! A full door keeps nobody out who has fewer connections than somebody else: the oldest of whoever has most
//! ends. So whoever fills it from many addresses keeps neither the owner nor anybody else out. Start at
//! [`Guests::take`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use people::Place;
use tokio::sync::oneshot;

/// Connections at once, and those of one place. Each costs some 100 KiB.
const GUESTS_MAX: usize = 256;
const GUESTS_OF_ONE_PLACE: usize = 64;
/// The same of the plain door, which has little to say.
const PLAIN_GUESTS_MAX: usize = 64;
const PLAIN_GUESTS_OF_ONE_PLACE: usize = 16;

/// How many are here, by place, and how many there may be.
#[derive(Clone, Debug)]
pub(crate) struct Guests {
    here: Arc<Mutex<Here>>,
    max: usize,
    of_one_place: usize,
}

#[derive(Debug, Default)]
struct Here {
    /// Those of each place, the oldest first. No place is empty.
    places: BTreeMap<Place, VecDeque<Chair>>,
    next: u64,
}

/// Where somebody sits: the lower the number, the longer. Dropping it tells them to go.
#[derive(Debug)]
struct Chair {
    number: u64,
    _stays: oneshot::Sender<()>,
}

/// One that is here.
#[derive(Debug)]
pub(crate) struct Guest {
    all: Guests,
    place: Place,
    number: u64,
    /// Ends when another is to have this connection's place.
    pub(crate) has_to_go: oneshot::Receiver<()>,
}

impl Guests {
    /// Those of the secure door.
    pub(crate) fn secure() -> Self {
        let (max, of_one_place) = (GUESTS_MAX, GUESTS_OF_ONE_PLACE);
        Self { here: Arc::default(), max, of_one_place }
    }

    /// Those of the plain door: whoever fills it keeps nobody out of the other.
    pub(crate) fn plain() -> Self {
        let (max, of_one_place) = (PLAIN_GUESTS_MAX, PLAIN_GUESTS_OF_ONE_PLACE);
        Self { here: Arc::default(), max, of_one_place }
    }

    /// Lets one more of this place in, or nobody.
    pub(crate) fn take(&self, place: Place) -> Option<Guest> {
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let own = here.places.get(&place).map_or(0, VecDeque::len);
        if own >= self.of_one_place {
            return None;
        }
        if here.places.values().map(VecDeque::len).sum::<usize>() >= self.max {
            here.make_room(own)?;
        }
        let number = here.next;
        here.next += 1;
        let (stays, has_to_go) = oneshot::channel();
        here.places.entry(place).or_default().push_back(Chair { number, _stays: stays });
        Some(Guest { all: self.clone(), place, number, has_to_go })
    }
}

impl Here {
    /// Ends the oldest connection of whoever has most, unless whoever comes has as many.
    fn make_room(&mut self, own: usize) -> Option<()> {
        let oldest = |chairs: &VecDeque<Chair>| Reverse(chairs.front().map(|one| one.number));
        let most = self.places.iter().max_by_key(|(_, chairs)| (chairs.len(), oldest(chairs)));
        let most = most.filter(|(_, chairs)| chairs.len() > own).map(|(place, _)| *place)?;
        self.drop_one(most, |chairs| chairs.pop_front());
        Some(())
    }

    fn drop_one<T>(&mut self, place: Place, drop_it: impl FnOnce(&mut VecDeque<Chair>) -> T) {
        if let Some(chairs) = self.places.get_mut(&place) {
            drop_it(chairs);
            if chairs.is_empty() {
                self.places.remove(&place);
            }
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut here = self.all.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.drop_one(self.place, |chairs| chairs.retain(|one| one.number != self.number));
    }
}
