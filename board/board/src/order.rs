//! What a board is asked to do with a disk, and what it answers.
//!
//! An order carries what the owner was shown, so that the board can see for itself that nothing
//! changed since. Start at [`PrepareOrder`].

use std::path::PathBuf;
use std::sync::Arc;

use types::DiskContent;
use volume::Disk;

/// Erase a disk and make an empty file system on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrepareOrder {
    /// What was on it when the owner said yes.
    pub expects: DiskContent,
    /// Which time it was plugged in when its content was looked at: [`crate::DiskInfo::attached`]. A
    /// dock may show another disk behind the same port and serial, and one that was out was elsewhere.
    ///
    /// The number counts within one start of the system. Who kept a yes from before a restart gives
    /// the number of the first look after it, and has to know for other reasons that the disk is the
    /// one that was shown.
    pub attached: u64,
    /// The new file system's label: up to 16 ASCII letters, digits and `-`, of which the first are
    /// [`Self::LABEL_START`], new for each order. By it an attempt that was cut short is known again.
    pub label: String,
    /// What is on it is to be kept where there is room for it, so that [`crate::Board::put_back`] can
    /// bring it back.
    pub keeps: bool,
}

/// Put back what was on a disk before it was prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutBackOrder {
    /// Which time it was plugged in when the owner said so.
    pub attached: u64,
    /// The label of the order under which it was prepared.
    pub label: String,
}

/// The longest label that ext4 holds.
pub(crate) const LABEL_LEN_MAX: usize = 16;

impl PrepareOrder {
    /// What every label begins with: by it a disk is known as one that was prepared.
    pub const LABEL_START: &str = "hf-";

    /// Whether a label can be written.
    pub fn label_is_fit(&self) -> bool {
        is_fit(&self.label)
    }

    /// Whether a disk with `found` on it may be erased under this order.
    pub fn allows(&self, found: &DiskContent) -> bool {
        match found {
            DiskContent::Unknown => false,
            DiskContent::Blank => true,
            // The owner was shown a volume by its ids; its generation counts on by itself.
            DiskContent::Volume(mark) => match &self.expects {
                DiskContent::Volume(shown) => {
                    (shown.vault, shown.volume) == (mark.vault, mark.volume)
                }
                _ => false,
            },
            DiskContent::Foreign(foreign) => {
                let own_attempt = foreign.label.as_ref() == Some(&self.label)
                    && foreign.files.is_none_or(|count| count == 0);
                own_attempt || *found == self.expects
            }
        }
    }
}

impl PutBackOrder {
    /// Whether this can be the label of an order.
    pub fn label_is_fit(&self) -> bool {
        is_fit(&self.label)
    }
}

fn is_fit(label: &str) -> bool {
    let fit = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
    label.starts_with(PrepareOrder::LABEL_START)
        && label.len() <= LABEL_LEN_MAX
        && label.bytes().all(fit)
}

/// What preparing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prepared {
    /// The disk was erased and has an empty file system now.
    Formatted,
    /// It had the order's empty file system already.
    AlreadyDone,
    /// It has the order's empty file system, and what was there before can be put back until something
    /// is stored.
    Kept,
}

/// What a disk is mounted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MountAs {
    /// A volume of the vault that takes part: read and write.
    Volume,
    /// A file system that was just prepared: the volume's folder is made.
    NewVolume,
    /// A volume that is only read: a failed disk, a copy in doubt.
    VolumeReadOnly,
    /// Somebody's files, to be looked at or imported: never written, not even by the kernel.
    Look,
    /// A drive that the owner named as a target of plain files: read and write.
    Target,
}

impl MountAs {
    /// Whether anything may be written.
    pub fn writes(self) -> bool {
        matches!(self, Self::Volume | Self::NewVolume | Self::Target)
    }
}

/// A mounted disk.
#[derive(Clone, Debug)]
pub struct Mounted {
    /// The volume's folder, or the whole file system when it is no volume. A trait, so that a
    /// simulated disk can fail as a real one does.
    pub disk: Arc<dyn Disk>,
    /// Where its file system stands in the folders of the box, for those who need real paths.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use types::{Bytes, Foreign, VaultId, VolumeId, VolumeMark};

    use super::*;

    fn foreign(label: &str, files: u64) -> DiskContent {
        DiskContent::Foreign(Foreign {
            file_system: Some("ext4".to_owned()),
            label: Some(label.to_owned()),
            files: Some(files),
            bytes: Some(Bytes(files)),
        })
    }

    fn volume(number: u8, generation: u64) -> DiskContent {
        let (vault, volume) = (VaultId([1; 16]), VolumeId([number; 16]));
        DiskContent::Volume(VolumeMark { vault, volume, generation, serial: String::new() })
    }

    fn order(expects: DiskContent) -> PrepareOrder {
        PrepareOrder { expects, attached: 0, label: "hf-1234".to_owned(), keeps: false }
    }

    #[test]
    fn what_the_owner_was_shown_may_go_and_nothing_else() {
        let photos = order(foreign("PHOTOS", 7));
        assert!(photos.allows(&foreign("PHOTOS", 7)));
        assert!(photos.allows(&DiskContent::Blank));
        assert!(!photos.allows(&foreign("PHOTOS", 8)), "a file came since");
        assert!(!photos.allows(&volume(1, 1)));
        assert!(!photos.allows(&DiskContent::Unknown));
        assert!(!order(DiskContent::Blank).allows(&foreign("PHOTOS", 7)));
        let old = order(volume(1, 4));
        assert!(old.allows(&volume(1, 5)));
        assert!(!old.allows(&volume(2, 4)));
    }

    #[test]
    fn an_unfinished_attempt_is_known_by_its_label_while_nothing_is_on_it() {
        let order = order(foreign("PHOTOS", 7));
        assert!(order.allows(&foreign("hf-1234", 0)));
        assert!(!order.allows(&foreign("hf-1234", 1)));
        assert!(!order.allows(&foreign("hf-9999", 0)), "that is another order's");
    }

    #[test]
    fn a_label_that_ext4_cannot_hold_is_seen() {
        for (label, fit) in [
            ("hf-1", true),
            ("", false),
            ("hf-a b", false),
            ("PHOTOS", false),
            ("hf-45678901234567", false),
        ] {
            let expects = DiskContent::Blank;
            let order =
                PrepareOrder { expects, attached: 0, label: label.to_owned(), keeps: false };
            assert_eq!(order.label_is_fit(), fit, "{label}");
        }
    }
}
