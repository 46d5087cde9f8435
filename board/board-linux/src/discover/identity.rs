//! Model, serial and world-wide name of a disk, from what the kernel already knows of it.
//!
//! Nothing is asked of the disk, so none wakes. What a disk does not say stays `None`; what a
//! bridge plainly makes up is not believed. Start at [`Names::read`].

use std::path::{Path, PathBuf};

use types::Transport;

use super::{attr, vpd};

/// What a disk calls itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) model: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) wwn: Option<String>,
}

impl Names {
    /// `folder` is the block device's in sysfs.
    pub(crate) fn read(folder: &Path, transport: Transport) -> Self {
        let device = folder.join("device");
        match transport {
            Transport::Nvme => nvme(folder, &device),
            Transport::Usb => usb(folder, scsi(&device)),
            Transport::Card => Self {
                model: attr::text(&device, "name"),
                serial: attr::text(&device, "serial"),
                wwn: None,
            },
            Transport::Virtual if attr::bytes(&device, "model").is_none() => Self {
                model: Some("Virtual disk".to_owned()),
                serial: attr::text(folder, "serial"),
                wwn: None,
            },
            Transport::Virtual | Transport::Sata | Transport::Other => scsi(&device),
        }
    }
}

fn nvme(folder: &Path, device: &Path) -> Names {
    // `nvme.` begins a name that is made of model and serial, and proves no more than they do.
    let name = attr::text(folder, "wwid").filter(|name| !name.starts_with("nvme."));
    let serial = attr::text(device, "serial").and_then(vpd::plausible_serial);
    Names { model: attr::text(device, "model"), serial, wwn: name }
}

fn scsi(device: &Path) -> Names {
    let page = |name| attr::bytes(device, name).unwrap_or_default();
    let behind = vpd::identify(&page("vpd_pg89")).unwrap_or_default();
    let maker = attr::text(device, "vendor").filter(|maker| maker != "ATA");
    let inquiry = match (maker, attr::text(device, "model")) {
        (Some(maker), Some(model)) => Some(format!("{maker} {model}")),
        (maker, model) => model.or(maker),
    };
    Names {
        model: behind.model.or(inquiry),
        serial: behind.serial.or_else(|| vpd::serial(&page("vpd_pg80"))),
        wwn: behind.wwn.or_else(|| vpd::world_wide_name(&page("vpd_pg83"))),
    }
}

/// A bridge that hides the disk's serial has one of its own in its USB descriptor, one for all
/// disks behind it: better than none, and the port tells them apart.
fn usb(folder: &Path, seen: Names) -> Names {
    let descriptor = usb_device(folder);
    let say = |name| descriptor.as_deref().and_then(|device| attr::text(device, name));
    let product = || match (say("manufacturer"), say("product")) {
        (Some(maker), Some(product)) => Some(format!("{maker} {product}")),
        (maker, product) => product.or(maker),
    };
    Names {
        model: seen.model.or_else(product),
        serial: seen.serial.or_else(|| say("serial").and_then(vpd::plausible_serial)),
        wwn: seen.wwn,
    }
}

/// The USB device that a block device hangs on: the nearest folder above with a vendor's number.
fn usb_device(folder: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(folder).ok()?;
    real.ancestors().find(|above| above.join("idVendor").exists()).map(Path::to_owned)
}
