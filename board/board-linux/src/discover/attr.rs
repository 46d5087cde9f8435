//! Small files of sysfs, read with a bound: whatever a device says about itself is not trusted.
//!
//! Never writes. A file that is not there, or not text, is `None`. Start at [`text`].

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The kernel gives at most one page for each attribute.
const ATTRIBUTE_LEN_MAX: u64 = 4096;

/// The bytes of an attribute.
pub(crate) fn bytes(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let file = File::open(folder.join(name)).ok()?;
    let mut out = Vec::new();
    file.take(ATTRIBUTE_LEN_MAX).read_to_end(&mut out).ok()?;
    Some(out)
}

/// The text of an attribute as a person may see it: see [`printable`].
pub(crate) fn text(folder: &Path, name: &str) -> Option<String> {
    printable(&bytes(folder, name)?)
}

/// A number.
pub(crate) fn number(folder: &Path, name: &str) -> Option<u64> {
    text(folder, name)?.parse().ok()
}

/// Whether an attribute is `1`.
pub(crate) fn flag(folder: &Path, name: &str) -> bool {
    number(folder, name) == Some(1)
}

/// Names are for people and for comparing: printable ASCII, one space between words, none around.
pub(crate) fn printable(bytes: &[u8]) -> Option<String> {
    let seen = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { ' ' };
    let spaced: String = bytes.iter().map(seen).collect();
    let words: Vec<&str> = spaced.split_ascii_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_a_device_says_becomes_plain_words_or_nothing() {
        assert_eq!(printable(b"  WDC  WD40\n").as_deref(), Some("WDC WD40"));
        assert_eq!(printable(b"\x1b[31mred\0\0").as_deref(), Some("[31mred"));
        assert_eq!(printable(&[0xff, 0, 32, 10]), None);
        assert_eq!(printable(b""), None);
    }
}
