//! What the box looks like, from its profile, for whoever draws it. Pure. Start at [`drawn`].

use api::{BayShown, Enclosure};
use board::Profile;

/// The case that this profile describes.
pub(crate) fn drawn(profile: &Profile) -> Enclosure {
    let bay = |bay: &board::profile::Bay| BayShown {
        name: bay.name.clone(),
        row: bay.row.into(),
        column: bay.column.into(),
        light: bay.led.is_some(),
    };
    Enclosure {
        name: profile.name.clone(),
        bays: profile.bays.iter().map(bay).collect(),
        sockets: profile.usb.iter().map(|socket| socket.name.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bays_of_a_profile_are_drawn_and_a_computer_without_any_has_none() {
        let desk = drawn(&board::profile::by_id("desk").expect("it is there"));
        let names: Vec<&str> = desk.bays.iter().map(|bay| bay.name.as_str()).collect();
        assert_eq!(names, ["1", "2", "3", "4"]);
        assert!(desk.bays.iter().all(|bay| bay.light && bay.row == 0));
        assert_eq!(desk.sockets, ["front", "back"]);
        let any = drawn(&board::profile::by_id("generic-x86-64").expect("it is there"));
        assert_eq!(any.bays, []);
    }
}
