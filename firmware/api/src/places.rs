//! Places that a few may not have all of: bodies that move, and readers of news.
//!
//! A device has few, a person with all devices some, and some are kept: for owners, and one each for whoever
//! comes when others have all the rest. So whoever takes all that they can get keeps out nobody but
//! themselves. Start at [`Places::take`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use people::{PersonId, Role};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::caller::Caller;
use crate::problem::Problem;

/// How many places there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// For everybody together.
    pub(crate) all: usize,
    /// Beside them, one a person, for when those are taken: the laptop of a house whose others are busy.
    pub(crate) spare: usize,
    /// Beside them, for owners who come themselves and not by a device.
    pub(crate) owners: usize,
    /// For one person with all their devices.
    pub(crate) together: usize,
    /// For one person, without devices.
    pub(crate) person: usize,
    /// For all devices of one person.
    pub(crate) devices: usize,
    /// For one device.
    pub(crate) device: usize,
    /// Whoever finds none waits so long.
    pub(crate) patience: Duration,
}

/// Bodies that go in or out at once: each takes a thread while it does. With those that are kept 64.
pub(crate) const TRANSFERS: Sizes = Sizes {
    all: 48,
    spare: 8,
    owners: 8,
    together: 32,
    person: 24,
    devices: 24,
    device: 8,
    patience: Duration::from_secs(10),
};
/// Bodies that are gathered in memory before the vault is borrowed for them: what a computer sends at once, and
/// the end of its backup. With those that are kept 16, of 13 MiB at most each: never more than 208 MiB.
pub(crate) const PARCELS: Sizes = Sizes {
    all: 10,
    spare: 4,
    owners: 2,
    together: 6,
    person: 6,
    devices: 6,
    device: 4,
    patience: Duration::from_secs(20),
};
/// Readers of news at once, 64 likewise. One that finds no place is told so at once: its page asks again.
pub(crate) const READERS: Sizes = Sizes {
    all: 48,
    spare: 8,
    owners: 8,
    together: 32,
    person: 24,
    devices: 8,
    device: 4,
    patience: Duration::ZERO,
};

/// Whose places are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Together(PersonId),
    Person(PersonId),
    Spare(PersonId),
    Devices(PersonId),
    Device(PersonId, String),
}

/// The places.
#[derive(Debug)]
pub(crate) struct Places {
    sizes: Sizes,
    all: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    owners: Arc<Semaphore>,
    each: Mutex<HashMap<Whose, Arc<Semaphore>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _held: Vec<OwnedSemaphorePermit>,
}

impl Places {
    pub(crate) fn new(sizes: Sizes) -> Self {
        let of = |count| Arc::new(Semaphore::new(count));
        let (all, spare, owners) = (of(sizes.all), of(sizes.spare), of(sizes.owners));
        Self { sizes, all, spare, owners, each: Mutex::default() }
    }

    /// A place for who asks. Whoever has as many as they may waits for one of their own to be free.
    pub(crate) async fn take(&self, caller: &Caller) -> Result<Place, Problem> {
        let mut held = Vec::new();
        for own in self.own(caller) {
            held.push(self.wait(own).await.ok_or_else(too_many)?);
        }
        let is_owner = caller.who.role == Role::Owner && caller.who.device.is_none();
        if let Some(kept) = is_owner.then(|| now(&self.owners)).flatten() {
            held.push(kept);
        } else if let Some(place) = now(&self.all) {
            held.push(place);
        } else if let Some(spare) = self.spare(caller) {
            held.extend(spare);
        } else {
            let place = self.wait(Arc::clone(&self.all)).await;
            held.push(place.ok_or_else(Problem::busy)?);
        }
        Ok(Place { _held: held })
    }

    /// A place for whoever has none of these yet.
    fn spare(&self, caller: &Caller) -> Option<[OwnedSemaphorePermit; 2]> {
        let [first] = self.counted([(Whose::Spare(caller.who.person), 1)]);
        Some([now(&first)?, now(&self.spare)?])
    }

    async fn wait(&self, places: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Some(place) = now(&places) {
            return Some(place);
        }
        let waited = tokio::time::timeout(self.sizes.patience, places.acquire_owned()).await;
        waited.ok().and_then(Result::ok)
    }

    /// The places that are counted for who asks alone.
    fn own(&self, caller: &Caller) -> Vec<Arc<Semaphore>> {
        let (person, sizes) = (caller.who.person, self.sizes);
        let together = (Whose::Together(person), sizes.together);
        match &caller.who.device {
            None => self.counted([(Whose::Person(person), sizes.person), together]).into(),
            Some(_) => {
                let device = Whose::Device(person, caller.who.name.clone());
                let devices = (Whose::Devices(person), sizes.devices);
                self.counted([(device, sizes.device), devices, together]).into()
            }
        }
    }

    fn counted<const N: usize>(&self, whose: [(Whose, usize); N]) -> [Arc<Semaphore>; N] {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds none is not remembered.
        each.retain(|_, places| Arc::strong_count(places) > 1);
        whose.map(|(whose, count)| {
            Arc::clone(each.entry(whose).or_insert_with(|| Arc::new(Semaphore::new(count))))
        })
    }
}

/// A place of these, if there is one this very moment.
fn now(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(places).try_acquire_owned().ok()
}

fn too_many() -> Problem {
    let detail = "You have as much under way at once as one person, or one device, may have.";
    let next = "Let some of it end, or stop it, and try again.";
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_at_once", detail, next);
    problem.wait_seconds = Some(5);
    problem
}
