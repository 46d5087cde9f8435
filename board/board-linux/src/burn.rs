//! Testing a whole disk, and letting its own light pulse: the two acts that go to its bytes alone.
//!
//! A test's steps are in [`board::burn`]; here the disk is found anew before each, claimed from the kernel
//! so that nothing of it can be mounted, and, before the first write of all, looked at by the child as for
//! an erasing. What is read while a light pulses is thrown away unseen. Start at [`Hands::burn`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use board::burn::{Bears, BurnOrder, BurnStep, Burnt, Raw, bears, step};
use board::{BoardError, DiskContent, DiskIdentity};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

use crate::hands::{Hands, in_use};
use crate::look::blank_places;
use crate::outside::time::Deadline;
use crate::prepare::open_device;

/// A light that is lit for so long is seen, and one that goes out again is told from a busy disk.
const PULSE: Duration = Duration::from_millis(400);
/// Read at one place; places are spread over the disk, so that no cache of it answers.
const PIECE: usize = 64 << 10;
const PIECES_MAX: u64 = 4_096;

impl Hands {
    /// Does one step of a test.
    pub(crate) fn burn(&self, disk: &DiskIdentity, order: &BurnOrder) -> Result<Burnt, BoardError> {
        let io = |error| BoardError::io("test", disk, error);
        let changed = || BoardError::Changed { disk: Box::new(disk.clone()) };
        let found = self.find(disk)?;
        self.must_be_free(&found)?;
        let lock = open_device(&found.node, found.number).map_err(io)?;
        lock.try_lock().map_err(|_| in_use(disk, "it is being prepared or tested"))?;
        self.find_still(&found)?;
        if order.step == BurnStep::Begin {
            let begun = bears(&Bytes(&lock), disk.size.0, order.seed).map_err(io)?;
            if begun == Bears::Nothing {
                // Pulled and pushed back since, or exchanged behind one name.
                if found.info.attached != order.attached {
                    return Err(changed());
                }
                let (_, content) = self.content(disk)?;
                if content == DiskContent::Unknown {
                    return Err(in_use(disk, "nobody could look at what is on it"));
                }
                if !order.allows(&content) {
                    return Err(changed());
                }
                for part in self.find_still(&found)?.parts {
                    self.hide_part(&found, part.index).map_err(io)?;
                }
            }
        }
        let claimed = self.claim(disk, &found)?;
        step(&Bytes(&claimed), disk, order, &blank_places(disk.size.0))
    }

    /// Reads here and there for a moment.
    pub(crate) fn pulse(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        let io = |error| BoardError::io("read", disk, error);
        let found = self.find(disk)?;
        let device = open_device(&found.node, found.number).map_err(io)?;
        let (pieces, mut buffer) = (disk.size.0 / PIECE as u64, vec![0; PIECE]);
        if pieces == 0 {
            return Ok(());
        }
        let end = Deadline::within(PULSE);
        // A stride that shares no factor with most sizes comes by everywhere before it repeats.
        for piece in (0..PIECES_MAX).map(|n| n * 1_000_003 % pieces) {
            let at = piece * PIECE as u64;
            let (from, len) = (i64::try_from(at).unwrap_or(0), i64::try_from(PIECE).unwrap_or(0));
            let forget = PosixFadviseAdvice::POSIX_FADV_DONTNEED;
            posix_fadvise(&device, from, len, forget).map_err(|error| io(error.into()))?;
            device.read_at(&mut buffer, at).map_err(io)?;
            if end.is_over() {
                break;
            }
        }
        Ok(())
    }
}

/// What memory has of a disk is forgotten, so that the next read comes from the disk.
fn forget(device: &File) -> io::Result<()> {
    posix_fadvise(device, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED).map_err(io::Error::from)
}

/// A disk's bytes.
struct Bytes<'f>(&'f File);

impl Raw for Bytes<'_> {
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, at)
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn settle(&self) -> io::Result<()> {
        self.0.sync_all()?;
        forget(self.0)
    }
}
