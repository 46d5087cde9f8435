//! Places that a few may not have all of: bodies that move, and readers of news.
//!
//! A device has few, a person some, and some are kept for owners, so that whoever takes all that they can
//! get keeps out nobody but themselves. Start at [`Places::take`].

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
    /// Beside them, for owners who come themselves and not by a device.
    pub(crate) owners: usize,
    /// For one person, without devices.
    pub(crate) person: usize,
    /// For all devices of one person.
    pub(crate) devices: usize,
    /// For one device.
    pub(crate) device: usize,
    /// Whoever finds none waits so long.
    pub(crate) patience: Duration,
}

/// Bodies that go in or out at once: each takes a thread while it does. With those kept for owners 64.
pub(crate) const TRANSFERS: Sizes = Sizes {
    all: 56,
    owners: 8,
    person: 40,
    devices: 24,
    device: 8,
    patience: Duration::from_secs(10),
};
/// Readers of news at once, 64 likewise. One that finds no place is told so at once: its page asks again.
pub(crate) const READERS: Sizes =
    Sizes { all: 56, owners: 8, person: 24, devices: 8, device: 4, patience: Duration::ZERO };

/// Whose places are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Person(PersonId),
    Devices(PersonId),
    Device(PersonId, String),
}

/// The places.
#[derive(Debug)]
pub(crate) struct Places {
    sizes: Sizes,
    all: Arc<Semaphore>,
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
        Self { sizes, all: of(sizes.all), owners: of(sizes.owners), each: Mutex::default() }
    }

    /// A place for who asks. Whoever has as many as they may waits for one of their own to be free.
    pub(crate) async fn take(&self, caller: &Caller) -> Result<Place, Problem> {
        let mut held = Vec::new();
        for own in self.own(caller) {
            held.push(self.wait(own).await.ok_or_else(too_many)?);
        }
        let is_owner = caller.who.role == Role::Owner && caller.who.device.is_none();
        let kept = is_owner.then(|| Arc::clone(&self.owners).try_acquire_owned().ok()).flatten();
        let place = match kept {
            Some(kept) => Some(kept),
            None => self.wait(Arc::clone(&self.all)).await,
        };
        held.push(place.ok_or_else(Problem::busy)?);
        Ok(Place { _held: held })
    }

    async fn wait(&self, places: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            return Some(place);
        }
        let waited = tokio::time::timeout(self.sizes.patience, places.acquire_owned()).await;
        waited.ok().and_then(Result::ok)
    }

    /// The places that are counted for who asks alone.
    fn own(&self, caller: &Caller) -> Vec<Arc<Semaphore>> {
        let (person, sizes) = (caller.who.person, self.sizes);
        let counted = match &caller.who.device {
            None => vec![(Whose::Person(person), sizes.person)],
            Some(_) => vec![
                (Whose::Device(person, caller.who.name.clone()), sizes.device),
                (Whose::Devices(person), sizes.devices),
            ],
        };
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds none is not remembered.
        each.retain(|_, places| Arc::strong_count(places) > 1);
        let of = |(whose, count): (Whose, usize)| {
            Arc::clone(each.entry(whose).or_insert_with(|| Arc::new(Semaphore::new(count))))
        };
        counted.into_iter().map(of).collect()
    }
}

fn too_many() -> Problem {
    let detail = "You have as much under way at once as one person, or one device, may have.";
    let next = "Let some of it end, or stop it, and try again.";
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_at_once", detail, next);
    problem.wait_seconds = Some(5);
    problem
}
