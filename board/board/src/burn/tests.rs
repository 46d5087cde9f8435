//! Honest disks, disks that lie, and disks that are not to be touched.

use std::cell::RefCell;

use types::{Bytes, Foreign, Transport};

use super::*;

const SIZE: u64 = 3 * STEP_MAX + 1_536;
const SEED: BurnSeed = BurnSeed([7; 16]);

/// A disk with so many bytes behind it, whatever it says.
struct Disk {
    bytes: RefCell<Vec<u8>>,
    wraps: bool,
}

impl Disk {
    fn holding(len: u64, wraps: bool) -> Self {
        Self { bytes: RefCell::new(vec![0; usize::try_from(len).unwrap()]), wraps }
    }

    fn place(&self, at: usize) -> Option<usize> {
        let len = self.bytes.borrow().len();
        if self.wraps { Some(at % len) } else { Some(at).filter(|at| *at < len) }
    }
}

impl Raw for Disk {
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        for (n, byte) in out.iter_mut().enumerate() {
            let place = self.place(usize::try_from(at).unwrap() + n);
            *byte = place.map_or(0, |place| self.bytes.borrow()[place]);
        }
        Ok(())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        for (n, byte) in bytes.iter().enumerate() {
            if let Some(place) = self.place(usize::try_from(at).unwrap() + n) {
                self.bytes.borrow_mut()[place] = *byte;
            }
        }
        Ok(())
    }

    fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

fn identity() -> DiskIdentity {
    DiskIdentity {
        transport: Transport::Usb,
        model: "Stick".to_owned(),
        serial: None,
        wwn: None,
        port: "usb-1".to_owned(),
        size: Bytes(SIZE),
    }
}

fn does(disk: &Disk, step_: BurnStep) -> Result<Burnt, BoardError> {
    let order = BurnOrder { expects: DiskContent::Blank, attached: 0, seed: SEED, step: step_ };
    step(disk, &identity(), &order, &[0..PIECE, SIZE - PIECE..SIZE])
}

fn steps() -> Vec<(u64, u64)> {
    let from = (0..SIZE).step_by(usize::try_from(STEP_MAX).unwrap());
    from.map(|from| (from, STEP_MAX.min(SIZE - from))).collect()
}

/// Writes and reads all of it: what was found while writing, and while reading.
fn whole(disk: &Disk) -> (Burnt, Burnt) {
    does(disk, BurnStep::Begin).unwrap();
    let add = |all: Burnt, one: Burnt| Burnt {
        wrong: all.wrong + one.wrong,
        first: all.first.or(one.first),
    };
    let written = steps().into_iter().fold(Burnt::default(), |all, (from, len)| {
        add(all, does(disk, BurnStep::Write { from, len }).unwrap())
    });
    let read = steps().into_iter().fold(Burnt::default(), |all, (from, len)| {
        add(all, does(disk, BurnStep::Read { from, len }).unwrap())
    });
    (written, read)
}

#[test]
fn an_honest_disk_keeps_everything_and_is_blank_afterwards() {
    let disk = Disk::holding(SIZE, false);
    assert_eq!(whole(&disk), (Burnt::default(), Burnt::default()));
    does(&disk, BurnStep::End).unwrap();
    assert!(disk.bytes.borrow()[..PIECE_LEN].iter().all(|byte| *byte == 0));
    assert!(does(&disk, BurnStep::Read { from: 0, len: BLOCK }).is_err(), "it is over");
}

#[test]
fn one_bit_that_turned_is_found_where_it_is() {
    let disk = Disk::holding(SIZE, false);
    whole(&disk);
    disk.bytes.borrow_mut()[20_000_123] ^= 4;
    let found: Vec<Burnt> = steps()
        .into_iter()
        .map(|(from, len)| does(&disk, BurnStep::Read { from, len }).unwrap())
        .filter(|one| one.first.is_some())
        .collect();
    let at = 20_000_123 / BLOCK * BLOCK;
    assert_eq!(found, [Burnt { wrong: BLOCK, first: Some((at, WrongBytes::Other)) }]);
}

#[test]
fn a_disk_that_has_less_than_it_says_is_found_out_whether_it_wraps_or_forgets() {
    let holds = STEP_MAX + 8 * BLOCK;
    let (written, _) = whole(&Disk::holding(holds, true));
    assert_eq!(written.first, Some((0, WrongBytes::Of(holds))), "its size is told exactly");
    let (written, read) = whole(&Disk::holding(holds, false));
    assert_eq!(written.first, None);
    assert_eq!((read.first, read.wrong), (Some((holds, WrongBytes::Other)), SIZE - holds));
}

#[test]
fn no_step_but_the_first_touches_a_disk_without_the_mark_of_this_very_test() {
    let disk = Disk::holding(SIZE, false);
    let write = || does(&disk, BurnStep::Write { from: BLOCK, len: BLOCK });
    for strange in [vec![0; 8], b"HFBURN\r\n".to_vec(), mark(BurnSeed([8; 16]), SIZE)] {
        disk.write(0, &strange).unwrap();
        let before = disk.bytes.borrow().clone();
        assert!(matches!(write(), Err(BoardError::Changed { .. })));
        assert!(matches!(does(&disk, BurnStep::End), Err(BoardError::Changed { .. })));
        assert!(*disk.bytes.borrow() == before);
    }
    does(&disk, BurnStep::Begin).unwrap();
    assert!(write().is_ok(), "or this would show nothing");
    for (from, len) in [(1, BLOCK), (0, STEP_MAX + 1), (SIZE, BLOCK), (u64::MAX - 4095, BLOCK)] {
        let refused = does(&disk, BurnStep::Write { from, len });
        assert!(matches!(refused, Err(BoardError::Order { .. })), "{from} {len}");
    }
}

#[test]
fn a_test_begins_on_what_is_blank_or_what_its_owner_was_shown() {
    let foreign = |files| DiskContent::Foreign(Foreign { files, ..Foreign::default() });
    let order = |expects| BurnOrder { expects, attached: 0, seed: SEED, step: BurnStep::Begin };
    assert!(order(DiskContent::Blank).allows(&DiskContent::Blank));
    assert!(!order(DiskContent::Blank).allows(&foreign(Some(1))));
    assert!(order(foreign(Some(1))).allows(&foreign(Some(1))));
    assert!(!order(foreign(Some(1))).allows(&foreign(Some(2))));
    assert!(!order(DiskContent::Unknown).allows(&DiskContent::Unknown));
}
