//! The superblock: who a volume is. 512 bytes, three copies, rewritten one at a time.
//!
//! Drawn in `docs/formats/superblock.md`.

use types::{UnixTime, VaultId, VolumeId};

use crate::FormatError;
use crate::wire::Reader;

/// First eight bytes.
pub const MAGIC: [u8; 8] = *b"HFVOLU\r\n";
/// The version this module writes.
pub const VERSION: u16 = 1;
/// Length of a superblock.
pub const LEN: usize = 512;
/// The longest serial, in bytes of UTF-8.
pub const SERIAL_LEN_MAX: usize = 128;

/// Who a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superblock {
    /// Features that an older Holdfast may ignore.
    pub compat: u32,
    /// Features that an older Holdfast may read but not write.
    pub ro_compat: u32,
    /// Features that an older Holdfast must refuse.
    pub incompat: u32,
    /// The vault.
    pub vault: VaultId,
    /// The volume.
    pub volume: VolumeId,
    /// Counts the times the volume was opened for writing: of two with one id, the one that the
    /// newest head remembers is the true one.
    pub generation: u64,
    /// When it was made.
    pub created: UnixTime,
    /// The disk it was made on.
    pub serial: String,
}

impl Superblock {
    /// The superblock as stored. A serial over [`SERIAL_LEN_MAX`] is cut at a character.
    pub fn encode(&self) -> [u8; LEN] {
        let mut out = [0; LEN];
        out[..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&VERSION.to_le_bytes());
        out[12..16].copy_from_slice(&self.compat.to_le_bytes());
        out[16..20].copy_from_slice(&self.ro_compat.to_le_bytes());
        out[20..24].copy_from_slice(&self.incompat.to_le_bytes());
        out[24..40].copy_from_slice(&self.vault.0);
        out[40..56].copy_from_slice(&self.volume.0);
        out[56..64].copy_from_slice(&self.generation.to_le_bytes());
        out[64..72].copy_from_slice(&self.created.0.to_le_bytes());
        let serial = &self.serial[..self.serial.floor_char_boundary(SERIAL_LEN_MAX)];
        let len = u16::try_from(serial.len()).expect("SERIAL_LEN_MAX fits");
        out[72..74].copy_from_slice(&len.to_le_bytes());
        out[74..74 + serial.len()].copy_from_slice(serial.as_bytes());
        let sum = *blake3::hash(&out[..LEN - 32]).as_bytes();
        out[LEN - 32..].copy_from_slice(&sum);
        out
    }

    /// Reads a superblock; one that asks for features unknown here is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "superblock";
        if bytes.len() != LEN {
            return Err(FormatError::Length { what: WHAT, wanted: LEN, found: bytes.len() });
        }
        let mut r = Reader::new(WHAT, bytes);
        if r.array::<8>()? != MAGIC {
            return Err(FormatError::Magic { what: WHAT });
        }
        if blake3::hash(&bytes[..LEN - 32]).as_bytes()[..] != bytes[LEN - 32..] {
            return Err(FormatError::Checksum { what: WHAT });
        }
        let found = r.u16()?;
        if found != VERSION {
            return Err(FormatError::Version { what: WHAT, found, known: VERSION });
        }
        r.zeros(2)?;
        let (compat, ro_compat, incompat) = (r.u32()?, r.u32()?, r.u32()?);
        if incompat != 0 {
            return Err(FormatError::Field { what: WHAT, field: "the incompatible features" });
        }
        let vault = VaultId(r.array()?);
        let volume = VolumeId(r.array()?);
        let generation = r.u64()?;
        let created = UnixTime(i64::from_le_bytes(r.array()?));
        let serial_len = usize::from(r.u16()?);
        if serial_len > SERIAL_LEN_MAX {
            return Err(FormatError::Field { what: WHAT, field: "the serial" });
        }
        let serial = std::str::from_utf8(r.take(serial_len)?)
            .map_err(|_| FormatError::Field { what: WHAT, field: "the serial" })?
            .to_owned();
        Ok(Self { compat, ro_compat, incompat, vault, volume, generation, created, serial })
    }
}
