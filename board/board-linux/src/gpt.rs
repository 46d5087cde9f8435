//! The bytes that make a disk ours: a mark while it is being prepared, a GPT with one partition.
//!
//! Pure: it says what to write where and in which order, and writes nothing. The mark comes first
//! and goes last, and one sector is written whole or not at all: so at every moment in between the
//! disk says that it is being prepared, under which label, and nothing else. The layout of the mark
//! is in ADR 14. Start at [`Layout::of`] and [`Layout::groups`].

use types::Bytes;

const MIB: u64 = 1 << 20;
/// Room for the tables, the partition, and a file system that can live.
pub(crate) const SIZE_MIN: Bytes = Bytes(16 * MIB);
/// What is wiped at each end of the disk and at the beginning of the partition: there lies every
/// sign by which this or another system would know what was there before.
const WIPED: u64 = MIB;
/// Where the partition starts.
pub(crate) const START: u64 = MIB;

const MARK: [u8; 8] = *b"HFPREP\r\n";
const MARK_LABEL: std::ops::Range<usize> = 9..25;
const MARK_SUM: std::ops::Range<usize> = 25..57;

/// So many of the writes come before the tables.
const WIPES: usize = 2;
const ENTRIES: u64 = 128;
const ENTRY_LEN: u64 = 128;
const HEADER_LEN: u32 = 92;
/// Linux file system data, 0fc63daf-8483-4772-8e79-3d69d8477de4.
const LINUX: [u8; 16] = [
    0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4,
];

/// Where everything on a disk will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    size: u64,
    sector: u64,
    label: String,
    /// The partition.
    pub(crate) start: u64,
    pub(crate) len: u64,
}

/// Bytes and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Layout {
    /// For a disk of this size and sector. `None`: it is too small, or its sectors are odd.
    pub(crate) fn of(size: Bytes, sector: u64, label: &str) -> Option<Self> {
        if size < SIZE_MIN || !matches!(sector, 512 | 1024 | 2048 | 4096) {
            return None;
        }
        // A multiple of a MiB, as every tool does it, so that flash is never written across.
        let end = (size.0 - MIB) / MIB * MIB;
        let (start, len) = (START, end - START);
        Some(Self { size: size.0, sector, label: label.to_owned(), start, len })
    }

    /// An id that depends on nothing but the order, so that a second attempt writes the same bytes.
    pub(crate) fn id(&self, of: &str) -> [u8; 16] {
        let text = format!("holdfast disk {of} {} {}", self.label, self.size);
        let mut id = [0; 16];
        id.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
        // Version 8, "made in a way of our own", in the variant that everybody uses.
        id[7] = id[7] & 0x0f | 0x80;
        id[8] = id[8] & 0x3f | 0x80;
        id
    }

    /// What is written, in groups: each is to be durable before the next one begins. The mark
    /// alone, then wiping and both tables; the file system and [`Layout::unmark`] come after.
    pub(crate) fn groups(&self) -> [Vec<Write>; 2] {
        [vec![self.mark()], self.wipes_and_tables()]
    }

    /// Where anything is written but by the program that makes the file system, without overlaps: the
    /// first sector, which is put back last, and both ends.
    pub(crate) fn touched(&self) -> [(u64, u64); 3] {
        let (from, end) = (self.start + WIPED, self.size - 2 * WIPED);
        [(0, self.sector), (self.sector, from), (end.max(from), self.size)]
    }

    /// What is before and after the partition when everything is done.
    pub(crate) fn around(&self) -> [Write; 2] {
        let zeros = |at: u64, end: u64| {
            let len = usize::try_from(end - at).unwrap_or(0);
            Write { at, bytes: vec![0; len] }
        };
        let mut sides = [zeros(0, self.start), zeros(self.start + self.len, self.size)];
        let tables = self.wipes_and_tables().into_iter().skip(WIPES);
        for write in tables.chain([self.unmark()]) {
            for side in &mut sides {
                let at = write.at.checked_sub(side.at).and_then(|at| usize::try_from(at).ok());
                let room = at.and_then(|at| side.bytes.get_mut(at..at + write.bytes.len()));
                room.into_iter().for_each(|room| room.copy_from_slice(&write.bytes));
            }
        }
        sides
    }

    /// Which places of the partition are wiped, counted from its beginning.
    pub(crate) fn wiped_inside(&self) -> [(u64, u64); 2] {
        let [_, (_, first), (last, _)] = self.touched();
        let inside = |at: u64| at.clamp(self.start, self.start + self.len) - self.start;
        [(0, inside(first)), (inside(last), self.len)]
    }

    /// The first sector with the mark.
    pub(crate) fn mark(&self) -> Write {
        let mut sector = self.protective();
        let label = self.label.as_bytes();
        let len = label.len().min(MARK_LABEL.len());
        sector[..8].copy_from_slice(&MARK);
        sector[8] = u8::try_from(len).unwrap_or(0);
        sector[MARK_LABEL.start..MARK_LABEL.start + len].copy_from_slice(&label[..len]);
        let sum = blake3::hash(&sector[..MARK_SUM.start]);
        sector[MARK_SUM].copy_from_slice(sum.as_bytes());
        Write { at: 0, bytes: sector }
    }

    /// The first sector without it. To be written when everything else is durable.
    pub(crate) fn unmark(&self) -> Write {
        Write { at: 0, bytes: self.protective() }
    }

    fn wipes_and_tables(&self) -> Vec<Write> {
        let zeros = |at: u64, end: u64| {
            let len = usize::try_from(end - at).unwrap_or(0);
            Write { at, bytes: vec![0; len] }
        };
        let sectors = self.size / self.sector;
        let entries = self.entries();
        let room = self.entry_sectors();
        let second = sectors - 1 - room;
        let put = |lba: u64, bytes: Vec<u8>| Write { at: lba * self.sector, bytes };
        vec![
            zeros(self.sector, self.start + WIPED),
            zeros(self.size - 2 * WIPED, self.size),
            put(second, entries.clone()),
            put(sectors - 1, self.header(sectors - 1, 1, second, &entries)),
            put(2, entries.clone()),
            put(1, self.header(1, sectors - 1, 2, &entries)),
        ]
    }

    fn entry_sectors(&self) -> u64 {
        (ENTRIES * ENTRY_LEN).div_ceil(self.sector)
    }

    /// A table of the older kind, so that old tools see a full disk.
    fn protective(&self) -> Vec<u8> {
        let mut out = vec![0; usize::try_from(self.sector).unwrap_or(512)];
        let sectors = u32::try_from(self.size / self.sector - 1).unwrap_or(u32::MAX);
        out[446..462]
            .copy_from_slice(&[0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0]);
        out[458..462].copy_from_slice(&sectors.to_le_bytes());
        out[510..512].copy_from_slice(&[0x55, 0xaa]);
        out
    }

    fn entries(&self) -> Vec<u8> {
        let mut entry = Vec::new();
        entry.extend(LINUX);
        entry.extend(self.id("partition"));
        entry.extend((self.start / self.sector).to_le_bytes());
        entry.extend(((self.start + self.len) / self.sector - 1).to_le_bytes());
        entry.extend([0; 8]);
        entry.extend("holdfast".encode_utf16().flat_map(u16::to_le_bytes));
        let whole = usize::try_from(self.entry_sectors() * self.sector).unwrap_or(0);
        entry.resize(whole, 0);
        entry
    }

    fn header(&self, own: u64, other: u64, entries_at: u64, entries: &[u8]) -> Vec<u8> {
        let first = 2 + self.entry_sectors();
        let last = self.size / self.sector - first;
        let listed = usize::try_from(ENTRIES * ENTRY_LEN).unwrap_or(0);
        let mut head = Vec::new();
        head.extend(b"EFI PART");
        head.extend([0, 0, 1, 0]);
        head.extend(HEADER_LEN.to_le_bytes());
        head.extend([0; 8]);
        for lba in [own, other, first, last] {
            head.extend(lba.to_le_bytes());
        }
        head.extend(self.id("table"));
        head.extend(entries_at.to_le_bytes());
        head.extend(128_u32.to_le_bytes());
        head.extend(128_u32.to_le_bytes());
        head.extend(crc32(&entries[..listed]).to_le_bytes());
        let sum = crc32(&head).to_le_bytes();
        head[16..20].copy_from_slice(&sum);
        head.resize(usize::try_from(self.sector).unwrap_or(512), 0);
        head
    }
}

/// The label under which a disk is being prepared, if its first sector says so.
pub(crate) fn label_of_mark(sector: &[u8; 512]) -> Option<String> {
    let sum = blake3::hash(&sector[..MARK_SUM.start]);
    if sector[..8] != MARK || sector[MARK_SUM] != *sum.as_bytes() {
        return None;
    }
    let label = sector[MARK_LABEL].get(..usize::from(sector[8]))?;
    String::from_utf8(label.to_vec()).ok().filter(|label| label.is_ascii())
}

/// As GPT wants it: the common CRC-32, one bit at a time; a few KiB are all there is.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_mark_says_its_label_and_a_damaged_one_says_nothing() {
        let layout = Layout::of(Bytes(64 << 20), 512, "hf-0123456789abc").unwrap();
        let mut sector = [0; 512];
        sector.copy_from_slice(&layout.mark().bytes);
        assert_eq!(label_of_mark(&sector).as_deref(), Some("hf-0123456789abc"));
        sector[12] ^= 1;
        assert_eq!(label_of_mark(&sector), None);
        sector.copy_from_slice(&layout.unmark().bytes);
        assert_eq!(label_of_mark(&sector), None);
    }

    #[test]
    fn nothing_is_written_beyond_the_disk_and_the_tables_miss_the_partition() {
        for (size, sector) in [(16 << 20, 512), ((16 << 20) + 512, 512), (40 << 20, 4096)] {
            let layout = Layout::of(Bytes(size), sector, "a").unwrap();
            for write in layout.wipes_and_tables() {
                assert!(write.at + write.bytes.len() as u64 <= size);
                assert_eq!(write.at % sector, 0);
                assert_eq!(write.bytes.len() as u64 % sector, 0);
            }
            for tables in &layout.wipes_and_tables()[WIPES..] {
                let end = tables.at + tables.bytes.len() as u64;
                assert!(end <= layout.start || tables.at >= layout.start + layout.len);
            }
        }
        assert_eq!(Layout::of(Bytes((16 << 20) - 1), 512, "a"), None);
        assert_eq!(Layout::of(Bytes(64 << 20), 520, "a"), None);
    }
}
