//! What a vault's disks keep about friends, for a box that lost its own disk: sealed, and of no use without the
//! vault's keys.
//!
//! What is in it is for others to read. Byte layout: `docs/formats/friends.md`. Start at [`seal_beside`].

use format::keys::SealedBox;
use format::{from_cbor, to_cbor};
use types::Rng;
use zeroize::Zeroizing;

use crate::{KeyRing, contexts, sealed_box};

/// How the file begins.
const MAGIC: &[u8; 8] = b"HFFRND\r\n";
const VERSION: u16 = 1;

/// Seals these bytes for the vault.
pub fn seal_beside(keys: &KeyRing, bytes: &[u8], rng: &dyn Rng) -> Vec<u8> {
    let (context, bound) = (contexts::FRIENDS_BESIDE, keys.vault().0);
    let sealed = sealed_box::seal(context, keys.master().bytes(), &bound, bytes, rng);
    let cbor = to_cbor(&sealed);
    [&MAGIC[..], &VERSION.to_le_bytes(), &cbor].concat()
}

/// What was sealed; none when it is another vault's, damaged, or of another version.
pub fn open_beside(keys: &KeyRing, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let rest = sealed.strip_prefix(MAGIC)?.strip_prefix(&VERSION.to_le_bytes())?;
    let sealed: SealedBox = from_cbor("sealed record about friends", rest).ok()?;
    let (context, bound) = (contexts::FRIENDS_BESIDE, keys.vault().0);
    sealed_box::open(context, keys.master().bytes(), &bound, &sealed).ok()
}
