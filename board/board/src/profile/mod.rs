//! What a box looks like, as data: bays, sockets, lights, button, fan, watchdog.
//!
//! A profile is a file in `board/profiles`; adding one needs no code. The shape of the file is the
//! shape of [`Profile`], and unknown keys are errors. A box that no profile knows gets
//! [`fallback`]: it works, and names its disks by port. Start at [`choose`] and [`parse`].

mod error;
mod list;
mod pattern;
mod rules;

use serde::Deserialize;

use crate::disk::Place;
pub use error::ProfileError;
pub use list::{all, by_id, choose, fallback};

/// What is known of a machine before any profile: what its maker wrote into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineFacts {
    /// DMI `sys_vendor`.
    pub dmi_vendor: Option<String>,
    /// DMI `product_name`.
    pub dmi_product: Option<String>,
    /// The device tree's `compatible`, most exact first.
    pub compatible: Vec<String>,
}

/// A kind of box.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The file's name without its ending; not in the file.
    #[serde(skip)]
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// Which machines it is for; without a rule it is only ever named.
    #[serde(default, rename = "match")]
    pub matches: MatchRule,
    /// Bays, in the order in which people count them.
    #[serde(default, rename = "bay")]
    pub bays: Vec<Bay>,
    /// USB sockets.
    #[serde(default, rename = "usb")]
    pub usb: Vec<UsbSocket>,
    /// Lights that Holdfast may use.
    #[serde(default, rename = "led")]
    pub leds: Vec<Led>,
    /// The button.
    pub button: Option<Button>,
    /// The fan.
    pub fan: Option<Fan>,
    /// The watchdog.
    pub watchdog: Option<Watchdog>,
}

/// How a machine is recognised. Any one of the lines that are there is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchRule {
    /// DMI vendor and product, both in full.
    #[serde(default)]
    pub dmi: Vec<DmiRule>,
    /// One of these stands in the device tree's `compatible`.
    #[serde(default)]
    pub device_tree: Vec<String>,
}

/// What DMI has to say, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DmiRule {
    /// `sys_vendor`.
    pub vendor: String,
    /// `product_name`.
    pub product: String,
}

/// A place for a disk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bay {
    /// What is printed beside it, or how people count it.
    pub name: String,
    /// Row in the drawing, from the top, from 0.
    pub row: u8,
    /// Column in the drawing, from the left, from 0.
    pub column: u8,
    /// The kernel's path of a device in it; `*` stands for anything.
    pub path: String,
    /// The path of the light beside it: one of the profile's.
    pub led: Option<String>,
}

/// A USB socket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbSocket {
    /// What is printed beside it, or where it is.
    pub name: String,
    /// The kernel's path of a device in it; `*` stands for anything.
    pub path: String,
}

/// A light.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Led {
    /// Its folder in sysfs, or its name on a simulated board.
    pub path: String,
    /// What colour it has.
    pub colour: String,
    /// What it stands for.
    pub meaning: Meaning,
}

/// What a light stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The whole box is well, or not.
    Status,
    /// Something failed.
    Fault,
    /// The disk in the bay that names it.
    Bay,
}

/// The button.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// The input device's name.
    pub device: String,
    /// The key's code.
    pub code: u16,
    /// Held this long it begins an emergency restore.
    pub hold_secs: u8,
}

/// The fan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fan {
    /// The name of its hwmon device.
    pub hwmon: String,
}

/// The watchdog: it restarts the box when nobody calls it in time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watchdog {
    /// Its device.
    pub device: String,
    /// The longest time between two calls that the hardware allows.
    pub timeout_secs: u16,
}

impl Profile {
    /// Where a device with this kernel path is.
    pub fn place(&self, kernel_path: &str) -> Place {
        let fits = |wanted: &str| pattern::fits(wanted, kernel_path);
        if let Some(bay) = self.bays.iter().find(|bay| fits(&bay.path)) {
            return Place::Bay(bay.name.clone());
        }
        match self.usb.iter().find(|socket| fits(&socket.path)) {
            Some(socket) => Place::Usb(socket.name.clone()),
            None => Place::Port(kernel_path.to_owned()),
        }
    }

    /// The bay of this name.
    pub fn bay(&self, name: &str) -> Option<&Bay> {
        self.bays.iter().find(|bay| bay.name == name)
    }

    /// Whether it is for this machine.
    pub fn is_for(&self, machine: &MachineFacts) -> bool {
        let dmi = |rule: &DmiRule| {
            machine.dmi_vendor.as_ref() == Some(&rule.vendor)
                && machine.dmi_product.as_ref() == Some(&rule.product)
        };
        self.matches.dmi.iter().any(dmi)
            || self.matches.device_tree.iter().any(|name| machine.compatible.contains(name))
    }
}

/// Reads a profile. `file` is its name, for messages; the part before the last dot becomes its id.
pub fn parse(file: &str, text: &str) -> Result<Profile, ProfileError> {
    let mut profile: Profile =
        toml::from_str(text).map_err(|error| error::unreadable(file, text, &error))?;
    let name = file.rsplit('/').next().unwrap_or(file);
    profile.id = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
    rules::check(file, &profile)?;
    Ok(profile)
}
