//! What a computer that backs up over the network and the box say to each other: plain data, and how pieces
//! stand one behind the other in a body.
//!
//! Nothing is sent or read here. The page for people is `docs/protocols/computers.md`. Start at
//! [`PieceHead`], then [`Standing`].

use serde::{Deserialize, Serialize};

use crate::SecretText;

/// Letters of a pairing code that say which box is meant: 80 bits of the hash of its authority.
pub const SEAL_LEN: usize = 16;
/// Names that may be asked for at once.
pub const ASKED_MAX: usize = 4_096;
/// Bytes of a name in a body: its kind, then the name.
pub const NAME_LEN: usize = 33;
/// No piece is longer: as long as the longest chunk.
pub const PIECE_LEN_MAX: usize = 4 << 20;
/// Pieces of one body are no longer together with their heads: 8 MiB, a piece that makes them full, and a head
/// for each of 16,384.
pub const PIECES_LEN_MAX: usize = (8 << 20) + PIECE_LEN_MAX + 16_384 * PieceHead::LEN;
/// The alphabet of codes.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const OF_SEAL: &str = "holdfast 2026 which box a pairing code is of";

/// Asks for a code with which a computer is paired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MakePairing {
    /// The source that the computer goes on with; when none is given, it gets a new one of its own name.
    #[serde(default)]
    pub source: Option<String>,
    /// Bytes that the computer may store; as many as there is room for when not given.
    #[serde(default)]
    pub quota: Option<u64>,
}

/// A code with which one computer is paired, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PairingCode {
    /// To be typed at the computer.
    pub code: SecretText,
    /// How long it is good for.
    pub seconds: u64,
}

/// A computer shows the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The code, without the letters that say which box is meant.
    pub code: SecretText,
    /// The computer's name.
    pub name: String,
}

/// What the computer is given: a token for its source, and the keys that cut and name. None opens anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Paired {
    /// Goes into `Authorization: Bearer`. It is told once.
    pub token: SecretText,
    /// The keys, as hex digits.
    pub keys: SecretText,
    /// The source.
    pub source: String,
    /// Whose it is.
    pub person: String,
}

/// Where a source stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Standing {
    /// Its newest version.
    pub version: Option<String>,
    /// That one's top folder: CBOR as hex digits.
    pub root: Option<String>,
    /// What is unchanged has to be asked for: some of it is on fewer disks than it could be.
    pub doubtful: bool,
    /// Pieces that came and are in no version yet.
    pub received: u64,
}

/// What was taken, and is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Received {
    /// Disks that have it.
    pub copies: u8,
    /// Disks that shall have it.
    pub wanted: u8,
}

/// What became of a backup's end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Committed {
    /// The new version; none while something is missing.
    pub version: Option<String>,
    /// Disks that have all of it.
    pub copies: u8,
    /// Disks that shall have it.
    pub wanted: u8,
    /// What is missing, as hex digits of names: send it, and ask again.
    pub lacking: Vec<String>,
}

/// The versions of a source, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Versions {
    /// Each.
    pub versions: Vec<OneVersion>,
    /// There are more behind these.
    pub more: bool,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneVersion {
    /// Its id.
    pub id: String,
    /// When the box had it all, milliseconds since 1970.
    pub received_ms: i64,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be read.
    pub skipped: u64,
    /// Its top folder: CBOR as hex digits.
    pub root: String,
}

/// What stands before each piece in a body: its kind, its name, its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceHead {
    /// An object of a tree; else a piece of a file.
    pub is_object: bool,
    /// Its name.
    pub id: [u8; 32],
    /// How many bytes follow.
    pub len: u32,
}

impl PieceHead {
    /// Bytes of a head.
    pub const LEN: usize = NAME_LEN + 4;

    /// As it stands in a body.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..NAME_LEN].copy_from_slice(&name(self.is_object, &self.id));
        bytes[NAME_LEN..].copy_from_slice(&self.len.to_le_bytes());
        bytes
    }

    /// And back; none when it is no head, or of a piece that is too long.
    pub fn read(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let (front, len) = bytes.split_at(NAME_LEN);
        let (is_object, id) = read_name(front)?;
        let len = u32::from_le_bytes(len.try_into().ok()?);
        (len as usize <= PIECE_LEN_MAX).then_some(Self { is_object, id, len })
    }
}

/// A name as it stands in a body.
pub fn name(is_object: bool, id: &[u8; 32]) -> [u8; NAME_LEN] {
    let mut bytes = [0; NAME_LEN];
    bytes[0] = u8::from(is_object);
    bytes[1..].copy_from_slice(id);
    bytes
}

/// And back.
pub fn read_name(bytes: &[u8]) -> Option<(bool, [u8; 32])> {
    let (kind, id) = bytes.split_first()?;
    Some((if *kind <= 1 { *kind == 1 } else { return None }, id.try_into().ok()?))
}

/// The letters of a pairing code that say which box is meant, from its authority's certificate.
pub fn seal_of(ca: &str) -> String {
    let hash = blake3::derive_key(OF_SEAL, ca.trim().as_bytes());
    let mut bits = hash[..10].iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut letters = [0; SEAL_LEN];
    for letter in letters.iter_mut().rev() {
        *letter = LETTERS[usize::try_from(bits & 31).unwrap_or(0)];
        bits >>= 5;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

/// A whole pairing code: first what is secret, then which box is meant, in fours.
pub fn whole_code(secret: &str, ca: &str) -> String {
    let seal = seal_of(ca);
    let fours: Vec<&str> = (0..SEAL_LEN / 4).map(|at| &seal[4 * at..4 * at + 4]).collect();
    format!("{secret}-{}", fours.join("-"))
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// And back.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let digit = |one: u8| char::from(one).to_digit(16).and_then(|one| u8::try_from(one).ok());
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|two| Some(digit(two[0])? << 4 | digit(two[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written_and_nothing_else_is_one() {
        let head = PieceHead { is_object: true, id: [7; 32], len: 4 << 20 };
        assert_eq!(PieceHead::read(&head.to_bytes()), Some(head));
        let too_long = PieceHead { len: (4 << 20) + 1, ..head };
        assert_eq!(PieceHead::read(&too_long.to_bytes()), None);
        let mut odd = head.to_bytes();
        odd[0] = 2;
        assert_eq!(PieceHead::read(&odd), None);
    }

    #[test]
    fn the_letters_of_a_box_follow_from_its_certificate_whatever_stands_around_it() {
        let (one, other) = (seal_of("certificate\n"), seal_of("certificat\n"));
        assert_eq!(one, seal_of(" certificate"));
        assert_ne!(one, other);
        assert_eq!(one.len(), SEAL_LEN);
        let code = whole_code("ABCD-EFGH-JKMN", "certificate");
        assert_eq!(code.replace('-', ""), format!("ABCDEFGHJKMN{one}"));
    }

    #[test]
    fn hex_digits_come_back_as_bytes() {
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!((unhex("abc"), unhex("zz")), (None, None));
    }
}
