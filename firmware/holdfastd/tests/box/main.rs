//! A real box: the program itself, on real folders, asked over its real socket, stopped and killed.
//!
//! Whatever happens to it, what it acknowledged is there afterwards. Start at [`rig::Rig`].
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on has to fail the test"
)]

mod any_job;
mod burn;
#[path = "../../../api/tests/door/client.rs"]
mod client;
mod computers;
mod computers_bounds;
mod computers_forged;
mod computers_kept_apart;
mod computers_odd;
mod computers_pairing;
mod crashes;
mod cut_off;
mod desk;
mod doors;
mod first_vault;
mod forger;
mod friends;
mod full;
mod gently;
mod hand;
mod idle;
mod import;
mod jobs;
mod keys;
mod leaving;
mod locked;
mod photos;
mod promise;
mod reborn;
mod rig;
mod running;
mod silent;
mod spaces;
mod spaces_made;
mod sticks;
mod trust;
mod ups;
mod usb;
mod web;
mod web_full;
mod web_memory;
