//! All routes, by what they are about. To add some: a file with handlers and a table of its own, made of
//! [`crate::table::Route`], and a line in [`all`]. What each needs stands in its line, and is true without
//! another word in the handler.
//!
//! Start at [`all`].

mod asked;
mod changes;
mod computers;
mod content;
mod devices;
mod disks;
mod enclosure;
mod entry;
mod files;
mod friends;
mod house;
mod jobs;
mod keeping;
mod key;
mod kit;
mod media;
mod network;
mod outlets;
mod own;
mod pairing;
mod people;
mod photos;
mod proofs;
mod range;
mod shown;
mod stored;
mod uploads;
mod usb;
mod vault;

use calls::{Answer, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::table::Route;

pub(crate) use entry::certificate;

/// Every route of the box's door.
pub fn all() -> Vec<Route> {
    let parts = [
        entry::routes(),
        own::routes(),
        proofs::routes(),
        key::routes(),
        people::routes(),
        devices::routes(),
        house::routes(),
        vault::routes(),
        kit::routes(),
        keeping::routes(),
        jobs::routes(),
        stored::routes(),
        disks::routes(),
        enclosure::routes(),
        network::routes(),
        friends::routes(),
        outlets::routes(),
        files::routes(),
        content::routes(),
        changes::routes(),
        photos::routes(),
        uploads::routes(),
        pairing::routes(),
        computers::routes(),
    ];
    parts.into_iter().flatten().collect()
}

/// It was done, and there is nothing else to say.
#[derive(Debug, Serialize, ToSchema)]
struct Done {
    done: bool,
}

const DONE: Done = Done { done: true };

/// Words after the `?` of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    skip: Option<u64>,
    items: Option<u32>,
}

impl Part {
    fn page(&self) -> Page {
        page(self.skip, self.items)
    }
}

fn page(skip: Option<u64>, items: Option<u32>) -> Page {
    let usual = Page::default();
    Page { skip: skip.unwrap_or(usual.skip), items: items.unwrap_or(usual.items) }
}

/// The answer that a call has, whatever it says.
fn unexpected(_: Answer) -> Problem {
    Problem::failed("The box answered something that was not asked.")
}

/// The part of an answer that is wanted.
macro_rules! only {
    ($answer:expr, $pattern:pat => $value:expr) => {
        match $answer {
            $pattern => Ok($value),
            other => Err(crate::routes::unexpected(other)),
        }
    };
}
pub(crate) use only;
