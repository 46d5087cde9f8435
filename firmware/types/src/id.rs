//! Ids as types, so that a pack cannot be asked for by the id of a chunk.
//!
//! All ids print as lower-case hexadecimal, parse from it, and stand in CBOR as byte strings. With the
//! feature `serde` they also stand in frames between boxes, as their bytes and no length.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder};

/// Why a text is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadId {
    /// How many hexadecimal digits were wanted.
    pub wanted: usize,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id is {} hexadecimal digits", self.wanted)
    }
}

impl std::error::Error for BadId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The first eight hexadecimal digits: enough for a person to tell two apart.
            pub fn short(&self) -> String {
                self.to_string()[..8].to_owned()
            }

            /// The id in `bytes`, when there are exactly [`Self::LEN`] of them.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for byte in self.0 {
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let bad = BadId { wanted: 2 * $len };
                if text.len() != 2 * $len || !text.is_ascii() {
                    return Err(bad);
                }
                let mut out = [0; $len];
                for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    if !pair.iter().all(u8::is_ascii_hexdigit) {
                        return Err(bad);
                    }
                    let digits = std::str::from_utf8(pair).map_err(|_| bad.clone())?;
                    *byte = u8::from_str_radix(digits, 16).map_err(|_| bad.clone())?;
                }
                Ok(Self(out))
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?;
                Ok(())
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                Self::from_slice(bytes).ok_or_else(|| {
                    minicbor::decode::Error::message(concat!(
                        stringify!($name), " has the wrong length"
                    ))
                })
            }
        }
    };
}

id!(
    /// One vault: everything one set of 24 words opens.
    VaultId, 16
);
id!(
    /// One volume: a disk's Holdfast folder. Written in its superblock.
    VolumeId, 16
);
id!(
    /// One space: a person's sources, or everyone's. All zeros is the vault's own system space.
    SpaceId, 16
);
id!(
    /// One source: a thing backed up (laptop, share, phone).
    SourceId, 16
);
id!(
    /// A sealed pack: the plain BLAKE3 hash of its file, which is also its name.
    PackId, 32
);
id!(
    /// A chunk: keyed BLAKE3 of its plaintext under its space's chunk-id key.
    ChunkId, 32
);
id!(
    /// A sealed head: plain BLAKE3 of its envelope.
    HeadHash, 32
);
id!(
    /// One box among boxes: the Ed25519 public key with which it proves itself on every connection.
    EndpointId, 32
);
id!(
    /// One invite, and the pact that came of it.
    InviteId, 16
);
id!(
    /// A friend, by the public half of the recovery key under which a host keeps what it stores for
    /// them: the one name that outlives the friend's box.
    OwnerKey, 32
);

/// A metadata object (tree node, manifest, snapshot, ...). It is stored as a chunk in a meta pack,
/// and named like one, under the same space's key.
pub type ObjectId = ChunkId;

impl SpaceId {
    /// The vault's own space: commit records, state, pack lists. Never holds a person's data.
    pub const SYSTEM: Self = Self([0; 16]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_own_text() {
        let id = VolumeId([0xa5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn text_that_is_no_id_is_refused_whatever_its_letters() {
        for text in ["", "a5", &"g".repeat(32), &"\u{e9}".repeat(16), &"+1".repeat(16)[1..]] {
            assert_eq!(text.parse::<VolumeId>(), Err(BadId { wanted: 32 }), "{text}");
        }
    }
}
