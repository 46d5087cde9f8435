//! A note: a small file that a host keeps for a friend, with proof that it is whole.
//!
//! What it says (a sealed head, the words slot, a signed pact) is for others to read, who check it
//! by its own signature. Only a promise is the host's own. Drawn in `docs/formats/hosted.md`.

use types::{Bytes, OwnerKey};

use crate::FormatError;
use crate::wire::Reader;

/// First eight bytes.
pub const MAGIC: [u8; 8] = *b"HFNOTE\r\n";
/// The version this module writes.
pub const VERSION: u16 = 1;
/// Bytes before the body.
pub const HEADER_LEN: usize = 56;
/// Bytes of the checksum behind the body.
pub const SUM_LEN: usize = 32;
/// The longest body: that of the longest head, which is the longest of them all.
pub const BODY_LEN_MAX: usize = 4 << 20;
/// The longest note.
pub const LEN_MAX: u64 = (HEADER_LEN + BODY_LEN_MAX + SUM_LEN) as u64;

const _: () = assert!(BODY_LEN_MAX as u64 == crate::head::ENVELOPE_LEN_MAX);

const WHAT: &str = "note";

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// The signed terms between friend and host.
    Pact,
    /// The friend's master key, sealed with the friend's words.
    Words,
    /// One of the friend's heads.
    Head,
    /// How many bytes of this volume the host has promised.
    Promise,
}

impl NoteKind {
    const ALL: [Self; 4] = [Self::Pact, Self::Words, Self::Head, Self::Promise];

    fn number(self) -> u16 {
        match self {
            Self::Pact => 1,
            Self::Words => 2,
            Self::Head => 3,
            Self::Promise => 4,
        }
    }
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// Of two copies that can be read, the one with the higher number is the newer. A head's is its
    /// own number.
    pub generation: u64,
    /// Whose it is.
    pub owner: OwnerKey,
    /// What it says; at most [`BODY_LEN_MAX`] bytes.
    pub body: Vec<u8>,
}

impl Note {
    /// A promise of that many bytes.
    pub fn promise(owner: OwnerKey, generation: u64, promised: Bytes) -> Self {
        let body = promised.0.to_le_bytes().to_vec();
        Self { kind: NoteKind::Promise, generation, owner, body }
    }

    /// What a promise promises.
    pub fn promised(&self) -> Result<Bytes, FormatError> {
        let body = <[u8; 8]>::try_from(&self.body[..]).ok();
        let body = body.filter(|_| self.kind == NoteKind::Promise);
        let field = FormatError::Field { what: WHAT, field: "the promise" };
        body.map(|body| Bytes(u64::from_le_bytes(body))).ok_or(field)
    }

    /// The note as stored. None when its body is too long.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let len =
            u32::try_from(self.body.len()).ok().filter(|_| self.body.len() <= BODY_LEN_MAX)?;
        let mut out = Vec::with_capacity(HEADER_LEN + self.body.len() + SUM_LEN);
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(self.kind.number().to_le_bytes());
        out.extend(len.to_le_bytes());
        out.extend(self.generation.to_le_bytes());
        out.extend(self.owner.0);
        out.extend(&self.body);
        let sum = *blake3::hash(&out).as_bytes();
        out.extend(sum);
        Some(out)
    }

    /// Reads a note. The checksum comes before everything that it covers but the first bytes, so
    /// that a damaged note is called damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(WHAT, bytes);
        if r.array::<8>()? != MAGIC {
            return Err(FormatError::Magic { what: WHAT });
        }
        let Some(covered) = bytes.len().checked_sub(SUM_LEN).filter(|len| *len >= HEADER_LEN)
        else {
            let wanted = HEADER_LEN + SUM_LEN;
            return Err(FormatError::Length { what: WHAT, wanted, found: bytes.len() });
        };
        if blake3::hash(&bytes[..covered]).as_bytes()[..] != bytes[covered..] {
            return Err(FormatError::Checksum { what: WHAT });
        }
        let found = r.u16()?;
        if found != VERSION {
            return Err(FormatError::Version { what: WHAT, found, known: VERSION });
        }
        let number = r.u16()?;
        let kind = NoteKind::ALL.into_iter().find(|kind| kind.number() == number);
        let kind = kind.ok_or(FormatError::Field { what: WHAT, field: "the kind" })?;
        let len = r.u32()?;
        let (generation, owner) = (r.u64()?, OwnerKey(r.array()?));
        let body = r.take(covered - HEADER_LEN)?.to_vec();
        if u64::from(len) != body.len() as u64 || body.len() > BODY_LEN_MAX {
            return Err(FormatError::Field { what: WHAT, field: "the length" });
        }
        Ok(Self { kind, generation, owner, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note::promise(OwnerKey([0xab; 32]), 7, Bytes(5_000_000_000))
    }

    #[test]
    fn a_released_note_is_still_read_and_written_byte_for_byte() {
        let golden: &[u8] = include_bytes!("../golden/note-1.bin");
        assert_eq!(Note::decode(golden).unwrap(), note());
        assert_eq!(note().encode().unwrap(), golden);
    }

    #[test]
    fn every_kind_comes_back_and_any_damage_is_an_error() {
        for kind in NoteKind::ALL {
            let note = Note { kind, body: b"sealed".to_vec(), ..note() };
            let bytes = note.encode().unwrap();
            assert_eq!(Note::decode(&bytes).unwrap(), note);
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1;
                assert!(Note::decode(&damaged).is_err(), "byte {at}");
                assert!(Note::decode(&bytes[..at]).is_err(), "cut at {at}");
            }
        }
    }

    #[test]
    fn a_body_that_is_too_long_is_not_written_and_a_promise_is_eight_bytes() {
        let note = |body| Note { body, ..note() };
        assert_eq!(note(vec![0; BODY_LEN_MAX + 1]).encode(), None);
        assert!(note(vec![0; BODY_LEN_MAX]).encode().is_some());
        assert_eq!(note(vec![1; 8]).promised().unwrap(), Bytes(0x0101_0101_0101_0101));
        assert!(note(vec![1; 7]).promised().is_err());
        assert!(Note { kind: NoteKind::Pact, ..note(vec![1; 8]) }.promised().is_err());
    }
}
