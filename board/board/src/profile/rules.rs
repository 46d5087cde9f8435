//! What has to hold within one profile beyond its shape. Start at [`check`].

use std::collections::BTreeSet;

use super::{Meaning, Profile, ProfileError};

/// Most bays that a drawing has room for.
const BAYS_MAX: usize = 64;
/// A button that must be held longer than this is one that nobody holds.
const HOLD_SECS_MAX: u8 = 30;

/// The first thing that is wrong, if any.
pub(super) fn check(file: &str, profile: &Profile) -> Result<(), ProfileError> {
    let wrong =
        |key: String, what: String| Err(ProfileError::Value { file: file.to_owned(), key, what });
    let found = names(profile)
        .or_else(|| drawing(profile))
        .or_else(|| lights(profile))
        .or_else(|| times(profile));
    found.map_or(Ok(()), |(key, what)| wrong(key, what))
}

type Fault = (String, String);

fn names(profile: &Profile) -> Option<Fault> {
    let bays = profile.bays.iter().map(|bay| ("bay", &bay.name, &bay.path));
    let usb = profile.usb.iter().map(|socket| ("usb", &socket.name, &socket.path));
    let (mut seen, mut paths) = (BTreeSet::new(), BTreeSet::new());
    if profile.name.trim().is_empty() {
        return Some(("name".to_owned(), "is empty".to_owned()));
    }
    for (kind, name, path) in bays.chain(usb) {
        if name.trim().is_empty() {
            return Some((format!("{kind}.name"), "is empty".to_owned()));
        }
        if path.chars().all(|letter| letter == '*') {
            return Some((format!("{kind}.path"), format!("{name} would take every disk")));
        }
        if !seen.insert((kind, name)) {
            return Some((format!("{kind}.name"), format!("{name} stands there twice")));
        }
        if !paths.insert(path) {
            return Some((format!("{kind}.path"), format!("{path} stands there twice")));
        }
    }
    None
}

fn drawing(profile: &Profile) -> Option<Fault> {
    if profile.bays.len() > BAYS_MAX {
        return Some(("bay".to_owned(), format!("more than {BAYS_MAX}")));
    }
    let mut taken = BTreeSet::new();
    let twice = profile.bays.iter().find(|bay| !taken.insert((bay.row, bay.column)))?;
    let what = format!("{} is drawn over another at {}, {}", twice.name, twice.row, twice.column);
    Some(("bay.row, bay.column".to_owned(), what))
}

fn lights(profile: &Profile) -> Option<Fault> {
    for bay in &profile.bays {
        let Some(path) = &bay.led else { continue };
        match profile.leds.iter().find(|led| led.path == *path) {
            Some(led) if led.meaning == Meaning::Bay => {}
            Some(_) => {
                let what = format!("{path} beside {} has another meaning than bay", bay.name);
                return Some(("bay.led".to_owned(), what));
            }
            None => {
                let what = format!("{path} beside {} is no light of this profile", bay.name);
                return Some(("bay.led".to_owned(), what));
            }
        }
    }
    None
}

fn times(profile: &Profile) -> Option<Fault> {
    let hold = profile.button.as_ref().map_or(1, |button| button.hold_secs);
    if !(1..=HOLD_SECS_MAX).contains(&hold) {
        let what = format!("{hold} is not 1 to {HOLD_SECS_MAX}");
        return Some(("button.hold_secs".to_owned(), what));
    }
    if profile.watchdog.as_ref().is_some_and(|watchdog| watchdog.timeout_secs == 0) {
        return Some(("watchdog.timeout_secs".to_owned(), "0 would restart at once".to_owned()));
    }
    None
}
