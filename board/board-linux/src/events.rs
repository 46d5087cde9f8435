//! What happened: the kernel's messages as hints, what disks there are now compared with what was
//! there before, and the button.
//!
//! A missed message is told as [`Event::Overflow`]. Events that nobody fetches are bounded. Start
//! at [`Events::next`].

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use board::{DiskInfo, Event, Power};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recvfrom, setsockopt,
    socket, sockopt,
};

use crate::button::Button;
use crate::outside::time::Deadline;
use crate::uevent;

/// The group in which the kernel itself speaks.
const KERNEL_GROUP: u32 = 1;
/// The kernel's messages are at most 2 KiB and a path.
const MESSAGE_LEN_MAX: usize = 8192;
/// A thousand messages: a hub with everything on it, plugged in at once.
const BUFFER: usize = 2 << 20;
/// More than a box has sockets; beyond it the caller looks at everything anyway.
const EVENTS_MAX: usize = 64;

/// Where messages come from, and what was last seen.
#[derive(Debug)]
pub(crate) struct Events {
    socket: OwnedFd,
    button: Button,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seen: BTreeMap<String, DiskInfo>,
    waiting: VecDeque<Event>,
    /// A message was heard, and the look after it failed.
    look_again: bool,
}

/// What a wait brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Nothing,
    Disks,
    TooMuch,
}

impl Events {
    /// Listens from now on.
    pub(crate) fn listen(button: Button) -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let protocol = SockProtocol::NetlinkKObjectUEvent;
        let socket = socket(AddressFamily::Netlink, SockType::Datagram, flags, protocol)?;
        // A smaller buffer only overflows sooner, and that is told.
        setsockopt(&socket, sockopt::RcvBuf, &BUFFER).ok();
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, KERNEL_GROUP))?;
        Ok(Self { socket, button, state: Mutex::default() })
    }

    /// Takes this for what is there, without an event.
    pub(crate) fn know(&self, now: Vec<DiskInfo>) {
        self.state().seen = by_node(now);
    }

    /// The next event. `look` lists what is there.
    pub(crate) fn next<E>(
        &self,
        wait: Duration,
        look: impl Fn() -> Result<Vec<DiskInfo>, E>,
        failed: impl Fn(io::Error) -> E,
    ) -> Result<Option<Event>, E> {
        let deadline = Deadline::within(wait);
        loop {
            if let Some(event) = self.take() {
                return Ok(Some(event));
            }
            let heard = if self.must_look_again() {
                Heard::Disks
            } else {
                self.hear(deadline.left()).map_err(&failed)?
            };
            self.state().waiting.extend(self.button.presses().into_iter().map(Event::Button));
            match heard {
                Heard::Nothing if deadline.is_over() => return Ok(self.take()),
                Heard::Nothing => {}
                heard => match look() {
                    Ok(now) => self.compare(now, heard == Heard::TooMuch),
                    Err(error) => {
                        self.state().look_again = true;
                        return Err(error);
                    }
                },
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Event> {
        self.state().waiting.pop_front()
    }

    fn must_look_again(&self) -> bool {
        std::mem::take(&mut self.state().look_again)
    }

    fn compare(&self, now: Vec<DiskInfo>, missed: bool) {
        let mut state = self.state();
        if missed {
            state.waiting.push_back(Event::Overflow);
        }
        let now = by_node(now);
        let events = differences(&state.seen, &now);
        state.seen = now;
        state.waiting.extend(events);
        if state.waiting.len() > EVENTS_MAX {
            state.waiting.clear();
            state.waiting.push_back(Event::Overflow);
        }
    }

    /// Waits for messages, and reads all that are there.
    fn hear(&self, wait: Duration) -> io::Result<Heard> {
        let mut polled = vec![PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        let button = self.button.file();
        if let Some(button) = &button {
            polled.push(PollFd::new(button.as_fd(), PollFlags::POLLIN));
        }
        let wait = self.button.wait_at_most(wait);
        let timeout = PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX);
        match poll(&mut polled, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(Heard::Nothing),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut heard = Heard::Nothing;
        let mut message = [0; MESSAGE_LEN_MAX];
        loop {
            match recvfrom::<NetlinkAddr>(self.socket.as_raw_fd(), &mut message) {
                Ok((len, from)) => {
                    // Whoever has a number of its own is a program, not the kernel.
                    let of_kernel = from.is_none_or(|from| from.pid() == 0);
                    let message = &message[..len.min(MESSAGE_LEN_MAX)];
                    if of_kernel && heard == Heard::Nothing && uevent::concerns_disks(message) {
                        heard = Heard::Disks;
                    }
                }
                Err(Errno::EAGAIN) => return Ok(heard),
                Err(Errno::EINTR) => {}
                Err(Errno::ENOBUFS) => heard = Heard::TooMuch,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn by_node(disks: Vec<DiskInfo>) -> BTreeMap<String, DiskInfo> {
    disks.into_iter().map(|disk| (disk.node.clone(), disk)).collect()
}

/// What must have happened between two looks. Pulled disks come first, so that whoever counts
/// sockets never sees two disks in one.
fn differences(
    before: &BTreeMap<String, DiskInfo>,
    now: &BTreeMap<String, DiskInfo>,
) -> Vec<Event> {
    let stays = |disk: &DiskInfo, others: &BTreeMap<String, DiskInfo>| {
        let is_it =
            |other: &DiskInfo| (&other.identity, other.attached) == (&disk.identity, disk.attached);
        others.get(&disk.node).is_some_and(is_it)
    };
    let gone = before.values().filter(|disk| !stays(disk, now));
    let mut events: Vec<Event> = gone.map(|disk| Event::Removed(disk.identity.clone())).collect();
    for disk in now.values() {
        if !stays(disk, before) {
            events.push(Event::Inserted(disk.clone()));
        } else if before.get(&disk.node).is_some_and(|was| differs(was, disk)) {
            events.push(Event::Changed(disk.clone()));
        }
    }
    events
}

/// Falling asleep and waking is nothing that anybody has to be told.
fn differs(was: &DiskInfo, is: &DiskInfo) -> bool {
    DiskInfo { power: Power::Unknown, ..was.clone() }
        != DiskInfo { power: Power::Unknown, ..is.clone() }
}

#[cfg(test)]
mod tests {
    use board::Place;
    use types::{Bytes, DiskIdentity, Transport};

    use super::*;

    fn disk(node: &str, serial: &str) -> DiskInfo {
        let identity = DiskIdentity {
            transport: Transport::Sata,
            model: "M".to_owned(),
            serial: Some(serial.to_owned()),
            wwn: None,
            port: "ata1".to_owned(),
            size: Bytes(1),
        };
        DiskInfo {
            identity,
            place: Place::Port("ata1".to_owned()),
            attached: 0,
            node: node.to_owned(),
            removable: false,
            rotational: None,
            read_only: false,
            power: Power::Unknown,
        }
    }

    #[test]
    fn two_looks_tell_what_happened_between_them() {
        let before = by_node(vec![disk("sda", "1"), disk("sdb", "2"), disk("sdc", "3")]);
        let locked = DiskInfo { read_only: true, ..disk("sdc", "3") };
        let now = by_node(vec![disk("sdb", "4"), locked.clone(), disk("sdd", "5")]);
        let again = DiskInfo { attached: 1, ..disk("sda", "1") };
        let (was, is) = (by_node(vec![disk("sda", "1")]), by_node(vec![again.clone()]));
        let pulled = Event::Removed(again.identity.clone());
        assert_eq!(differences(&was, &is), [pulled, Event::Inserted(again)], "and pushed back");
        let expected = vec![
            Event::Removed(disk("sda", "1").identity),
            Event::Removed(disk("sdb", "2").identity),
            Event::Inserted(disk("sdb", "4")),
            Event::Changed(locked),
            Event::Inserted(disk("sdd", "5")),
        ];
        assert_eq!(differences(&before, &now), expected);
    }

    #[test]
    fn a_disk_that_falls_asleep_makes_no_event() {
        let asleep = DiskInfo { power: Power::Asleep, ..disk("sda", "1") };
        let (before, now) = (by_node(vec![disk("sda", "1")]), by_node(vec![asleep]));
        assert_eq!(differences(&before, &now), []);
    }

    #[test]
    fn events_that_nobody_fetches_become_one_that_says_so() {
        let events = Events::listen(Button::default()).unwrap();
        let many = (0..=EVENTS_MAX).map(|number| disk(&format!("sd{number}"), "1")).collect();
        events.compare(many, false);
        assert_eq!(events.take(), Some(Event::Overflow));
        assert_eq!(events.take(), None);
    }

    #[test]
    fn a_look_that_failed_is_made_again_without_waiting_for_another_message() {
        let events = Events::listen(Button::default()).unwrap();
        events.state().look_again = true;
        let next = |look: &dyn Fn() -> Result<Vec<DiskInfo>, String>| {
            events.next(Duration::from_secs(600), look, |error| error.to_string())
        };
        assert_eq!(next(&|| Err("busy".to_owned())), Err("busy".to_owned()));
        let inserted = Event::Inserted(disk("sda", "1"));
        assert_eq!(next(&|| Ok(vec![disk("sda", "1")])), Ok(Some(inserted)));
    }

    #[test]
    fn what_the_kernel_had_no_room_to_tell_is_told_as_an_overflow() {
        let events = Events::listen(Button::default()).unwrap();
        events.compare(vec![disk("sda", "1")], true);
        assert_eq!(events.take(), Some(Event::Overflow));
        assert_eq!(events.take(), Some(Event::Inserted(disk("sda", "1"))));
    }
}
