//! The battery: asks NUT's `upsd` how the box is fed, and stops the box in order before it is empty.
//!
//! One question now and then, over TCP, bounded in length and time. What the answer means is decided
//! in `plan::power`. Shutting the computer down is the system's business, not this one's. Start at
//! [`Supervisor::watch_battery`].

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::PoisonError;
use std::time::Duration;

use plan::power::{Power, judge, power_of};

use crate::config::Ups;
use crate::supervisor::Supervisor;

/// Whoever does not answer within this is silent.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// An answer is never longer than this: a line.
const LINE_LEN_MAX: u64 = 1_024;

/// What is known of the battery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Battery {
    /// What was last heard.
    pub(crate) power: Power,
    /// Questions without an answer since.
    pub(crate) silent: u32,
}

impl Supervisor {
    /// Watches the battery of the settings until the box stops; returns at once when there is none.
    pub fn watch_battery(&self) {
        let Some(ups) = &self.setup.config.ups else { return };
        let mut battery = Battery { power: Power::Unclear, silent: 0 };
        loop {
            battery = match ask(ups) {
                Ok(words) => Battery { power: power_of(&words), silent: 0 },
                Err(error) => {
                    tracing::debug!(%error, "the battery did not answer");
                    Battery { silent: battery.silent.saturating_add(1), ..battery }
                }
            };
            self.note_battery(battery);
            if judge(battery.power, battery.silent) {
                tracing::warn!(?battery, "the battery ends, so the box stops in order");
                self.stop();
                return;
            }
            let pause = Duration::from_secs(u64::from(ups.ask_every_seconds));
            let rest =
                self.changed.wait_timeout_while(self.shared(), pause, |shared| !shared.stopping);
            if rest.unwrap_or_else(PoisonError::into_inner).0.stopping {
                return;
            }
        }
    }

    fn note_battery(&self, battery: Battery) {
        let before = self.shared().battery.replace(battery);
        if before != Some(battery) {
            tracing::info!(?battery, "the battery");
            self.look_after_health();
        }
    }
}

/// One question and its answer: the words of `ups.status`.
fn ask(ups: &Ups) -> io::Result<String> {
    let address = ups.address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_MAX)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    stream.write_all(format!("GET VAR {} ups.status\n", ups.name).as_bytes())?;
    let mut line = String::new();
    BufReader::new((&stream).take(LINE_LEN_MAX)).read_line(&mut line)?;
    // Whether the farewell arrives is nobody's concern.
    stream.write_all(b"LOGOUT\n").ok();
    words_of(&line, &ups.name).map(str::to_owned).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("upsd said {:?}", line.trim_end()))
    })
}

/// The value in `VAR <name> ups.status "<value>"`; anything else is no answer.
fn words_of<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let rest = line.trim_end_matches(['\r', '\n']).strip_prefix("VAR ")?;
    let rest = rest.strip_prefix(name)?.strip_prefix(" ups.status \"")?;
    rest.strip_suffix('"').filter(|words| !words.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_about_the_right_battery_counts() {
        for (line, words) in [
            ("VAR ups ups.status \"OL CHRG\"\n", Some("OL CHRG")),
            ("VAR ups ups.status \"\"\n", Some("")),
            ("VAR other ups.status \"OB LB\"\n", None),
            ("VAR ups battery.charge \"5\"\n", None),
            ("VAR ups ups.status \"OB LB", None),
            ("ERR DATA-STALE\n", None),
            ("ERR UNKNOWN-UPS\n", None),
            ("", None),
        ] {
            assert_eq!(words_of(line, "ups"), words, "{line:?}");
        }
    }
}
