//! The profiles that are compiled in, and which of them a machine gets.
//!
//! They are parsed when asked for; a test parses all, so that none can fail later.

use super::{MachineFacts, Profile, ProfileError, parse};

/// Id and text of each, in order of id.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The profile of boxes that no other is for.
const FALLBACK: &str = "generic-x86-64";

/// Every profile that is compiled in.
pub fn all() -> Result<Vec<Profile>, ProfileError> {
    TEXTS.iter().map(|(id, text)| parse(&format!("{id}.toml"), text)).collect()
}

/// The profile of this id: for `desk`, and for owners who name theirs.
pub fn by_id(id: &str) -> Result<Profile, ProfileError> {
    let found = TEXTS.iter().find(|(known, _)| *known == id);
    let (id, text) = found.ok_or_else(|| ProfileError::Unknown { id: id.to_owned() })?;
    parse(&format!("{id}.toml"), text)
}

/// The profile for boxes that nobody described: no bays, disks by port.
pub fn fallback() -> Result<Profile, ProfileError> {
    by_id(FALLBACK)
}

/// The profile for a machine.
pub fn choose(machine: &MachineFacts) -> Result<Profile, ProfileError> {
    match all()?.into_iter().find(|profile| profile.is_for(machine)) {
        Some(profile) => Ok(profile),
        None => fallback(),
    }
}
