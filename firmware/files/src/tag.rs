//! Tags as text: what HTTP calls a strong ETag, without its quotes.
//!
//! Start at [`shown_tag`].

use tree::{Expected, Tag};

/// A tag as 64 hex digits.
pub fn shown_tag(tag: Tag) -> String {
    hex(&tag.0)
}

/// What a caller expects: a tag as it was shown, or `none` for nothing.
pub fn expected_tag(text: &str) -> Option<Expected> {
    if text == "none" {
        return Some(Expected::Nothing);
    }
    Some(Expected::Tag(Tag(from_hex(text)?.try_into().ok()?)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}
