//! What the agent looks at: what the computer runs on, whether its line is metered, whether the box answers.
//!
//! Whatever is not there or says nothing is no reason against a backup. Start at [`power`].

use std::fs;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use plan::agent::Power;

/// Where the kernel lists what gives power.
pub(super) const SUPPLIES: &str = "/sys/class/power_supply";
/// A box in the house answers sooner; one that sleeps is looked for again.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// Where boxes are, unless their address says otherwise.
const PORT: u16 = 443;

/// What it runs on: on battery when one is being emptied and nothing else gives power.
pub(super) fn power(supplies: &Path) -> Power {
    let mut emptied = Vec::new();
    for entry in fs::read_dir(supplies).into_iter().flatten().flatten() {
        let said = |name: &str| {
            let text = fs::read_to_string(entry.path().join(name)).unwrap_or_default();
            text.trim().to_owned()
        };
        match &*said("type") {
            // A mouse has a battery as well, and it is the mouse's.
            "Battery" if said("scope") != "Device" && said("status") == "Discharging" => {
                emptied.push(said("capacity").parse::<u8>().ok().filter(|percent| *percent <= 100));
            }
            "Battery" | "UPS" => {}
            _ if said("online") == "1" => return Power::Mains,
            _ => {}
        }
    }
    match emptied.is_empty() {
        true => Power::Mains,
        // Of two the fuller one counts: they are emptied one after the other.
        false => Power::Battery(emptied.into_iter().flatten().max()),
    }
}

/// What NetworkManager says of its lines, one in each line: one that is metered is enough. None when it says
/// nothing, or is not there.
pub(super) fn metered(text: &str) -> Option<bool> {
    let lines = || text.lines().map(str::trim);
    if lines().any(|line| line.starts_with("yes")) {
        return Some(true);
    }
    lines().any(|line| line.starts_with("no")).then_some(false)
}

/// Whether something takes a connection there.
pub(super) fn answers(address: &str) -> bool {
    let with_port = address.to_socket_addrs();
    let found = with_port.or_else(|_| (address.trim_matches(['[', ']']), PORT).to_socket_addrs());
    let takes = |at: SocketAddr| TcpStream::connect_timeout(&at, ANSWERS_WITHIN).is_ok();
    found.is_ok_and(|mut all| all.any(takes))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn supply(all: &Path, name: &str, said: &[(&str, &str)]) {
        fs::create_dir(all.join(name)).unwrap();
        for (name_of, text) in said {
            let mut file = fs::File::create(all.join(name).join(name_of)).unwrap();
            writeln!(file, "{text}").unwrap();
        }
    }

    fn battery(status: &'static str, percent: &'static str) -> [(&'static str, &'static str); 3] {
        [("type", "Battery"), ("status", status), ("capacity", percent)]
    }

    #[test]
    fn it_runs_on_battery_when_one_is_emptied_and_nothing_else_gives_power() {
        let all = tempfile::tempdir().unwrap();
        let all = all.path();
        assert_eq!(power(&all.join("nothing")), Power::Mains);
        supply(all, "AC", &[("type", "Mains"), ("online", "0")]);
        assert_eq!(power(all), Power::Mains);
        supply(all, "BAT0", &battery("Discharging", "37"));
        assert_eq!(power(all), Power::Battery(Some(37)));
        supply(all, "BAT1", &battery("Not charging", "99"));
        assert_eq!(power(all), Power::Battery(Some(37)));
        supply(all, "ucsi", &[("type", "USB"), ("online", "1")]);
        assert_eq!(power(all), Power::Mains);
    }

    #[test]
    fn the_battery_of_a_mouse_and_one_that_says_nothing_are_told_apart() {
        let all = tempfile::tempdir().unwrap();
        let all = all.path();
        let mut mouse = battery("Discharging", "3").to_vec();
        mouse.push(("scope", "Device"));
        supply(all, "hid-mouse", &mouse);
        assert_eq!(power(all), Power::Mains);
        supply(all, "BAT0", &battery("Discharging", "much"));
        assert_eq!(power(all), Power::Battery(None));
    }

    #[test]
    fn one_metered_line_is_enough_and_nothing_said_is_nothing_known() {
        assert_eq!(metered(""), None);
        assert_eq!(metered("unknown\n\nunknown\n"), None);
        assert_eq!(metered("unknown\nno (guessed)\n"), Some(false));
        assert_eq!(metered("no\nyes (guessed)\n"), Some(true));
    }

    #[test]
    fn a_box_answers_where_something_takes_a_connection() {
        let listens = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listens.local_addr().unwrap().to_string();
        assert!(answers(&at));
        drop(listens);
        assert!(!answers(&at));
        assert!(!answers("no such name.invalid"));
    }
}
