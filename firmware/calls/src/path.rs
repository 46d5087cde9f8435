//! Paths as bytes: what is no text stays what it is, and can be asked for.
//!
//! As JSON a path is text, or `{"hex": ".."}` when it is not UTF-8. Start at [`RawPath`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longer paths are refused. Linux takes 4,096 bytes in one call, but folders may lie deeper than
/// that, and a listing names them whole.
pub const PATH_LEN_MAX: usize = 1 << 16;

/// A path as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = RawPath, value_type = Written))]
pub struct RawPath(pub Vec<u8>);

/// Text, or hex where the bytes are none.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = RawPathWritten))]
enum Written {
    Text(String),
    Hex(Hex),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = RawPathHex))]
struct Hex {
    /// Pairs of digits, none of which is a zero byte.
    #[cfg_attr(feature = "schema", schema(pattern = "^(0[1-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F])*$"))]
    hex: String,
}

impl Serialize for RawPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let hex = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
                Hex { hex }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for RawPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let bytes = match Written::deserialize(deserializer)? {
            Written::Text(text) => text.into_bytes(),
            Written::Hex(Hex { hex }) => {
                from_hex(&hex).ok_or_else(|| D::Error::custom("a path in hex that is no hex"))?
            }
        };
        if bytes.len() > PATH_LEN_MAX {
            return Err(D::Error::custom("a path of more than 65536 bytes"));
        }
        if bytes.contains(&0) {
            return Err(D::Error::custom("a path with a zero byte"));
        }
        Ok(Self(bytes))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

impl fmt::Display for RawPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(&self.0).escape_debug().fmt(f)
    }
}

impl From<&[u8]> for RawPath {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}
