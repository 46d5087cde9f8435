//! What an entry holds, as one short value: equal tags, equal bytes.
//!
//! Reads nothing: an entry names its content. Start at [`tag`].

use format::entry::Entry;
use format::to_cbor;

/// Tells what one entry holds from what it held before. Name, times and modes are no part of it.
///
/// Equal bytes that were cut into other chunks have another tag, as have equal folders of which a
/// file's attributes differ: a tag that has changed means only that one should look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; 32]);

/// What the hash is told first, so that it means nothing elsewhere.
const CONTEXT: &str = "holdfast 2026 tag of an entry's content v1";

/// The tag of an entry.
pub fn tag(entry: &Entry) -> Tag {
    let held = Entry {
        size: entry.size,
        content: entry.content.clone(),
        node: entry.node,
        target: entry.target.clone(),
        device: entry.device,
        ..Entry::new(Vec::new(), entry.kind)
    };
    Tag(blake3::derive_key(CONTEXT, &to_cbor(&held)))
}
