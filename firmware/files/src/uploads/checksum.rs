//! Checksums as senders give them: an algorithm and its value.
//!
//! Compares, and knows nothing of files. Start at [`Checksum::parse`].

use sha1::Digest;

use crate::error::FilesError;
use crate::tag::from_hex;

/// An algorithm that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1: what old senders have. Finds accidents, stops nobody.
    Sha1,
    /// SHA-256.
    Sha256,
    /// BLAKE3.
    Blake3,
}

impl Algorithm {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::Blake3, Self::Sha256, Self::Sha1];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Blake3 => "blake3",
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 | Self::Blake3 => 32,
        }
    }
}

/// The checksum that some bytes are to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// By which algorithm.
    pub algorithm: Algorithm,
    /// Its value.
    pub value: Vec<u8>,
}

impl Checksum {
    /// A checksum by the algorithm's name; none when it is unknown, or the value has not its length.
    pub fn new(algorithm: &str, value: Vec<u8>) -> Option<Self> {
        let algorithm = Algorithm::ALL.into_iter().find(|known| known.name() == algorithm)?;
        (value.len() == algorithm.len()).then_some(Self { algorithm, value })
    }

    /// The checksum that a word of an upload gives of the whole file: its key is the algorithm, its
    /// value the checksum, as bytes or as hex digits.
    pub(crate) fn of_word(key: &str, value: &[u8]) -> Result<Option<Self>, FilesError> {
        let key = key.to_ascii_lowercase();
        if !Algorithm::ALL.into_iter().any(|known| known.name() == key) {
            return Ok(None);
        }
        let digits = std::str::from_utf8(value).ok().and_then(from_hex);
        let found = digits.and_then(|value| Self::new(&key, value));
        let found = found.or_else(|| Self::new(&key, value.to_vec()));
        found.map(Some).ok_or_else(|| FilesError::bad(format!("the {key} of the file is none")))
    }
}

/// A checksum on its way.
#[derive(Clone, Debug)]
pub(crate) enum Running {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Blake3(Box<blake3::Hasher>),
}

impl Running {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Blake3 => Self::Blake3(Box::default()),
        }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => drop(hasher.update(bytes)),
        }
    }

    pub(crate) fn is(self, wanted: &Checksum) -> bool {
        let found = match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Blake3(hasher) => hasher.finalize().as_bytes().to_vec(),
        };
        found == wanted.value
    }
}
