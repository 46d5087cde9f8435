//! The file that lies on a key: text of a fixed form, with a check by which a torn one is known.
//!
//! Laid out in `docs/formats/usb-key.md`. Start at [`KeyFile::parse`].

use std::fmt;

use types::Rng;
use zeroize::Zeroizing;

use crate::token::TokenHash;

const FIRST_LINE: &str = "holdfast key 1";
/// For whoever finds it.
const SECOND_LINE: &str =
    "Half of a sign-in to a Holdfast box; the other half is a password. It changes with each use.";
const OF_ROOT: &str = "holdfast 2026 what all files of one usb key share";
const OF_FILE: &str = "holdfast 2026 one file of a usb key";
const OF_CHECK: &str = "holdfast 2026 check of a usb key's file";

/// 256 bits.
type Secret = Zeroizing<[u8; 32]>;

/// A key's file.
#[derive(Clone)]
pub struct KeyFile {
    name: u32,
    /// The same in all files of this key.
    root: Secret,
    /// Another one after each use.
    now: Secret,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile(..)")
    }
}

impl KeyFile {
    /// How the names of all such files begin.
    pub const START: &str = "holdfast-key-";
    /// No file is longer, in bytes.
    pub const LEN_MAX: usize = 1_024;

    pub(crate) fn fresh(rng: &dyn Rng) -> Self {
        Self {
            name: u32::from_le_bytes(rng.array()),
            root: Zeroizing::new(rng.array()),
            now: Zeroizing::new(rng.array()),
        }
    }

    /// What takes its place.
    pub(crate) fn turned(&self, rng: &dyn Rng) -> Self {
        Self { now: Zeroizing::new(rng.array()), ..self.clone() }
    }

    /// Reads one; none when it is torn, or no such file at all.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= Self::LEN_MAX)?;
        let (body, check) = text.split_once("check ")?;
        if blake3::Hash::from_hex(check.trim_end()).ok()? != checked(body) {
            return None;
        }
        let mut lines = body.lines();
        if lines.next() != Some(FIRST_LINE) || lines.next() != Some(SECOND_LINE) {
            return None;
        }
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let name = u32::from_str_radix(value("key")?, 16).ok()?;
        let mut secret = |name| {
            let hash = blake3::Hash::from_hex(value(name)?).ok()?;
            Some(Zeroizing::new(*hash.as_bytes()))
        };
        Some(Self { name, root: secret("root")?, now: secret("now")? })
    }

    /// As it is written.
    pub fn text(&self) -> Zeroizing<String> {
        let hex = |secret: &Secret| Zeroizing::new(blake3::Hash::from_bytes(**secret).to_string());
        // Never moved while it grows: what it held would stay behind.
        let mut text = Zeroizing::new(String::with_capacity(Self::LEN_MAX));
        for part in [FIRST_LINE, "\n", SECOND_LINE, "\nkey ", &self.name(), "\nroot "] {
            text.push_str(part);
        }
        for part in [&hex(&self.root), "\nnow ", &hex(&self.now), "\n"] {
            text.push_str(part);
        }
        let check = checked(&text);
        for part in ["check ", check.to_hex().as_str(), "\n"] {
            text.push_str(part);
        }
        text
    }

    /// What its name ends with.
    pub fn name(&self) -> String {
        format!("{:08x}", self.name)
    }

    /// What is kept of what stays the same.
    pub(crate) fn root_hash(&self) -> TokenHash {
        TokenHash::of(OF_ROOT, &*self.root)
    }

    /// What is kept of the file.
    pub(crate) fn hash(&self) -> TokenHash {
        let mut both = Zeroizing::new([0; 64]);
        both[..32].copy_from_slice(&*self.root);
        both[32..].copy_from_slice(&*self.now);
        TokenHash::of(OF_FILE, &*both)
    }
}

fn checked(body: &str) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(OF_CHECK, body.as_bytes()))
}
