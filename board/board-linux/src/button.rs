//! The button, as the kernel's input device of the profile's name.
//!
//! Short is told when it is let go, held as soon as it was held long enough, and then letting go
//! says nothing more. A device that goes away takes the button with it. Start at [`Button::open`].

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use board::{Press, Profile};
use nix::fcntl::OFlag;

use crate::discover::attr;
use crate::outside::time::Deadline;
use crate::settings::Settings;

/// Before the event itself stands its time, in two of the machine's words.
const TIME_LEN: usize = 2 * size_of::<usize>();
/// Kind, code, value.
const EVENT_LEN: usize = TIME_LEN + 8;
/// The kind of event that keys make.
const KEY: u16 = 1;

/// The button, if the box has one.
#[derive(Debug, Default)]
pub(crate) struct Button(Mutex<Option<Device>>);

#[derive(Debug)]
struct Device {
    file: Arc<File>,
    code: u16,
    hold: Duration,
    pressed: Pressed,
}

#[derive(Clone, Copy, Debug)]
enum Pressed {
    No,
    /// It counts as held from then on.
    Until(Deadline),
    /// It is still down, and that was told.
    Told,
}

impl Button {
    /// Looks for the device. A box without it is a box without a button.
    pub(crate) fn open(settings: &Settings, profile: &Profile) -> Self {
        let device = profile.button.as_ref().and_then(|button| {
            let how = OFlag::O_NONBLOCK.bits();
            let path = find(settings, &button.device)?;
            let file = File::options().read(true).custom_flags(how).open(path).ok()?;
            let hold = Duration::from_secs(u64::from(button.hold_secs));
            let (file, pressed) = (Arc::new(file), Pressed::No);
            Some(Device { file, code: button.code, hold, pressed })
        });
        Self(Mutex::new(device))
    }

    /// What to wait on.
    pub(crate) fn file(&self) -> Option<Arc<File>> {
        self.device().as_ref().map(|device| Arc::clone(&device.file))
    }

    /// How much of a wait there is until it counts as held.
    pub(crate) fn wait_at_most(&self, wait: Duration) -> Duration {
        match self.device().as_ref().map(|device| device.pressed) {
            Some(Pressed::Until(held)) => wait.min(held.left()),
            _ => wait,
        }
    }

    /// How it was pressed since the last time.
    pub(crate) fn presses(&self) -> Vec<Press> {
        let mut device = self.device();
        let Some(there) = device.as_mut() else { return Vec::new() };
        let mut presses = Vec::new();
        let stays = there.read(&mut presses);
        presses.extend(there.held());
        if !stays {
            *device = None;
        }
        presses
    }

    fn device(&self) -> MutexGuard<'_, Option<Device>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    /// Reads all that is there. Whether the device still is.
    fn read(&mut self, presses: &mut Vec<Press>) -> bool {
        let mut event = [0; EVENT_LEN];
        loop {
            match (&*self.file).read(&mut event) {
                Ok(EVENT_LEN) => presses.extend(self.event(&event)),
                // The kernel hands out whole events only.
                Ok(_) => return false,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    kind => return kind == io::ErrorKind::WouldBlock,
                },
            }
        }
    }

    fn event(&mut self, event: &[u8; EVENT_LEN]) -> Option<Press> {
        let half = |at: usize| u16::from_le_bytes([event[TIME_LEN + at], event[TIME_LEN + at + 1]]);
        if (half(0), half(2)) != (KEY, self.code) {
            return None;
        }
        match half(4) {
            // Let go.
            0 => {
                let before = std::mem::replace(&mut self.pressed, Pressed::No);
                match before {
                    Pressed::Until(held) if held.is_over() => Some(Press::Held),
                    Pressed::Until(_) => Some(Press::Short),
                    Pressed::No | Pressed::Told => None,
                }
            }
            1 => {
                self.pressed = Pressed::Until(Deadline::within(self.hold));
                None
            }
            // It repeats by itself while it is down.
            _ => None,
        }
    }

    fn held(&mut self) -> Option<Press> {
        match self.pressed {
            Pressed::Until(held) if held.is_over() => {
                self.pressed = Pressed::Told;
                Some(Press::Held)
            }
            _ => None,
        }
    }
}

fn find(settings: &Settings, name: &str) -> Option<PathBuf> {
    let class = settings.sys.join("class/input");
    let devices = std::fs::read_dir(&class).ok()?.flatten();
    let mut nodes = devices.filter_map(|entry| entry.file_name().into_string().ok());
    let is_it = |node: &String| {
        let said = attr::text(&class.join(node).join("device"), "name");
        node.starts_with("event") && said.as_deref() == Some(name)
    };
    nodes.find(is_it).map(|node| settings.dev.join("input").join(node))
}
