//! The superblock's three copies: reading the best, healing the rest, counting generations.
//!
//! Copies are replaced one at a time, each whole, so that a power cut leaves at least two of them
//! as they were or as they should be. A copy that a newer Holdfast wrote is never overwritten.

use format::FormatError;
use format::superblock::{LEN, SERIAL_LEN_MAX, Superblock};

use crate::disk::Disk;
use crate::durable::{IoFailure, remove_file, replace_file};
use crate::error::{Finding, VolumeError, VolumeName};
use crate::layout::{self, COPIES_OF_SUPERBLOCK};

/// Who a volume is, and whether it is where it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The superblock.
    pub superblock: Superblock,
    /// False on a clone, and after the disk below was exchanged.
    pub serial_matches: bool,
}

/// The best superblock, and which copies differ from it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) best: Superblock,
    pub(crate) unequal: Vec<usize>,
}

/// Highest generation among the copies that can be read.
pub(crate) fn load(disk: &dyn Disk, volume: &VolumeName) -> Result<Loaded, VolumeError> {
    let mut copies: Vec<Option<Superblock>> = Vec::new();
    let mut seen = false;
    for copy in 0..COPIES_OF_SUPERBLOCK {
        let path = layout::superblock(copy);
        let bytes = read_copy(disk, &path);
        seen |= !matches!(&bytes, Err(error) if error.kind() == std::io::ErrorKind::NotFound);
        let decoded = bytes.ok().map(|bytes| Superblock::decode(&bytes));
        copies.push(match decoded {
            Some(Ok(superblock)) => Some(superblock),
            None => None,
            Some(Err(error)) if is_damage(&error) => None,
            // The checksum is right, so this is no damage: somebody wrote it who knows more.
            Some(Err(source)) => {
                return Err(VolumeError::Format { volume: volume.clone(), path, source });
            }
        });
    }
    let volume = volume.clone();
    let Some(best) = copies.iter().flatten().max_by_key(|copy| copy.generation).cloned() else {
        let lost = VolumeError::SuperblockLost { volume: volume.clone() };
        return Err(if seen { lost } else { VolumeError::NotAVolume { volume } });
    };
    if copies.iter().flatten().any(|c| (c.vault, c.volume) != (best.vault, best.volume)) {
        return Err(VolumeError::SuperblockMixed { volume });
    }
    let unequal =
        (0..COPIES_OF_SUPERBLOCK).filter(|copy| copies[*copy].as_ref() != Some(&best)).collect();
    Ok(Loaded { best, unequal })
}

fn is_damage(error: &FormatError) -> bool {
    matches!(
        error,
        FormatError::Length { .. } | FormatError::Magic { .. } | FormatError::Checksum { .. }
    )
}

fn read_copy(disk: &dyn Disk, path: &str) -> std::io::Result<Vec<u8>> {
    // One byte more than there should be, so that a longer file is seen to be wrong.
    let mut bytes = vec![0; LEN + 1];
    let len = disk.open(path)?.read_at(0, &mut bytes)?;
    bytes.truncate(len);
    Ok(bytes)
}

/// Writes the named copies, one after the other.
pub(crate) fn store(
    disk: &dyn Disk,
    superblock: &Superblock,
    copies: impl IntoIterator<Item = usize>,
) -> Result<(), IoFailure> {
    let bytes = superblock.encode();
    copies.into_iter().try_for_each(|copy| replace_file(disk, &layout::superblock(copy), &bytes))
}

/// Writes a superblock of another volume in the place of what is there: copies that contradict each
/// other are refused when they are read, so the first stands alone while it changes.
pub(crate) fn rename(disk: &dyn Disk, superblock: &Superblock) -> Result<(), IoFailure> {
    let mut whole = (0..COPIES_OF_SUPERBLOCK).filter(|copy| {
        read_copy(disk, &layout::superblock(*copy))
            .is_ok_and(|bytes| Superblock::decode(&bytes).is_ok())
    });
    let alone = whole.next().unwrap_or(0);
    for copy in (0..COPIES_OF_SUPERBLOCK).filter(|copy| *copy != alone) {
        remove_file(disk, &layout::superblock(copy))?;
    }
    store(disk, superblock, [alone])?;
    store(disk, superblock, 0..COPIES_OF_SUPERBLOCK)
}

/// The serial as a superblock can hold it.
pub(crate) fn storable_serial(disk: &dyn Disk) -> String {
    let mut serial = disk.serial();
    serial.truncate(serial.floor_char_boundary(SERIAL_LEN_MAX));
    serial
}

/// What differs between the superblock and the disk below, as findings.
pub(crate) fn oddities(best: &Superblock, disk: &dyn Disk) -> Vec<Finding> {
    let mut findings = Vec::new();
    if best.ro_compat != 0 {
        findings.push(Finding::NewerFeatures);
    }
    let found = storable_serial(disk);
    if best.serial != found {
        findings.push(Finding::OtherSerial { written: best.serial.clone(), found });
    }
    findings
}
