//! The supervisor of a box: one vault, its jobs, its schedule, and the local socket.
//!
//! It starts locked when it is given no secret, and serves status and health all the same. Every
//! long task is a job with a record on disk, so that a cut at any moment loses and doubles none.
//! What runs when is decided in `plan::jobs`; what is asked and answered is in `calls`; what is
//! stored is the vault's. It never acknowledges anything before the vault has. Threads: one for each
//! caller, one for each job at work, one that conducts; all bounded.
//! Settings: `docs/operations/box.md`. Start at [`Supervisor::start`] and [`serve::serve`].

mod acts;
mod answer;
mod board_settings;
mod book;
mod bring_back;
mod bundle;
mod burn_in;
mod burn_offer;
mod by_words;
mod callers;
mod care;
mod carer;
mod chosen;
mod conduct;
mod config;
mod creating;
mod door;
mod error;
mod events;
mod facts;
mod fetched;
mod findings;
mod freshness;
mod friends_hold;
mod friends_home;
mod friends_of_box;
mod friends_settings;
mod gently;
pub mod hardware;
mod health;
mod housemates;
mod import;
mod import_offer;
mod jobs;
mod judge;
mod keeper;
mod keeping;
mod key_arrivals;
mod key_file;
mod key_looks;
mod key_on_stick;
mod key_sticks;
mod locked_volumes;
mod memory;
mod naming;
mod notify;
mod own;
mod perform;
mod pointing;
mod publish;
mod quiet;
mod reborn;
mod record;
mod rekeying;
mod room;
mod rounds;
mod schedule_settings;
mod scrub;
mod seat;
mod seen;
pub mod serve;
mod setup;
mod show;
mod state;
mod supervisor;
mod surroundings;
mod telling;
mod unlocking;
mod untold;
mod ups;
mod usb;
mod usb_drives;
mod usb_result;
mod volumes;
pub mod web;
mod web_case;
mod web_files;
mod web_news;
mod web_settings;
mod web_store;
mod web_view;

pub use board_settings::{BoardKind, BoardSettings};
pub use config::{Config, KeyKind, Unlock, Ups};
pub use door::Door;
pub use error::StartError;
pub use friends_settings::FriendsSettings;
pub use notify::Notifier;
pub use quiet::{QuietHours, Zone};
pub use schedule_settings::Schedule;
pub use setup::{Hardware, Setup};
pub use supervisor::Supervisor;
pub use volumes::{FromVaultFile, Gathered, Plugged, VolumesSource};
pub use web_settings::WebSettings;
