//! The HTTP door of a box: who may come in, what they may ask, and how it is answered.
//!
//! It opens no vault and decides nothing about disks or jobs: every call goes through [`Supervise`] to the
//! supervisor, with who asks. All routes stand in one table ([`table`]); the guard that is in front of each,
//! and the OpenAPI document, are made of that table, so that there is no route without a rule.
//! It speaks HTTPS with a certificate of the box's own; plain HTTP only shows the way there.
//! What is sent over the wire: `docs/protocols/http.md`. Start at [`start`], then [`table::Route`] and
//! `guard`.
#![warn(missing_docs)]

mod announce;
mod audit;
mod body;
mod caller;
mod codes;
mod door;
mod enclosure;
mod events;
mod gather;
mod guard;
mod guests;
mod hosts;
mod keeper;
mod names;
mod network;
mod noted;
mod openapi;
mod pages;
mod places;
mod plain;
mod problem;
mod quota;
mod rest;
mod routes;
mod second;
mod serve;
mod settings;
mod shared;
mod sticks;
mod supervise;
pub mod table;
mod tls;
mod transfer;
mod waiting;
mod words;

pub use body::{Json, Path, Query};
pub use caller::Caller;
pub use codes::Codes;
pub use door::{DoorError, Running, start};
pub use enclosure::{BayShown, Enclosure};
pub use keeper::{Store, house};
pub use openapi::document;
pub use problem::Problem;
pub use routes::all as routes;
pub use settings::Settings;
pub use shared::{Env, Shared, State};
pub use sticks::{Found, Stick, Sticks};
pub use supervise::{Next, Reach, Shelf, Supervise, Taken, Watching, Who};
